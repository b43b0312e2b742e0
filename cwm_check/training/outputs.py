"""CRUXEval's outputs in neural mode: a model in, the share of programs whose output it predicts, nothing executed.

    python -m cwm_check.training.outputs CRUXEVAL.jsonl [--model NAME] [--first N] [--output PATH]

Three ways on the same model, in one run: `operations` (one operation at a time, static analysis decides what it can),
`constrained` (whole statements, the same) and `free` (whole statements; the model says every condition and every item,
unmasked). The file is given by path and never part of this repository. The true output is in it. Where `free` is right
and another way is not, CPython runs the program to see whether `free` predicted the true run, or was lucky.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwm_check.neural.frames import on_frames
from cwm_check.neural.opening import open_frame_model, open_step_model, speaks
from cwm_check.neural.predicted.state import Bounds, stepwise, whole
from cwm_check.neural.rounds import NeuralSimulator
from cwm_check.neural.simulator import on_steps
from cwm_check.search.jobs import Version
from cwm_check.search.targets import Target
from cwm_check.simulations import Argument, Outcome, Prediction, Probe
from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Trace
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.tracer import Bounds as TrueBounds
from cwm_check.training.tracer import trace_call

WAYS = ("operations", "constrained", "free")
_TOGETHER = 64  # programs that are predicted side by side
_BOUNDS = Bounds(steps=600, frames=1500)


@dataclass(frozen=True, slots=True)
class Program:
    """One program, its input and its true output."""

    name: str
    version: Version
    probe: Probe
    call: str
    output: str


def programs(path: Path) -> tuple[Program, ...]:
    """Return the programs of a `cruxeval.jsonl` in its order."""
    rows = [json.loads(line) for line in split_lines(path.read_text(encoding="utf-8"))]
    return tuple(_program(row) for row in rows)


def _program(row: dict[str, Any]) -> Program:
    source = ast.unparse(ast.parse(row["code"]))
    text = f"f({row['input']})"
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    given = [Argument(f"a{place}", ast.unparse(argument)) for place, argument in enumerate(call.args)]
    given += [Argument(str(keyword.arg), ast.unparse(keyword.value), keyword=True) for keyword in call.keywords]
    version = Version(source, source, "cruxeval.py", Target("f", "function"), lambda _: None)
    return Program(row["id"], version, Probe(tuple(given), "cruxeval"), text, row["output"])


def simulator(way: str, model: str = "nano") -> NeuralSimulator:
    """Return the simulator of one of `WAYS`; a model of frames has no operations."""
    is_free = way == "free"
    if speaks(model) == "cwm":
        return on_frames(open_frame_model(model), decides=not is_free)
    return on_steps(
        open_step_model(model, masked=not is_free),
        _BOUNDS,
        operate=stepwise if way == "operations" else whole,
        decides=not is_free,
    )


def predicted(some: Sequence[Program], using: NeuralSimulator) -> list[Prediction]:
    """Return what is predicted for each program."""
    predictions: list[Prediction] = []
    for start in range(0, len(some), _TOGETHER):
        works = [(one.version, one.probe) for one in some[start : start + _TOGETHER]]
        predictions += using.predict_all(works)
    return predictions


def is_right(program: Program, outcome: Outcome) -> bool:
    """Return whether the outcome is the true output, as a value."""
    return outcome.kind == "returned" and _same(outcome.value, program.output)


def _same(one: str, other: str) -> bool:
    try:
        values = ast.literal_eval(one), ast.literal_eval(other)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return one == other
    return repr(values[0]) == repr(values[1]) or (values[0] == values[1] and type(values[0]) is type(values[1]))


def is_true_run(program: Program, prediction: Prediction) -> bool:
    """Return whether the lines of the predicted run, and the locals at each, are those of CPython."""
    try:
        with time_limit(5):
            true = trace_call(program.version.source, program.call, TrueBounds(frames=1500, repr_length=600))
    except OutOfTimeError:
        return False
    return prediction.trace is not None and _states(prediction.trace) == _states(true)


def _states(trace: Trace) -> list[tuple[int, tuple[tuple[str, str], ...]]]:
    return [(frame.line, frame.locals) for frame in trace.frames if frame.event is Event.LINE and frame.depth == 0]


def measure(some: Sequence[Program], model: str) -> dict[str, Any]:
    """Return accuracy by way, and what the constraint gains and loses against `free`, program by program."""
    rights: dict[str, list[bool]] = {}
    ended: dict[str, list[bool]] = {}
    for way in WAYS:
        predictions = predicted(some, simulator(way, model))
        rights[way] = [is_right(one, made.outcome) for one, made in zip(some, predictions, strict=True)]
        ended[way] = [made.outcome.kind != "unfinished" for made in predictions]
    free = rights["free"]  # the last of the ways: so are `predictions`
    lost = {way: [a < b for a, b in zip(rights[way], free, strict=True)] for way in WAYS[:2]}
    is_lost = [any(row) for row in zip(*lost.values(), strict=True)]
    is_true = [
        lost_here and is_true_run(one, made) for one, made, lost_here in zip(some, predictions, is_lost, strict=True)
    ]
    return {
        "programs": len(some),
        "output_exact_match": {way: _share(rights[way]) for way in WAYS},
        "ended": {way: _share(ended[way]) for way in WAYS},
        "gained over free": {way: sum(a > b for a, b in zip(rights[way], free, strict=True)) for way in WAYS[:2]},
        "lost to free": {way: sum(rows) for way, rows in lost.items()},
        "lost to free, which had the true run": {
            way: sum(a and b for a, b in zip(rows, is_true, strict=True)) for way, rows in lost.items()
        },
    }


def _share(rights: Sequence[bool]) -> float:
    return round(sum(rights) / len(rights), 4) if rights else 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Measure CRUXEval's outputs in neural mode.")
    parser.add_argument("cruxeval", type=Path)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--first", type=int, help="only that many programs")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    text = json.dumps(measure(programs(options.cruxeval)[: options.first], options.model), indent=1) + "\n"
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
