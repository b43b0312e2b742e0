"""The same change gives the same bytes: again, with other hash seeds, in another folder.

And a change of layout costs little.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cwm_check.commands.demo import FILE, make_history
from cwm_check.commands.output import FORMATS
from cwm_check.sandbox.native import native_code

# Sets, dicts, unknown objects, a helper, an exception, and texts that differ from run to run where hashes do.
BEFORE = """
import orders

KINDS = {"paper", "cloth", "leather"}

def _rate(kind):
    return 2 if kind in KINDS else 3

def kinds(extra):
    return KINDS | {extra, "board"}

def price(kind, client):
    order = client.find(kind)
    if not order.open:
        raise KeyError(kind)
    return order.count * _rate(kind), hash(kind)

def names(rows):
    return sorted({row.name for row in rows})
"""
AFTER = BEFORE.replace('"board"', '"wood"').replace("else 3", "else 4").replace("KeyError", "ValueError")
AFTER = AFTER.replace("sorted({row.name for row in rows})", "list({row.name for row in rows if row.open})")


def stage(root: Path) -> None:
    """Make a repository in `root` with the change staged."""
    root.mkdir()
    for text, arguments in ((BEFORE, ("commit", "--quiet", "--message=before")), (AFTER, ("add", "goods.py"))):
        (root / "goods.py").write_text(text)
        for command in (("init", "--quiet"), ("add", "goods.py"), arguments):
            git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
            subprocess.run([*git, *command], cwd=root, check=True)


def reports(root: Path, environ: Mapping[str, str], *options: str) -> dict[str, bytes]:
    """Return what the command line writes about the staged change, by format."""
    folder = root.with_name(root.name + "-reports")
    folder.mkdir()
    formats = [f"--format={name}:{folder / name}" for name in FORMATS]
    command = [sys.executable, "-m", "cwm_check", "check", "--staged", *formats, f"--write-tests={folder}", *options]
    subprocess.run(command, cwd=root, env=os.environ | environ, check=True, capture_output=True)
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    return written


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    root = tmp_path_factory.mktemp("repeatable") / "repo"
    stage(root)
    return root, reports(root, {}, "--no-cache", "--jobs=1")


SURROUNDINGS = {
    "again": {},
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "another time zone and language": {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"},
}


@pytest.mark.parametrize("environ", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_the_same_change_gives_the_same_bytes(first: tuple[Path, dict[str, bytes]], environ: Mapping[str, str]) -> None:
    root, expected = first
    assert reports(root, environ) == expected


WAYS = {
    "two processes": ("--no-cache", "--jobs=2"),
    "one process and a cache": ("--jobs=1",),
    "two processes and a cache": ("--jobs=2",),
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_processes_and_cache_do_not_change_a_byte(
    first: tuple[Path, dict[str, bytes]], options: tuple[str, ...], tmp_path: Path
) -> None:
    root, expected = first
    link = tmp_path / "cache"  # with the compiled sandbox, without results
    link.mkdir(mode=0o700)
    native = Path(native_code() or "")
    shutil.copy2(native, link / native.name)
    environ = {"CWM_CHECK_CACHE": str(link)}
    assert reports(root, environ, *options) == expected
    assert reports(root, environ, *options) == expected
    assert len(list(link.glob("results/*.json"))) == (0 if "--no-cache" in options else 4)


def test_the_folder_does_not_matter(first: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    root = tmp_path / "a folder with spaces"
    stage(root)
    assert reports(root, {}) == first[1]


def test_each_change_is_found(first: tuple[Path, dict[str, bytes]]) -> None:
    # Else equal bytes would say little.
    assert first[1]["text"].splitlines()[-1] == b"4 functions: 0 same, 0 unchanged, 4 changed, 0 skipped"


def test_a_staged_change_of_layout_takes_little_time(tmp_path: Path) -> None:
    make_history(tmp_path)
    file = tmp_path / FILE
    file.write_text(file.read_text().replace("(prices))", "( prices ) )  # all of them").replace("\n\n\n", "\n\n"))
    subprocess.run(["git", "add", FILE], cwd=tmp_path, check=True)

    def seconds() -> float:
        """Of processor time, so that a busy machine does not count."""
        before = os.times()
        command = [sys.executable, "-m", "cwm_check", "check", "--staged"]
        run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        assert run.stdout == b"0 functions: 0 same, 0 unchanged, 0 changed, 0 skipped\n"
        after = os.times()
        return after.children_user - before.children_user + after.children_system - before.children_system

    assert min(seconds() for _ in range(3)) < 0.5  # about 0.3 on a busy machine; libcst alone costs as much
