"""Legal successors: every step that CPython takes is one of them, and there are few."""

from __future__ import annotations

from random import Random

import pytest
from neural_programs import PROGRAMS

from cwm_check.codecs.control_flow import EXIT, Flow, flow_of
from cwm_check.trace import Event, Trace
from cwm_check.training.programs import program
from cwm_check.training.tracer import Bounds, trace_call

SOURCE = """\
def f(x):
    '''text'''
    if x:
        y = 1
    else:
        y = 2
    for i in x:
        if i:
            break
        continue
    else:
        y = 3
    try:
        y = x[0]
    except KeyError:
        return 0
    finally:
        y = 4
    return [
        y,
        x,
    ]
"""
WANTED = {
    3: {4, 6},
    4: {7},
    6: {7},
    7: {8, 12},
    8: {9, 10},
    9: {13},
    10: {7},
    12: {13},
    13: {14},
    14: {18},
    15: {16},
    16: {18},
    18: {EXIT, 19, 20, 21, 22},
    20: {EXIT, 19, 20, 21, 22},
}
RAISING = {3: {EXIT}, 13: set[int](), 14: {EXIT, 15, 18}, 15: {EXIT, 18}, 16: {EXIT, 18}, 18: {EXIT}, 19: {EXIT}}


@pytest.mark.parametrize("line", WANTED)
def test_what_may_follow_a_line(line: int) -> None:
    assert flow_of(SOURCE).successors[line] == WANTED[line]


@pytest.mark.parametrize("line", RAISING)
def test_where_an_exception_leads(line: int) -> None:
    assert flow_of(SOURCE).raising.get(line, set()) == RAISING[line]


def test_a_function_begins_after_its_docstring() -> None:
    assert flow_of(SOURCE).first == {1: {3}}


def steps_of(trace: Trace, flow: Flow) -> list[tuple[int, int]]:
    """Pairs of lines that followed each other in one call of a function."""
    pairs, last = [], dict[int, int]()
    for frame in trace.frames:
        if frame.event is Event.CALL:
            last[frame.depth] = -frame.line if frame.line in flow.first else 0
        elif frame.event is Event.LINE and last.get(frame.depth):
            pairs.append((last[frame.depth], frame.line))
            last[frame.depth] = frame.line
    return pairs


def illegal(source: str, call: str) -> list[tuple[int, int]]:
    flow = flow_of(source)
    pairs = steps_of(trace_call(source, call, Bounds(frames=100)), flow)
    after = {line: flow.successors.get(line, frozenset()) | flow.raising.get(line, frozenset()) for line, _ in pairs}
    return [(a, b) for a, b in pairs if b not in (flow.first[-a] if a < 0 else after[a])]


@pytest.mark.parametrize(("source", "call"), [(source, call) for source, calls in PROGRAMS.values() for call in calls])
def test_cpython_takes_legal_steps_only(source: str, call: str) -> None:
    assert illegal(source, f"f({call})") == []


@pytest.mark.parametrize("seed", range(80))
def test_generated_programs_take_legal_steps_only(seed: int) -> None:
    made = program(Random(seed), calls=1)
    assert illegal(made.source, made.calls[0]) == []


def test_most_lines_have_one_successor() -> None:
    """A table that allows everything would pass the tests above."""
    counts = []
    for seed in range(40):
        for lines in flow_of(program(Random(seed), calls=1).source).successors.values():
            counts.append(len(lines - {EXIT}))
    assert sum(count <= 1 for count in counts) / len(counts) > 0.6
    assert max(counts) < 12


def test_what_does_not_parse_has_no_flow() -> None:
    assert flow_of("def f(:").successors == {}
