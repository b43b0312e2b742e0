"""Which changed statements ran, and which conditions decide whether they do."""

from __future__ import annotations

import pytest

from cwm_check.pairs import ChangedFunction, FunctionSource
from cwm_check.search.coverage import guard_lines, share_reached

SOURCE = '''\
def f(x):
    """Text."""
    if not x:
        return 0
    for item in x:
        if item == 1:
            continue
        print(item)
    try:
        y = g(
            x,
        )
    except KeyError:
        y = 2
    return y
'''
GUARDS = {
    "the first condition": (SOURCE, 4, {1, 3}),
    "a loop with a guard": (SOURCE, 8, {1, 3, 4, 5, 6, 7}),
    "the head": (SOURCE, 1, {1}),
    "no line": (SOURCE, 99, set()),
    "behind a return": ("def f(x):\n    if x:\n        return 1\n    x()\n    return 2\n", 5, {1, 2, 3}),
    "a handler": ("def f(x):\n    try:\n        g()\n    except E:\n        x()\n", 5, {1, 2, 3}),
    "what a handler waits for": ("def f(x):\n    try:\n        g()\n    except E:\n        x()\n", 4, {1, 2, 3}),
    "the body of a try": ("def f(x):\n    try:\n        g()\n    except E:\n        x()\n", 3, {1, 2}),
    "other functions before it": (
        "def g(x):\n    return 1\nclass C:\n    def h(self):\n        return 2\ndef f(x):\n    return x\n",
        7,
        {6},
    ),
    "a function inside it": (
        "def f(x):\n    def g():\n        return 1\n    y = [0 for _ in x]\n    return y\n",
        5,
        {1},
    ),
    "no text of Python": ("def f(:", 1, set()),
}


def function(changed: tuple[int, ...]) -> ChangedFunction:
    """The function above, with these lines changed in both versions."""
    source = FunctionSource("f", SOURCE, 1, 1, 15, "function", None, ())
    return ChangedFunction("m.py", "m.py", "f", source, source, SOURCE, SOURCE, changed, changed)


@pytest.mark.parametrize(
    ("changed", "covered", "share"),
    [
        ((4,), {3, 4}, 1.0),
        ((4,), {3, 5}, 0.0),
        ((4, 8), {3, 4}, 0.5),
        ((10, 11, 12), {10}, 1.0),
        ((11,), {10}, 1.0),
        ((1,), {3}, None),
        ((2,), {3}, None),
        ((), {3}, None),
        ((13,), {10}, 0.0),
        ((13,), {10, 13}, 1.0),
    ],
    ids=[
        *("ran", "did not run", "half", "one statement", "inside a statement", "head", "docstring", "nothing changed"),
        *("a clause that waits", "a clause that was met"),
    ],
)
def test_the_share_counts_statements(changed: tuple[int, ...], covered: set[int], share: float | None) -> None:
    assert share_reached(function(changed), covered, covered) == share


def test_both_versions_count() -> None:
    assert share_reached(function((4,)), {4}, set()) == 0.5


@pytest.mark.parametrize(("source", "line", "guards"), GUARDS.values(), ids=GUARDS)
def test_guards_are_what_decides(source: str, line: int, guards: set[int]) -> None:
    assert guard_lines(source, {line}) == guards
