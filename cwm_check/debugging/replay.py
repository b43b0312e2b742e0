"""Runs one probe of a function again and again, under one world, to look into it and to change it on the way.

In: versions of a function, and what to try on them. Out: a `Replay` for each version, which gives predictions with
their traces. Every run is a fresh sandbox with the answers of the first: nothing is kept between them but texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cwm_check.sandbox.component import FUEL
from cwm_check.search.jobs import Version, Visit
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Outcome, Prediction, Probe, Seen, Simulation

FRAMES = 5000  # of one trace
SHARE = 4  # a run with frames may take this many times what another one may


@dataclass(frozen=True, slots=True)
class Setting:
    """A probe and its world: the options it takes, and the values that unknown objects begin with."""

    probe: Probe
    overrides: Mapping[str, str] = field(default_factory=dict)
    bindings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that is carried out when the run reaches a frame, before that frame goes on."""

    frame: int
    statement: str


@dataclass(frozen=True, slots=True)
class Replay:
    """One version's run of a probe, as often as it is asked for."""

    simulator: Simulator
    versions: tuple[Version, Version]
    side: int
    """0: the version before; 1: the one after."""
    setting: Setting
    pool: tuple[str, ...]
    frames: int = FRAMES

    def run(self, changes: Sequence[Change] = ()) -> Prediction:
        """Return what the version does with the changes."""
        simulation = self.simulated(changes)
        return simulation.after if self.side else simulation.before

    def simulated(self, changes: Sequence[Change] = ()) -> Simulation:
        """Return what both versions do, this one with the changes."""
        return self._visited([_visit(change) for change in changes])

    def look(self, changes: Sequence[Change], looks: Sequence[Visit]) -> tuple[Seen, ...]:
        """Return what the looks see in the run with the changes; their `visit` counts the looks."""
        visits = [*(_visit(change) for change in changes), *looks]
        simulation = self._visited(visits)
        seen = (simulation.after if self.side else simulation.before).seen
        return tuple(replace(s, visit=s.visit - len(changes)) for s in seen if s.visit >= len(changes))

    def _visited(self, visits: Sequence[Visit]) -> Simulation:
        both: tuple[Sequence[Visit], Sequence[Visit]] = ((), visits) if self.side else (visits, ())
        return self.simulator.simulate(
            self.versions,
            self.setting.probe,
            self.pool,
            overrides=self.setting.overrides,
            bindings=self.setting.bindings,
            frames=self.frames,
            visits=both,
            fuel=SHARE * FUEL,
        ).simulation


def _visit(change: Change) -> Visit:
    return Visit(change.statement, frame=change.frame, changes=True)


def settled(simulator: Simulator, versions: tuple[Version, Version], setting: Setting, pool: Sequence[str]) -> Setting:
    """Return the setting with all answers that its world gave, so that later runs get the same ones."""
    explored = simulator.simulate(versions, setting.probe, pool, overrides=setting.overrides, bindings=setting.bindings)
    taken = {c.key: c.taken for c in explored.choices}
    return Setting(setting.probe, {**setting.overrides, **taken}, dict(explored.bindings))


def promise(outcome: Outcome) -> int:
    """Return how little a run tells a reader: 0 for one that returned, 3 for one that did not end."""
    if outcome.kind == "returned":
        return 0
    if outcome.kind == "unfinished":
        return 3
    return 1 if outcome.explicit else 2
