"""A statement and the values it reads in, the single operations it is made of out, in the order of their evaluation.

`sep.join(w.upper() for w in ws)` is asked as `ws[0].upper()`, `ws[1].upper()`, ... and one `join`: each question has
one operator, call or subscript, over values. `sum` is its additions, `xs[i] += 1` an item, a sum and an assignment.
What follows from the texts of values alone is not asked: the truth of a literal, displays, unpacking, the items of a
list (as `list(s)`, `d.items()`, `enumerate` and `zip` give them, too), which operand of `and` is evaluated. A lambda,
or what is not known here, stays in its operation as written. Nothing is executed. Two locals that are one object are
not known to be one.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Mapping

from cwm_check.codecs.nano_steps import Effect, step_head
from cwm_check.operations.arithmetic import taken_apart
from cwm_check.operations.calls import call
from cwm_check.operations.items import text_of
from cwm_check.operations.operands import assign, operand_of, place_of
from cwm_check.operations.rounds import items_of
from cwm_check.operations.state import Operation, RaisedError, State, UnsupportedError
from cwm_check.operations.values import evaluate

_SUSPENDING = (ast.Await, ast.Yield, ast.YieldFrom)


def operations(statement: ast.stmt, values: Mapping[str, str]) -> Generator[Operation, Effect, Effect | None]:
    """Yield the operations of `statement`, wait for the effect of each, and return that of the whole.

    Compound statements are asked by their head, as in `nano_steps.step_head`: a truth value, or the list of items. What
    cannot be taken apart (a starred argument, an attribute that is set) is one operation as it stands. Returns None for
    what cannot be asked: `yield`, `await`, a bare `raise`.
    """
    state = State(values, evaluate)
    try:
        value = yield from _perform(state, statement)
    except RaisedError as error:
        return Effect(raised=str(error))
    except UnsupportedError:
        is_bare = isinstance(statement, ast.Raise) and statement.exc is None
        is_suspending = any(isinstance(node, _SUSPENDING) for node in ast.walk(statement))
        if is_bare or is_suspending or step_head(statement) is None:
            return None
        return (yield Operation(statement, values))
    return Effect(value=value) if value is not None else Effect(tuple(state.changed()))


def _perform(state: State, node: ast.stmt) -> Generator[Operation, Effect, str | None]:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return (yield from state.truth_of(test))
        case ast.Assert(test=test):
            if (yield from state.truth_of(test)) == "False":
                raise RaisedError("AssertionError")
            return "True"
        case ast.For(iter=iterable):
            return f"[{', '.join((yield from items_of(state, iterable)))}]"
        case ast.Return(value=ast.expr() as value):
            return (yield from state.evaluate(value))
        case ast.Raise(exc=ast.expr() as error):
            yield from _raise(state, error)
        case ast.Assign(targets=targets, value=value):
            text = yield from state.evaluate(value)
            for target in targets:
                yield from assign(state, target, text)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield from assign(state, target, (yield from state.evaluate(value)))
        case ast.AugAssign(target=target, op=operator, value=value):
            yield from _augment(state, target, operator, value)
        case ast.Expr(value=ast.Call() as called):
            yield from call(state, called, is_discarded=True)
        case ast.Expr(value=value):
            yield from state.evaluate(value)
        case ast.Delete(targets=targets):
            for target in targets:
                yield from _delete(state, target)
        case _:
            raise UnsupportedError
    return None


def _augment(
    state: State, target: ast.expr, operator: ast.operator, value: ast.expr
) -> Generator[Operation, Effect, None]:
    """An item is taken, changed, and put back: three operations."""
    place = yield from place_of(state, target)
    match place:
        case ast.Name(id=name):
            operand = yield from operand_of(state, value)
            smaller = taken_apart(state, state.values.get(name, ""), operator, text_of(state, operand) or "")
            if smaller is not None:
                state.values[name] = yield from smaller
            else:
                yield from state.do(ast.AugAssign(place, operator, operand))
            state.bound.add(name)
        case ast.Subscript(value=whole, slice=index):
            item = state.temporary((yield from state.evaluate(ast.Subscript(whole, index, ast.Load()))))
            yield from _augment(state, item, operator, value)
            yield from state.do(ast.Assign([place], item))


def _raise(state: State, error: ast.expr) -> Generator[Operation, Effect, None]:
    match error:
        case ast.Name(id=name) if name in state.values:
            raise RaisedError(state.values[name].partition("(")[0])
        case ast.Call(func=ast.Name(id=name), args=arguments):
            for argument in arguments:
                yield from state.evaluate(argument)
            raise RaisedError(name)
        case ast.Name(id=name):
            raise RaisedError(name)
    raise UnsupportedError


def _delete(state: State, target: ast.expr) -> Generator[Operation, Effect, None]:
    match target:
        case ast.Name(id=name):
            state.values.pop(name, None)
        case ast.Subscript():
            place = yield from place_of(state, target)
            yield from state.do(ast.Delete([place]))
        case _:
            raise UnsupportedError
