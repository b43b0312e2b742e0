"""Statements of a predicted run, in the order that Python runs them: the control flow is never the model's business.

Branches, loops, `return` and the rest are walked here; the model is asked for what a condition, an iterable or an
assignment gives. Each statement that runs adds a line frame.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import printed
from cwm_check.neural.predicted.assignments import assign, augment, do
from cwm_check.neural.predicted.items import items, unpack
from cwm_check.neural.predicted.memory import Cell, Code, is_generator, state_of
from cwm_check.neural.predicted.names import needs_walk
from cwm_check.neural.predicted.raising import run_raise, run_try, run_with
from cwm_check.neural.predicted.state import (
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
from cwm_check.neural.predicted.truths import truth
from cwm_check.textlines import split_lines
from cwm_check.trace import Event


def run_body(run: Run, code: Code, here: Activation) -> Work[Cell]:
    """Return what the body of a function returns, with its frames from the call to the end."""
    decorators = code.decorator_list if isinstance(code, ast.FunctionDef) else []
    run.note_call(min(node.lineno for node in (code, *decorators)), here)
    try:
        if isinstance(code, ast.Lambda):
            run.note_line(code.lineno, code.lineno, here)
            result = yield from run.evaluate(run, code.body, here)
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
    """A statement that decides what runs next, or a plain one."""
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return
        case ast.Return(value=value):
            raise Returned((yield from run.evaluate(run, value, here)) if value else Cell("None"))
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
            yield from run_try(run, statement, here)
        case ast.With():
            yield from run_with(run, statement.items, statement.body, here)
        case ast.Raise():
            yield from run_raise(run, statement, here)
        case ast.Assert(test=test, msg=message):
            if not (yield from truth(run, test, here)):
                text = (yield from run.evaluate(run, message, here)).text if message else ""
                raise Raised("AssertionError", printed(text) or text, explicit=True)
        case _:
            yield from _plain_statement(run, statement, here)


def _plain_statement(run: Run, statement: ast.stmt, here: Activation) -> Work[None]:
    """A statement after which the next one runs, unless it raises."""
    match statement:
        case ast.Global() | ast.Nonlocal() | ast.Import() | ast.ImportFrom() | ast.FunctionDef():
            _declare(run, statement, here)
        case ast.Delete(targets=targets) if all(isinstance(t, ast.Name) for t in targets):
            for target in targets:
                assert isinstance(target, ast.Name)
                here.scope.unbind(target.id)
        case ast.Assign(targets=targets, value=value):
            yield from assign(run, statement, targets, value, here)
        case ast.AnnAssign(target=target, value=value):
            if value is not None:
                plain = ast.copy_location(ast.Assign([target], value), statement)
                yield from assign(run, plain, [target], value, here)
        case ast.AugAssign():
            yield from augment(run, statement, here)
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments, keywords=[])):
            yield from _print(run, arguments, here)
        case ast.Expr(value=value) if needs_walk(run, value, here):
            yield from run.evaluate(run, value, here)
        case ast.Expr() | ast.Delete():
            yield from do(run, statement, here)
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
            raise Unfinished(f"`{split_lines(ast.unparse(statement))[0][:60]}` inside a function is not predicted")


def _print(run: Run, arguments: Sequence[ast.expr], here: Activation) -> Work[None]:
    parts = []
    for argument in arguments:
        if isinstance(argument, ast.Starred):
            raise Unfinished("what `*` unpacks is not known")
        cell = yield from run.evaluate(run, argument, here)
        parts.append(printed(cell.text) or cell.text)
    run.printed.append(" ".join(parts) + "\n")


def _while(run: Run, loop: ast.While, here: Activation) -> Work[None]:
    seen = set()
    while True:
        run.note_line(loop.lineno, _last_line(loop), here)
        if (state := state_of(here.scope)) in seen:
            raise Unfinished("limit: a loop without end")
        seen.add(state)
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
