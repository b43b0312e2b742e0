"""A whole trace to nano tokens and back without loss: `parse(render(trace)) == trace`.

The source comes once; then, for each frame, its event, a pointer to its line, and the locals that changed since the
last frame of the same depth. What pointers cannot say (a line outside the context, another order) is spelled out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cwm_check.codecs import nano_vocabulary
from cwm_check.codecs.nano import FIRST_LINE, FIRST_LOCAL, FIRST_TEXT, TOKEN, VOCABULARY, decode_text, encode_text
from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Evidence, Frame, Trace

_CONTEXT, _NAMES, _FULL, _ITEM, _MORE, _END = (
    TOKEN[f"<{name}>"] for name in ("context", "names", "full", "item", "more", "end")
)
_DEPTH, _SOURCE, _EVIDENCE, _CONFIDENCE, _UNBOUND, _ANSWER = (
    TOKEN[f"<{name}>"] for name in ("depth", "source", "evidence", "confidence", "unbound", "answer")
)
_ENDING = {True: TOKEN["<complete>"], False: TOKEN["<partial>"]}
_ENDS = (Event.RETURN, Event.EXCEPTION)
"""Their locals, mostly none, are no part of what the next frame is compared with."""
_EVENTS = {TOKEN[f"<{event}>"]: event for event in Event}

Locals = tuple[tuple[str, str], ...]


def render(trace: Trace) -> list[int]:
    """Return the tokens of `trace`."""
    names = list(dict.fromkeys(name for frame in trace.frames for name, _ in frame.locals))
    slots = {name: slot for slot, name in enumerate(names)}
    tokens = [_CONTEXT, *encode_text(trace.context), _NAMES]
    for name in names:
        tokens += [_ITEM, *encode_text(name)]
    lines = split_lines(trace.context)
    last: dict[int, Locals] = {}
    for frame in trace.frames:
        tokens += _render_frame(frame, lines, slots, last)
    return [*tokens, _ENDING[trace.complete], _END]


def _render_frame(frame: Frame, lines: list[str], slots: Mapping[str, int], last: dict[int, Locals]) -> list[int]:
    tokens = [TOKEN[f"<{frame.event}>"], *_pointer(FIRST_LINE, nano_vocabulary.LINE_POINTERS, frame.line)]
    if frame.depth:
        tokens += [_DEPTH, *encode_text(str(frame.depth))]
    if frame.source != _line(lines, frame.line):
        tokens += [_SOURCE, *encode_text(frame.source)]
    tokens += _render_locals(frame, slots, last)
    if frame.value is not None:
        tokens += [_ANSWER, *encode_text(frame.value)]
    if frame.evidence is not Evidence.EXACT:
        tokens += [_EVIDENCE, *encode_text(frame.evidence)]
    if frame.confidence != 1.0:
        tokens += [_CONFIDENCE, *encode_text(repr(frame.confidence))]
    return tokens


def _render_locals(frame: Frame, slots: Mapping[str, int], last: dict[int, Locals]) -> list[int]:
    if frame.event in _ENDS:
        return _render_values(frame.locals, slots)
    before = last.get(frame.depth, ())
    changed = dict(frame.locals)
    kept = dict(before)
    changes = tuple((name, value) for name, value in frame.locals if kept.get(name) != value)
    gone = tuple(name for name in kept if name not in changed)
    tokens: list[int] = []
    if frame.event is Event.CALL or _apply(before, changes, gone) != frame.locals:
        tokens, changes, gone = [_FULL], frame.locals, ()
    for name in gone:
        tokens += [_UNBOUND, *_pointer(FIRST_LOCAL, nano_vocabulary.LOCAL_POINTERS, slots[name])]
    last[frame.depth] = frame.locals
    return [*tokens, *_render_values(changes, slots)]


def _render_values(values: Locals, slots: Mapping[str, int]) -> list[int]:
    tokens: list[int] = []
    for name, value in values:
        tokens += [*_pointer(FIRST_LOCAL, nano_vocabulary.LOCAL_POINTERS, slots[name]), _ITEM, *encode_text(value)]
    return tokens


def _apply(before: Locals, changes: Locals, gone: tuple[str, ...]) -> Locals:
    """The locals after `changes`: kept names stay in place, new ones come last."""
    return tuple((dict(item for item in before if item[0] not in gone) | dict(changes)).items())


def _pointer(first: int, count: int, index: int) -> list[int]:
    return [first + index] if 0 <= index < count else [_MORE, *encode_text(str(index))]


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def parse(tokens: list[int]) -> Trace:
    """Return the trace that `render` made `tokens` from; raises `ValueError` if they are of no trace."""
    try:
        return _parse(_Reader(tokens))
    except IndexError as error:
        raise ValueError("the tokens end too early, or point to what is not there") from error


def _parse(reader: _Reader) -> Trace:
    reader.take()
    context = reader.text()
    reader.take()
    names = []
    while reader.peek() == _ITEM:
        reader.take()
        names.append(reader.text())
    lines = split_lines(context)
    last: dict[int, Locals] = {}
    frames = tuple(_parse_frames(reader, lines, names, last))
    return Trace(context, frames, complete=reader.take() == _ENDING[True])


class _Reader:
    """A place in the tokens."""

    def __init__(self, tokens: list[int]) -> None:
        self._tokens = tokens
        self._at = 0

    def peek(self) -> int:
        return self._tokens[self._at]

    def take(self) -> int:
        self._at += 1
        return self._tokens[self._at - 1]

    def take_if(self, token: int) -> bool:
        if self.peek() != token:
            return False
        self._at += 1
        return True

    def text(self) -> str:
        start = self._at
        while self.peek() >= FIRST_TEXT:
            self._at += 1
        return decode_text(self._tokens[start : self._at])

    def pointer(self, first: int) -> int:
        return int(self.text()) if self.take_if(_MORE) else self.take() - first

    def at_local(self) -> bool:
        return FIRST_LOCAL <= self.peek() < FIRST_LINE or self.peek() == _MORE


def _parse_frames(reader: _Reader, lines: list[str], names: list[str], last: dict[int, Locals]) -> Iterator[Frame]:
    while reader.peek() in _EVENTS:
        event = _EVENTS[reader.take()]
        line = reader.pointer(FIRST_LINE)
        depth = int(reader.text()) if reader.take_if(_DEPTH) else 0
        source = reader.text() if reader.take_if(_SOURCE) else _line(lines, line)
        values = _parse_locals(reader, names, () if event in _ENDS else last.get(depth, ()))
        if event not in _ENDS:
            last[depth] = values
        value = reader.text() if reader.take_if(_ANSWER) else None
        evidence = Evidence(reader.text()) if reader.take_if(_EVIDENCE) else Evidence.EXACT
        confidence = float(reader.text()) if reader.take_if(_CONFIDENCE) else 1.0
        yield Frame(event, line, source, values, value, depth, evidence, confidence)


def _parse_locals(reader: _Reader, names: list[str], before: Locals) -> Locals:
    if reader.take_if(_FULL):
        before = ()
    gone = []
    while reader.take_if(_UNBOUND):
        gone.append(names[reader.pointer(FIRST_LOCAL)])
    changes = []
    while reader.at_local():
        name = names[reader.pointer(FIRST_LOCAL)]
        reader.take()
        changes.append((name, reader.text()))
    return _apply(before, tuple(changes), tuple(gone))


def describe(tokens: list[int]) -> str:
    """Return `tokens` as a person would read them, for logs."""
    return " ".join(VOCABULARY[token] for token in tokens)
