"""The worlds that are still to be tried on a changed function, the most promising first.

In: probes in the order of their promise, and what each run showed. Out: the next probe and its world. The children of a
run take one of its decisions the other way; those that guard the change go first, and only those are turned round
together with others.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cwm_check.search.choices import Choice
from cwm_check.search.footing import Footing
from cwm_check.simulations import Comparison, Probe


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
Setting = tuple[Probe, Mapping[str, str], Mapping[str, str]]
"""A probe and its world: the options it takes, and the values that unknown objects begin with."""
Replay = tuple[Setting, tuple[Choice, ...], Mapping[str, str]]
"""A world that was: as it was planned, all that was decided in it, and the values of its unknown objects."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Literals at which an unknown object is likely to show the change."""

    own: frozenset[str] = frozenset()
    """Those that only one version has."""
    near: frozenset[str] = frozenset()
    """Those of conditions around the change."""


NOTHING = Telling()

FAR = 2.0  # distance of the choices that have nothing to do with the change
NEAR = 0.5  # distance of the choices that may be turned round together with others
PAIR = 0.3  # what a second decision costs: the first pairs come before decisions that are far from the change
CROWD = 0.05  # and each pair more than the one before it
TESTED = 0.5  # how far a probe with a value at a changed test is from the first, for each place between them
FURTHER = 0.5  # how far the children of a run are from it that got further than others
SOON = 0.1  # distance of the decision that kept such a run from getting further
TOGETHER = 24  # worlds of that kind, at most
TURNS = 3  # runs of which options count anew since they got behind the change, or only one version ended them
_NOWHERE: tuple[frozenset[int], frozenset[int]] = frozenset(), frozenset()
_BOTH = {"True", "False"}
_PLAIN = frozenset({"True", "False", "None", "0", "1", "-1", "''", "b''"})  # values that many conditions name
_VALUE = "value of "
_SIZE = re.compile(r"(list|tuple|set|dict):")  # a container of unknown items
DOUBTED = ("kind of ", "isinstance(")
"""What a world only guesses about an object; where no version runs on it the guess was wrong."""


class Frontier:
    """The worlds that are still to be tried, the most promising first."""

    def __init__(self, probes: Sequence[Probe], telling: Telling, guards: Guards) -> None:
        self._telling = telling
        self._guards = guards
        self._new: list[tuple[float, int, Setting]] = [
            (n * TESTED if probe.origin == "boundary" else float(n), n, (probe, {}, {}))
            for n, probe in enumerate(probes)
        ]
        heapq.heapify(self._new)
        self._count = len(probes)
        self._rank = 0.0
        self._turns = 0
        self._values: dict[str, Choice] = {}
        self._footing = Footing()
        self._plain: set[tuple[Probe, frozenset[tuple[str, str]]]] = set()
        self._alike: set[tuple[str | None, ...]] = set()
        self._taken: set[tuple[tuple[Probe | str | None, str], str, str]] = set()
        self._together: set[frozenset[tuple[str, str]]] = set()

    def __bool__(self) -> bool:
        return bool(self._new)

    def take(self) -> Setting | None:
        """Return the next world, where none decides anything on what is known to get further; None at the end.

        A call that showed no difference is not made again, whoever gives its values.
        """
        while self._new:
            self._rank, _, (probe, overrides, bindings) = heapq.heappop(self._new)
            if not overrides:
                probe, bindings = self._footing.on(probe, bindings)
                known = probe, frozenset({**bindings, **self._footing.ground}.items())
                if known in self._plain:
                    continue
                self._plain.add(known)
            overrides = {**self._footing.ground, **overrides}
            given = {**bindings, **{key.removeprefix(_VALUE): option for key, option in overrides.items()}}
            if _written(probe, overrides, given) not in self._alike:
                return probe, overrides, bindings
        return None

    def learn(self, setting: Setting, tried: Attempt, *, differs: bool) -> None:
        """Note how the world that was taken last ended; what failed before is planned again where that helps."""
        probe, overrides, _ = setting
        again = self._footing.learn(probe, overrides, tried.comparison.simulation)
        for place, refused in enumerate(again):
            self._plan(self._rank + (place + 1) / 2, (refused, {}, {}))
        call = _written(probe, [choice.key for choice in tried.choices], tried.bindings)
        if not differs and call is not None:
            self._alike.add(call)

    def _plan(self, rank: float, setting: Setting) -> None:
        heapq.heappush(self._new, (rank, self._count, setting))
        self._count += 1

    def spread(self, setting: Setting, tried: Attempt, step: float, *, is_behind: bool = False) -> None:
        """Plan the children of a run: each takes one option that no run took yet, the nearer to the change the sooner.

        What was decided last before the change is next to it where a run got further than others.
        An option that was taken comes again only together with another one, both near the change, or near it where the
        probe has a value of its own at a changed test. Values are tried on each kind of object. Of a run that makes no
        sense only the kinds of unknown objects are in doubt. Where an unknown object has a value that only one version
        names, every option counts anew; so it does, and sooner than others, in a run that only one version ended, and
        so do those of the change itself in the first run that gets behind it.
        """
        probe, overrides, _ = setting
        anew = self._anew(overrides, tried, is_behind=is_behind)
        telling = {key: o for key, o in overrides.items() if key.startswith(_VALUE) and o in self._telling.own}
        taken = {c.key: c.taken for c in tried.choices if c.key in overrides}
        choices = (*tried.choices, *(self._begun_with(tried) if anew else ()))
        distances = [distance_of(choice, self._guards) for choice in choices]
        near = {c.key for c, distance in zip(choices, distances, strict=True) if distance <= NEAR}
        near |= self._footing.ground.keys()
        last = max((depth for depth, distance in enumerate(distances) if distance <= NEAR), default=-1)
        self._values.update({c.key: c for c in tried.choices if c.key.startswith(_VALUE) and self._is_at_change(c)})
        is_stuck = _is_stuck(tried)
        for depth, choice in enumerate(choices):
            base = next((value for key, value in telling.items() if key != choice.key), "")
            is_anew = bool(anew) and (is_stuck or self._is_at_change(choice))
            base = base or (anew if is_anew else "")
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
                pace = SOON if is_anew else step if is_way else max(step, FURTHER)
                self._plan(self._rank + weight * pace, child)

    def _anew(self, overrides: Mapping[str, str], tried: Attempt, *, is_behind: bool) -> str:
        """The world of a run in which options count anew, of the first few such runs; else nothing."""
        if not _is_stuck(tried) and not (is_behind and overrides):
            return ""
        self._turns += 1
        return repr(sorted(overrides.items())) if self._turns <= TURNS else ""

    def _begun_with(self, tried: Attempt) -> Iterator[Choice]:
        """Values at the change that a run began with, as the choices that they were when they were first taken."""
        asked = {choice.key for choice in tried.choices}
        for expression, value in tried.bindings.items():
            known = self._values.get(f"{_VALUE}{expression}")
            if known is not None and known.key not in asked:
                yield replace(known, taken=value)

    def _is_at_change(self, choice: Choice) -> bool:
        asked = ((choice.side, choice.lines), *choice.again)
        return any(not self._guards.get(side, _NOWHERE)[1].isdisjoint(lines) for side, lines in asked)

    def _scope(self, probe: Probe, choice: Choice, *, is_near: bool) -> Probe | str | None:
        """What an option counts as taken for: this probe alone, calls on this kind of object, or all."""
        if is_near and (probe.origin == "boundary" or self._is_named(probe)):
            return probe
        return probe.receiver if is_near or choice.key.startswith(_VALUE) else None

    def _is_named(self, probe: Probe) -> bool:
        """Whether a condition around the change names a value of the probe, as no other would be."""
        return any(a.value in self._telling.near and a.value not in _PLAIN for a in probe.arguments)


def _written(probe: Probe, chosen: Iterable[str], given: Mapping[str, str]) -> tuple[str | None, ...] | None:
    """The call as literals, with those that unknown arguments are given; None where a world decides more than these."""
    names = [argument.name for argument in probe.arguments]
    values = [given.get(a.name, "") if a.value is None else a.value for a in probe.arguments]
    decided = {key.removeprefix(_VALUE) for key in chosen}
    if len(set(names)) < len(names) or not decided <= {*names} or any(v == "" or _SIZE.match(v) for v in values):
        return None
    return (probe.receiver, *(text for pair in zip(names, values, strict=True) for text in pair))


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


def _is_stuck(tried: Attempt) -> bool:
    """Whether only one version ended: what ends the other one will show the difference."""
    simulation = tried.comparison.simulation
    return [simulation.before.outcome.kind, simulation.after.outcome.kind].count("unfinished") == 1


def _is_decision(choice: Choice) -> bool:
    """Whether a choice is one of two ways: a value, a length or an exception leads elsewhere, not on."""
    return set(choice.options) == _BOTH and not choice.key.endswith(" raises")


def _kept(bindings: Mapping[str, str], flipped: str) -> dict[str, str]:
    """Values of the parent's world that the child can begin with: all but what the flipped choice is about."""
    return {e: v for e, v in bindings.items() if e not in flipped and not flipped.endswith(e)}
