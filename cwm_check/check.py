"""The flow: a change set comes in, one verdict for each changed function goes out.

    functions -> equivalence -> facts -> probes -> simulate -> compare -> findings

Static tiers come first and libraries are imported when they are needed: a commit that only changes layout imports none of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from cwm_check.config import Config, level_of, selects_function, selects_path
from cwm_check.equivalence import prove_same, same_text
from cwm_check.errors import AnalysisError
from cwm_check.git import ChangeSet
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
    FunctionSource,
    SkipReason,
    Verdict,
)

if TYPE_CHECKING:
    from cwm_check.explore import Attempt, Exploration
    from cwm_check.simulate import Simulator
    from cwm_check.types import Probe

Progress = Callable[[str, int, int], None]


def check(changes: ChangeSet, config: Config, *, progress: Progress | None = None) -> CheckResult:
    """Return the verdicts on all changed functions; those whose own text changed are looked at first."""
    run = _Run(changes, config, time.monotonic() + config.time_budget)
    selected = [c for c in changes.changes if selects_path(config, c.path)]
    files = [f for c in selected if (f := _functions_of(c)) is not None]
    work = sorted(
        ((bool(f.because), file.path, f.before.first_line, f) for file in files for f in file.changed),
        key=lambda w: w[:3],
    )
    verdicts: list[Verdict] = []
    for number, (_, _, _, function) in enumerate(work):
        if progress:
            progress(function.qualname, number, len(work))
        verdicts.append(_verdict(function, run, len(work) - number))
    for file in files:
        verdicts += _added(file)
        verdicts += _removed(file, config)
    texts = {c.path: c for c in selected}
    named = sorted({f.path for v in verdicts for f in v.findings})
    return CheckResult(
        verdicts=tuple(sorted(verdicts, key=lambda v: (v.path, v.line, v.qualname))),
        problems=tuple(FileProblem(f.path, f.problem) for f in files if f.problem is not None),
        sources=tuple((p, texts[p].after or "") for p in named),
        added_lines=tuple((p, texts[p].added_lines) for p in named),
        model=run.model_name,
        notes=(*changes.notes, *run.notes),
    )


def _functions_of(change: FileChange) -> FileFunctions | None:
    """The functions of a changed file; None when only its layout changed."""
    if (
        change.problem is None
        and change.before is not None
        and change.after is not None
        and same_text(change.before, change.after)
    ):
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
    if (rewrites := prove_same(function)) is not None:
        return replace(verdict, kind="same", reason=", ".join(rewrites))
    from cwm_check.facts import find_facts
    from cwm_check.findings import findings_for

    facts = find_facts(function)
    tried = _Tried((), 0, None, SkipReason.TIME) if run.left() <= 0 else _simulate(function, run, left)
    comparisons = [c for c in tried.comparisons if not _is_consequence(c, facts)]
    findings = findings_for(
        function, facts, comparisons, run.added_lines(function.path), threshold=run.config.threshold
    )
    findings = tuple(_configured(findings, run.config))
    verdict = replace(verdict, probes=tried.conclusive, coverage=tried.coverage)
    if findings:
        best = max(findings, key=lambda f: f.confidence)
        return replace(verdict, kind="changed", evidence=best.evidence, confidence=best.confidence, findings=findings)
    if tried.problem is not None:
        return replace(verdict, reason=tried.problem)
    return replace(verdict, kind="unchanged", evidence=tried.evidence, confidence=0.5)


# --- simulation


@dataclass(frozen=True, slots=True)
class _Tried:
    """What simulating one function gave."""

    comparisons: tuple[Comparison, ...]
    conclusive: int
    coverage: float | None
    problem: SkipReason | None
    """Why equal outcomes mean nothing; None when they do."""
    evidence: Evidence = Evidence.CONDITIONAL


class _Run:
    """What the functions of one check share: the sandbox, the world model, the clock; made when first needed."""

    def __init__(self, changes: ChangeSet, config: Config, deadline: float) -> None:
        self.changes = changes
        self.config = config
        self._deadline = deadline
        self.notes: list[str] = []
        self._added = {c.path: c.added_lines for c in changes.changes}

    def left(self) -> float:
        """Seconds of the time budget that are left."""
        return self._deadline - time.monotonic()

    def added_lines(self, path: str) -> tuple[int, ...]:
        return self._added.get(path, ())

    @cached_property
    def model_name(self) -> str:
        return "assumed"

    @cached_property
    def calls(self) -> Mapping[str, tuple[str, ...]]:
        """Literal calls of the changed functions in the repository's own code."""
        return {}

    @cached_property
    def simulator(self) -> Simulator | None:
        """The simulator, or None with a note when the sandbox is not there."""
        from cwm_check.assumptions import TypedDefaults
        from cwm_check.sandbox.component import Sandbox
        from cwm_check.simulate import Simulator
        from cwm_check.slices import slice_module

        try:
            sandbox = Sandbox(self.notes.append)
        except AnalysisError as error:
            self.notes.append(str(error))
            return None
        return Simulator(sandbox, TypedDefaults(), self.changes.before.read, self.changes.after.read, slice_module)


def _simulate(function: ChangedFunction, run: _Run, left: int) -> _Tried:
    """Try probes on both versions and compare what they do."""
    simulator = run.simulator
    if simulator is None:
        return _Tried((), 0, None, SkipReason.SANDBOX_OFF)
    from cwm_check.compare import compare, is_conclusive, is_misuse
    from cwm_check.coverage import guard_lines, share_reached
    from cwm_check.explore import Attempt, Budget, explore
    from cwm_check.probes import constants, synthesize

    versions = simulator.versions(function)
    pool = constants(function)
    probes = simulator.probes_for(
        function, synthesize(function, run.calls.get(function.qualname, ()), run.config.probes)
    )
    seconds = max(run.left() / left * 4, 0.5)

    def attempt(probe: Probe, overrides: Mapping[str, int], bindings: Mapping[str, str]) -> Attempt:
        explored = simulator.simulate(versions, probe, pool, overrides=overrides, bindings=bindings)
        return Attempt(
            compare(explored.simulation),
            explored.choices,
            dict(explored.bindings),
            explored.fuel,
            is_misuse(explored.simulation),
        )

    guards = {
        "before": (guard_lines(function.before_module, function.changed_before), frozenset(function.changed_before)),
        "after": (guard_lines(function.after_module, function.changed_after), frozenset(function.changed_after)),
    }
    result = explore(probes, attempt, guards, Budget(seconds=seconds))
    found = []
    own = (
        None
        if function.because or function.before.qualname != function.after.qualname
        else simulator.isolated(function)
    )
    for index in result.differing:
        probe, overrides, bindings = result.settings[index]
        if own is not None:
            alone = simulator.simulate(own, probe, pool, overrides=overrides, bindings=bindings).simulation
            if is_conclusive(alone) and not compare(alone).differences:
                continue  # another function's change, told there
        traced = simulator.simulate(versions, probe, pool, overrides=overrides, bindings=bindings, frames=True)
        found.append(compare(traced.simulation))
    coverage = share_reached(function, result.covered_before, result.covered_after)
    return _Tried(tuple(found), result.conclusive, coverage, _problem(result, coverage), _weakest(result))


def _weakest(result: Exploration) -> Evidence:
    order = list(Evidence)
    return max((c.evidence for c in result.comparisons), key=order.index, default=Evidence.CONDITIONAL)


def _problem(result: Exploration, coverage: float | None) -> SkipReason | None:
    """Why no difference is no news: nothing ran to an end, or what changed was not reached."""
    if not result.conclusive:
        limits = [c for c in result.comparisons if "limit" in c.simulation.before.outcome.value]
        return SkipReason.LIMIT if limits else SkipReason.NO_RUN
    return SkipReason.NOT_REACHED if coverage is not None and coverage < 0.5 else None


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


# --- functions that are on one side only


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
        yield _removal(file.path, function, findings)


def _removal(path: str, function: FunctionSource, findings: tuple[Finding, ...]) -> Verdict:
    kind = "changed" if findings else "skipped"
    reason = "" if findings else SkipReason.SELECTION
    return Verdict(path, function.qualname, kind, Evidence.STATIC, 1.0, function.def_line, reason, findings)  # type: ignore[arg-type]
