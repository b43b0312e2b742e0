"""A trace for people, as a table, and for programs, as JSON.

    frame  line  event  evidence  source                        what changed
        0     7  call   exact     def count(s, letter):         s = 'abca', letter = 'a'
        1     8  line   exact       n = 0
        2     9  line   exact       for c in s:                 n = 0

A line frame stands before its line runs, so what a line does is told at the next frame of the same function.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from cwm_check.debugging.activations import Path, levelled, path_of
from cwm_check.simulations import Outcome, Prediction
from cwm_check.trace import Event, Frame
from cwm_check.wording import printable, shorten

VERSION = 1
_SOURCE, _CHANGED, _VALUE = 48, 120, 200  # widths


def table(title: str, prediction: Prediction, assumptions: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield printable(title)
    if prediction.trace is not None:
        path = path_of(prediction.trace)
        rows = [_row(path, index) for index in range(len(path.frames))]
        widths = [max(len(row[n]) for row in (_HEAD, *rows)) for n in range(len(_HEAD))]
        for row in (_HEAD, *rows):
            cells = [
                text.rjust(w) if n < 2 else text.ljust(w) for n, (text, w) in enumerate(zip(row, widths, strict=True))
            ]
            yield "  ".join(cells).rstrip()
        if not prediction.trace.complete:
            yield "... the trace ends here: a limit was met"
    yield f"{ending(prediction.outcome)} ({prediction.evidence})"
    yield from (f"if {printable(shorten(text, _VALUE))}" for text in assumptions)


_HEAD = ("frame", "line", "event", "evidence", "source", "what changed")


def _row(path: Path, index: int) -> tuple[str, ...]:
    frame = path.frames[index]
    told = ", ".join(f"{n} = {v}" for n, v in changed_locals(path, index)) if frame.value is None else frame.value
    indent = "  " * len(path.callers[index])
    source = indent + shorten(printable(frame.source.strip()), max(_SOURCE - len(indent), 12))
    return (str(index), str(frame.line), frame.event, surety(frame), source, printable(shorten(told, _CHANGED)))


def surety(frame: Frame) -> str:
    """Return what a frame rests on, with the confidence where it is not certain."""
    return str(frame.evidence) if frame.confidence == 1 else f"{frame.evidence} {frame.confidence:.2f}"


def changed_locals(path: Path, index: int) -> tuple[tuple[str, str], ...]:
    """Return the locals of a frame that are new or other than at the last frame of the same call."""
    frame, owner = path.frames[index], path.owners[index]
    if frame.event not in (Event.CALL, Event.LINE):
        return ()
    before = (i for i in range(index - 1, -1, -1) if path.owners[i] == owner)
    former = next((path.frames[i] for i in before if path.frames[i].event in (Event.CALL, Event.LINE)), None)
    known = set(former.locals) if former and frame.event is Event.LINE else set()
    return tuple(pair for pair in frame.locals if pair not in known)


def ending(outcome: Outcome) -> str:
    """Return how a call ends, as a sentence without a full stop."""
    match outcome.kind:
        case "returned":
            return f"returns {printable(shorten(outcome.value, _VALUE))}"
        case "raised":
            message = f": {printable(shorten(outcome.message, _VALUE))}" if outcome.message else ""
            return f"raises {outcome.value}{message}"
        case "unfinished":
            return f"does not end: {printable(outcome.value)}"
    raise AssertionError(f"unreachable: {outcome.kind!r}")


def parting(computed: Prediction, predicted: Prediction) -> str:
    """Return where a predicted run leaves the computed one, as a sentence without a full stop."""
    if computed.trace is None or predicted.trace is None:
        return "one of the runs leaves no trace"
    one, other = levelled(computed.trace).frames, levelled(predicted.trace).frames
    for here, there in zip(one, other, strict=False):
        if _state(here) != _state(there):
            return f"the prediction leaves the computed run at line {here.line}, frame {one.index(here)}"
    if len(one) != len(other):
        return f"the runs are the same for {min(len(one), len(other))} frames, where one of them ends"
    return f"the prediction is the computed run: {len(one)} frames"


def _state(frame: Frame) -> tuple[object, ...]:
    return frame.event, frame.line, frame.depth, frame.locals, frame.value


def as_json(path: str, qualname: str, call: str, prediction: Prediction, assumptions: tuple[str, ...]) -> str:
    """Return the trace as a JSON document; `docs/debugger.md` tells its fields."""
    outcome, trace = prediction.outcome, prediction.trace
    frames = path_of(trace) if trace is not None else None
    return json.dumps(
        {
            "version": VERSION,
            "path": path,
            "function": qualname,
            "call": call,
            "evidence": prediction.evidence,
            "confidence": prediction.confidence,
            "assumptions": list(assumptions),
            "outcome": {"kind": outcome.kind, "value": outcome.value, "message": outcome.message},
            "complete": trace is not None and trace.complete,
            "frames": [] if frames is None else [_frame(frames, i) for i in range(len(frames.frames))],
        },
        indent=2,
    )


def _frame(path: Path, index: int) -> dict[str, object]:
    frame = path.frames[index]
    return {
        "event": frame.event,
        "line": frame.line,
        "function": path.owner(index).name,
        "depth": len(path.callers[index]),
        "source": frame.source,
        "locals": dict(frame.locals),
        "changed": [name for name, _ in changed_locals(path, index)],
        "value": frame.value,
        "evidence": frame.evidence,
        "confidence": frame.confidence,
    }
