"""Random literals by type name: what generated programs are called with and made of. A `Random` in, source text out."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

_WORDS = """
    apple bar cat dog echo foo go hat ink jam key lol map nut oak pie qua red sun tea up van win xyz yes zoo hello
    world Data Test Name item list code Hi Bye mama papa banana abcabc level noon Python file user admin None zero
    one two three alpha beta gamma left right north south 2024 v1 x y z a b c aa bb ab ba aba
"""
_VOCABULARY = tuple(_WORDS.split())
_ALPHABETS = (
    "ab",
    "abc",
    "abcdefgh",
    "ABCabc",
    "abc123",
    string.digits,
    string.ascii_letters,
    "aAbB !?.,-",
    "xyzw ",
    "()[]{}",
    "-_ .",
)
_UNUSUAL = ("é", "ß", "\n", "\t", "'", '"', "\\", "%", "{}", "ÄÖ", "日本", "  ", "\r\n", "#", "@")


def text(random: Random, longest: int = 12) -> str:
    """Return a string: words, separated words, letters of a small alphabet, sometimes something unusual."""
    kind = random.random()
    if kind < 0.22:
        made = random.choice(_VOCABULARY)
    elif kind < 0.40:
        made = " ".join(random.choices(_VOCABULARY, k=random.randint(1, 3 + longest // 6)))
    elif kind < 0.55:
        made = random.choice(",-_|:/ ;.=").join(random.choices(_VOCABULARY, k=random.randint(2, 3 + longest // 6)))
    elif kind < 0.60:
        made = ""
    elif kind < 0.67:
        made = random.choice(_VOCABULARY) + random.choice(_UNUSUAL) + random.choice(_VOCABULARY)
    else:
        made = "".join(random.choices(random.choice(_ALPHABETS), k=random.randint(1, longest)))
    return made[: longest + 6]


def integer(random: Random) -> int:
    """Return an int: mostly small, sometimes negative or of three digits."""
    kind = random.random()
    if kind < 0.45:
        return random.randint(0, 5)
    return random.randint(-10, 20) if kind < 0.8 else random.randint(-100, 1000)


def fraction(random: Random) -> float:
    return random.choice(
        (0.5, 1.5, 2.0, 0.25, -1.0, 3.14, 10.0, 0.1, round(random.uniform(-20, 20), random.randint(1, 2)))
    )


def _size(random: Random, most: int = 6) -> int:
    return random.choice((0, 1, 2, 2, 3, 3, 4, random.randint(0, most), random.randint(0, most * 2)))


def _list(random: Random, item: Callable[[], object]) -> list[object]:
    made = [item() for _ in range(_size(random))]
    return made + made[:1] if made and random.random() < 0.25 else made  # duplicates matter to count, index and remove


def value(random: Random, kind: str) -> object:
    """Return a value of the type called `kind`, a name of `grammar.TYPES`."""

    def word() -> str:
        return text(random, 5)[:7]

    def number() -> int:
        return integer(random)

    makers: dict[str, Callable[[], object]] = {
        "str": lambda: text(random, random.choice((6, 12, 12, 20, 40))),
        "int": number,
        "bool": lambda: random.random() < 0.5,
        "float": lambda: fraction(random),
        "ints": lambda: _list(random, number),
        "strs": lambda: _list(random, word),
        "counts": lambda: {word(): number() for _ in range(_size(random, 4))},
        "names": lambda: {word(): word() for _ in range(_size(random, 4))},
        "table": lambda: {number(): word() for _ in range(_size(random, 4))},
        "intset": lambda: set(_list(random, number)[:4]),
        "tuple": lambda: tuple(_list(random, number)[:4]),
        "pair": lambda: (word(), number()),
        "pairs": lambda: [(word(), number()) for _ in range(_size(random, 4))],
        "matrix": lambda: [[number() for _ in range(random.randint(0, 3))] for _ in range(_size(random, 3))],
        "none": lambda: None,
    }
    return makers[kind]()


def related(random: Random, kind: str, pool: list[object]) -> object:
    """Return a value of `kind` that often holds something of `pool`, so that lookups hit and substrings are found."""
    made = value(random, kind)
    fitting = [item for item in pool if isinstance(item, str if kind in ("str", "strs", "names", "counts") else int)]
    if not fitting or random.random() < 0.45:
        return made
    item = random.choice(fitting)
    match made:
        case str():
            return random.choice(
                (
                    str(item),
                    f"{made[:5]}{item}",
                    f"{item}{made[:5]}",
                    f"{made[:3]}{item}{made[3:6]}{item}",
                    str(item)[:3],
                )
            )
        case bool() | float() | None:
            return made
        case int():
            return item
        case list() if kind in ("ints", "strs"):
            return [*made[:3], item, *made[3:5]]
        case dict():
            return {**made, item: next(iter(made.values()), 1 if kind == "counts" else "a")}
        case set():
            return made | {item}
        case _:
            return made


def parts(made: object) -> list[object]:
    """Return the strings and numbers inside a value, the pool for what is related to it."""
    match made:
        case bool() | float() | None:
            return []
        case str():
            return [made, made[:1], made[-2:], made[1:3]] if made else []
        case int():
            return [made]
        case dict() | list() | tuple() | set():
            return [part for item in list(made)[:4] for part in parts(item)[:1]]
        case _:
            return []
