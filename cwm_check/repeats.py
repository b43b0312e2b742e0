"""Whether a run that did not end never would: a trace in, the line out to which it comes back in the same state.

That is a proof only where the locals are all that counts: every one of them has a literal text, the loop names nothing
else, and calls nothing but builtin functions and methods of such values.
"""

from __future__ import annotations

import ast

from cwm_check.trace import Event, Frame, Trace

_CALLED = frozenset("len range min max abs sum sorted int float str bool list tuple set dict divmod round".split())


def repeated(trace: Trace) -> tuple[int, tuple[tuple[str, str], ...]] | None:
    """Return the line of a `while` loop that is begun twice with the same locals, and these; None if none is known."""
    heads = {n.lineno: n for n in ast.walk(_parsed(trace.context)) if isinstance(n, ast.While) and _is_closed(n)}
    seen: set[tuple[object, ...]] = set()
    for frame in (f for f in trace.frames if f.event is Event.LINE and f.line in heads):
        key = frame.line, frame.depth, frame.locals
        if key in seen and _is_plain(frame) and _names(heads[frame.line]) <= {n for n, _ in frame.locals} | _CALLED:
            return frame.line, frame.locals
        seen.add(key)
    return None


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


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
