"""Literal calls: what is found, what is left alone, and what a signature accepts."""

from __future__ import annotations

import pytest

from cwm_check.probing.calls import bind, literal_calls
from cwm_check.probing.repository import find_calls
from cwm_check.simulations import Argument
from tests.examples import parameters

TEXTS = {
    "plain": ("total(1, 2)", ["total(1, 2)"]),
    "method": ("cart.total([1, 2], discount=6)", ["total([1, 2], discount=6)"]),
    "doctest": (">>> total({'a': 1})\n3", ["total({'a': 1})"]),
    "parenthesis in a text": ("total(')', 1)", ["total(')', 1)"]),
    "several lines": ("total(\n    1,\n    2,\n)", ["total(1, 2)"]),
    "constructor": ("total(set([1]), -1)", ["total(set([1]), -1)"]),
    "inside another": ("print(total(1))", ["total(1)"]),
    "definition": ("def total(a=1): pass", []),
    "a name": ("total(x)", []),
    "unpacked": ("total(*[1])", []),
    "keywords unpacked": ("total(**{'a': 1})", []),
    "foreign constructor": ("total(Path('a'))", []),
    "longer name": ("subtotal(1)", []),
    "never closed": ("total(1", []),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_literal_calls(text: str, expected: list[str]) -> None:
    assert expected == list(literal_calls(text, "total"))


def test_calls_of_tests_come_first_then_short_ones() -> None:
    texts = [("src/a.py", "f(1)\ng(1)"), ("tests/test_a.py", "f(22)\nf([3, 4])\nf(22)")]
    assert find_calls(texts, ["f", "g", "h"]) == {"f": ("f(22)", "f([3, 4])", "f(1)"), "g": ("g(1)",)}


def test_at_most_twenty_calls_are_kept() -> None:
    text = "\n".join(f"f({n})" for n in range(10, 50))
    assert {"f": tuple(f"f({n})" for n in range(10, 30))} == find_calls([("a.py", text)], ["f"])


BOUND = {
    "positional": ("f(1)", "a, b=2", (Argument("a", "1"),)),
    "by name": ("f(1, b=3)", "a, b=2", (Argument("a", "1"), Argument("b", "3", keyword=True))),
    "star arguments": ("f(1, 2, 3)", "a, *b", (Argument("a", "1"), Argument("b", "2"), Argument("b", "3"))),
    "star keywords": ("f(x=1)", "**options", (Argument("x", "1", keyword=True),)),
    "missing": ("f()", "a", None),
    "too many": ("f(1, 2)", "a", None),
    "unknown name": ("f(1, c=1)", "a", None),
    "twice": ("f(1, a=1)", "a", None),
    "keyword-only by position": ("f(1)", "*, a", None),
    "positional-only by name": ("f(a=1)", "a, /", None),
}


@pytest.mark.parametrize(("call", "signature", "expected"), BOUND.values(), ids=BOUND)
def test_bind(call: str, signature: str, expected: tuple[Argument, ...] | None) -> None:
    assert expected == bind(call, parameters(signature))
