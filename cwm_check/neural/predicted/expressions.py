"""Expressions of a predicted run: an expression and the names around it in, its value out.

Names, literals, attributes of known objects, conditions and calls of the module's own functions are worked out here.
What is left is one question to the world model, in which everything worked out is a name with a value.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import items_of
from cwm_check.neural.predicted.calls import call_function, construct
from cwm_check.neural.predicted.items import comprehension
from cwm_check.neural.predicted.memory import Cell
from cwm_check.neural.predicted.names import attribute, is_known, named, needs_walk, within
from cwm_check.neural.predicted.questions import asked, in_parts
from cwm_check.neural.predicted.state import Activation, Run, Unfinished, Work, new_closure
from cwm_check.neural.predicted.truths import truth


def evaluate(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    """Return the value of an expression."""
    match node:
        case ast.Constant(value=value):
            return Cell(repr(value))
        case ast.Name(id=name):
            return (yield from named(run, name, here))
        case ast.Lambda():
            return new_closure(node, here.scope)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            cell = yield from evaluate(run, value, here)
            here.scope.bind(name, cell)
            return cell
        case ast.Yield():
            here.yielded.append((yield from evaluate(run, node.value, here)) if node.value else Cell("None"))
            return Cell("None")
        case ast.Await() | ast.YieldFrom():
            raise Unfinished(f"{type(node).__name__.lower()} is not predicted")
    if not (run.takes_apart or (run.decides and is_known(node)) or needs_walk(run, node, here)):
        return (yield from asked(run, node, here))
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return (yield from evaluate(run, body if (yield from truth(run, test, here)) else orelse, here))
        case ast.BoolOp(op=op, values=values):
            return (yield from _bool_operation(run, op, values, here))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Cell(str(not (yield from truth(run, operand, here))))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return Cell(repr(-value))
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if _is_flat(elements):
            return (yield from _display(run, node, elements, here))
    return (yield from _of_objects(run, node, here))


def _of_objects(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    """The value of an expression that may name functions and objects of the module; else the model says it."""
    if not needs_walk(run, node, here):
        return (yield from asked(run, node, here))
    match node:
        case ast.Call():
            return (yield from _call(run, node, here))
        case ast.Attribute(value=value, attr=name):
            owner = yield from evaluate(run, value, here)
            return (yield from attribute(run, owner, name, here))
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return (yield from comprehension(run, node, here))
    return (yield from in_parts(run, node, here))


def _bool_operation(run: Run, op: ast.boolop, values: Sequence[ast.expr], here: Activation) -> Work[Cell]:
    cell = yield from evaluate(run, values[0], here)
    for value in values[1:]:
        name, inner = within(here, cell)
        if (yield from truth(run, name, inner)) is isinstance(op, ast.Or):
            return cell
        cell = yield from evaluate(run, value, here)
    return cell


def _is_flat(elements: Sequence[ast.expr]) -> bool:
    return not any(isinstance(element, ast.Starred) for element in elements)


def _display(run: Run, node: ast.expr, elements: Sequence[ast.expr], here: Activation) -> Work[Cell]:
    texts = []
    for element in elements:
        texts.append((yield from evaluate(run, element, here)).text)
    inside = ", ".join(texts)
    if isinstance(node, ast.List):
        return Cell(f"[{inside}]")
    return Cell(f"({inside},)" if len(texts) == 1 else f"({inside})")


def _call(run: Run, node: ast.Call, here: Activation) -> Work[Cell]:
    function = yield from _callee(run, node.func, here)
    if function is None:
        return (yield from in_parts(run, node, here))
    positional: list[Cell] = []
    named: dict[str, Cell] = {}
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            items = items_of((yield from evaluate(run, argument.value, here)).text)
            if items is None:
                raise Unfinished("what `*` unpacks is not known")
            positional += map(Cell, items)
        else:
            positional.append((yield from evaluate(run, argument, here)))
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Unfinished("what `**` unpacks is not known")
        named[keyword.arg] = yield from evaluate(run, keyword.value, here)
    if function.function is not None:
        return (yield from call_function(run, function.function, positional, named, here.depth + 1))
    assert function.owner is not None
    return (yield from construct(run, function.owner, positional, named, here.depth + 1))


def _callee(run: Run, node: ast.expr, here: Activation) -> Work[Cell | None]:
    """The function of the module that is called, or None if it is none."""
    if isinstance(node, ast.Attribute):
        if not needs_walk(run, node, here):
            return None
        owner = yield from evaluate(run, node.value, here)
        cell = (yield from attribute(run, owner, node.attr, here)) if not owner.is_plain else None
    else:
        cell = (yield from evaluate(run, node, here)) if needs_walk(run, node, here) else None
    is_known = cell is not None and (cell.function is not None or (cell.owner is not None and cell.fields is None))
    return cell if is_known else None
