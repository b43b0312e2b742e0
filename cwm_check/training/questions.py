"""Harvested questions in, examples for nano out; split by package, so that held-out names were never trained on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cwm_check.codecs.nano import TOKEN, encode_answer, encode_question, type_of_literal
from cwm_check.simulations import Question
from cwm_check.textlines import split_lines
from cwm_check.training.harvest import HELD_OUT
from cwm_check.training.steps import Example

_LONGEST_ANSWER = 40


@dataclass(frozen=True, slots=True)
class Harvested:
    """A question and what is known of its answer."""

    package: str
    question: Question
    answer: str | None
    """None: an unknown object, or only `type` is known."""
    type: str | None
    """Set if only the type is known."""

    @property
    def answer_type(self) -> str:
        return self.type or type_of_literal(self.answer) or "object"


def read(folder: Path, *, held_out: bool) -> Iterator[Harvested]:
    """Yield the questions of `folder`, of the packages that are trained on or of the others."""
    for path in sorted(folder.glob("*.jsonl")):
        if (path.stem in HELD_OUT) != held_out:
            continue
        for line in split_lines(path.read_text(encoding="utf-8")):
            row = json.loads(line)
            question = Question(row["operation"], row["target"], tuple(row["arguments"]), row["target"])
            yield Harvested(row["package"], question, row["answer"], row["type"])


def as_value(harvested: Harvested) -> Harvested:
    """Return the same question as the sandbox asks it when C code needs a value: the whole expression, no operation."""
    question = harvested.question
    arguments = ", ".join(question.arguments)
    match question.operation:
        case "call":
            expression = f"{question.target}({arguments})"
        case "getattr":
            expression = f"{question.target}.{arguments[1:-1]}"
        case "getitem":
            expression = f"{question.target}[{arguments}]"
        case _:
            return harvested
    return replace(harvested, question=Question("value", expression, (), expression))


def typed(harvested: Harvested) -> Example | None:
    """Return the example of the value of an expression whose type the prompt says; None without a short literal."""
    kind = harvested.answer_type
    if harvested.type is not None or kind == "object":
        return None
    question = replace(as_value(harvested).question, operation="value", arguments=(kind,))
    target = encode_answer(harvested.answer)[1:]
    if len(target) > _LONGEST_ANSWER:
        return None
    return Example(tuple(encode_question(question)), tuple(target), "typed-value", kind)


def example(harvested: Harvested) -> Example | None:
    """Return the example of `harvested`: type and value, or the type alone; None if the answer is too long."""
    prompt = tuple(encode_question(harvested.question))
    if harvested.type is not None:
        return Example(prompt, (TOKEN[f"<{harvested.type}>"],), "question-type", harvested.type)
    target = encode_answer(harvested.answer)
    if len(target) > _LONGEST_ANSWER:
        return None
    return Example(prompt, tuple(target), "question", harvested.answer_type)
