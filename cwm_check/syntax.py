"""Small questions to a syntax tree, shared by the stages that read source: parse, walk, dotted names.

Source text of one definition in, LibCST nodes out. `walk` looks at fields directly: ten times faster than
`node.children`, because it builds nothing and leaves out white space and punctuation. No positions, no scopes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache, lru_cache
from itertools import takewhile

import libcst as cst

from cwm_check.pairs import ChangedFunction, FunctionSource, Parameter
from cwm_check.textlines import split_lines
from cwm_check.vocabulary import BY_POSITION

_LAYOUT = {"lpar", "rpar", "lbracket", "rbracket", "comma", "semicolon", "colon", "dot", "equal", "header", "footer"}
_EMPTY = cst.Module(body=[])


@lru_cache(maxsize=32)
def parse_function(source: str) -> cst.FunctionDef | None:
    """Return the definition in `source`, or None if there is none or it does not parse."""
    try:
        body = cst.parse_module(source).body
    except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError):
        return None
    return next((node for node in body if isinstance(node, cst.FunctionDef)), None)


def walk(node: cst.CSTNode, *, nested: bool = True) -> Iterator[cst.CSTNode]:
    """Yield `node` and all below it in source order; without `nested`, not what is inside inner functions."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if nested or current is node or not isinstance(current, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            waiting.extend(reversed(children(current)))


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the nodes directly below `node`, without layout."""
    found: list[cst.CSTNode] = []
    for name in _field_names(type(node)):
        value = getattr(node, name)
        items = value if isinstance(value, list | tuple) else (value,)
        found.extend(item for item in items if isinstance(item, cst.CSTNode))
    return found


@cache
def _field_names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (field.name for field in fields(kind))
    return tuple(n for n in names if n not in _LAYOUT and "whitespace" not in n and not n.endswith("_lines"))


def code(node: cst.CSTNode) -> str:
    """Return the source text of `node`, without surrounding parentheses or blanks."""
    return _EMPTY.code_for_node(node).strip()


def dotted(node: cst.CSTNode) -> str:
    """Return `a.b.c` for a plain name or a chain of attributes, and an empty text for anything else."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=owner, attr=cst.Name(value=name)):
            head = dotted(owner)
            return f"{head}.{name}" if head else ""
    return ""


def block_at(text: str, start: int) -> str:
    """Return the indented block of `text` whose first line begins at offset `start`, dedented."""
    first, *rest = split_lines(text[start:])
    indent = len(first) - len(first.lstrip())
    inside = re.compile(rf"\s*$|\s{{{indent + 1}}}|\s*[)\]}}]")
    body = takewhile(inside.match, rest)
    return "\n".join([first[indent:], *(line[indent:] for line in body)]) + "\n"


def body_of(function: FunctionSource) -> cst.FunctionDef | None:
    """Return the parsed definition of one version of a function."""
    return parse_function(function.source)


def own_parameters(function: FunctionSource) -> list[Parameter]:
    """Return the parameters that a caller fills: without `self` or `cls`."""
    parameters = list(function.parameters)
    is_bound = function.binding in {"method", "classmethod", "property"}
    return parameters[1:] if is_bound and parameters and parameters[0].kind in BY_POSITION else parameters


def changed_line(function: ChangedFunction, *words: str) -> int:
    """Return the first changed line that has one of `words`, else the first changed one, else that of the `def`."""
    lines = split_lines(function.after_module)
    last = min(function.after.last_line, len(lines))
    within = [n for n in function.changed_after if function.after.first_line <= n <= last]
    wanted = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words if word) or r"(?!)")
    named = (n for n in within if wanted.search(lines[n - 1]))
    return next(named, within[0] if within else function.after.def_line)
