"""Runs both versions of a function on one probe, in the sandbox, under one world of answers.

In: a changed function, a probe, the options that the world takes. Out: a `Simulation`, and the choices the world had to
make, so that the caller can try other ones. Each run is a fresh sandbox; when an unknown object gets a value both
versions start again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from cwm_check.pairs import ChangedFunction, FunctionSource
from cwm_check.sandbox.component import FUEL, Run, Sandbox
from cwm_check.search.answers.questions import answer
from cwm_check.search.callees import without_callees
from cwm_check.search.choices import Choice, Restart, Side, TooManyQuestions, Unmade
from cwm_check.search.jobs import Reader, Version, Visit, job, package_of, source_root, visits_told
from cwm_check.search.outcomes import call_text, prediction, sentence, value_sentence
from cwm_check.search.shims import SHIMS, with_shims
from cwm_check.search.sides import added, side_of
from cwm_check.search.state import methods_of, other_state, reached
from cwm_check.search.targets import outer_probes, target_of
from cwm_check.search.transplants import moved_constants, transplanted
from cwm_check.search.world import World
from cwm_check.simulations import Probe, Simulation, WorldModel

RESTARTS = 40  # values that one probe may give to unknown objects
PROGRAM = "<program>"  # the file name of the module under test, inside the sandbox
ABSENT = 200  # names of modules that are noted not to be there
QUESTION_COST = 700_000  # what a question costs on the host, in wasm instructions of the same time


@dataclass(frozen=True, slots=True)
class Explored:
    """A simulation with what the caller needs to go on from there."""

    simulation: Simulation
    choices: tuple[Choice, ...]
    bindings: tuple[tuple[str, str], ...]
    cost: int
    """Wasm instructions of all runs that it took; a question counts as `QUESTION_COST` of them."""


class Simulator:
    """The hybrid simulator: what is known is computed in the sandbox, what is not is answered by the world model."""

    def __init__(
        self,
        sandbox: Sandbox,
        model: WorldModel,
        read_before: Reader,
        read_after: Reader,
        slice_module: Callable[[str, str], str],
    ) -> None:
        self._sandbox = sandbox
        self._model = model
        self._read = (read_before, read_after)
        self._slice = slice_module

    def versions(self, function: ChangedFunction) -> tuple[Version, Version]:
        """Both versions of `function`, ready to run."""
        sides = (
            (function.before, function.before_module, function.before_path, self._read[0]),
            (function.after, function.after_module, function.path, self._read[1]),
        )
        before, after = (self._version(*side, function.before_path) for side in sides)
        hidden, is_made = _state(function)
        hidden |= added(before, after)
        return (
            replace(before, constants=_elsewhere(before, after), hidden=hidden, is_made=is_made),
            replace(after, constants=_elsewhere(after, before), hidden=hidden, is_made=is_made),
        )

    def probes_for(self, function: ChangedFunction, probes: Sequence[Probe]) -> tuple[Probe, ...]:
        """The probes as they are run: methods on an object that its constructor made, then on a blank one."""
        target = target_of(function.before, function.before_module)
        if function.before.is_nested:
            return outer_probes(target, function.before_module)
        if function.before.binding not in ("method", "property") or function.qualname.endswith(".__init__"):
            return tuple(probes)
        made = [replace(p, receiver="constructed") for p in probes if p.receiver is None]
        if _state(function)[1]:
            return (*(p for p in probes if p.receiver is not None), *made)
        return tuple(p for pair in zip_longest(made, probes) for p in pair if p is not None)

    def isolated(self, function: ChangedFunction) -> tuple[tuple[Version, Version], ...]:
        """The function's own edit alone, in the module after and in the module before: pairs to run.

        In one of them a name may be missing that only the other module has.
        """
        before, after = self.versions(function)
        old = self.edited(after, transplanted(function.before, function.before_module, function.after, after.source))
        new = self.edited(before, transplanted(function.after, function.after_module, function.before, before.source))
        return (replace(old, target=before.target), after), (before, replace(new, target=after.target))

    def apart(self, function: ChangedFunction) -> tuple[tuple[Version, Version], ...]:
        """The function's own edit without what it calls, where the parameters of that changed, too: pairs to run."""
        before, after = self.versions(function)
        pairs = without_callees(function)
        return tuple((self.edited(before, old), self.edited(after, new)) for old, new in pairs)

    def edited(self, version: Version, module: str) -> Version:
        """The same function in another text of its module."""
        return replace(version, module=with_shims(self._slice(module, version.target.qualname)), source=module)

    def _version(self, function: FunctionSource, module: str, path: str, read: Reader, earlier: str) -> Version:
        target = target_of(function, module)
        return Version(with_shims(self._slice(module, target.qualname)), module, path, target, read, earlier)

    def simulate(
        self,
        versions: tuple[Version, Version],
        probe: Probe,
        pool: Sequence[str],
        *,
        overrides: Mapping[str, str] | None = None,
        bindings: Mapping[str, str] | None = None,
        decided: Sequence[Choice] = (),
        frames: int = 0,
        visits: tuple[Sequence[Visit], Sequence[Visit]] = ((), ()),
        fuel: int = FUEL,
        compared: Mapping[str, tuple[str, ...]] | None = None,
        declared: Mapping[str, str] | None = None,
        aimed: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Explored:
        """Run `probe` on both versions under one world; at most `frames` of each are kept, with `visits` to them.

        `decided` are the choices of a world that was, which is then run again with its `bindings`.
        Where both are the same object one run is enough.
        """
        given = [argument.value for argument in probe.arguments if argument.value]
        constants = {**versions[0].constants, **versions[1].constants}
        world = World(self._model, pool, overrides, bindings, decided, compared, declared, aimed, given, constants)
        watched = [{"frames": frames, "visits": visits_told(v)} if frames else {} for v in visits]
        spent = self._sandbox.spent
        for _ in range(RESTARTS):
            try:
                before = self._run(versions[0], probe, world, side_of("before", *versions), watched[0], fuel)
                is_one = versions[0] is versions[1] and not any(visits)
                after = (
                    before
                    if is_one
                    else self._run(versions[1], probe, world, side_of("after", *versions[::-1]), watched[1], fuel)
                )
            except Restart:
                continue
            cost = self._sandbox.spent - spent + world.asked * QUESTION_COST
            return self._explored(versions, probe, world, before, after, cost, frames)
        nothing = (Run({"kind": "limit", "value": "restarts"}, (), 0), Side("", {}, {}))
        return self._explored(versions, probe, world, nothing, nothing, self._sandbox.spent - spent, frames)

    def _run(
        self, version: Version, probe: Probe, world: World, side: Side, watched: Mapping[str, Any], fuel: int
    ) -> tuple[Run, Side]:
        world.begin_side(side)
        code = self._sandbox.compile(version.module, PROGRAM)
        if code is None:
            return Run({"kind": "refused", "value": "the module does not compile"}, (), 0), side
        told = job(version, probe, world) | {"aliases": side.aliases, **watched}

        def ask(question: dict[str, Any]) -> dict[str, Any] | str:
            if question.get("op") == "source":
                return self._code_of(version, str(question.get("name", "")))
            return answer(world, question)

        try:
            run = self._sandbox.run(told, ask, source=version.module, code=code, fuel=fuel)
        except TooManyQuestions:
            run = Run({"kind": "limit", "value": "questions"}, (), 0)
        except Unmade:
            run = Run({"kind": "refused", "value": "the object was not made"}, (), 0)
        return run, side

    def _code_of(self, version: Version, module: str) -> dict[str, Any] | str:
        """The statements of an imported module behind `m`, of a package behind `p`; `{}` where there is none."""
        if module in SHIMS:
            return self._compiled(SHIMS[module], module, "m")
        if not all(part.isidentifier() for part in module.split(".")):
            return {}  # no name becomes a path to anywhere else
        root = source_root(version.path)
        for kind, ending in (("m", ".py"), ("p", "/__init__.py")):
            text = version.read(f"{root}{module.replace('.', '/')}{ending}")
            if text is not None:
                return self._compiled(text, module, kind)
        if len(version.absent) < ABSENT:
            version.absent.add(module)
        return {}

    def _compiled(self, text: str, module: str, kind: str) -> dict[str, Any] | str:
        code = self._sandbox.compile(text, f"<program:{module}>")
        return {} if code is None else kind + code

    def _explored(
        self,
        versions: tuple[Version, Version],
        probe: Probe,
        world: World,
        before: tuple[Run, Side],
        after: tuple[Run, Side],
        cost: int,
        frames: int,
    ) -> Explored:
        choices = tuple(world.choices.values())
        guessed = tuple(value for name, value in world.bindings.items() if name not in world.declared)
        predictions = tuple(
            prediction(v, *run, choices, frames, guessed) for v, run in zip(versions, (before, after), strict=True)
        )
        shown = tuple(dict.fromkeys((*_begun_with(probe, world, before[0], after[0]), *_decided(choices))))
        call = call_text(versions[0].target, probe, world.bindings)
        simulation = Simulation(call, probe, predictions[0], predictions[1], shown)
        return Explored(simulation, choices, tuple(world.bindings.items()), cost)


def _begun_with(probe: Probe, world: World, *runs: Run) -> Iterator[str]:
    """What the runs used of the values that unknown objects began with, as users read it; the call shows arguments."""
    used = {name for run in runs for name in run.result.get("given", ())} - {a.name for a in probe.arguments}
    for expression, value in world.bindings.items():
        if expression in used and f"value of {expression}" not in world.choices:
            yield value_sentence(expression, value)


def _decided(choices: Sequence[Choice]) -> Iterator[str]:
    return (s for c in choices if c.lines and (s := sentence(c)) is not None)


def _elsewhere(version: Version, other: Version) -> dict[str, str]:
    """Values of what a version takes from elsewhere and the other one has as a constant of its own."""
    return moved_constants(version.source, other.source, package_of(version.path))


def _state(function: ChangedFunction) -> tuple[frozenset[str], bool]:
    """Attributes that are not compared, and whether both versions of a method use such."""
    hidden = other_state(function.before_module, function.after_module)
    sides = (function.before, function.before_module), (function.after, function.after_module)
    return hidden, bool(hidden) and all(_reads(side, module, hidden) for side, module in sides)


def _reads(side: FunctionSource, module: str, attributes: frozenset[str]) -> bool:
    """Whether a method uses such attributes of its object, itself or by other methods."""
    owner, _, name = side.qualname.rpartition(".")
    return bool(owner) and not attributes.isdisjoint(reached(methods_of(module, owner), name))
