"""Values on both sides of a test: numbers around a limit, lengths, texts with a part that is looked for.

What the code does with a name in, literal texts out, in the order of the tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from cwm_check.probing.clues import Clue
from cwm_check.probing.patterns import example

LONGEST = 20
LETTERS = "abcdefghijklmnopqrst"
"""Texts made of these are different, and each begins with the one before: so do paths, prefixes and their roots."""


def evaluated(value: str) -> object:
    """Return what a literal is."""
    return set() if value == "set()" else frozenset() if value == "frozenset()" else ast.literal_eval(value)


def around(clue: Clue, kinds: Sequence[str]) -> Iterator[str]:
    """Yield values on both sides of one test of a name that is of `kinds`, the likeliest first."""
    if clue.kind == "compare":
        yield from _neighbours(clue.detail, clue.by)
    elif clue.kind == "length" and clue.detail.lstrip("-").isdigit():
        for length in range(max(int(clue.detail) - 1, 0), min(int(clue.detail) + 2, LONGEST)):
            yield repr(LETTERS[:length]) if kinds[:1] == ["str"] else repr(list(range(length, 0, -1)))
    elif clue.kind == "pattern":
        matching = example(str(ast.literal_eval(clue.detail)))
        yield from (repr(matching), repr(f"{matching} x"))
    elif clue.kind in {"argument", "contains", "item", "key"}:
        yield from _holding(clue, kinds)


def _neighbours(value: str, sign: str) -> Iterator[str]:
    plain = evaluated(value)
    yield value
    match plain:
        case bool():
            yield repr(not plain)
        case int():
            yield from (repr(plain + 1), repr(plain - 1))
        case float():
            yield from (repr(plain + 0.5), repr(plain - 0.5))
        case str() if sign not in {"In", "NotIn"}:
            yield from (repr(plain + "x"), "''", repr(plain.swapcase()))


def _holding(clue: Clue, kinds: Sequence[str]) -> Iterator[str]:
    """Yield texts and containers with the literal that the code looks for."""
    plain = evaluated(clue.detail)
    if clue.kind == "item" and clue.by.lstrip("-").isdigit() and isinstance(plain, str):
        yield repr("ab" + plain) if clue.by.startswith("-") else repr(plain + "ab")
    elif isinstance(plain, str | bytes) and (clue.kind == "argument" or kinds[:1] == ["str"]):
        yield from map(repr, _texts_with(plain, clue.by))
    elif clue.kind == "contains":
        yield f"[{clue.detail}]"


def _texts_with(part: str | bytes, method: str) -> list[str | bytes]:
    if isinstance(part, bytes):
        return [text.encode("latin-1") for text in _texts_with(part.decode("latin-1"), method) if isinstance(text, str)]
    match method:
        case "split" | "rsplit" | "partition" | "rpartition":
            return [f"a{part}b", f"{part}a{part}{part}b{part}", "ab"]
        case "startswith" | "removeprefix":
            return [f"{part}abc", part, f"abc{part}"]
        case "endswith" | "removesuffix":
            return [f"abc{part}", part, f"{part}abc"]
        case "strip" | "lstrip" | "rstrip":
            return [f"{part[:1]}ab{part[-1:]}", f"ab{part[:1] * 2}"]
        case "replace" | "find" | "rfind" | "index" | "count" | "Reverse" | "ReverseIn" | "ReverseNotIn":
            return [f"a{part}b{part}", "ab"]
    return []
