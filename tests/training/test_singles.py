"""Single operations on random values: the same for the same seed, true, and such that they do something."""

from __future__ import annotations

import ast
from itertools import islice
from random import Random

import pytest
from step_oracle import effect_of, unmark

from cwm_check.codecs.nano import GIVEN, decode_text
from cwm_check.codecs.nano_steps import Step
from cwm_check.codecs.spans import MARKS
from cwm_check.training import singles
from cwm_check.training.steps import Example


def made(count: int) -> list[Example]:
    return list(islice(singles.examples(Random(5)), count))


def text(example: Example) -> tuple[str, str]:
    """The operation without marks, and its answer."""
    return unmark(decode_text(example.prompt[1 : example.prompt.index(GIVEN)])), decode_text(example.target[:-1])


def _root(example: Example) -> ast.expr:
    operation, _ = text(example)
    return ast.parse(operation.replace("<v0>", "v"), mode="eval").body


def test_the_same_seed_makes_the_same_operations() -> None:
    assert made(200) == made(200)


def test_most_operations_hit() -> None:
    """An index is there, a key is known: few raise, and comparisons are true about as often as false."""
    examples = made(2000)
    assert 0.01 < sum(example.type == "raise" for example in examples) / len(examples) < 0.08
    truths = [answer for _, answer in map(text, examples) if answer in ("True", "False")]
    assert 0.3 < truths.count("True") / len(truths) < 0.7


@pytest.mark.parametrize("sign", ["[", ":", "len(", ".append(", " in ", " == ", " + ", ".join(", ".split(", " < ", "{"])
def test_the_frequent_operations_are_among_them(sign: str) -> None:
    assert sum(sign in operation for operation, _ in map(text, made(1000))) >= 5


def test_answers_are_those_of_python() -> None:
    """A second way: the prompt is read back and evaluated."""
    checked = 0
    for example in made(600):
        _, answer = text(example)
        if example.kind != "result" or example.type in ("raise", "set"):
            continue
        # What answers with spans, or written from the last digit, stand for is tested with the codec.
        if not set(answer) & set(MARKS) and not isinstance(_root(example), ast.BinOp):
            true = effect_of(Step("result", example.prompt, ())).value
            assert true is not None
            assert ast.literal_eval(answer) == ast.literal_eval(true), text(example)
        checked += 1
    assert checked > 300
