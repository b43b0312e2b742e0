"""nano as the world model of a check; random weights, so what it says is nonsense, but of the right form."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx")

from checkpoints import NANO, write_checkpoint

from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.neural.predictor import Predictor, open_predictor
from cwm_check.onnx_export.export import Label, export_model, write_graph
from cwm_check.simulations import Answer, Question
from cwm_check.trace import Evidence

KINDS = ("NoneType", "bool", "int", "float", "str", "bytes", "list", "tuple", "dict", "set")
TARGETS = ("self.timeout", "response.headers['a']", "len(rows)", "x" * 300, "naïve.größe")


def value(target: str, kind: str) -> Question:
    return Question("value", target, (kind,), target)


QUESTIONS = [value(target, kind) for target in TARGETS for kind in KINDS] + [
    Question("call", "os.getcwd", (), "os.getcwd()"),
    Question("truth", "response", (), "response"),
    Question("getattr", "self", ("'name'",), "self.name"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("model")
    source = write_checkpoint(place / "source", NANO)
    (source / "scores.json").write_text(json.dumps({"questions calibrated": {"slope": 0.5, "offset": -1.0}}))
    return export_model(source, place / "made", Label("tiny", "MIT", "a test"), "float32", write_graph).folder


@pytest.fixture
def predictor(folder: Path) -> Predictor:
    return open_predictor(str(folder), "cpu")


def type_name(literal: str) -> str:
    return "set" if literal == "set()" else type(ast.literal_eval(literal)).__name__


def test_answers_are_literals_of_the_type_that_is_asked_for_or_say_nothing(predictor: Predictor) -> None:
    for question in QUESTIONS:
        answers = predictor.answers(question, 3)
        assert 1 <= len(answers) <= 3
        values = [answer.value for answer in answers if answer.value is not None]
        assert question.operation != "value" or {type_name(value) for value in values} <= {*question.arguments}
        sure = [answer.confidence for answer in answers]
        assert sure == sorted(sure, reverse=True)
        assert all(0 <= one <= 1 for one in sure)


@pytest.mark.parametrize(
    ("kind", "literals"), [("bool", {"True", "False"}), ("NoneType", {"None"})], ids=["bool", "None"]
)
def test_a_small_type_is_answered_in_full(predictor: Predictor, kind: str, literals: set[str]) -> None:
    said = predictor.answers(value("self.verbose", kind), 2)
    assert {answer.value for answer in said if answer.evidence is Evidence.PREDICTED} <= literals


def test_the_same_question_gets_the_same_answers_alone_together_and_again(folder: Path, predictor: Predictor) -> None:
    together = open_predictor(str(folder), "cpu")
    together.prepare(QUESTIONS)
    made = [together.answers(question, 2) for question in QUESTIONS]
    assert made == [predictor.answers(question, 2) for question in reversed(QUESTIONS)][::-1]
    assert made == [predictor.answers(question, 2) for question in QUESTIONS]


def test_the_line_that_asks_makes_no_difference(predictor: Predictor) -> None:
    one, other = (Question("value", "a.b", ("int",), "a.b", context) for context in ("x = a.b", "if a.b:"))
    assert predictor.answers(one, 2) == predictor.answers(other, 2)


@pytest.mark.parametrize("kind", ["datetime", "complex", "path"])
def test_a_type_that_the_model_does_not_know_is_not_guessed(predictor: Predictor, kind: str) -> None:
    assert predictor.answers(value("x", kind), 2) == (Answer(None, 0.0, Evidence.ASSUMED),)


class Defaults:
    """A world model that always says the same two things."""

    name = "defaults"

    def answers(self, question: Question, count: int) -> tuple[Answer, ...]:
        return (Answer("'default'", 0.0, Evidence.ASSUMED), Answer("True", 0.0, Evidence.ASSUMED))[:count]


def test_where_the_model_knows_next_to_nothing_the_fallback_speaks(folder: Path) -> None:
    unsure, sure = (open_predictor(name, "cpu", fallback=Defaults()) for name in (str(folder), "nano"))
    default = Answer("'default'", 0.0, Evidence.ASSUMED)
    assert unsure.answers(value("self.verbose", "int"), 1) == (default,)
    assert unsure.answers(value("x", "datetime"), 1) == (default,)
    values = [answer.value for answer in sure.answers(value("self.verbose", "bool"), 3)]
    assert (sorted(map(str, values[:2])), values[2:]) == (["False", "True"], ["'default'"])


def test_a_model_of_another_codec_answers_no_questions(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", NANO, tokenizer="tokenizer.json")
    (source / "tokenizer.json").write_text('["<|trace_context_start|>"]')  # an export looks for no more
    made = export_model(source, tmp_path / "made", Label("big", "MIT", ""), "float32", write_graph)
    with pytest.raises(CwmCheckError, match=r"speaks cwm; questions are answered by models that speak nano$"):
        open_predictor(str(made.folder))


@pytest.mark.parametrize("said", ['{"codec": "nano", "tokens": ["<pad>"]}', '{"tokens": 1}', "[]", "", "[" * 100_000])
def test_a_model_of_another_vocabulary_is_refused(said: str, tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", NANO)
    (source / "nano_tokenizer.json").write_text(said)
    made = export_model(source, tmp_path / "made", Label("other", "MIT", ""), "float32", write_graph)
    with pytest.raises(AnalysisError, match=r"nano_tokenizer\.json is of another version of the nano codec"):
        open_predictor(str(made.folder))


def test_predicting_imports_nothing_that_makes_models(folder: Path) -> None:
    program = (
        "import sys\nfrom cwm_check.neural.predictor import open_predictor\n"
        "from cwm_check.simulations import Question\n"
        f"open_predictor({str(folder)!r}).answers(Question('value', 'x', ('int',), 'x'), 2)\n"
        "print([n for n in ('torch', 'transformers', 'optimum', 'onnx', 'libcst', 'wasmtime') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("[]\n", "")
