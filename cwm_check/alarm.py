"""An end for work that does not look at the clock itself: a time goes in, and what goes on longer is interrupted.

By a signal, so in the main thread only, and where the system has it (not on Windows); elsewhere nothing is interrupted.
A call into C code ends before the interruption is seen.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SHORTEST = 0.001  # seconds: 0 would switch the timer off


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
