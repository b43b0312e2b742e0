"""Programs run in the real sandbox, from their text: what tests of the simulation share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent

from cwm_check.extraction.slices import slice_module
from cwm_check.sandbox.component import FUEL, Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.jobs import Version, Visit
from cwm_check.search.simulate import Explored, Simulator
from cwm_check.search.targets import Target
from cwm_check.simulations import Argument, Outcome, Probe


def simulated(
    sandbox: Sandbox,
    before: str,
    after: str | None = None,
    /,
    *,
    target: str = "f",
    binding: str = "function",
    receiver: str | None = None,
    files: Mapping[str, str] | None = None,
    world: Mapping[str, str] | None = None,
    frames: bool = False,
    visits: Sequence[Visit] = (),
    fuel: int = FUEL,
    path: str = "m.py",
    **arguments: str | None,
) -> Explored:
    """Run one or two versions of a module under one world; an argument that is None is an unknown object."""
    known = {} if files is None else files
    simulator = Simulator(sandbox, TypedDefaults(), known.get, known.get, slice_module)
    old, new = (_version(text, target, binding, known, path) for text in (before, before if after is None else after))
    given = tuple(Argument(name.lstrip("_"), value) for name, value in arguments.items())
    probe = Probe(given, "test", receiver)
    return simulator.simulate(
        (old, new), probe, (), overrides=world, frames=2000 * frames, visits=(visits, visits), fuel=fuel
    )


def outcome(sandbox: Sandbox, source: str, /, **options: object) -> Outcome:
    """Return what one version does."""
    return simulated(sandbox, source, **options).simulation.before.outcome  # type: ignore[arg-type]


def outcomes(sandbox: Sandbox, before: str, after: str, /, **options: object) -> tuple[Outcome, Outcome]:
    """Return what two versions do under one world."""
    found = simulated(sandbox, before, after, **options).simulation  # type: ignore[arg-type]
    return found.before.outcome, found.after.outcome


def _version(text: str, target: str, binding: str, files: Mapping[str, str], path: str) -> Version:
    module = dedent(text)
    return Version(module, module, path, Target(target, binding), files.get)
