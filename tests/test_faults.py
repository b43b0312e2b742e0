"""The machine fails: the command line says so in one line, with the right exit code, and leaves nothing half-done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from cwm_check.commands.demo import make_history

CHECK = [sys.executable, "-m", "cwm_check", "check", "--from-ref", "HEAD~1..HEAD"]
FOUND = "1 function: 0 same, 0 unchanged, 1 changed, 0 skipped"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    make_history(root)
    return root


def run(
    root: Path, *options: str, environ: Mapping[str, str | None] | None = None, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Check the last commit; a variable that is None is not set."""
    changed = os.environ | dict(environ or {})
    given = {name: value for name, value in changed.items() if value is not None}
    return subprocess.run([*before, *CHECK, *options], cwd=root, env=given, capture_output=True, text=True, timeout=900)


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_without_a_home_directory_the_change_is_found(history: Path) -> None:
    names = ("HOME", "XDG_CACHE_HOME", "USER", "LOGNAME")
    done = run(history, environ=dict.fromkeys(names))
    assert (done.returncode, lines(done.stdout)[-1], done.stderr) == (0, FOUND, "")


def test_without_git_there_is_one_line(history: Path, tmp_path: Path) -> None:
    done = run(history, environ={"PATH": str(tmp_path)})
    told = "cwm-check: git was not found: install it, or compare two files with --before and --after"
    assert (done.returncode, done.stdout, lines(done.stderr)) == (2, "", [told])


def test_a_git_that_does_not_know_an_option_is_told_in_one_line(history: Path, tmp_path: Path) -> None:
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(
        "#!/bin/sh\necho 'error: unknown option `no-abbrev'\\''' >&2\necho 'usage: git diff' >&2\nexit 129\n"
    )
    git.chmod(0o755)
    done = run(history, environ={"PATH": f"{git.parent}:{os.environ['PATH']}"})
    assert (done.returncode, done.stdout, lines(done.stderr)) == (2, "", ["cwm-check: git: unknown option `no-abbrev'"])


BROKEN = {
    "missing": "ImportError('not here')",
    "without its library": "OSError('cannot open shared object file')",
    "for newer processors": "RuntimeError('NumPy was built with baseline optimizations:\\n(X86_V2)')",
}


@pytest.mark.parametrize("raised", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("name", ["wasmtime", "onnxruntime", "numpy"])
def test_a_library_that_cannot_be_used_is_a_note_and_facts_are_told(
    history: Path, tmp_path: Path, name: str, raised: str
) -> None:
    (tmp_path / f"{name}.py").write_text(f"raise {raised}\n")
    done = run(history, "--format=json", environ={"PYTHONPATH": str(tmp_path)})
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "CWM106" in {finding["rule"] for finding in report["findings"]}
    assert [note for note in report["notes"] if name in note] or name != "wasmtime"  # else no model was needed


ASKING = "import requests\n\n\ndef f(x):\n    return 1 if requests.get(x).status_code {} 200 else 0\n"


@pytest.mark.parametrize(("name", "told"), [("numpy", "numpy does not work here"), ("onnxruntime", "no ONNX Runtime")])
def test_where_no_world_model_can_run_a_question_has_an_assumed_answer(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / f"{name}.py").write_text(f"raise {BROKEN['for newer processors']}\n")
    for side, sign in (("before", "=="), ("after", "!=")):
        (tmp_path / f"{side}_m.py").write_text(ASKING.format(sign))
    command = [*CHECK[:4], "--before=before_m.py", "--after=after_m.py", "--format=json"]
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}
    done, again = (
        subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=900)
        for _ in range(2)  # what was assumed is not kept as if the model had said it
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", again.stdout)
    report = json.loads(done.stdout)
    assert [function["verdict"] for function in report["functions"]] == ["changed"]
    assert [note for note in report["notes"] if told in note and "\n" not in note]


def test_a_broken_library_for_parsing_is_one_line(history: Path, tmp_path: Path) -> None:
    (tmp_path / "libcst.py").write_text("raise ImportError('not here')\n")
    done = run(history, environ={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, len(lines(done.stderr))) == (3, 1)


FULL = """
mount -t tmpfs -o size=60m,mode=700 none {folder} && cp {native} {folder} && printf former > {folder}/out.html
dd if=/dev/zero of={folder}/filling bs=1k 2>/dev/null
"$@"; status=$?
cat {folder}/out.html; ls -A {folder} {folder}/results 1>&2
exit $status
"""


def on_a_full_disk(cache: Path, tmp_path: Path) -> tuple[str, ...]:
    """What a command must begin with to find `tmp_path/full` full, with the compiled sandbox and a report in it."""
    folder = tmp_path / "full"
    folder.mkdir()
    script = FULL.format(folder=folder, native=next(cache.glob("*.cwasm")))
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("no mounts here")
    return inside


def test_on_a_full_disk_the_former_report_stays(history: Path, tmp_path: Path, cache: Path) -> None:
    inside = on_a_full_disk(cache, tmp_path)
    done = run(history, f"--format=html:{tmp_path}/full/out.html", before=inside)
    assert (done.returncode, done.stdout) == (2, "former")
    assert lines(done.stderr)[0] == f"cwm-check: cannot write {tmp_path}/full/out.html: No space left on device"
    assert not [name for name in lines(done.stderr) if name.startswith(".")]


def test_on_a_full_disk_results_are_not_kept(history: Path, tmp_path: Path, cache: Path) -> None:
    inside = on_a_full_disk(cache, tmp_path)
    done = run(history, before=inside, environ={"CWM_CHECK_CACHE": str(tmp_path / "full")})
    assert (done.returncode, lines(done.stdout)[-2:]) == (0, [FOUND, "former"])
    assert not [name for name in lines(done.stderr) if name.startswith(".") or name.endswith(".json")]


def _of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.0])
def test_a_check_that_is_killed_leaves_no_half_report_and_no_process(
    history: Path, tmp_path: Path, seconds: float
) -> None:
    report = tmp_path / "out.json"
    command = [*CHECK, f"--format=json:{report}", "--no-cache"]
    process = subprocess.Popen(command, cwd=history, start_new_session=True, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.wait()
    if report.exists():
        assert json.loads(report.read_text())
    assert _of(tmp_path) in (["repo"], ["out.json", "repo"])
    deadline = time.monotonic() + 60
    while _alive(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert lines(run(history).stdout)[-1] == FOUND


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interrupt_ends_it_without_a_traceback(history: Path) -> None:
    process = subprocess.Popen(
        [*CHECK, "--no-cache"], cwd=history, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=900)
    assert "Traceback" not in told


def test_two_checks_at_once_say_the_same(history: Path, cache: Path) -> None:
    for path in cache.glob("results/*"):
        path.unlink()
    both = [subprocess.Popen(CHECK, cwd=history, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=900)[0] for process in both]
    assert said[0] == said[1]
    assert lines(said[0])[-1] == FOUND
    assert not list(cache.glob("results/.*"))
