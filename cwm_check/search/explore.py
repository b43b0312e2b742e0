"""Tries probes and worlds on a changed function until the answer is clear.

In: probes in the order of their promise. Out: the comparisons that were made, and which changed lines were reached. As
in concolic testing, each run shows which decisions its world took (is this unknown object true? does that call raise?);
`frontier` plans worlds that take others. A difference counts once it is confirmed to come from the function's own edit.
Stops when enough of them are, when nothing is left, or at the budget.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cwm_check.sandbox.component import OutOfTime
from cwm_check.search.frontier import FURTHER, NOTHING, Attempt, Frontier, Guards, Replay, Setting, Telling
from cwm_check.simulations import Comparison, Probe
from cwm_check.trace import Evidence
from cwm_check.vocabulary import SLIGHT

Try = Callable[[Probe, Mapping[str, str], Mapping[str, str]], Attempt]
Confirm = Callable[[Comparison, Replay], Comparison]
AHEAD = 0.2  # and those of a run that got nearer to the change


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be spent on one function."""

    pairs: int = 80
    """Runs of both versions."""
    cost: int = 13_000_000_000
    """Wasm instructions: about two seconds. Unlike a clock they are the same every time."""
    seconds: float = 30.0
    """A guard only, far above what the other limits allow."""
    differing: int = 2
    """Pairs with a difference after which the function is settled."""


@dataclass(slots=True)
class Exploration:
    """What was tried on one function."""

    comparisons: list[Comparison] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    """The world of each comparison, as it was planned."""
    replays: list[Replay] = field(default_factory=list)
    """The world of each comparison, as it came to be: with traces or other texts it runs again without new starts."""
    differing: list[int] = field(default_factory=list)
    """Indices of the comparisons with a confirmed difference."""
    conclusive: int = 0
    """Comparisons that tell something: both versions ended, and not since they cannot work with the values."""
    covered_before: set[int] = field(default_factory=set)
    covered_after: set[int] = field(default_factory=set)
    was_cut: bool = False
    """The clock ended it while there was more to try."""
    was_short: bool = False
    """What it may cost was used up while there was more to try."""


def explore(
    probes: Sequence[Probe],
    attempt: Try,
    confirm: Confirm,
    guards: Guards,
    budget: Budget,
    *,
    telling: Telling = NOTHING,
    clock: Callable[[], float] = time.monotonic,
) -> Exploration:
    """Try probes and worlds by `attempt` until the budget is used or the answer is clear.

    `confirm` leaves of a comparison with differences those that are the function's own; unknown objects are soon given
    the values of `telling`.
    """
    result, frontier = Exploration(), Frontier(probes, telling, guards)
    started, cost = clock(), 0
    while len(result.comparisons) < budget.pairs and cost < budget.cost and clock() - started < budget.seconds:
        if (setting := frontier.take()) is None:
            break
        try:
            tried = attempt(*setting)
            own = _news(result, tried.comparison, budget)
            own = confirm(own, (setting, tried.choices, tried.bindings)) if own.differences else own
        except OutOfTime:
            result.was_cut = True
            break
        cost += tried.cost
        differs = bool(own.differences)
        frontier.learn(setting, tried, differs=differs)
        step = 1.0 if differs else _step(result, tried, guards)  # what is near a difference shows it again
        is_behind = _is_behind(result, tried, guards)
        _note(result, replace(tried, comparison=own) if differs else tried, setting)
        if differs:
            result.differing.append(len(result.comparisons) - 1)
        if _settled(result, budget):
            break
        frontier.spread(setting, tried, step, is_behind=is_behind)
    result.was_short = bool(frontier) and cost >= budget.cost
    result.was_cut = result.was_cut or (bool(frontier) and clock() - started >= budget.seconds)
    return result


def _note(result: Exploration, tried: Attempt, setting: Setting) -> None:
    """What neither version can work with tells nothing of the lines that it reached on the way."""
    simulation = tried.comparison.simulation
    result.comparisons.append(tried.comparison)
    result.settings.append(setting)
    result.replays.append((setting, tried.choices, tried.bindings))
    if not tried.is_misuse and "unfinished" not in (simulation.before.outcome.kind, simulation.after.outcome.kind):
        result.conclusive += 1
        result.covered_before |= simulation.before.covered
        result.covered_after |= simulation.after.covered


def _step(result: Exploration, tried: Attempt, guards: Guards) -> float:
    """How far the children of a run are from it: what part of their own distances counts."""
    if not _reaches_new(result, tried):
        return 1.0
    new = _new_lines(result, tried)
    return AHEAD if any(new[side] & (guard | changed) for side, (guard, changed) in guards.items()) else FURTHER


def _is_behind(result: Exploration, tried: Attempt, guards: Guards) -> bool:
    """Whether a run that the change took part in is the first one on lines that are neither changed nor guard it."""
    simulation, new = tried.comparison.simulation, _new_lines(result, tried)
    ran = {"before": simulation.before.covered, "after": simulation.after.covered}
    return not tried.is_misuse and any(
        not ran[side].isdisjoint(changed) and not new[side] <= guard | changed
        for side, (guard, changed) in guards.items()
    )


def _new_lines(result: Exploration, tried: Attempt) -> dict[str, frozenset[int]]:
    simulation = tried.comparison.simulation
    return {
        "before": simulation.before.covered - result.covered_before,
        "after": simulation.after.covered - result.covered_after,
    }


def _reaches_new(result: Exploration, tried: Attempt) -> bool:
    simulation = tried.comparison.simulation
    return not tried.is_misuse and not (
        simulation.before.covered <= result.covered_before and simulation.after.covered <= result.covered_after
    )


def _news(result: Exploration, comparison: Comparison, budget: Budget) -> Comparison:
    """The comparison; without differences that most callers cannot notice where enough others show such alone."""
    known = sum(_is_slight(result.comparisons[i]) for i in result.differing)
    is_news = not _is_slight(comparison) or known < budget.differing
    return comparison if is_news else replace(comparison, differences=())


def _is_slight(comparison: Comparison) -> bool:
    """Whether most callers could not notice the differences: they do not end the search."""
    return all(difference.kind in SLIGHT for difference in comparison.differences)


def _settled(result: Exploration, budget: Budget) -> bool:
    found = [c for i in result.differing if not _is_slight(c := result.comparisons[i])]
    return len(found) >= budget.differing or any(c.evidence is Evidence.EXACT for c in found)
