"""The benchmarks run: what they print is JSON with the figures that docs/speed.md quotes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.material import copies, pairs

ROOT = Path(__file__).parent.parent


def test_the_cost_of_each_command_is_measured() -> None:
    command = [sys.executable, "-m", "benchmarks", "commands", "--rounds", "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert found["machine"]["cores"] >= 1
    assert all(cost["seconds"] > 0 for cost in found["commands"].values())
    assert found["commands"]["python, empty"]["best"] < found["commands"]["check, layout only"]["best"]


def test_no_two_copies_are_equal_and_each_differs_before_and_after() -> None:
    before, after = copies(64)
    assert before.keys() == after.keys()
    assert len(before) == len({*before.values()}) == len({*after.values()}) == 64
    assert all(before[name] != after[name] for name in before)


def test_there_are_thirty_pairs() -> None:
    assert len(pairs()) == 30


def test_the_cost_of_each_changed_function_is_measured() -> None:
    command = [sys.executable, "-m", "benchmarks", "functions", "--limit", "2"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)["functions"]
    assert (found["pairs"], found["functions"]["count"]) == ("2 of 30", 2)
    assert 0 < found["functions"]["median"] <= found["functions"]["p95"]
