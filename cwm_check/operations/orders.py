"""Keys of items in, their order out: `sorted`, `max` and `min` as the comparisons that they are made of.

Items that have one text are one item, and are not compared; sequences are compared where they first differ. So only
numbers and characters are asked, two at a time. An item is inserted by halving, in the order of the items.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cwm_check.codecs.nano_steps import Effect
from cwm_check.codecs.value_texts import items_of, value_of
from cwm_check.operations.items import MOST_ITEMS, shown, text_of
from cwm_check.operations.state import Asking, Operation, State

_SEQUENCES = (list, tuple, str)
_MADE = ("sorted", "max", "min")


@dataclass(frozen=True, slots=True)
class Ordering:
    """A call that orders items which texts show."""

    function: str
    """`sorted`, `max`, `min`, or `sort`, which changes the local `place`."""
    items: tuple[str, ...]
    key: ast.expr | None = None
    is_reversed: bool = False
    place: str = ""


def ordering_of(state: State, node: ast.Call) -> Ordering | None:
    """Return what a call orders; None if it does not, or if no texts show what."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[source]) if name in _MADE and name not in state.values:
            place, items = "", shown(state, source)
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=sources) if name not in state.values:
            place, items = "", _texts_of(state, sources)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=place), attr="sort" as name), args=[]):
            items = items_of(state.values.get(place, "")) if state.values.get(place, "").startswith("[") else None
        case _:
            return None
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    key = options.pop("key", None)
    if name in ("max", "min"):
        options.pop("default", None)  # there are items, or the call is asked as it is
    reverse = value_of(text_of(state, options.pop("reverse", ast.Constant(False))) or "")
    if not items or len(items) > MOST_ITEMS or options or reverse is None:
        return None
    return Ordering(name, items, None if isinstance(key, ast.Constant) else key, bool(reverse[0]), place)


def _texts_of(state: State, nodes: Iterable[ast.expr]) -> tuple[str, ...] | None:
    texts = [text_of(state, node) for node in nodes]
    known = tuple(text for text in texts if text is not None)
    return known if len(known) == len(texts) else None


def are_comparable(keys: Iterable[str]) -> bool:
    """Return whether keys are all numbers, all strings, or sequences of these that are alike item for item."""
    values = [value_of(key) for key in keys]
    return all(value is not None for value in values) and _are_alike([value[0] for value in values if value])


def _are_alike(values: Sequence[Any]) -> bool:
    kinds = {"number" if type(value) in (int, float) else type(value).__name__ for value in values}
    if kinds <= {"list"} or kinds <= {"tuple"}:
        longest = max(map(len, values), default=0)
        return all(_are_alike([value[at] for value in values if at < len(value)]) for at in range(longest))
    return kinds in ({"number"}, {"str"})


def in_order(state: State, keys: Sequence[str], *, is_reversed: bool) -> Generator[Operation, Effect, list[int]]:
    """Return the places of `keys` in their order; equal ones stay in theirs."""
    order: list[str] = []
    for key in dict.fromkeys(keys):
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if (yield from compared(state, key, ast.Lt(), order[middle])) == "True":
                high = middle
            else:
                low = middle + 1
        order.insert(low, key)
    ranks = {key: rank for rank, key in enumerate(reversed(order) if is_reversed else order)}
    return sorted(range(len(keys)), key=lambda place: ranks[keys[place]])


def most(state: State, keys: Sequence[str], operator: ast.cmpop) -> Generator[Operation, Effect, int]:
    """Return the first place of the greatest key (`>`), or the least (`<`)."""
    best, *others = dict.fromkeys(keys)
    for key in others:
        if (yield from compared(state, key, operator, best)) == "True":
            best = key
    return keys.index(best)


def compared(state: State, left: str, operator: ast.cmpop, right: str) -> Asking:
    """Return `True` or `False` for an order of two values: that of the first items in which sequences differ."""
    first, second = value_of(left), value_of(right)
    are_single = all(isinstance(value, str) and len(value) == 1 for (value,) in filter(None, (first, second)))
    if first and second and type(first[0]) is type(second[0]) and isinstance(first[0], _SEQUENCES) and not are_single:
        for one, other in zip(first[0], second[0], strict=False):
            if one != other:
                return (yield from compared(state, repr(one), operator, repr(other)))
        sizes = len(first[0]), len(second[0])
        is_so = {ast.Lt: sizes[0] < sizes[1], ast.LtE: sizes[0] <= sizes[1], ast.Gt: sizes[0] > sizes[1]}
        return str(is_so.get(type(operator), sizes[0] >= sizes[1]))
    return (yield from state.result(ast.Compare(state.temporary(left), [operator], [state.temporary(right)])))
