"""The flow: a change set comes in, one verdict for each changed function goes out.

    functions -> equivalence -> facts -> probes -> simulate -> compare -> findings

Static tiers come first and libraries are imported when they are needed: a commit that only changes layout imports none
of them. Everything static is done first, then `trials` runs what is left, by several processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from cwm_check.alarm import Late, ending_at
from cwm_check.changes import FileChange, FileProblem
from cwm_check.config import Config, level_of, selects_function, selects_path
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.git import ChangeSet
from cwm_check.layout import same_text
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Finding, Verdict
from cwm_check.vocabulary import SkipReason

if TYPE_CHECKING:
    from cwm_check.pairs import ChangedFunction, Fact, FileFunctions
    from cwm_check.rounds import NeuralSimulator
    from cwm_check.simulations import Comparison
    from cwm_check.trial import Trial
    from cwm_check.trials import Trials

Progress = Callable[[str, int, int], None]
Announce = Callable[[str], None]


GRACE = 0.03  # share of the time budget in which what is static goes on after its end
UNCHANGED = 0.7  # share of the verdicts `unchanged` that hold on labelled changes, see docs/quality.md
UNREAD = 5  # changed names that no function reads, told of a change
STATIC_ONLY = 60.0  # seconds for what is static, where the time budget is 0; a busy machine needs some


def check(
    changes: ChangeSet,
    config: Config,
    *,
    progress: Progress | None = None,
    announce: Announce | None = None,
    begun: float | None = None,
) -> CheckResult:
    """Return the verdicts on all changed functions; those whose own text changed are looked at first.

    `progress` is told the function that is looked at, `announce` what takes long and happens once. The time budget
    counts from `begun`, a monotonic time; by default from now.
    """
    begun = time.monotonic() if begun is None else begun
    run = _Run(changes, config, begun + config.time_budget, announce or (lambda _: None))
    selected = [c for c in changes.changes if selects_path(config, c.path)]
    files = [f for c in selected if (f := _functions_of(c, run)) is not None]
    work = [function for file in files for function in file.changed]
    work.sort(key=lambda f: (bool(f.because), f.path, f.before.first_line, f.qualname))
    run.work = work
    settled = [_settled(function, run) for function in work]
    trials = run.trials_of([f for f, verdict in zip(work, settled, strict=True) if verdict is None])
    verdicts: list[Verdict] = []
    for number, (function, verdict) in enumerate(zip(work, settled, strict=True)):
        if progress:
            progress(function.qualname, number, len(work))
        verdicts.append(verdict or _judged(function, trials, run, len(work) - number))
    if progress and work:
        progress("", len(work), len(work))
    if any(function.after.is_nested for function in work):
        from cwm_check.once import told_once

        verdicts = list(told_once(verdicts, work))
    for file in files:
        verdicts += [*_added(file), *_removed(file, config)]
    texts = {c.path: c for c in selected}
    if config.new_code:
        verdicts = _with_new_code(verdicts, files, texts, run)
    named = sorted({f.path for v in verdicts for f in v.findings})
    return CheckResult(
        verdicts=tuple(sorted(verdicts, key=lambda v: (v.path, v.line, v.qualname))),
        problems=tuple(FileProblem(f.path, f.problem) for f in files if f.problem is not None),
        sources=tuple((p, texts[p].after or "") for p in named),
        added_lines=tuple((p, run.added_lines(p)) for p in named),
        model=run.model_name or (config.model if any(_is_predicted(v) for v in verdicts) else "assumed"),
        notes=(*changes.notes, *run.notes, *_unread(files)),
        broken=run.broken,
    )


def _unread(files: Sequence[FileFunctions]) -> Iterator[str]:
    """What changed and has no verdict, since it is in no function and no function of its file reads it."""
    names = [f"{name} in {file.path}" for file in files for name in file.unread]
    if names:
        rest = [f"{len(names) - UNREAD} more"] if len(names) > UNREAD else []
        told = ", ".join([*names[:UNREAD], *rest])
        yield f"changed outside functions and not judged, since no function of the same file reads it: {told}"


def _is_predicted(verdict: Verdict) -> bool:
    return any(finding.evidence is Evidence.PREDICTED for finding in verdict.findings)


def _functions_of(change: FileChange, run: _Run) -> FileFunctions | None:
    """The functions of a changed file; None when only its layout changed."""
    is_edit = change.problem is None and change.before is not None and change.after is not None
    if is_edit and same_text(change.before or "", change.after or ""):
        return None
    from cwm_check.pairs import FileFunctions

    if run.is_over():
        return FileFunctions(change.path, (), problem=change.problem or SkipReason.TIME)
    from cwm_check.functions import pair_functions

    try:
        with ending_at(run.end):
            return pair_functions(change)
    except Late:
        return FileFunctions(change.path, (), problem=SkipReason.TIME)


def _settled(function: ChangedFunction, run: _Run) -> Verdict | None:
    """The verdict that needs no run: not selected, or proved to be the same; None where there is none."""
    verdict = _blank(function)
    if not selects_function(run.config, function.qualname):
        return replace(verdict, reason=SkipReason.SELECTION)
    if run.is_over():
        return None
    from cwm_check.equivalence import prove_same

    try:
        with ending_at(run.end):
            rewrites = prove_same(function)
    except Late:
        return None
    return None if rewrites is None else replace(verdict, kind="same", reason=", ".join(rewrites))


def _judged(function: ChangedFunction, trials: Iterator[Trial], run: _Run, left: int) -> Verdict:
    """The verdict that facts of the source and runs give."""
    late = replace(_blank(function), reason=SkipReason.TIME)
    if run.is_over():
        return late
    try:
        trial, second = _simulated(function, trials, run, left)
        with ending_at(run.end):
            return _concluded(function, trial, second, run)
    except Late:
        return late
    except RecursionError:  # an expression of thousands of operators
        return replace(late, reason=SkipReason.LIMIT)


def _concluded(function: ChangedFunction, trial: Trial, second: Trial | None, run: _Run) -> Verdict:
    """The verdict from what the runs showed, and from facts of the source."""
    from cwm_check.facts import find_facts
    from cwm_check.findings import findings_for
    from cwm_check.rules import SLIGHT_RULES

    facts = find_facts(function)
    comparisons = [c for c in trial.comparisons if not _is_consequence(c, facts)]
    findings = tuple(
        _configured(
            findings_for(function, facts, comparisons, run.added_lines(function.path), threshold=run.config.threshold),
            run.config,
        )
    )
    verdict = replace(
        _blank(function), probes=trial.conclusive, coverage=trial.coverage, findings=findings, tried=trial.tried
    )
    if second is not None:
        from cwm_check.neural_trial import agreement, with_agreement

        findings = tuple(with_agreement(finding, second) for finding in findings)
        verdict = replace(verdict, findings=findings, agreement=agreement(trial, second))
    if weighty := [finding for finding in findings if finding.rule not in SLIGHT_RULES]:
        best = max(weighty, key=lambda f: f.confidence)
        return replace(verdict, kind="changed", evidence=best.evidence, confidence=best.confidence)
    if trial.problem is not None:
        return replace(verdict, reason=trial.problem)
    return replace(verdict, kind="unchanged", evidence=trial.evidence, confidence=UNCHANGED * (trial.coverage or 0.5))


def _simulated(function: ChangedFunction, trials: Iterator[Trial], run: _Run, left: int) -> tuple[Trial, Trial | None]:
    """What the runs of a function show, or why there are none; with both simulators, also what the second says.

    The world model alone speaks for functions of which the sandbox cannot run anything, if it was asked for; and for
    all, if there is no sandbox.
    """
    from cwm_check.trial import Trial

    mode = run.config.simulate
    if mode == "neural":
        return _predicted(function, run, left) or Trial((), problem=SkipReason.NO_RUN), None
    computed = next(trials)
    if mode == "hybrid" and computed.problem is not SkipReason.SANDBOX_OFF:
        return computed, None
    predicted = _predicted(function, run, left)
    if predicted is None or computed.conclusive:
        return computed, predicted
    return (computed if predicted.problem is not None else predicted), None


def _blank(function: ChangedFunction) -> Verdict:
    line = function.after.def_line
    return Verdict(function.path, function.qualname, "skipped", Evidence.STATIC, 1.0, line, because=function.because)


def _predicted(function: ChangedFunction, run: _Run, left: int) -> Trial | None:
    """What the world model alone predicts of a function; None if there is no model."""
    simulator = run.neural
    if simulator is None:
        return None
    from cwm_check.neural_trial import Limits, predict_function
    from cwm_check.slices import slice_module
    from cwm_check.trial import Trial

    if run.broken:
        return Trial((), problem=SkipReason.MODEL_OFF)
    if run.is_over():
        return Trial((), problem=SkipReason.TIME)
    try:
        return predict_function(
            function,
            simulator,
            slice_module,
            run.trials.calls_of(function),
            probes=run.config.probes,
            exceptions=run.config.exceptions,
            limits=Limits(time.monotonic() + run.trials.seconds_for(left), run.config.threshold),
        )
    except AnalysisError as error:
        run.broken = str(error)
        return Trial((), problem=SkipReason.MODEL_OFF)


def _is_consequence(comparison: Comparison, facts: Sequence[Fact]) -> bool:
    """Whether a changed signature, reported as a fact, is all that the runs show: the call itself fails."""
    if not any(f.rule in ("CWM101", "CWM102", "CWM103", "CWM105", "CWM107") for f in facts):
        return False
    outcome = comparison.simulation.after.outcome
    return outcome.kind == "raised" and outcome.value == "TypeError" and "argument" in outcome.message


def _configured(findings: Sequence[Finding], config: Config) -> Iterator[Finding]:
    for finding in findings:
        level = level_of(config, finding.rule)
        if level is not None:
            yield replace(finding, level=level)


def _added(file: FileFunctions) -> Iterator[Verdict]:
    for function in file.added:
        yield Verdict(
            file.path, function.qualname, "skipped", Evidence.STATIC, 1.0, function.def_line, SkipReason.ADDED
        )


def _removed(file: FileFunctions, config: Config) -> Iterator[Verdict]:
    from cwm_check.facts import removed_fact
    from cwm_check.findings import removal_finding

    for function in file.removed:
        findings = tuple(_configured([removal_finding(file.path, function, removed_fact(function))], config))
        verdict = Verdict(
            file.path, function.qualname, "changed", Evidence.STATIC, 1.0, function.def_line, "", findings
        )
        yield verdict if findings else replace(verdict, kind="skipped", reason=SkipReason.SELECTION)


def _with_new_code(
    verdicts: Sequence[Verdict], files: Sequence[FileFunctions], texts: Mapping[str, FileChange], run: _Run
) -> list[Verdict]:
    from cwm_check.new_code import new_functions, with_new_code
    from cwm_check.trials import Trials

    functions = new_functions(files, {path: change.after or "" for path, change in texts.items()}, run.config)
    trials = None
    if run.config.simulate != "neural":
        trials = Trials(run.changes, run.config, functions, run.deadline, run.announce, run.notes)
    configured = partial(_configured, config=run.config)
    return list(with_new_code(verdicts, functions, trials, run.added_lines, run.config, configured))


class _Run:
    """What the functions of one check share."""

    def __init__(self, changes: ChangeSet, config: Config, deadline: float, announce: Announce) -> None:
        self.changes = changes
        self.config = config
        self.notes: list[str] = []
        self.model_name = ""
        """Of the world model that predicted whole runs."""
        self.broken = ""
        self.work: Sequence[ChangedFunction] = ()
        self.deadline = deadline
        self.announce = announce
        self._added = {c.path: c.added_lines for c in changes.changes}
        self._shown: dict[str, tuple[int, ...]] = {}

    @property
    def end(self) -> float:
        """When even what is static must end, a monotonic time."""
        deadline = self.trials.deadline if "trials" in vars(self) else self.deadline
        return deadline + (self.config.time_budget * GRACE or STATIC_ONLY)

    def is_over(self) -> bool:
        """Whether it must have ended."""
        return time.monotonic() >= self.end

    def added_lines(self, path: str) -> tuple[int, ...]:
        """The lines that may be commented on: git's own, since two right diffs may differ."""
        if path not in self._shown:
            shown = self.changes.shown_lines(path)
            self._shown[path] = self._added.get(path, ()) if shown is None else shown
        return self._shown[path]

    def trials_of(self, functions: Sequence[ChangedFunction]) -> Iterator[Trial]:
        """Yield what the sandbox shows of each function, in order; nothing happens before the first is asked for."""
        yield from self.trials.of(functions)

    @cached_property
    def trials(self) -> Trials:
        """What runs functions in the sandbox."""
        from cwm_check.trials import Trials

        return Trials(self.changes, self.config, self.work, self.deadline, self.announce, self.notes)

    @cached_property
    def neural(self) -> NeuralSimulator | None:
        """The simulator that executes nothing; None with a note where it is only a fallback and does not open."""
        try:
            from cwm_check.neural_open import open_neural

            simulator = open_neural(self.config.model)
        except CwmCheckError as error:
            if self.config.simulate != "hybrid":
                raise
            self.notes.append(str(error))
            return None
        self.model_name = simulator.model.name
        return simulator
