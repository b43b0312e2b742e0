"""Runs both versions of a function on one probe, in the sandbox, under one world of answers.

In: a changed function, a probe, the options that the world takes. Out: a `Simulation`, and the choices the world had to
make, so that the caller can try other ones. Each run is a fresh sandbox; when an unknown object gets a value both
versions start again with it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from cwm_check.handlers import handlers_of
from cwm_check.sandbox.component import FUEL, Run, Sandbox
from cwm_check.shims import SHIMS
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.types import (
    Argument,
    ChangedFunction,
    FunctionSource,
    Outcome,
    Prediction,
    Probe,
    Simulation,
    WorldModel,
)
from cwm_check.world import Choice, Restart, Side, TooManyQuestions, World

RESTARTS = 40  # values that one probe may give to unknown objects
PROGRAM = "<program>"  # the file name of the module under test, inside the sandbox
FRAMES = 2000  # frames kept of a traced run
QUESTION_COST = 700_000  # what a question costs on the host, in wasm instructions of the same time
Reader = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the function under test, ready to run."""

    module: str
    """The text that runs: the slice of the module that the function needs, with the line numbers of the file."""
    source: str
    """The whole module."""
    path: str
    target: Target
    read: Reader
    """Text of another file of the repository, or None."""


@dataclass(frozen=True, slots=True)
class Target:
    """The function that is called: the changed one, or the one around it."""

    qualname: str
    binding: str
    accessor: str = "getter"


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
        before, after = (self._version(*side) for side in sides)
        return before, after

    def probes_for(self, function: ChangedFunction, probes: Sequence[Probe]) -> tuple[Probe, ...]:
        """The probes as they are run: methods on an object that its constructor made, then on a blank one."""
        target = target_of(function.before, function.before_module)
        if function.before.is_nested:
            return _outer_probes(target, function.before_module)
        if function.before.binding not in ("method", "property") or function.qualname.endswith(".__init__"):
            return tuple(probes)
        made = [replace(p, receiver="constructed") for p in probes if p.receiver is None]
        return tuple(p for pair in zip_longest(made, probes) for p in pair if p is not None)

    def isolated(self, function: ChangedFunction) -> tuple[tuple[Version, Version], ...]:
        """The function's own edit alone, in the module after and in the module before: pairs to run.

        In one of them a name may be missing that only the other module has.
        """
        before, after = self.versions(function)
        old = self.edited(after, transplanted(function.before, function.before_module, function.after, after.source))
        new = self.edited(before, transplanted(function.after, function.after_module, function.before, before.source))
        return (replace(old, target=before.target), after), (before, replace(new, target=after.target))

    def edited(self, version: Version, module: str) -> Version:
        """The same function in another text of its module."""
        return replace(version, module=self._slice(module, version.target.qualname), source=module)

    def _version(self, function: FunctionSource, module: str, path: str, read: Reader) -> Version:
        target = target_of(function, module)
        return Version(self._slice(module, target.qualname), module, path, target, read)

    def simulate(
        self,
        versions: tuple[Version, Version],
        probe: Probe,
        pool: Sequence[str],
        *,
        overrides: Mapping[str, str] | None = None,
        bindings: Mapping[str, str] | None = None,
        frames: bool = False,
        fuel: int = FUEL,
    ) -> Explored:
        """Run `probe` on both versions under one world; `frames` asks for the traces too."""
        world = World(self._model, pool, overrides, bindings)
        moved = moved_imports(versions[0].source, versions[1].source)
        spent = self._sandbox.spent
        for _ in range(RESTARTS):
            try:
                before = self._run(
                    versions[0], probe, world, Side("before", handlers_of(versions[0].source), {}), frames, fuel
                )
                after = self._run(
                    versions[1], probe, world, Side("after", handlers_of(versions[1].source), moved), frames, fuel
                )
            except Restart:
                continue
            cost = self._sandbox.spent - spent + world.asked * QUESTION_COST
            return self._explored(versions, probe, world, before, after, cost)
        nothing = (Run({"kind": "limit", "value": "restarts"}, (), 0), Side("", {}, {}))
        return self._explored(versions, probe, world, nothing, nothing, self._sandbox.spent - spent)

    def _run(
        self, version: Version, probe: Probe, world: World, side: Side, frames: bool, fuel: int
    ) -> tuple[Run, Side]:
        world.begin_side(side)
        code = self._sandbox.compile(version.module, PROGRAM)
        if code is None:
            return Run({"kind": "refused", "value": "the module does not compile"}, (), 0), side
        job = _job(version, probe, world) | {"code": code, "aliases": side.aliases}
        if frames:
            job["frames"] = FRAMES

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            if question.get("op") == "source":
                return self._text_of(version, str(question.get("name", "")))
            return world.answer(question)

        try:
            run = self._sandbox.run(job, ask, fuel=fuel)
        except TooManyQuestions:
            run = Run({"kind": "limit", "value": "questions"}, (), 0)
        return run, side

    def _text_of(self, version: Version, module: str) -> dict[str, Any]:
        """The text of an imported module, when the repository has it."""
        if module in SHIMS:
            return self._compiled(SHIMS[module], module, False)
        if not all(part.isidentifier() for part in module.split(".")):
            return {}  # no name becomes a path to anywhere else
        root = source_root(version.path)
        for path, package in (
            (f"{root}{module.replace('.', '/')}.py", False),
            (f"{root}{module.replace('.', '/')}/__init__.py", True),
        ):
            text = version.read(path)
            if text is not None:
                return self._compiled(text, module, package)
        return {}

    def _compiled(self, text: str, module: str, package: bool) -> dict[str, Any]:
        code = self._sandbox.compile(text, f"<program:{module}>")
        return {"source": [code, package]} if code is not None else {}

    def _explored(
        self,
        versions: tuple[Version, Version],
        probe: Probe,
        world: World,
        before: tuple[Run, Side],
        after: tuple[Run, Side],
        cost: int,
    ) -> Explored:
        choices = tuple(world.choices.values())
        predictions = tuple(
            _prediction(v, *run, bool(choices)) for v, run in zip(versions, (before, after), strict=True)
        )
        shown = tuple(s for c in choices if c.lines and (s := _sentence(c)) is not None)
        call = _call_text(versions[0].target, probe, world.bindings)
        simulation = Simulation(call, probe, predictions[0], predictions[1], shown)
        return Explored(simulation, choices, tuple(world.bindings.items()), cost)


def _sentence(choice: Choice) -> str | None:
    """An assumption as users read it; None for what needs no words, as that nothing is raised."""
    for words, sentence in (("value of ", "{} is {}"), ("length of ", "{} has length {}")):
        if choice.key.startswith(words):
            return sentence.format(choice.key.removeprefix(words), choice.taken)
    if choice.key.startswith("kind of ") or choice.taken == "nothing":
        return None
    if choice.key.endswith(" raises"):
        return f"{choice.key} {choice.taken}"
    if choice.key.endswith(" is None") and choice.taken == "False":
        return choice.key.removesuffix("None") + "not None"
    return choice.key if choice.taken == "True" and " " in choice.key else f"{choice.key} is {choice.taken}"


# --- the job


def module_name(path: str) -> tuple[str, bool]:
    """The dotted name of the module at `path`, and whether it is a package.

    `src/pkg/mod.py` -> `("pkg.mod", False)`
    """
    inside = path.removeprefix(source_root(path)).removesuffix(".py")
    package = inside.endswith("/__init__") or inside == "__init__"
    inside = inside.removesuffix("__init__").rstrip("/")
    return inside.replace("/", ".") or "program", package


def source_root(path: str) -> str:
    """The folder that imports start from, with a slash: `src/`, `lib/` or nothing."""
    head, _, rest = path.partition("/")
    return f"{head}/" if rest and head in ("src", "lib", "python") else ""


def target_of(function: FunctionSource, module: str) -> Target:
    """What to call in order to run `function`: itself, or the outermost function around it."""
    qualname, accessor = function.qualname, "getter"
    for word in ("setter", "deleter"):
        if function.binding == "property" and qualname.endswith("." + word):
            qualname, accessor = qualname.removesuffix("." + word), word
    if not function.is_nested:
        return Target(qualname, function.binding, accessor)
    parts = qualname.split(".")
    body: Sequence[ast.stmt] = _parsed(module).body if _parsed(module) else []
    owner = False
    for i, part in enumerate(parts):
        found = next(
            (
                s
                for s in ast.walk(ast.Module(list(body), []))
                if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and s.name == part
            ),
            None,
        )
        if found is None:
            break
        if not isinstance(found, ast.ClassDef):
            return Target(".".join(parts[: i + 1]), _binding_of(found, owner))
        body, owner = found.body, True
    return Target(qualname, function.binding)


def _outer_probes(target: Target, module: str) -> tuple[Probe, ...]:
    """Probes for the function around a changed one: all arguments unknown, with and without the optional ones."""
    node = next(
        (
            n
            for n in ast.walk(_parsed(module))
            if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == target.qualname.rpartition(".")[2]
        ),
        None,
    )
    if node is None:
        return ()
    positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if target.binding in ("method", "property", "classmethod"):
        positional = positional[1:]
    required = positional[: len(positional) - len(node.args.defaults)]
    keywords = [
        Argument(a.arg, None, keyword=True)
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if d is None
    ]
    probes = [Probe((*(Argument(n, None) for n in names), *keywords), "unknown") for names in (required, positional)]
    return tuple(dict.fromkeys(probes))


def _binding_of(node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> str:
    if not in_class:
        return "function"
    names = {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}
    for name in ("staticmethod", "classmethod", "property"):
        if name in names or (name == "property" and "cached_property" in names):
            return name
    return "method"


@lru_cache(maxsize=16)
def _parsed(module: str) -> ast.Module:
    try:
        return ast.parse(module)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


@lru_cache(maxsize=64)
def _bound_names(source: str) -> tuple[frozenset[str], bool]:
    """Names that the top level of a module binds, and whether it imports `*`."""
    names: set[str] = set()
    star = False
    for node in _top_level(_parsed(source).body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            star = star or any(a.name == "*" for a in node.names)
            names.update((a.asname or a.name).partition(".")[0] for a in node.names)
        else:
            names.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    for inner in ast.walk(_parsed(source)):
        if isinstance(inner, ast.Global):
            names.update(inner.names)
    return frozenset(names), star


def _top_level(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in body:
        found.append(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            found += _top_level(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            found += _top_level(handler.body)
    return found


def _job(version: Version, probe: Probe, world: World) -> dict[str, Any]:
    name, package = module_name(version.path)
    names, star = _bound_names(version.source)
    target = version.target
    return {
        "source": version.module,
        "module": name,
        "package": package,
        "qualname": target.qualname,
        "binding": target.binding,
        "accessor": target.accessor,
        "arguments": _arguments(probe.arguments, world),
        "receiver": probe.receiver or "lazy",
        "free": sorted(names),
        "open": star,
        "bound": world.bound,
    }


def _arguments(arguments: Sequence[Argument], world: World) -> list[dict[str, Any]]:
    """The arguments as trees; what `*args` takes goes by `args`, `args[1]`, ..."""
    seen: Counter[str] = Counter()
    made = []
    for a in arguments:
        name = f"{a.name}[{seen[a.name]}]" if seen[a.name] else a.name
        seen[a.name] += 1
        tree = world.unknown(name) if a.value is None else {"r": a.value}
        made.append({"name": a.name if a.keyword else name, "tree": tree, "keyword": a.keyword})
    return made


@lru_cache(maxsize=32)
def _imported(source: str) -> dict[str, str]:
    """Names that from-imports bind, and where from, relative modules with dots: `{"quote": "urllib.parse.quote"}`."""
    found = {}
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{module}.{alias.name}"
    return found


def moved_imports(before: str, after: str) -> dict[str, str]:
    """Names that both versions import from different modules: full name after -> full name before.

    A name that only moved is taken for the same object, so that the move alone makes no difference.
    """
    old, new = _imported(before), _imported(after)
    moved = {}
    for name, place in new.items():
        if name in old and old[name] != place and old[name].rpartition(".")[2] == place.rpartition(".")[2]:
            moved[place.lstrip(".")] = old[name].lstrip(".")
    return moved


def transplanted(function: FunctionSource, module: str, place: FunctionSource, other: str) -> str:
    """The module `other` with `function`, of `module`, in the place of its own version of it."""
    lines = other.splitlines()
    moved = module.splitlines()[function.first_line - 1 : function.last_line]
    indents = [len(text) - len(text.lstrip()) for text in (lines[place.first_line - 1], moved[0])]
    shift = indents[0] - indents[1]
    lines[place.first_line - 1 : place.last_line] = [
        " " * shift + t if shift > 0 and t else t[min(-shift, len(t) - len(t.lstrip())) :] if shift < 0 else t
        for t in moved
    ]
    return "\n".join(lines) + "\n"


# --- what a run gave


def _prediction(version: Version, run: Run, side: Side, chosen: bool) -> Prediction:
    result = run.result
    exact = not side.asked and not chosen and not result.get("asked") and not result.get("failed")
    evidence = Evidence.EXACT if exact else Evidence.ASSUMED if chosen else Evidence.CONDITIONAL
    outcome = _outcome(result, side)
    return Prediction(
        outcome,
        frozenset(result.get("covered", ())),
        tuple(side.expressions),
        evidence,
        1.0,
        _trace(version, run, evidence),
    )


def _outcome(result: Mapping[str, Any], side: Side) -> Outcome:
    kind = str(result.get("kind"))
    if kind not in ("returned", "raised") or result.get("unsure"):
        reason = "unsure" if result.get("unsure") else kind
        return Outcome("unfinished", f"{reason}: {result.get('value', '')}", str(result.get("message", "")))
    return Outcome(
        "returned" if kind == "returned" else "raised",
        str(result.get("value", "")),
        str(result.get("message", "")),
        tuple(map(str, result.get("yielded", ()))),
        tuple((str(n), str(t)) for n, t in result.get("arguments", ())),
        str(result.get("printed", "")),
        tuple(side.calls),
        tuple(side.logged),
        tuple(map(str, result.get("warned", ()))),
        bool(result.get("explicit", True)),
    )


def _trace(version: Version, run: Run, evidence: Evidence) -> Trace | None:
    if not run.frames:
        return None
    lines = version.source.splitlines()
    frames = []
    for event, line, variables, value, depth, asked in run.frames:
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        shown = tuple((str(k), str(v)) for k, v in variables.items())
        frames.append(Frame(Event(event), line, source, shown, value, depth, evidence if asked else Evidence.EXACT))
    return Trace(version.source, tuple(frames), len(frames) < FRAMES)


def _call_text(target: Target, probe: Probe, bindings: Mapping[str, str]) -> str:
    """The probe as one would type it; values that were bound are shown, unknown ones go by name."""
    parts = []
    for a in probe.arguments:
        value = a.value if a.value is not None else bindings.get(a.name, a.name)
        value = a.name if ":" in value and value.partition(":")[0] in ("list", "tuple", "set", "dict") else value
        parts.append(f"{a.name}={value}" if a.keyword else value)
    name = target.qualname
    if probe.receiver not in (None, "constructed"):  # without it nobody could repeat the call
        name = f"{probe.receiver}.{name.rpartition('.')[2]}"
    return f"{name}({', '.join(parts)})"
