"""One function in the other version of its module, and imports that moved: what else differs between two modules.

In: texts of modules. Out: a text with one function in the place of its other version; names that moved.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from cwm_check.targets import parsed
from cwm_check.types import FunctionSource


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


def renamed_attributes(before: str, after: str, owner: str) -> dict[str, str]:
    """Attributes of the class `owner` that became public or private: name after -> name before.

    Only what the methods of one version set, and those of the other no more, has another name.
    """
    old, new = (_set_attributes(source, owner) for source in (before, after))
    gone = {name.strip("_"): name for name in sorted(old - new)}
    return {name: gone[name.strip("_")] for name in sorted(new - old) if name.strip("_") in gone}


@lru_cache(maxsize=32)
def _set_attributes(source: str, owner: str) -> frozenset[str]:
    """Names of the attributes that the methods of a class set on their first parameter."""
    found = set()
    for cls in ast.walk(parsed(source)):
        if not isinstance(cls, ast.ClassDef) or cls.name != owner.rpartition(".")[2]:
            continue
        for method in cls.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                found |= {
                    node.attr
                    for node in ast.walk(method)
                    if isinstance(node, ast.Attribute)
                    and isinstance(node.ctx, ast.Store)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == method.args.args[0].arg
                }
    return frozenset(found)


def transplanted(function: FunctionSource, module: str, place: FunctionSource, other: str) -> str:
    """The module `other` with `function`, of `module`, in the place of its own version of it."""
    lines = other.splitlines()
    moved = module.splitlines()[function.first_line - 1 : function.last_line]
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
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{module}.{alias.name}"
    return found
