"""Tries the version after of one function alone, in search of mistakes: a function in, a `Trial` with its hazards out.

The probes and worlds are those of `trial`, aimed at all of the function's lines. What ends in a way that looks like a
mistake runs again with a trace, and what the version before does as well is no news.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cwm_check.compare import is_misuse
from cwm_check.hazards.mistakes import Run, ending, fits, is_suspect, line_in, origin, rule_of
from cwm_check.hazards.promises import promises_of
from cwm_check.pairs import ChangedFunction
from cwm_check.probing.probes import constants, synthesize
from cwm_check.sandbox.component import OutOfTime
from cwm_check.search.coverage import guard_lines
from cwm_check.search.explore import Budget, Exploration, explore
from cwm_check.search.frontier import Attempt, Guards, Replay
from cwm_check.search.jobs import Version
from cwm_check.search.outcomes import FRAMES
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Comparison, Hazard, Probe, Simulation
from cwm_check.trace import Evidence
from cwm_check.trial import Trial
from cwm_check.vocabulary import ExceptionEquality

PAIRS = 40  # runs of one function
TRACED = 6  # of them that run again
TOLD = 3  # hazards of one function


def alone(function: ChangedFunction) -> ChangedFunction:
    """Return the version after as both versions of a function of which every line counts."""
    lines = tuple(range(function.after.first_line, function.after.last_line + 1))
    return replace(
        function,
        before_path=function.path,
        before=function.after,
        before_module=function.after_module,
        changed_before=lines,
        changed_after=lines,
        because=(),
    )


def try_alone(
    function: ChangedFunction,
    simulator: Simulator,
    calls: Sequence[str],
    *,
    probes: int,
    exceptions: ExceptionEquality,
    budget: Budget,
) -> Trial:
    """Return what the runs of the version after show; one that was not there before is its own version before."""
    single = alone(function)
    versions = simulator.versions(single)
    both = versions[1], versions[1]
    pool = constants(single)

    def attempt(probe: Probe, overrides: Mapping[str, str], bindings: Mapping[str, str]) -> Attempt:
        found = simulator.simulate(both, probe, pool, overrides=overrides, bindings=bindings)
        comparison = Comparison(found.simulation, (), found.simulation.after.evidence, 1.0)
        return Attempt(comparison, found.choices, dict(found.bindings), found.cost, is_misuse(found.simulation))

    made = synthesize(single, calls, probes)
    tried = simulator.probes_for(single, sorted(made, key=lambda p: not fits(p, function.after, function.after_module)))
    limits = replace(budget, pairs=min(budget.pairs, PAIRS))
    result = explore(tried, attempt, lambda comparison, *_: comparison, _guards(single), limits)
    trial = Trial((), result.conclusive, was_cut=result.was_cut)
    try:
        found = tuple(_hazards(function, simulator, both, pool, result))
    except OutOfTime:
        return replace(trial, was_cut=True)
    return replace(trial, hazards=found[:TOLD])


def _guards(function: ChangedFunction) -> Guards:
    lines = frozenset(function.changed_after)
    return dict.fromkeys(("before", "after"), (guard_lines(function.after_module, lines), lines))


def _hazards(
    function: ChangedFunction,
    simulator: Simulator,
    both: tuple[Version, Version],
    pool: Sequence[str],
    result: Exploration,
) -> Iterator[Hazard]:
    promises = promises_of(function.after, function.after_module)
    told = set()
    for replay in _suspects(result):
        again = _again(simulator, both, pool, replay, FRAMES)
        run = Run(again.after, again.probe, function.after, promises)
        rule = rule_of(run)
        line = line_in(function.after, again.after.trace) or function.after.def_line
        first = origin(run) or line
        if rule is None or (rule, first) in told or _was_so(function, simulator, pool, replay):
            continue
        told.add((rule, first))
        end, confidence = ending(run)
        trace = again.after.trace
        yield Hazard(rule, again.call, end, line, first, run.prediction.evidence, confidence, again.assumptions, trace)


def _again(
    simulator: Simulator, versions: tuple[Version, Version], pool: Sequence[str], replay: Replay, frames: int = 0
) -> Simulation:
    """What versions do in a world that was."""
    (probe, overrides, _), decided, bindings = replay
    return simulator.simulate(
        versions, probe, pool, overrides=overrides, bindings=bindings, decided=decided, frames=frames
    ).simulation


def _suspects(result: Exploration) -> list[Replay]:
    """The worlds in which a run looks like a mistake, one for each way it ends, those with the surest runs first."""
    order = list(Evidence)
    ranked = sorted(
        (order.index(c.evidence), len(c.simulation.assumptions), len(c.simulation.call), n)
        for n, c in enumerate(result.comparisons)
        if is_suspect(c.simulation.after)
    )
    seen: dict[tuple[str, str, str], int] = {}
    for *_, number in ranked:
        outcome = result.comparisons[number].simulation.after.outcome
        seen.setdefault((outcome.kind, outcome.value, outcome.message), number)
    return [result.replays[number] for number in list(seen.values())[:TRACED]]


def _was_so(function: ChangedFunction, simulator: Simulator, pool: Sequence[str], replay: Replay) -> bool:
    """Whether the version before ends in the same way: then it is no mistake of the change."""
    if function.before == function.after and function.before_module == function.after_module:
        return False
    found = _again(simulator, simulator.versions(function), pool, replay)
    before, after = found.before.outcome, found.after.outcome
    return (before.kind, before.value.partition(":")[0]) == (after.kind, after.value.partition(":")[0])
