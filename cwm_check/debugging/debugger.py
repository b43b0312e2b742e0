"""A session over a predicted run: a place in the trace, moved forwards and backwards, breakpoints, changes.

A `Source` of traces comes in; commands move the place. No input and no output: `shell.py` is one face of it. The rules
of where to stop are in `stepping`. Expressions and statements are carried out by the source, never here.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cwm_check.debugging.activations import Path, path_of
from cwm_check.debugging.replay import Change
from cwm_check.debugging.stepping import aim_of, first_stop, former_stop, lines_of, next_stop
from cwm_check.errors import CwmCheckError
from cwm_check.search.jobs import Visit
from cwm_check.simulations import Prediction, Seen
from cwm_check.trace import Event, Frame, Trace


class Source(Protocol):
    """What gives the traces: runs in the sandbox, or a model's prediction."""

    def run(self, changes: Sequence[Change] = ()) -> Prediction:
        """Return what happens if the changes are made on the way."""

    def look(self, changes: Sequence[Change], looks: Sequence[Visit]) -> tuple[Seen, ...]:
        """Return what expressions give at frames of that run."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A line at which `continue` stops, where the condition holds or cannot be evaluated."""

    number: int
    line: int
    condition: str = ""


class Debugger:
    """One version of a function, called once; where we are in that call."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.changes: tuple[Change, ...] = ()
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self._held: dict[tuple[tuple[Change, ...], int, str], frozenset[int]] = {}
        self._numbers = 0
        self.restart()

    def restart(self) -> None:
        """Begin again at the first line, without the changes."""
        self.changes = ()
        self._take(self._source.run())
        self.rewind()

    def rewind(self) -> None:
        """Go back to the first line; the changes stay."""
        self.index = first_stop(self.path)

    def _take(self, prediction: Prediction) -> None:
        if prediction.trace is None or not prediction.trace.frames:
            raise CwmCheckError(f"the call leaves no trace: {prediction.outcome.value or 'it never runs a line'}")
        self.prediction = prediction
        self.trace: Trace = prediction.trace
        self.path: Path = path_of(prediction.trace)

    @property
    def frame(self) -> Frame:
        """The frame we are at."""
        return self.path.frames[self.index]

    @property
    def is_at_end(self) -> bool:
        return self.index == len(self.path.frames) - 1

    # --- moving

    def target(self, command: str, line: int | None = None) -> int | None:
        """Return the frame at which a command would stop, or None if it would not stop again."""
        if command == "until" and line is not None and line <= self.frame.line:
            raise CwmCheckError(f"until {line}: not after the line we are at, {self.frame.line}")
        return next_stop(self.path, self.index, aim_of(self.path, self.index, command, line), self.breaks())

    def former(self, command: str) -> int | None:
        """Return the frame at which a command would stop that is carried out backwards."""
        return former_stop(self.path, self.index, command, self.breaks())

    def move(self, command: str, line: int | None = None) -> bool:
        """Carry out `step`, `next`, `out`, `until` or `continue`; False where nothing stops it: then at the end."""
        found = self.target(command, line)
        self.index = len(self.path.frames) - 1 if found is None else found
        return found is not None

    def move_back(self, command: str = "step") -> bool:
        """Carry out `step`, `next`, `out` or `continue` backwards; False at the beginning."""
        found = self.former(command)
        self.index = self.index if found is None else found
        return found is not None

    # --- breakpoints

    def add_breakpoint(self, line: int, condition: str = "") -> Breakpoint:
        """Add a breakpoint; one at a line that holds no statement is refused."""
        if line not in statement_lines(self.trace.context):
            raise CwmCheckError(f"line {line} begins no statement")
        if condition:
            parse_expression(condition)
        self._numbers += 1
        added = Breakpoint(self._numbers, line, condition)
        self.breakpoints = (*self.breakpoints, added)
        return added

    def clear(self, number: int | None = None) -> tuple[Breakpoint, ...]:
        """Remove the breakpoint with a number, or all, and return them."""
        removed = tuple(b for b in self.breakpoints if number in (None, b.number))
        self.breakpoints = tuple(b for b in self.breakpoints if b not in removed)
        return removed

    def breaks(self) -> frozenset[int]:
        """Return the frames at which a breakpoint stops; conditions are evaluated by the source, once for each run."""
        return frozenset(i for b in self.breakpoints for i in self._frames_of(b))

    def _frames_of(self, point: Breakpoint) -> frozenset[int]:
        frames = lines_of(self.path, point.line)
        if not point.condition or not frames:
            return frozenset(frames)
        key = (self.changes, point.line, point.condition)
        if key not in self._held:
            seen = self._source.look(self.changes, [Visit(point.condition, line=point.line)])
            told = {s.frame for s in seen}
            # What is not told, because a limit was met first, stops: like a condition that fails.
            self._held[key] = frozenset({s.frame for s in seen if s.is_true or s.failed} | (set(frames) - told))
        return self._held[key]

    # --- looking and changing

    def value(self, expression: str) -> Seen:
        """Return what an expression gives here; the run is left as it was."""
        parse_expression(expression)
        seen = self._source.look(self.changes, [Visit(expression, frame=self.index)])
        return seen[0] if seen else Seen(0, self.index, "a limit was met before this frame", False, failed=True)

    def locals(self) -> tuple[tuple[str, str], ...]:
        """Return the locals of the function we are in."""
        if self.frame.event in (Event.CALL, Event.LINE):
            return self.frame.locals
        last = self.path.last_seen(self.index, self.path.owners[self.index])
        looks = [Visit(name, frame=self.index) for name, _ in last.locals if name.isidentifier()]
        seen = {looks[s.visit].text: s.text for s in self._source.look(self.changes, looks) if not s.failed}
        return tuple((name, seen.get(name, text)) for name, text in last.locals)

    def change(self, statement: str) -> None:
        """Carry out a statement here, and go on from here with what it did; later changes are dropped."""
        parse_statement(statement)
        if self.frame.event not in (Event.CALL, Event.LINE):
            raise CwmCheckError("nothing can be changed at a return or an exception: go back to a line first")
        changes = (*(c for c in self.changes if c.frame <= self.index), Change(self.index, statement))
        prediction = self._source.run(changes)
        failed = [s for s in prediction.seen if s.failed and s.visit == len(changes) - 1]
        if failed:
            raise CwmCheckError(failed[0].text)
        before = self.changes, self.prediction, self.index
        self._take(prediction)
        if self.index >= len(self.path.frames):
            self._take(before[1])
            raise CwmCheckError("with that the run does not come here any more")
        self.changes = changes

    def stack(self) -> tuple[tuple[str, Frame], ...]:
        """Return the functions that are running and where each of them is, the innermost last."""
        owners = (*self.path.callers[self.index], self.path.owners[self.index])
        frames = (*(self._waiting(owner) for owner in owners[:-1]), self.frame)
        return tuple((self.path.activations[o].name, f) for o, f in zip(owners, frames, strict=True))

    def span(self) -> tuple[int, int]:
        """Return the first and the last line of the function we are in."""
        return span_of(self.trace.context, self.frame.line)

    def _waiting(self, owner: int) -> Frame:
        found = next(i for i in range(self.index, -1, -1) if self.path.owners[i] == owner)
        return self.path.frames[found]


def span_of(source: str, line: int) -> tuple[int, int]:
    """Return the first and the last line of the innermost function around a line, else of the whole file."""
    around = [
        (min([n.lineno, *(d.lineno for d in n.decorator_list)]), n.end_lineno or n.lineno)
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    whole = (1, source.count("\n") + 1)
    return min((s for s in around if s[0] <= line <= s[1]), key=lambda s: s[1] - s[0], default=whole)


def statement_lines(source: str) -> frozenset[int]:
    """Return the lines at which a statement begins; all of a source that does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset(range(1, source.count("\n") + 2))
    return frozenset(n.lineno for n in ast.walk(tree) if isinstance(n, ast.stmt | ast.ExceptHandler | ast.expr))


def parse_expression(text: str) -> None:
    """Raise an error that names the mistake if `text` is not one expression."""
    _parse(text, "eval")


def parse_statement(text: str) -> None:
    """Raise an error that names the mistake if `text` is not a statement."""
    _parse(text, "exec")


def _parse(text: str, mode: str) -> None:
    try:
        ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise CwmCheckError(f"{text}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CwmCheckError(f"{text}: {error}") from error
