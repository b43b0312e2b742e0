from __future__ import annotations

import io
from dataclasses import replace

from examples import comparison, function, plain

from cwm_check.findings import findings_for
from cwm_check.reports import concise, text
from cwm_check.simulations import Difference
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Verdict
from cwm_check.vocabulary import SkipReason


def rendered(result: CheckResult, *, color: bool = False) -> list[str]:
    out = io.StringIO()
    text.render(result, out, color=color)
    return out.getvalue().splitlines()


def skipped(name: str, reason: SkipReason) -> Verdict:
    return Verdict("a.py", name, "skipped", Evidence.STATIC, 0.0, 1, reason=reason)


def test_nothing_changed_is_one_line() -> None:
    assert rendered(CheckResult(())) == ["0 functions: 0 same, 0 unchanged, 0 changed, 0 skipped"]


def test_colours_come_only_if_asked_for() -> None:
    lines = rendered(plain(), color=True)

    assert lines[:2] == [
        "\x1b[1mshop/prices.py\x1b[0m",
        "  4: \x1b[33mCWM106 default-changed\x1b[0m in total (static)",
    ]
    assert lines[6:8] == ["     before  \x1b[31m-5\x1b[0m", "     after   \x1b[32m0\x1b[0m"]


def test_each_reason_to_skip_is_told_once() -> None:
    lines = rendered(CheckResult(tuple(skipped(f"f{i}", SkipReason.NOT_REACHED) for i in range(7))))

    assert lines == [
        "skipped, no probe reached some of the changed lines: "
        "a.py:1 f0, a.py:1 f1, a.py:1 f2, a.py:1 f3, a.py:1 f4, 2 more",
        "7 functions: 0 same, 0 unchanged, 0 changed, 7 skipped",
    ]


def test_added_functions_are_only_counted() -> None:
    lines = rendered(CheckResult((skipped("f", SkipReason.ADDED), skipped("g", SkipReason.ADDED))))

    assert lines == [
        "skipped, added: there is nothing to compare with: 2 functions",
        "2 functions: 0 same, 0 unchanged, 0 changed, 2 skipped",
    ]


def test_long_values_show_where_they_part() -> None:
    long = comparison(Difference("return", "", "a" * 500 + "x", "a" * 500 + "y"))
    found = findings_for(function(), [], [long], [7], threshold=0.5)
    verdict = Verdict("shop/prices.py", "total", "changed", Evidence.EXACT, 1.0, 4, findings=found)

    lines = rendered(CheckResult((verdict,)))

    assert lines[3:5] == [
        "     before  ...420 same... " + "a" * 80 + "x",
        "     after   ...420 same... " + "a" * 80 + "y",
    ]


def test_a_change_outside_is_named() -> None:
    found = findings_for(function(), [], [comparison(Difference("return", "", "", "1"))], [], threshold=0.5)
    verdict = Verdict("a.py", "f", "changed", Evidence.EXACT, 1.0, 4, findings=found, because=("RATE", "LIMIT"))

    assert rendered(CheckResult((verdict,)))[1:6] == [
        "  4: CWM001 return-value in total (exact, no added line)",
        "     call    total(items=[1], discount=6)",
        "     before  nothing",
        "     after   1",
        "     because changed outside: RATE, LIMIT",
    ]


def test_a_concise_line_has_the_column_of_the_code() -> None:
    out = io.StringIO()
    result = plain()

    concise.render(replace(result, verdicts=result.verdicts[:1], problems=(), accepted=()), out)

    assert out.getvalue().splitlines() == [
        "shop/prices.py:4:1: CWM106 `total` called without `discount` now uses `6` instead of `5`.",
        "shop/prices.py:7:5: CWM001 `total(items=[1], discount=6)` returns `0` instead of `-5`.",
        "1 function: 0 same, 0 unchanged, 1 changed, 0 skipped",
    ]
