"""Predicts both versions of a function frame by frame with a model that speaks cwm, as facebook/cwm does.

In: the versions, the probes. Out: a `Simulation` for each probe, as from `neural`. The call is made by a function
`main` that stands after the source, which is how the model was measured; its frames are left out of the traces.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from cwm_check.codecs.cwm import Special, prompt
from cwm_check.codecs.value_texts import value_of
from cwm_check.neural.predicted.frames import Ask, FrameBounds, FrameRun, Heard, called
from cwm_check.neural.predicted.state import Unfinished
from cwm_check.neural.rounds import End, NeuralSimulator
from cwm_check.search.jobs import Version
from cwm_check.search.targets import parsed
from cwm_check.simulations import Argument, Outcome, Prediction, Probe
from cwm_check.trace import Event, Evidence, Frame, Trace


class Model(Protocol):
    """Goes on with frames: `frame_model.FrameModel`, or a test's."""

    name: str

    def said(self, asks: Iterable[Ask]) -> list[Heard]: ...


def on_frames(model: Model, bounds: FrameBounds | None = None, *, decides: bool = True) -> NeuralSimulator:
    """Return a simulator that asks the model for frames.

    `decides`: static analysis decides what it can; without it the model says whole frames.
    """
    predict = partial(_predict, bounds=bounds or FrameBounds(), decides=decides)
    return NeuralSimulator(model, predict, partial(_propose, model))


def _propose(model: Model, version: Version) -> tuple[Probe, ...]:
    """Calls with the arguments that the model gives to free parameters: the likeliest, and others."""
    ask = _first_call(version)
    if ask is None:
        return ()
    told = model.said([replace(ask, branch=branch) for branch in (1, 2)])
    found = (_probe_of(version, heard) for heard in told)
    return tuple(dict.fromkeys(probe for probe in found if probe is not None))


def _predict(version: Version, probe: Probe, *, bounds: FrameBounds, decides: bool) -> Generator[Ask, Heard, End]:
    """One run of a version."""
    frames: list[Frame] = []
    asked: Mapping[tuple[object, ...], float] = {}
    text, numbers = _squeezed(version.module)
    try:
        run = FrameRun(f"{text}\n\n{called(_call(version, probe))}", bounds, decides)
        frames, asked = run.reader.frames, run.asked
        yield from run.run()
        outcome = _outcome(frames[-1])
    except Unfinished as reason:
        outcome = Outcome("unfinished", str(reason))
    own = tuple(
        replace(frame, line=numbers.get(frame.line, frame.line), depth=frame.depth - 1)
        for frame in frames
        if frame.depth
    )
    trace = Trace(version.source, own, outcome.kind != "unfinished")
    covered = frozenset(frame.line for frame in own)
    confidence = round(math.prod(asked.values()), 4)
    return End(Prediction(outcome, covered, (), Evidence.PREDICTED, confidence, trace), asked)


def _outcome(last: Frame) -> Outcome:
    if last.event is Event.RETURN:
        return Outcome("returned", last.value or "None")
    name, _, message = (last.value or "").partition("(")
    return Outcome("raised", name, message.removesuffix(")"))


def _call(version: Version, probe: Probe) -> str:
    """The call of the probe as source."""
    if any(argument.value is None for argument in probe.arguments):
        raise Unfinished("an argument is not known")
    given = ", ".join(f"{a.name}={a.value}" if a.keyword else str(a.value) for a in probe.arguments)
    owner, _, name = version.target.qualname.rpartition(".")
    if not owner:
        return f"{name}({given})"
    made = f"{owner}()" if probe.receiver in (None, "constructed") else probe.receiver
    match version.target.binding:
        case "classmethod" | "staticmethod":
            return f"{owner}.{name}({given})"
        case "property":
            return f"{made}.{name}"
    return f"{made}.{name}({given})"


def _squeezed(module: str) -> tuple[str, dict[int, int]]:
    """The text without runs of blank lines, which slices are full of, and for each line its number in the module."""
    kept: list[tuple[int, str]] = []
    for number, line in enumerate(module.split("\n"), 1):
        if line.strip() or (kept and kept[-1][1].strip()):
            kept.append((number, line if line.strip() else ""))
    while kept and not kept[-1][1]:
        kept.pop()
    return "\n".join(line for _, line in kept), {i: number for i, (number, _) in enumerate(kept, 1)}


# --- calls that the model proposes


def _first_call(version: Version) -> Ask | None:
    """The question for the call frame of a plain function."""
    text, _ = _squeezed(version.module)
    head = f"def {version.target.qualname}("
    start = next((i for i, line in enumerate(text.split("\n"), 1) if line.startswith(head)), None)
    return None if start is None else Ask((*prompt(text, start), Special.CALL_SEP), (Special.ACTION_SEP,))


def _probe_of(version: Version, heard: Heard) -> Probe | None:
    """The call that the locals of a call frame mean, if all are literals and all parameters can be named."""
    text = heard.pieces[0] if heard.pieces else ""
    names = _parameters(version)
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or list(told) != names:
        return None
    if not all(isinstance(value, str) and value_of(value) is not None for value in told.values()):
        return None
    return Probe(tuple(Argument(name, value) for name, value in told.items()), "world model")


def _parameters(version: Version) -> list[str]:
    for node in parsed(version.module).body:
        if isinstance(node, ast.FunctionDef) and node.name == version.target.qualname:
            free = node.args.vararg or node.args.kwarg or node.args.kwonlyargs
            return [] if free else [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    return []
