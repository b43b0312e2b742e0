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
