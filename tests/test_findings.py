from __future__ import annotations

import re
from dataclasses import replace

import pytest
from examples import DEFAULT_FACT, RETURN, comparison, function, source

from cwm_check.findings import findings_for, fingerprint, place, removal_finding
from cwm_check.pairs import Fact
from cwm_check.rules import RULE_OF_DIFFERENCE
from cwm_check.simulations import Comparison, Difference
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Finding, Verdict
from cwm_check.vocabulary import Level

NEW_EXCEPTION = Difference("new-exception", "KeyError", "None", "KeyError('id')")
PRINTED = Difference("print", "", "''", "'x'")
MUTATION = Difference("mutation", "items", "[1]", "[1, 2]")
MESSAGE = Difference("message", "ValueError", "ValueError('a')", "ValueError('b')")


def found(*comparisons: Comparison, facts: tuple[Fact, ...] = (), threshold: float = 0.5) -> tuple[Finding, ...]:
    return findings_for(function(), facts, comparisons, [4, 7], threshold=threshold)


def rules(*comparisons: Comparison, facts: tuple[Fact, ...] = (), threshold: float = 0.5) -> list[str]:
    return [finding.rule for finding in found(*comparisons, facts=facts, threshold=threshold)]


def test_a_difference_becomes_a_whole_finding() -> None:
    shown = comparison(
        RETURN, evidence=Evidence.PREDICTED, confidence=0.75, assumptions=("r.ok is False",), after_line=6
    )

    assert found(shown) == (
        Finding(
            rule="CWM001",
            level=Level.WARNING,
            path="shop/prices.py",
            qualname="total",
            line=7,
            on_added_line=True,
            message="`total(items=[1], discount=6)` is predicted to return `0` instead of `-5`, if `r.ok is False`.",
            evidence=Evidence.PREDICTED,
            confidence=0.75,
            fingerprint="b3b11fce24dfdde10f2e57b19b8fd3b4",
            def_line=4,
            call="total(items=[1], discount=6)",
            before="-5",
            after="0",
            before_trace=shown.simulation.before.trace,
            after_trace=shown.simulation.after.trace,
            before_line=7,
            after_line=6,
            assumptions=("r.ok is False",),
        ),
    )


def test_a_fact_becomes_a_whole_finding() -> None:
    assert found(facts=(DEFAULT_FACT,)) == (
        Finding(
            rule="CWM106",
            level=Level.WARNING,
            path="shop/prices.py",
            qualname="total",
            line=4,
            on_added_line=True,
            message="`total` called without `discount` now uses `6` instead of `5`.",
            evidence=Evidence.STATIC,
            confidence=1.0,
            fingerprint="ff961ffeaf6cab049b4970d834974ba6",
            def_line=4,
            before="5",
            after="6",
        ),
    )


def test_a_removed_function_is_reported_where_it_was() -> None:
    fact = Fact("CWM114", "old", "old(x)", None, 4)

    finding = removal_finding("shop/web.py", source("old"), fact)

    assert (finding.rule, finding.line, finding.on_added_line) == ("CWM114", 4, False)
    assert finding.message == "`old` is gone: its callers fail."


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        pytest.param((), [], id="no difference"),
        pytest.param((RETURN,), ["CWM001"], id="result"),
        pytest.param((RETURN, PRINTED, MUTATION), ["CWM001", "CWM006", "CWM007"], id="independent ones are kept"),
        pytest.param((MESSAGE, PRINTED), ["CWM005", "CWM007"], id="another text ends the run in the same way"),
        pytest.param((NEW_EXCEPTION, PRINTED, MUTATION), ["CWM002"], id="what an exception cuts off is no news"),
        pytest.param((Difference("ending", "", "a", "b"), PRINTED), ["CWM010"], id="what a limit cuts off is no news"),
        pytest.param((MUTATION, replace(MUTATION, subject="b")), ["CWM006"], id="one for each rule"),
    ],
)
def test_each_kind_of_news_is_told_once(differences: tuple[Difference, ...], expected: list[str]) -> None:
    assert rules(comparison(*differences)) == expected


def test_a_side_effect_that_differs_without_the_exception_too_is_told() -> None:
    assert rules(comparison(NEW_EXCEPTION, PRINTED), comparison(PRINTED, call="total([])")) == ["CWM002", "CWM007"]


def test_a_fact_and_its_effect_are_both_told() -> None:
    assert rules(comparison(RETURN), facts=(DEFAULT_FACT,)) == ["CWM001", "CWM106"]


def test_facts_of_one_rule_share_a_finding() -> None:
    (finding,) = found(facts=(DEFAULT_FACT, Fact("CWM106", "rate", "1", "2", 4)))

    assert finding.message == (
        "`total` called without `discount` now uses `6` instead of `5`. "
        "`total` called without `rate` now uses `2` instead of `1`."
    )
    assert (finding.before, finding.after) == ("5, 1", "6, 2")


EXACT = comparison(RETURN, call="total(items=[1, 2, 3])")


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(comparison(RETURN, call="total(x)", evidence=Evidence.CONDITIONAL), id="less sure evidence"),
        pytest.param(comparison(RETURN, call="total(x)", confidence=0.9), id="less confident"),
        pytest.param(comparison(RETURN, call="total(x)", unknown=1), id="an unknown argument"),
        pytest.param(comparison(RETURN, call="total(x)", assumptions=("x > 0",)), id="an assumption"),
        pytest.param(comparison(RETURN, call="total(items=[1, 2, 3, 4])"), id="a longer call"),
        pytest.param(comparison(RETURN, call="total(items=[1, 2, 4])"), id="a later call of the same length"),
    ],
)
def test_the_surest_and_clearest_comparison_speaks(worse: Comparison) -> None:
    assert [f.call for f in found(worse, EXACT)] == [f.call for f in found(EXACT, worse)] == ["total(items=[1, 2, 3])"]


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        pytest.param(0.49, [], id="below"),
        pytest.param(0.5, ["CWM001"], id="at"),
        pytest.param(1.0, ["CWM001"], id="over"),
    ],
)
def test_what_is_below_the_threshold_is_not_told(confidence: float, expected: list[str]) -> None:
    assert rules(comparison(RETURN, confidence=confidence)) == expected


def test_an_unsure_comparison_does_not_hide_a_sure_one() -> None:
    unsure = comparison(RETURN, call="f()", evidence=Evidence.CONDITIONAL, confidence=0.2)
    sure = comparison(RETURN, call="f(1)", evidence=Evidence.PREDICTED, confidence=0.8)

    assert [finding.call for finding in found(unsure, sure)] == ["f(1)"]


def test_facts_are_told_whatever_the_threshold() -> None:
    assert rules(facts=(DEFAULT_FACT,), threshold=1.0) == ["CWM106"]


@pytest.mark.parametrize(
    ("wanted", "added", "expected"),
    [
        pytest.param(6, [5, 6, 7], (6, True), id="the wanted line is added"),
        pytest.param(6, [4, 7], (7, True), id="the nearest added line"),
        pytest.param(5, [4, 6], (4, True), id="the earlier one of two that are as near"),
        pytest.param(None, [5, 7], (5, True), id="the first added line if no line is wanted"),
        pytest.param(99, [5, 7], (7, True), id="a line outside the function"),
        pytest.param(6, [1, 3, 8, 12], (4, False), id="added lines outside the function do not count"),
        pytest.param(6, [], (4, False), id="only deletions"),
    ],
)
def test_a_finding_stands_on_an_added_line(wanted: int | None, added: list[int], expected: tuple[int, bool]) -> None:
    assert place(function(), wanted, added) == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [([5, 7], (7, True)), ([5, 6], (5, True)), ([4, 5], (4, True))],
    ids=["not in the docstring", "in the docstring if there is no other", "before the docstring"],
)
def test_a_docstring_is_not_what_behaves(added: list[int], expected: tuple[int, bool]) -> None:
    text = 'def total(items, discount=6):\n    """Return\n    the total."""\n    return 0\n'
    documented = replace(function(), after=replace(source(), source=text))
    assert place(documented, 5, added) == expected


def test_a_fingerprint_survives_a_move_of_lines() -> None:
    (here,) = found(comparison(RETURN))
    moved = replace(function(), after=replace(source(), first_line=104, def_line=104, last_line=107))
    (there,) = findings_for(moved, [], [comparison(RETURN, after_line=107)], [107], threshold=0.5)

    assert (here.line, there.line) == (7, 107)
    assert here.fingerprint == there.fingerprint


def test_fingerprints_of_different_findings_differ() -> None:
    rows = [
        ("CWM001", "a.py", "f", ("return", "", "1", "2")),
        ("CWM002", "a.py", "f", ("return", "", "1", "2")),
        ("CWM001", "b.py", "f", ("return", "", "1", "2")),
        ("CWM001", "a.py", "g", ("return", "", "1", "2")),
        ("CWM001", "a.py", "f", ("return", "", "1", "3")),
        ("CWM001", "a.py", "f", ("return", "", "12", "")),
        ("CWM001", "a.py", "f", ("return", "", "1", None)),
    ]

    digits = [fingerprint(*row) for row in rows]

    assert len(set(digits)) == len(rows)
    assert all(re.fullmatch("[0-9a-f]{32}", text) for text in digits)


def test_every_kind_of_difference_has_a_rule_and_words() -> None:
    kinds = [Difference(kind, "x", "1", "2") for kind in RULE_OF_DIFFERENCE]

    assert [rules(comparison(difference)) for difference in kinds] == [[RULE_OF_DIFFERENCE[d.kind]] for d in kinds]


def test_a_mutation_names_what_is_changed() -> None:
    (finding,) = found(comparison(MUTATION))

    assert (finding.before, finding.after) == ("items = [1]", "items = [1, 2]")


@pytest.mark.parametrize(
    ("qualname", "subject", "expected"),
    [
        ("C.__init__", "self.size", ("self.size not set", "self.size = 1")),
        ("C.grow", "self.size", ("self.size as it was", "self.size = 1")),
        ("C.__init__", "items", ("items as it was", "items = 1")),
    ],
)
def test_an_attribute_that_a_constructor_leaves_alone_is_not_set(
    qualname: str, subject: str, expected: tuple[str, str]
) -> None:
    changed = replace(function(), qualname=qualname)
    told = comparison(Difference("mutation", subject, "as it was", "1"))
    (finding,) = findings_for(changed, (), [told], [4, 7], threshold=0.5)
    assert (finding.before, finding.after) == expected


def test_findings_come_in_the_order_of_surprise() -> None:
    def verdict(name: str, confidence: float = 1.0, assumptions: int = 0, because: tuple[str, ...] = ()) -> Verdict:
        shown = comparison(RETURN, confidence=confidence, assumptions=("x is None",) * assumptions)
        told = findings_for(replace(function(), qualname=name), (), [shown], [4, 7], threshold=0.5)
        return Verdict("m.py", name, "changed", Evidence.EXACT, confidence, 4, findings=told, because=because)

    given = [
        verdict("follows", because=("helper",)),
        verdict("long", 0.8, 9),
        verdict("short", 0.8, 1),
        verdict("sure"),
    ]
    assert [f.qualname for f in CheckResult(tuple(given)).findings] == ["sure", "short", "long", "follows"]
