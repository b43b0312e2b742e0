"""A call in, its operations out: the call itself, or what it is made of, where that is known."""

from __future__ import annotations

import ast
from collections.abc import Generator, Sequence

from cwm_check.codecs import value_texts
from cwm_check.codecs.nano_steps import Effect
from cwm_check.operations.items import as_generator, displayed, is_outside, terms_of
from cwm_check.operations.operands import CHANGING_FUNCTIONS, reduced
from cwm_check.operations.orders import Ordering, are_comparable, in_order, most, ordering_of
from cwm_check.operations.rounds import stopped
from cwm_check.operations.state import MUTATING, Asking, Operation, State, UnsupportedError


def call(state: State, node: ast.Call, *, is_discarded: bool = False) -> Asking:
    """Return the `repr` of what a call returns, or `None` as text if nobody uses it."""
    match node:
        case ast.Call(
            func=ast.Name(id="next" | "any" | "all" as taker),
            args=[ast.GeneratorExp() as rounds, *default],
            keywords=[],
        ) if taker not in state.values:
            return (yield from stopped(state, taker, rounds, default))
    asked = yield from reduced(state, node)
    if (made := displayed(state, asked)) is not None:
        return made
    match asked:
        case ast.Call(func=ast.Name(id="divmod"), args=[left, right], keywords=[]) if "divmod" not in state.values:
            quotient = yield from state.evaluate(ast.BinOp(left, ast.FloorDiv(), right))
            return f"({quotient}, {(yield from state.evaluate(ast.BinOp(left, ast.Mod(), right)))})"
    if (terms := terms_of(state, asked)) is not None:
        return (yield from _sum(state, terms))
    if (ordering := ordering_of(state, asked)) and (made := (yield from _ordered(state, ordering))) is not None:
        return made
    match asked.func:
        case ast.Attribute(value=receiver, attr=name):
            is_changing = name in MUTATING and not is_outside(state, receiver)
        case ast.Name(id=name):
            is_changing = name in CHANGING_FUNCTIONS
        case _:
            raise UnsupportedError
    if is_changing and is_discarded:
        yield from state.do(ast.Expr(asked))
        return "None"
    return (yield from (state.changing(asked) if is_changing else state.result(asked)))


def _sum(state: State, terms: Sequence[str]) -> Asking:
    total = terms[0] if terms else "0"
    for term in terms[1:]:
        total = yield from state.result(ast.BinOp(state.temporary(total), ast.Add(), state.temporary(term)))
    return total


def _ordered(state: State, ordering: Ordering) -> Generator[Operation, Effect, str | None]:
    """What an ordering gives, as text; None if its items have no keys that can be compared one by one."""
    items, keys = ordering.items, ordering.items
    if ordering.key is not None:
        source = state.temporary(f"[{', '.join(items)}]")
        rounds = as_generator(state, ast.Call(ast.Name("map", ast.Load()), [ordering.key, source], []))
        if rounds is None:
            return None
        keys = value_texts.items_of((yield from state.evaluate(rounds))) or ()
    if len(keys) != len(items) or not are_comparable(keys):
        return None
    if ordering.function in ("max", "min"):
        return items[(yield from most(state, keys, ast.Gt() if ordering.function == "max" else ast.Lt()))]
    order = yield from in_order(state, keys, is_reversed=ordering.is_reversed)
    made = f"[{', '.join(items[place] for place in order)}]"
    if not ordering.place:
        return made
    state.values[ordering.place] = made
    return "None"
