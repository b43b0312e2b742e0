from __future__ import annotations

import pytest

from cwm_check.outcomes import sentence
from cwm_check.world import Choice


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
