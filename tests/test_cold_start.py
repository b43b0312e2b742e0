"""What must be quick: help, and a commit that only formats, must not import the heavy libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cwm_check.commands.demo import FILE, make_history

HEAVY = ["libcst", "numpy", "wasmtime", "onnxruntime", "tokenizers", "torch", "transformers", "optimum"]

PROGRAM = """
import json, sys
from cwm_check.commands.cli import main
status = main({arguments})
print(json.dumps([status, [name for name in {heavy} if name in sys.modules]]))
"""


def imported_by(arguments: list[str], cwd: Path) -> tuple[int, list[str]]:
    program = PROGRAM.format(arguments=arguments, heavy=HEAVY)
    run = subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True, check=True)
    status, modules = json.loads(run.stdout.splitlines()[-1])
    return status, modules


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["check", "--help"], ["rules"], ["explain", "CWM001"], ["config"]],
    ids=" ".join,
)
def test_commands_that_analyse_nothing_import_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    assert imported_by(arguments, tmp_path) == (0, [])


def test_help_is_quick(tmp_path: Path) -> None:
    def seconds() -> float:
        """Of processor time, so that a busy machine does not count."""
        before = os.times()
        subprocess.run([sys.executable, "-m", "cwm_check", "--help"], cwd=tmp_path, check=True, capture_output=True)
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    assert min(seconds() for _ in range(3)) < 0.3


def test_a_commit_that_only_formats_imports_nothing_heavy(tmp_path: Path) -> None:
    make_history(tmp_path)
    file = tmp_path / FILE
    file.write_text(file.read_text().replace("(prices))", "( prices ) )  # all of them").replace("\n\n\n", "\n\n"))
    assert imported_by(["check", "--format", "json"], tmp_path) == (0, [])


def test_a_commit_without_python_imports_nothing_heavy(tmp_path: Path) -> None:
    make_history(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    subprocess.run(["git", "add", "notes.txt"], cwd=tmp_path, check=True)
    assert imported_by(["check", "--staged", "--format", "json"], tmp_path) == (0, [])
