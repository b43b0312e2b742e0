"""Statements that never run: what the source proves, and what people write on purpose."""

from __future__ import annotations

import pytest

from cwm_check.changes import FileChange
from cwm_check.extraction.functions import pair_functions
from cwm_check.hazards.unreachable import Unreachable, unreachable


def found(body: str) -> tuple[Unreachable, ...]:
    text = "def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    (function,) = pair_functions(FileChange("m.py", "m.py", None, text)).added
    return unreachable(function)


LOUD = {
    "after a return": ("return 1\nprint(x)", (3, "print(x)", "what begins at line 2 always leaves")),
    "after a raise": ("raise ValueError(x)\nx += 1", (3, "x += 1", "what begins at line 2 always leaves")),
    "after both branches": (
        "if x:\n    return 1\nelse:\n    return 2\nreturn x + 1",
        (6, "return x + 1", "what begins at line 2 always leaves"),
    ),
    "after a loop for ever": (
        "while True:\n    for i in x:\n        break\nreturn x",
        (5, "return x", "what begins at line 2 never ends by itself"),
    ),
    "after a try that always leaves": (
        "try:\n    return int(x)\nexcept ValueError:\n    raise\nprint(x)",
        (6, "print(x)", "what begins at line 2 always leaves"),
    ),
    "behind a continue": (
        "for i in x:\n    continue\n    print(i)",
        (4, "print(i)", "what begins at line 3 always leaves"),
    ),
    "a handler behind a wider one": (
        "try:\n    x()\nexcept Exception:\n    x = 1\nexcept (ValueError, KeyError):\n    x = 2",
        (7, "x = 2", "`except Exception` at line 4 takes ValueError and KeyError first"),
    ),
    "a handler twice": (
        "try:\n    x()\nexcept x.Odd:\n    x = 1\nexcept OSError:\n    x = 2\nexcept OSError:\n    x = 3",
        (9, "x = 3", "`except OSError` at line 6 takes OSError first"),
    ),
    "a branch twice": (
        "if x == 1:\n    x = 2\nelif x == 2:\n    x = 3\nelif x == 1:\n    x = 4",
        (7, "x = 4", "line 2 tests `x == 1` first"),
    ),
}


@pytest.mark.parametrize(("body", "expected"), LOUD.values(), ids=LOUD)
def test_a_statement_that_never_runs_is_told_with_its_reason(body: str, expected: tuple[int, str, str]) -> None:
    assert found(body) == (Unreachable(*expected),)


QUIET = {
    "a branch that goes on": "if x:\n    return 1\nreturn 2",
    "a yield that makes a generator": "return\nyield",
    "a guard": "if x:\n    return 1\nelse:\n    return 2\nraise AssertionError('unreachable')",
    "a guard for checkers": "while True:\n    x += 1\nreturn None",
    "a guard by name": "raise ValueError\nassert_never(x)",
    "a loop with a way out": "while True:\n    if x:\n        break\nreturn x",
    "a loop with a condition": "while x:\n    x -= 1\nreturn x",
    "switched off": "if False:\n    print(x)\nreturn x",
    "a with that may swallow": "with x:\n    return 1\nreturn 2",
    "a handler of something else": "try:\n    x()\nexcept ValueError:\n    x = 1\nexcept Exception:\n    x = 2",
    "a handler of an unknown class": "try:\n    x()\nexcept x.A:\n    x = 1\nexcept x.B:\n    x = 2",
    "one of several is not taken": "try:\n    x()\nexcept OSError:\n    x = 1\nexcept (OSError, KeyError):\n    x = 2",
    "a test that calls": "if x():\n    x = 1\nelif x():\n    x = 2",
    "a test that a call stands before": "if x == 1:\n    x = 1\nelif x.pop():\n    x = 2\nelif x == 1:\n    x = 3",
    "a try that goes on": "try:\n    return int(x)\nexcept ValueError:\n    pass\nreturn 0",
}


@pytest.mark.parametrize("body", QUIET.values(), ids=QUIET)
def test_what_may_run_or_is_meant_is_not_told(body: str) -> None:
    assert found(body) == ()
