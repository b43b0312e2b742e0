from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cwm_check.commands.cli import main
from cwm_check.commands.demo import COMMITS, FILE, START, make_history
from cwm_check.errors import CwmCheckError


def versions(root: Path) -> list[str]:
    revisions = [f"HEAD~{n}" for n in range(len(COMMITS), -1, -1)]
    show = ["git", "-C", str(root), "show"]
    return [
        subprocess.run([*show, f"{revision}:{FILE}"], capture_output=True, text=True, check=True).stdout
        for revision in revisions
    ]


def test_each_commit_replaces_what_it_says(tmp_path: Path) -> None:
    make_history(tmp_path)
    texts = versions(tmp_path)
    assert texts[0] == START
    for (_, replacements), before, after in zip(COMMITS, texts, texts[1:], strict=False):
        assert [before.count(text) for text, _ in replacements] == [1] * len(replacements)
        assert [after.count(text) for _, text in replacements if text] == [1 for _, text in replacements if text]


def test_each_version_is_python(tmp_path: Path) -> None:
    make_history(tmp_path)
    for text in versions(tmp_path):
        compile(text, FILE, "exec")


def test_a_hostile_git_configuration_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[commit]\n\tgpgsign = true\n[core]\n\thooksPath = /nowhere\n[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    root = tmp_path / "history"
    root.mkdir()
    make_history(root)
    monkeypatch.delenv("GIT_DIR")
    assert versions(root)[0] == START


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CwmCheckError, match=r"^git init failed in "):
        make_history(tmp_path / "none")


def test_the_demo_finds_what_each_commit_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    _, *sections = capsys.readouterr().out.split("\n=== ")
    assert [section.splitlines()[0] for section in sections] == [subject for subject, _ in COMMITS]
    assert [re.findall(r"CWM\d+", section) for section in sections] == [[], ["CWM001"], ["CWM001", "CWM106"]]
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_left_is_no_failure(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cwm_check", "demo"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 0)
