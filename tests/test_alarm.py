"""Work that does not look at the clock ends all the same, and other timers go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import pytest

from cwm_check.alarm import Late, ending_at, process_age

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


def endless(end: float) -> None:
    with ending_at(end):
        while True:
            pass


@pytest.mark.parametrize("seconds", [0.05, -1])
def test_work_without_end_is_interrupted_also_when_it_should_have_ended_before(seconds: float) -> None:
    with pytest.raises(Late):
        endless(time.monotonic() + seconds)


def test_work_that_ends_in_time_is_left_alone_then_and_later() -> None:
    with ending_at(time.monotonic() + 0.05):
        made = sum(range(10))
    time.sleep(0.1)
    assert made == 45


def test_a_timer_that_was_set_before_goes_on() -> None:
    rung: list[int] = []

    def ring(number: int, frame: FrameType | None) -> None:
        rung.append(number)

    handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with ending_at(time.monotonic() + 30):
            pass
        end = time.monotonic() + 10
        while not rung and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
    assert rung == [signal.SIGALRM]


def test_other_threads_are_not_interrupted() -> None:
    ended: list[bool] = []

    def work() -> None:
        with ending_at(time.monotonic() + 0.01):
            time.sleep(0.1)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="told by /proc")
def test_the_age_of_a_process_counts_from_its_start() -> None:
    code = "import time; time.sleep(0.5); from cwm_check.alarm import process_age; print(process_age())"
    begun = time.monotonic()
    told = float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    passed = time.monotonic() - begun
    assert 0.45 < told <= passed + 0.1 or passed > 10  # 0 on a machine that takes that long to begin


def test_a_process_that_was_another_program_before_does_not_count_as_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.alarm.START", 0.0)
    assert process_age() == 0.0
