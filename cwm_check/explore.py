"""Decides which probes and which worlds to try on a changed function, and when to stop.

In: probes in the order of their promise. Out: the comparisons that were made, and which changed lines were reached. As
in concolic testing, each run shows which decisions its world took (is this unknown object true? does that call raise?);
the children of a run take one of them the other way. Decisions that guard the change go first. Stops when a difference
is sure, when nothing is left, or at the budget.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cwm_check.trace import Evidence
from cwm_check.types import Comparison, Probe
from cwm_check.world import Choice


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try gave."""

    comparison: Comparison
    choices: tuple[Choice, ...]
    bindings: Mapping[str, str]
    cost: int
    is_misuse: bool = False
    """The probe makes no sense to either version; worlds that only differ a little will not either."""


Guards = Mapping[str, tuple[frozenset[int], frozenset[int]]]
"""For `before` and `after`: the lines that guard the change, and the changed lines."""
Try = Callable[[Probe, Mapping[str, str], Mapping[str, str]], Attempt]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be spent on one function."""

    pairs: int = 80
    """Runs of both versions."""
    cost: int = 12_000_000_000
    """Wasm instructions: about two seconds. Unlike a clock they are the same every time."""
    seconds: float = 30.0
    """A guard only, far above what the other limits allow."""
    differing: int = 4
    """Pairs with a difference after which the function is settled."""


@dataclass(slots=True)
class Exploration:
    """What was tried on one function."""

    comparisons: list[Comparison] = field(default_factory=list)
    settings: list[tuple[Probe, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)
    """The world of each comparison, to run it again with traces."""
    conclusive: int = 0
    covered_before: set[int] = field(default_factory=set)
    covered_after: set[int] = field(default_factory=set)
    was_cut: bool = False
    """The clock ended it while there was more to try."""

    @property
    def differing(self) -> list[int]:
        """Indices of the comparisons with a difference."""
        return [i for i, c in enumerate(self.comparisons) if c.differences]


def explore(
    probes: Sequence[Probe],
    attempt: Try,
    guards: Guards,
    budget: Budget,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Exploration:
    """Try probes and worlds by `attempt` until the budget is used or the answer is clear."""
    result = Exploration()
    started = clock()
    cost = 0
    queue: list[tuple[float, int, Probe, dict[str, str], Mapping[str, str]]] = []
    order = 0
    for probe in probes:
        heapq.heappush(queue, (float(order), order, probe, {}, {}))
        order += 1
    taken: set[tuple[str, str]] = set()
    while (
        queue and len(result.comparisons) < budget.pairs and cost < budget.cost and clock() - started < budget.seconds
    ):
        rank, _, probe, overrides, bindings = heapq.heappop(queue)
        tried = attempt(probe, overrides, bindings)
        cost += tried.cost
        progress = 0.5 if _reaches_new(result, tried.comparison) else 1.0
        _note(result, tried.comparison, (probe, overrides, bindings))
        if _settled(result, budget):
            break
        if tried.is_misuse:
            continue
        for weight, key, option in _flips(tried.choices, guards, taken):
            child = {**{c.key: c.taken for c in tried.choices if c.key in overrides}, key: option}
            kept = _kept(tried.bindings, key)
            heapq.heappush(queue, (rank + weight * progress, order, probe, child, kept))
            order += 1
    result.was_cut = bool(queue) and clock() - started >= budget.seconds
    return result


def _note(
    result: Exploration, comparison: Comparison, setting: tuple[Probe, Mapping[str, str], Mapping[str, str]]
) -> None:
    simulation = comparison.simulation
    result.comparisons.append(comparison)
    result.settings.append(setting)
    if "unfinished" not in (simulation.before.outcome.kind, simulation.after.outcome.kind):
        result.conclusive += 1
        result.covered_before |= simulation.before.covered
        result.covered_after |= simulation.after.covered


def _reaches_new(result: Exploration, comparison: Comparison) -> bool:
    simulation = comparison.simulation
    return not (simulation.before.covered <= result.covered_before and simulation.after.covered <= result.covered_after)


def _settled(result: Exploration, budget: Budget) -> bool:
    found = [result.comparisons[i] for i in result.differing]
    return len(found) >= budget.differing or any(c.evidence is Evidence.EXACT for c in found)


def _flips(choices: Sequence[Choice], guards: Guards, taken: set[tuple[str, str]]) -> Iterator[tuple[float, str, str]]:
    """Options of this run's world that no run took yet, with the weight of each: small is soon."""
    for depth, choice in enumerate(choices):
        taken.add((choice.key, choice.taken))
        near = _distance(choice, guards) + (0.7 if choice.key.startswith("value of ") else 0.0)
        for place, option in enumerate(choice.options):
            if (choice.key, option) not in taken:
                taken.add((choice.key, option))
                yield 0.3 + near + place / 3 + depth / 50, choice.key, option


def _distance(choice: Choice, guards: Guards) -> float:
    """How far a choice is from deciding whether the change runs: a guard of it, a line of it, or anything else."""
    guard, changed = guards.get(choice.side, (frozenset(), frozenset()))
    if not choice.lines:
        return 6.0
    if any(line in guard for line in choice.lines):
        return 0.0
    if any(line in changed for line in choice.lines):
        return 0.5
    return 2.0


def _kept(bindings: Mapping[str, str], flipped: str) -> dict[str, str]:
    """Values of the parent's world that the child can begin with: all but what the flipped choice is about."""
    return {e: v for e, v in bindings.items() if e not in flipped and not flipped.endswith(e)}
