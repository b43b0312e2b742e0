"""Small faults: one operator, constant, comparison, condition, argument or statement of a function changed.

In: a `Source`. Out: edits. Whether one of them changes the behaviour is not known here; running both versions tells.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from pieces import Edit, Source

from cwm_check.edits import COMPARISONS, NAMES, OPERATORS


def mutants(source: Source) -> Iterator[Edit]:
    """Yield edits, each of one place."""
    for node in source.expressions():
        for kind, other in _expressions(node):
            yield Edit(kind, (source.over(node, ast.unparse(other)),))
    for default in (*source.function.args.defaults, *source.function.args.kw_defaults):
        if isinstance(default, ast.Constant):
            for other in _constants(default):
                yield Edit("default", (source.over(default, ast.unparse(other)),))
    for block, n in source.statements():
        yield from _statements(source, block[n])


def _expressions(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Constant():
            yield from (("constant", other) for other in _constants(node))
        case ast.Compare(ops=[op]):
            for kind in COMPARISONS.get(type(op), ()):
                yield "comparison", ast.Compare(node.left, [kind()], node.comparators)
        case ast.BinOp(op=op) if type(op) in OPERATORS and not isinstance(node.left, ast.Constant | ast.JoinedStr):
            yield "operator", ast.BinOp(node.left, OPERATORS[type(op)](), node.right)
        case ast.BoolOp(values=values):
            yield "condition", ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), values)
            yield "condition", values[0] if len(values) == 2 else ast.BoolOp(node.op, values[:-1])
            yield "condition", values[1] if len(values) == 2 else ast.BoolOp(node.op, values[1:])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "condition", operand
        case ast.IfExp():
            yield "condition", ast.IfExp(node.test, node.orelse, node.body)
        case ast.Call():
            yield from (("argument", other) for other in _calls(node))
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield "name", ast.Name(NAMES[name])
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in NAMES:
            yield "name", ast.Attribute(node.value, NAMES[name])
        case ast.ListComp(elt=elt, generators=[one]) if one.ifs:
            bare = ast.comprehension(one.target, one.iter, [], one.is_async)
            yield "condition", ast.ListComp(elt, [bare])
        case ast.JoinedStr(values=[*_, ast.Constant(value=str(text))]):
            yield "constant", ast.JoinedStr([*node.values[:-1], ast.Constant(text + "!")])


def _constants(node: ast.Constant) -> Iterator[ast.expr]:
    match node.value:
        case bool(value):
            yield ast.Constant(not value)
        case int(value) | float(value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1) if value > 0 else ast.Constant(value + 2)
        case str(value) | bytes(value):
            yield ast.Constant(value[:-1] if value else (value + "x" if isinstance(value, str) else b"x"))
            if isinstance(value, str) and value.swapcase() != value:
                yield ast.Constant(value.swapcase())
        case None:
            yield ast.Constant(0)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    if len(node.args) > 1:
        first, second, *rest = node.args
        yield ast.Call(node.func, [second, first, *rest], node.keywords)
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    if node.keywords:
        yield ast.Call(node.func, node.args, node.keywords[:-1])
    if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        yield node.func.value


def _statements(source: Source, node: ast.stmt) -> Iterator[Edit]:
    match node:
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield Edit("statement", (source.over(node, "pass"),))
        case ast.Return(value=ast.expr(), lineno=_):
            yield Edit("statement", (source.over(node, "return None"),))
        case ast.Raise():
            yield Edit("statement", (source.over(node, "pass"),))
        case ast.Continue() | ast.Break():
            yield Edit("statement", (source.over(node, "break" if isinstance(node, ast.Continue) else "continue"),))
        case ast.If() | ast.While():
            other = copy.deepcopy(node.test)
            yield Edit("condition", (source.over(node.test, ast.unparse(ast.UnaryOp(ast.Not(), other))),))
            if isinstance(node, ast.If) and not node.orelse:
                yield Edit("condition", (source.over(node.test, "False"),))
