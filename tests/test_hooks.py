"""The launchers for plain git, with real commits and pushes; marked slow: the hook as the framework installs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cwm_check.commands.demo import FILE, make_history

PROJECT = Path(__file__).parent.parent
LAUNCHERS = sorted((PROJECT / "hooks").iterdir())

Run = subprocess.CompletedProcess[str]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository of the demo, with our launchers as its hooks, and a change of behaviour that is staged."""
    root = tmp_path / "history"
    root.mkdir()
    make_history(root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "a@example.org")
    git("config", "core.hooksPath", str(PROJECT / "hooks"))
    monkeypatch.setenv("CWM_CHECK_TIME_BUDGET", "0")  # facts only, for speed
    monkeypatch.setenv("CWM_CHECK_NO_CACHE", "true")  # another test may have run the same functions
    stage('separator: str = ", ', 'separator: str = "; ')
    return root


def run(*command: str) -> Run:
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def git(*arguments: str) -> Run:
    return run("git", *arguments)


def stage(before: str, after: str) -> None:
    Path(FILE).write_text(Path(FILE).read_text().replace(before, after))
    git("add", FILE)


def block_findings() -> None:
    Path("pyproject.toml").write_text('[tool.cwm-check]\nfail-on = "warning"\n')
    git("add", "pyproject.toml")
    git("commit", "--no-verify", "-qm", "settings", "pyproject.toml")


@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda path: path.name)
def test_a_launcher_is_short_and_executable(launcher: Path) -> None:
    assert len(launcher.read_text().splitlines()) < 20
    assert os.access(launcher, os.X_OK)


# --- pre-commit


def test_a_commit_passes_by_default(history: Path) -> None:
    done = git("commit", "-qm", "more")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_commit_is_stopped_where_findings_block(history: Path) -> None:
    block_findings()
    done = git("commit", "-qm", "more")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "cwm-check: 1 finding at or over --fail-on warning")
    assert git("diff", "--cached", "--name-only").stdout == f"{FILE}\n"


def test_what_is_not_staged_does_not_stop_a_commit(history: Path) -> None:
    block_findings()
    git("reset", "-q")
    Path("notes.txt").write_text("x")
    git("add", "notes.txt")
    assert git("commit", "-qm", "notes").returncode == 0


def test_commit_all_is_judged_by_the_index_that_git_makes_for_it(history: Path) -> None:
    block_findings()
    git("reset", "-q")
    assert git("commit", "-qam", "more").returncode == 1


# --- commit-msg


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("refactor: simpler", 1),
        ("perf(prices): faster", 1),
        ("refactor!: another total", 0),
        ("fix: the total", 0),
        ("refactoring of the total", 0),
    ],
)
def test_a_message_is_held_to_its_word(history: Path, subject: str, status: int) -> None:
    assert git("commit", "-qm", subject).returncode == status


def test_a_trailer_with_a_reason_frees_a_refactoring(history: Path) -> None:
    trailer = "Behaviour-Change: shelf_label -- wider labels"
    assert git("commit", "-qm", f"refactor: simpler\n\n{trailer}").returncode == 0


def test_a_trailer_that_names_nothing_is_told(history: Path) -> None:
    done = git("commit", "-qm", "labels\n\nBehaviour-Change: shelf_lable -- wider labels")
    note = "the message: Behaviour-Change: shelf_lable is no function that changed; did you mean shelf_label?"
    assert (done.returncode, done.stderr.splitlines()) == (0, [f"cwm-check: {note}"])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("price - discount", "(price) - (discount + 0 * price)", []),
        ("    words = separator.join(tags)\n", "    all = separator.join(tags)\n", ["fix"]),
        ('separator: str = "; ', 'separator: str = "! ', []),
    ],
    ids=["not known", "proved the same", "changed"],
)
def test_a_fix_that_changes_nothing_is_a_note(history: Path, before: str, after: str, expected: list[str]) -> None:
    git("commit", "-qm", "labels")
    stage(before, after)
    stage("{words}", "{all}" if expected else "{words}")
    done = git("commit", "-qm", "fix: labels")
    note = "cwm-check: note: the message says fix:, but no change of behaviour was found"
    assert (done.returncode, done.stderr.splitlines()) == (0, [note] * len(expected))


def test_a_refactoring_that_changes_nothing_passes(history: Path) -> None:
    git("reset", "-q", "--hard")
    stage("price - discount", "price-discount")
    assert git("commit", "-qm", "refactor: fewer spaces").returncode == 0


# --- pre-push


@pytest.fixture
def remote(history: Path, tmp_path: Path) -> str:
    """A bare repository that has all commits but the staged change, which is committed here."""
    block_findings()
    path = str(tmp_path / "remote.git")
    git("init", "-q", "--bare", path)
    git("remote", "add", "origin", path)
    git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/main")
    git("commit", "--no-verify", "-qm", "more")
    return path


def test_a_push_to_a_branch_is_judged(remote: str) -> None:
    done = git("push", "-q", "origin", "HEAD:refs/heads/main")
    assert (done.returncode, FILE in done.stdout.splitlines() + done.stderr.splitlines()) == (1, True)


def test_a_push_of_nothing_new_passes(remote: str) -> None:
    assert git("push", "-q", "origin", "HEAD~1:refs/heads/main").returncode == 0


def test_a_push_that_deletes_a_branch_passes(remote: str) -> None:
    git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/other")
    assert git("push", "-q", "origin", ":refs/heads/other").returncode == 0


def test_a_push_of_a_new_branch_is_judged_from_where_it_leaves_the_remote(remote: str) -> None:
    git("fetch", "-q", "origin")
    git("remote", "set-head", "origin", "main")
    assert git("push", "-q", "origin", "HEAD:refs/heads/new").returncode == 1


# --- the pre-commit framework


def test_the_manifest_and_the_configuration_are_valid() -> None:
    manifest = run(sys.executable, "-m", "pre_commit", "validate-manifest", str(PROJECT / ".pre-commit-hooks.yaml"))
    config = run(sys.executable, "-m", "pre_commit", "validate-config", str(PROJECT / ".pre-commit-config.yaml"))
    assert [(done.returncode, done.stdout, done.stderr) for done in (manifest, config)] == [(0, "", "")] * 2


def hooks() -> list[dict[str, Any]]:
    manifest = (PROJECT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(manifest))


def test_the_hooks_differ_in_when_they_run_and_share_one_environment() -> None:
    stages = {hook["id"]: hook["stages"] for hook in hooks()}
    commit = ["pre-commit", "pre-merge-commit", "pre-push", "manual"]
    assert stages == {
        "cwm-check": commit,
        "cwm-check-push": ["pre-push", "manual"],
        "cwm-check-all": commit,
        "cwm-check-commit-msg": ["commit-msg"],
    }
    # pre-commit builds one environment for each list of dependencies.
    assert {tuple(hook["additional_dependencies"]) for hook in hooks()} == {("onnxruntime>=1.28",)}


def test_the_page_of_the_hook_names_every_hook() -> None:
    page = (PROJECT / "docs" / "hook.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(cwm-check[\w-]*)` \|", page, re.MULTILINE) == [hook["id"] for hook in hooks()]


LIMIT = 250  # MiB: what pre-commit.ci allows for a hook
CONFIG = """\
repos:
  - repo: {clone}
    rev: {revision}
    hooks:
      - id: cwm-check
        stages: [pre-commit]
      - id: cwm-check-push
      - id: cwm-check-commit-msg
"""


def size_of(folder: Path) -> float:
    """Return the MiB that all files below a folder hold."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 2**20


@pytest.mark.slow
def test_the_framework_installs_and_runs_the_hooks(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.delenv("CWM_CHECK_TIME_BUDGET")
    block_findings()
    git("config", "--unset", "core.hooksPath")
    clone = tmp_path / "clone"
    git("clone", "-q", str(PROJECT), str(clone))
    revision = run("git", "-C", str(clone), "rev-parse", "HEAD").stdout.strip()
    Path(".pre-commit-config.yaml").write_text(CONFIG.format(clone=clone, revision=revision))
    git("add", ".pre-commit-config.yaml")
    git("commit", "--no-verify", "-qm", "hooks", ".pre-commit-config.yaml")
    framework = [sys.executable, "-m", "pre_commit"]
    types = [part for kind in ("pre-commit", "pre-push", "commit-msg") for part in ("-t", kind)]
    done = run(*framework, "install", "--install-hooks", *types)
    assert done.returncode == 0, done.stdout + done.stderr

    def told(done: Run) -> tuple[int, bool, bool]:
        lines = (done.stdout + done.stderr).splitlines()
        return done.returncode, FILE in lines, "- exit code: 1" in lines

    stopped = git("commit", "-m", "more")
    assert told(stopped) == (1, True, True), stopped.stdout + stopped.stderr
    monkeypatch.setenv("CWM_CHECK_FAIL_ON", "never")
    refused = git("commit", "-m", "refactor: more")
    assert told(refused) == (1, True, True), refused.stdout + refused.stderr
    assert git("commit", "-qm", "more").returncode == 0
    monkeypatch.delenv("CWM_CHECK_FAIL_ON")
    remote = str(tmp_path / "remote.git")
    git("init", "-q", "--bare", remote)
    git("remote", "add", "origin", remote)
    git("push", "-q", "--no-verify", "origin", "HEAD~1:refs/heads/main")
    pushed = git("push", "origin", "HEAD:refs/heads/main")
    assert told(pushed) == (1, True, True), pushed.stdout + pushed.stderr
    assert git("push", "-q", "--no-verify", "origin", "HEAD:refs/heads/main").returncode == 0

    (environment,) = (tmp_path / "pre-commit").glob("repo*/py_env-*")
    size = size_of(environment)
    with capsys.disabled():
        print(f"\nthe environment of the hook: {size:.0f} MiB of {LIMIT}")
    assert size < LIMIT
    shutil.rmtree(tmp_path / "pre-commit")
