"""A model as it is shipped (its ONNX graph) and what it is measured on in, how it answered out.

Examples are continued greedily. Statements are asked as the neural simulator asks them, an operation at a time, all of
them side by side, and each with the true values before it.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cwm_check.codecs.nano import END
from cwm_check.codecs.nano_steps import Effect, Step, step_head
from cwm_check.codecs.value_texts import in_sorted_order
from cwm_check.inference.engine import Engine, Request
from cwm_check.neural.predicted.state import Said, Unfinished, stepwise
from cwm_check.neural.step_model import StepModel
from cwm_check.training.scores import Score
from cwm_check.training.steps import Example, effect_type

_LONGEST = 160  # tokens of an answer, as of `StepModel`


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that ran, the values of the locals before, and what it did."""

    node: ast.stmt
    values: Mapping[str, str]
    effect: Effect


@dataclass(frozen=True, slots=True)
class Told:
    """What the model says of one statement."""

    statement: Statement
    is_exact: bool
    confidence: float
    """The calibrated probabilities of all its operations, multiplied."""
    questions: int

    @property
    def kind(self) -> str:
        head = step_head(self.statement.node)
        assert head is not None
        return head[0]

    @property
    def type(self) -> str:
        return effect_type(self.statement.effect)


def score(engine: Engine, examples: Sequence[Example]) -> list[Score]:
    """Return how each example is answered."""
    requests = [Request(example.prompt, _LONGEST) for example in examples]
    scores = []
    for example, (said,) in zip(examples, engine.generate(requests, stop=(END,)), strict=True):
        sure = math.exp(sum(said.log_probabilities))
        scores.append(Score(example, said.tokens == example.target, said.tokens[0] == example.target[0], sure))
    return scores


def tell(model: StepModel, statements: Iterable[Statement]) -> list[Told]:
    """Return what `model` says of each statement, in their order."""
    works = [_Work(statement) for statement in statements]
    while open_works := [work for work in works if work.step is not None]:
        answers = model.said(work.step for work in open_works if work.step is not None)
        for work, said in zip(open_works, answers, strict=True):
            work.hear(said)
    return [work.told() for work in works]


class _Work:
    """One statement while it is asked about."""

    def __init__(self, statement: Statement) -> None:
        self.step: Step | None = None
        self._statement = statement
        self._asking: Generator[Step, Effect, Effect] = stepwise(statement.node, dict(statement.values))
        self._confidence = 1.0
        self._questions = 0
        self._effect: Effect | None = None
        self._go_on(None)

    def hear(self, said: Said | None) -> None:
        self.step = None
        self._questions += 1
        if said is not None:
            self._confidence *= said.confidence
            self._go_on(said.effect)

    def _go_on(self, effect: Effect | None) -> None:
        try:
            self.step = next(self._asking) if effect is None else self._asking.send(effect)
        except StopIteration as stop:
            self.step, self._effect = None, stop.value
        except Unfinished:
            self.step = None

    def told(self) -> Told:
        return Told(self._statement, _is_same(self._effect, self._statement.effect), self._confidence, self._questions)


def _is_same(effect: Effect | None, true: Effect) -> bool:
    """Whether both are one; a set has no order, and its text shows one."""
    return effect is not None and _unordered(effect) == _unordered(true)


def _unordered(effect: Effect) -> tuple[str | None, str | None, dict[str, str]]:
    value = None if effect.value is None else in_sorted_order(effect.value)
    return effect.raised, value, {name: in_sorted_order(text) for name, text in effect.assigned}
