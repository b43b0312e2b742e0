"""Steps of CRUXEval's programs with true states, for measuring only: the file is given by path, never committed.

Sources are normalised to one statement a line. A program counts as right if every one of its steps is: then so is its
output, as control flow is not the model's business. What cannot be encoded counts as wrong.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.steps import Example, examples
from cwm_check.training.tracer import Bounds, trace_call

_BOUNDS = Bounds(frames=600, repr_length=600)
_LONGEST = 700


@dataclass(frozen=True, slots=True)
class CruxProgram:
    """The steps of one program; none if it cannot be encoded."""

    name: str
    source: str
    steps: tuple[Example, ...]
    frames: int


def programs(path: Path) -> Iterator[CruxProgram]:
    """Yield the programs of a `cruxeval.jsonl` in its order."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        source = ast.unparse(ast.parse(row["code"]))
        try:
            with time_limit(5):
                trace = trace_call(source, f"f({row['input']})", _BOUNDS)
        except OutOfTimeError:
            yield CruxProgram(row["id"], source, (), 0)
            continue
        steps = tuple(examples(trace)) if trace.complete else ()
        fits = all(len(step.prompt) + len(step.target) <= _LONGEST for step in steps)
        yield CruxProgram(row["id"], source, steps if fits else (), len(trace.frames))
