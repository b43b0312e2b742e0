"""Single operations on random values, drawn directly: the frequent ones of Python as often as programs meet them.

Programs and drills cover the language; what they seldom give is many different values for the few operations of which
most code is made: an index, a slice, `len`, `append`, `in`, `==`, `join`. A `Random` in, a statement with values out.
Arguments are taken from the value they are for, so that indexes hit, parts are found and keys are there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from random import Random

from cwm_check.training import single_containers, single_values
from cwm_check.training.operands import Single
from cwm_check.training.steps import Example, examples_of


def examples(random: Random) -> Iterator[Example]:
    """Yield examples of single operations, without end."""
    while True:
        yield from examples_of(*one(random))


def one(random: Random) -> tuple[ast.stmt, dict[str, str]]:
    """Return a statement that is one operation, and the `repr` of each of its locals."""
    (maker,) = random.choices(list(_MAKERS), list(_MAKERS.values()))
    statement, values = maker(random)
    return ast.parse(statement).body[0], {name: repr(value) for name, value in values.items()}


_MAKERS: dict[Callable[[Random], Single], int] = {
    single_containers.subscripted: 24,
    single_containers.found_by_key: 11,
    single_containers.looked_up: 11,
    single_containers.cut: 12,
    single_containers.appended: 10,
    single_containers.list_changed: 22,
    single_containers.ordered: 36,
    single_containers.changed_set: 24,
    single_containers.dict_changed: 28,
    single_values.added: 13,
    single_containers.counted: 6,
    single_containers.contained: 10,
    single_values.compared: 26,
    single_values.calculated: 90,
    single_values.calculated_by_digits: 40,
    single_values.joined: 11,
    single_values.converted: 10,
    single_values.reduced: 10,
    single_values.substituted: 12,
    single_values.string_asked: 20,
    single_values.searched: 48,
    single_values.padded: 24,
    single_containers.item_searched: 30,
    single_values.kind_told: 5,
    single_containers.list_asked: 3,
    single_values.formatted: 12,
    single_values.formatted_alone: 10,
}
"""How often each is drawn, by judgement of what Python code is made of."""
