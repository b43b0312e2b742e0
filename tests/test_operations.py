"""Statements taken apart: what is asked, in which order, and that the answers of CPython compose to its own effect."""

from __future__ import annotations

import ast
from random import Random

import pytest

from cwm_check.codecs.nano_steps import Effect
from cwm_check.operations import operations
from cwm_check.trace import Trace
from cwm_check.training.execution import performed
from cwm_check.training.programs import drill, program
from cwm_check.training.steps import statements
from cwm_check.training.tracer import Bounds, trace_call


def asked(statement: str, **values: str) -> list[str]:
    """The operations of a statement, answered by CPython, as one line each."""
    found, _ = performed(ast.parse(statement).body[0], values)
    return [ast.unparse(operation.statement).partition("\n")[0] for operation, _ in found]


@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        pytest.param("return a + b * 2", {"a": "1", "b": "2"}, ["return 2 * 2", "return 1 + 4"], id="nested"),
        pytest.param("x = xs.pop(0) + 1", {"xs": "[1]"}, ["t0 = xs.pop(0)", "return 1 + 1"], id="call that changes"),
        pytest.param("xs.append(n)", {"xs": "[]", "n": "1"}, ["xs.append(1)"], id="statement that changes"),
        pytest.param(
            "d[k].append(n + 1)",
            {"d": "{1: []}", "k": "1", "n": "2"},
            ["return 2 + 1", "d[1].append(3)"],
            id="what is changed in place stays a path into its local",
        ),
        pytest.param(
            "return [c.upper() for c in s if c != 'b']",
            {"s": "'ab'"},
            ["return 'a' != 'b'", "return 'a'.upper()", "return 'b' != 'b'"],
            id="comprehension",
        ),
        pytest.param("for i, c in enumerate(s): pass", {"s": "'ab'"}, ["for _ in enumerate('ab'):"], id="items"),
        pytest.param("return sum(d.values())", {"d": "{}"}, ["return sum({}.values())"], id="a view stays where it is"),
        pytest.param("if xs and xs[0] > 1: pass", {"xs": "[]"}, [], id="and: decided by the first operand"),
        pytest.param("a, b = b, a", {"a": "1", "b": "2"}, [], id="swap"),
        pytest.param("return {'k': [x, (y,)]}", {"x": "1", "y": "2"}, [], id="displays"),
        pytest.param("return f'{a}-{b:>3}'", {"a": "1", "b": "2"}, ["return f'{b:>3}'"], id="only a format is asked"),
        pytest.param("for c in s: pass", {"s": "'ab'"}, [], id="characters"),
        pytest.param("return max(*xs)", {"xs": "[1, 2]"}, ["return max(*xs)"], id="starred: as it stands"),
        pytest.param("return -1", {}, [], id="constant"),
        pytest.param("return list(s)", {"s": "'ab'"}, [], id="items that are shown"),
        pytest.param("x = tuple(d.items())", {"d": "{1: 2}"}, [], id="items of a view"),
        pytest.param("for k, v in d.items(): pass", {"d": "{1: 2}"}, [], id="a loop over a view"),
        pytest.param("for x in list(s): pass", {"s": "{1}"}, [], id="a loop over a copy"),
        pytest.param("return list(n)", {"n": "3"}, ["return list(3)"], id="no items"),
        pytest.param("return list(range(n))", {"n": "3"}, ["return list(range(3))"], id="items to be computed"),
        pytest.param("return list(s, 1)", {"s": "'a'"}, ["return list('a', 1)"], id="another call"),
        pytest.param("return d.items()", {"d": "{1: 2}"}, ["return {1: 2}.items()"], id="a view that is kept"),
        pytest.param("for x in s.items(): pass", {"s": "'a'"}, ["for _ in 'a'.items():"], id="no dictionary"),
        pytest.param("return n ** 2", {"n": "-3"}, ["return (-3) ** 2"], id="a negative number keeps its parentheses"),
        pytest.param("xs[i] += xs[0]", {"xs": "[4]", "i": "0"}, ["return [4][0]", "xs[0] += 4"], id="place and value"),
        pytest.param(
            "return sorted(xs, key=lambda x: x * n)",
            {"xs": "[1]", "n": "2"},
            ["return sorted([1], key=lambda x: x * n)"],
            id="names in a lambda stay",
        ),
    ],
)
def test_each_question_is_one_operation_on_values(statement: str, values: dict[str, str], expected: list[str]) -> None:
    assert asked(statement, **values) == expected


@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        ("a, b = xs", {"xs": "[1]"}, Effect(raised="ValueError")),
        ("a, b = n", {"n": "3"}, Effect(raised="TypeError")),
        ("raise KeyError(n)", {"n": "3"}, Effect(raised="KeyError")),
        ("assert not xs", {"xs": "[0]"}, Effect(raised="AssertionError")),
        ("assert xs", {"xs": "[0]"}, Effect(value="True")),
        ("a = b = n", {"n": "3"}, Effect((("a", "3"), ("b", "3")))),
        ("return {'a': 1, 'a': 2}", {}, Effect(value="{'a': 2}")),
        ("return x or y", {"x": "''", "y": "0"}, Effect(value="0")),
        ("return 1 < n < 3", {"n": "2"}, Effect(value="True")),
        ("i += 0", {"i": "0"}, Effect((("i", "0"),))),
        ("return next((c for c in s if c > 'a'), None)", {"s": "'ab'"}, Effect(value="'b'")),
        ("return list(s) + [1]", {"s": "'ab'"}, Effect(value="['a', 'b', 1]")),
        ("return tuple(s)", {"s": "'a'"}, Effect(value="('a',)")),
        ("return tuple(d)", {"d": "{}"}, Effect(value="()")),
        ("return [k + v for k, v in d.items()]", {"d": "{1: 2, 3: 4}"}, Effect(value="[3, 7]")),
        ("yield n", {"n": "1"}, None),
        ("raise", {}, None),
    ],
)
def test_the_effect_of_the_whole(statement: str, values: dict[str, str], expected: Effect | None) -> None:
    assert performed(ast.parse(statement).body[0], values)[1] == expected


def test_a_name_whose_value_is_no_literal_stays() -> None:
    asked = next(operations(ast.parse("return x == n").body[0], {"x": "<object>", "n": "1"}))
    assert ast.unparse(asked.statement) == "return x == 1"


def test_an_operation_that_raises_ends_the_statement() -> None:
    asking = operations(ast.parse("return xs[0] + xs[1]").body[0], {"xs": "[]"})
    next(asking)
    with pytest.raises(StopIteration) as stopped:
        asking.send(Effect(raised="IndexError"))
    assert stopped.value.value == Effect(raised="IndexError")


def test_a_malformed_answer_makes_no_value() -> None:
    """The statement is asked once more as a whole: the model may know more than of its parts."""
    asking = operations(ast.parse("return xs[0] + 1").body[0], {"xs": "[1]"})
    next(asking)
    whole = asking.send(Effect())
    assert ast.unparse(whole.statement) == "return xs[0] + 1"


def _traces(seed: int) -> list[Trace]:
    random = Random(seed)
    made = [program(random, calls=1) if number % 2 else drill(random) for number in range(60)]
    return [trace_call(m.source, m.calls[0], Bounds(frames=80, repr_length=90)) for m in made]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a traced generator is cut short
def test_operations_compose_to_what_python_does() -> None:
    """Of random programs; what remains are locals that are one object, which texts do not show."""
    same = other = 0
    for trace in _traces(11):
        for statement, values, effect in statements(trace):
            _, whole = performed(statement, values)
            if whole is not None and _told(statement, whole) == _told(statement, effect):
                same += 1
            else:
                other += 1
    assert same > 150
    assert other <= same * 0.02


def _told(statement: ast.stmt, effect: Effect) -> tuple[object, ...]:
    """Names that only a comprehension of the statement binds may be listed with their former values."""
    inner = {
        name.id
        for node in ast.walk(statement)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
        if isinstance(name, ast.Name)
    }
    return effect.raised, effect.value, {name: text for name, text in effect.assigned if name not in inner}
