"""Source text and a call in, the trace of CPython 3.11 out: the ground truth of training and of tests.

Frames are those of `sys.settrace` for code of the source alone, comprehensions and lambdas included; libraries are not
stepped into. The `return` event that follows an uncaught exception is left out: such a call ends with its exception
frame. Addresses are removed from every `repr`. Runs in this process: `isolation` sets the limits around it.
"""

from __future__ import annotations

import dis
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, NoReturn

from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Frame, Trace

_FILE = "<traced>"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_RETURNS = {
    dis.opmap[name] for name in ("RETURN_VALUE", "YIELD_VALUE", "RETURN_CONST", "RETURN_GENERATOR") if name in dis.opmap
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run is cut short."""

    frames: int = 200
    repr_length: int = 400


class _CutShortError(BaseException):
    """Leaves the traced code whatever it catches."""


def trace_call(source: str, call: str, bounds: Bounds = Bounds()) -> Trace:
    """Return the trace of evaluating the expression `call` after `source` was executed; partial at the bounds.

    What the module level of `source` raises is raised.
    """
    namespace: dict[str, Any] = {"__name__": "traced"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # generated code may say `"" is None`
        exec(compile(source, _FILE, "exec", dont_inherit=True), namespace)
    expression = compile(call, "<call>", "eval", dont_inherit=True)
    recorder = _Recorder(split_lines(source), bounds)
    before = sys.gettrace()
    sys.settrace(recorder.on_call)
    try:
        eval(expression, namespace)
    except (_CutShortError, Exception):
        pass  # the recorder knows: a cut or exception frames
    finally:
        sys.settrace(before)
    return Trace(source, tuple(recorder.frames), complete=not recorder.is_cut)


def text_of(value: object) -> str:
    """Return the `repr` of `value` without addresses; a marker if it has none."""
    try:
        return _ADDRESS.sub("", repr(value))
    except Exception:
        return f"<{type(value).__name__} object>"


class _Recorder:
    """The frames seen so far, and how deep in traced code the run is."""

    def __init__(self, lines: list[str], bounds: Bounds) -> None:
        self.frames: list[Frame] = []
        self.is_cut = False
        self._lines = lines
        self._bounds = bounds
        self._depth = -1

    def on_call(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != _FILE or self.is_cut:
            return None
        self._depth += 1
        self._add(Event.CALL, frame)
        return self._on_event

    def _on_event(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        if event == "line":
            self._add(Event.LINE, frame)
        elif event == "exception" and argument[0] is not GeneratorExit:  # sent when a generator is dropped
            self._add(Event.EXCEPTION, frame, self._text(argument[1]))
        elif event == "return":
            if _is_at_return(frame.f_code, frame.f_lasti):
                self._add(Event.RETURN, frame, self._text(argument))
            self._depth -= 1
        return self._on_event

    def _add(self, event: Event, frame: FrameType, value: str | None = None) -> None:
        if len(self.frames) >= self._bounds.frames:
            self._cut()
        values = () if value is not None else tuple((name, self._text(local)) for name, local in frame.f_locals.items())
        line = frame.f_lineno
        source = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        self.frames.append(Frame(event, line, source, values, value, self._depth))

    def _text(self, value: object) -> str:
        text = text_of(value)
        if len(text) > self._bounds.repr_length:
            self._cut()
        return text

    def _cut(self) -> NoReturn:
        """Stop the run; noted here, too, for an exception in a generator that is being closed is swallowed."""
        self.is_cut = True
        raise _CutShortError


def _is_at_return(code: CodeType, instruction: int) -> bool:
    """A `return` event is also sent while an exception unwinds the frame; then no return instruction was reached."""
    return code.co_code[instruction] in _RETURNS
