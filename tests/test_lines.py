from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwm_check.sources.lines import adopt, changed_lines, compare_lines

TEXTS = st.lists(st.sampled_from("abcdef"), max_size=12)


def lines(text: str) -> str:
    return text.replace(" ", "\n") + "\n"


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        pytest.param("", "", (), (), id="nothing"),
        pytest.param("", "a b", (), (1, 2), id="all new"),
        pytest.param("a b", "", (1, 2), (), id="all gone"),
        pytest.param("a b c", "a b c", (), (), id="same"),
        pytest.param("a b c", "a x c", (2,), (2,), id="edited"),
        pytest.param("a b c", "a c", (2,), (), id="removed"),
        pytest.param("a c", "a b c", (), (2,), id="added"),
        pytest.param("a b c", "c a b", (3,), (1,), id="moved: the longest run stays"),
        pytest.param("a a a", "a a", (3,), (), id="fewer of the same"),
        pytest.param("a x a y a", "a x a z a y a", (), (4, 5), id="repeated lines around"),
        pytest.param("a  b", "a  x  b", (), (3, 4), id="blank lines"),
    ],
)
def test_lines_that_differ(before: str, after: str, removed: tuple[int, ...], added: tuple[int, ...]) -> None:
    texts = (lines(before) if before else "", lines(after) if after else "")
    assert changed_lines(*texts) == (removed, added)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a\nb", "a\nb\n", id="no line feed at the end"),
        pytest.param("a\x0cb\u2028c\n", "a\x0cb\u2028c\n", id="what str.splitlines splits"),
    ],
)
def test_only_lines_count(before: str, after: str) -> None:
    assert changed_lines(before, after) == ((), ())


@settings(max_examples=300, deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_the_hunks_turn_before_into_after_and_hold_what_must_differ(before: list[str], after: list[str]) -> None:
    made = list(before)
    hunks = compare_lines(before, after)
    for hunk in reversed(hunks):
        made[hunk.before_start : hunk.before_end] = after[hunk.after_start : hunk.after_end]
    assert made == after
    assert hunks == sorted(hunks, key=lambda hunk: (hunk.before_start, hunk.after_start))
    assert bool(hunks) is (before != after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(range(10_000), range(10_000), id="same"),
        pytest.param(range(10_000), range(10_000, 20_000), id="all edited"),
        pytest.param(range(10_000), [-n if n % 2 else n for n in range(10_000)], id="every second line edited"),
        pytest.param(range(10_000), range(9_999, -1, -1), id="turned round"),
        pytest.param([n % 7 for n in range(10_000)], [n % 5 for n in range(10_000)], id="few different lines"),
        pytest.param(
            [n // 2 for n in range(10_000)], [n // 2 * (n % 9 > 0) for n in range(10_000)], id="doubled lines"
        ),
    ],
)
def test_ten_thousand_lines_take_well_under_a_second(before: list[int], after: list[int]) -> None:
    texts = ["".join(f"line {n}\n" for n in side) for side in (before, after)]
    start = time.process_time()
    changed_lines(*texts)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("before", "theirs", "after", "expected"),
    [
        pytest.param("a b c", "a x c", "a x c", "a x c", id="all theirs"),
        pytest.param("a b c", "a b c", "a x c", "a b c", id="all own"),
        pytest.param("a b c d e", "a x c d e", "a x c y e", "a x c d e", id="one theirs, one own"),
        pytest.param("a b c", "a x c", "a y c", "a b c", id="a conflict"),
        pytest.param("a b c", "a c", "a c", "a c", id="a line they removed"),
        pytest.param("a b c", "a b x c", "a b x c", "a b x c", id="a line they added"),
        pytest.param("a b c", "a x c", "a b c", "a b c", id="what they changed and we refused"),
    ],
)
def test_edits_that_another_parent_has_are_adopted(before: str, theirs: str, after: str, expected: str) -> None:
    assert adopt(lines(before), lines(theirs), lines(after)) == lines(expected)
