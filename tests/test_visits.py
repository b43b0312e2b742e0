"""Visits of a debugger to a run in the real sandbox: what is looked at and what is changed, at which frame."""

from __future__ import annotations

from pathlib import Path

from simulations import simulated

from cwm_check.sandbox.component import Sandbox
from cwm_check.search.jobs import Visit
from cwm_check.simulations import Prediction, Seen

COUNT = """
    import os

    def f(word, letter):
        n = 0
        for c in word:
            n += int(c == letter)
        return n
"""
LETTERS = {"word": "'abca'", "letter": "'a'"}


def visited(sandbox: Sandbox, source: str, *visits: Visit, **arguments: str | None) -> Prediction:
    return simulated(sandbox, source, frames=True, visits=visits, **arguments).simulation.before


def test_a_look_at_a_frame_gives_the_value_there(sandbox: Sandbox) -> None:
    seen = visited(sandbox, COUNT, Visit("[n, c, len(word)]", frame=5), **LETTERS).seen
    assert seen == (Seen(0, 5, "[1, 'b', 4]", True),)


def test_a_look_at_a_line_is_made_each_time_before_it_runs(sandbox: Sandbox) -> None:
    seen = visited(sandbox, COUNT, Visit("any(x == c for x in letter)", line=7), **LETTERS).seen
    assert [(s.frame, s.is_true) for s in seen] == [(3, True), (5, False), (7, False), (9, True)]


def test_a_look_that_fails_says_why(sandbox: Sandbox) -> None:
    seen = visited(sandbox, COUNT, Visit("nowhere", frame=2), Visit("1 +", frame=2), **LETTERS).seen
    assert seen == (
        Seen(0, 2, "NameError: name 'nowhere' is not defined", False, failed=True),
        Seen(1, 2, "SyntaxError: invalid syntax (<unknown>, line 1)", False, failed=True),
    )


def test_a_look_leaves_the_trace_as_it_was(sandbox: Sandbox) -> None:
    look = Visit("word.upper()", frame=3)
    assert visited(sandbox, COUNT, look, **LETTERS).trace == visited(sandbox, COUNT, **LETTERS).trace


def test_a_change_shows_in_its_frame_and_in_what_follows(sandbox: Sandbox) -> None:
    plain, changed = (visited(sandbox, COUNT, *v, **LETTERS) for v in ((), (Visit("n = 40", frame=5, changes=True),)))
    assert plain.trace is not None
    assert changed.trace is not None
    assert changed.trace.frames[:5] == plain.trace.frames[:5]
    assert dict(changed.trace.frames[5].locals) == {**LETTERS, "n": "40", "c": "'b'"}
    assert (plain.outcome.value, changed.outcome.value) == ("2", "41")


def test_a_change_of_an_argument_before_the_first_line(sandbox: Sandbox) -> None:
    assert visited(sandbox, COUNT, Visit("word = 'aaa'", frame=0, changes=True), **LETTERS).outcome.value == "3"


def test_a_change_that_fails_says_why_and_the_run_goes_on(sandbox: Sandbox) -> None:
    found = visited(sandbox, COUNT, Visit("n = nowhere", frame=3, changes=True), **LETTERS)
    assert found.seen == (Seen(0, 3, "NameError: name 'nowhere' is not defined", False, failed=True),)
    assert found.outcome.value == "2"


def test_a_look_at_an_unknown_object_is_answered_by_the_world(sandbox: Sandbox) -> None:
    source = "def f(order):\n    return order.total\n"
    assert visited(sandbox, source, Visit("order.total", frame=1), order=None).seen == (
        Seen(0, 1, "order.total", True),
    )


def test_what_a_look_does_stays_in_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    escaped = tmp_path / "escaped"
    visited(sandbox, COUNT, Visit(f"__import__('os').system('touch {escaped}')", frame=2), **LETTERS)
    visited(sandbox, COUNT, Visit(f"open({str(escaped)!r}, 'w').write('x')", frame=2), **LETTERS)
    assert not escaped.exists()
