"""Decides which probes and which worlds to try on a changed function, and when to stop.

In: probes in the order of their promise. Out: the comparisons that were made, and which changed lines were reached. As
in concolic testing, each run shows which decisions its world took (is this unknown object true? does that call raise?);
the children of a run take one of them the other way. Decisions that guard the change go first, and only those are
turned round together with others. A difference counts once it is confirmed to come from the function's own edit. Stops
when enough of them are, when nothing is left, or at the budget.
"""

from __future__ import annotations

import heapq
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cwm_check.choices import Choice
from cwm_check.footing import Footing
from cwm_check.sandbox.component import OutOfTime
from cwm_check.simulations import Comparison, Probe
from cwm_check.trace import Evidence
from cwm_check.vocabulary import SLIGHT


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try gave."""

    comparison: Comparison
    choices: tuple[Choice, ...]
    bindings: Mapping[str, str]
    cost: int
    is_misuse: bool = False
    """Neither version can do anything with the values: only objects of other kinds may make more sense."""


Guards = Mapping[str, tuple[frozenset[int], frozenset[int]]]
"""For `before` and `after`: the lines that guard the change, and the changed lines."""
Try = Callable[[Probe, Mapping[str, str], Mapping[str, str]], Attempt]
Confirm = Callable[[Comparison, Probe, Mapping[str, str], Mapping[str, str]], Comparison]
Setting = tuple[Probe, Mapping[str, str], Mapping[str, str]]
"""A probe and its world: the options it takes, and the values that unknown objects begin with."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Literals at which an unknown object is likely to show the change."""

    own: frozenset[str] = frozenset()
    """Those that only one version has."""
    near: frozenset[str] = frozenset()
    """Those of conditions around the change."""


FAR = 2.0  # distance of the choices that have nothing to do with the change
NEAR = 0.5  # distance of the choices that may be turned round together with others
PAIR = 0.3  # what a second decision costs: the first pairs come before decisions that are far from the change
CROWD = 0.05  # and each pair more than the one before it
TESTED = 0.5  # how far a probe with a value at a changed test is from the first, for each place between them
FURTHER = 0.5  # how far the children of a run are from it that got further than others
AHEAD = 0.2  # and those of a run that got nearer to the change
SOON = 0.1  # distance of the decision that kept such a run from getting further
TOGETHER = 24  # worlds of that kind, at most
_BOTH = {"True", "False"}
_PLAIN = frozenset({"True", "False", "None", "0", "1", "-1", "''", "b''"})  # values that many conditions name
_VALUE = "value of "
_SIZE = re.compile(r"(list|tuple|set|dict):")  # a container of unknown items
DOUBTED = ("kind of ", "isinstance(")
"""What a world only guesses about an object; where no version runs on it the guess was wrong."""


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
    """The world of each comparison, to run it again with traces."""
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


class _Queue:
    """The worlds that are still to be tried, the most promising first."""

    def __init__(self, probes: Sequence[Probe], telling: Telling) -> None:
        self._telling = telling
        self._new: list[tuple[float, int, Setting]] = [
            (n * TESTED if probe.origin == "boundary" else float(n), n, (probe, {}, {}))
            for n, probe in enumerate(probes)
        ]
        heapq.heapify(self._new)
        self._count = len(probes)
        self._taken: set[tuple[tuple[Probe | str | None, str], str, str]] = set()
        self._together: set[frozenset[tuple[str, str]]] = set()

    def __bool__(self) -> bool:
        return bool(self._new)

    def pop(self) -> tuple[float, Setting]:
        """The next world and its rank."""
        rank, _, setting = heapq.heappop(self._new)
        return rank, setting

    def again(self, rank: float, probes: Sequence[Probe]) -> None:
        """Plan probes once more, after those that come next."""
        for place, probe in enumerate(probes):
            heapq.heappush(self._new, (rank + (place + 1) / 2, self._count, (probe, {}, {})))
            self._count += 1

    def spread(self, rank: float, step: float, setting: Setting, tried: Attempt, guards: Guards) -> None:
        """Plan the children of a run: each takes one option that no run took yet, the nearer to the change the sooner.

        What was decided last before the change is next to it where a run got further than others.
        An option that was taken comes again only together with another one, both near the change, or near it where the
        probe has a value of its own at a changed test. Values are tried on each kind of object. Of a run that makes no
        sense only the kinds of unknown objects are in doubt. Where an unknown object has a value that only one version
        names, every option counts anew.
        """
        probe, overrides, _ = setting
        telling = {key: o for key, o in overrides.items() if key.startswith(_VALUE) and o in self._telling.own}
        taken = {c.key: c.taken for c in tried.choices if c.key in overrides}
        distances = [distance_of(choice, guards) for choice in tried.choices]
        near = {c.key for c, distance in zip(tried.choices, distances, strict=True) if distance <= NEAR}
        last = max((depth for depth, distance in enumerate(distances) if distance <= NEAR), default=-1)
        for depth, choice in enumerate(tried.choices):
            base = next((value for key, value in telling.items() if key != choice.key), "")
            own = self._scope(probe, choice, is_near=choice.key in near), base
            self._taken.add((own, choice.key, choice.taken))
            if tried.is_misuse and not choice.key.startswith(DOUBTED):
                continue
            for place, option in enumerate(choice.options):
                weight = 0.3 + distances[depth] + place / 3 + depth / 50
                if depth == last and step < 1 and not choice.key.startswith(_VALUE):
                    weight = SOON + place / 10
                if choice.key.startswith(_VALUE):
                    weight += 0.7 * (not isinstance(own[0], Probe))
                    if option in self._telling.near and distances[depth] <= FAR:
                        weight -= distances[depth] - min(distances[depth], NEAR) + place / 3
                world = {**taken, choice.key: option}
                if (own, choice.key, option) not in self._taken:
                    self._taken.add((own, choice.key, option))
                elif taken and option != choice.taken and _is_decision(choice) and near >= world.keys() > taken.keys():
                    if frozenset(world.items()) in self._together or len(self._together) >= TOGETHER:
                        continue
                    self._together.add(frozenset(world.items()))
                    weight += PAIR + CROWD * len(self._together)
                else:
                    continue
                is_telling = choice.key.startswith(_VALUE) and option in self._telling.own
                child = probe, world, {} if is_telling else _kept(tried.bindings, choice.key)
                is_way = distances[depth] <= NEAR and not choice.key.startswith(_VALUE)
                pace = step if is_way else max(step, FURTHER)
                heapq.heappush(self._new, (rank + weight * pace, self._count, child))
                self._count += 1

    def _scope(self, probe: Probe, choice: Choice, *, is_near: bool) -> Probe | str | None:
        """What an option counts as taken for: this probe alone, calls on this kind of object, or all."""
        if is_near and (probe.origin == "boundary" or self._is_named(probe)):
            return probe
        return probe.receiver if is_near or choice.key.startswith(_VALUE) else None

    def _is_named(self, probe: Probe) -> bool:
        """Whether a condition around the change names a value of the probe, as no other would be."""
        return any(a.value in self._telling.near and a.value not in _PLAIN for a in probe.arguments)


def explore(
    probes: Sequence[Probe],
    attempt: Try,
    confirm: Confirm,
    guards: Guards,
    budget: Budget,
    *,
    telling: Telling = Telling(),
    clock: Callable[[], float] = time.monotonic,
) -> Exploration:
    """Try probes and worlds by `attempt` until the budget is used or the answer is clear.

    `confirm` leaves of a comparison with differences those that are the function's own; unknown objects are soon given
    the values of `telling`.
    """
    result, footing = Exploration(), Footing()
    started, cost = clock(), 0
    queue = _Queue(probes, telling)
    plain: set[tuple[Probe, frozenset[tuple[str, str]]]] = set()
    alike: set[tuple[str | None, ...]] = set()  # calls that showed no difference
    while (
        queue and len(result.comparisons) < budget.pairs and cost < budget.cost and clock() - started < budget.seconds
    ):
        rank, setting = queue.pop()
        if not setting[1]:
            probe, bindings = footing.on(setting[0], setting[2])
            if (probe, frozenset(bindings.items())) in plain:
                continue
            plain.add((probe, frozenset(bindings.items())))
            setting = probe, {}, bindings
        given = {**setting[2], **{key.removeprefix(_VALUE): option for key, option in setting[1].items()}}
        if _written(setting[0], setting[1], given) in alike:
            continue
        try:
            tried = attempt(*setting)
            own = _news(result, tried.comparison, budget)
            own = confirm(own, *setting) if own.differences else own
        except OutOfTime:
            result.was_cut = True
            break
        cost += tried.cost
        queue.again(rank, footing.learn(setting[0], setting[1], tried.comparison.simulation))
        step = 1.0 if own.differences else _step(result, tried, guards)  # what is near a difference shows it again
        _note(result, replace(tried, comparison=own) if own.differences else tried, setting)
        if own.differences:
            result.differing.append(len(result.comparisons) - 1)
        elif (call := _written(setting[0], [c.key for c in tried.choices], tried.bindings)) is not None:
            alike.add(call)
        if _settled(result, budget):
            break
        queue.spread(rank, step, setting, tried, guards)
    result.was_short = bool(queue) and cost >= budget.cost
    result.was_cut = result.was_cut or (bool(queue) and clock() - started >= budget.seconds)
    return result


def _written(probe: Probe, chosen: Iterable[str], given: Mapping[str, str]) -> tuple[str | None, ...] | None:
    """The call as literals, with those that unknown arguments are given; None where a world decides more than these."""
    names = [argument.name for argument in probe.arguments]
    values = [given.get(a.name, "") if a.value is None else a.value for a in probe.arguments]
    decided = {key.removeprefix(_VALUE) for key in chosen}
    if len(set(names)) < len(names) or not decided <= {*names} or any(v == "" or _SIZE.match(v) for v in values):
        return None
    return (probe.receiver, *(text for pair in zip(names, values, strict=True) for text in pair))


def _note(result: Exploration, tried: Attempt, setting: Setting) -> None:
    """What neither version can work with tells nothing of the lines that it reached on the way."""
    simulation = tried.comparison.simulation
    result.comparisons.append(tried.comparison)
    result.settings.append(setting)
    if not tried.is_misuse and "unfinished" not in (simulation.before.outcome.kind, simulation.after.outcome.kind):
        result.conclusive += 1
        result.covered_before |= simulation.before.covered
        result.covered_after |= simulation.after.covered


def _step(result: Exploration, tried: Attempt, guards: Guards) -> float:
    """How far the children of a run are from it: what part of their own distances counts."""
    if not _reaches_new(result, tried):
        return 1.0
    simulation = tried.comparison.simulation
    new = {
        "before": simulation.before.covered - result.covered_before,
        "after": simulation.after.covered - result.covered_after,
    }
    return AHEAD if any(new[side] & (guard | changed) for side, (guard, changed) in guards.items()) else FURTHER


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


def distance_of(choice: Choice, guards: Guards) -> float:
    """Return how far a choice is from deciding whether the change runs: a guard, a line of it, or anything else.

    What is asked more than once counts where it is nearest.
    """
    return min(_distance_at(side, lines, guards) for side, lines in ((choice.side, choice.lines), *choice.again))


def _distance_at(side: str, lines: Sequence[int], guards: Guards) -> float:
    guard, changed = guards.get(side, (frozenset(), frozenset()))
    if not lines:
        return 6.0
    if any(line in guard for line in lines):
        return 0.0
    if any(line in changed for line in lines):
        return 0.5
    return FAR


def _is_decision(choice: Choice) -> bool:
    """Whether a choice is one of two ways: a value, a length or an exception leads elsewhere, not on."""
    return set(choice.options) == _BOTH and not choice.key.endswith(" raises")


def _kept(bindings: Mapping[str, str], flipped: str) -> dict[str, str]:
    """Values of the parent's world that the child can begin with: all but what the flipped choice is about."""
    return {e: v for e, v in bindings.items() if e not in flipped and not flipped.endswith(e)}
