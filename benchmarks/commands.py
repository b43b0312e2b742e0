"""The cold start of each command, and a commit that only changes layout: a fresh process each time."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.material import layout, stage
from benchmarks.processes import run, typical

COMMANDS = {
    "python, empty": ["-c", "pass"],
    "--version": ["-m", "cwm_check", "--version"],
    "--help": ["-m", "cwm_check", "--help"],
    "check --help": ["-m", "cwm_check", "check", "--help"],
    "rules": ["-m", "cwm_check", "rules"],
    "explain CWM001": ["-m", "cwm_check", "explain", "CWM001"],
    "config": ["-m", "cwm_check", "config"],
    "doctor": ["-m", "cwm_check", "doctor"],
    "model list": ["-m", "cwm_check", "model", "list"],
    "check, layout only": ["-m", "cwm_check", "check", "--staged"],
    "hook, layout only": ["-m", "cwm_check", "hook"],
}


def measure(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return the cost of each command in a repository in which ten files were laid out anew."""
    root = stage(folder / "layout", *layout())
    found = {}
    for name, arguments in COMMANDS.items():
        costs = [run([sys.executable, *arguments], root) for _ in range(rounds)]
        assert {cost.status for cost in costs} == {0}, name
        found[name] = typical(costs)
    return found
