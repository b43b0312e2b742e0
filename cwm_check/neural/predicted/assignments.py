"""Assignments of a predicted run: a target and a value in; names and objects have them afterwards."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import is_mutable
from cwm_check.neural.predicted.items import unpack
from cwm_check.neural.predicted.memory import Cell, Scope, own_nodes
from cwm_check.neural.predicted.names import attribute, is_known, needs_walk, values_for
from cwm_check.neural.predicted.questions import change, prepare
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work


def assign(run: Run, statement: ast.stmt, targets: Sequence[ast.expr], value: ast.expr, here: Activation) -> Work[None]:
    if _is_one_question(run, targets, value, here):
        yield from do(run, statement, here)
        return
    if _pairs_up(targets, value):
        assert isinstance(targets[0], ast.Tuple)
        assert isinstance(value, ast.Tuple)
        cells = []
        for element in value.elts:
            cells.append((yield from run.evaluate(run, element, here)))
        for part, cell in zip(targets[0].elts, cells, strict=True):
            yield from store(run, part, cell, here)
        return
    cell = yield from run.evaluate(run, value, here)
    for target in targets:
        yield from store(run, target, cell, here)


def _pairs_up(targets: Sequence[ast.expr], value: ast.expr) -> bool:
    """Whether each target gets its own value, as in `a, b = b, a`: both keep their identity."""
    if len(targets) != 1 or not isinstance(targets[0], ast.Tuple) or not isinstance(value, ast.Tuple):
        return False
    parts = [*targets[0].elts, *value.elts]
    return len(targets[0].elts) == len(value.elts) and not any(isinstance(part, ast.Starred) for part in parts)


def _is_one_question(run: Run, targets: Sequence[ast.expr], value: ast.expr, here: Activation) -> bool:
    """Whether the statement is asked as it is: nothing in it is worked out here."""
    if any(needs_walk(run, part, here) for part in (*targets, value)):
        return False
    is_simple = all(isinstance(target, ast.Name) for target in targets)
    if not run.takes_apart:
        return not (run.decides and is_simple and is_known(value))
    known = isinstance(value, ast.Constant | ast.Name | ast.Lambda | ast.IfExp | ast.BoolOp | ast.Tuple | ast.List)
    return not known and is_simple


def store(run: Run, target: ast.expr, cell: Cell, here: Activation) -> Work[None]:
    match target:
        case ast.Name() | ast.Tuple() | ast.List():
            yield from unpack(run, target, cell, here)
        case ast.Attribute(value=value, attr=name):
            owner = yield from run.evaluate(run, value, here)
            if owner.fields is None:
                raise Unfinished(f"`{ast.unparse(value)[:60]}` is not known")
            owner.fields[name] = cell
        case ast.Subscript():
            if not cell.is_plain:
                raise Unfinished("a container of functions or objects is not predicted")
            prepared, inner = yield from prepare(run, target, here)
            inner.scope.names["stored"] = cell
            assigned = ast.Assign([prepared], ast.Name("stored", ast.Load(), lineno=1, col_offset=0))
            yield from do(run, ast.copy_location(assigned, target), inner)
        case _:
            raise Unfinished(f"an assignment to `{ast.unparse(target)[:60]}` is not predicted")


def augment(run: Run, statement: ast.AugAssign, here: Activation) -> Work[None]:
    target = statement.target
    if isinstance(target, ast.Name) and not needs_walk(run, statement, here):
        yield from do(run, statement, here)
        return
    if isinstance(target, ast.Attribute):
        owner = yield from run.evaluate(run, target.value, here)
        if owner.fields is None:
            raise Unfinished(f"`{ast.unparse(target.value)[:60]}` is not known")
        inner = _room(here, {"field": (yield from attribute(run, owner, target.attr, here))})
        yield from _add(run, statement, ast.Name("field", ast.Store(), lineno=1, col_offset=0), here, inner)
        owner.fields[target.attr] = inner.scope.names["field"]
    elif isinstance(target, ast.Subscript):
        prepared, inner = yield from prepare(run, target, here)
        yield from _add(run, statement, prepared, here, inner)
    else:
        inner = _room(here, {target.id: (yield from run.evaluate(run, ast.Name(target.id, ast.Load()), here))})
        yield from _add(run, statement, target, here, inner)
        here.scope.bind(target.id, inner.scope.names[target.id])


def _room(here: Activation, names: dict[str, Cell]) -> Activation:
    return Activation(Scope(names, here.scope), here.depth, here.yielded, here.line, here.handling)


def _add(run: Run, statement: ast.AugAssign, target: ast.expr, here: Activation, inner: Activation) -> Work[None]:
    """Do what `statement` says to `target`, a name or an item whose parts are bound in `inner`."""
    inner.scope.names["added"] = yield from run.evaluate(run, statement.value, here)
    value = ast.Name("added", ast.Load(), lineno=1, col_offset=4)
    assert isinstance(target, ast.Name | ast.Subscript)
    yield from do(run, ast.copy_location(ast.AugAssign(target, statement.op, value), statement), inner)


def do(run: Run, statement: ast.stmt, here: Activation) -> Work[None]:
    """Ask what a statement changes, and change it: names that it binds get a new object, others change theirs."""
    values = yield from values_for(run, statement, here)
    in_place = None
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        name = statement.target.id
        cell = yield from run.evaluate(run, ast.Name(name, ast.Load()), here)
        values[name] = cell.text
        in_place = name if is_mutable(cell.text) else None
    effect = yield from run.ask(statement, values)
    if effect.raised is not None:
        raise Raised(effect.raised)
    bound = {n.id for n in own_nodes(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    changed = {}
    for name, text in effect.assigned:
        if name in bound and name != in_place:
            here.scope.bind(name, Cell(text))
        else:
            changed[name] = text
    change(here, changed)
    missing = sorted(name for name in bound if here.scope.find(name) is None)
    if missing and not isinstance(statement, ast.Expr):
        raise Unfinished(f"the model gives no value to `{missing[0]}`")
