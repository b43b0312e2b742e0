"""Steps and their effects, read off true traces."""

from __future__ import annotations

import pytest

from cwm_check.codecs.nano_steps import Effect
from cwm_check.training.steps import effect_type, examples, steps
from cwm_check.training.tracer import trace_call


def effects(body: str, call: str) -> list[tuple[str, Effect]]:
    source = "def f(x):\n" + "\n".join(f"    {line}" for line in body.splitlines())
    return [(step.kind, effect) for step, effect in steps(trace_call(source, call))]


@pytest.mark.parametrize(
    ("body", "call", "expected"),
    [
        pytest.param(
            "y = x + 1\nreturn y",
            "f(1)",
            [("do", Effect((("y", "2"),))), ("result", Effect(value="2"))],
            id="assignment",
        ),
        pytest.param(
            "y = x\ny = x\nreturn 0",
            "f(1)",
            [("do", Effect((("y", "1"),)))] * 2 + [("result", Effect(value="0"))],
            id="an equal value is assigned, too",
        ),
        pytest.param(
            "x.append(2)\nreturn x",
            "f([1])",
            [("do", Effect((("x", "[1, 2]"),))), ("result", Effect(value="[1, 2]"))],
            id="mutation",
        ),
        pytest.param(
            "if x:\n    return 1\nreturn 2",
            "f(0)",
            [("test", Effect(value="False")), ("result", Effect(value="2"))],
            id="branch not taken",
        ),
        pytest.param(
            "if x:\n    return 1\nreturn 2",
            "f(3)",
            [("test", Effect(value="True")), ("result", Effect(value="1"))],
            id="branch taken",
        ),
        pytest.param(
            "for i, c in enumerate(x):\n    pass\nreturn c",
            "f('ab')",
            [("iterate", Effect(value="[(0, 'a'), (1, 'b')]")), ("result", Effect(value="'b'"))],
            id="a loop is asked once",
        ),
        pytest.param("return int(x)", "f('a')", [("result", Effect(raised="ValueError"))], id="exception"),
        pytest.param(
            "y = [c for c in x]\nreturn y",
            "f('ab')",
            [("do", Effect((("y", "['a', 'b']"),))), ("result", Effect(value="['a', 'b']"))],
            id="a comprehension is one step",
        ),
        pytest.param(
            "g = lambda a: a\nreturn 1",
            "f(0)",
            [("do", Effect((("g", "<function f.<locals>.<lambda>>"),))), ("result", Effect(value="1"))],
            id="a value that is no literal",
        ),
        pytest.param(
            "assert x\nreturn x",
            "f(1)",
            [("test", Effect(value="True")), ("result", Effect(value="1"))],
            id="assertion",
        ),
        pytest.param("pass\nreturn f", "f(1)", [("result", Effect(value="<function f>"))], id="pass is no step"),
    ],
)
def test_steps_of_a_run(body: str, call: str, expected: list[tuple[str, Effect]]) -> None:
    assert effects(body, call) == expected


def test_a_statement_that_calls_traced_code_is_left_out() -> None:
    source = "def g(a):\n    return a + 1\n\ndef f(x):\n    y = g(x)\n    return y"
    assert [effect.value for _, effect in steps(trace_call(source, "f(1)"))] == ["2", "2"]


def test_equal_steps_are_one_example() -> None:
    source = "def f(x):\n    for i in x:\n        y = i\n    return y"
    assert [made.kind for made in examples(trace_call(source, "f([1, 1, 1])"))] == ["iterate", "do", "result"]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (Effect(raised="KeyError"), "raise"),
        (Effect(value="[1]"), "list"),
        (Effect(assigned=(("a", "'x'"), ("b", "1"))), "str"),
        (Effect(), "none"),
        (Effect(value="<object object>"), "object"),
    ],
)
def test_type_of_an_effect(effect: Effect, expected: str) -> None:
    assert effect_type(effect) == expected
