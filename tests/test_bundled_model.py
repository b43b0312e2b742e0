"""The model that comes with the tool."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("onnxruntime")

from cwm_check.neural.predictor import open_predictor
from cwm_check.simulations import Question
from cwm_check.store import find_model, problems

PROGRAM = """
from cwm_check.neural.predictor import open_predictor
from cwm_check.simulations import Question
open_predictor().answers(Question("value", "self.timeout", ("int",), "self.timeout"), 2)
"""


def test_the_bundled_model_is_intact_and_small() -> None:
    nano = find_model("nano")
    assert list(problems(nano)) == []
    assert (nano.manifest.codec, nano.manifest.licence) == ("nano", "Apache-2.0")
    assert nano.size < 15e6


def test_the_first_answer_of_a_new_process_takes_less_than_a_second_and_a_half() -> None:
    def seconds() -> float:
        """Of processor time, so that a busy machine does not count."""
        before = os.times()
        subprocess.run([sys.executable, "-c", PROGRAM], check=True)
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    assert min(seconds() for _ in range(2)) < 1.5


@pytest.mark.parametrize(
    ("question", "literals"),
    [
        (Question("value", "self.verbose", ("bool",), "self.verbose"), {"True", "False"}),
        (Question("value", "match", ("NoneType",), "match"), {"None"}),
        (Question("value", "len(rows)", ("int",), "len(rows)"), {"0", "1", "2", "3"}),
    ],
    ids=["flag", "None", "length"],
)
def test_it_answers_what_anybody_would(question: Question, literals: set[str]) -> None:
    answers = open_predictor().answers(question, 2)
    assert answers
    assert {answer.value for answer in answers} <= literals
