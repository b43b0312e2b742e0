"""Of the calls that people wrote those that differ most, and calls near them: with an option apart from its default, or
with parts that all differ.

Arguments of real calls in, arguments out. `(0, 0, 128)` and `'#fff'` hide which part is used where: `(0, 1, 126)` and
`'#abc'` show it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count, zip_longest

from cwm_check.literals import literal, parse_expression
from cwm_check.pairs import ChangedFunction, Parameter
from cwm_check.probing.calls import bind, literal_calls
from cwm_check.simulations import Argument

Arguments = tuple[Argument, ...]
Written = tuple[Arguments, str]
"""The arguments of a call that people wrote, and where it stands."""

FIRST = 10  # calls that people wrote which come before those that are made up; the other ones come after them
DOCTESTS = 4
FEW = 6  # values of a parameter that are tried in turns

_LETTERS = "abcdef"  # of a number written with letters, too
_RUN = re.compile(r"([A-Za-z])\1\1")


def real_calls(
    function: ChangedFunction, parameters: Sequence[Parameter], calls: Sequence[str], most: int
) -> tuple[list[Written], list[Written]]:
    """Return at most `most` calls that people wrote, in the repository and in the function's own doctests.

    First those that are tried before others, in an order in which they differ most; then the rest.
    """
    name = function.before.qualname.rpartition(".")[2]
    shown = [call for version in (function.before, function.after) for call in literal_calls(version.source, name)]
    found, doctests = (
        spread([a for call in dict.fromkeys(texts) if (a := bind(call, parameters))]) for texts in (calls, shown)
    )
    real = [(arguments, "call site") for arguments in found]
    first = [*real[:FIRST], *((arguments, "doctest") for arguments in doctests[:DOCTESTS])]
    return first, real[FIRST:most]


def spread(calls: Sequence[Arguments]) -> list[Arguments]:
    """Return the calls in another order: in turns those that differ in a parameter that takes few values.

    Of those that agree in these the first, the last, one from the middle, and so on.
    """
    values: dict[str, set[str | None]] = {}
    for argument in chain.from_iterable(calls):
        values.setdefault(argument.name, set()).add(argument.value)
    groups: dict[tuple[Argument, ...], list[Arguments]] = {}
    for arguments in calls:
        groups.setdefault(tuple(a for a in arguments if len(values[a.name]) <= FEW), []).append(arguments)
    turns = zip_longest(*([group[i] for i in ends_first(len(group))] for group in groups.values()))
    return [arguments for turn in turns for arguments in turn if arguments is not None]


def ends_first(count: int) -> list[int]:
    """Return `range(count)` as 0, the last, the middle, the middles of what is left, ..."""
    places = dict.fromkeys([0, count - 1][:count])
    parts = 2
    while len(places) < count:
        places |= dict.fromkeys(part * (count - 1) // parts for part in range(1, parts))
        parts *= 2
    return list(places)


def with_options(arguments: Arguments, options: Mapping[str, str | None], free: Collection[str]) -> Iterator[Arguments]:
    """Yield the call with each of the `options` that it leaves out, of those that are `free` to go by name."""
    given = {argument.name for argument in arguments}
    for name, value in options.items():
        if name in free and name not in given:
            yield (*arguments, Argument(name, value, keyword=True))


def varied(arguments: Arguments) -> Iterator[Arguments]:
    """Yield the call with texts of all different digits, and numbers that all differ, if it has other ones."""
    values = [argument.value if argument.value is None else _apart(argument.value) for argument in arguments]
    made = tuple(replace(a, value=v) for a, v in zip(arguments, values, strict=True))
    if made != arguments:
        yield made


def _apart(text: str) -> str:
    tree = parse_expression(text)
    if tree is None:
        return text
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [node.value for node in constants if type(node.value) is int]
    if len(numbers) > len(set(numbers)):
        _numbers_apart([node for node in constants if type(node.value) is int])
    for node in constants:
        if isinstance(node.value, str):
            node.value = _text_apart(node.value)
    return literal(ast.unparse(tree)) or text


def _numbers_apart(nodes: Sequence[ast.Constant]) -> None:
    for step, node in enumerate(nodes):
        assert isinstance(node.value, int)
        node.value += step if node.value == 0 else -step


def _text_apart(text: str) -> str:
    number = count()
    if any(digit.isdecimal() for digit in text):
        return re.sub(r"[0-9]", lambda _: str(next(number) % 9 + 1), text)
    return re.sub(r"[A-Za-z]", lambda _: _LETTERS[next(number) % len(_LETTERS)], text) if _RUN.search(text) else text
