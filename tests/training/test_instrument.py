"""Questions harvested from running code: what is observed, and that the code does the same as before."""

from __future__ import annotations

import pytest

from cwm_check.simulations import Question
from cwm_check.training.instrument import Observer, instrument, literal


def observed(source: str) -> list[tuple[str, str, tuple[str, ...], str | None]]:
    observer = Observer()
    exec(compile(instrument(source), "<test>", "exec"), {"__observe__": observer})
    return [(q.operation, q.target, q.arguments, answer) for q, answer in observer.answers()]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("int('7')", [("call", "int", ("'7'",), "7")], id="a call"),
        pytest.param("x = 'ab'\nx.upper()", [("call", "x.upper", (), "'AB'")], id="a method"),
        pytest.param("len([1])", [("length", "[1]", (), "1")], id="a length"),
        pytest.param("isinstance(1, int)", [("isinstance", "isinstance", ("1", "int"), "True")], id="a type test"),
        pytest.param("x = (1).real", [("getattr", "1", ("'real'",), "1")], id="an attribute"),
        pytest.param("d = {'a': 2}\nd['a']", [("getitem", "d", ("'a'",), "2")], id="an item"),
        pytest.param("x = [1]\nif x: pass", [("truth", "x", (), "True")], id="a condition"),
        pytest.param("object()", [("call", "object", (), None)], id="an object"),
        pytest.param("dict(a=1)", [("call", "dict", ("a=1",), "{'a': 1}")], id="a keyword"),
        pytest.param("x = 1\nx += 1", [], id="nothing asked"),
        pytest.param("def f(a: int = 1) -> str: pass", [], id="annotations"),
        pytest.param("x = [1, 2]\nx[:1]", [], id="a slice"),
        pytest.param("class A:\n    b = 1", [], id="a class body"),
    ],
)
def test_what_is_observed(source: str, expected: list[tuple[str, str, tuple[str, ...], str | None]]) -> None:
    assert observed(source) == expected


def test_a_place_is_observed_a_few_times_only() -> None:
    assert len(observed("for i in range(100):\n    str(i)")) == 11  # range once, str ten times


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __init__(self):\n        super().__init__()\n        self.x = 1\nresult = A().x",
        "def f(*a, **k):\n    return a, k\nresult = f(1, *[2], b=3, **{'c': 4})",
        "result = [(lambda y: y + 1)(x) for x in range(3) if x]",
        "x = {'a': [1]}\nx['a'][0] += 1\ndel x['a'][0]\nresult = x",
        "try:\n    int('x')\nexcept ValueError as error:\n    result = error.args",
        "def g():\n    yield 1\nresult = list(g()) if g else None",
    ],
)
def test_instrumented_code_does_the_same(source: str) -> None:
    plain: dict[str, object] = {}
    reported: dict[str, object] = {"__observe__": Observer()}
    exec(source, plain)
    exec(compile(instrument(source), "<test>", "exec"), reported)
    assert reported["result"] == plain["result"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (None, "None"),
        ([1, "a"], "[1, 'a']"),
        (set(), "set()"),
        pytest.param(object(), None, id="object()"),
        pytest.param([object()], None, id="[object()]"),
        ("x" * 80, None),
        (list(range(20)), None),
        (float("nan"), None),
        (Question, None),
    ],
    ids=repr,
)
def test_short_builtin_values_are_literals(value: object, expected: str | None) -> None:
    assert literal(value) == expected
