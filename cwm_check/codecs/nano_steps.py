"""One self-contained step for the nano model: a statement and the values it reads in, what it does out.

A step knows nothing of the rest of the function: the same statement on the same values gives the same prediction on
both sides of a diff. Control flow is not predicted: `test` steps give a truth value, `iterate` steps the items of a
`for`, and static analysis picks the next line.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from cwm_check.codecs import nano_vocabulary, spans
from cwm_check.codecs.marking import RECEIVER, marked
from cwm_check.codecs.nano import ANSWER, END, FIRST_LOCAL, GIVEN, RAISE, TOKEN, decode_text, encode_text
from cwm_check.codecs.set_items import in_met_order, met
from cwm_check.codecs.shortening import joined, shorten
from cwm_check.codecs.value_texts import in_hash_order

StepKind = Literal["do", "test", "iterate", "result"]


@dataclass(frozen=True, slots=True)
class Step:
    """A prompt: what the model reads before it says what the statement does."""

    kind: StepKind
    tokens: tuple[int, ...]
    names: tuple[str, ...]
    """Local names by pointer: `<v0>` is `names[0]`."""
    errors: frozenset[str] | None = None
    """Exceptions that the statement can raise on values of these types, where static analysis knows it."""
    marked: tuple[str, ...] = ()
    """Values whose parts the answer can point at (`spans`), as they are without marks."""
    gives_place: bool = False
    """Whether the answer is a place in the first of them."""
    start: int | None = None
    """The first place in the first of them of what the answer keeps in its order, if it does."""
    picked: tuple[int, ...] | None = None
    """The places in the first of them of the elements that the answer is made of, where the operation tells them."""
    is_joined: bool = False
    """Whether the answer is made of the items of the first of them, one after the other."""
    is_sum: bool = False
    """Whether the answer is one value and another after it."""
    from_last_digit: bool = False
    """Whether the answer is an integer, and is written from its last digit, as carries go."""
    met: tuple[str, ...] = ()
    """The items of what the question shows, if there is a set in it: an answer says them in this order."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does: it raises, or it gives a value, or it changes locals."""

    assigned: tuple[tuple[str, str], ...] = ()
    """Locals of a `do` step whose `repr` changed, with the new one."""
    value: str | None = None
    """`repr` of the truth value, of the list of items, or of the returned value."""
    raised: str | None = None
    """Name of the exception type."""


def encode_step(statement: ast.stmt, values: Mapping[str, str]) -> Step | None:
    """Return the prompt for `statement` when the locals have `values`; None if there is nothing to predict.

    Compound statements are asked by their head alone: the condition of an `if` or `while`, the iterable of a `for`.
    """
    head = step_head(statement)
    if head is None:
        return None
    kind, node = head
    bound = _bound(node)
    names = tuple(dict.fromkeys(name for name in _names(node) if name in values or name in bound))
    if len(names) >= nano_vocabulary.LOCAL_POINTERS:
        return None
    slots = {name: slot for slot, name in enumerate((*names, RECEIVER))}
    read = {name: values[name] for name in _read(node) if name in values}
    shown = marked(node, read)
    tokens = [TOKEN[f"<{kind}>"], *encode_text(shown.text, slots), GIVEN]
    given = shown.values if shown.receiver is None else {**shown.values, RECEIVER: shown.receiver}
    for name, text in given.items():
        tokens += [FIRST_LOCAL + slots[name], *encode_text(text)]
    return Step(
        kind=kind,
        tokens=(*tokens, ANSWER),
        names=names,
        marked=shown.originals,
        gives_place=shown.gives_place,
        start=shown.start,
        picked=shown.picked,
        is_joined=shown.is_joined,
        is_sum=shown.is_sum,
        from_last_digit=shown.from_last_digit,
        met=met(node, read),
    )


def step_head(statement: ast.stmt) -> tuple[StepKind, ast.AST] | None:
    """Return the part of `statement` that one step runs and what it gives, or None for what has no values."""
    match statement:
        case ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test):
            return "test", test
        case ast.For(iter=iterable):
            return "iterate", iterable
        case ast.Return(value=ast.expr() as value):
            return "result", value
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign(value=ast.expr()) | ast.Expr() | ast.Delete() | ast.Raise():
            return "do", statement
        case _:
            return None


def _names(node: ast.AST) -> list[str]:
    """Every variable of `node` in source order, those of comprehensions and lambdas too."""
    found = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            found.append((child.lineno, child.col_offset, child.id))
        elif isinstance(child, ast.arg):
            found.append((child.lineno, child.col_offset, child.arg))
    return [name for _, _, name in sorted(found)]


def _bound(node: ast.AST) -> set[str]:
    """The variables that `node` itself binds: targets, loop variables of comprehensions, parameters of lambdas."""
    stored = {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)}
    return stored | {child.arg for child in ast.walk(node) if isinstance(child, ast.arg)}


def _read(node: ast.AST) -> list[str]:
    """The variables whose value `node` reads, in source order."""
    read = {
        child.id for child in ast.walk(node) if isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Store)
    }
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        read.add(node.target.id)
    return [name for name in dict.fromkeys(_names(node)) if name in read]


def encode_effect(step: Step, effect: Effect) -> list[int] | None:
    """Return what the model should say after `step`; None if it changes a local that the step cannot point at."""
    if effect.raised is not None:
        return [RAISE, *encode_text(effect.raised), END]
    if effect.value is not None:
        return [*encode_text(_shortened(step, effect.value)), END]
    tokens: list[int] = []
    for name, value in effect.assigned:
        if name not in step.names:
            return None
        tokens += [FIRST_LOCAL + step.names.index(name), *encode_text(_shortened(step, value))]
    return [*tokens, END]


def _shortened(step: Step, text: str) -> str:
    if step.is_joined and step.marked:
        return joined(text, step.marked[0])
    ordered = in_met_order(text, step.met)
    short = shorten(
        ordered, step.marked, is_place=step.gives_place, start=step.start, picked=step.picked, is_sum=step.is_sum
    )
    return spans.from_last_digit(short) if step.from_last_digit else short


def decode_effect(step: Step, tokens: Sequence[int]) -> Effect | None:
    """Return what the model said after `step`, or None if it is not of the grammar."""
    if END not in tokens:
        return None
    said = list(tokens[: tokens.index(END)])
    if said and said[0] == RAISE:
        return Effect(raised=decode_text(said[1:]))
    try:
        if step.kind != "do":
            return Effect(value=_decode_value(step, said)) if said else None
        return _decode_assigned(step, said)
    except ValueError:
        return None


def _decode_value(step: Step, said: Sequence[int]) -> str:
    """The text of a value with what its spans stand for; raises `ValueError` for a span of nothing."""
    text = decode_text(said)
    number = spans.from_first_digit(text) if step.from_last_digit else None
    return number or in_hash_order(spans.restore(text, step.marked, is_place=step.gives_place))


def _decode_assigned(step: Step, said: Sequence[int]) -> Effect | None:
    starts = [i for i, token in enumerate(said) if FIRST_LOCAL <= token < FIRST_LOCAL + len(step.names)]
    if bool(said) != bool(starts) or (starts and starts[0] != 0):
        return None
    pieces = [said[start:end] for start, end in pairwise([*starts, len(said)])]
    return Effect(tuple((step.names[piece[0] - FIRST_LOCAL], _decode_value(step, piece[1:])) for piece in pieces))
