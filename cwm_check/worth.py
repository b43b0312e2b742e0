"""What equal runs of a changed function are worth: nothing where too few ran, or none would notice another edit.

In: a search that found no difference, and who runs an edited module. Out: why it is no news; whether enough of other
edits of the changed lines show in some world.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cwm_check.compare import is_conclusive
from cwm_check.edits import Edit, edits_of
from cwm_check.pairs import ChangedFunction
from cwm_check.search.explore import Budget, Exploration
from cwm_check.search.frontier import Replay
from cwm_check.simulations import Outcome, Prediction, Simulation
from cwm_check.vocabulary import SkipReason

FEW = 4  # where the clock cuts a search, less than this part of the runs that it may take shows nothing
LEAST = 6  # runs that tell something, where what they may cost ends a search
WORLDS = 16  # in which an edit is tried, at most
WANTED = 0.75  # share of the edits that must be noticed, or all but one, see docs/quality.md

Shows = Callable[[int, str, Replay, Simulation], tuple[bool, int]]
"""Runs both versions, one of them (0: before, 1: after) in another text, in a world of which it is known how they end:
is the edit to be seen, and what it cost."""


def problem_of(result: Exploration, coverage: float | None, budget: Budget) -> SkipReason | None:
    """Return why no difference is no news: nothing ran to an end, what changed was not reached, or the clock cut it."""
    if not result.conclusive or all(_is_refused(c.simulation) for c in result.comparisons):
        if result.was_cut:
            return SkipReason.TIME
        limits = [c for c in result.comparisons if "limit" in c.simulation.before.outcome.value]
        return SkipReason.LIMIT if limits else SkipReason.NO_RUN
    if result.was_cut and result.conclusive < budget.pairs // FEW:
        return SkipReason.TIME
    if result.was_short and result.conclusive < LEAST:
        return SkipReason.STEPS
    if coverage is None or coverage == 1:
        return None
    return SkipReason.TIME if result.was_cut else SkipReason.NOT_REACHED


def _is_refused(simulation: Simulation) -> bool:
    """Whether both runs failed at an operation of the code, not at its own `raise`, or did not end: no use of it."""
    outcomes = simulation.before.outcome, simulation.after.outcome
    return all(o.kind == "unfinished" or (o.kind == "raised" and not o.explicit) for o in outcomes)


def is_noticed(function: ChangedFunction, search: Exploration, shows: Shows, cost: int) -> bool:
    """Return whether enough edits of the changed lines show in a world of `search`, of those that `cost` suffices for.

    Those of the version after are asked for, or, where the change only takes away, those of the one before.
    """
    ended = [
        (replay, comparison.simulation)
        for replay, comparison in zip(search.replays, search.comparisons, strict=True)
        if is_conclusive(comparison.simulation)
    ]
    before, after = function.before, function.after
    for side, module, version, changed, other in (
        (1, function.after_module, after, function.changed_after, before),
        (0, function.before_module, before, function.changed_before, after),
    ):
        if edits := edits_of(module, version, changed, other):
            return _are_noticed(edits, side, ended, shows, cost)
    return True


def is_shown(side: int, found: Simulation, known: Simulation) -> bool:
    """Return whether a run shows an edit of one version: that one ends otherwise, where the other one ends as before.

    Where that does not, the edit led to other values: then the versions part that did not part before.
    """
    edited, other = _of(found, side).outcome, _of(found, 1 - side).outcome
    was, kept = _of(known, side).outcome, _of(known, 1 - side).outcome
    return edited != was if other == kept else was == kept and edited != other


def _are_noticed(
    edits: Sequence[Edit], side: int, worlds: Sequence[tuple[Replay, Simulation]], shows: Shows, cost: int
) -> bool:
    told = [(replay, known, _of(known, side).covered) for replay, known in _apart(worlds, side)]
    tried = noticed = spent = 0
    for edit in edits:
        if spent >= cost or noticed >= WANTED * len(edits) or tried - noticed > max(1, (1 - WANTED) * len(edits)):
            break
        tried += 1
        for replay, known in [(r, k) for r, k, ran in told if not edit.lines.isdisjoint(ran)][:WORLDS]:
            does_show, price = shows(side, edit.module, replay, known)
            spent += price
            if does_show:
                noticed += 1
                break
    return noticed >= WANTED * tried or noticed == tried - 1 > 0


def _of(simulation: Simulation, side: int) -> Prediction:
    return simulation.after if side else simulation.before


def _apart(worlds: Sequence[tuple[Replay, Simulation]], side: int) -> list[tuple[Replay, Simulation]]:
    """The worlds, those first that end otherwise than all before them."""
    seen: set[Outcome] = set()
    new: list[tuple[Replay, Simulation]] = []
    known: list[tuple[Replay, Simulation]] = []
    for replay, simulation in worlds:
        end = _of(simulation, side).outcome
        (known if end in seen else new).append((replay, simulation))
        seen.add(end)
    return new + known
