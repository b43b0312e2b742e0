"""The flow: a change set comes in, one verdict for each changed function goes out.

    functions -> equivalence -> facts -> probes -> simulate -> compare -> findings

Static tiers come first and libraries are imported when they are needed: a commit that only changes layout imports none
of them. What the functions of one check share (sandbox, calls, clock) is in `_Run`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from cwm_check.config import Config, level_of, selects_function, selects_path
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.git import ChangeSet
from cwm_check.layout import same_text
from cwm_check.trace import Evidence
from cwm_check.types import (
    ChangedFunction,
    CheckResult,
    Comparison,
    Fact,
    FileChange,
    FileFunctions,
    FileProblem,
    Finding,
    SkipReason,
    Verdict,
)

if TYPE_CHECKING:
    from cwm_check.explore import Budget
    from cwm_check.neural import NeuralSimulator
    from cwm_check.simulate import Simulator
    from cwm_check.trial import Trial

Progress = Callable[[str, int, int], None]
Announce = Callable[[str], None]

COST = 120_000_000_000  # wasm instructions for all functions together: about 20 s
COSTS = (2_000_000_000, 12_000_000_000)  # the least and the most for one function
CONTEXT_SHARE = 4  # a function of which only the surroundings changed gets this part of it
LIKELY_SHARE = 4  # the guard: a function may take this many times its equal share of the time that is left
SHORTEST = 0.5  # seconds
GRACE = 5.0  # seconds past the budget for which proofs, which are cheap, still go on
FILES_READ = 500  # files of the repository that are searched for literal calls
LARGEST = 200_000  # characters of such a file


def check(
    changes: ChangeSet, config: Config, *, progress: Progress | None = None, announce: Announce | None = None
) -> CheckResult:
    """Return the verdicts on all changed functions; those whose own text changed are looked at first.

    `progress` is told the function that is looked at, `announce` what takes long and happens once.
    """
    selected = [c for c in changes.changes if selects_path(config, c.path)]
    files = [f for c in selected if (f := _functions_of(c)) is not None]
    work = [function for file in files for function in file.changed]
    work.sort(key=lambda f: (bool(f.because), f.path, f.before.first_line, f.qualname))
    run = _Run(changes, config, work, announce)
    verdicts: list[Verdict] = []
    for number, function in enumerate(work):
        if progress:
            progress(function.qualname, number, len(work))
        verdicts.append(_verdict(function, run, len(work) - number))
    for file in files:
        verdicts += [*_added(file), *_removed(file, config)]
    texts = {c.path: c for c in selected}
    named = sorted({f.path for v in verdicts for f in v.findings})
    return CheckResult(
        verdicts=tuple(sorted(verdicts, key=lambda v: (v.path, v.line, v.qualname))),
        problems=tuple(FileProblem(f.path, f.problem) for f in files if f.problem is not None),
        sources=tuple((p, texts[p].after or "") for p in named),
        added_lines=tuple((p, run.added_lines(p)) for p in named),
        model=run.model_name,
        notes=(*changes.notes, *run.notes),
    )


def _functions_of(change: FileChange) -> FileFunctions | None:
    """The functions of a changed file; None when only its layout changed."""
    is_edit = change.problem is None and change.before is not None and change.after is not None
    if is_edit and same_text(change.before or "", change.after or ""):
        return None
    from cwm_check.functions import pair_functions

    return pair_functions(change)


def _verdict(function: ChangedFunction, run: _Run, left: int) -> Verdict:
    """Judge one function, from the cheapest means to the dearest."""
    verdict = Verdict(
        function.path,
        function.qualname,
        "skipped",
        Evidence.STATIC,
        1.0,
        function.after.def_line,
        because=function.because,
    )
    if not selects_function(run.config, function.qualname):
        return replace(verdict, reason=SkipReason.SELECTION)
    from cwm_check.equivalence import prove_same

    if run.left() > -GRACE and (rewrites := prove_same(function)) is not None:
        return replace(verdict, kind="same", reason=", ".join(rewrites))
    from cwm_check.facts import find_facts
    from cwm_check.findings import findings_for

    facts = find_facts(function)
    trial, second = _simulated(function, run, left)
    comparisons = [c for c in trial.comparisons if not _is_consequence(c, facts)]
    findings = tuple(
        _configured(
            findings_for(function, facts, comparisons, run.added_lines(function.path), threshold=run.config.threshold),
            run.config,
        )
    )
    if second is not None:
        from cwm_check.neural_trial import agreement, with_agreement

        findings = tuple(with_agreement(finding, second) for finding in findings)
        verdict = replace(verdict, agreement=agreement(trial, second))
    verdict = replace(verdict, probes=trial.conclusive, coverage=trial.coverage, findings=findings, tried=trial.tried)
    if findings:
        best = max(findings, key=lambda f: f.confidence)
        return replace(verdict, kind="changed", evidence=best.evidence, confidence=best.confidence)
    if trial.problem is not None:
        return replace(verdict, reason=trial.problem)
    return replace(verdict, kind="unchanged", evidence=trial.evidence, confidence=trial.coverage or 0.5)


def _simulated(function: ChangedFunction, run: _Run, left: int) -> tuple[Trial, Trial | None]:
    """What the runs of a function show, or why there are none; with both simulators, also what the second says.

    The world model alone speaks for functions of which the sandbox cannot run anything, if it was asked for; and for
    all, if there is no sandbox.
    """
    from cwm_check.trial import Trial

    mode = run.config.simulate
    if mode == "neural":
        return _predicted(function, run, left) or Trial((), problem=SkipReason.NO_RUN), None
    computed = _computed(function, run, left)
    if mode == "hybrid" and computed.problem is not SkipReason.SANDBOX_OFF:
        return computed, None
    predicted = _predicted(function, run, left)
    if predicted is None or computed.conclusive:
        return computed, predicted
    return (computed if predicted.problem is not None else predicted), None


def _computed(function: ChangedFunction, run: _Run, left: int) -> Trial:
    """What the sandbox shows of a function, or why it was not tried."""
    from cwm_check.trial import Trial, try_function

    simulator = run.simulator
    if simulator is None:
        return Trial((), problem=SkipReason.SANDBOX_OFF)
    if run.left() <= 0:
        return Trial((), problem=SkipReason.TIME)
    return try_function(
        function,
        simulator,
        run.calls_of(function),
        probes=run.config.probes,
        exceptions=run.config.exceptions,
        budget=run.budget_of(function, left),
    )


def _predicted(function: ChangedFunction, run: _Run, left: int) -> Trial | None:
    """What the world model alone predicts of a function; None if there is no model."""
    simulator = run.neural
    if simulator is None:
        return None
    from cwm_check.neural_trial import Limits, predict_function
    from cwm_check.slices import slice_module

    return predict_function(
        function,
        simulator,
        slice_module,
        run.calls_of(function),
        probes=run.config.probes,
        exceptions=run.config.exceptions,
        limits=Limits(time.monotonic() + run.budget_of(function, left).seconds, run.config.threshold),
    )


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


class _Run:
    """What the functions of one check share; the sandbox and the repository's calls are made when first needed."""

    def __init__(
        self, changes: ChangeSet, config: Config, work: Sequence[ChangedFunction], announce: Announce | None
    ) -> None:
        self.changes = changes
        self.config = config
        self.notes: list[str] = []
        self.model_name = "assumed"
        self._work = work
        self._announce = announce or (lambda _: None)
        self._deadline = time.monotonic() + config.time_budget
        self._added = {c.path: c.added_lines for c in changes.changes}
        self._shown: dict[str, tuple[int, ...]] = {}

    def left(self) -> float:
        """Seconds of the time budget that are left; compiling the sandbox, once in its life, does not count."""
        return self._deadline - time.monotonic()

    def budget_of(self, function: ChangedFunction, left: int) -> Budget:
        """What one function may cost: the same every time, with a clock only as the guard."""
        from cwm_check.explore import Budget

        edited = sum(not f.because for f in self._work)
        cost = min(max(COST // max(edited, 1), COSTS[0]), COSTS[1])
        seconds = max(self.left() / left * LIKELY_SHARE, SHORTEST)
        if function.because:
            return Budget(pairs=Budget().pairs // CONTEXT_SHARE, cost=cost // CONTEXT_SHARE, seconds=seconds)
        return Budget(cost=cost, seconds=seconds)

    def added_lines(self, path: str) -> tuple[int, ...]:
        """The lines that may be commented on: git's own, since two right diffs may differ."""
        if path not in self._shown:
            shown = self.changes.shown_lines(path)
            self._shown[path] = self._added.get(path, ()) if shown is None else shown
        return self._shown[path]

    def calls_of(self, function: ChangedFunction) -> tuple[str, ...]:
        """Literal calls of the function in the repository's own code."""
        return self._calls.get(_called_name(function), ())

    @cached_property
    def _calls(self) -> Mapping[str, tuple[str, ...]]:
        from cwm_check.calls import find_calls

        tree = self.changes.after
        paths = sorted(tree.paths(), key=lambda p: ("test" not in p, p))[:FILES_READ]
        texts = ((p, text) for p in paths if (text := tree.read(p)) is not None and len(text) < LARGEST)
        return find_calls(texts, {_called_name(f) for f in self._work})

    @cached_property
    def simulator(self) -> Simulator | None:
        """The simulator, or None with a note when the sandbox is not there."""
        from cwm_check.assumptions import TypedDefaults
        from cwm_check.sandbox.component import Sandbox
        from cwm_check.simulate import Simulator
        from cwm_check.slices import slice_module

        started = time.monotonic()
        try:
            sandbox = Sandbox(self._announce)
        except AnalysisError as error:
            self.notes.append(str(error))
            return None
        self._deadline += time.monotonic() - started
        return Simulator(sandbox, TypedDefaults(), self.changes.before.read, self.changes.after.read, slice_module)

    @cached_property
    def neural(self) -> NeuralSimulator | None:
        """The simulator that executes nothing; None with a note where it is only a fallback and does not open."""
        from cwm_check.neural_open import open_neural

        try:
            simulator = open_neural(self.config.model)
        except CwmCheckError as error:
            if self.config.simulate != "hybrid":
                raise
            self.notes.append(str(error))
            return None
        self.model_name = simulator.model.name
        return simulator


def _called_name(function: ChangedFunction) -> str:
    """The name that call sites use: the class for a constructor."""
    owner, _, name = function.qualname.rpartition(".")
    return owner.rpartition(".")[2] if name == "__init__" else name
