"""Where the functions and classes of a module are defined, and which of several definitions of a name counts.

The text of a module comes in, an `Outline` goes out. Positions come from the standard library's `ast`: on a module of
4,400 lines that takes 0.1 s, LibCST's parser and `PositionProvider` 2 s. Lambdas and made classes are left out.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cwm_check.extraction.codelines import CodeLine, code_lines, lines_inside_strings, tokens_of
from cwm_check.extraction.names import FunctionNode

MOST_BITS = 14_000  # of a whole number: 4300 digits are the most that Python writes
_LONG_NUMBER = re.compile(r"0[xXoObB][0-9a-fA-F_]{3500}")
_KNOWN = {
    "TYPE_CHECKING": False,
    "typing.TYPE_CHECKING": False,
    "PY2": False,
    "six.PY2": False,
    "PY3": True,
    "six.PY3": True,
    "sys.version_info": (3, 13),
    "sys.version_info[0]": 3,
    "sys.version_info.major": 3,
    "sys.version_info[:2]": (3, 13),
    "sys.platform": "linux",
    "os.name": "posix",
    "platform.system()": "Linux",
}
"""What a test on the platform gives in Python 3 on Linux."""

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

LIKELY, FALLBACK, DEAD = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Definition:
    """One `def` with its decorators."""

    qualname: str
    node: FunctionNode
    owner: str | None
    """The class it is a method of."""
    inside: str | None
    """The innermost class around it; differs from `owner` for a function nested in a method."""
    is_nested: bool
    rank: int

    @property
    def first_line(self) -> int:
        return min([self.node.lineno, *(d.lineno for d in self.node.decorator_list)])

    @property
    def last_line(self) -> int:
        return self.node.end_lineno or self.node.lineno


@dataclass(frozen=True)
class Outline:
    """A parsed module."""

    source: str
    tree: ast.Module
    code: tuple[CodeLine, ...]
    inside_strings: frozenset[int]
    """Lines that begin inside a string."""
    definitions: dict[str, tuple[Definition, ...]]
    """By qualified name, the most likely definition last."""
    classes: dict[str, ast.ClassDef]

    @cached_property
    def lines(self) -> list[str]:
        return self.source.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return [line.lines[0] for line in self.code]

    def code_of(self, definition: Definition) -> tuple[CodeLine, ...]:
        """Return the logical lines of a definition."""
        start = bisect_left(self._starts, definition.first_line)
        return self.code[start : bisect_right(self._starts, definition.last_line)]

    def text_of(self, definition: Definition) -> str:
        """Return the text of a definition, dedented; lines inside strings stay as they are."""
        numbers = range(definition.first_line, definition.last_line + 1)
        margin = definition.node.col_offset
        return "".join(f"{self._dedented(number, margin)}\n" for number in numbers)

    def _dedented(self, number: int, margin: int) -> str:
        line = self.lines[number - 1]
        return line if number in self.inside_strings else line[:margin].lstrip() + line[margin:]


def outline(source: str) -> Outline:
    """Return the outline of a module; raises SyntaxError or ValueError if it is not Python 3."""
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        tree = ast.parse(text)
    if _LONG_NUMBER.search(text) and any(map(_is_huge, ast.walk(tree))):
        raise ValueError("a whole number has more digits than Python writes")
    definitions: dict[str, list[Definition]] = {}
    classes: dict[str, ast.ClassDef] = {}
    for found in _definitions(tree.body, "", owner=None, inside=None, is_nested=False, rank=LIKELY):
        if isinstance(found, Definition):
            definitions.setdefault(found.qualname, []).append(found)
        else:
            classes[found[0]] = found[1]
    ordered = {name: tuple(sorted(found, key=lambda d: d.rank)) for name, found in definitions.items()}
    tokens = tokens_of(text)
    return Outline(text, tree, code_lines(tokens), lines_inside_strings(tokens), ordered, classes)


def _is_huge(node: ast.AST) -> bool:
    """Whether a node is a whole number that cannot be written out: Python reads it, but refuses to say it."""
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value.bit_length() > MOST_BITS


def _definitions(
    body: Sequence[ast.stmt], prefix: str, *, owner: str | None, inside: str | None, is_nested: bool, rank: int
) -> Iterator[Definition | tuple[str, ast.ClassDef]]:
    for statement, statement_rank in ranked_statements(body, rank):
        if isinstance(statement, FunctionNode) and not _is_overload(statement):
            qualname = prefix + _own_name(statement)
            yield Definition(qualname, statement, owner, inside, is_nested, statement_rank)
            yield from _definitions(
                statement.body, f"{qualname}.", owner=None, inside=inside, is_nested=True, rank=statement_rank
            )
        elif isinstance(statement, ast.ClassDef):
            qualname = prefix + statement.name
            yield qualname, statement
            yield from _definitions(
                statement.body,
                f"{qualname}.",
                owner=qualname,
                inside=qualname,
                is_nested=is_nested,
                rank=statement_rank,
            )


def ranked_statements(body: Sequence[ast.stmt], rank: int = LIKELY) -> Iterator[tuple[ast.stmt, int]]:
    """Yield the simple statements, functions and classes of a body, also those in blocks, and how likely each one runs.

    What cannot run in Python 3 on Linux, or only in a type checker, is left out.
    """
    for statement in body:
        for block, block_rank in _blocks(statement, rank):
            if block_rank != DEAD:
                yield from ranked_statements(block, block_rank)
        if not _blocks(statement, rank):
            yield statement, rank


def _blocks(statement: ast.stmt, rank: int) -> list[tuple[list[ast.stmt], int]]:
    """Return the blocks of a compound statement; none for a simple one, a function or a class."""
    fallback = min(rank, FALLBACK)
    match statement:
        case ast.If(test=test, body=body, orelse=orelse):
            truth = platform_truth(test)
            if truth is None:
                negated = isinstance(test, ast.UnaryOp)
                return [(body, fallback if negated else rank), (orelse, rank if negated else fallback)]
            return [(body, rank if truth else DEAD), (orelse, DEAD if truth else rank)]
        case ast.Try() | ast.TryStar():
            handlers = [(handler.body, fallback) for handler in statement.handlers]
            return [(statement.body, rank), *handlers, (statement.orelse, rank), (statement.finalbody, rank)]
        case ast.For() | ast.AsyncFor() | ast.While():
            return [(statement.body, rank), (statement.orelse, rank)]
        case ast.With() | ast.AsyncWith():
            return [(statement.body, rank)]
        case ast.Match(cases=cases):
            return [(case.body, rank) for case in cases]
    return []


def platform_truth(test: ast.expr) -> bool | None:
    """Return what a test gives in Python 3 on Linux outside of type checkers; None if it depends on more than that."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            truth = platform_truth(operand)
            return None if truth is None else not truth
        case ast.BoolOp(op=op, values=values):
            truths = [platform_truth(value) for value in values]
            decisive = isinstance(op, ast.Or)
            return decisive if decisive in truths else None if None in truths else not decisive
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return _compared(left, type(op), right)
        case ast.Call(func=ast.Attribute(value=value, attr="startswith"), args=[ast.Constant(value=str(start))]):
            known = _known(value)
            return known.startswith(start) if isinstance(known, str) else None
    known = _known(test)
    return None if known is None else bool(known)


def _compared(left: ast.expr, comparison: type[ast.cmpop], right: ast.expr) -> bool | None:
    values = _known(left), _known(right)
    if None in values:
        return None
    try:
        return bool(_COMPARISONS[comparison](*values))
    except TypeError:
        return None


def _known(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _KNOWN.get(ast.unparse(node))


def _is_overload(node: FunctionNode) -> bool:
    return any(ast.unparse(decorator).split(".")[-1] == "overload" for decorator in node.decorator_list)


def _own_name(node: FunctionNode) -> str:
    """Return the name of a function; the setter and the deleter of a property are told from its getter."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter"):
            return f"{node.name}.{decorator.attr}"
    return node.name
