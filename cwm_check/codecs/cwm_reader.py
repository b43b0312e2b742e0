"""Reads traces in the format of facebook/cwm: special tokens and text in, frames out; `cwm` writes them.

The format has no line numbers and no depths: lines are found again as legal successors, and of two branches that begin
with the same text the first is taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cwm_check.codecs.control_flow import Flow, flow_of
from cwm_check.codecs.cwm import EVENTS, START_MARK, UNCHANGED, Piece, Special
from cwm_check.trace import Event, Evidence, Frame, Trace


class MalformedError(ValueError):
    """What was said is no frame."""


def parse(pieces: Sequence[Piece], evidence: Evidence = Evidence.EXACT) -> Trace:
    """Return the trace that `pieces` tell."""
    if tuple(pieces[:2]) != (Special.BEGIN_OF_TEXT, Special.TRACE_CONTEXT_START) or len(pieces) < 4:
        raise MalformedError("no trace context")
    text = pieces[2]
    if isinstance(text, Special):
        raise MalformedError("no trace context")
    start = next((i for i, line in enumerate(text.split("\n"), 1) if line.endswith(START_MARK)), 1)
    reader = Reader(text.replace(START_MARK + "\n", "\n", 1).removesuffix(START_MARK), start, evidence)
    complete = pieces[-1] == Special.END_OF_TEXT
    body = pieces[4:-1] if complete else pieces[4:]
    return Trace(reader.context, tuple(reader.read(said) for said in _frames(body)), complete)


def _frames(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    start = 0
    for place, piece in enumerate(pieces):
        if piece == Special.FRAME_SEP:
            yield tuple(pieces[start:place])
            start = place + 1
    if start != len(pieces):
        raise MalformedError("the last frame is not ended")


@dataclass(slots=True)
class Reader:
    """Reads frame after frame: it knows the values that `".."` stands for, and where the run is."""

    context: str
    start: int
    """Line of the entry point."""
    evidence: Evidence = Evidence.PREDICTED
    frames: list[Frame] = field(default_factory=list)
    _values: list[dict[str, str]] = field(default_factory=list)
    """Locals of each open call."""
    _lines: list[int] = field(default_factory=list)
    _calls: list[int] = field(default_factory=list)
    """Lines of the call frames of the open calls."""

    def read(self, said: Sequence[Piece], confidence: float = 1.0) -> Frame:
        """Return the next frame; what is said is without the separator that ends it."""
        frame = self.peek(said, confidence)
        self._enter(frame)
        self.frames.append(frame)
        return frame

    def peek(self, said: Sequence[Piece], confidence: float = 1.0) -> Frame:
        """Return the frame that `read` would, and stay where it is."""
        event, told, source, value = _split(said)
        depth = self._depth(event, source.removesuffix("\n"))
        before = self._values[depth] if event is Event.LINE and depth < len(self._values) else {}
        values = tuple((name, _resolved(name, text, before)) for name, text in (told or {}).items())
        line = self._line(event, source.removesuffix("\n"), depth)
        return Frame(event, line, source.removesuffix("\n"), values, value, depth, self.evidence, confidence)

    @property
    def flow(self) -> Flow:
        return flow_of(self.context)

    @property
    def depth(self) -> int:
        """Depth of the innermost open call; -1 before the first and after the last."""
        return len(self._lines) - 1

    @property
    def line(self) -> int:
        """The line where the innermost open call is."""
        return self._lines[-1]

    @property
    def call_line(self) -> int:
        """The line of the call frame of the innermost open call."""
        return self._calls[-1]

    @property
    def caller_line(self) -> int:
        """The line where the call around the innermost one is."""
        return self._lines[-2]

    def _depth(self, event: Event, source: str) -> int:
        if event is Event.CALL:
            return len(self._lines)
        # An exception that was not caught leaves its call; its frame comes just before that of the caller. Where no
        # `except` clause took it there is only the line of the last clause.
        last = self.frames[-1] if self.frames else None
        has_left = last is not None and event is Event.EXCEPTION and last.event is Event.EXCEPTION
        if last is not None and event is Event.EXCEPTION and is_reraising(last.source):
            has_left = source != last.source
        depth = self.depth - has_left
        if depth < 0:
            raise MalformedError("a frame outside every call")
        return depth

    def _enter(self, frame: Frame) -> None:
        if frame.event is Event.CALL:
            self._values.append(dict(frame.locals))
            self._lines.append(frame.line)
            self._calls.append(frame.line)
            return
        for kept in (self._values, self._lines, self._calls):
            del kept[frame.depth + 1 :]
        self._lines[frame.depth] = frame.line
        if frame.event is Event.LINE:
            self._values[frame.depth] = dict(frame.locals)
        if frame.event is Event.RETURN:
            for kept in (self._values, self._lines, self._calls):
                del kept[frame.depth :]

    def _line(self, event: Event, source: str, depth: int) -> int:
        """The line that `source` is on: a legal one, if there is any, else the next, else the first of that text."""
        same = [i for i, line in enumerate(self.context.split("\n"), 1) if line == source]
        if event is Event.CALL:
            legal = [self.start] if not self.frames else sorted(self.flow.callable_lines)
        elif event is Event.LINE:
            here = self._lines[depth]
            is_first = self.frames[-1].event is Event.CALL
            legal = sorted(
                self.flow.first.get(here, ())
                if is_first
                else {*self.flow.successors.get(here, ()), *self.flow.raising.get(here, ())}
            )
            legal = [line for line in legal if line > here] + [line for line in legal if line <= here] + [here]
        else:
            legal = [self._lines[depth]]
        chosen = [line for line in legal if line in same] or same
        if not chosen:
            raise MalformedError(f"no line {source!r}")
        return chosen[0]


def is_reraising(source: str) -> bool:
    """Return whether an exception may leave a call from this line without a frame: no clause took it, or `raise`."""
    return source.lstrip().startswith("except") or source.strip() == "raise"


def _split(said: Sequence[Piece]) -> tuple[Event, dict[str, str] | None, str, str | None]:
    """Event, locals, source and value of one frame."""
    match list(said):
        case [Special() as mark, str() as told, Special.ACTION_SEP, str() as source] if mark in EVENTS:
            event = EVENTS[mark]
            if event in (Event.CALL, Event.LINE):
                return event, _locals(told), source, None
        case [Special() as mark, Special.ACTION_SEP, str() as source, Special.ARG_SEP, str() as value]:
            event = EVENTS.get(mark, Event.CALL)
            if event in (Event.RETURN, Event.EXCEPTION):
                return event, None, source, _text(value)
    raise MalformedError("no frame")


def _locals(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("locals are no JSON") from None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise MalformedError("locals are no texts")
    return told


def _text(value: str) -> str:
    try:
        text = json.loads(value)
    except (ValueError, RecursionError):
        raise MalformedError("the value is no JSON") from None
    if not isinstance(text, str):
        raise MalformedError("the value is no text")
    return text


def _resolved(name: str, text: str, before: Mapping[str, str]) -> str:
    if text != UNCHANGED:
        return text
    if name not in before:
        raise MalformedError(f"nothing is known of {name}")
    return before[name]
