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
    """Attributes of the class `owner` that have another name now: name after -> name before.

    Only what the methods of one version set, and those of the other no more, was renamed: to a public or a private
    name, or to one that is set with the same annotation and the same value, as no other one is.
    """
    old, new = (_set_attributes(source, owner) for source in (before, after))
    gone, come = ({n: text for n, text in one.items() if n not in other} for one, other in ((old, new), (new, old)))
    renamed = {}
    for name, text in come.items():
        alike = [n for n in gone if n.strip("_") == name.strip("_")] or [
            n for n, t in gone.items() if text and t == text
        ]
        if len(alike) == 1 and (alike[0].strip("_") == name.strip("_") or [*come.values()].count(text) == 1):
            renamed[name] = alike[0]
    return renamed


@lru_cache(maxsize=32)
def _set_attributes(source: str, owner: str) -> dict[str, str]:
    """Names of the attributes that the methods of a class set, and with what where that is annotated."""
    found: dict[str, str] = {}
    for cls in ast.walk(parsed(source)):
        if isinstance(cls, ast.ClassDef) and cls.name == owner.rpartition(".")[2]:
            for method in cls.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                    set_here = _set_on(method.args.args[0].arg, method)
                    found |= {name: found.get(name) or text for name, text in set_here.items()}
    return found


def _set_on(receiver: str, method: ast.AST) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(method):
        target = node.target if isinstance(node, ast.AnnAssign) else node
        match target:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name == receiver:
                text = ast.unparse(node).partition(":")[2] if isinstance(node, ast.AnnAssign) else ""
                found[attribute] = found.get(attribute) or text
    return found


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
