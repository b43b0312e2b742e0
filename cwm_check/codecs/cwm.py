"""Traces in the format of facebook/cwm, to the token: a trace in, special tokens and text out; `cwm_reader` reads them.

    <|begin_of_text|><|trace_context_start|>CONTEXT<|frame_sep|>
    <|call_sep|>{"x": "1"}<|action_sep|>def f(x):\\n<|frame_sep|> ...
    <|return_sep|><|action_sep|>    return x\\n<|arg_sep|>"1"<|frame_sep|><|end_of_text|>

Locals are JSON with `repr` texts; `".."` stands for what did not change since the last frame of the same call, unless
another call ran in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cwm_check.trace import Event, Frame, Trace

START_MARK = "  # << START_OF_TRACE"
UNCHANGED = ".."


class Special(IntEnum):
    """Reserved tokens, by their id in facebook/cwm."""

    BEGIN_OF_TEXT = 128000
    END_OF_TEXT = 128001
    FRAME_SEP = 128100
    ACTION_SEP = 128101
    RETURN_SEP = 128102
    CALL_SEP = 128103
    LINE_SEP = 128104
    EXCEPTION_SEP = 128105
    ARG_SEP = 128106
    TRACE_CONTEXT_START = 128107

    @property
    def spelling(self) -> str:
        return f"<|{self.name.lower()}|>"


EVENTS: Mapping[Special, Event] = {
    Special.CALL_SEP: Event.CALL,
    Special.LINE_SEP: Event.LINE,
    Special.RETURN_SEP: Event.RETURN,
    Special.EXCEPTION_SEP: Event.EXCEPTION,
}
SEPARATORS: Mapping[Event, Special] = {event: special for special, event in EVENTS.items()}
IDS: Mapping[int, Special] = {int(special): special for special in Special}
Piece = Special | str
"""A special token, or ordinary text between two of them."""


def render(trace: Trace) -> tuple[Piece, ...]:
    """Return a whole trace, with its end if it is complete."""
    pieces = [*prompt(trace.context, trace.frames[0].line if trace.frames else 1)]
    writer = Writer()
    for frame in trace.frames:
        pieces += writer.pieces(frame)
    return (*pieces, Special.END_OF_TEXT) if trace.complete else tuple(pieces)


def prompt(context: str, start: int) -> tuple[Piece, ...]:
    """Return what stands before the first frame: the source, with the entry point on line `start` marked."""
    return Special.BEGIN_OF_TEXT, Special.TRACE_CONTEXT_START, marked(context, start), Special.FRAME_SEP


def marked(context: str, start: int) -> str:
    """Return the source with the start mark at the end of a line."""
    lines = context.split("\n")
    if 0 < start <= len(lines):
        lines[start - 1] += START_MARK
    return "\n".join(lines)


@dataclass(slots=True)
class Writer:
    """Writes frame after frame: it knows what has been shown of each call."""

    _shown: dict[int, dict[str, str]] = field(default_factory=dict)
    """By depth; missing where all locals must be shown."""

    def pieces(self, frame: Frame) -> tuple[Piece, ...]:
        """Return the tokens of the next frame, with the separator that ends it."""
        source = frame.source + "\n"
        for depth in [depth for depth in self._shown if depth != frame.depth]:
            del self._shown[depth]  # another call ran: all is shown again
        if frame.value is not None:
            value = json.dumps(frame.value)
            return SEPARATORS[frame.event], Special.ACTION_SEP, source, Special.ARG_SEP, value, Special.FRAME_SEP
        before = {} if frame.event is Event.CALL else self._shown.get(frame.depth, {})
        told = {name: UNCHANGED if before.get(name) == text else text for name, text in frame.locals}
        self._shown[frame.depth] = dict(frame.locals)
        return SEPARATORS[frame.event], json.dumps(told), Special.ACTION_SEP, source, Special.FRAME_SEP


def as_text(pieces: Iterable[Piece]) -> str:
    """Return the pieces as the documentation of the format writes them."""
    return "".join(piece.spelling if isinstance(piece, Special) else piece for piece in pieces)


def as_tokens(
    pieces: Iterable[Piece], encode: Callable[[str], Sequence[int]], id_of: Callable[[Special], int] = int
) -> list[int]:
    """Return token ids; ordinary text never becomes a special token, whatever it spells."""
    tokens: list[int] = []
    for piece in pieces:
        tokens += [id_of(piece)] if isinstance(piece, Special) else encode(piece)
    return tokens


def from_tokens(
    tokens: Iterable[int], decode: Callable[[Sequence[int]], str], known: Mapping[int, Special] = IDS
) -> tuple[Piece, ...]:
    """Return the pieces of token ids: they are split at the special ones before they are decoded."""
    pieces: list[Piece] = []
    text: list[int] = []
    for token in tokens:
        if token not in known:
            text.append(token)
            continue
        if text:
            pieces.append(decode(text))
            text = []
        pieces.append(known[token])
    return (*pieces, decode(text)) if text else tuple(pieces)
