"""Traces as CWM knows them: events, frames, and the trace of one call.

A `Frame` holds what `sys.settrace` saw: the event, the line, and the locals as `repr` text. Locals are complete in
every frame; the codecs (`cwm_check/codecs/`) print only what changed, by the rules of Meta's format.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What happened: CWM's four frame types."""

    CALL = "call"
    LINE = "line"
    RETURN = "return"
    EXCEPTION = "exception"


class Evidence(StrEnum):
    """What a frame, a comparison or a finding rests on, surest first."""

    STATIC = "static"
    """A fact of the source."""
    EXACT = "exact"
    """Computed in the sandbox; no question was asked."""
    CONDITIONAL = "conditional"
    """Computed, given answers that both sides share; the difference stands for any answer."""
    PREDICTED = "predicted"
    """Hangs on a value that a world model predicted."""
    ASSUMED = "assumed"
    """Hangs on a typed default value that nobody predicted."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a run."""

    event: Event
    line: int
    """1-based line in the source file of its version."""
    source: str
    """The source line, with indentation, without the line ending."""
    locals: tuple[tuple[str, str], ...] = ()
    """Name and `repr` of every local before the line runs; empty for return and exception frames."""
    value: str | None = None
    """`repr` of the returned value or of the exception; None for call and line frames."""
    depth: int = 0
    """0 for the probed function itself, 1 for what it calls, ..."""
    evidence: Evidence = Evidence.EXACT
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Trace:
    """The frames of one call, from its call frame to its return or exception frame."""

    context: str
    """The source text in which the call runs."""
    frames: tuple[Frame, ...]
    complete: bool = True
    """False when a limit cut the run short."""
