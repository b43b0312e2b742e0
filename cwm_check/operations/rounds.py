"""Loops inside an expression: what gives items in, the items out; a comprehension in, what its rounds give out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping, Sequence

from cwm_check.codecs import value_texts
from cwm_check.codecs.nano_steps import Effect
from cwm_check.operations.items import MOST_ITEMS, as_generator, dictionary_of, shown
from cwm_check.operations.operands import OBJECT_METHODS, OBJECTS, assign, reduced
from cwm_check.operations.state import Asking, Operation, RaisedError, State, UnsupportedError

_Comprehension = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp


def _known_truth(text: str) -> bool:
    known = value_texts.truth_of(text)
    if known is None:
        raise UnsupportedError
    return known


_STOPPING: Mapping[str, Callable[[str], bool]] = {
    "next": lambda _: True,
    "any": _known_truth,
    "all": lambda text: not _known_truth(text),
}
"""Functions that take items as long as none is enough, and what is."""


def items_of(state: State, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
    """Return the `repr` of each item that a loop over `node` meets; what gives them and has no literal is asked."""
    match node:
        case ast.Call() if rounds := as_generator(state, node):
            return list(value_texts.items_of((yield from state.evaluate(rounds))) or ())
        case ast.Call(func=ast.Name(id=name)) if name in OBJECTS and name not in state.values:
            return (yield from _items_of_call(state, (yield from reduced(state, node))))
        case ast.Call(func=ast.Attribute(attr=name)) if name in OBJECT_METHODS:
            return (yield from _items_of_call(state, (yield from reduced(state, node))))
    text = yield from state.evaluate(node)
    items = value_texts.items_of(text)
    return (yield from _asked_items(state, state.temporary(text))) if items is None else list(items)


def _items_of_call(state: State, node: ast.Call) -> Generator[Operation, Effect, list[str]]:
    items = shown(state, node)
    return (yield from _asked_items(state, node)) if items is None else list(items)


def _asked_items(state: State, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
    head = ast.For(ast.Name("_", ast.Store()), node, [ast.Pass()], [])
    effect = yield from state.do(head)
    items = value_texts.items_of(effect.value or "")
    if items is None:
        raise UnsupportedError
    return list(items)


def comprehension(state: State, node: _Comprehension) -> Asking:
    """Return the `repr` of what a comprehension makes; of a generator expression the list of what it gives."""
    made = yield from _all_rounds(state, node)
    match node:
        case ast.DictComp():
            return dictionary_of([(key, value) for key, _, value in (pair.partition("\0") for pair in made)])
        case ast.SetComp():
            items = state.temporary(f"[{', '.join(dict.fromkeys(made))}]")
            return (yield from state.result(ast.Call(ast.Name("set", ast.Load()), [items], [])))
        case _:
            return f"[{', '.join(made)}]"


def stopped(state: State, name: str, node: ast.GeneratorExp, default: Sequence[ast.expr]) -> Asking:
    """Return the `repr` of `next`, `any` or `all` of a generator expression, which goes no further than it has to."""
    other = (yield from state.evaluate(default[0])) if default else None
    made = yield from _all_rounds(state, node, _STOPPING[name])
    if name != "next":
        return str(bool(made and _STOPPING[name](made[-1])) == (name == "any"))
    if not made and other is None:
        raise RaisedError("StopIteration")
    return made[0] if made else str(other)


def _all_rounds(
    state: State, node: _Comprehension, is_enough: Callable[[str], bool] = lambda _: False
) -> Generator[Operation, Effect, list[str]]:
    """What the rounds of a comprehension give, up to the first that is enough; its names are gone after it."""
    kept, bound = dict(state.values), set(state.bound)
    made: list[str] = []
    yield from _rounds(state, node, node.generators, made, is_enough)
    for name in state.bound - bound:
        state.values.pop(name)
        state.values |= {name: kept[name]} if name in kept else {}
    state.bound = bound
    return made


def _rounds(
    state: State,
    node: _Comprehension,
    generators: Sequence[ast.comprehension],
    made: list[str],
    is_enough: Callable[[str], bool],
) -> Generator[Operation, Effect, bool]:
    """The rounds of the first of `generators`, and in each those of the others; whether one was enough."""
    if not generators:
        if isinstance(node, ast.DictComp):
            key = yield from state.evaluate(node.key)
            made.append(f"{key}\0{(yield from state.evaluate(node.value))}")
        else:
            made.append((yield from state.evaluate(node.elt)))
        return is_enough(made[-1])
    first, *others = generators
    if first.is_async:
        raise UnsupportedError
    items = yield from items_of(state, first.iter)
    if len(items) > MOST_ITEMS:
        raise UnsupportedError
    for item in items:
        yield from assign(state, first.target, item)
        for condition in first.ifs:
            if (yield from state.truth_of(condition)) == "False":
                break
        else:
            if (yield from _rounds(state, node, others, made, is_enough)):
                return True
    return False
