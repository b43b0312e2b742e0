"""Rewrites of tests that ask what something is or whether it is one of some values: `isinstance`, `type(x) is`,
`in`.
"""

from __future__ import annotations

import ast

from cwm_check.normal.trees import equal, name_of
from cwm_check.normal.values import Kinds, is_builtin_call, kind_of

_HASHABLE = frozenset(["str", "int", "bool", "float", "bytes", "none", "type"])


def type_tests(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`isinstance(x, A) or isinstance(x, B)` is `isinstance(x, (A, B))`."""
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
        return None
    for place, (first, second) in enumerate(zip(node.values, node.values[1:], strict=False)):
        if joint := _joint_type_test(first, second):
            values = [*node.values[:place], joint, *node.values[place + 2 :]]
            return values[0] if len(values) == 1 else ast.BoolOp(op=ast.Or(), values=values)
    return None


def _joint_type_test(first: ast.expr, second: ast.expr) -> ast.expr | None:
    match first, second:
        case ast.Call(args=[a, types], keywords=[]), ast.Call(args=[b, more], keywords=[]):
            function = name_of(first.func)
            same = function == name_of(second.func) and isinstance(a, ast.Name) and equal(a, b)
            if function in ("isinstance", "issubclass") and same and all(isinstance(t, ast.Name) for t in _types(more)):
                both = ast.Tuple(elts=[*_types(types), *_types(more)], ctx=ast.Load())
                return ast.Call(func=first.func, args=[a, both], keywords=[])
    return None


def _types(node: ast.expr) -> list[ast.expr]:
    return [flat for item in node.elts for flat in _types(item)] if isinstance(node, ast.Tuple) else [node]


def type_tuple(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    match node:
        case ast.Call(args=[value, ast.Tuple() as tuple_], keywords=[]) if is_builtin_call(
            node, "isinstance", "issubclass"
        ):
            flat = _types(tuple_)
            types = flat[0] if len(flat) == 1 else ast.Tuple(elts=flat, ctx=ast.Load())
            if not equal(types, tuple_) and not any(isinstance(item, ast.Starred) for item in flat):
                return ast.Call(func=node.func, args=[value, types], keywords=[])
    return None


def type_identity(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`type(x) in (int,)` and `type(x) == int` are `type(x) is int`: a metaclass that redefines equality is not
    thought of.
    """
    match node:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
            if is_builtin_call(left, "type") and kind_of(left, kinds) == kind_of(right, kinds) == "type":
                return ast.Compare(
                    left=left, ops=[ast.Is() if isinstance(op, ast.Eq) else ast.IsNot()], comparators=[right]
                )
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Tuple(elts=[right])]):
            if is_builtin_call(left, "type") and kind_of(left, kinds) == kind_of(right, kinds) == "type":
                return ast.Compare(
                    left=left, ops=[ast.Is() if isinstance(op, ast.In) else ast.IsNot()], comparators=[right]
                )
    return None


def membership(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`x in [a, b]` is `x in (a, b)`; a set only if `x` is surely hashable, for `[] in {1}` fails."""
    match node:
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.List(elts=items)]):
            return ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=items, ctx=ast.Load())])
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[ast.Set(elts=items)]):
            if kind_of(left, kinds) in _HASHABLE and all(kind_of(item, kinds) in _HASHABLE for item in items):
                return ast.Compare(left=left, ops=[op], comparators=[ast.Tuple(elts=items, ctx=ast.Load())])
    return None
