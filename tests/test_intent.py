from __future__ import annotations

import pytest

from cwm_check.accepted.intent import Declaration, declarations_in, intent_of, written


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("refactor: simpler", "stays"),
        ("perf(prices): faster\n\nfix: no", "stays"),
        ("style: x", "stays"),
        ("docs: x", "stays"),
        ("fix: the total", "changes"),
        ("feat: a total", "open"),
        ("refactor!: another total", "open"),
        ("refactoring: the total", "open"),
        ("Merge branch 'fix: x'", "open"),
        ("", "open"),
    ],
)
def test_the_type_of_a_message_says_what_the_behaviour_does(message: str, expected: str) -> None:
    assert intent_of(message) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Behaviour-Change: total -- meant", Declaration("total", "meant", "c")),
        ("behavior-change:   shop.Cart.add  --  two words ", Declaration("shop.Cart.add", "two words", "c")),
        ("  Behaviour-Change: total -- a -- b", Declaration("total", "a -- b", "c")),
    ],
)
def test_a_trailer_names_a_function_and_a_reason(line: str, expected: Declaration) -> None:
    assert declarations_in(f"fix: x\n\n{line}\nSigned-off-by: a\n", "c") == (expected,)


@pytest.mark.parametrize("value", ["total", "total --", "total -- ", "total - meant", "-- meant", "a b -- meant", ""])
def test_a_trailer_without_both_says_so(value: str) -> None:
    (declared,) = declarations_in(f"Behaviour-Change: {value}", "c")

    assert declared.problem == "it needs a function and a reason: write `Behaviour-Change: total -- reason`"


@pytest.mark.parametrize("message", ["", "fix: x", "The Behaviour-Change: total -- x", "> Behaviour-Changes: a -- b"])
def test_other_lines_declare_nothing(message: str) -> None:
    assert declarations_in(message, "c") == ()


def test_comments_of_the_editor_are_no_part_of_a_message() -> None:
    shown = "fix: x\n\n# Behaviour-Change: a -- b\n# ------------------------ >8 ------------------------\nrefactor: y"

    assert written(shown) == "fix: x"
