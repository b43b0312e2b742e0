"""Values that get a call past the checks at its beginning: once one is found, later probes begin with it.

In: probes as they are planned, and how runs ended. Out: the same probes with the values that ended at a `raise`
replaced by those that did not: `f('abc', ...)` becomes `f('/', ...)` where `assert path.startswith('/')` comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cwm_check.simulations import Argument, Probe, Simulation

_VALUE = "value of "
_KEPT = 24  # calls that ended at a check, to compare others with


@dataclass(slots=True)
class Footing:
    """What is known to get further than the plainest values."""

    refused: dict[Probe, int] = field(default_factory=dict)
    """Calls that both versions ended by a `raise`, and the number of lines that ran."""
    arguments: dict[tuple[str, str | None], str | None] = field(default_factory=dict)
    """Parameter and value that ended there -> a value that did not."""
    bindings: dict[str, str] = field(default_factory=dict)
    """Unknown object -> a value that did not end there."""
    undefined: dict[Probe, None] = field(default_factory=dict)
    """Calls that were never made, since the statements of the module failed."""
    ground: dict[str, str] = field(default_factory=dict)
    """The options of the first world in which the module could be executed, where it cannot in others."""

    def on(self, probe: Probe, bindings: Mapping[str, str]) -> tuple[Probe, Mapping[str, str]]:
        """Return a probe that was not tried yet, and the values its unknown objects begin with, on what is known."""
        arguments = tuple(self._better(argument) for argument in probe.arguments)
        return replace(probe, arguments=arguments), {**self.bindings, **bindings}

    def _better(self, argument: Argument) -> Argument:
        return replace(argument, value=self.arguments.get((argument.name, argument.value), argument.value))

    def learn(self, probe: Probe, overrides: Mapping[str, str], simulation: Simulation) -> tuple[Probe, ...]:
        """Note how a run ended; `overrides` are the options that its world takes. Return the calls to try once more."""
        overrides = {key: option for key, option in overrides.items() if key not in self.ground}
        if _is_undefined(simulation):
            self.undefined |= {} if overrides or self.ground else {probe: None}
            return ()
        if self.undefined and overrides:
            self.ground, again = dict(overrides), tuple(self.undefined)
            self.undefined.clear()
            return again
        known = len(self.arguments) + len(self.bindings)
        if not _ended_at_check(simulation):
            if _returned(simulation):
                self._learn(probe, overrides, _lines(simulation))
        elif not overrides and len(self.refused) < _KEPT:
            self.refused[probe] = _lines(simulation)
        return tuple(self.refused) if len(self.arguments) + len(self.bindings) > known else ()

    def _learn(self, probe: Probe, overrides: Mapping[str, str], lines: int) -> None:
        if not overrides:
            for refused, known in self.refused.items():
                if lines > known:
                    self._compare(refused, probe)
        elif len(overrides) == 1 and lines > self.refused.get(probe, lines):
            ((key, value),) = overrides.items()
            if key.startswith(_VALUE):
                self.bindings.setdefault(key.removeprefix(_VALUE), value)

    def _compare(self, refused: Probe, probe: Probe) -> None:
        pairs = zip(refused.arguments, probe.arguments, strict=False)
        other = [(one, two) for one, two in pairs if one != two]
        if len(refused.arguments) == len(probe.arguments) and len(other) == 1 and other[0][0].name == other[0][1].name:
            one, two = other[0]
            self.arguments.setdefault((one.name, one.value), two.value)


def _is_undefined(simulation: Simulation) -> bool:
    outcomes = simulation.before.outcome, simulation.after.outcome
    return all(outcome.kind == "unfinished" and outcome.value.startswith("refused: ") for outcome in outcomes)


def _ended_at_check(simulation: Simulation) -> bool:
    outcomes = simulation.before.outcome, simulation.after.outcome
    return all(outcome.kind == "raised" and outcome.explicit for outcome in outcomes)


def _lines(simulation: Simulation) -> int:
    return len(simulation.before.covered) + len(simulation.after.covered)


def _returned(simulation: Simulation) -> bool:
    return "returned" in (simulation.before.outcome.kind, simulation.after.outcome.kind)
