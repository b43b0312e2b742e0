"""A true trace in, its self-contained steps with their true effects out: what nano learns to run code from.

Left out: statements that call functions of the trace itself (they have frames of their own), and the frames inside
comprehensions and lambdas (they are part of their statement's step).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cwm_check.codecs.nano import type_of_literal
from cwm_check.codecs.nano_steps import Effect, Step, encode_effect, encode_step, step_head
from cwm_check.trace import Event, Frame, Trace
from cwm_check.training.execution import performed
from cwm_check.training.tracer import text_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Example:
    """One row of training data: the model reads `prompt` and must say `target`."""

    prompt: tuple[int, ...]
    target: tuple[int, ...]
    kind: str
    """What is asked: a step kind, or `question`."""
    type: str
    """Type of the answer, `raise`, or `none`; scores are split by it."""


def examples(trace: Trace) -> Iterator[Example]:
    """Yield an example for each step of `trace`, equal ones once."""
    seen = set()
    for step, effect in steps(trace):
        target = encode_effect(step, effect)
        if target is not None and (key := (step.tokens, tuple(target))) not in seen:
            seen.add(key)
            yield Example(step.tokens, tuple(target), step.kind, effect_type(effect))


def effect_type(effect: Effect) -> str:
    """Return the type of what a step gives: of its value, or of the first local it assigns."""
    if effect.raised is not None:
        return "raise"
    value = effect.value if effect.value is not None else next((value for _, value in effect.assigned), None)
    return "none" if value is None else type_of_literal(value) or "object"


def steps(trace: Trace) -> Iterator[tuple[Step, Effect]]:
    """Yield each step of `trace` that can be asked alone, in order, with what it did."""
    for statement, values, effect in statements(trace):
        if step := encode_step(statement, values):
            yield step, effect


def operation_examples(trace: Trace) -> Iterator[Example]:
    """Yield an example for each operation of the statements of `trace`, equal ones once."""
    seen = set()
    for statement, values, _ in statements(trace):
        for made in examples_of(statement, values):
            if made.prompt not in seen:
                seen.add(made.prompt)
                yield made


def examples_of(statement: ast.stmt, values: dict[str, str]) -> Iterator[Example]:
    """Yield an example for each operation of `statement`, as far as the values are literals."""
    for operation, effect in performed(statement, values)[0]:
        step = encode_step(operation.statement, operation.values)
        target = encode_effect(step, effect) if step else None
        if step and target is not None:
            yield Example(step.tokens, tuple(target), step.kind, effect_type(effect))


def statements(trace: Trace) -> Iterator[tuple[ast.stmt, dict[str, str], Effect]]:
    """Yield each statement of `trace` that ran and called no function of the trace, the locals before, what it did."""
    by_line = statements_by_line(trace.context)
    last_line: dict[int, int] = {}
    is_function: dict[int, bool] = {}
    for index, frame in enumerate(trace.frames):
        if frame.event is Event.CALL:
            last_line.pop(frame.depth, None)
            is_function[frame.depth] = isinstance(by_line.get(frame.line), _FUNCTIONS)
        if frame.event is not Event.LINE or not is_function[frame.depth]:
            continue
        statement, before = by_line.get(frame.line), last_line.get(frame.depth, 0)
        last_line[frame.depth] = frame.line
        following = _following(trace.frames, index, by_line)
        if statement is None or following is None or _is_again(statement, before):
            continue
        values = {name: value for name, value in frame.locals if name.isidentifier()}
        effect = _effect(statement, values, following)
        if effect:
            yield statement, values, effect


def statements_by_line(source: str) -> dict[int, ast.stmt]:
    """Return the statement that begins on each line; lines with more than one are left out."""
    found: dict[int, list[ast.stmt]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            found.setdefault(node.lineno, []).append(node)
    return {line: nodes[0] for line, nodes in found.items() if len(nodes) == 1}


def _following(frames: Sequence[Frame], index: int, by_line: Mapping[int, ast.stmt]) -> Frame | None:
    """The next frame of the same activation, beyond comprehensions and lambdas; None if a function is called."""
    depth = frames[index].depth
    for frame in frames[index + 1 :]:
        if frame.depth <= depth:
            return frame if frame.depth == depth else None
        if frame.event is Event.CALL and isinstance(by_line.get(frame.line), _FUNCTIONS):
            return None
    return None


def _is_again(statement: ast.stmt, before: int) -> bool:
    """A `for` head asks for its items once, when it is reached from outside its block."""
    return isinstance(statement, ast.For) and statement.lineno <= before <= (statement.end_lineno or 0)


def _effect(statement: ast.stmt, values: Mapping[str, str], following: Frame) -> Effect | None:
    head = step_head(statement)
    if head is None:
        return None
    if following.event is Event.EXCEPTION:
        return Effect(raised=(following.value or "").partition("(")[0])
    match head[0]:
        case "test":
            return Effect(value=str(_enters(statement, following)))
        case "result":
            return Effect(value=following.value) if following.event is Event.RETURN else None
        case "iterate":
            items = _items(head[1], values)
            return None if items is None else Effect(value=items)
        case _:
            return _assigned(statement, values, following) if following.event is Event.LINE else None


def _enters(statement: ast.stmt, following: Frame) -> bool:
    if isinstance(statement, ast.Assert):
        return True
    assert isinstance(statement, ast.If | ast.While)
    first, last = statement.body[0].lineno, statement.body[-1].end_lineno or 0
    return following.event is Event.LINE and first <= following.line <= last


def _items(iterable: ast.AST, values: Mapping[str, str]) -> str | None:
    """The items that a `for` over `iterable` meets, as a list."""
    try:
        namespace = {name: eval(value, {"__builtins__": builtins}) for name, value in values.items()}
        items = eval(ast.unparse(iterable), {"__builtins__": builtins, **namespace})
        return text_of(list(items)) if hasattr(items, "__len__") or isinstance(iterable, ast.Call) else None
    except Exception:
        return None


def _assigned(statement: ast.stmt, values: Mapping[str, str], following: Frame) -> Effect:
    """Every local that the statement binds, and those that it changes in place."""
    bound = {node.id for node in _outer_names(statement) if isinstance(node.ctx, ast.Store)}
    after = {name: value for name, value in following.locals if name.isidentifier()}
    return Effect(tuple((name, value) for name, value in after.items() if name in bound or values.get(name) != value))


def _outer_names(node: ast.AST) -> Iterator[ast.Name]:
    """Yield the names of a statement without those that a comprehension of it binds for itself."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name):
            yield child
        elif not isinstance(child, ast.comprehension):
            yield from _outer_names(child)
