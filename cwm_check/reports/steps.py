"""Which steps of two traces are worth showing: where they part, and the frames around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from cwm_check.trace import Event, Frame, Trace
from cwm_check.verdicts import Finding

_DEEPEST = 24


def both_traces(finding: Finding) -> tuple[Trace, Trace] | None:
    """Return the traces before and after, if both runs left one."""
    before, after = finding.before_trace, finding.after_trace
    if before is None or after is None or not before.frames or not after.frames:
        return None
    return before, after


def parting(before: Trace, after: Trace) -> int:
    """Return the index of the first step that leaves another state, where one trace ends if it only goes on longer.

    Lines, sources and the names of locals do not count: they differ wherever the diff has touched them.
    """
    for index, (one, other) in enumerate(zip_longest(before.frames, after.frames)):
        if one is None or other is None or _state(one) != _state(other):
            return index
    return len(before.frames)


def shown(count: int, center: int, limit: int) -> list[int]:
    """Return at most `limit` of `count` indices: the first ones, those around `center`, and the last ones."""
    if count <= limit:
        return list(range(count))
    edge = limit // 5
    start = max(0, min(center, count - 1) - 2 * edge)
    around = range(start, min(count, start + limit - 2 * edge))
    return sorted({*range(edge), *around, *range(count - edge, count)})


def step_text(frame: Frame) -> str:
    """Return what a step does, on one line."""
    match frame.event:
        case Event.RETURN:
            return f"return {frame.value}"
        case Event.EXCEPTION:
            return f"raise {frame.value}"
        case Event.CALL | Event.LINE:
            return frame.source.strip()


def indent(trace: Trace, index: int) -> int:
    """Return how far a step is set in: as its source line is, from the outermost line of the same depth."""
    frame = trace.frames[index]
    outermost = min(_leading(other.source) for other in trace.frames if other.depth == frame.depth)
    return min(_leading(frame.source) - outermost, _DEEPEST) + 2 * frame.depth


def _leading(source: str) -> int:
    return len(source) - len(source.lstrip())


def changed_locals(frames: Sequence[Frame], index: int) -> tuple[tuple[str, str], ...]:
    """Return the locals of a step that are new or other than at the last step of the same depth."""
    former = next((f for f in reversed(frames[:index]) if f.depth == frames[index].depth), None)
    known = set(former.locals) if former else set()
    return tuple(pair for pair in frames[index].locals if pair not in known)


def excerpt(before: Trace, after: Trace, around: int = 3) -> Iterator[tuple[str, int, str]]:
    """Yield the steps where the runs part as sign, line and text: a few that they share, then each side's own."""
    center = parting(before, after)
    for sign, trace, start, end in (
        (" ", after, max(0, center - around), center),
        ("-", before, center, center + around),
        ("+", after, center, center + around),
    ):
        for index in range(start, min(end, len(trace.frames))):
            fresh = ", ".join(f"{name} = {value}" for name, value in changed_locals(trace.frames, index))
            said = step_text(trace.frames[index])
            yield sign, trace.frames[index].line, f"{said}  # {fresh}" if fresh else said


def _state(frame: Frame) -> tuple[object, ...]:
    return frame.event, frame.depth, sorted(value for _, value in frame.locals), frame.value
