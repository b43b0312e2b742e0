"""What the world model alone predicts, as a debugger reads it: no run at all.

In: a neural simulator and one call with known values. Out: a `Foresight`, a source of traces. What is looked at is
computed in the sandbox, from the predicted locals and the module; a change has nothing to start from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cwm_check.debugging.activations import path_of
from cwm_check.debugging.replay import Change, Setting
from cwm_check.debugging.stepping import lines_of
from cwm_check.errors import CwmCheckError
from cwm_check.neural.rounds import NeuralSimulator
from cwm_check.search.jobs import Version, Visit
from cwm_check.search.simulate import Simulator
from cwm_check.search.targets import Target
from cwm_check.simulations import Argument, Prediction, Probe, Seen, Simulation
from cwm_check.textlines import split_lines

LOOKS = 500  # frames of one run that are looked at together
_NAME = "__cwm_look"


@dataclass(frozen=True, slots=True)
class Foresight:
    """One version's predicted execution of a call."""

    neural: NeuralSimulator
    simulator: Simulator
    """Computes what is looked at."""
    versions: tuple[Version, Version]
    side: int
    """0: the version before; 1: the one after."""
    probe: Probe

    def run(self, changes: Sequence[Change] = ()) -> Prediction:
        """Return the prediction; changes are refused."""
        if changes:
            raise CwmCheckError("a prediction cannot be changed on the way: use --simulate hybrid")
        simulation = self.simulated()
        return simulation.after if self.side else simulation.before

    def simulated(self) -> Simulation:
        """Return what both versions are predicted to do."""
        return self.neural.simulate(self.versions, [self.probe])[0].simulation

    def look(self, changes: Sequence[Change], looks: Sequence[Visit]) -> tuple[Seen, ...]:
        """Return what the looks give, with the locals that were predicted; those with no literal text are not known."""
        trace = self.run(changes).trace
        if trace is None:
            return ()
        path = path_of(trace)
        asked = enumerate(looks)
        wanted = [(n, f) for n, v in asked for f in ([v.frame] if v.frame is not None else lines_of(path, v.line))]
        states = [path.last_seen(frame, path.owners[frame]).locals for _, frame in wanted[:LOOKS]]
        version = self.versions[self.side]
        lines, places = _program(version.module, states)
        visits = [Visit(looks[n].text, line=line) for (n, _), line in zip(wanted, places, strict=False)]
        module = "\n".join(lines)
        staged = replace(version, module=module, source=module, target=Target(_NAME, "function"))
        probe = Probe((), "look")
        found = self.simulator.simulate((staged, staged), probe, (), frames=6 * LOOKS, visits=(visits, ()))
        return tuple(
            replace(s, visit=wanted[s.visit][0], frame=wanted[s.visit][1]) for s in found.simulation.before.seen
        )


def _program(module: str, states: Sequence[Sequence[tuple[str, str]]]) -> tuple[list[str], list[int]]:
    """The module with a function for each state, and the lines at which the states stand."""
    lines, places = split_lines(module), []
    for number, state in enumerate(states):
        lines.append(f"def {_NAME}_{number}():")
        lines += [f"    {name} = {text}" for name, text in state if name.isidentifier() and _is_literal(text)]
        lines.append("    pass")
        places.append(len(lines))
    lines += [f"def {_NAME}():", *(f"    {_NAME}_{number}()" for number in range(len(states))), "    return None"]
    return lines, places


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return "\n" not in text


def known_probe(setting: Setting) -> Probe:
    """Return the probe with the values that the world gave to what is unknown; refuses one that stays unknown."""
    return replace(setting.probe, arguments=tuple(_known(setting)))


def _known(setting: Setting) -> Iterator[Argument]:
    for argument in setting.probe.arguments:
        value = argument.value if argument.value is not None else setting.bindings.get(argument.name)
        if value is None or not _is_literal(value):
            raise CwmCheckError(f"the value of {argument.name} is not known, and a prediction needs it: give a --call")
        yield replace(argument, value=value)
