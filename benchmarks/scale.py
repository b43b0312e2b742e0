"""1, 10, 100, ... changed functions: seconds and memory, first with an empty cache of results, then once more."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.material import copies, stage
from benchmarks.processes import Cost, run

REPORT = ("-m", "cwm_check", "check", "--staged", "--format=json", "--time-budget=3600")


def measure(folder: Path, sizes: Sequence[int], options: Sequence[str]) -> dict[str, object]:
    """Return the cost for each number of functions, and how far the largest is from linear in the one before."""
    command = [sys.executable, *REPORT, *options]
    cache = _with_compiled_sandbox(folder)
    found: dict[str, object] = {}
    seconds: list[float] = []
    for size in sizes:
        root = stage(folder / str(size), *copies(size))
        shutil.rmtree(cache / "results", ignore_errors=True)
        first, second = (run(command, root, {"CWM_CHECK_CACHE": str(cache)}) for _ in range(2))
        assert first.output == second.output, "the same change must give the same bytes"
        verdicts = [f["verdict"] for f in json.loads(first.output)["functions"]]
        assert len(verdicts) == size
        counts = {kind: verdicts.count(kind) for kind in sorted(set(verdicts))}
        found[str(size)] = {"first": _told(first), "second": _told(second), "verdicts": counts}
        seconds.append(first.seconds)
    if len(sizes) > 1:
        found["times linear"] = round(seconds[-1] / seconds[-2] / (sizes[-1] / sizes[-2]), 2)
    return found


def _told(cost: Cost) -> dict[str, float]:
    return {
        "seconds": round(cost.seconds, 2),
        "processor": round(cost.processor, 2),
        "memory": round(cost.memory),
    }


def _with_compiled_sandbox(folder: Path) -> Path:
    """A cache folder of our own in which the sandbox is compiled already."""
    cache = folder / "cache"
    open_once = "from cwm_check.sandbox.component import Sandbox; Sandbox()"
    run([sys.executable, "-c", open_once], folder, {"CWM_CHECK_CACHE": str(cache)})
    return cache
