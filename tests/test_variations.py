"""Calls near real ones: what is varied, and what stays as it is."""

from __future__ import annotations

import pytest

from cwm_check.probing.variations import varied, with_options
from cwm_check.simulations import Argument


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("(0, 0, 128)", "(0, 1, 126)"),
        ("(255, 255, 255)", "(255, 254, 253)"),
        ("'#fff'", "'#abc'"),
        ("'#000080'", "'#123456'"),
        ("['1.0', '2']", "['1.2', '1']"),
        ("{'n': '7'}", "{'n': '1'}"),
    ],
)
def test_parts_that_are_alike_are_told_apart(value: str, expected: str) -> None:
    assert list(varied((Argument("x", value),))) == [(Argument("x", expected),)]


@pytest.mark.parametrize("value", ["(1, 2)", "'hello'", "'#abc'", "'123'", "None", "2.5", "True", "{}", None])
def test_what_has_no_parts_alike_gives_no_other_call(value: str | None) -> None:
    assert list(varied((Argument("x", value),))) == []


def test_options_that_a_call_leaves_out_are_given_by_name() -> None:
    call = (Argument("x", "1"), Argument("by", "2", keyword=True))
    found = list(with_options(call, {"by": "5", "to": "7", "only": "8"}, {"x", "by", "to"}))
    assert found == [(*call, Argument("to", "7", keyword=True))]
