"""One function tried by a perfect world model alone, and two simulators that agree or do not."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from changes import changed
from examples import plain
from step_oracle import StepOracle

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.extraction.slices import slice_module
from cwm_check.git import Pair, read_changes
from cwm_check.neural.simulator import on_steps
from cwm_check.neural.trial import Limits, agreement, predict_function, with_agreement
from cwm_check.trace import Evidence
from cwm_check.trial import Trial
from cwm_check.verdicts import CheckResult, Tried
from cwm_check.vocabulary import SkipReason

BEFORE = """\
def helper(x: int) -> int:
    return x + 1

def f(x: int) -> int:
    if x > 3:
        return helper(x)
    return x
"""


def predicted(after: str, before: str = BEFORE, threshold: float = 0.5, until: float = math.inf) -> Trial:
    limits = Limits(until, threshold)
    simulator = on_steps(StepOracle())
    return predict_function(
        changed(before, after), simulator, slice_module, (), probes=12, exceptions="type+message", limits=limits
    )


def test_a_difference_is_foreseen_with_its_trace_and_cause() -> None:
    trial = predicted(BEFORE.replace("helper(x)\n    return x", "helper(x)\n    return -x"))
    assert trial.problem is None
    first = trial.comparisons[0]
    assert (first.evidence, first.cause) == (Evidence.PREDICTED, 7)
    assert {d.kind for c in trial.comparisons for d in c.differences} == {"return"}
    assert first.simulation.before.trace is not None


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("x > 3", "3 < x"),
        BEFORE.replace("return helper(x)", "y = helper(x)\n        return y"),
        BEFORE.replace("    if x > 3:\n        return helper(x)\n    return x", "    return helper(x) if x > 3 else x"),
    ],
    ids=["turned round", "a temporary", "an expression"],
)
def test_what_does_the_same_is_foreseen_to_do_the_same(after: str) -> None:
    trial = predicted(after)
    assert (trial.comparisons, trial.problem, trial.evidence) == ((), None, Evidence.PREDICTED)
    assert trial.conclusive > 3


def test_below_the_threshold_nothing_is_said_and_nothing_is_unchanged() -> None:
    trial = predicted(BEFORE.replace("x > 3", "x > 4"), threshold=0.95)
    assert (trial.comparisons, trial.problem) == ((), SkipReason.UNSURE)


@pytest.mark.parametrize(
    ("body", "until", "reason"),
    [
        ("import socket\n    return socket.create(x)", math.inf, SkipReason.NO_RUN),
        ("while True:\n        x = 1", math.inf, SkipReason.LIMIT),
        ("return x + 7", 0.0, SkipReason.TIME),
    ],
    ids=["unknown", "endless", "time"],
)
def test_what_cannot_be_foreseen_is_skipped_by_name(body: str, until: float, reason: SkipReason) -> None:
    before = f"def f(x: int):\n    {body}\n"
    assert predicted(before.replace("x", "x", 1) + "    return 2\n", before, until=until).problem is reason


def trial(*tried: Tried) -> Trial:
    return Trial((), len(tried), tried=tried)


ONE, OTHER = Tried("f(1)", "1", "2", True), Tried("f(2)", "1", "1", False)


def test_agreement_counts_the_calls_that_both_saw() -> None:
    assert agreement(trial(ONE, OTHER), trial(ONE)) == "the world model alone agrees on 1 of 1 calls"
    wrong = replace(OTHER, after="3", differs=True)
    assert agreement(trial(ONE, OTHER), trial(ONE, wrong)) == "the world model alone agrees on 1 of 2 calls"
    assert agreement(trial(ONE), trial(OTHER)) == "the world model alone predicts none of these calls to the end"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("-5", "0", "The world model alone predicts the same."),
        ("-5", "1", "The world model alone predicts another difference."),
        ("-5", "-5", "The world model alone predicts no difference."),
    ],
)
def test_a_finding_says_what_the_world_model_alone_predicts(before: str, after: str, said: str) -> None:
    finding = next(f for v in plain().verdicts for f in v.findings if f.call is not None and f.before == "-5")
    seen = Tried(finding.call or "", before, after, before != after)
    assert with_agreement(finding, trial(seen)).message == f"{finding.message} {said}"
    unseen = with_agreement(finding, trial())
    assert unseen.message == f"{finding.message} The world model alone does not foresee this call."
    fact = replace(finding, call=None)
    assert with_agreement(fact, trial(seen)) == fact


def checked(tmp_path: Path, config: Config) -> CheckResult:
    """The result for a function whose change a perfect model foresees, and one that no sandbox or model can run."""
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(BEFORE + "\ndef g(x):\n    return socket.open(x)\n")
    new.write_text(old.read_text().replace("x > 3", "x > 4").replace("open(x)", "open(x, 1)"))
    return check(read_changes(Pair(old, new), None, ()), config)


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.neural.opening.open_neural", lambda name: on_steps(StepOracle()))


@pytest.mark.usefixtures("oracle")
def test_neural_mode_needs_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.trials.native_code", _refuse)
    result = checked(tmp_path, Config(time_budget=3600, simulate="neural"))
    assert [(v.qualname, v.kind, v.evidence) for v in result.verdicts] == [
        ("f", "changed", Evidence.PREDICTED),
        ("g", "skipped", Evidence.STATIC),
    ]
    assert (result.model, result.notes) == ("oracle", ())


@pytest.mark.usefixtures("oracle")
def test_without_a_sandbox_the_world_model_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.trials.native_code", _refuse)
    result = checked(tmp_path, Config(time_budget=3600))
    assert [(v.qualname, v.kind) for v in result.verdicts] == [("f", "changed"), ("g", "skipped")]
    assert result.notes == ("no sandbox today",)


@pytest.mark.usefixtures("oracle")
def test_both_say_how_far_they_agree(tmp_path: Path) -> None:
    result = checked(tmp_path, Config(time_budget=3600, simulate="both"))
    first = result.verdicts[0]
    assert (first.kind, first.evidence) == ("changed", Evidence.EXACT)
    assert first.agreement.startswith("the world model alone agrees on ")
    assert first.findings[0].message.endswith("The world model alone predicts the same.")


def test_a_model_that_is_not_there_is_an_error_where_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CwmCheckError, match="no model 'none'"):
        checked(tmp_path, Config(time_budget=3600, simulate="neural", model="none"))
    assert checked(tmp_path, Config(time_budget=3600, model="none")).verdicts[0].kind == "changed"


def _refuse(announce: object) -> None:
    raise AnalysisError("no sandbox today")
