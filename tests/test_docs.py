"""What the pages say is so: links lead somewhere, settings and commands are those there are, the sample is real."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from cwm_check.commands.cli import commands, main
from cwm_check.commands.demo import make_history
from cwm_check.config import Config, load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)) if "://" not in link]
    broken = []
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_the_page_of_the_command_line_has_every_setting_with_its_default() -> None:
    (sample,) = re.findall(r"```toml\n(.*?)```", read("docs/cli.md"), re.DOTALL)
    table = tomllib.loads(sample)["tool"]["cwm-check"]
    shown = load(sample, {}, {}).config
    examples = {"include", "exclude", "exclude_functions", "disable", "levels"}
    defaults = {field.name for field in fields(Config)} - examples

    assert sorted(table) == sorted(field.name.replace("_", "-") for field in fields(Config))
    assert {name: getattr(shown, name) for name in defaults} == {name: getattr(Config(), name) for name in defaults}


def test_the_page_of_the_command_line_names_every_command() -> None:
    page = read("docs/cli.md")

    assert [name for name in commands.commands if f"`{name}" not in page and f"cwm-check {name}" not in page] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for(shell: str) -> None:
    command = [sys.executable, "-m", "cwm_check"]
    script = {"_CWM_CHECK_COMPLETE": f"{shell}_source", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=script, capture_output=True, text=True, check=True)

    assert "_CWM_CHECK_COMPLETE" in done.stdout


def test_completion_knows_the_commands() -> None:
    words = {"_CWM_CHECK_COMPLETE": "bash_complete", "COMP_WORDS": "cwm-check ex", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "cwm_check"]
    done = subprocess.run(command, env=words, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["plain,explain"]


def test_the_sample_of_the_readme_is_what_the_demo_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (sample,) = re.findall(
        r"```console\n\$ cwm-check check --from-ref HEAD~1\.\.HEAD\n(.*?)```", read("README.md"), re.DOTALL
    )
    make_history(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert main(["check", "--from-ref", "HEAD~1..HEAD"]) == 0
    assert capsys.readouterr().out == sample


def test_the_trace_of_the_readme_is_what_the_command_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,) = re.findall(r"```python\n(def count_letters.*?)```", read("README.md"), re.DOTALL)
    ((line, sample),) = re.findall(r"```console\n\$ cwm-check (trace .*?)\n(.*?)```", read("README.md"), re.DOTALL)
    (tmp_path / "letters.py").write_text(program, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert main(shlex.split(line)) == 0
    assert capsys.readouterr().out == sample
