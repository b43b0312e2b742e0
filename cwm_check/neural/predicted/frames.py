"""One call predicted frame by frame in CWM's format: a source and a call in, frames out, the flow kept legal.

The model says locals, values, and which event comes next where more than one can; static analysis names the line where
only one can follow. Work of a run is a generator: it yields an `Ask`, and is sent what was `Heard`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from cwm_check.codecs.control_flow import EXIT
from cwm_check.codecs.cwm import SEPARATORS, Piece, Special, Writer, prompt
from cwm_check.codecs.cwm_reader import MalformedError, Reader, is_reraising
from cwm_check.neural.predicted.state import Unfinished
from cwm_check.trace import Event, Evidence, Frame

ENTRY = "main"


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt to go on with, until one of `stop`."""

    pieces: tuple[Piece, ...]
    stop: tuple[Special, ...]
    first: tuple[Special, ...] = ()
    """What it may begin with; empty: anything."""
    choices: tuple[str, ...] = ()
    """Texts of which it must say one; empty: anything."""
    branch: int = 1
    """1: the likeliest; 2: another answer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model said to an `Ask`, with what stopped it."""

    pieces: tuple[Piece, ...]
    confidence: float


Frames = Generator[Ask, Heard, None]


@dataclass(frozen=True, slots=True)
class FrameBounds:
    """When a run is given up."""

    frames: int = 400
    characters: int = 60_000
    """Of the prompt: about four make a token."""
    depth: int = 12


@dataclass(slots=True)
class FrameRun:
    """A call that is being predicted."""

    context: str
    """The source, and after it the function that makes the call."""
    bounds: FrameBounds = FrameBounds()
    decides: bool = True
    """Whether static analysis decides what it can; without it the model says whole frames, whatever they are."""
    asked: dict[tuple[object, ...], float] = field(default_factory=dict)
    """What was asked, apart from where it stands in the run, and the confidence of the answer."""
    reader: Reader = field(init=False)
    _pieces: list[Piece] = field(init=False)
    _writer: Writer = field(default_factory=Writer)

    def __post_init__(self) -> None:
        lines = self.context.split("\n")
        entry = max(i for i, line in enumerate(lines, 1) if line.startswith(f"def {ENTRY}("))
        self.reader = Reader(self.context, entry, Evidence.PREDICTED)
        self._pieces = list(prompt(self.context, entry))
        for mark, line in ((Special.CALL_SEP, lines[entry - 1]), (Special.LINE_SEP, lines[entry])):
            self._add((mark, "{}", Special.ACTION_SEP, line + "\n"), 1.0)

    def run(self) -> Frames:
        """Predict until the entry point has its value or its exception."""
        while True:
            frame = yield from self._next()
            if (frame.event is Event.RETURN and frame.depth <= 1) or (
                frame.event is Event.EXCEPTION and not frame.depth
            ):
                return
            if len(self.reader.frames) > self.bounds.frames or len(self._written()) > self.bounds.characters:
                raise Unfinished("limit: steps")
            if frame.depth > self.bounds.depth:
                raise Unfinished("limit: calls are too deep")

    def _written(self) -> str:
        return "".join(piece for piece in self._pieces if isinstance(piece, str))

    def _next(self) -> Generator[Ask, Heard, Frame]:
        """The next frame; a malformed one is asked for once more."""
        for branch in (1, 2):
            try:
                said, confidence = yield from (self._legal(branch) if self.decides else self._free(branch))
                return self._add(said, confidence)
            except MalformedError:
                continue
        raise Unfinished("the model gives no well-formed frame")

    def _add(self, said: tuple[Piece, ...], confidence: float) -> Frame:
        before = self.reader.frames[-1] if self.reader.frames else None
        frame = self.reader.read(said, round(confidence, 4))
        if confidence < 1.0 and before is not None:
            known = (before.source, before.locals, before.value, frame.event, frame.source, frame.locals, frame.value)
            self.asked[known] = confidence
        self._pieces += self._writer.pieces(frame)
        return frame

    def _free(self, branch: int) -> Generator[Ask, Heard, tuple[tuple[Piece, ...], float]]:
        heard = yield Ask(tuple(self._pieces), (Special.FRAME_SEP, Special.END_OF_TEXT), branch=branch)
        if not heard.pieces or heard.pieces[-1] != Special.FRAME_SEP:
            raise MalformedError("the frame has no end")
        return heard.pieces[:-1], heard.confidence

    def _legal(self, branch: int) -> Generator[Ask, Heard, tuple[tuple[Piece, ...], float]]:
        """Event and locals, then the line, then the value: each asked for only if more than one is possible."""
        prefix = tuple(self._pieces)
        events = self._events()
        marks = tuple(SEPARATORS[event] for event in events)
        given = marks if len(marks) == 1 else ()
        confidence = 1.0
        if given and events[0] in (Event.RETURN, Event.EXCEPTION):
            said: tuple[Piece, ...] = (*given, Special.ACTION_SEP)
        else:
            heard = yield Ask((*prefix, *given), (Special.ACTION_SEP,), () if given else marks, branch=branch)
            said, confidence = (*given, *heard.pieces), heard.confidence
        if len(said) < 2 or said[0] not in marks or said[-1] != Special.ACTION_SEP:
            raise MalformedError("no event")
        event = events[marks.index(said[0])]
        lines = self._sources(event)
        if len(lines) == 1:
            said = (*said, lines[0])
        else:
            heard = yield Ask((*prefix, *said), (Special.FRAME_SEP, Special.ARG_SEP), choices=lines, branch=branch)
            if not heard.pieces or heard.pieces[0] not in lines:
                raise MalformedError("no legal line")
            said, confidence = (*said, heard.pieces[0]), confidence * heard.confidence
        if self._leaves(event):
            value = next(f.value for f in reversed(self.reader.frames) if f.event is Event.EXCEPTION)
            return (*said, Special.ARG_SEP, json.dumps(value)), confidence
        if event in (Event.RETURN, Event.EXCEPTION):
            said = (*said, Special.ARG_SEP)
            heard = yield Ask((*prefix, *said), (Special.FRAME_SEP,), branch=branch)
            said, confidence = (*said, *heard.pieces[:-1]), confidence * heard.confidence
        return said, confidence

    # --- what is legal

    def _events(self) -> tuple[Event, ...]:
        """What may come next: a function begins with a line, ends where its flow does, and may always raise."""
        reader, flow = self.reader, self.reader.flow
        last = reader.frames[-1]
        if len(reader.frames) == 2:
            return (Event.CALL,)
        if last.event is Event.CALL:
            return (Event.LINE,)
        if reader.call_line not in flow.first:  # a lambda or a comprehension: its flow is not known
            return (Event.LINE, Event.RETURN, Event.EXCEPTION, Event.CALL)
        if last.event is Event.EXCEPTION:
            lines = self._lines(after_exception=True)
            return (Event.LINE, Event.EXCEPTION) if lines else (Event.EXCEPTION,)
        found = [Event.LINE] if self._lines(after_exception=False) else []
        found += [Event.RETURN] if EXIT in flow.successors.get(reader.line, {EXIT}) else []
        return (*found, Event.EXCEPTION, *((Event.CALL,) if self._may_call(last.source) else ()))

    def _may_call(self, source: str) -> bool:
        """Whether a line may run code of the context: by a call, or by a method or a generator without one."""
        is_hidden = any(word in self.context for word in ("class ", "yield"))
        return "(" in source or is_hidden or self.reader.line in self.reader.flow.callable_lines

    def _leaves(self, event: Event) -> bool:
        """Whether an exception that nothing took is now the caller's."""
        last = self.reader.frames[-1]
        is_open = last.event is Event.EXCEPTION or is_reraising(last.source)
        return event is Event.EXCEPTION and is_open and self.reader.depth > 0

    def _lines(self, *, after_exception: bool) -> list[int]:
        """The lines that may run next in the innermost call."""
        flow, here = self.reader.flow, self.reader.line
        if here not in flow.successors or self.reader.call_line not in flow.first:
            return [here]
        following = flow.raising.get(here, frozenset()) if after_exception else flow.successors[here]
        return sorted(line for line in following if line != EXIT)

    def _sources(self, event: Event) -> tuple[str, ...]:
        """The texts that the source line of an event may have."""
        reader = self.reader
        match event:
            case Event.CALL:
                numbers: Sequence[int] = sorted(reader.flow.callable_lines - {reader.start})
            case Event.LINE if reader.frames[-1].event is Event.CALL:
                numbers = sorted(reader.flow.first.get(reader.line, {reader.line}))
            case Event.LINE:
                numbers = self._lines(after_exception=reader.frames[-1].event is Event.EXCEPTION)
            case _:
                numbers = [reader.caller_line if self._leaves(event) else reader.line]
        lines = self.context.split("\n")
        return tuple(dict.fromkeys(lines[number - 1] + "\n" for number in numbers))


def called(text: str) -> str:
    """Return the function that makes a call, as it stands after the source."""
    return f"def {ENTRY}():\n    return {ast.unparse(ast.parse(text, mode='eval'))}\n"
