"""Outputs in neural mode, on programs of our own in CRUXEval's form, with a perfect model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from step_oracle import StepOracle

from cwm_check.codecs.nano_steps import Effect, Step
from cwm_check.neural.predicted.state import Said, whole
from cwm_check.neural.simulator import on_steps
from cwm_check.simulations import Outcome
from cwm_check.training import cruxeval, outputs

ROWS = [
    {"id": "one", "code": "def f(text, n):\n    return (text * n).title()", "input": "'ab', n = 2", "output": "'Abab'"},
    {"id": "two", "code": "def f(d):\n    d['x'] = 1\n    return d", "input": "{}", "output": "{'x': 1}"},
    {"id": "wrong", "code": "def f(x):\n    return {x, x + 1}", "input": "1", "output": "{1, 3}"},
]


@pytest.fixture
def programs(tmp_path: Path) -> tuple[outputs.Program, ...]:
    path = tmp_path / "cruxeval.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return outputs.programs(path)


@pytest.mark.parametrize("free", [True, False])
def test_a_perfect_model_has_the_true_outputs(programs: tuple[outputs.Program, ...], free: bool) -> None:
    simulator = on_steps(StepOracle(), operate=whole, decides=False) if free else on_steps(StepOracle())
    found = outputs.predicted(programs, simulator)
    rights = [outputs.is_right(program, made.outcome) for program, made in zip(programs, found, strict=True)]
    assert rights == [True, True, False]
    assert all(outputs.is_true_run(program, made) for program, made in zip(programs, found, strict=True))


@pytest.mark.parametrize(
    ("outcome", "right"),
    [
        (Outcome("returned", '"Abab"'), True),
        (Outcome("returned", "'abab'"), False),
        (Outcome("raised", "'Abab'"), False),
        (Outcome("unfinished", "'Abab'"), False),
    ],
    ids=["another spelling", "another value", "raised", "unfinished"],
)
def test_an_output_is_right_as_a_value(programs: tuple[outputs.Program, ...], outcome: Outcome, right: bool) -> None:
    assert outputs.is_right(programs[0], outcome) is right


@pytest.mark.parametrize(("one", "other"), [("1", "True"), ("1.0", "1"), ("[1]", "(1,)")])
def test_values_of_other_types_are_other_outputs(programs: tuple[outputs.Program, ...], one: str, other: str) -> None:
    assert not outputs.is_right(replace(programs[0], output=one), Outcome("returned", other))


def test_the_shipped_model_is_measured_in_three_ways(programs: tuple[outputs.Program, ...]) -> None:
    pytest.importorskip("onnxruntime")
    table = outputs.measure(programs[:2], "nano")
    assert list(table["output_exact_match"]) == list(outputs.WAYS)
    assert all(0 <= share <= table["ended"][way] <= 1 for way, share in table["output_exact_match"].items())


class Contrary(StepOracle):
    """A model that takes every condition for its opposite."""

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        wanted = list(steps)
        return [self._turned(step, said) for step, said in zip(wanted, super().said(wanted), strict=True)]

    @staticmethod
    def _turned(step: Step, said: Said | None) -> Said | None:
        if said is None or step.kind != "test":
            return said
        return replace(said, effect=Effect(value=str(said.effect.value != "True")))


def test_a_row_may_hold_what_ends_no_line(tmp_path: Path) -> None:
    row = {"id": "one", "code": "def f(x):\n    return x", "input": "'\u2028'", "output": "'\u2028'"}
    path = tmp_path / "cruxeval.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert [program.output for program in outputs.programs(path)] == ["'\u2028'"]
    assert [program.name for program in cruxeval.programs(path)] == ["one"]


def test_a_right_output_of_another_run_is_luck(tmp_path: Path) -> None:
    row = {"id": "luck", "code": "def f(x):\n    if x > 1:\n        x = 5\n    return 5", "input": "3", "output": "5"}
    path = tmp_path / "cruxeval.jsonl"
    path.write_text(json.dumps(row))
    (program,) = outputs.programs(path)
    (made,) = outputs.predicted([program], on_steps(Contrary(), operate=whole, decides=False))
    assert outputs.is_right(program, made.outcome)
    assert not outputs.is_true_run(program, made)
