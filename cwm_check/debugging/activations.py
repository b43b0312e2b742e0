"""Who runs at each frame of a trace: the calls, as `bdb` knows them by their frame objects.

A trace in, its `Path` out: for each frame the number of its activation, and the activations with their callers. Read
from the events alone, whatever simulator made them: a call begins one, a return ends it, and so does an exception after
which another one goes on. A generator that is resumed is the activation that was suspended at that line with those
locals; where two of them are alike, the first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from cwm_check.trace import Event, Frame, Trace

NOBODY = -1  # who called the first function


@dataclass(frozen=True, slots=True)
class Activation:
    """One call of a function, from its call frame to its return."""

    name: str
    """As `pdb` prints it: `total`, `<lambda>`, `<genexpr>`."""
    caller: int
    """Number of the activation that called, or went on with, this one; `NOBODY` for the first."""
    is_generator: bool = False
    """A generator or a coroutine: it may return and be resumed."""


@dataclass(frozen=True, slots=True)
class Path:
    """A trace with the activations of its frames."""

    frames: tuple[Frame, ...]
    owners: tuple[int, ...]
    """For each frame, the number of its activation."""
    callers: tuple[tuple[int, ...], ...]
    """For each frame, the activations that wait for it, outermost first."""
    activations: tuple[Activation, ...]

    def owner(self, index: int) -> Activation:
        """Return the activation of a frame."""
        return self.activations[self.owners[index]]

    def last_seen(self, index: int, activation: int) -> Frame:
        """Return the last frame of an activation that is not after `index` and shows locals."""
        shown = (i for i in range(index, -1, -1) if self.owners[i] == activation)
        found = next((i for i in shown if self.frames[i].event in (Event.CALL, Event.LINE)), index)
        return self.frames[found]


@dataclass(slots=True)
class _Suspended:
    """A generator that returned, and may go on."""

    activation: int
    line: int
    locals: tuple[tuple[str, str], ...]


def path_of(trace: Trace) -> Path:
    """Return the activations of a trace."""
    functions = _functions(trace.context)
    activations: list[Activation] = []
    owners: list[int] = []
    callers: list[tuple[int, ...]] = []
    stack: list[int] = []
    shown: dict[int, tuple[tuple[str, str], ...]] = {}
    suspended: list[_Suspended] = []
    former: Frame | None = None
    for frame in trace.frames:
        if frame.event is Event.CALL:
            caller = stack[-1] if stack else NOBODY
            found = _begun(frame, functions, caller)
            again = next((s for s in suspended if found.is_generator and _goes_on(s, frame)), None)
            if again is not None:
                suspended.remove(again)
                stack.append(again.activation)
                activations[again.activation] = replace(activations[again.activation], caller=caller)
            else:
                stack.append(len(activations))
                activations.append(found)
        elif former is not None and former.event is Event.EXCEPTION and frame.event is not Event.RETURN:
            for _ in range(min(former.depth - frame.depth, len(stack) - 1)):  # left without a return frame
                stack.pop()
        if not stack:  # what no call began: a trace that starts in the middle
            stack.append(len(activations))
            activations.append(_begun(frame, functions, NOBODY))
        owner = stack[-1]
        owners.append(owner)
        callers.append(tuple(stack[:-1]))
        if frame.event in (Event.CALL, Event.LINE):
            shown[owner] = frame.locals
        elif frame.event is Event.RETURN:
            if activations[owner].is_generator:
                suspended.append(_Suspended(owner, frame.line, shown.get(owner, ())))
            stack.pop()
        former = frame
    return Path(trace.frames, tuple(owners), tuple(callers), tuple(activations))


def levelled(trace: Trace) -> Trace:
    """Return the trace as the codecs take it: each frame at the depth of its call, no return of a call that raised."""
    path = path_of(trace)
    frames = []
    for index, (frame, callers) in enumerate(zip(path.frames, path.callers, strict=True)):
        former = path.frames[index - 1].event if index else None
        if frame.event is not Event.RETURN or former is not Event.EXCEPTION:
            frames.append(replace(frame, depth=len(callers)))
    return replace(trace, frames=tuple(frames))


def _goes_on(suspended: _Suspended, frame: Frame) -> bool:
    return suspended.line == frame.line and suspended.locals == frame.locals


def _begun(frame: Frame, functions: tuple[_Function, ...], caller: int) -> Activation:
    """The activation that a call frame begins, by the function around its line."""
    around = [f for f in functions if f.first_line <= frame.line <= f.last_line]
    function = around[-1] if around else None
    if any(name == ".0" for name, _ in frame.locals):
        has_generator = frame.line in _generator_lines(functions)
        return Activation("<genexpr>" if has_generator else "<comprehension>", caller, has_generator)
    if function is None:
        return Activation("<module>", caller)
    is_start = frame.line in (function.first_line, function.def_line)
    if is_start or function.is_generator:
        return Activation(function.name, caller, function.is_generator)
    return Activation("<lambda>", caller)


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of the source."""

    name: str
    first_line: int
    def_line: int
    last_line: int
    is_generator: bool
    generator_lines: frozenset[int]
    """Lines of the generator expressions in it."""


def _generator_lines(functions: tuple[_Function, ...]) -> frozenset[int]:
    return frozenset(line for f in functions for line in f.generator_lines)


@lru_cache(maxsize=8)
def _functions(source: str) -> tuple[_Function, ...]:
    """The functions of a source, the outer ones first; none of a source that does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = [_function(n) for n in nodes]
    return tuple(sorted(found, key=lambda f: (f.first_line, -f.last_line)))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> _Function:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    own = list(_own_nodes(node))
    is_generator = isinstance(node, ast.AsyncFunctionDef) or any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own)
    expressions = frozenset(
        line for n in own if isinstance(n, ast.GeneratorExp) for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)
    )
    return _Function(node.name, first, node.lineno, node.end_lineno or node.lineno, is_generator, expressions)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_nodes(child)
