"""Operands of single operations: random values, and others that go with them. A `Random` in, values out.

An index is mostly one that is there, a part is mostly found, a key is mostly known.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Any

from cwm_check.training.values import integer, text

Single = tuple[str, dict[str, Any]]
"""A statement that is one operation, and the values of its locals."""
_CHARACTERS = (string.ascii_lowercase, string.ascii_letters, string.ascii_letters + string.digits + " .,-_#!?")


def some_string(random: Random) -> str:
    """A string of at most 70 characters, most of them short; words, or any characters."""
    longest = random.choice((3, 6, 6, 10, 10, 16, 16, 24, 32, 48, 70))
    if random.random() < 0.5:
        return text(random, longest)[:longest]
    return "".join(random.choices(random.choice(_CHARACTERS), k=random.randint(1, longest)))


def some_size(random: Random) -> int:
    return random.choice((0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, random.randint(0, 20)))


def some_word(random: Random) -> str:
    return text(random, 5)[:7] if random.random() < 0.6 else random.choice(string.ascii_letters + string.digits + " ")


def item_maker(random: Random) -> Callable[[], Any]:
    """What makes the items of one container."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: integer(random),
        lambda: integer(random),
        lambda: random.randint(0, 9),
        lambda: some_word(random),
        lambda: some_word(random),
        lambda: random.choice(string.ascii_letters),
        lambda: random.choice("abc"),
        lambda: random.choice((integer(random), some_word(random), True, None)),
        lambda: [random.randint(0, 9) for _ in range(random.randint(0, 3))],
        lambda: (some_word(random), random.randint(0, 9)),
        lambda: round(random.uniform(-9, 9), 1),
    )
    return random.choice(makers)


def some_items(random: Random) -> list[Any]:
    make = item_maker(random)
    return [make() for _ in range(some_size(random))]


def some_comparable(random: Random) -> list[Any]:
    make = random.choice(
        (lambda: integer(random), lambda: some_word(random), lambda: random.choice(string.ascii_letters))
    )
    return [make() for _ in range(some_size(random))]


def some_dict(random: Random) -> dict[Any, Any]:
    keys = [some_word(random) if random.random() < 0.5 else random.choice(string.ascii_lowercase) for _ in range(12)]
    if random.random() < 0.3:
        keys = [integer(random) for _ in range(12)]  # type: ignore[misc]
    make = item_maker(random)
    return {key: make() for key in keys[: random.choice((0, 1, 2, 3, 4, 5, 6, random.randint(6, 12)))]}


def some_counts(random: Random) -> dict[Any, int]:
    return {key: random.randint(0, 9) for key in some_dict(random)}


def some_sequence(random: Random) -> Any:
    made = some_string(random) if random.random() < 0.55 else some_items(random)
    return tuple(made) if isinstance(made, list) and random.random() < 0.1 else made


def index_in(random: Random, length: int) -> int:
    """Mostly one that is there."""
    if not length or random.random() < 0.05:
        return random.randint(-length - 2, length + 2)
    return random.randrange(length) if random.random() < 0.75 else random.randint(-min(length, 4), -1)


def part_of(random: Random, whole: str) -> str:
    """A string that is mostly found in `whole`."""
    kind = random.random()
    if not whole or kind < 0.2:
        return some_word(random)
    if kind < 0.6:
        return random.choice(whole)
    start = random.randrange(len(whole))
    return whole[start : start + random.randint(1, 4)]


def member_of(random: Random, container: Any, share: float = 0.7) -> Any:
    """An item or key of `container`, or another."""
    return random.choice(list(container)) if container and random.random() < share else item_maker(random)()


def key_of(random: Random, known: dict[Any, Any], share: float = 0.75) -> Any:
    if known and random.random() < share:
        return random.choice(list(known))
    return integer(random) if known and isinstance(next(iter(known)), int) else some_word(random)
