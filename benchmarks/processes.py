"""One command in, what it cost out: seconds, processor seconds, and the most memory that it and its children held."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

INTERVAL = 0.03  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command cost."""

    seconds: float
    processor: float
    """Seconds of all its processes together."""
    memory: float
    """MB; shared pages are counted once (PSS). 0 for what ends at once."""
    status: int
    output: str


def run(command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end; what it says on standard error is not kept."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=os.environ | dict(environ or {}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    watch = _Watch(process.pid)
    watch.start()
    assert process.stdout
    output = process.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.done.set()
    watch.join()
    return Cost(seconds, usage.ru_utime + usage.ru_stime, watch.most, process.returncode, output)


def typical(costs: Sequence[Cost]) -> dict[str, float]:
    """Return the best and the middle wall time, and the least processor time."""
    return {
        "seconds": round(median(c.seconds for c in costs), 3),
        "best": round(min(c.seconds for c in costs), 3),
        "processor": round(min(c.processor for c in costs), 3),
        "memory": round(max(c.memory for c in costs)),
    }


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children, again and again; Linux only."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.most = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(INTERVAL):
            self.most = max(self.most, sum(map(_memory, _family(self._pid))))


def _family(pid: int) -> list[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return [pid]
    return [pid, *(member for text in lists for child in text.split() for member in _family(int(child)))]


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
