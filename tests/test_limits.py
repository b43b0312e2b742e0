"""What the host itself bounds: messages, their size, and the clock."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from changes import changed
from simulations import outcome

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.extraction.slices import slice_module
from cwm_check.git import Pair, read_changes
from cwm_check.sandbox import messages
from cwm_check.sandbox.component import FUEL, TELLING, OutOfTime, Sandbox
from cwm_check.sandbox.native import native_code
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.explore import Budget
from cwm_check.search.simulate import Simulator
from cwm_check.trial import try_function
from cwm_check.vocabulary import SkipReason

REACH = "ask = isinstance.__globals__['sys'].modules['wit_world'].ask"


@pytest.fixture
def own() -> Sandbox:
    """A sandbox of this test alone, whose deadline may be set."""
    return Sandbox(native=native_code())


def used() -> float:
    """Return the processor time of this process and those that ended: a clock counts other work, too."""
    return sum(os.times()[:4])


def test_a_flood_of_messages_ends_the_run(sandbox: Sandbox) -> None:
    question = '{"op": "source", "name": ""}'
    source = f"{REACH}\ndef f():\n    for i in range(20_010):\n        ask({question!r})\n    return 1\n"
    found = outcome(sandbox, source)
    assert (found.kind, "more messages than any program needs" in found.value) == ("unfinished", True)


@pytest.mark.parametrize("read", [messages.question, messages.frames, messages.result])
def test_a_message_beyond_every_measure_is_refused_unread(read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages.json, "loads", lambda text: pytest.fail("it was read"))
    with pytest.raises(messages.Garbled):
        read("[" + "0," * 3_000_000 + "0]")  # type: ignore[operator]


@pytest.mark.parametrize(
    "forged",
    ['"handed": 1', '"handed": [1]', '"handed": [["a"]]', '"handed": [[[], "a"]]', '"registered": [1]', '"given": [1]'],
)
def test_a_result_with_a_forged_part_is_refused(forged: str) -> None:
    with pytest.raises(messages.Garbled):
        messages.result(f'{{"kind": "returned", {forged}}}')


@pytest.mark.parametrize("arguments", ["[]", '[{"r": "1"}]', '[{"u": "x"}, {"r": "1"}]', '[{"r": "1"}, {"r": 2}]'])
def test_a_forged_question_for_a_name_is_refused(arguments: str) -> None:
    with pytest.raises(messages.Garbled):
        messages.question(f'{{"op": "name", "u": "x", "args": {arguments}}}')


def test_a_question_for_a_name_is_read() -> None:
    asked = messages.question('{"op": "name", "u": "x", "args": [{"r": "\'__doc__\'"}, {"r": "\'a\'"}]}')
    assert asked["op"] == "name"


def test_nothing_runs_after_the_deadline(own: Sandbox) -> None:
    own.deadline = time.monotonic()
    with pytest.raises(OutOfTime):
        own.run({"compile": "m"}, lambda question: {}, source="x = 1")


@pytest.mark.parametrize("body", ["while True: pass", "while True: print(x)"])
def test_a_run_ends_at_the_deadline(own: Sandbox, body: str) -> None:
    function = changed(f"def f(x):\n    {body}\n", f"def f(x):\n    {body}\n    return 1\n")
    simulator = Simulator(own, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    own.deadline, begun = time.monotonic() + 0.5, used()
    trial = try_function(function, simulator, (), probes=24, exceptions="type", budget=Budget(seconds=60))
    assert used() - begun < 0.5 + 0.6
    assert (trial.was_cut, trial.problem) == (True, SkipReason.TIME)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_time_budget_holds_and_what_is_left_is_named(tmp_path: Path, jobs: int) -> None:
    texts = [
        "\n\n".join(f"def f{n}(x):\n    while x.more({n}): x.step()\n    return {end}" for n in range(160))
        for end in (1, 2)
    ]
    for name, text in zip(("before.py", "after.py"), texts, strict=True):
        (tmp_path / name).write_text(text)
    changes = read_changes(Pair(tmp_path / "before.py", tmp_path / "after.py"), None, ())
    begun = used()
    result = check(changes, Config(time_budget=3.0, jobs=jobs, no_cache=True))
    assert used() - begun < jobs * 3.0 * 1.1 + 3  # what is static takes some, too
    if [p.reason for p in result.problems] == [SkipReason.TIME]:
        return  # too busy to read the file in time, and that is said
    assert len(result.verdicts) == 160
    left = [v for v in result.verdicts if v.reason == SkipReason.TIME]
    assert left
    assert all(v.kind == "skipped" for v in left)


@pytest.mark.parametrize("place", ["cwm_check.extraction.functions.pair_functions", "cwm_check.equivalence.prove_same"])
def test_static_work_without_end_is_ended_by_the_time_budget(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forever(*_: object) -> None:
        while True:
            pass

    for name, end in (("before.py", 1), ("after.py", 2)):
        (tmp_path / name).write_text(f"def f():\n    return {end}\n")
    changes = read_changes(Pair(tmp_path / "before.py", tmp_path / "after.py"), None, ())
    monkeypatch.setattr(place, forever)
    result = check(changes, Config(time_budget=0.5, no_cache=True))
    assert [*(p.reason for p in result.problems), *(v.reason for v in result.verdicts)] == [SkipReason.TIME]


def test_what_was_read_before_counts_as_time(tmp_path: Path) -> None:
    for name, end in (("before.py", 1), ("after.py", 2)):
        (tmp_path / name).write_text(f"def f():\n    return {end}\n")
    changes = read_changes(Pair(tmp_path / "before.py", tmp_path / "after.py"), None, ())
    result = check(changes, Config(time_budget=60.0, no_cache=True), begun=time.monotonic() - 100)
    assert [p.reason for p in result.problems] == [SkipReason.TIME]


def test_the_sandbox_learns_how_quick_the_machine_is(own: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10_000))  # a very slow machine
    monkeypatch.setattr("cwm_check.sandbox.component.time.monotonic", lambda: 100.0 * next(clock))
    job, source = {"compile": "m"}, "x = 1\n" * 3000
    first = own.run(job, lambda question: {}, source=source, fuel=20 * FUEL)
    assert first.fuel > TELLING
    own.deadline = 100.0 * next(clock) + 250
    with pytest.raises(OutOfTime):
        own.run(job, lambda question: {}, source=source, fuel=20 * FUEL)
