"""What the sandbox does in a second: instances, runs of a one-line function, questions, pairs of runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from cwm_check.sandbox.component import Sandbox
from tests.simulations import simulated

SECONDS = 2.0
ASKS = "def f(x):\n    for i in range(300):\n        x.item(i)\n"
QUESTIONS = 300 * 2 * 2  # an attribute and a call, on both versions


def measure() -> dict[str, float]:
    """Return rates per second, each over two seconds, on one core."""
    begun = time.perf_counter()
    sandbox = Sandbox()
    opened = time.perf_counter() - begun
    return {
        "seconds to open": round(opened, 3),
        "instances per second": _rate(sandbox.instance),
        "pairs of runs per second, one line": 2 * _rate(lambda: simulated(sandbox, "def f(x): return x + 1\n", x="1")),
        "questions per second": QUESTIONS * _rate(lambda: simulated(sandbox, ASKS, x=None)),
    }


def _rate(work: Callable[[], object]) -> float:
    work()
    begun, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - begun) < SECONDS:
        work()
        count += 1
    return round(count / passed, 1)
