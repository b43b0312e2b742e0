"""Findings told step by step: real changes, whole accounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from simulations import simulated

from cwm_check.commands.cli import main
from cwm_check.compare import compare
from cwm_check.debugging.account import account
from cwm_check.sandbox.component import Sandbox
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding
from cwm_check.vocabulary import Level


def told(sandbox: Sandbox, before: str, after: str, **arguments: str | None) -> tuple[str, ...]:
    """The account of what two versions of `f` do on one call."""
    simulation = simulated(sandbox, before, after, frames=True, **arguments).simulation
    evidence = compare(simulation).evidence
    finding = Finding("CWM001", Level.WARNING, "m.py", "f", 1, True, "", evidence, 1.0, "", 1, simulation.call)
    traces = {"before_trace": simulation.before.trace, "after_trace": simulation.after.trace}
    return account(replace(finding, assumptions=simulation.assumptions, **traces))


def test_a_line_that_only_one_version_has(sandbox: Sandbox) -> None:
    before = "def f(items):\n    n = 0\n    for i in items:\n        n += i\n    return n\n"
    after = before.replace("        n += i\n", "        if i < 0:\n            continue\n        n += i\n")
    assert told(sandbox, before, after, items="[1, -2]") == (
        "Both versions have the same values up to line 3, `for i in items:`.",
        "Before, line 4 `n += i` makes n -1 (it was 1).",
        "After, line 4 `if i < 0:` goes on at line 5.",
        "After, line 5 `continue` goes on at line 3.",
        "At line 3 `for i in items:` n is -1 before and 1 after.",
        "Before, line 3 `for i in items:` goes on at line 5.",
        "After, line 3 `for i in items:` goes on at line 7.",
        "Before, line 5 `return n` returns -1.",
        "After, line 7 `return n` returns 1.",
        "All of this was computed; nothing was unknown.",
    )


def test_a_changed_default(sandbox: Sandbox) -> None:
    before = "def f(a, b=1):\n    return a + b\n"
    assert told(sandbox, before, before.replace("b=1", "b=2"), a="3") == (
        "In the call of f b is 1 before and 2 after.",
        "Before, line 2 `return a + b` returns 4.",
        "After, line 2 `return a + b` returns 5.",
        "All of this was computed; nothing was unknown.",
    )


def test_an_exception_that_is_not_caught_any_more(sandbox: Sandbox) -> None:
    before = "def f(x):\n    try:\n        return int(x)\n    except ValueError:\n        return None\n"
    assert told(sandbox, before, "def f(x):\n    return int(x)\n", x="'a'") == (
        "Both run line 2 `return int(x)`: it raises ValueError(\"invalid literal for int() with base 10: 'a'\").",
        "Before, line 4 `except ValueError:` goes on at line 5.",
        "Before, line 5 `return None` returns None.",
        "After, the call raises ValueError(\"invalid literal for int() with base 10: 'a'\") at line 2.",
        "All of this was computed; nothing was unknown.",
    )


def test_a_change_in_a_callee(sandbox: Sandbox) -> None:
    before = "def g(x):\n    y = x * 2\n    return y\n\ndef f(x):\n    z = g(x)\n    return z + 1\n"
    assert told(sandbox, before, before.replace("x * 2", "x * 3"), x="2") == (
        "Before, line 6 `z = g(x)` calls g and then makes z 4.",
        "After, line 6 `z = g(x)` calls g and then makes z 6.",
        "Before, line 2 of g `y = x * 2` makes y 4.",
        "After, line 2 of g `y = x * 3` makes y 6.",
        "At line 3 of g `return y` y is 4 before and 6 after.",
        "Before, line 3 of g `return y` returns 4.",
        "After, line 3 of g `return y` returns 6.",
        "Before, line 7 `return z + 1` returns 5.",
        "After, line 7 `return z + 1` returns 7.",
        "All of this was computed; nothing was unknown.",
    )


def test_what_is_assumed_is_said(sandbox: Sandbox) -> None:
    before = "def f(order):\n    if order.paid:\n        return 1\n    return 2\n"
    after = before.replace("return 1", "return 3")
    assert told(sandbox, before, after, order=None)[-1] == "This holds if order.paid is True."


def test_a_long_account_is_cut(sandbox: Sandbox) -> None:
    before = "def f(n):\n    x = 0\n    for i in range(n):\n        x += 1\n    return x\n"
    *_, more, one, other, basis = told(sandbox, before, before.replace("+= 1", "+= 2"), n="30")
    assert more.endswith(" more steps follow.")
    assert (one, other) == (
        "Before, the call returns 30 at line 5.",
        "After, the call returns 60 at line 5.",
    )
    assert basis == "All of this was computed; nothing was unknown."


def test_without_traces_there_is_nothing_to_tell() -> None:
    fact = Finding("CWM106", Level.NOTE, "m.py", "f", 1, True, "", Evidence.STATIC, 1.0, "", 1)
    assert account(fact) == ()
    assert account(replace(fact, call="f(1)")) == ()


@pytest.mark.parametrize(("flags", "numbered"), [((), 0), (("--explain",), 3)])
def test_the_text_report_tells_it_on_request(
    flags: tuple[str, ...], numbered: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("before", 1), ("after", 2)):
        (tmp_path / f"{name}.py").write_text(f"def f(a):\n    return a + {value}\n", encoding="utf-8")
    files = [f"--{name}={tmp_path / name}.py" for name in ("before", "after")]
    assert main(["check", *files, *flags]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.lstrip().partition(". ")[0].isdigit()]
    assert len(lines) == numbered
