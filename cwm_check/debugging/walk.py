"""One or two debuggers that move together: the runs of one version, or of both in step.

In: debuggers. Out: a `Walk`, moved by the commands of the debugger, forwards and backwards. In step, a command goes to
the first place at which it stops in either run; where only one of them goes on, the other waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cwm_check.debugging.alignment import Row, aligned, alone, first_difference, line_after
from cwm_check.debugging.debugger import Breakpoint, Debugger
from cwm_check.debugging.stepping import first_stop
from cwm_check.errors import CwmCheckError

VERSIONS = ("before", "after")
SIMULATORS = ("computed", "predicted")


class Walk:
    """Where one run is, or two."""

    def __init__(self, sides: Sequence[Debugger], labels: Sequence[str] = VERSIONS) -> None:
        """Take one run, or two with their names."""
        self.sides = tuple(sides)
        self.labels = tuple(labels)
        self.place = 0
        self._align()
        self._go(self._row(-1, first_stop(self.last.path)))

    @property
    def last(self) -> Debugger:
        """The only run, or that of the version after."""
        return self.sides[-1]

    @property
    def is_at_end(self) -> bool:
        return self.place == len(self.rows) - 1

    @property
    def present(self) -> tuple[bool, ...]:
        """For each run, whether it moved here; the others wait."""
        return tuple(index is not None for index in self.rows[self.place])

    def _align(self) -> None:
        paths = [side.path for side in self.sides]
        self.rows: tuple[Row, ...] = aligned(paths[0], paths[1]) if len(paths) == 2 else alone(paths[0])

    def _row(self, side: int, index: int) -> int:
        return next(n for n, row in enumerate(self.rows) if row[side] == index)

    def _go(self, place: int) -> None:
        self.place = place
        for number, side in enumerate(self.sides):
            reached = (row[number] for row in reversed(self.rows[: place + 1]))
            side.index = next((index for index in reached if index is not None), 0)

    # --- moving

    def move(self, command: str, line: int | None = None) -> bool:
        """Carry out a command; False where nothing stops it: then at the end."""
        if command == "step" and len(self.sides) == 2:
            found = self.place + 1 if not self.is_at_end else None
        else:
            sides = [self.last] if line is not None else self.sides
            targets = [(side, side.target(command, line)) for side in sides if not side.is_at_end]
            stops = [self._row(self.sides.index(side), index) for side, index in targets if index is not None]
            found = min(stops, default=None)
        self._go(len(self.rows) - 1 if found is None else found)
        return found is not None

    def move_back(self, command: str = "step") -> bool:
        """Carry out a command backwards; False at the beginning."""
        if command == "step" and len(self.sides) == 2:
            found = self.place - 1 if self.place else None
        else:
            stops = [
                self._row(number, index)
                for number, side in enumerate(self.sides)
                if (index := side.former(command)) is not None and self._row(number, index) < self.place
            ]
            found = max(stops, default=None)
        self._go(self.place if found is None else found)
        return found is not None

    def diverge(self) -> bool:
        """Go to where the runs part; False if they do not."""
        if len(self.sides) != 2:
            raise CwmCheckError("only two runs can part: start with --diff, or with --simulate both")
        found = first_difference(self.sides[0].path, self.sides[1].path, self.rows)
        self._go(self.place if found is None else found)
        return found is not None

    def jump(self, frame: int) -> None:
        """Go to a frame, of the version after in a diff."""
        if not 0 <= frame < len(self.last.path.frames):
            raise CwmCheckError(f"there is no frame {frame}: they go from 0 to {len(self.last.path.frames) - 1}")
        self._go(self._row(-1, frame))

    # --- breakpoints and changes

    def add_breakpoint(self, line: int, condition: str = "") -> Breakpoint:
        """Add a breakpoint; in a diff at a line after, and at the same line before if it is unchanged."""
        added = self.last.add_breakpoint(line, condition)
        if len(self.sides) == 2:
            former = line_after(self.sides[0].trace.context, self.last.trace.context).get(line)
            if former is not None:
                self.sides[0].add_breakpoint(former, condition)
        return added

    def clear(self, number: int | None = None) -> int:
        """Remove the breakpoint with a number, or all; return how many that are."""
        removed = self.last.clear(number)
        for side in self.sides[:-1]:
            lines = line_after(side.trace.context, self.last.trace.context)
            former = {(lines.get(b.line), b.condition) for b in removed}
            for point in side.breakpoints:
                if (point.line, point.condition) in former:
                    side.clear(point.number)
        return len(removed)

    def change(self, statement: str) -> None:
        """Carry out a statement here, in all runs that are at a line, and go on from there."""
        if self.labels == SIMULATORS:
            raise CwmCheckError("a prediction cannot be changed on the way: use --simulate hybrid")
        self._each(lambda side: side.change(statement))
        places = [side.index for side in self.sides]
        self._align()
        self._go(max(self._row(number, index) for number, index in enumerate(places)))

    def _each(self, act: Callable[[Debugger], None]) -> None:
        problems = []
        for side in self.sides:
            try:
                act(side)
            except CwmCheckError as error:
                problems.append(error)
        if len(problems) == len(self.sides):
            raise problems[-1]
