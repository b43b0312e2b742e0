"""One operation in, its true effect out, by CPython: what nano must predict. Runs generated code, in training only."""

from __future__ import annotations

import ast
import math
import re
import string
import warnings
from typing import Any

from cwm_check.codecs.nano_steps import Effect
from cwm_check.operations.state import Operation
from cwm_check.operations.statements import operations
from cwm_check.training.tracer import text_of

_MODULES = {"math": math, "re": re, "string": string}


def perform(operation: Operation) -> Effect | None:
    """Return what `operation` does; None if a value that it reads has no literal, or if it changes nothing visible."""
    read = {node.id for node in ast.walk(operation.statement) if isinstance(node, ast.Name)}
    try:
        values = {name: eval(text) for name, text in operation.values.items() if name in read}
    except Exception:
        return None
    namespace: dict[str, Any] = _MODULES | values
    before = {name: text_of(value) for name, value in values.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _effect(operation.statement, namespace, before)
        except Exception as error:
            return Effect(raised=type(error).__name__)


def _effect(statement: ast.stmt, namespace: dict[str, Any], before: dict[str, str]) -> Effect:
    match statement:
        case ast.Return(value=ast.expr() as value):
            return Effect(value=text_of(_evaluated(value, namespace)))
        case ast.For(iter=iterable):
            return Effect(value=text_of(list(_evaluated(iterable, namespace))))
    exec(compile(ast.Module([statement], []), "<operation>", "exec"), namespace)
    bound = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known = [name for name in namespace if name in before or name in bound]
    after = {name: text_of(namespace[name]) for name in known}
    return Effect(tuple((name, text) for name, text in after.items() if name in bound or before[name] != text))


def _evaluated(node: ast.expr, namespace: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<operation>", "eval"), namespace)


def performed(
    statement: ast.stmt, values: dict[str, str], most: int = 400
) -> tuple[list[tuple[Operation, Effect]], Effect | None]:
    """Return the operations of `statement` with their true effects, and the effect of the whole as they compose it.

    The whole is None where the statement cannot be asked, or has more than `most` operations.
    """
    found: list[tuple[Operation, Effect]] = []
    asking = operations(statement, values)
    try:
        operation = next(asking)
        while len(found) < most:
            # A copy: the generator goes on with the same values.
            operation = Operation(operation.statement, dict(operation.values))
            effect = perform(operation)
            if effect is None:
                break
            found.append((operation, effect))
            operation = asking.send(effect)
    except StopIteration as end:
        return found, end.value
    return found, None
