"""Rewrites of conditions: where only the truth of an expression counts, and tests whose result is known before
anything runs.

Truth is known of `TYPE_CHECKING`, of Python 2 switches and of comparisons of `sys.version_info` with versions up to
3.11, the oldest that is supported.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from cwm_check.normal.trees import equal, name_of
from cwm_check.normal.values import Kinds, is_builtin_call, kind_of

OLDEST = (3, 11)

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
_VERSION = ":sys.version_info"


def negated(test: ast.expr) -> ast.expr:
    """Return the opposite of a condition, each `not` as far inside as it goes; only the truth of the result is
    right.
    """
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.BoolOp(op=op, values=values):
            return ast.BoolOp(
                op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=[negated(v) for v in values]
            )
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPPOSITES:
            return ast.Compare(left=left, ops=[_OPPOSITES[type(op)]()], comparators=[right])
        case ast.Constant(value=value):
            return ast.Constant(value=not value)
    return ast.UnaryOp(op=ast.Not(), operand=test)


def turns(test: ast.expr) -> bool:
    """Tell whether the opposite of a condition is the simpler one: of a condition and its opposite, exactly one
    turns.
    """
    count, opposite = _negations(test), _negations(negated(test))
    return count > opposite or (count == opposite and isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or))


def _negations(test: ast.expr) -> int:
    if isinstance(test, ast.BoolOp):
        return sum(_negations(value) for value in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return 1
    return int(isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.IsNot, ast.NotIn)))


def condition(test: ast.expr, kinds: Kinds) -> ast.expr:
    """Return the simplest expression that is true exactly when `test` is."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return negated(condition(operand, kinds))
        case ast.Call(args=[value], keywords=[]) if is_builtin_call(test, "bool") and not isinstance(
            value, ast.Starred
        ):
            return condition(value, kinds)
        case ast.BoolOp(op=op, values=values):
            return _flat(op, [condition(value, kinds) for value in values], kinds)
        case ast.IfExp(test=inner, body=ast.Constant(value=True), orelse=ast.Constant(value=False)):
            return condition(inner, kinds)
    return test


def joined(op: ast.boolop, first: ast.expr, second: ast.expr) -> ast.expr:
    """Return the condition that two conditions make together."""
    return condition(ast.BoolOp(op=op, values=[first, second]), {})


def _flat(op: ast.boolop, values: list[ast.expr], kinds: Kinds) -> ast.expr:
    flat: list[ast.expr] = []
    for value in values:
        nested = isinstance(value, ast.BoolOp) and type(value.op) is type(op)
        for part in value.values if nested and isinstance(value, ast.BoolOp) else [value]:
            joint = _one_of(flat[-1], part) if flat and isinstance(op, ast.Or) else None
            flat[-1:] = [joint] if joint else [*flat[-1:], part]
    test = ast.BoolOp(op=op, values=flat) if len(flat) > 1 else flat[0]
    return known_test(test, kinds) or test


def _one_of(first: ast.expr, second: ast.expr) -> ast.expr | None:
    """`x == 1 or x == 2` is true exactly when `x in (1, 2)` is."""
    left, right = _alternatives(first), _alternatives(second)
    if left is None or right is None or not equal(left[0], right[0]):
        return None
    items = ast.Tuple(elts=[*left[1], *right[1]], ctx=ast.Load())
    return ast.Compare(left=left[0], ops=[ast.In()], comparators=[items])


def _alternatives(test: ast.expr) -> tuple[ast.expr, list[ast.expr]] | None:
    match test:
        case ast.Compare(left=ast.Name() as left, ops=[ast.Eq()], comparators=[ast.Constant() as item]):
            return left, [item]
        case ast.Compare(left=ast.Name() as left, ops=[ast.In()], comparators=[ast.Tuple(elts=items)]):
            return (left, items) if all(isinstance(item, ast.Constant) for item in items) else None
    return None


def choice(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """Return a simpler form of a conditional expression or of `bool(x)`."""
    match node:
        case ast.Call(args=[test], keywords=[]) if is_builtin_call(node, "bool") and not isinstance(test, ast.Starred):
            return _truth(test, kinds)
        case ast.IfExp(test=ast.Constant(value=value), body=body, orelse=orelse):
            return body if value else orelse
        case ast.IfExp(test=test, body=ast.Constant(value=True), orelse=ast.Constant(value=False)):
            return _truth(test, kinds)
        case ast.IfExp(test=test, body=ast.Constant(value=False), orelse=ast.Constant(value=True)):
            return ast.UnaryOp(op=ast.Not(), operand=test)
        case ast.IfExp(test=ast.Name() as test, body=body, orelse=orelse) if equal(test, body):
            return ast.BoolOp(op=ast.Or(), values=[test, orelse])
        case ast.IfExp(test=ast.Name() as test, body=body, orelse=orelse) if equal(test, orelse):
            return ast.BoolOp(op=ast.And(), values=[test, body])
        case ast.IfExp(test=test, body=body, orelse=ast.IfExp() as inner) if equal(body, inner.body):
            return ast.IfExp(test=joined(ast.Or(), test, inner.test), body=body, orelse=inner.orelse)
        case ast.IfExp(test=test, body=ast.IfExp() as inner, orelse=orelse) if equal(orelse, inner.orelse):
            return ast.IfExp(test=joined(ast.And(), test, inner.test), body=inner.body, orelse=orelse)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _straight_choice(condition(test, kinds), body, orelse, node)
    return None


def _truth(test: ast.expr, kinds: Kinds) -> ast.expr:
    plain = condition(test, kinds)
    if kind_of(plain, kinds) == "bool":
        return plain
    return ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=plain))


def _straight_choice(test: ast.expr, body: ast.expr, orelse: ast.expr, node: ast.IfExp) -> ast.expr | None:
    if turns(test):
        return ast.IfExp(test=negated(test), body=orelse, orelse=body)
    return None if equal(test, node.test) else ast.IfExp(test=test, body=body, orelse=orelse)


def negation(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """Move `not` inwards where the result stays a bool: `not (a and b)` is `not a or not b`, `not a in b` is `a not
    in b`.
    """
    if not isinstance(node, ast.UnaryOp) or not isinstance(node.op, ast.Not):
        return None
    inner = condition(node.operand, kinds)
    opposite = negated(inner)
    if kind_of(opposite, kinds) != "bool":
        opposite = ast.UnaryOp(op=ast.Not(), operand=inner)
    return None if equal(opposite, node) else opposite


def known_test(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """Return the value of a test that every supported Python answers alike."""
    match node:
        case ast.Subscript(value=ast.Name(id=":sys.version_info"), slice=ast.Constant(value=0), ctx=ast.Load()):
            return ast.Constant(value=OLDEST[0])
        case ast.Name(id=":sys.version_info.major", ctx=ast.Load()):
            return ast.Constant(value=OLDEST[0])
        case ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=items)]) if _is_version(left):
            return _version_test(op, items)
        case ast.Compare(left=ast.Constant(value=left), ops=[op], comparators=[ast.Constant(value=right)]):
            known = type(left) is type(right) in (int, str) and type(op) in _COMPARISONS
            return ast.Constant(value=_COMPARISONS[type(op)](left, right)) if known else None
        case ast.BoolOp(op=op, values=values):
            return _known_combination(op, values)
    return None


def _is_version(node: ast.expr) -> bool:
    match node:
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=ast.Constant(value=2), step=None)):
            return name_of(value) == _VERSION
    return name_of(node) == _VERSION


def _version_test(op: ast.cmpop, items: list[ast.expr]) -> ast.expr | None:
    version = tuple(item.value for item in items if isinstance(item, ast.Constant) and type(item.value) is int)
    if len(version) != len(items) or not version or version > OLDEST or len(version) > 2:
        return None
    if isinstance(op, ast.GtE) or (isinstance(op, ast.Gt) and version < OLDEST):
        return ast.Constant(value=True)
    below = isinstance(op, ast.Lt) or (isinstance(op, ast.LtE) and version < OLDEST)
    return ast.Constant(value=False) if below else None


def _known_combination(op: ast.boolop, values: list[ast.expr]) -> ast.expr | None:
    """`True and x` is `x`, `False and x` is `False`; the other way round for `or`."""
    first, *rest = values
    if not isinstance(first, ast.Constant):
        return None
    if bool(first.value) is isinstance(op, ast.Or):
        return first
    return rest[0] if len(rest) == 1 else ast.BoolOp(op=op, values=rest)
