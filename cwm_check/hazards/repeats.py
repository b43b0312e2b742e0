"""Whether a run that did not end never would: a trace in, the line of the loop that never ends out, with its state.

That is a proof only where the locals are all that counts: every one of them has a literal text, the loop names nothing
else, and calls nothing but builtin functions and methods of such values.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import pairwise

from cwm_check.search.targets import nodes
from cwm_check.trace import Event, Frame, Trace

_CALLED = frozenset("len range min max abs sum sorted int float str bool list tuple set dict divmod round".split())
_VISITS = 100  # of a loop that must go the same way


def repeated(trace: Trace) -> tuple[int, tuple[tuple[str, str], ...]] | None:
    """Return the line of a `while` loop that is begun twice with the same locals, and these; None if none is known."""
    heads = {n.lineno: n for n in nodes(trace.context) if isinstance(n, ast.While) and _is_closed(n)}
    seen: set[tuple[object, ...]] = set()
    for frame in (f for f in trace.frames if f.event is Event.LINE and f.line in heads):
        key = frame.line, frame.depth, frame.locals
        if key in seen and _is_plain(frame) and _names(heads[frame.line]) <= {n for n, _ in frame.locals} | _CALLED:
            return frame.line, frame.locals
        seen.add(key)
    return None


def drifting(trace: Trace) -> tuple[int, str, int] | None:
    """Return the line of a `while` loop, the name that moves away from the loop's end, and its step; else None.

    Nothing else changes in the loop, it moves by the same step each time, and nothing but its test ends the loop.
    """
    heads = {n.lineno: n for n in nodes(trace.context) if isinstance(n, ast.While) and _only_test_ends(n)}
    for line, loop in heads.items():
        seen = [
            f for f in trace.frames if f.event is Event.LINE and f.line == line and f.depth == trace.frames[-1].depth
        ]
        last = [dict(f.locals) for f in seen[-_VISITS:]]
        moving = {n for n in last[-1] if any(s.get(n) != last[-1][n] for s in last)} if len(last) == _VISITS else set()
        if len(moving) == 1 and _is_plain(seen[-1]) and _names(loop) <= set(last[-1]) | _CALLED:
            name = moving.pop()
            values = [s.get(name, "") for s in last]
            if (step := _step_away(loop.test, name, values)) is not None:
                return line, name, step
    return None


def _only_test_ends(loop: ast.While) -> bool:
    return _is_closed(loop) and not any(isinstance(n, ast.Break | ast.Return | ast.Raise) for n in ast.walk(loop))


def _step_away(test: ast.expr, name: str, values: Sequence[str]) -> int | None:
    """The step by which whole numbers go on, if it never ends a loop with this test."""
    match test:
        case ast.Compare(ast.Name(id=left), [operator], [ast.Constant(value=int(bound))]) if left == name:
            numbers = [int(v) for v in values if re.fullmatch(r"-?\d+", v)]
        case _:
            return None
    steps = {b - a for a, b in pairwise(numbers)}
    if len(numbers) != len(values) or len(steps) != 1:
        return None
    step = steps.pop()
    match operator:
        case ast.NotEq():
            is_away = (numbers[-1] - bound) * step > 0
        case ast.Gt() | ast.GtE():
            is_away = step > 0
        case _:
            is_away = isinstance(operator, ast.Lt | ast.LtE) and step < 0
    return step if is_away else None


def _is_closed(loop: ast.While) -> bool:
    """Whether nothing in the loop has a state of its own that the locals do not show."""
    calls = [n.func for n in ast.walk(loop) if isinstance(n, ast.Call)]
    is_plain = all(isinstance(c, ast.Attribute) or (isinstance(c, ast.Name) and c.id in _CALLED) for c in calls)
    opened = (ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Yield, ast.YieldFrom, ast.Await, ast.Global)
    return is_plain and not any(isinstance(n, opened) for n in ast.walk(loop))


def _names(loop: ast.While) -> set[str]:
    return {n.id for n in ast.walk(loop) if isinstance(n, ast.Name)}


def _is_plain(frame: Frame) -> bool:
    try:
        return all(text == repr(ast.literal_eval(text)) for _, text in frame.locals)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
