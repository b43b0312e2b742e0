"""Which values of an operation are asked with marks: those of which it picks, moves or keeps parts.

An operation in, its text with marks out. What compares, counts, orders or computes is asked without: marks would stand
between the characters that it looks at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cwm_check.codecs import spans

_OF_RECEIVER = frozenset(
    """append insert pop remove reverse popitem setdefault index rindex find rfind replace split rsplit partition
    rpartition strip lstrip rstrip ljust rjust center zfill removeprefix removesuffix splitlines expandtabs""".split()
)
_OF_ALL = frozenset({"join", "extend", "update"})
"""Methods that copy their arguments, too."""
_PLACES = frozenset({"index", "rindex", "find", "rfind"})
"""Methods that give a place."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The texts of an operation and of the values that it changes, with marks."""

    text: str
    values: Mapping[str, str]
    originals: tuple[str, ...] = ()
    """The marked values as they are, in the order of their marks."""
    gives_place: bool = False
    """Whether the operation gives a length, or where something is."""


def marked(node: ast.AST, values: Mapping[str, str]) -> Marked:
    """Return `node` as text and `values` (`repr` by name, those that are shown), with marks where they help."""
    text = ast.unparse(node)
    statement = _parsed(text)
    if statement is None or not _is_copying(statement):
        return Marked(text, values)
    originals: list[str] = []
    numbers: dict[str, int] = {}
    data = text.encode()
    pieces: list[tuple[ast.expr, str]] = []
    for operand in sorted(_copied(statement), key=lambda node: node.col_offset):
        literal = data[operand.col_offset : operand.end_col_offset].decode()
        pieces.append((operand, _mark(literal, literal, originals, numbers)))
    shown = {name: _mark(name, value, originals, numbers) for name, value in values.items()}
    for index, base, is_bound in _indexes(statement):
        number = numbers.get(data[base.col_offset : base.end_col_offset].decode())
        if number is not None and (mark := _index_mark(index, number, originals[number], is_bound)):
            pieces.append((index, mark))
    return Marked(_replaced(data, pieces), shown, tuple(originals), _gives_place(statement))


def _replaced(data: bytes, pieces: Sequence[tuple[ast.expr, str]]) -> str:
    """The text with other texts for some of its nodes, which do not overlap."""
    made, last = "", 0
    for node, text in sorted(pieces, key=lambda piece: piece[0].col_offset):
        made += data[last : node.col_offset].decode() + text
        last = node.end_col_offset or 0
    return made + data[last:].decode()


def _parsed(text: str) -> ast.stmt | None:
    """The one statement of `text`, if it stands on one line: positions in it are columns."""
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return statement if statement.end_lineno == 1 else None


def _mark(key: str, text: str, originals: list[str], numbers: dict[str, int]) -> str:
    """The text with marks; its number is kept by `key`."""
    shown = spans.mark(text, len(originals)) if len(originals) < spans.VALUES else None
    if shown is None:
        return text
    numbers[key] = len(originals)
    originals.append(text)
    return shown


def _is_copying(statement: ast.stmt) -> bool:
    """Whether the root of the statement picks, moves or keeps parts of a value."""
    match statement:
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign(target=ast.Subscript()) | ast.Delete():
            return True
        case ast.AugAssign(op=ast.Add()):
            return True
        case ast.Expr(value=value) | ast.Assign(value=value):
            return bool(_operands(value))
        case _:
            return False


def _copied(statement: ast.stmt) -> Iterator[ast.expr]:
    """The operands in the text of the statement that are copied."""
    match statement:
        case ast.AugAssign(target=ast.Name(), value=value):
            yield value
        case ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value):
            yield from (operand for operand in _operands(value) if not isinstance(operand, ast.Dict | ast.Name))


def _operands(node: ast.expr) -> Sequence[ast.expr]:
    """The operands of one operation that are copied; none if it is not of this sort."""
    match node:
        case ast.Subscript(value=value):
            return [value]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return [left, right]
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return [argument]
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=arguments) if name in _OF_ALL:
            return [receiver, *arguments]
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in _OF_RECEIVER:
            return [receiver]
        case _:
            return []


# --- positions


def _gives_place(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=function)) | ast.Assign(value=ast.Call(func=function)):
            return isinstance(function, ast.Name) or (isinstance(function, ast.Attribute) and function.attr in _PLACES)
        case _:
            return False


def _indexes(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
    """Yield each constant index, what it is an index of, and whether it may be the end, too."""
    match statement:
        case ast.Assign(targets=[ast.Subscript() as node]) | ast.AugAssign(target=node) | ast.Delete(targets=[node]):
            pass
        case ast.Assign(value=node) | ast.Expr(value=node):
            pass
        case _:
            return
    match node:
        case ast.Subscript(value=base, slice=ast.Slice(lower=lower, upper=upper)):
            yield from ((bound, base, True) for bound in (lower, upper) if bound is not None)
        case ast.Subscript(value=base, slice=index):
            yield index, base, False
        case ast.Call(func=ast.Attribute(value=base, attr="insert" | "pop" as name), args=[index, *_]):
            yield index, base, name == "insert"


def _index_mark(index: ast.expr, number: int, text: str, is_bound: bool) -> str | None:
    """The mark where a constant index points, counted from the end if it is negative; None if it is beyond."""
    try:
        at = ast.literal_eval(index)
    except (ValueError, SyntaxError, TypeError):
        return None
    length = spans.places_of(text)
    if type(at) is not int or text[0] == "{" or not -length <= at < length + is_bound:
        return None
    return spans.place(number, at + length if at < 0 else at)
