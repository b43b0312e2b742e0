"""Which places of a value an operation names: an operation in, the places that its answer comes from, out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwm_check.codecs import spans

_PLACES = frozenset({"index", "rindex", "find", "rfind"})
"""Methods that give a place."""
_IN_ORDER = frozenset(
    """append insert pop remove popitem setdefault replace split rsplit partition rpartition strip lstrip rstrip
    removeprefix removesuffix splitlines""".split()
)
"""Methods that leave what they keep in its order."""


def gives_place(statement: ast.stmt) -> bool:
    """Return whether an operation gives a length, or where something is."""
    match statement:
        case ast.Expr(value=ast.Call(func=function)) | ast.Assign(value=ast.Call(func=function)):
            return isinstance(function, ast.Name) or (isinstance(function, ast.Attribute) and function.attr in _PLACES)
        case _:
            return False


def is_join(statement: ast.stmt) -> bool:
    """Return whether an operation joins the items of a value."""
    match statement:
        case ast.Expr(value=ast.Call(func=function)) | ast.Assign(value=ast.Call(func=function)):
            return isinstance(function, ast.Attribute) and function.attr == "join"
        case _:
            return False


def is_sum(statement: ast.stmt) -> bool:
    """Return whether an operation puts one value after another."""
    match statement:
        case ast.Expr(value=ast.BinOp(op=ast.Add())) | ast.AugAssign(target=ast.Name(), op=ast.Add()):
            return True
        case _:
            return False


def start(statement: ast.stmt, text: str) -> int | None:
    """Return where in the literal `text` begins what an operation keeps in its order; None if it keeps nothing so."""
    match statement:
        case ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign(target=ast.Subscript()) | ast.Delete():
            return 0
        case ast.Expr(value=value) | ast.Assign(value=value):
            pass
        case _:
            return None
    match value:
        case ast.Subscript(slice=ast.Slice(lower=lower, step=None)):
            return _place(lower, text) if lower else 0
        case ast.Call(func=ast.Attribute(attr=name)) if name in _IN_ORDER:
            return 0
        case _:
            return None


def picked(statement: ast.stmt, text: str) -> tuple[int, ...] | None:
    """Return the places that a slice with a step, or `reverse`, takes from the literal `text`, in their order."""
    match statement:
        case ast.Expr(value=ast.Subscript(slice=ast.Slice(step=ast.expr()) as part)):
            try:
                bounds = [ast.literal_eval(bound) if bound else None for bound in (part.lower, part.upper, part.step)]
                return tuple(range(spans.places_of(text))[slice(*bounds)])
            except (ValueError, SyntaxError, TypeError):
                return None
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="reverse"))):
            return tuple(reversed(range(spans.places_of(text))))
        case _:
            return None


def indexes(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
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


def index_mark(index: ast.expr, number: int, text: str, is_bound: bool) -> str | None:
    """Return the mark where a constant index points; None if it is beyond."""
    at = _place(index, text)
    return None if at is None or (at == spans.places_of(text) and not is_bound) else spans.place(number, at)


def _place(index: ast.expr, text: str) -> int | None:
    """The place of a constant index, counted from the end if it is negative; None if it is beyond."""
    try:
        at = ast.literal_eval(index)
    except (ValueError, SyntaxError, TypeError):
        return None
    length = spans.places_of(text)
    if type(at) is not int or text[0] == "{" or not -length <= at <= length:
        return None
    return at + length if at < 0 else at
