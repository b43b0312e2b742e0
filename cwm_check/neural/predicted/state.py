"""The state of one predicted run: its frames, what was asked, its bounds, and how it can end.

Work of a run is a generator: it yields a `Step` that the world model must answer, and is sent what it `Said`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cwm_check.codecs.nano_steps import Effect, Step, encode_step
from cwm_check.neural.predicted.memory import Cell, Closure, Code, Scope, Values
from cwm_check.operations.errors import errors_of
from cwm_check.operations.statements import operations
from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Evidence, Frame

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Said:
    """The world model's answer to a step."""

    effect: Effect
    confidence: float


Work = Generator[Step, Said | None, _Result]
"""Yields steps, is sent answers (None: malformed, twice), returns a result."""
Operate = Callable[[ast.stmt, Values], Generator[Step, Effect, Effect]]
"""How one statement is asked: whole, or an operation at a time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run is given up."""

    steps: int = 300
    frames: int = 600
    depth: int = 10
    prompt: int = 640
    """Tokens of one question."""
    text: int = 2000
    """Characters of one value."""


class Unfinished(Exception):
    """The run cannot go on; the text says why, in a few words."""


class Raised(Exception):
    """The checked code raised."""

    def __init__(self, name: str, message: str = "", *, explicit: bool = False, cell: Cell | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.message = message
        self.explicit = explicit
        self.cell = cell
        self.noted: Activation | None = None
        """Where its last frame was."""

    @property
    def text(self) -> str:
        """The `repr` of the exception."""
        return f"{self.name}({self.message!r})" if self.message else f"{self.name}()"


class Returned(Exception):
    """A `return` statement ran."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell


class Broken(Exception):
    """A `break` statement ran."""


class Continued(Exception):
    """A `continue` statement ran."""


SIGNALS = (Raised, Returned, Broken, Continued)


@dataclass(slots=True, eq=False)
class Activation:
    """One call that is running."""

    scope: Scope
    depth: int
    yielded: list[Cell] = field(default_factory=list)
    line: int = 0
    handling: Raised | None = None
    """The exception whose `except` clause runs."""


@dataclass(slots=True)
class Run:
    """One version's predicted run of one probe."""

    lines: Sequence[str]
    module: Scope
    definitions: Mapping[str, ast.stmt]
    """What binds each name of the module's top level, last."""
    enter: Callable[[Run, Code, Activation], Work[Cell]]
    """Runs the body of a function; `statements` has it."""
    evaluate: Callable[[Run, ast.expr, Activation], Work[Cell]]
    """`expressions` has it."""
    execute: Callable[[Run, Sequence[ast.stmt], Activation], Work[None]]
    """Runs statements one after the other; `statements` has it."""
    operate: Operate
    decides: bool = True
    """Whether static analysis decides what it can; without it the model is asked for every condition and item."""
    bounds: Bounds = Bounds()
    frames: list[Frame] = field(default_factory=list)
    asked: dict[tuple[int, ...], float] = field(default_factory=dict)
    """Prompts and the confidence of their answers."""
    told: list[str] = field(default_factory=list)
    """The statements that were asked about, as text."""
    printed: list[str] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)
    _since: float = 1.0
    _resolving: list[str] = field(default_factory=list)

    @property
    def takes_apart(self) -> bool:
        """Whether a statement is more than one question: not where its text is asked as it stands."""
        return self.decides and self.operate is not whole

    @property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes of the module."""
        return {name: node for name, node in self.definitions.items() if isinstance(node, ast.ClassDef)}

    def note_line(self, line: int, last_line: int, activation: Activation) -> None:
        """Add a line frame with the locals as they are."""
        activation.line = line
        self.covered.update(range(line, last_line + 1))
        self._note(Event.LINE, line, activation, None)

    def note_call(self, line: int, activation: Activation) -> None:
        """Add the call frame of a function."""
        activation.line = line
        self.covered.add(line)
        self._note(Event.CALL, line, activation, None)

    def note_end(self, event: Event, value: str, activation: Activation) -> None:
        """Add a return or exception frame."""
        self._note(event, activation.line, activation, value)

    def note_raised(self, raised: Raised, activation: Activation) -> None:
        """Add the exception frame of an activation, once."""
        if raised.noted is not activation:
            self.note_end(Event.EXCEPTION, raised.text, activation)
            raised.noted = activation

    def _note(self, event: Event, line: int, activation: Activation, value: str | None) -> None:
        if len(self.frames) >= self.bounds.frames:
            raise Unfinished("limit: steps")
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        shown = () if value is not None else activation.scope.shown()
        frame = Frame(event, line, source, shown, value, activation.depth, Evidence.PREDICTED, round(self._since, 4))
        self.frames.append(frame)
        self._since = 1.0

    def ask(self, statement: ast.stmt, values: Values) -> Work[Effect]:
        """Return what `statement` does to `values`, as the model says."""
        if any(len(text) > self.bounds.text for text in values.values()):
            raise Unfinished("limit: a value is too long")
        work = self.operate(statement, values)
        try:
            step = next(work)
            while True:
                said = yield self._checked(step)
                step = work.send(self._noted(step, said, statement))
        except StopIteration as stop:
            effect: Effect = stop.value
            return effect

    def _checked(self, step: Step) -> Step:
        if len(self.asked) >= self.bounds.steps and step.tokens not in self.asked:
            raise Unfinished("limit: questions")
        if len(step.tokens) > self.bounds.prompt:
            raise Unfinished("limit: a question is too long")
        return step

    def _noted(self, step: Step, said: Said | None, statement: ast.stmt) -> Effect:
        if said is None:
            raise Unfinished(f"the model gives no well-formed answer to `{ast.unparse(statement)}`")
        self._since *= said.confidence
        if step.tokens not in self.asked:
            self.asked[step.tokens] = said.confidence
            self.told.append(split_lines(ast.unparse(statement))[0])
        return said.effect


def whole(statement: ast.stmt, values: Values) -> Generator[Step, Effect, Effect]:
    """Ask for a statement in one step."""
    step = encode_step(statement, values)
    if step is None:
        raise Unfinished(f"nothing can be asked about `{ast.unparse(statement)[:60]}`")
    effect = yield replace(step, errors=errors_of(statement, values))
    return effect


def stepwise(statement: ast.stmt, values: Values) -> Generator[Step, Effect, Effect]:
    """Ask for a statement an operation at a time; what follows from the texts of values is not asked."""
    work = operations(statement, values)
    try:
        operation = next(work)
        while True:
            effect = yield from whole(operation.statement, dict(operation.values))
            operation = work.send(effect)
    except StopIteration as stop:
        result: Effect | None = stop.value
    if result is None:
        raise Unfinished(f"nothing can be asked about `{ast.unparse(statement)[:60]}`")
    return result


def new_closure(code: Code, scope: Scope, receiver: Cell | None = None) -> Cell:
    """Return a function as a value."""
    closure = Closure(code, scope, receiver)
    return Cell(f"<function {closure.name}>", closure)
