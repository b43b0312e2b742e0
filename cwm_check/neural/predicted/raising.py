"""`raise`, `try` and `with` of a predicted run: who takes an exception, and what runs on the way out."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import printed, truth_of
from cwm_check.neural.predicted.assignments import store
from cwm_check.neural.predicted.calls import call_function, find_method
from cwm_check.neural.predicted.exceptions import ancestors
from cwm_check.neural.predicted.memory import Cell, Closure
from cwm_check.neural.predicted.state import SIGNALS, Activation, Raised, Run, Unfinished, Work


def run_raise(run: Run, statement: ast.Raise, here: Activation) -> Work[None]:
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
                texts.append((yield from run.evaluate(run, argument, here)).text)
            message = (printed(texts[0]) or texts[0]) if len(texts) == 1 else ", ".join(texts)
            shown = message if len(texts) < 2 else f"({message})"
            raise Raised(ast.unparse(function), shown, explicit=True)
    raise Unfinished(f"`{ast.unparse(statement)[:60]}` is not predicted")


def _message(text: str) -> str:
    inside = text.partition("(")[2].removesuffix(")")
    return printed(inside) or inside


def run_try(run: Run, statement: ast.Try, here: Activation) -> Work[None]:
    try:
        try:
            yield from run.execute(run, statement.body, here)
        except Raised as raised:
            yield from _handle(run, statement, raised, here)
        else:
            yield from run.execute(run, statement.orelse, here)
    except SIGNALS:
        yield from run.execute(run, statement.finalbody, here)
        raise
    yield from run.execute(run, statement.finalbody, here)


def _handle(run: Run, statement: ast.Try, raised: Raised, here: Activation) -> Work[None]:
    run.note_raised(raised, here)
    family = ancestors(raised.name, run.classes)
    for handler in statement.handlers:
        run.note_line(handler.lineno, handler.lineno, here)
        if not _takes(handler, family):
            continue
        if handler.name:
            here.scope.bind(handler.name, raised.cell or Cell(raised.text))
        before = here.handling
        here.handling = raised
        try:
            yield from run.execute(run, handler.body, here)
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


def run_with(run: Run, managers: Sequence[ast.withitem], body: Sequence[ast.stmt], here: Activation) -> Work[None]:
    if not managers:
        yield from run.execute(run, body, here)
        return
    match managers[0].context_expr:
        case ast.Call(func=function, args=arguments) if ast.unparse(function).rpartition(".")[2] == "suppress":
            try:
                yield from run_with(run, managers[1:], body, here)
            except Raised as raised:
                family = ancestors(raised.name, run.classes)
                if not {ast.unparse(kind).rpartition(".")[2] for kind in arguments} & family:
                    raise
        case _:
            yield from _own_manager(run, managers, body, here)


def _own_manager(run: Run, managers: Sequence[ast.withitem], body: Sequence[ast.stmt], here: Activation) -> Work[None]:
    """A context manager of the module: its own methods run before and after the body."""
    manager = yield from run.evaluate(run, managers[0].context_expr, here)
    enter, leave = (
        find_method(run, manager.owner, name) if manager.owner is not None and manager.fields is not None else None
        for name in ("__enter__", "__exit__")
    )
    if not isinstance(enter, ast.FunctionDef) or not isinstance(leave, ast.FunctionDef):
        raise Unfinished(f"the context manager `{ast.unparse(managers[0].context_expr)[:60]}` is not known")
    entered = yield from call_function(run, Closure(enter, run.module, manager), [], {}, here.depth + 1)
    if managers[0].optional_vars is not None:
        yield from store(run, managers[0].optional_vars, entered, here)
    leaving = Closure(leave, run.module, manager)
    nothing = [Cell("None")] * 3
    try:
        yield from run_with(run, managers[1:], body, here)
    except Raised as raised:
        told = [Cell(f"<class '{raised.name}'>"), Cell(raised.text), Cell("<traceback object>")]
        taken = yield from call_function(run, leaving, told, {}, here.depth + 1)
        if not truth_of(taken.text):
            raise
        return
    except SIGNALS:
        yield from call_function(run, leaving, nothing, {}, here.depth + 1)
        raise
    yield from call_function(run, leaving, nothing, {}, here.depth + 1)
