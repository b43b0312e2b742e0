"""One operation and the values it reads in, the exceptions that it can raise on values of these types out.

`'a' + b` of two strings cannot raise, `xs.index(b)` can raise `ValueError` and nothing else: static analysis knows it
from what kind of values these are, so the model is not heard on it. What the operation gives is not looked at. None
means: anything may be raised.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from cwm_check.codecs.value_texts import value_of
from cwm_check.operations.call_errors import (
    FUNCTIONS,
    INDEX,
    ITERABLE,
    KEY,
    LARGE,
    NO_ERRORS,
    NUMBERS,
    PLAIN,
    SEQUENCES,
    SIMPLE,
    TYPE,
    ZERO,
    Errors,
    are_ordered,
    method_errors,
)

_LOOPED_OVER = frozenset("range enumerate reversed zip list tuple set sorted keys values items split rsplit".split())
"""Calls whose value a loop can always go over."""


def errors_of(statement: ast.stmt, values: Mapping[str, str]) -> Errors | None:
    """Return the names of the exceptions that `statement` can raise when its locals have `values`."""
    match statement:
        case ast.Return(value=ast.expr() as node) | ast.If(test=node) | ast.Expr(value=node):
            return _errors(node, values)
        case ast.For(iter=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) as node) if name in _LOOPED_OVER:
            return _errors(node, values)
        case ast.Assign(targets=[ast.Name()], value=node):
            return _errors(node, values)
        case ast.Assign(targets=[ast.Subscript(value=owner, slice=index)], value=node):
            known = _values([owner, index, node], values)
            return _stored(*known[:2]) if known else None
        case ast.AugAssign(target=ast.Name(id=name), op=operator, value=node):
            known = _values([ast.Name(name), node], values)
            return _binary(operator, *known, is_in_place=True) if known else None
        case ast.Delete(targets=[ast.Subscript(value=owner, slice=index)]):
            known = _values([owner, index], values)
            return _item(*known, is_read=False) if known else None
        case _:
            return None


def _values(nodes: Sequence[ast.expr], values: Mapping[str, str]) -> list[Any] | None:
    """The values of operands; None if one is no literal or no local with one."""
    found = []
    for node in nodes:
        text = values.get(node.id) if isinstance(node, ast.Name) else ast.unparse(node)
        known = value_of(text) if text is not None else None
        if known is None or (isinstance(known[0], int) and abs(known[0]) > LARGE):
            return None
        found.append(known[0])
    return found


def _errors(node: ast.expr, values: Mapping[str, str]) -> Errors | None:
    match node:
        case ast.Constant() | ast.Name():
            return NO_ERRORS if _values([node], values) else None
        case ast.BinOp(left=left, op=operator, right=right):
            known = _values([left, right], values)
            return _binary(operator, *known) if known else None
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            known = _values([left, right], values)
            return _compared(operator, *known) if known else None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            known = _values([operand], values)
            return (NO_ERRORS if isinstance(known[0], NUMBERS) else TYPE) if known else None
        case ast.Subscript(value=value, slice=ast.Slice() as part):
            known = _values([value, *(bound for bound in (part.lower, part.upper, part.step) if bound)], values)
            return _sliced(known[0], known[1:]) if known else None
        case ast.Subscript(value=value, slice=index):
            known = _values([value, index], values)
            return _item(*known) if known else None
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS and name not in values:
            known = _values(arguments, values)
            return FUNCTIONS[name](known) if known else None
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments, keywords=[]):
            known = _values([owner, *arguments], values)
            return method_errors(known[0], name, known[1:]) if known else None
        case _:
            return None


# --- operators


def _binary(operator: ast.operator, left: Any, right: Any, *, is_in_place: bool = False) -> Errors | None:
    if isinstance(left, NUMBERS) and isinstance(right, NUMBERS):
        return _arithmetic(operator, left, right)
    match operator:
        case ast.Add() if isinstance(left, list) and is_in_place:
            return NO_ERRORS if isinstance(right, ITERABLE) else TYPE
        case ast.Add() if isinstance(left, (*SEQUENCES, bytes)):
            return NO_ERRORS if type(left) is type(right) else TYPE
        case ast.Mult() if isinstance(left, SEQUENCES) or isinstance(right, SEQUENCES):
            return NO_ERRORS if isinstance(left, int) or isinstance(right, int) else TYPE
        case ast.BitOr() | ast.BitAnd() | ast.BitXor() | ast.Sub() if isinstance(left, set) and isinstance(right, set):
            return NO_ERRORS
        case ast.Add() | ast.Sub() | ast.Div() | ast.FloorDiv() if _are_plain(left, right):
            return TYPE
        case _:
            return None


def _are_plain(*values: Any) -> bool:
    return all(isinstance(value, PLAIN) for value in values)


def _arithmetic(operator: ast.operator, left: float, right: float) -> Errors | None:
    match operator:
        case ast.Add() | ast.Sub() | ast.Mult():
            return NO_ERRORS
        case ast.Div() | ast.FloorDiv() | ast.Mod():
            return NO_ERRORS if right else ZERO
        case ast.BitOr() | ast.BitAnd() | ast.BitXor():
            return NO_ERRORS if isinstance(left, int) and isinstance(right, int) else TYPE
        case _:
            return None


def _compared(operator: ast.cmpop, left: Any, right: Any) -> Errors | None:
    match operator:
        case ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot():
            return NO_ERRORS
        case ast.In() | ast.NotIn() if isinstance(right, str):
            return NO_ERRORS if isinstance(left, str) else TYPE
        case ast.In() | ast.NotIn() if isinstance(right, list | tuple):
            return NO_ERRORS
        case ast.In() | ast.NotIn() if isinstance(right, dict | set):
            return NO_ERRORS if isinstance(left, SIMPLE) else TYPE
        case ast.In() | ast.NotIn():
            return TYPE if isinstance(right, int | float | type(None)) else None
        case _:
            return NO_ERRORS if are_ordered([left, right]) else TYPE


def _item(owner: Any, index: Any, *, is_read: bool = True) -> Errors | None:
    if isinstance(owner, dict):
        return KEY if isinstance(index, SIMPLE) else TYPE | KEY
    if isinstance(owner, list) or (is_read and isinstance(owner, str | tuple | bytes)):
        return INDEX if isinstance(index, int) else TYPE
    return TYPE if isinstance(owner, PLAIN) else None


def _stored(owner: Any, index: Any) -> Errors | None:
    if isinstance(owner, dict):
        return NO_ERRORS if isinstance(index, SIMPLE) else TYPE
    return _item(owner, index, is_read=False)


def _sliced(value: Any, bounds: Sequence[Any]) -> Errors | None:
    if isinstance(value, dict):
        return None
    if not isinstance(value, (*SEQUENCES, bytes)):
        return TYPE
    if not all(isinstance(bound, int | type(None)) for bound in bounds):
        return TYPE
    return None if 0 in bounds[2:] or (len(bounds) < 3 and 0 in bounds) else NO_ERRORS
