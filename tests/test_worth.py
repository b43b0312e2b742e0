"""What equal runs are worth: which share of other edits they notice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from changes import changed

from cwm_check.compare import compare
from cwm_check.pairs import ChangedFunction
from cwm_check.search.explore import Exploration
from cwm_check.search.frontier import Replay
from cwm_check.simulations import Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Evidence
from cwm_check.worth import WORLDS, is_noticed, is_shown

BEFORE = "def f(x):\n    return x\n"
AFTER = "def f(x):\n    a()\n    b()\n    c()\n    d()\n    return x\n"
"""The lines 2 to 5 are new: four edits, each takes one of them away."""


def function(before: str = BEFORE, after: str = AFTER) -> ChangedFunction:
    made = changed(before, after)
    lines = tuple(n for n, line in enumerate(after.split("\n"), 1) if line and line not in before.split("\n"))
    gone = tuple(n for n, line in enumerate(before.split("\n"), 1) if line and line not in after.split("\n"))
    return replace(made, changed_after=lines, changed_before=gone)


def search(ends: Sequence[str], covered: Collection[int] = range(1, 7)) -> Exploration:
    """Equal runs, each in a world that goes by its number; `""` is a run that did not end."""
    result = Exploration()
    for number, end in enumerate(ends):
        outcome = Outcome("returned", end) if end else Outcome("unfinished", "limit")
        one = Prediction(outcome, frozenset(covered), (), Evidence.EXACT, 1.0)
        result.comparisons.append(compare(Simulation(f"f({number})", Probe((), "type"), one, one)))
        result.replays.append(((Probe((), "type"), {}, {}), (), {"world": str(number)}))
    return result


class Runner:
    """Shows the edits that take away one of some lines, in some worlds."""

    def __init__(self, lines: str, worlds: str = "0123456789") -> None:
        self.lines, self.worlds = lines, worlds
        self.ran: list[tuple[int, str]] = []

    def __call__(self, side: int, module: str, replay: Replay, known: Simulation) -> tuple[bool, int]:
        world = replay[2]["world"]
        assert known.call == f"f({world})"
        self.ran.append((side, world))
        return any(f"{name}()" not in module for name in self.lines) and world in self.worlds, 10


@pytest.mark.parametrize(("lines", "expected"), [("abcd", True), ("abc", True), ("ab", False), ("", False)])
def test_three_of_four_edits_must_be_noticed(lines: str, expected: bool) -> None:
    assert is_noticed(function(), search(["1"]), Runner(lines), 1000) is expected


@pytest.mark.parametrize(("lines", "expected"), [("abc", True), ("bc", True), ("c", False), ("", False)])
def test_one_edit_of_a_few_may_be_missed(lines: str, expected: bool) -> None:
    three = function(after=AFTER.replace("    d()\n", ""))
    assert is_noticed(three, search(["1"]), Runner(lines), 1000) is expected
    two = function(after=AFTER.replace("    c()\n    d()\n", ""))
    of_two = "".join(name for name in lines if name in "ab")
    assert is_noticed(two, search(["1"]), Runner(of_two), 1000) is bool(of_two)


def test_it_ends_when_the_answer_is_clear() -> None:
    some, none = Runner("abcd"), Runner("")
    is_noticed(function(), search(["1"]), some, 1000)
    is_noticed(function(), search(["1"]), none, 1000)
    assert (len(some.ran), len(none.ran)) == (3, 2)


def test_only_worlds_that_ran_the_statement_are_tried() -> None:
    runner = Runner("abcd")
    assert not is_noticed(function(), search(["1"], covered=[1, 6]), runner, 1000)
    assert runner.ran == []


def test_worlds_that_ended_otherwise_come_first_and_those_without_an_end_never() -> None:
    runner = Runner("abcd", worlds="5")
    is_noticed(function(), search(["1", "1", "1", "2", "", "3"]), runner, 1000)
    assert [world for _, world in runner.ran[:3]] == ["0", "3", "5"]


def test_no_more_than_some_worlds_are_tried() -> None:
    runner = Runner("")
    assert not is_noticed(function(), search(["1"] * 99), runner, 10**9)
    assert len(runner.ran) == 2 * WORLDS


def test_what_the_cost_suffices_for_decides() -> None:
    assert is_noticed(function(), search(["1"]), Runner("ab"), 20)
    assert not is_noticed(function(), search(["1"]), Runner("cd"), 20)


def test_of_what_is_only_taken_away_the_version_before_is_asked() -> None:
    runner = Runner("abcd")
    assert is_noticed(function(AFTER, BEFORE), search(["1"]), runner, 1000)
    assert {side for side, _ in runner.ran} == {0}


def test_where_no_line_changed_there_is_nothing_to_notice() -> None:
    same = replace(function(), changed_after=(), changed_before=())
    assert is_noticed(same, search(["1"]), Runner(""), 1000)


ONE, TWO, STUCK = Outcome("returned", "1"), Outcome("returned", "2"), Outcome("unfinished", "limit")
UNREAD = replace(ONE, calls=("unread: log()",))
SHOWN = {
    "nothing": (ONE, ONE, ONE, ONE, False),
    "another end": (ONE, TWO, ONE, ONE, True),
    "a call that no caller notices": (ONE, UNREAD, ONE, ONE, True),
    "no end": (ONE, STUCK, ONE, ONE, True),
    "other values on both sides": (TWO, TWO, ONE, ONE, False),
    "other values on both sides, and another end": (TWO, ONE, ONE, ONE, True),
    "other values, and a call that no caller notices": (TWO, replace(TWO, calls=UNREAD.calls), ONE, ONE, True),
    "other values, and no end": (TWO, STUCK, ONE, ONE, True),
    "what they parted in before": (ONE, TWO, ONE, TWO, False),
    "what they parted in before, otherwise": (ONE, UNREAD, ONE, TWO, True),
    "what they parted in before, with other values": (TWO, UNREAD, ONE, TWO, False),
}


@pytest.mark.parametrize(("before", "after", "was_before", "was_after", "expected"), SHOWN.values(), ids=SHOWN)
def test_a_run_shows_an_edit(
    before: Outcome, after: Outcome, was_before: Outcome, was_after: Outcome, expected: bool
) -> None:
    found, known = simulation(before, after), simulation(was_before, was_after)
    assert is_shown(1, found, known) is expected
    assert is_shown(0, simulation(after, before), simulation(was_after, was_before)) is expected


def simulation(*ends: Outcome) -> Simulation:
    one, other = (Prediction(end, frozenset({1}), (), Evidence.EXACT, 1.0) for end in ends)
    return Simulation("f()", Probe((), "type"), one, other)
