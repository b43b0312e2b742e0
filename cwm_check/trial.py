"""Tries one changed function: probes and worlds in the sandbox, both versions compared, until the answer is clear.

In: a function, the simulator, literal calls of the repository. Out: a `Trial`: the comparisons that differ, those that
speak for it with their traces and the lines that cause them, and how much of the change was reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cwm_check.causes import hunks_of, undone
from cwm_check.compare import compare, is_conclusive, is_miscalled, is_misuse, only
from cwm_check.pairs import ChangedFunction
from cwm_check.probing.aimed import aimed
from cwm_check.probing.probes import ranked_constants, synthesize
from cwm_check.probing.samples import declared
from cwm_check.sandbox.component import OutOfTime
from cwm_check.search.choices import Choice
from cwm_check.search.compared import compared
from cwm_check.search.coverage import guard_lines, share_reached
from cwm_check.search.explore import Budget, Exploration, explore
from cwm_check.search.frontier import Attempt, Guards, Replay, Setting, Telling
from cwm_check.search.jobs import Version
from cwm_check.search.outcomes import FRAMES
from cwm_check.search.simulate import Explored, Simulator
from cwm_check.simulations import Comparison, Hazard, Outcome, Probe, Simulation
from cwm_check.spokesmen import may_speak
from cwm_check.trace import Evidence
from cwm_check.verdicts import Tried
from cwm_check.vocabulary import ExceptionEquality, SkipReason
from cwm_check.worth import is_noticed, is_shown, problem_of

PART = 2  # this part of what a search may cost may be spent on what its equal runs are worth
HUNKS = 8  # of one edit that are undone in search of the cause


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying one function gave."""

    comparisons: tuple[Comparison, ...]
    """Those with a difference; those that may speak for it (`spokesmen`) are traced."""
    conclusive: int = 0
    """Probes that ran to an end on both versions."""
    coverage: float | None = None
    problem: SkipReason | None = None
    """Why equal outcomes mean nothing; None when they do."""
    evidence: Evidence = Evidence.CONDITIONAL
    """What the equal outcomes rest on."""
    tried: tuple[Tried, ...] = ()
    """The conclusive calls, each once."""
    settings: tuple[Setting, ...] = ()
    """The probe and the world of each of `comparisons`."""
    was_cut: bool = False
    """The clock ended it while there was more to try: another time it may give more."""
    hazards: tuple[Hazard, ...] = ()
    """Mistakes of the version after, where these were looked for."""


def try_function(
    function: ChangedFunction,
    simulator: Simulator,
    calls: Sequence[str],
    *,
    probes: int,
    exceptions: ExceptionEquality,
    budget: Budget,
) -> Trial:
    """Return what at most `probes` calls show, and the worlds around them, within `budget`."""
    runs = _Runs(function, simulator, exceptions)
    tried = simulator.probes_for(function, synthesize(function, calls, probes))
    result = explore(tried, runs.attempt, runs.own_part, _guards(function), budget, telling=runs.telling)
    coverage = share_reached(function, result.covered_before, result.covered_after)
    found = tuple(runs.told(result))
    problem = problem_of(result, coverage, budget)
    if problem is None and not found and not runs.would_tell(result, budget.cost // PART):
        problem = SkipReason.UNNOTICED
    return Trial(
        found,
        result.conclusive,
        coverage,
        SkipReason.CALLEE if problem is None and runs.is_of_callee else problem,
        _weakest(result),
        _tried(result),
        tuple(result.settings[index] for index in result.differing),
        result.was_cut,
    )


class _Runs:
    """Both versions of one function, run in one world after another."""

    def __init__(self, function: ChangedFunction, simulator: Simulator, exceptions: ExceptionEquality) -> None:
        self._function = function
        self._simulator = simulator
        self._exceptions = exceptions
        self._versions = simulator.versions(function)
        self._pool, own, around = ranked_constants(function)
        self.telling = Telling(own, own | around)
        self._compared, self._declared, self._aimed = compared(function), declared(function), aimed(function)
        self.is_of_callee = False
        """Whether a run differed in a way that the function's own edit does not show without what it calls."""

    @cached_property
    def _own(self) -> tuple[tuple[Version, Version], ...]:
        return _own_edit(self._function, self._simulator)

    @cached_property
    def _apart(self) -> tuple[tuple[Version, Version], ...]:
        return self._simulator.apart(self._function) if self._own else ()

    def _run(
        self,
        versions: tuple[Version, Version],
        probe: Probe,
        bindings: Mapping[str, str],
        *,
        overrides: Mapping[str, str] | None = None,
        decided: Sequence[Choice] = (),
        frames: int = 0,
    ) -> Explored:
        return self._simulator.simulate(
            versions,
            probe,
            self._pool,
            overrides=overrides,
            bindings=bindings,
            decided=decided,
            frames=frames,
            compared=self._compared,
            declared=self._declared,
            aimed=self._aimed,
        )

    def _again(self, versions: tuple[Version, Version], replay: Replay, frames: int = 0) -> Explored:
        """What versions do in a world that was."""
        (probe, overrides, _), decided, bindings = replay
        return self._run(versions, probe, bindings, overrides=overrides, decided=decided, frames=frames)

    def attempt(self, probe: Probe, overrides: Mapping[str, str], bindings: Mapping[str, str]) -> Attempt:
        """Return what one world shows."""
        explored = self._run(self._versions, probe, bindings, overrides=overrides)
        simulation = explored.simulation
        comparison = compare(simulation, self._exceptions)
        return Attempt(comparison, explored.choices, dict(explored.bindings), explored.cost, is_misuse(simulation))

    def own_part(self, comparison: Comparison, replay: Replay) -> Comparison:
        """Return what of a comparison the function's own edit shows alone."""
        for pair in (*self._own, *self._apart):
            alone = self._again(pair, replay).simulation
            if self._apart and pair in self._own and is_miscalled(alone, comparison.simulation):
                continue
            if is_conclusive(alone) or alone.before.outcome == alone.after.outcome:
                own = only(comparison, compare(alone, self._exceptions))
                self.is_of_callee = self.is_of_callee or (pair in self._apart and not own.differences)
                return own
        return comparison

    def would_tell(self, result: Exploration, cost: int) -> bool:
        """Whether the runs notice other edits of the changed lines; if not, equal runs tell nothing of this one."""
        try:
            return is_noticed(self._function, result, self._shows, cost)
        except OutOfTime:
            result.was_cut = True
            return True

    def _shows(self, side: int, module: str, replay: Replay, known: Simulation) -> tuple[bool, int]:
        """Whether one version, in another text of its module, ends otherwise than it is `known` to, and the cost."""
        before, after = self._versions
        edited = self._simulator.edited(self._versions[side], module)
        explored = self._again((before, edited) if side else (edited, after), replay)
        return is_shown(side, explored.simulation, known), explored.cost

    def told(self, result: Exploration) -> Iterator[Comparison]:
        """Yield the comparisons with a difference; those that speak have their traces and their cause."""
        differing = [result.comparisons[index] for index in result.differing]
        speaking = {id(comparison) for comparison in may_speak(differing)}
        for comparison, index in zip(differing, result.differing, strict=True):
            try:
                speaks = id(comparison) in speaking
                yield self._traced(comparison, result.replays[index]) if speaks else comparison
            except OutOfTime:
                result.was_cut = True
                yield comparison

    def _traced(self, known: Comparison, replay: Replay) -> Comparison:
        again = self._again(self._versions, replay, FRAMES)
        comparison = only(compare(again.simulation, self._exceptions), known)
        # A trace costs steps and memory: where these run out, the comparison without it stands.
        shown = comparison if comparison.differences else known
        return replace(shown, cause=self._cause(replay))

    def _cause(self, replay: Replay) -> int | None:
        """The line of the hunk without which both versions do the same."""
        hunks = () if self._function.because else hunks_of(self._function)
        if len(hunks) == 1:
            return hunks[0].line
        before, after = self._versions
        for hunk in hunks[:HUNKS]:
            without = self._simulator.edited(after, undone(self._function, hunk))
            found = self._again((before, without), replay).simulation
            if is_conclusive(found) and not compare(found, self._exceptions).differences:
                return hunk.line
        return None


def _own_edit(function: ChangedFunction, simulator: Simulator) -> tuple[tuple[Version, Version], ...]:
    """Pairs that differ by the function's own edit alone; none where nothing else changed in the module.

    Where such a pair does the same, another function made the difference: it is told there.
    """
    if function.because or function.before.qualname != function.after.qualname:
        return ()
    pairs = simulator.isolated(function)
    return () if pairs[0][0].source.split() == function.before_module.split() else pairs


def _guards(function: ChangedFunction) -> Guards:
    return {
        "before": (guard_lines(function.before_module, function.changed_before), frozenset(function.changed_before)),
        "after": (guard_lines(function.after_module, function.changed_after), frozenset(function.changed_after)),
    }


def _weakest(result: Exploration) -> Evidence:
    order = list(Evidence)
    return max((c.evidence for c in result.comparisons), key=order.index, default=Evidence.CONDITIONAL)


def _tried(result: Exploration) -> tuple[Tried, ...]:
    """The calls as a reader sees them; of one call in several worlds, a world in which it differs."""
    told: dict[str, Tried] = {}
    for comparison in result.comparisons:
        simulation, differs = comparison.simulation, bool(comparison.differences)
        before, after = simulation.before.outcome, simulation.after.outcome
        known = told.get(simulation.call)
        if is_conclusive(simulation) and (known is None or (differs and not known.differs)):
            told[simulation.call] = Tried(simulation.call, ending(before), ending(after), differs)
    return tuple(told.values())


def ending(outcome: Outcome) -> str:
    """Return how a run ended, as text."""
    if outcome.kind == "returned":
        return outcome.value
    return f"raises {outcome.value}" + (f": {outcome.message}" if outcome.message else "")
