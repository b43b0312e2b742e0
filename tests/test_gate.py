from __future__ import annotations

from dataclasses import replace

import pytest

from cwm_check.changes import FileProblem
from cwm_check.config import Config
from cwm_check.gate import reasons_to_stop
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Finding, Verdict
from cwm_check.vocabulary import Level, SkipReason


def finding(level: Level) -> Finding:
    return Finding(
        rule="CWM001",
        level=level,
        path="a.py",
        qualname="f",
        line=2,
        on_added_line=True,
        message="`f()` returns `2` instead of `1`.",
        evidence=Evidence.EXACT,
        confidence=1.0,
        fingerprint="0" * 32,
        def_line=1,
    )


def changed(*levels: Level) -> Verdict:
    return Verdict("a.py", "f", "changed", Evidence.EXACT, 1.0, 1, findings=tuple(map(finding, levels)))


def skipped(reason: SkipReason) -> Verdict:
    return Verdict("a.py", "g", "skipped", Evidence.STATIC, 1.0, 1, reason=reason)


SAME = Verdict("a.py", "h", "same", Evidence.STATIC, 1.0, 1)


@pytest.mark.parametrize(
    ("fail_on", "levels", "expected"),
    [
        ("error", [Level.WARNING, Level.NOTE], ()),
        ("error", [Level.ERROR, Level.WARNING], ("1 finding at or over --fail-on error",)),
        ("warning", [Level.NOTE], ()),
        ("warning", [Level.ERROR, Level.WARNING], ("2 findings at or over --fail-on warning",)),
        ("note", [], ()),
        ("note", [Level.NOTE], ("1 finding at or over --fail-on note",)),
        ("never", [Level.ERROR], ()),
    ],
)
def test_a_finding_stops_at_or_over_the_level(fail_on: str, levels: list[Level], expected: tuple[str, ...]) -> None:
    result = CheckResult((changed(*levels), SAME))
    assert reasons_to_stop(result, Config(fail_on=fail_on)) == expected


@pytest.mark.parametrize(
    ("expect", "levels", "expected"),
    [
        ("none", [], ()),
        ("none", [Level.NOTE], ("1 finding, but the behaviour was expected to stay",)),
        ("some", [Level.ERROR], ()),
        ("some", [], ("no behaviour change was found, but one was expected",)),
    ],
)
def test_an_expectation_is_held_to(expect: str, levels: list[Level], expected: tuple[str, ...]) -> None:
    assert reasons_to_stop(CheckResult((changed(*levels),)), Config(expect=expect)) == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (SkipReason.NO_RUN, ("1 function or file was not judged",)),
        (SkipReason.TIME, ("1 function or file was not judged",)),
        (SkipReason.ADDED, ()),
        (SkipReason.REMOVED, ()),
        (SkipReason.SELECTION, ()),
    ],
)
def test_a_skip_stops_only_if_asked_and_if_something_was_missed(reason: SkipReason, expected: tuple[str, ...]) -> None:
    result = CheckResult((SAME, skipped(reason)))
    assert reasons_to_stop(result, Config()) == ()
    assert reasons_to_stop(result, Config(fail_on_skip=True)) == expected


def test_an_unreadable_file_is_a_skip_too() -> None:
    result = CheckResult((skipped(SkipReason.LIMIT),), (FileProblem("b.py", SkipReason.SYNTAX),))
    assert reasons_to_stop(result, Config(fail_on_skip=True)) == ("2 functions or files were not judged",)


def test_all_reasons_are_given() -> None:
    result = CheckResult((changed(Level.ERROR), skipped(SkipReason.NO_RUN)))
    assert reasons_to_stop(result, Config(fail_on_skip=True)) == (
        "1 finding at or over --fail-on error",
        "1 function or file was not judged",
    )


@pytest.mark.parametrize(("rule", "stops"), [("CWM013", True), ("CWM014", False), ("CWM015", False)])
def test_what_most_callers_cannot_notice_stops_nothing_that_is_to_stay(rule: str, stops: bool) -> None:
    verdict = replace(changed(), findings=(replace(finding(Level.NOTE), rule=rule),))
    assert bool(reasons_to_stop(CheckResult((verdict,)), Config(expect="none"))) == stops
    assert reasons_to_stop(CheckResult((verdict,)), Config(fail_on="note")) == ("1 finding at or over --fail-on note",)
