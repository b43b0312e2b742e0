"""One question to the world model about an expression, in which all that was worked out is a name with a value."""

from __future__ import annotations

import ast
from typing import Any

from cwm_check.codecs.nano_steps import Effect
from cwm_check.neural.predicted.memory import Cell, Scope, Values
from cwm_check.neural.predicted.names import needs_walk, values_for
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work
from cwm_check.operations.state import MUTATING

_SILENT = frozenset("append extend insert remove clear sort reverse add discard update".split())


def asked(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    """The model's word for an expression in which every name has a text."""
    values = yield from values_for(run, node, here)
    if _gives_none(node):
        effect = yield from run.ask(ast.copy_location(ast.Expr(node), node), values)
        effect = Effect(effect.assigned, "None", effect.raised)
    elif not _may_change(node):
        effect = yield from run.ask(ast.copy_location(ast.Return(node), node), values)
    else:
        target = ast.Name("made", ast.Store(), lineno=getattr(node, "lineno", 1), col_offset=0)
        effect = yield from run.ask(ast.copy_location(ast.Assign([target], node), node), values)
    if effect.raised is not None:
        raise Raised(effect.raised)
    assigned = dict(effect.assigned)
    made = assigned.pop("made", effect.value)
    change(here, assigned)
    if made is None:
        raise Unfinished(f"the model gives no value to `{ast.unparse(node)[:60]}`")
    return Cell(made)


def _gives_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SILENT


def _may_change(node: ast.expr) -> bool:
    calls = (child.func for child in ast.walk(node) if isinstance(child, ast.Call))
    return any(isinstance(function, ast.Attribute) and function.attr in MUTATING for function in calls)


def change(here: Activation, assigned: Values) -> None:
    """Let objects have their new text, for all names of them."""
    for name, text in assigned.items():
        cell = here.scope.find(name)
        if cell is not None:
            cell.text = text


def in_parts(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    prepared, inner = yield from prepare(run, node, here)
    return (yield from asked(run, prepared, inner))


def prepare(run: Run, node: ast.expr, here: Activation) -> Work[tuple[ast.expr, Activation]]:
    """Return `node` with names in place of the parts that had to be worked out, and where these are bound."""
    scope = Scope({}, here.scope)
    inner = Activation(scope, here.depth, here.yielded, here.line)
    prepared = yield from _prepared_children(run, node, here, scope)
    return prepared, inner


def _prepared_children(run: Run, node: ast.expr, here: Activation, scope: Scope) -> Work[ast.expr]:
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if name == "func" and isinstance(value, ast.Attribute):
            fields[name] = yield from _prepared_children(run, value, here, scope)
        elif isinstance(value, list):
            made: list[object] = []
            for item in value:
                made.append((yield from _prepared(run, item, here, scope)) if isinstance(item, ast.AST) else item)
            fields[name] = made
        else:
            fields[name] = (yield from _prepared(run, value, here, scope)) if isinstance(value, ast.AST) else value
    copied: ast.expr = ast.copy_location(type(node)(**fields), node)
    return copied


def _prepared(run: Run, node: ast.AST, here: Activation, scope: Scope) -> Work[ast.AST]:
    if not needs_walk(run, node, here):
        return node
    if isinstance(node, ast.Starred | ast.keyword | ast.FormattedValue | ast.Slice | ast.comprehension):
        return (yield from _prepared_children(run, node, here, scope))  # type: ignore[arg-type]
    if not isinstance(node, ast.expr):
        return node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return (yield from _prepared_children(run, node, here, scope))
    cell = yield from run.evaluate(run, node, here)
    if not cell.is_plain:
        raise Unfinished(f"an operation on `{ast.unparse(node)[:60]}` is not predicted")
    name = f"part{len(scope.names)}"
    scope.names[name] = cell
    return ast.copy_location(ast.Name(name, ast.Load()), node)
