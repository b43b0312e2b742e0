"""Work on several cores: order, failures, and processes that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cwm_check.parallel import in_order, usable_cores

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked on Linux only")


def lost(item: int) -> str:
    return f"lost {item}"


def slow_first(item: int) -> str:
    time.sleep(0.2 if item == 0 else 0)
    return f"did {item}"


@pytest.mark.parametrize("jobs", [1, 2, 5, 100])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_results_come_in_the_order_of_the_items(jobs: int, count: int) -> None:
    expected = [f"did {item}" for item in range(count)]
    assert list(in_order(range(count), slow_first, lost, jobs)) == expected


@linux
def test_there_are_as_many_processes_as_asked_for() -> None:
    def whose(item: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    processes = set(in_order(range(12), whose, lost, 3))  # type: ignore[arg-type]
    assert len(processes) == 3
    assert os.getpid() not in processes


@linux
@pytest.mark.parametrize(
    "end", [lambda: os._exit(1), lambda: os.kill(os.getpid(), signal.SIGKILL)], ids=["ends", "is killed"]
)
def test_a_process_that_dies_takes_only_its_item_with_it(end: object) -> None:
    def do(item: int) -> str:
        if item == 2:
            end()  # type: ignore[operator]
        return f"did {item}"

    expected = ["did 0", "did 1", "lost 2", "did 3", "did 4"]
    assert list(in_order(range(5), do, lost, 2)) == expected


@linux
def test_an_item_over_which_a_process_died_once_is_tried_again(tmp_path: Path) -> None:
    def do(item: int) -> str:
        if item == 2 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(1)
        return f"did {item}"

    assert list(in_order(range(4), do, lost, 2)) == ["did 0", "did 1", "did 2", "did 3"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_is_raised_again(jobs: int) -> None:
    def do(item: int) -> str:
        raise LookupError(item)

    with pytest.raises(LookupError, match="0"):
        list(in_order(range(4), do, lost, jobs))


def _children() -> list[str]:
    found = [path.read_text() for path in Path(f"/proc/{os.getpid()}/task").glob("*/children")]
    return " ".join(found).split()


@linux
def test_no_process_is_left_when_the_reader_leaves() -> None:
    before = _children()
    results = in_order(range(50), slow_first, lost, 2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert _children() == before


@linux
def test_no_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    program = f"""
import os, time
from pathlib import Path
from cwm_check.parallel import in_order
def do(item):
    Path({str(tmp_path)!r}, str(os.getpid())).touch()
    time.sleep(0.3)
list(in_order(range(100), do, do, 2))
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while any(Path("/proc", path.name).exists() for path in tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_there_is_a_core_to_use() -> None:
    assert usable_cores() >= 1


@linux
def test_what_is_still_at_work_when_the_time_is_over_is_ended() -> None:
    def do(item: int) -> str:
        time.sleep(0 if item == 0 else 600)
        return f"did {item}"

    begun = time.monotonic()
    done = list(in_order(range(4), do, lost, 2, until=begun + 2, late=lambda item: f"late {item}"))
    assert (done, time.monotonic() - begun < 60) == (["did 0", "late 1", "late 2", "late 3"], True)


@linux
def test_what_is_done_in_time_comes_even_if_nobody_asked_before_the_end() -> None:
    results = in_order(range(2), slow_first, lost, 2, until=time.monotonic() + 30, late=lambda item: f"late {item}")
    assert list(results) == ["did 0", "did 1"]
