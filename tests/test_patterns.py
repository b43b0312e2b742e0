"""Examples of patterns: a hostile pattern costs its reader nothing."""

from __future__ import annotations

import re

import pytest

from cwm_check.probing.patterns import example


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"[a-z]{3}\d{2,}", "abc12"),
        (r"#([a-fA-F0-9]{6})", "#abcdef"),
        (r"[y-z]{3}", "yzy"),
        (r"[abc]{3}", "aaa"),
        ("(a|b)*c{0}d", "ad"),
        ("a{12}", "a" * 12),
        pytest.param("a{%s}" % ("9" * 200), "a" * 40, id="repeated more often than a number can say"),
        pytest.param("(" * 30 + "a" + "{99})" * 30, "a" * 40, id="repetitions of repetitions"),
        pytest.param("(?:" * 5000 + "a" + ")" * 5000, "", id="nested deeper than Python calls"),
        pytest.param("ab" * 5000, "ab" * 20, id="long"),
    ],
)
def test_the_example_of_a_pattern(pattern: str, expected: str) -> None:
    assert example(pattern) == expected
    assert len(pattern) > 40 or re.fullmatch(pattern, expected)
