"""What a user of `trace` and `debug` looks at: a function, ready to run, and the calls to try on it, the best first.

In: a `Subject`, a call that was typed or none. Out: a `Session`: replays of one version or of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cwm_check.debugging.foresight import Foresight, known_probe
from cwm_check.debugging.replay import FRAMES, Replay, Setting, promise, settled
from cwm_check.debugging.subject import Subject, probe_from
from cwm_check.errors import CwmCheckError
from cwm_check.extraction.slices import slice_module
from cwm_check.neural.rounds import NeuralSimulator
from cwm_check.probing.probes import constants, synthesize
from cwm_check.sandbox.component import Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.explore import Budget
from cwm_check.search.jobs import Version
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Probe
from cwm_check.trial import try_function

_OTHERS = 40  # settings with other values for what is unknown


@dataclass(frozen=True, slots=True)
class Session:
    """A function, ready to run."""

    subject: Subject
    simulator: Simulator
    versions: tuple[Version, Version]
    pool: tuple[str, ...]
    settings: tuple[Setting, ...]
    """What to try, the best first."""
    notes: tuple[str, ...] = ()

    def replay(self, setting: Setting, side: int = 0, frames: int = FRAMES) -> Replay:
        """Return the runs of one version on a setting."""
        return Replay(self.simulator, self.versions, side, setting, self.pool, frames)

    def foresight(self, neural: NeuralSimulator, setting: Setting, side: int = 0) -> Foresight:
        """Return what the world model alone predicts for one version."""
        return Foresight(neural, self.simulator, self.versions, side, known_probe(setting))

    def given(self, call: str) -> Setting:
        """Return the setting of a call that was typed."""
        probe = probe_from(call, self.subject.function.before)
        return self._settled(Setting(self._on_made_object(probe)))

    def _on_made_object(self, probe: Probe) -> Probe:
        if probe.receiver is not None:
            return probe
        return self.simulator.probes_for(self.subject.function, (probe,))[0]

    def _settled(self, setting: Setting) -> Setting:
        return settled(self.simulator, self.versions, setting, self.pool)

    def begin(self, call: str | None) -> Setting:
        """Return the setting to begin with: the given call, or the best of those to try."""
        if call is not None:
            return self.given(call)
        return self.made_up()

    def made_up(self, number: int = 0) -> Setting:
        """Return the setting of that number among those to try; after the last comes the first again."""
        if not self.settings:
            raise CwmCheckError(f"no call of {self.subject.function.qualname} can be made up; give one with --call")
        return self._settled(self.settings[number % len(self.settings)])


def open_session(
    subject: Subject,
    announce: Callable[[str], None],
    *,
    call: str | None = None,
    probes: int = 24,
    is_diff: bool = False,
    sandbox: Sandbox | None = None,
) -> Session:
    """Return a session; without a `call`, what to try is tried first, in a diff for a call that differs."""
    made = sandbox or Sandbox(announce)
    simulator = Simulator(made, TypedDefaults(), subject.read_before, subject.read_after, slice_module)
    function = subject.function
    bare = Session(subject, simulator, simulator.versions(function), constants(function), ())
    if call is not None:
        return bare
    found = simulator.probes_for(function, synthesize(function, subject.calls, probes))
    plain = _tried(bare, [Setting(p) for p in dict.fromkeys(found)])
    if not is_diff:
        return replace(bare, settings=tuple(plain))
    trial = try_function(function, simulator, subject.calls, probes=probes, exceptions="type+message", budget=Budget())
    differing = tuple(Setting(*setting) for setting in trial.settings)
    notes = () if differing else (f"no difference on {trial.conclusive} calls; the first of them is shown",)
    return replace(bare, settings=(*differing, *plain), notes=notes)


def _tried(session: Session, settings: Sequence[Setting]) -> list[Setting]:
    """The settings, what tells most first, and after them the same with other values for what is unknown."""
    ranked: list[tuple[int, Setting]] = []
    others: list[Setting] = []
    for setting in settings:
        explored = session.simulator.simulate(session.versions, setting.probe, session.pool)
        found = explored.simulation
        ranked.append((max(promise(found.before.outcome), promise(found.after.outcome)), setting))
        values = [c for c in explored.choices if c.key.startswith("value of ")]
        others += [Setting(setting.probe, {c.key: option}) for c in values for option in c.options if option != c.taken]
    ranked.sort(key=lambda pair: pair[0])
    return [*(setting for _, setting in ranked), *others[:_OTHERS]]
