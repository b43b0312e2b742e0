"""One function in the other version of its module, and imports that moved: what else differs between two modules.

In: texts of modules. Out: a text with one function in the place of its other version; names that moved.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
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


def renamed_classes(before: str, after: str) -> dict[str, str]:
    """Classes of a module that only got another name: name after -> name before; told by what is defined in them."""
    old, new = _classes(before), _classes(after)
    gone = {members: name for name, members in old.items() if name not in new}
    come = {members: name for name, members in new.items() if name not in old}
    is_clear = len(gone) == len(old.keys() - new.keys()) and len(come) == len(new.keys() - old.keys())
    return {name: gone[members] for members, name in come.items() if members in gone} if is_clear else {}


def _classes(source: str) -> dict[str, frozenset[str]]:
    """The names of the classes at the top of a module, and those of the functions in each that has any."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {
        node.name: frozenset(part.name for part in node.body if isinstance(part, functions))
        for node in parsed(source).body
        if isinstance(node, ast.ClassDef)
    }
    return {name: members for name, members in found.items() if members}


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


def renamed_attributes(before: str, after: str, owner: str) -> dict[str, str]:
    """Attributes of the class `owner` that have another name now: name after -> name before.

    Only what the methods of one version set, and those of the other no more, was renamed: to a public or a private
    name, or to one that is set with the same annotation and value, or to what the same call gives, as no other is.
    """
    old, new = (_set_attributes(source, owner) for source in (before, after))
    gone, come = ({n: how for n, how in one.items() if n not in other} for one, other in ((old, new), (new, old)))
    renamed = {}
    for name, how in come.items():
        alike = [n for n in gone if n.strip("_") == name.strip("_")] or [n for n in gone if _is_alike(gone[n], how)]
        is_only = sum(_is_alike(other, how) for other in come.values()) == 1
        if len(alike) == 1 and (alike[0].strip("_") == name.strip("_") or is_only):
            renamed[name] = alike[0]
    return renamed


@dataclass(frozen=True, slots=True)
class _Set:
    """How an attribute is set first."""

    annotated: str = ""
    """Annotation and value, if it has both."""
    value: str = ""
    """The value, if it is made by a call."""


def _is_alike(one: _Set, other: _Set) -> bool:
    return bool(one.annotated and one.annotated == other.annotated) or bool(one.value and one.value == other.value)


@lru_cache(maxsize=32)
def _set_attributes(source: str, owner: str) -> dict[str, _Set]:
    """Names of the attributes that the methods of a class and of its bases in the module set, and how."""
    found: dict[str, _Set] = {}
    for cls in _with_bases(source, owner.rpartition(".")[2]):
        for method in cls.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                found = _set_on(method) | found
    return found


def _with_bases(source: str, name: str) -> list[ast.ClassDef]:
    classes = [node for node in nodes(source) if isinstance(node, ast.ClassDef)]
    names, found = [name], []
    for wanted in names:  # grows on the way
        for cls in classes:
            if cls.name == wanted and cls not in found:
                found.append(cls)
                names += [part.id for base in cls.bases for part in ast.walk(base) if isinstance(part, ast.Name)]
    return found


def _set_on(method: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, _Set]:
    found: dict[str, _Set] = {}
    rest = {a.arg: name for a, name in ((method.args.vararg, "args"), (method.args.kwarg, "kwargs")) if a is not None}
    for node in ast.walk(method):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
            match target:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == method.args.args[0].arg:
                    found.setdefault(attribute, _how(node, rest))
    return found


def _how(node: ast.Assign | ast.AnnAssign, rest: Mapping[str, str]) -> _Set:
    annotated = ast.unparse(node).partition(":")[2] if isinstance(node, ast.AnnAssign) else ""
    if node.value is None or not any(isinstance(part, ast.Call) for part in ast.walk(node.value)):
        return _Set(annotated)
    value = ast.parse(ast.unparse(node.value), mode="eval")
    for part in ast.walk(value):
        if isinstance(part, ast.Name):
            part.id = rest.get(part.id, part.id)
    return _Set(annotated, ast.unparse(value))


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
