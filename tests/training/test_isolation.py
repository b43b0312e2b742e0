"""Limits around code that runs in training: each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cwm_check.training.isolation import OutOfTimeError, time_limit


def run_limited(body: str, seconds: int = 5) -> str:
    code = f"from cwm_check.training.isolation import limit_this_process\nlimit_this_process({seconds})\n"
    code += f"try:\n    {body}\nexcept BaseException as problem:\n    print(type(problem).__name__)\n"
    code += "else:\n    print('ran')\n"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    return run.stdout.strip()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("import subprocess; subprocess.run(['true'])", "PermissionError", id="a subprocess"),
        pytest.param("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError", id="a connection"),
        pytest.param("open('/etc/cwm-check-test', 'w')", "PermissionError", id="a file elsewhere"),
        pytest.param("import os; os.remove('/etc/hostname')", "PermissionError", id="deleting"),
        pytest.param("bytearray(8 << 30)", "MemoryError", id="memory"),
        pytest.param("open('here.txt', 'w').close()", "ran", id="a file in the scratch folder"),
        pytest.param("open('/etc/hostname').read()", "ran", id="reading"),
        pytest.param("sum(range(1000))", "ran", id="computing"),
    ],
)
def test_what_limited_code_may_do(body: str, expected: str) -> None:
    assert run_limited(body) == expected


def test_the_scratch_folder_goes_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert run_limited("import os; os.mkdir('a'); open('a/b.txt', 'w').close()") == "ran"
    assert list(tmp_path.iterdir()) == []


def test_time_runs_out() -> None:
    assert run_limited("exec('while True: pass')", seconds=1) == "OutOfTimeError"


def test_a_block_has_a_time_limit() -> None:
    with pytest.raises(OutOfTimeError), time_limit(0.05):
        time.sleep(5)


def test_a_quick_block_is_left_alone() -> None:
    with time_limit(5):
        done = sum(range(10))
    assert done == 45
