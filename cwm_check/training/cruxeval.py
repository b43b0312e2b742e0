"""The statements of CRUXEval's programs with true states, to measure on: the file is given by path, never committed.

Sources are normalised to one statement a line. A program counts as right if every one of its statements is: then so is
its output, as control flow is not the model's business. A program that cannot be traced to its end counts as wrong.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cwm_check.textlines import split_lines
from cwm_check.training.answering import Statement
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.steps import statements
from cwm_check.training.tracer import Bounds, trace_call

_BOUNDS = Bounds(frames=600, repr_length=600)


@dataclass(frozen=True, slots=True)
class CruxProgram:
    """The statements of one program that ran; none if it does not end within the bounds."""

    name: str
    source: str
    statements: tuple[Statement, ...]
    frames: int


def programs(path: Path) -> Iterator[CruxProgram]:
    """Yield the programs of a `cruxeval.jsonl` in its order."""
    for line in split_lines(path.read_text(encoding="utf-8")):
        row = json.loads(line)
        source = ast.unparse(ast.parse(row["code"]))
        try:
            with time_limit(5):
                trace = trace_call(source, f"f({row['input']})", _BOUNDS)
        except OutOfTimeError:
            yield CruxProgram(row["id"], source, (), 0)
            continue
        ran = tuple(Statement(node, values, effect) for node, values, effect in statements(trace))
        yield CruxProgram(row["id"], source, ran if trace.complete else (), len(trace.frames))
