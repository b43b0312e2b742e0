"""Statements of a predicted run, in the order that Python runs them: the control flow is never the model's business.

Branches, loops, `try`, `with`, `return` and the rest are walked here; the model is asked for what a condition, an
iterable or an assignment gives. Each statement that runs adds a line frame.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.predicted import facts
from cwm_check.predicted.calls import call_function, find_method
from cwm_check.predicted.expressions import (
    attribute,
    change,
    evaluate,
    items,
    needs_walk,
    prepare,
    truth,
    unpack,
    values_for,
)
from cwm_check.predicted.memory import Cell, Closure, Code, Scope, is_generator, own_nodes
from cwm_check.predicted.state import (
    SIGNALS,
    Activation,
    Broken,
    Continued,
    Raised,
    Returned,
    Run,
    Unfinished,
    Work,
    new_closure,
)
from cwm_check.trace import Event


def run_body(run: Run, code: Code, here: Activation) -> Work[Cell]:
    """Return what the body of a function returns, with its frames from the call to the end."""
    decorators = code.decorator_list if isinstance(code, ast.FunctionDef) else []
    run.note_call(min(node.lineno for node in (code, *decorators)), here)
    try:
        if isinstance(code, ast.Lambda):
            run.note_line(code.lineno, code.lineno, here)
            result = yield from evaluate(run, code.body, here)
        else:
            result = yield from _body(run, code.body, here)
    except Raised as raised:
        run.note_raised(raised, here)
        raise
    run.note_end(Event.RETURN, "None" if is_generator(code) else result.text, here)
    return result


def _body(run: Run, body: Sequence[ast.stmt], here: Activation) -> Work[Cell]:
    try:
        yield from execute(run, body, here)
    except Returned as returned:
        return returned.cell
    return Cell("None")


def execute(run: Run, body: Sequence[ast.stmt], here: Activation) -> Work[None]:
    """Run statements one after the other."""
    for statement in body:
        if _has_line(statement):
            run.note_line(statement.lineno, _last_line(statement), here)
        yield from _statement(run, statement, here)


def _has_line(statement: ast.stmt) -> bool:
    """Docstrings and declarations do nothing; loops add a line for each turn."""
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not is_text and not isinstance(statement, ast.Global | ast.Nonlocal | ast.For | ast.While)


def _last_line(statement: ast.stmt) -> int:
    """The last line of the statement, or of the head of a compound one."""
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not body:
        return statement.end_lineno or statement.lineno
    first = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
    return max(statement.lineno, first - 1)


def _statement(run: Run, statement: ast.stmt, here: Activation) -> Work[None]:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return
        case ast.Return(value=value):
            raise Returned((yield from evaluate(run, value, here)) if value else Cell("None"))
        case ast.If(test=test, body=body, orelse=orelse):
            yield from execute(run, body if (yield from truth(run, test, here)) else orelse, here)
        case ast.While():
            yield from _while(run, statement, here)
        case ast.For():
            yield from _for(run, statement, here)
        case ast.Break():
            raise Broken
        case ast.Continue():
            raise Continued
        case ast.Try():
            yield from _try(run, statement, here)
        case ast.With():
            yield from _with(run, statement.items, statement.body, here)
        case ast.Raise():
            yield from _raise(run, statement, here)
        case ast.Assert(test=test, msg=message):
            if not (yield from truth(run, test, here)):
                text = (yield from evaluate(run, message, here)).text if message else ""
                raise Raised("AssertionError", facts.printed(text) or text, explicit=True)
        case ast.Global() | ast.Nonlocal() | ast.Import() | ast.ImportFrom() | ast.FunctionDef():
            _declare(run, statement, here)
        case ast.Delete(targets=targets) if all(isinstance(t, ast.Name) for t in targets):
            for target in targets:
                assert isinstance(target, ast.Name)
                here.scope.unbind(target.id)
        case ast.Assign(targets=targets, value=value):
            yield from _assign(run, statement, targets, value, here)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                plain = ast.copy_location(ast.Assign([target], value), statement)
                yield from _assign(run, plain, [target], value, here)
        case ast.AugAssign():
            yield from _augmented(run, statement, here)
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments, keywords=[])):
            yield from _print(run, arguments, here)
        case ast.Expr(value=value) if needs_walk(run, value, here):
            yield from evaluate(run, value, here)
        case ast.Expr() | ast.Delete():
            yield from _do(run, statement, here)
        case _:
            raise Unfinished(f"`{type(statement).__name__.lower()}` is not predicted")


def _declare(run: Run, statement: ast.stmt, here: Activation) -> None:
    match statement:
        case ast.Global(names=names):
            here.scope.elsewhere.update(dict.fromkeys(names, here.scope.module))
        case ast.Nonlocal(names=names):
            found = {name: scope for name in names if (scope := here.scope.enclosing(name)) is not None}
            here.scope.elsewhere.update(found)
        case ast.FunctionDef(decorator_list=[]):
            here.scope.bind(statement.name, new_closure(statement, here.scope))
        case _:
            raise Unfinished(f"`{ast.unparse(statement).splitlines()[0][:60]}` inside a function is not predicted")


# --- assignments


def _assign(
    run: Run, statement: ast.stmt, targets: Sequence[ast.expr], value: ast.expr, here: Activation
) -> Work[None]:
    if _is_one_question(run, targets, value, here):
        yield from _do(run, statement, here)
        return
    if _pairs_up(targets, value):
        assert isinstance(targets[0], ast.Tuple)
        assert isinstance(value, ast.Tuple)
        cells = []
        for element in value.elts:
            cells.append((yield from evaluate(run, element, here)))
        for part, cell in zip(targets[0].elts, cells, strict=True):
            yield from _store(run, part, cell, here)
        return
    cell = yield from evaluate(run, value, here)
    for target in targets:
        yield from _store(run, target, cell, here)


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
    if not run.decides:
        return True
    known = isinstance(value, ast.Constant | ast.Name | ast.Lambda | ast.IfExp | ast.BoolOp | ast.Tuple | ast.List)
    return not known and all(isinstance(target, ast.Name) for target in targets)


def _store(run: Run, target: ast.expr, cell: Cell, here: Activation) -> Work[None]:
    match target:
        case ast.Name() | ast.Tuple() | ast.List():
            yield from unpack(run, target, cell, here)
        case ast.Attribute(value=value, attr=name):
            owner = yield from evaluate(run, value, here)
            if owner.fields is None:
                raise Unfinished(f"`{ast.unparse(value)[:60]}` is not known")
            owner.fields[name] = cell
        case ast.Subscript():
            if not cell.is_plain:
                raise Unfinished("a container of functions or objects is not predicted")
            prepared, inner = yield from prepare(run, target, here)
            inner.scope.names["stored"] = cell
            assigned = ast.Assign([prepared], ast.Name("stored", ast.Load(), lineno=1, col_offset=0))
            yield from _do(run, ast.copy_location(assigned, target), inner)
        case _:
            raise Unfinished(f"an assignment to `{ast.unparse(target)[:60]}` is not predicted")


def _augmented(run: Run, statement: ast.AugAssign, here: Activation) -> Work[None]:
    target = statement.target
    if isinstance(target, ast.Name) and not needs_walk(run, statement, here):
        yield from _do(run, statement, here)
        return
    if isinstance(target, ast.Attribute):
        owner = yield from evaluate(run, target.value, here)
        if owner.fields is None:
            raise Unfinished(f"`{ast.unparse(target.value)[:60]}` is not known")
        inner = _room(here, {"field": (yield from attribute(run, owner, target.attr, here))})
        yield from _add(run, statement, ast.Name("field", ast.Store(), lineno=1, col_offset=0), here, inner)
        owner.fields[target.attr] = inner.scope.names["field"]
    elif isinstance(target, ast.Subscript):
        prepared, inner = yield from prepare(run, target, here)
        yield from _add(run, statement, prepared, here, inner)
    else:
        inner = _room(here, {target.id: (yield from evaluate(run, ast.Name(target.id, ast.Load()), here))})
        yield from _add(run, statement, target, here, inner)
        here.scope.bind(target.id, inner.scope.names[target.id])


def _room(here: Activation, names: dict[str, Cell]) -> Activation:
    return Activation(Scope(names, here.scope), here.depth, here.yielded, here.line, here.handling)


def _add(run: Run, statement: ast.AugAssign, target: ast.expr, here: Activation, inner: Activation) -> Work[None]:
    """Do what `statement` says to `target`, a name or an item whose parts are bound in `inner`."""
    inner.scope.names["added"] = yield from evaluate(run, statement.value, here)
    value = ast.Name("added", ast.Load(), lineno=1, col_offset=4)
    assert isinstance(target, ast.Name | ast.Subscript)
    yield from _do(run, ast.copy_location(ast.AugAssign(target, statement.op, value), statement), inner)


def _do(run: Run, statement: ast.stmt, here: Activation) -> Work[None]:
    """Ask what a statement changes, and change it: names that it binds get a new object, others change theirs."""
    values = yield from values_for(run, statement, here)
    in_place = None
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        name = statement.target.id
        cell = yield from evaluate(run, ast.Name(name, ast.Load()), here)
        values[name] = cell.text
        in_place = name if facts.is_mutable(cell.text) else None
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


def _print(run: Run, arguments: Sequence[ast.expr], here: Activation) -> Work[None]:
    parts = []
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            raise Unfinished("what `*` unpacks is not known")
        cell = yield from evaluate(run, argument, here)
        parts.append(facts.printed(cell.text) or cell.text)
    run.printed.append(" ".join(parts) + "\n")


# --- control flow


def _while(run: Run, loop: ast.While, here: Activation) -> Work[None]:
    while True:
        run.note_line(loop.lineno, _last_line(loop), here)
        if not (yield from truth(run, loop.test, here)):
            break
        try:
            yield from execute(run, loop.body, here)
        except Continued:
            continue
        except Broken:
            return
    yield from execute(run, loop.orelse, here)


def _for(run: Run, loop: ast.For, here: Activation) -> Work[None]:
    run.note_line(loop.lineno, _last_line(loop), here)
    for item in (yield from items(run, loop.iter, here)):
        yield from unpack(run, loop.target, item, here)
        try:
            yield from execute(run, loop.body, here)
        except Continued:
            pass
        except Broken:
            return
        run.note_line(loop.lineno, _last_line(loop), here)
    yield from execute(run, loop.orelse, here)


def _try(run: Run, statement: ast.Try, here: Activation) -> Work[None]:
    try:
        try:
            yield from execute(run, statement.body, here)
        except Raised as raised:
            yield from _handle(run, statement, raised, here)
        else:
            yield from execute(run, statement.orelse, here)
    except SIGNALS:
        yield from execute(run, statement.finalbody, here)
        raise
    yield from execute(run, statement.finalbody, here)


def _handle(run: Run, statement: ast.Try, raised: Raised, here: Activation) -> Work[None]:
    run.note_raised(raised, here)
    family = facts.ancestors(raised.name, run.classes)
    for handler in statement.handlers:
        run.note_line(handler.lineno, handler.lineno, here)
        if not _takes(handler, family):
            continue
        if handler.name:
            here.scope.bind(handler.name, raised.cell or Cell(raised.text))
        before = here.handling
        here.handling = raised
        try:
            yield from execute(run, handler.body, here)
        finally:
            here.handling = before
            if handler.name:
                here.scope.unbind(handler.name)
        return
    raise raised


def _takes(handler: ast.ExceptHandler, family: frozenset[str]) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(kind).rpartition(".")[2] in family for kind in kinds)


def _raise(run: Run, statement: ast.Raise, here: Activation) -> Work[None]:
    match statement.exc:
        case None if here.handling is not None:
            raise here.handling
        case ast.Name(id=name) if (cell := here.scope.find(name)) is not None and cell.is_plain:
            raise Raised(cell.text.partition("(")[0], _message(cell.text), explicit=True, cell=cell)
        case ast.Name() | ast.Attribute():
            raise Raised(ast.unparse(statement.exc), explicit=True)
        case ast.Call(func=ast.Name() | ast.Attribute() as function, args=arguments):
            texts = []
            for argument in arguments:
                texts.append((yield from evaluate(run, argument, here)).text)
            message = (facts.printed(texts[0]) or texts[0]) if len(texts) == 1 else ", ".join(texts)
            shown = message if len(texts) < 2 else f"({message})"
            raise Raised(ast.unparse(function), shown, explicit=True)
    raise Unfinished(f"`{ast.unparse(statement)[:60]}` is not predicted")


def _message(text: str) -> str:
    inside = text.partition("(")[2].removesuffix(")")
    return facts.printed(inside) or inside


def _with(run: Run, managers: Sequence[ast.withitem], body: Sequence[ast.stmt], here: Activation) -> Work[None]:
    if not managers:
        yield from execute(run, body, here)
        return
    match managers[0].context_expr:
        case ast.Call(func=function, args=arguments) if ast.unparse(function).rpartition(".")[2] == "suppress":
            try:
                yield from _with(run, managers[1:], body, here)
            except Raised as raised:
                family = facts.ancestors(raised.name, run.classes)
                if not {ast.unparse(kind).rpartition(".")[2] for kind in arguments} & family:
                    raise
        case _:
            yield from _own_manager(run, managers, body, here)


def _own_manager(run: Run, managers: Sequence[ast.withitem], body: Sequence[ast.stmt], here: Activation) -> Work[None]:
    """A context manager of the module: its own methods run before and after the body."""
    manager = yield from evaluate(run, managers[0].context_expr, here)
    enter, leave = (
        find_method(run, manager.owner, name) if manager.owner is not None and manager.fields is not None else None
        for name in ("__enter__", "__exit__")
    )
    if not isinstance(enter, ast.FunctionDef) or not isinstance(leave, ast.FunctionDef):
        raise Unfinished(f"the context manager `{ast.unparse(managers[0].context_expr)[:60]}` is not known")
    entered = yield from call_function(run, Closure(enter, run.module, manager), [], {}, here.depth + 1)
    if managers[0].optional_vars is not None:
        yield from _store(run, managers[0].optional_vars, entered, here)
    leaving = Closure(leave, run.module, manager)
    nothing = [Cell("None")] * 3
    try:
        yield from _with(run, managers[1:], body, here)
    except Raised as raised:
        told = [Cell(f"<class '{raised.name}'>"), Cell(raised.text), Cell("<traceback object>")]
        taken = yield from call_function(run, leaving, told, {}, here.depth + 1)
        if not facts.truth_of(taken.text):
            raise
        return
    except SIGNALS:
        yield from call_function(run, leaving, nothing, {}, here.depth + 1)
        raise
    yield from call_function(run, leaving, nothing, {}, here.depth + 1)
