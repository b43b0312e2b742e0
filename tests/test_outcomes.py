from __future__ import annotations

import pytest

from cwm_check.sandbox.component import Run
from cwm_check.sandbox.messages import LONGEST
from cwm_check.search.choices import Choice, Side
from cwm_check.search.jobs import Version
from cwm_check.search.outcomes import prediction, sentence
from cwm_check.search.targets import Target


@pytest.mark.parametrize(
    ("key", "taken", "expected"),
    [
        ("value of x", "3", "x is 3"),
        ("value of x", "'list:2'", "x is 'list:2'"),  # a text, not a container
        ("value of x", "list:2", "x is a list of 2"),
        ("value of x.y", "tuple:0", "x.y is an empty tuple"),
        ("value of x", """dict:["'a'", "'b'"]""", "x is a dict with 'a', 'b'"),
        ("value of x", "dict:[]", "x is an empty dict"),
        ("length of x", "2", "x has length 2"),
        ("x is None", "True", "x is None"),
        ("x is None", "False", "x is not None"),
        ("x.ok", "True", "x.ok is True"),
        ("f(x) raises", "KeyError", "f(x) raises KeyError"),
        ("f(x) raises", "nothing", None),
        ("what f(x) raises holds", "(5,)", "what f(x) raises holds (5,)"),
        ("what f(x) raises holds", "a text", None),
        ("kind of x", "list", None),
    ],
)
def test_an_assumption_reads_as_a_sentence(key: str, taken: str, expected: str | None) -> None:
    assert sentence(Choice(key, (), taken, (1,))) == expected


def value_of(handed: list[list[str]], value: str, calls: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
    """What a run returned and called, when its texts have functions in them."""
    source = "def f():\n    return 1\n"
    version = Version(source, source, "m.py", Target("f", "function"), lambda _: None)
    side = Side("before", {}, {}, calls=list(calls))
    told = prediction(version, Run({"kind": "returned", "value": value, "handed": handed}, (), 0), side, (), 0).outcome
    return told.value, told.calls


def test_a_function_is_told_by_what_using_it_showed() -> None:
    handed = [["<function 1>", "<function giving <iterator 2>>"], ["<iterator 2>", "<iterator of 5>"]]
    assert value_of(handed, "<function 1>", ("add(<iterator 2>)",)) == (
        "<function giving <iterator of 5>>",
        ("add(<iterator of 5>)",),
    )


def test_texts_that_name_each_other_fill_no_memory() -> None:
    """Forged, since no run shows so much: a function that stands for thousands of itself, in thousands of calls."""
    text = "<function 1>" * 3000
    value, calls = value_of([["<function 1>", text]], text, (text,) * 3000)
    assert len(value) + sum(map(len, calls)) <= LONGEST + 3001 * len(text)
