"""The Action's own scripts, run by bash in clones as `actions/checkout` makes them. Nothing reaches a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Repository
from runner import ACTION, PROJECT, STEPS, Job, holds

from cwm_check.cache import cache_folder

BEFORE = "def total(prices, discount=0):\n    return sum(prices) - discount\n"
AFTER = "def total(prices, discount=0):\n    return max(sum(prices) - discount, 0)\n"
ZEROS = "0" * 40
# Tools of tests stay in place; what users install is the slow test's.
READY = {"python": {"python-path": sys.executable, "python-version": "3"}, "cache": {"cache-hit": "true"}}


@dataclass(frozen=True)
class Pull:
    """A pull request on a server: `main` went on after the branch left it, and GitHub made a merge commit."""

    server: Path
    start: str
    main: str
    head: str
    merge: str

    def event(self, head_repository: str = "us/shop") -> dict[str, Any]:
        """Return the `github` context."""
        pull = {"head": {"sha": self.head, "repo": {"full_name": head_repository}}, "base": {"sha": self.start}}
        return {
            "event_name": "pull_request",
            "base_ref": "main",
            "repository": "us/shop",
            "event": {"pull_request": pull, "repository": {"default_branch": "main"}},
        }


@pytest.fixture
def pull(repo: Callable[..., Repository]) -> Pull:
    server = repo({"shop.py": BEFORE, "other.py": "def rate():\n    return 1\n"}, name="server")
    start = server.git("rev-parse", "HEAD")
    server.git("switch", "-q", "-c", "fix")
    for number in range(3):
        server.commit({"notes.txt": f"{number}\n"})
    head = server.commit({"shop.py": AFTER})
    server.git("switch", "-q", "main")
    main = server.commit({"other.py": "def rate():\n    return 2\n"})
    server.git("switch", "-q", "--detach")
    server.git("merge", "-q", "--no-ff", "-m", "merge", "fix")
    server.git("update-ref", "refs/pull/1/merge", "HEAD")
    merge = server.git("rev-parse", "HEAD")
    server.git("switch", "-q", "main")
    return Pull(server.root, start, main, head, merge)


def checkout(pull: Pull, folder: Path, commit: str, depth: int) -> Path:
    """Make a clone as `actions/checkout` does: one commit, few parents, no branches."""
    folder.mkdir()
    for arguments in (
        ["init", "-q"],
        ["remote", "add", "origin", f"file://{pull.server}"],
        ["fetch", "-q", "--no-tags", *([f"--depth={depth}"] if depth else []), "origin", commit],
        ["checkout", "-q", "--detach", commit],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def job(tmp_path: Path, root: Path, event: dict[str, Any], **given: str) -> Job:
    """Return a job whose environment is the one that runs the tests."""
    environment = tmp_path / "temp" / "cwm-check"
    environment.mkdir(parents=True)
    (environment / "venv").symlink_to(sys.prefix)
    cache_folder().mkdir(parents=True, exist_ok=True)
    (environment / "cache").symlink_to(cache_folder())
    inputs = {name.replace("_", "-"): value for name, value in given.items()}
    return Job(root, tmp_path / "temp", event, inputs, dict(READY))


def base_of(job: Job) -> tuple[int, str]:
    """Run only the step that finds the base, and return its exit code and what it found."""
    status = job._run(STEPS[0])
    return status, job.outputs["base"].get("range", "")


# --- which two commits


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_a_merge_commit_is_compared_with_its_first_parent(pull: Pull, tmp_path: Path, depth: int) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, depth)

    assert base_of(job(tmp_path, root, pull.event())) == (0, f"{pull.main}..{pull.merge}")


@pytest.mark.parametrize("depth", [1, 2, 0])
def test_a_checkout_of_the_branch_is_compared_with_the_merge_base(pull: Pull, tmp_path: Path, depth: int) -> None:
    root = checkout(pull, tmp_path / "clone", pull.head, depth)

    assert base_of(job(tmp_path, root, pull.event())) == (0, f"{pull.start}..{pull.head}")


@pytest.mark.parametrize("depth", [1, 0])
def test_a_push_is_compared_with_what_the_branch_was(pull: Pull, tmp_path: Path, depth: int) -> None:
    root = checkout(pull, tmp_path / "clone", pull.main, depth)
    event = {"event_name": "push", "event": {"before": pull.start, "repository": {"default_branch": "main"}}}

    assert base_of(job(tmp_path, root, event)) == (0, f"{pull.start}..{pull.main}")


@pytest.mark.parametrize("before", [ZEROS, "1" * 40, ""], ids=["new branch", "forced push", "no push"])
def test_without_a_former_commit_the_default_branch_is_the_base(pull: Pull, tmp_path: Path, before: str) -> None:
    root = checkout(pull, tmp_path / "clone", pull.head, 1)
    event = {"event_name": "push", "event": {"before": before, "repository": {"default_branch": "main"}}}

    assert base_of(job(tmp_path, root, event)) == (0, f"{pull.start}..{pull.head}")


def test_inputs_come_first(pull: Pull, tmp_path: Path) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 0)
    given = job(tmp_path, root, pull.event(), base=pull.start, head=pull.main)

    assert base_of(given) == (0, f"{pull.start}..{pull.main}")


def test_no_merge_base_is_one_clear_line(pull: Pull, repo: Callable[..., Repository], tmp_path: Path) -> None:
    stranger = repo({"a.py": ""}, name="stranger")
    stranger.git("remote", "add", "origin", str(pull.server))
    started = job(tmp_path, stranger.root, pull.event())

    assert base_of(started) == (2, "")
    assert started.log.splitlines() == [
        "::error title=cwm-check::no merge base with main: set fetch-depth: 0 in actions/checkout, or give base"
    ]


@pytest.mark.parametrize("text", ["$(touch gone)", "; touch gone", "--exec=touch gone", "HEAD`touch gone`"])
def test_an_input_is_never_a_command(pull: Pull, tmp_path: Path, text: str) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)

    status, _ = base_of(job(tmp_path, root, pull.event(), base=text))

    assert (status, sorted(path.name for path in root.iterdir())) == (2, [".git", "notes.txt", "other.py", "shop.py"])


# --- the whole job


def test_a_pull_request_is_judged(pull: Pull, tmp_path: Path) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)
    done = job(tmp_path, root, pull.event())

    assert done.run() == 0, done.log
    outputs = done.outputs["check"]
    (result,) = json.loads(Path(outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert (outputs["findings"], outputs["exit-code"]) == ("1", "0")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    assert [line.partition("title=")[0] for line in done.log.splitlines() if "::" in line] == [
        "::warning file=shop.py,line=2,"
    ]
    assert (tmp_path / "temp" / "summary.md").read_text().startswith("## cwm-check\n")
    assert Path(outputs["html-file"]).read_text().startswith("<!doctype html>")


def test_a_job_fails_after_its_reports_are_written(pull: Pull, tmp_path: Path) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)
    done = job(tmp_path, root, pull.event(), fail_on="warning", paths="shop.py\n", annotations="false")

    assert done.run() == 1
    assert (done.outputs["check"]["exit-code"], done.outputs["check"]["findings"]) == ("1", "1")
    assert Path(done.outputs["check"]["sarif-file"]).exists()
    assert "::" not in done.log


def test_paths_narrow_the_change(pull: Pull, tmp_path: Path) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)
    done = job(tmp_path, root, pull.event(), paths="other.py\n\nnotes.txt\n", fail_on="note")

    assert (done.run(), done.outputs["check"]["findings"]) == (0, "0"), done.log


@pytest.mark.parametrize("given", [{"fail_on": "sometimes"}, {"time_budget": "soon"}])
def test_a_wrong_input_stops_the_job(pull: Pull, tmp_path: Path, given: dict[str, str]) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)
    done = job(tmp_path, root, pull.event(), **given)

    assert (done.run(), "sarif-file" in done.outputs["check"]) == (2, False)


def test_another_runtime_is_refused(pull: Pull, tmp_path: Path) -> None:
    done = job(tmp_path, checkout(pull, tmp_path / "clone", pull.merge, 2), pull.event(), runtime="tpu")

    assert (done.run(), done.log.splitlines()[-1]) == (2, "::error title=cwm-check::runtime is cpu or gpu")


# --- the upload


@pytest.mark.parametrize(
    ("event_name", "head", "wanted", "written", "expected"),
    [
        ("pull_request", "us/shop", "true", "a.sarif", True),
        ("push", "", "true", "a.sarif", True),
        ("pull_request", "fork/shop", "true", "a.sarif", False),
        ("pull_request", "us/shop", "false", "a.sarif", False),
        ("pull_request", "us/shop", "true", "", False),
    ],
    ids=["own pull request", "push", "fork", "not wanted", "no report"],
)
def test_uploads_come_from_where_the_token_can(
    event_name: str, head: str, wanted: str, written: str, expected: bool
) -> None:
    (condition,) = [step["if"] for step in STEPS if "upload-sarif" in step.get("uses", "")]
    pulled = {"pull_request": {"head": {"repo": {"full_name": head}}}}
    contexts = {
        "github": {"event_name": event_name, "repository": "us/shop", "event": pulled},
        "inputs": {"upload-sarif": wanted},
        "steps": {"check": {"outputs": {"sarif-file": written}}},
    }

    assert holds(condition, contexts) == expected


# --- the files themselves


def test_inputs_reach_scripts_only_through_variables() -> None:
    assert [step["run"] for step in STEPS if "run" in step and "${{" in step["run"]] == []


def test_other_actions_are_pinned() -> None:
    workflows = [yaml.safe_load(path.read_text()) for path in (PROJECT / ".github" / "workflows").glob("*.yml")]
    steps = [step for workflow in workflows for job in workflow["jobs"].values() for step in job["steps"]]
    used = {step["uses"] for step in [*steps, *STEPS] if "uses" in step}

    assert [name for name in used if name != "./" and not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []


def test_the_page_of_the_action_names_all_inputs_and_outputs() -> None:
    page = (PROJECT / "docs" / "action.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)

    assert named == [*ACTION["inputs"], *ACTION["outputs"]]


def samples() -> list[str]:
    page = (PROJECT / "docs" / "action.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [text.replace("<owner>/<repository>@<commit id>", f"us/cwm-check@{'1' * 40} # v1") for text in found]


@pytest.mark.parametrize("number", range(2))
def test_a_workflow_to_copy_is_clean(number: int, tmp_path: Path) -> None:
    path = tmp_path / ".github" / "workflows" / "sample.yml"
    path.parent.mkdir(parents=True)
    path.write_text(samples()[number], encoding="utf-8")
    given = yaml.safe_load(samples()[number])["jobs"]["behaviour"]["steps"][-1].get("with", {})
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    audit = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--quiet", "--no-progress", str(tmp_path)]

    assert set(given) <= set(ACTION["inputs"])
    for command in (schema, audit):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(samples()) == 2


@pytest.mark.slow
def test_a_fresh_runner_installs_and_checks(pull: Pull, tmp_path: Path) -> None:
    root = checkout(pull, tmp_path / "clone", pull.merge, 2)
    (tmp_path / "temp").mkdir()
    fresh = Job(root, tmp_path / "temp", pull.event(), outputs={**READY, "cache": {"cache-hit": ""}})

    assert (fresh.run(), fresh.outputs["check"]["findings"]) == (0, "1"), fresh.log
    assert os.access(tmp_path / "temp" / "cwm-check" / "venv" / "bin" / "cwm-check", os.X_OK)
    shutil.rmtree(tmp_path / "temp")
