"""What is measured of a model, on the graph that the product runs."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from step_oracle import StepOracle

from cwm_check.codecs.nano_steps import Effect, Step
from cwm_check.commands.cli import main
from cwm_check.neural.predicted.state import Said
from cwm_check.training import cruxeval
from cwm_check.training.answering import Statement, tell
from cwm_check.training.evaluate import evaluate, held_out_programs


class Sure:
    """A step model that always says the same."""

    name = "sure"

    def __init__(self, said: Said | None) -> None:
        self._said = said

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        return [self._said for _ in steps]


SUM = Statement(ast.parse("return a + b").body[0], {"a": "1", "b": "2"}, Effect(value="3"))
SWAP = Statement(ast.parse("a, b = b, a").body[0], {"a": "1", "b": "2"}, Effect((("a", "2"), ("b", "1"))))


def test_a_perfect_model_is_always_right() -> None:
    told = tell(StepOracle(), [SUM, SWAP])
    assert [(one.is_exact, one.questions, one.kind) for one in told] == [(True, 1, "result"), (True, 0, "do")]


@pytest.mark.parametrize("said", [Said(Effect(value="4"), 0.5), Said(Effect(raised="TypeError"), 0.5), None])
def test_another_answer_or_none_is_wrong(said: Said | None) -> None:
    (told,) = tell(Sure(said), [SUM])
    assert not told.is_exact


def test_nearly_all_statements_of_held_out_programs_compose_of_true_answers() -> None:
    """The rest are locals that are one object."""
    known = [statement for one in held_out_programs(30) for statement in one.statements]
    told = tell(StepOracle(), known)
    assert sum(one.is_exact for one in told) > 0.97 * len(told)


def test_every_table_is_there(tmp_path: Path) -> None:
    row = {"code": "def f(x):\n    return x + 1", "input": "1", "output": "2", "id": "one"}
    (tmp_path / "crux.jsonl").write_text(json.dumps(row) + "\n")
    table = evaluate("nano", 5, None, tmp_path / "crux.jsonl")
    assert list(table)[:3] == ["frame_exact_match", "step_exact_match", "output_exact_match"]
    assert (table["cruxeval"]["programs"], table["cruxeval"]["statements"]) == (1, 1)
    assert 0 <= table["steps calibrated"]["ece"] <= 1


def test_a_program_that_never_ends_is_not_measured(tmp_path: Path) -> None:
    rows = [
        {"code": "def f(x):\n    while True:\n        x += 1", "input": "1", "output": "", "id": "endless"},
        {"code": "def f(x):\n    if x: return 1\n    return 2", "input": "0", "output": "2", "id": "two"},
    ]
    (tmp_path / "crux.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = [(p.name, len(p.statements)) for p in cruxeval.programs(tmp_path / "crux.jsonl")]
    assert found == [("endless", 0), ("two", 2)]


def test_the_command_prints_the_first_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "evaluate", "--programs", "2", "--output", str(tmp_path / "scores.json")]) == 0
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert capsys.readouterr().out.split() == ["frame_exact_match", f"{scores['frame_exact_match']:.4f}"]
