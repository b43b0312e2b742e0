"""A walk over real runs: two versions in step, breakpoints, changes, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwm_check.changes import FileChange
from cwm_check.debugging.debugger import Debugger
from cwm_check.debugging.session import Session, open_session
from cwm_check.debugging.subject import Subject, pick, subject_at
from cwm_check.debugging.walk import Walk
from cwm_check.errors import CwmCheckError
from cwm_check.extraction.functions import pair_functions
from cwm_check.sandbox.component import Sandbox
from cwm_check.sources.trees import Tree
from cwm_check.trace import Event

BEFORE = """\
def clean(price):
    return round(price, 2)

def total(prices, discount=0):
    value = 0
    for price in prices:
        value += clean(price)
    return value - discount
"""
AFTER = """\
def clean(price):
    return round(price, 2)

def total(prices, discount=0):
    value = 0
    for price in prices:
        if price < 0:
            continue
        value += clean(price)
    value -= discount
    return max(0, value)
"""


def session_of(sandbox: Sandbox, before: str, after: str, call: str) -> Session:
    function = pick(pair_functions(FileChange("m.py", "m.py", before, after)).changed, "total")
    subject = Subject(function, {}.get, {}.get, Tree(texts={"m.py": after}))
    return open_session(subject, print, call=call, sandbox=sandbox)


def both(sandbox: Sandbox, call: str, before: str = BEFORE, after: str = AFTER) -> Walk:
    session = session_of(sandbox, before, after, call)
    setting = session.begin(call)
    return Walk([Debugger(session.replay(setting, side)) for side in (0, 1)])


def single(sandbox: Sandbox, tmp_path: Path, call: str, source: str = BEFORE) -> Walk:
    (tmp_path / "m.py").write_text(source, encoding="utf-8")
    session = open_session(subject_at("m.py::total", tmp_path), print, call=call, sandbox=sandbox)
    return Walk([Debugger(session.replay(session.begin(call)))])


def places(walk: Walk) -> tuple[int | None, ...]:
    """The line of each side that moved; None where it waits."""
    return tuple(s.frame.line if here else None for s, here in zip(walk.sides, walk.present, strict=True))


def walked(walk: Walk, command: str, count: int) -> list[tuple[int | None, ...]]:
    seen = []
    for _ in range(count):
        walk.move(command)
        seen.append(places(walk))
    return seen


def test_versions_move_in_step_and_one_waits_for_the_other(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([3], 1)")
    assert walked(walk, "next", 7) == [(6, 6), (None, 7), (7, 9), (6, 6), (8, 10), (None, 11), (8, 11)]
    assert [side.frame.value for side in walk.sides] == ["2", "2"]
    assert not walk.move("next")


def test_the_divergence_is_where_the_states_part(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([1, -2], 0)")
    assert walk.diverge()
    assert [dict(side.frame.locals)["value"] for side in walk.sides] == ["-1", "1"]
    assert places(walk) == (6, 6)


def test_versions_that_only_take_other_lines_part_there(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([], 0)")
    assert walk.diverge()
    assert places(walk) == (8, 10)


def test_versions_that_do_the_same_do_not_part(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([])", BEFORE, BEFORE.replace("round(price, 2)", "round(price, 3)"))
    place = walk.place
    assert not walk.diverge()
    assert walk.place == place


def test_a_breakpoint_stops_both_where_the_line_is_the_same(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([3, 4])")
    walk.add_breakpoint(9, "value == 3")
    assert walk.move("continue")
    assert places(walk) == (7, 9)
    assert [dict(side.locals())["price"] for side in walk.sides] == ["4", "4"]
    assert walk.clear(1) == 1
    assert not walk.move("continue")


def test_a_change_is_made_in_both(sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([3, 4])")
    walked(walk, "next", 2)
    walk.change("value = 100")
    walk.move("continue")
    assert [side.prediction.outcome.value for side in walk.sides] == ["107", "107"]


@pytest.mark.parametrize("command", ["step", "next", "out", "continue"])
def test_all_ways_back_lead_to_the_beginning(command: str, sandbox: Sandbox) -> None:
    walk = both(sandbox, "total([3, -4])")
    walk.move("continue")
    former = walk.place
    while walk.move_back(command):
        assert walk.place < former
        former = walk.place
    assert [side.index for side in walk.sides] == [0, 0]


def test_back_steps_over_what_next_steps_over(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3])")
    walked(walk, "next", 3)
    assert walk.move_back("next")
    assert places(walk) == (7,)
    assert walk.move("step")
    assert (walk.last.frame.event, places(walk)) == (Event.CALL, (1,))
    assert walk.move_back("out")
    assert places(walk) == (7,)


def test_what_is_set_changes_what_follows(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3, 4], 1)")
    walked(walk, "next", 2)
    walk.change("prices.append(10)")
    walk.change("value = 100")
    assert dict(walk.last.frame.locals) == {
        "prices": "[3, 4, 10]", "discount": "1", "value": "100", "price": "3"
    }  # fmt: skip
    assert walk.last.prediction.outcome.value == "116"


def test_a_change_further_back_drops_later_ones(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3, 4], 1)")
    walked(walk, "next", 2)
    walk.change("value = 100")
    walk.move_back()
    walk.change("price = 5")
    assert [c.statement for c in walk.last.changes] == ["price = 5"]
    assert walk.last.prediction.outcome.value == "6"


def test_a_change_that_fails_changes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3, 4], 1)")
    with pytest.raises(CwmCheckError, match=r"^NameError: name 'nowhere' is not defined$"):
        walk.change("value = nowhere")
    with pytest.raises(CwmCheckError, match=r"^value = = 3: invalid syntax$"):
        walk.change("value = = 3")
    assert (walk.last.changes, walk.last.prediction.outcome.value) == ((), "6")


def test_a_condition_is_evaluated_in_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3])")
    escaped = tmp_path / "escaped"
    walk.add_breakpoint(7, f"open({str(escaped)!r}, 'w').write('x')")
    walk.move("continue")
    assert not escaped.exists()


def test_a_condition_that_fails_stops(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3])")
    walk.add_breakpoint(7, "nowhere > 3")
    assert walk.move("continue")
    assert places(walk) == (7,)


@pytest.mark.parametrize(
    ("line", "condition", "message"),
    [(3, "", "line 3 begins no statement"), (99, "", "line 99 begins no statement"), (7, "a b", "a b: invalid syntax")],
)
def test_a_breakpoint_that_makes_no_sense_is_refused(
    line: int, condition: str, message: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    walk = single(sandbox, tmp_path, "total([3])")
    with pytest.raises(CwmCheckError, match=f"^{message}$"):
        walk.add_breakpoint(line, condition)
    assert walk.last.breakpoints == ()


def test_values_are_looked_at_where_we_are(sandbox: Sandbox, tmp_path: Path) -> None:
    walk = single(sandbox, tmp_path, "total([3, 4], 1)")
    walked(walk, "next", 3)
    assert [walk.last.value(e).text for e in ("value * 2", "clean(0.125)", "sum(p for p in prices if p > value)")] == [
        "6", "0.12", "4"
    ]  # fmt: skip
    assert walk.last.value("value / 0").text == "ZeroDivisionError: division by zero"
    assert walk.last.prediction.outcome.value == "6"
