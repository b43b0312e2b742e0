"""Conditions of a predicted run: an expression in, its truth out. The model decides what static analysis cannot."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import truth_of
from cwm_check.neural.predicted.names import is_known, needs_walk, values_for, within
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work

_ALWAYS_KNOWN = (ast.Name, ast.Constant, ast.IfExp, ast.List, ast.Tuple, ast.Lambda)
"""Expressions that cost no question."""


def truth(run: Run, node: ast.expr, here: Activation) -> Work[bool]:
    """Return whether an expression is true; the model decides only what static analysis cannot.

    Where a statement is one question, a condition is one, too, unless its first part decides it.
    """
    is_walked = needs_walk(run, node, here)
    is_decided = run.decides and (run.takes_apart or is_walked or is_known(node))
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand) if is_decided:
            return not (yield from truth(run, operand, here))
        case ast.BoolOp(op=op, values=values) if is_decided:
            return (yield from _any_or_all(run, isinstance(op, ast.Or), values, here))
        case ast.BoolOp(op=op, values=[first, *_]) if run.decides and is_known(first):
            if (yield from truth(run, first, here)) is isinstance(op, ast.Or):
                return isinstance(op, ast.Or)
    if is_walked or (is_decided and isinstance(node, _ALWAYS_KNOWN)):
        cell = yield from run.evaluate(run, node, here)
        known = truth_of(cell.text) if cell.is_plain else True
        if known is not None:
            return known
        node, here = within(here, cell)
    statement = ast.copy_location(ast.If(node, [ast.Pass()], []), node)
    effect = yield from run.ask(statement, (yield from values_for(run, node, here)))
    if effect.raised is not None:
        raise Raised(effect.raised)
    if effect.value not in ("True", "False"):
        raise Unfinished(f"the model gives no truth value for `{ast.unparse(node)[:60]}`")
    return effect.value == "True"


def _any_or_all(run: Run, wanted: bool, values: Sequence[ast.expr], here: Activation) -> Work[bool]:
    """Whether the first part that is as `wanted` exists."""
    for value in values:
        if (yield from truth(run, value, here)) is wanted:
            return wanted
    return not wanted
