"""A perfect world model of steps: it reads a prompt back and lets CPython do what it says. For tests alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from cwm_check.codecs.marking import RECEIVER
from cwm_check.codecs.nano import ANSWER, FIRST_LOCAL, GIVEN, decode_text
from cwm_check.codecs.nano_steps import Effect, Step
from cwm_check.codecs.spans import MARKS, PLACES
from cwm_check.neural.predicted.state import Said


class StepOracle:
    """Answers every step rightly; counts how often it was asked, and in how many rounds."""

    name = "oracle"
    note = ""

    def __init__(self) -> None:
        self.asked: Counter[tuple[int, ...]] = Counter()
        self.rounds = 0

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        wanted = list(steps)
        self.rounds += 1
        self.asked.update({step.tokens for step in wanted})
        return [Said(effect_of(step), 0.9) for step in wanted]


def effect_of(step: Step) -> Effect:
    """What the step does in CPython."""
    text, values = read(step)
    names: dict[str, Any] = {}
    before = {}
    for name, value in values.items():
        try:
            names[name] = eval(value)
        except Exception:
            names[name] = value
        before[name] = repr(names[name])
    try:
        if step.kind == "do":
            exec(text, {"re": re}, names)
            bound = {
                n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            after = {name: repr(value) for name, value in names.items()}
            return Effect(tuple((n, v) for n, v in after.items() if n in bound or before.get(n) != v))
        value = eval(text, {"re": re}, names)
        match step.kind:
            case "test":
                return Effect(value=str(bool(value)))
            case "iterate":
                return Effect(value=repr(list(value)))
            case _:
                return Effect(value=repr(value))
    except Exception as error:
        return Effect(raised=type(error).__name__)


def read(step: Step) -> tuple[str, dict[str, str]]:
    """The text of the statement and the values it is given."""
    given, answer = step.tokens.index(GIVEN), step.tokens.index(ANSWER)
    names = (*step.names, RECEIVER)
    text = unmark(decode_text(step.tokens[1:given], names))
    values: dict[str, str] = {}
    place = given + 1
    while place < answer:
        end = place + 1
        while end < answer and not FIRST_LOCAL <= step.tokens[end] < FIRST_LOCAL + len(names):
            end += 1
        values[names[step.tokens[place] - FIRST_LOCAL]] = unmark(decode_text(step.tokens[place + 1 : end]))
        place = end
    return text, values


def unmark(text: str) -> str:
    """The text without marks; one that is written as an index becomes its number."""
    made: list[str] = []
    quote = ""
    is_escaped = False
    for position, character in enumerate(text):
        if character in MARKS:
            around = text[position - 1 : position].strip() or ",", text[position + 1 : position + 2]
            is_index = not quote and around[0] in "[(:," and around[1] in "]):,"
            made.append(str(MARKS.index(character) % PLACES) if is_index else "")
            continue
        made.append(character)
        if character in "'\"" and not is_escaped:
            quote = character if not quote else "" if character == quote else quote
        is_escaped = character == "\\" and not is_escaped
    return "".join(made)
