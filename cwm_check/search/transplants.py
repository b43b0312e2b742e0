"""One function in the other version of its module, and imports that moved: what else differs between two modules.

In: texts of modules. Out: a text with one function in the place of its other version; names that moved.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from cwm_check.pairs import FunctionSource
from cwm_check.search.targets import nodes, parsed
from cwm_check.textlines import split_lines


def moved_imports(before: str, after: str) -> dict[str, str]:
    """Names that both versions import from different modules: full name after -> full name before.

    A name that only moved is taken for the same object, so that the move alone makes no difference.
    """
    old, new = _imported(before), _imported(after)
    moved = {}
    for name, place in new.items():
        if name in old and old[name] != place and old[name].rpartition(".")[2] == place.rpartition(".")[2]:
            moved[place.lstrip(".")] = old[name].lstrip(".")
    return moved


def moved_constants(source: str, other: str, package: str) -> dict[str, str]:
    """Names of other modules that stand where the `other` version has a constant of its own: full name -> its value.

    `from google import credentials` and `credentials.DOMAIN`, where `_DOMAIN = "google.com"` stood in the module.
    """
    own = _constants(source)
    left = {name.strip("_"): value for name, value in _constants(other).items() if name not in own}
    if not left:
        return {}
    imported = {name: _absolute(place, package) for name, place in _imported(source).items()}
    places = [place for name, place in imported.items() if place.rpartition(".")[2].strip("_") in left]
    for node in nodes(source):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in imported and name.strip("_") in left:
                places.append(f"{imported[owner]}.{name}")
    return {place: left[place.rpartition(".")[2].strip("_")] for place in places}


@lru_cache(maxsize=32)
def _constants(source: str) -> dict[str, str]:
    """The names that the statements of a module give a plain value, and that value as it is written."""
    found = {}
    for statement in parsed(source).body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value))
            ):
                found[name] = repr(value)
    return found


def _absolute(place: str, package: str) -> str:
    """The full name of what a from-import names: `..util.x` in `a.b.c` -> `a.b.util.x`."""
    level = len(place) - len(place.lstrip("."))
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - level + 1], place.lstrip(".")]) if level else place


def transplanted(function: FunctionSource, module: str, place: FunctionSource, other: str) -> str:
    """The module `other` with `function`, of `module`, in the place of its own version of it."""
    lines = split_lines(other)
    moved = split_lines(module)[function.first_line - 1 : function.last_line]
    indents = [len(text) - len(text.lstrip()) for text in (lines[place.first_line - 1], moved[0])]
    shift = indents[0] - indents[1]
    lines[place.first_line - 1 : place.last_line] = [
        " " * shift + t if shift > 0 and t else t[min(-shift, len(t) - len(t.lstrip())) :] if shift < 0 else t
        for t in moved
    ]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=32)
def _imported(source: str) -> dict[str, str]:
    """Names that from-imports bind, and where from, relative modules with dots: `{"quote": "urllib.parse.quote"}`."""
    found = {}
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{module}.{alias.name}"
    return found
