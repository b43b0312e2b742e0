"""Which values of an operation are asked with marks: those of which it picks, moves or keeps parts.

An operation in, its text with marks out. What compares, counts, orders or computes is asked without: marks would stand
between the characters that it looks at. What is searched is given after what is searched for, like a variable: a model
that reads from left to right can then tell, at each element, whether it is the one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cwm_check.codecs import spans
from cwm_check.codecs.places import gives_place, index_mark, indexes, is_join, is_sum, picked, start

_OF_RECEIVER = frozenset(
    """append insert pop remove reverse popitem setdefault index rindex find rfind replace split rsplit partition
    rpartition strip lstrip rstrip ljust rjust center zfill removeprefix removesuffix splitlines expandtabs""".split()
)
_OF_ALL = frozenset({"extend", "update"})
"""Methods that copy their arguments, too."""
RECEIVER: Final = "_receiver_"
"""The name that stands in the text of an operation for the literal that it is asked of."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The texts of an operation and of the values that it changes, with marks."""

    text: str
    values: Mapping[str, str]
    receiver: str | None = None
    """What `RECEIVER` in the text stands for, if it is there."""
    originals: tuple[str, ...] = ()
    """The marked values as they are, in the order of their marks."""
    gives_place: bool = False
    """Whether the operation gives a length, or where something is."""
    start: int | None = None
    """The first place of what the operation keeps, if it keeps that in its order."""
    picked: tuple[int, ...] | None = None
    """The places of the elements that the answer is made of, in its order, where the operation tells them."""
    is_joined: bool = False
    """Whether the operation joins the items of the value."""
    is_sum: bool = False
    """Whether the operation puts one value after another."""
    from_last_digit: bool = False
    """Whether the answer is an integer, and is written from its last digit."""


def marked(node: ast.AST, values: Mapping[str, str]) -> Marked:
    """Return `node` as text and `values` (`repr` by name, those that are shown), with marks where they help."""
    text = ast.unparse(node)
    statement = _parsed(text)
    if statement is None:
        return Marked(text, values)
    originals: list[str] = []
    numbers: dict[str, int] = {}
    data = text.encode()
    copied, asked_of, receiver = [*_copied(statement)], _receiver(statement), None
    pieces: list[tuple[ast.expr, str]] = []
    for operand in sorted({*copied, *([asked_of] if asked_of else [])}, key=lambda node: node.col_offset):
        literal = data[operand.col_offset : operand.end_col_offset].decode()
        shown = _mark(literal, literal, originals, numbers) if operand in copied else literal
        if operand is asked_of:
            receiver, shown = shown, RECEIVER
        pieces.append((operand, shown))
    if _is_copying(statement):
        values = {name: _mark(name, value, originals, numbers) for name, value in values.items()}
    terms = _terms(statement)
    digits = [spans.placed(data[term.col_offset : term.end_col_offset].decode()) for term in terms]
    shown_values = {name: spans.placed(value) for name, value in values.items()}
    if is_calculation := bool(terms) and None not in (*digits, *shown_values.values()):
        pieces = list(zip(terms, map(str, digits), strict=True))
        values = {name: str(value) for name, value in shown_values.items()}
    for index, base, is_bound in indexes(statement):
        number = numbers.get(data[base.col_offset : base.end_col_offset].decode())
        if number is not None and (mark := index_mark(index, number, originals[number], is_bound)):
            pieces.append((index, mark))
    return Marked(
        text=_replaced(data, pieces),
        values=values,
        receiver=receiver,
        originals=tuple(originals),
        gives_place=gives_place(statement),
        start=start(statement, originals[0]) if originals else None,
        picked=picked(statement, originals[0]) if originals else None,
        is_joined=is_join(statement),
        is_sum=is_sum(statement),
        from_last_digit=is_calculation,
    )


def _receiver(statement: ast.stmt) -> ast.expr | None:
    """The literal in which the statement looks for a key, or of which it asks a method; not the separator of `join`."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value):
            pass
        case _:
            return None
    match value:
        case ast.Subscript(value=ast.Dict() as receiver):
            return receiver
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name != "join":
            return receiver if isinstance(receiver, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set) else None
        case _:
            return None


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
        case ast.AugAssign(target=ast.Name(), op=ast.Add(), value=value):
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
        case ast.Call(func=ast.Attribute(attr="join"), args=arguments):
            return arguments
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=arguments) if name in _OF_ALL:
            return [receiver, *arguments]
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in _OF_RECEIVER:
            return [receiver]
        case _:
            return []


def _terms(statement: ast.stmt) -> Sequence[ast.expr]:
    """The operands in the text of a sum, a difference or a product."""
    match statement:
        case ast.Expr(value=ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult(), left=left, right=right)):
            return left, right
        case ast.AugAssign(target=ast.Name(), op=ast.Add() | ast.Sub() | ast.Mult(), value=value):
            return (value,)
        case _:
            return ()
