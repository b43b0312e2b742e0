"""Predicts both versions of a function on many probes: nothing is executed, a world model says what each step does.

In: the versions, the probes. Out: a `Simulation` for each probe, with traces, and how sure their comparison is. All
runs go on side by side, so that the model is asked in batches; both versions and all probes hear the same answers.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cwm_check.codecs.nano_steps import Step
from cwm_check.neural.predicted.calls import call_function, construct, find_method
from cwm_check.neural.predicted.expressions import evaluate
from cwm_check.neural.predicted.memory import Cell, Closure, Scope, is_generator
from cwm_check.neural.predicted.state import Activation, Bounds, Operate, Raised, Run, Said, Unfinished, Work, stepwise
from cwm_check.neural.predicted.statements import execute, run_body
from cwm_check.neural.rounds import End, NeuralSimulator
from cwm_check.search.jobs import Version
from cwm_check.search.targets import parsed
from cwm_check.simulations import Argument, Outcome, Prediction, Probe
from cwm_check.textlines import split_lines
from cwm_check.trace import Evidence, Trace


class Model(Protocol):
    """Says what steps do: `step_model.StepModel`, or a test's."""

    name: str

    def said(self, steps: Iterable[Step]) -> list[Said | None]: ...


def on_steps(
    model: Model, bounds: Bounds | None = None, operate: Operate = stepwise, *, decides: bool = True
) -> NeuralSimulator:
    """Return a simulator that asks the model for single steps.

    `decides`: static analysis decides what it can; without it the model is asked for every condition.
    """
    predict = partial(_predict, bounds=bounds or Bounds(), operate=operate, decides=decides)
    return NeuralSimulator(model, predict)


def _predict(version: Version, probe: Probe, *, bounds: Bounds, operate: Operate, decides: bool) -> Work[End]:
    """One run of a version."""
    definitions = _definitions(parsed(version.module).body)
    lines = split_lines(version.source)
    run = Run(lines, Scope(), definitions, run_body, evaluate, execute, operate, decides, bounds)
    parameters: dict[str, tuple[Cell, str]] = {}
    yielded: tuple[str, ...] = ()
    try:
        result = yield from _called(run, version, probe, parameters)
        outcome = Outcome("returned", result.text)
        if result.yielded is not None:
            yielded = result.yielded
    except Raised as raised:
        outcome = Outcome("raised", raised.name, raised.message, explicit=raised.explicit)
    except Unfinished as reason:
        outcome = Outcome("unfinished", str(reason))
    except RecursionError:
        outcome = Outcome("unfinished", "limit: the source is nested too deeply")
    return End(_prediction(version, run, outcome, yielded, parameters), dict(run.asked))


@dataclass(frozen=True, slots=True)
class _Result:
    text: str
    yielded: tuple[str, ...] | None = None


# --- the call


def _called(run: Run, version: Version, probe: Probe, parameters: dict[str, tuple[Cell, str]]) -> Work[_Result]:
    """What the function under test gives on a probe; its parameters are noted, to see what becomes of them."""
    closure = yield from _target(run, version, probe)
    positional: list[Cell] = []
    named: dict[str, Cell] = {}
    for argument in probe.arguments:
        cell = yield from _argument(run, argument)
        parameters[argument.name] = (cell, cell.text)
        if argument.keyword:
            named[argument.name] = cell
        else:
            positional.append(cell)
    result = yield from call_function(run, closure, positional, named, 0)
    if is_generator(closure.code):
        return _Result("None", result.yielded)
    return _Result(result.text)


def _argument(run: Run, argument: Argument) -> Work[Cell]:
    if argument.value is None:
        raise Unfinished(f"the argument `{argument.name}` is not known")
    try:
        node = ast.parse(argument.value, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise Unfinished(f"the argument `{argument.name}` is not known") from None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return (yield from evaluate(run, node, Activation(run.module, 0)))
    return Cell(repr(value))


def _target(run: Run, version: Version, probe: Probe) -> Work[Closure]:
    """The function under test, bound to an object if it is a method."""
    owner, _, name = version.target.qualname.rpartition(".")
    if not owner:
        definition = run.definitions.get(name)
        if not isinstance(definition, ast.FunctionDef) or definition.decorator_list:
            raise Unfinished(f"`{name}` is no plain function")
        return Closure(definition, run.module)
    kind = run.definitions.get(owner)
    method = find_method(run, kind, name) if isinstance(kind, ast.ClassDef) else None
    if not isinstance(kind, ast.ClassDef) or not isinstance(method, ast.FunctionDef):
        raise Unfinished(f"`{version.target.qualname}` is no plain method")
    match [ast.unparse(decorator) for decorator in method.decorator_list], version.target.binding:
        case (["staticmethod"], _):
            return Closure(method, run.module)
        case (["classmethod"], _):
            return Closure(method, run.module, Cell(f"<class '{kind.name}'>", owner=kind))
        case ([] | ["property"], "method" | "property"):
            return Closure(method, run.module, (yield from _receiver(run, kind, probe)))
    raise Unfinished(f"the decorators of `{name}` are not known")


def _receiver(run: Run, kind: ast.ClassDef, probe: Probe) -> Work[Cell]:
    if probe.receiver in (None, "constructed"):
        return (yield from construct(run, kind, [], {}, 1))
    try:
        node = ast.parse(probe.receiver or "", mode="eval").body
    except (SyntaxError, ValueError):
        raise Unfinished("the object of the method is not known") from None
    cell = yield from evaluate(run, node, Activation(run.module, 0))
    if cell.fields is None:
        raise Unfinished("the object of the method is not known")
    return cell


def _definitions(body: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    """What binds each name of the top level; a name that is bound twice, or inside a block, is not known."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in body:
        for name in _names_bound(statement):
            found.setdefault(name, []).append(statement)
    unknown = ast.Pass()
    return {name: nodes[0] if len(nodes) == 1 else unknown for name, nodes in found.items()}


def _names_bound(statement: ast.stmt) -> Iterable[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.partition(".")[0] for alias in names]
    return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


# --- records


def _prediction(
    version: Version,
    run: Run,
    outcome: Outcome,
    yielded: tuple[str, ...],
    parameters: Mapping[str, tuple[Cell, str]],
) -> Prediction:
    changed = tuple((name, cell.text) for name, (cell, text) in sorted(parameters.items()) if cell.text != text)
    full = Outcome(
        outcome.kind,
        outcome.value,
        outcome.message,
        yielded,
        changed,
        "".join(run.printed),
        explicit=outcome.explicit,
    )
    trace = Trace(version.source, tuple(run.frames), outcome.kind != "unfinished")
    confidence = round(math.prod(run.asked.values()), 4)
    return Prediction(
        full, frozenset(run.covered), tuple(dict.fromkeys(run.told)), Evidence.PREDICTED, confidence, trace
    )
