"""Where the time of a check goes: seconds of each stage on the thirty pairs, without what they call of other stages."""

from __future__ import annotations

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.material import pairs, stage

LOADED = (
    "libcst wasmtime cwm_check.extraction.functions cwm_check.trial cwm_check.findings cwm_check.search.simulate"
).split()
STAGES = {
    "git": ("cwm_check.commands.judging:read_changes",),
    "functions": ("cwm_check.extraction.functions:pair_functions",),
    "equivalence": ("cwm_check.equivalence:prove_same",),
    "facts": ("cwm_check.facts:find_facts",),
    "calls in the repository": ("cwm_check.trials:find_calls",),
    "probes": ("cwm_check.trial:synthesize", "cwm_check.trial:ranked_constants", "cwm_check.trial:hunks_of"),
    "simulate, on the host": (
        "cwm_check.search.simulate:Simulator.simulate",
        "cwm_check.search.simulate:Simulator.versions",
    ),
    "answers": ("cwm_check.search.simulate:answer",),
    "sandbox opened": ("cwm_check.sandbox.component:Sandbox.__init__",),
    "sandbox made native": ("cwm_check.trials:native_code",),
    "sandbox compiles modules": ("cwm_check.sandbox.component:Sandbox.compile",),
    "sandbox runs": ("cwm_check.sandbox.component:Sandbox.run",),
    "compare": ("cwm_check.trial:compare",),
    "findings": ("cwm_check.findings:findings_for",),
}


class Clock:
    """Seconds of each stage; while one runs, the one around it stands still."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: Counter[str] = Counter()
        self._now = now
        self._since = now()
        self._running = ["everything else"]

    def stop(self) -> None:
        """Add what the running stage took so far."""
        now = self._now()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def around(*arguments: Any, **keywords: Any) -> Any:
            self.stop()
            self._running.append(name)
            try:
                return function(*arguments, **keywords)
            finally:
                self.stop()
                self._running.pop()

        return around

    def imported(self, names: Sequence[str]) -> None:
        """Import what a check imports, as a stage of its own."""
        self.timed("imports", lambda: [importlib.import_module(name) for name in names])()

    def watch(self, name: str, place: str) -> None:
        """Count the function at `place`, `module:Class.function`, as the stage `name` from now on."""
        module, _, path = place.partition(":")
        *owners, leaf = path.split(".")
        owner: Any = importlib.import_module(module)
        for part in owners:
            owner = getattr(owner, part)
        setattr(owner, leaf, self.timed(name, getattr(owner, leaf)))


def measure(folder: Path) -> dict[str, float]:
    """Return the seconds of each stage in one process, the largest first."""
    texts = pairs()
    before, after = ({f"{name}.py": texts[name][side] for name in texts} for side in (0, 1))
    root = stage(folder / "pairs", before, after)
    clock = Clock()
    clock.imported(LOADED)
    for name, places in STAGES.items():
        for place in places:
            clock.watch(name, place)
    run = importlib.import_module("cwm_check.commands.run")
    os.chdir(root)
    options = {"formats": [f"json:{os.devnull}"], "quiet": True, "verbose": False, "color": "never"}
    clock.timed("everything else", run.run)(run.Staged(), (), options, defaults=run.Config())
    os.chdir("/")
    return {name: round(seconds, 3) for name, seconds in clock.seconds.most_common()}
