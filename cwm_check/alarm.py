"""An end for work that does not look at the clock itself: a time goes in, and what goes on longer is interrupted.

By a signal, so in the main thread only, and where the system has it (not on Windows); elsewhere nothing is interrupted.
A call into C code ends before the interruption is seen.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SHORTEST = 0.001  # seconds: 0 would switch the timer off
START = 10.0  # seconds: a process that is older was another program before it became this one


class Late(Exception):
    """The time is over: the work ends wherever it is."""


@contextmanager
def ending_at(end: float) -> Iterator[None]:
    """Raise `Late` in the block at `end`, a monotonic time. A timer that was set before goes on afterwards."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    begun = time.monotonic()
    handler = signal.signal(signal.SIGALRM, _raise)
    left, interval = signal.setitimer(signal.ITIMER_REAL, max(end - begun, SHORTEST))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - begun), SHORTEST), interval)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Late


def process_age() -> float:
    """Return how many seconds ago this process was started, by Linux' own account; 0 where that is not known."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        ticks = os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / ticks
        return age if 0 < age < START else 0.0
    except (OSError, AttributeError, ValueError, IndexError):
        return 0.0
