"""What follows from texts of values, and of which texts nothing follows."""

from __future__ import annotations

import pytest

from cwm_check.codecs.value_texts import items_of, may_be_repr, printed, truth_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'ab'", ("'a'", "'b'")),
        ("b'ab'", ("97", "98")),
        ("[1, 'x, y']", ("1", "'x, y'")),
        ("{3, 1}", ("3", "1")),
        ("{3, 1, 3}", ("3", "1")),
        ("{'k': 1}", ("'k'",)),
        ("set()", ()),
        ("()", ()),
        ("dict_values([1, 2])", ("1", "2")),
        ("dict_items([('a', 1)])", ("('a', 1)",)),
        ("dict_keys([])", ()),
        ("frozenset({2, 1})", ("2", "1")),
        ("frozenset()", ()),
        ("deque([1])", ("1",)),
        # What has no items, or does not show them:
        ("3", None),
        ("None", None),
        ("<map object>", None),
        ("deque([1], maxlen=2)", None),
        ("deque([x])", None),
        ("dict_values([1", None),
        ("Point([1])", None),
    ],
)
def test_items_are_read_off_the_text_in_its_order(text: str, expected: tuple[str, ...] | None) -> None:
    assert items_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("''", False), ("[0]", True), ("set()", False), ("0.0", False), ("<object>", None), ("", None)],
)
def test_truth_is_that_of_literals(text: str, expected: bool | None) -> None:
    assert truth_of(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("'a'", "a"), ("1.50", "1.5"), ("<object>", None)])
def test_literals_are_printed(text: str, expected: str | None) -> None:
    assert printed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a'", True),
        ("[1, (2, {3: {4, 5}})]", True),
        ("set()", True),
        ("-1.5", True),
        ("nan", True),
        ("<map object>", True),
        ("Decimal('1')", True),
        ("dict_values([1, 1])", True),
        ("{1: 1, 2: 1}", True),
        ("", False),
        ("d", False),
        ("'abc", False),
        ("[1, 2", False),
        ("[x]", False),
        ("{1, 1}", False),
        ("{'a': 1, 'a': 2}", False),
        ("[{1: 2, 1: 2}]", False),
        ("1 + 1", False),
        pytest.param("{" + "(" * 190 + "1" + ",)" * 190 + "}", True, id="as deep as Python reads"),
    ],
)
def test_no_value_is_shown_with_doubled_keys_or_unknown_names(text: str, expected: bool) -> None:
    assert may_be_repr(text) is expected
