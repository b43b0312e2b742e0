"""The verdict on one changed function: what needs no run first, then what runs show and what the source proves.

In: a changed function, the check it belongs to, the trials that come. Out: a `Verdict`, always one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cwm_check.alarm import Late, ending_at
from cwm_check.config import Config, level_of, selects_function
from cwm_check.errors import AnalysisError
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding, Verdict
from cwm_check.vocabulary import SkipReason

if TYPE_CHECKING:
    from cwm_check.common import Common
    from cwm_check.pairs import ChangedFunction, Fact
    from cwm_check.simulations import Comparison
    from cwm_check.trial import Trial

UNCHANGED = 0.7  # share of the verdicts `unchanged` that hold on labelled changes, see docs/quality.md


def settled(function: ChangedFunction, common: Common) -> Verdict | None:
    """Return the verdict that needs no run: not selected, or proved to be the same; None where there is none."""
    verdict = _blank(function)
    if not selects_function(common.config, function.qualname):
        return replace(verdict, reason=SkipReason.SELECTION)
    if common.is_over():
        return None
    from cwm_check.equivalence import prove_same

    try:
        with ending_at(common.end):
            rewrites = prove_same(function)
    except Late:
        return None
    return None if rewrites is None else replace(verdict, kind="same", reason=", ".join(rewrites))


def judged(function: ChangedFunction, trials: Iterator[Trial], common: Common, left: int) -> Verdict:
    """Return the verdict that facts of the source and runs give; `left` functions share the time that is left."""
    late = replace(_blank(function), reason=SkipReason.TIME)
    if common.is_over():
        return late
    try:
        trial, second = _simulated(function, trials, common, left)
        with ending_at(common.end):
            return _concluded(function, trial, second, common)
    except Late:
        return late
    except RecursionError:  # an expression of thousands of operators
        return replace(late, reason=SkipReason.LIMIT)


def _concluded(function: ChangedFunction, trial: Trial, second: Trial | None, common: Common) -> Verdict:
    """The verdict from what the runs showed, and from facts of the source."""
    from cwm_check.facts import find_facts
    from cwm_check.findings import findings_for
    from cwm_check.rules import SLIGHT_RULES

    facts = find_facts(function)
    comparisons = [c for c in trial.comparisons if not _is_consequence(c, facts)]
    findings = tuple(
        configured(
            findings_for(
                function, facts, comparisons, common.added_lines(function.path), threshold=common.config.threshold
            ),
            common.config,
        )
    )
    verdict = replace(
        _blank(function), probes=trial.conclusive, coverage=trial.coverage, findings=findings, tried=trial.tried
    )
    if second is not None:
        from cwm_check.neural.trial import agreement, with_agreement

        findings = tuple(with_agreement(finding, second) for finding in findings)
        verdict = replace(verdict, findings=findings, agreement=agreement(trial, second))
    if weighty := [finding for finding in findings if finding.rule not in SLIGHT_RULES]:
        best = max(weighty, key=lambda f: f.confidence)
        return replace(verdict, kind="changed", evidence=best.evidence, confidence=best.confidence)
    if trial.problem is not None:
        return replace(verdict, reason=trial.problem)
    return replace(verdict, kind="unchanged", evidence=trial.evidence, confidence=UNCHANGED * (trial.coverage or 0.5))


def _simulated(
    function: ChangedFunction, trials: Iterator[Trial], common: Common, left: int
) -> tuple[Trial, Trial | None]:
    """What the runs of a function show, or why there are none; with both simulators, also what the second says.

    The world model alone speaks for functions of which the sandbox cannot run anything, if it was asked for; and for
    all, if there is no sandbox.
    """
    from cwm_check.trial import Trial

    mode = common.config.simulate
    if mode == "neural":
        return _predicted(function, common, left) or Trial((), problem=SkipReason.NO_RUN), None
    computed = next(trials)
    if mode == "hybrid" and computed.problem is not SkipReason.SANDBOX_OFF:
        return computed, None
    predicted = _predicted(function, common, left)
    if predicted is None or computed.conclusive:
        return computed, predicted
    return (computed if predicted.problem is not None else predicted), None


def _blank(function: ChangedFunction) -> Verdict:
    line = function.after.def_line
    return Verdict(function.path, function.qualname, "skipped", Evidence.STATIC, 1.0, line, because=function.because)


def _predicted(function: ChangedFunction, common: Common, left: int) -> Trial | None:
    """What the world model alone predicts of a function; None if there is no model."""
    simulator = common.neural
    if simulator is None:
        return None
    from cwm_check.extraction.slices import slice_module
    from cwm_check.neural.trial import Limits, predict_function
    from cwm_check.trial import Trial

    if common.broken:
        return Trial((), problem=SkipReason.MODEL_OFF)
    if common.is_over():
        return Trial((), problem=SkipReason.TIME)
    try:
        return predict_function(
            function,
            simulator,
            slice_module,
            common.trials.calls_of(function),
            probes=common.config.probes,
            exceptions=common.config.exceptions,
            limits=Limits(time.monotonic() + common.trials.seconds_for(left), common.config.threshold),
        )
    except AnalysisError as error:
        common.broken = str(error)
        return Trial((), problem=SkipReason.MODEL_OFF)


def _is_consequence(comparison: Comparison, facts: Sequence[Fact]) -> bool:
    """Whether a changed signature, reported as a fact, is all that the runs show: the call itself fails."""
    if not any(f.rule in ("CWM101", "CWM102", "CWM103", "CWM105", "CWM107") for f in facts):
        return False
    outcome = comparison.simulation.after.outcome
    return outcome.kind == "raised" and outcome.value == "TypeError" and "argument" in outcome.message


def configured(findings: Sequence[Finding], config: Config) -> Iterator[Finding]:
    """Yield the findings whose rules are on, at the levels that the user gave them."""
    for finding in findings:
        level = level_of(config, finding.rule)
        if level is not None:
            yield replace(finding, level=level)
