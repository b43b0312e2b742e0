"""Questions from source and from files, as examples."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from cwm_check.codecs.nano_traces import describe
from cwm_check.simulations import Question
from cwm_check.training import questions
from cwm_check.training.constants import known_in
from cwm_check.training.harvest import HELD_OUT, LIBRARY, PACKAGES, harvest_all


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("PORT = 80", [("value", "PORT", (), "80", None)]),
        ("self.timeout = 30", [("getattr", "self", ("'timeout'",), "30", None)]),
        ("class A:\n    name: str = 'a'", [("value", "name", (), "'a'", None)]),
        ("def f(retries=3): pass", [("value", "retries", (), "3", None)]),
        ("def f(*, retries=3): pass", [("value", "retries", (), "3", None)]),
        ("def is_ok(self) -> bool: pass", [("call", "self.is_ok", (), None, "bool")]),
        (
            "def size(path: str) -> 'int': pass",
            [("value", "path", (), None, "str"), ("call", "size", ("path",), None, "int")],
        ),
        ("def f(a: List[int]): pass", [("value", "a", (), None, "list")]),
        ("def f(a=None): pass", []),
        ("def f(a: Path) -> int | None: pass", []),
        ("async def f() -> int: pass", []),
        ("x = y", []),
        ("x = [y]", []),
    ],
)
def test_what_source_says(source: str, expected: list[tuple[object, ...]]) -> None:
    found = [(q.operation, q.target, q.arguments, answer, kind) for q, answer, kind in known_in(ast.parse(source))]
    assert found == expected


def harvested(operation: str, target: str, arguments: tuple[str, ...], answer: str | None) -> questions.Harvested:
    question = Question(operation, target, arguments, target)  # type: ignore[arg-type]
    return questions.Harvested("p", question, answer, None)


@pytest.mark.parametrize(
    ("row", "prompt"),
    [
        (harvested("call", "r.json", ("1",), "{}"), "<value> r . json ( 1 ) <answer>"),
        (harvested("getattr", "r", ("'ok'",), "True"), "<value> r . ok <answer>"),
        (harvested("getitem", "d", ("'a'",), "1"), "<value> d [ ' a ' ] <answer>"),
        (harvested("truth", "r", (), "True"), "<truth> r <answer>"),
    ],
    ids=["call", "getattr", "getitem", "truth"],
)
def test_a_question_as_the_value_of_an_expression(row: questions.Harvested, prompt: str) -> None:
    made = questions.example(questions.as_value(row))
    assert made is not None
    assert describe(list(made.prompt)) == prompt


def test_a_value_whose_type_is_told() -> None:
    made = questions.typed(harvested("getattr", "r", ("'status'",), "200"))
    assert made is not None
    assert (describe(list(made.prompt)), describe(list(made.target))) == (
        "<value> r . status <answer> <int>",
        "2 0 0 <end>",
    )


@pytest.mark.parametrize("answer", [None, repr("a" * 60)], ids=["an object", "a long text"])
def test_what_has_no_short_literal_has_no_typed_value(answer: str | None) -> None:
    assert questions.typed(harvested("getattr", "r", ("'status'",), answer)) is None


def test_a_known_type_is_all_that_is_asked() -> None:
    row = questions.Harvested("p", Question("call", "f", (), "f()"), None, "bool")
    made = questions.example(row)
    assert made is not None
    assert (describe(list(made.target)), made.kind) == ("<bool>", "question-type")


def test_long_answers_are_left_out() -> None:
    assert questions.example(harvested("value", "x", (), repr("a" * 60))) is None


def test_held_out_packages_are_never_trained_on(tmp_path: Path) -> None:
    row: dict[str, object] = {"operation": "value", "target": "x", "arguments": [], "answer": "1", "type": None}
    for package in ("shlex", "textwrap"):
        (tmp_path / f"{package}.jsonl").write_text(json.dumps({**row, "package": package}) + "\n")
    assert [r.package for r in questions.read(tmp_path, held_out=False)] == ["shlex"]
    assert [r.package for r in questions.read(tmp_path, held_out=True)] == ["textwrap"]


def test_every_held_out_package_is_harvested() -> None:
    assert HELD_OUT - set(LIBRARY.split()) - set(PACKAGES.split()) == set()


def test_a_package_is_harvested(tmp_path: Path) -> None:
    harvest_all(tmp_path, 20, ["textwrap"])
    rows = [json.loads(line) for line in (tmp_path / "textwrap.jsonl").read_text().splitlines()]
    assert {row["operation"] for row in rows} >= {"call", "getattr", "getitem", "length", "truth", "value"}


def test_what_was_asked_before_the_time_ran_out_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_sample.py").write_text('"""\n>>> len("ab")\n2\n>>> while True: pass\n"""\n')
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(Path(__file__).parents[2]))))
    harvest_all(tmp_path, 3, ["slow_sample"])
    rows = [json.loads(line) for line in (tmp_path / "slow_sample.jsonl").read_text().splitlines()]
    assert [(row["operation"], row["target"], row["answer"]) for row in rows] == [("length", "'ab'", "2")]
