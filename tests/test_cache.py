"""The cache folder: what is loaded from it, what is kept in it, and what it does when it cannot."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from cwm_check import cache
from cwm_check.sandbox import native


def kept(folder: Path) -> Path:
    path = folder / "cache" / "thing"
    assert cache.keep(path, b"data")
    return path


def test_what_is_kept_is_loaded_again(tmp_path: Path) -> None:
    assert cache.load(kept(tmp_path), 100) == b"data"


def _writable_by_the_group(path: Path) -> None:
    path.chmod(0o660)


def _writable_by_all(path: Path) -> None:
    path.chmod(0o602)


def _in_a_folder_of_all(path: Path) -> None:
    path.parent.chmod(0o777)


def _a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _of_another_user(path: Path) -> None:
    if os.getuid():
        pytest.skip("only root gives files away")
    os.chown(path, 12345, 12345)


def _gone(path: Path) -> None:
    path.unlink()


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HOSTILE = [
    _writable_by_the_group,
    _writable_by_all,
    _in_a_folder_of_all,
    _a_link,
    _of_another_user,
    _gone,
    _a_folder,
]


@pytest.mark.parametrize("spoil", HOSTILE, ids=lambda spoil: spoil.__name__.strip("_"))
def test_what_another_could_have_written_is_not_loaded(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = kept(tmp_path)
    spoil(path)
    assert cache.load(path, 100) is None


def test_what_is_too_large_is_not_loaded(tmp_path: Path) -> None:
    assert cache.load(kept(tmp_path), 3) is None


def test_the_work_tree_under_check_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    assert cache.load(path, 100) is None
    assert not cache.keep(path, b"other")


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not cache.keep(tmp_path / "file" / "cache" / "thing", b"data")


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not cache.keep(tmp_path / "thing", b"data")
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_go_first_and_other_files_stay(tmp_path: Path) -> None:
    for age in range(6):
        (tmp_path / f"{age}.json").write_text("12345")
        os.utime(tmp_path / f"{age}.json", (2e9 - age, 2e9 - age))
    (tmp_path / "mine.txt").write_text("")
    cache.prune(tmp_path, "*.json", files=4, size=16, days=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.json", "1.json", "2.json", "mine.txt"]
    cache.prune(tmp_path, "*.json", files=4, size=16, days=-1e6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]


# --- the native code of the sandbox: here of an empty component, which is compiled at once

EMPTY = b"\0asm\x0d\0\1\0"
TOLD = "compiling the sandbox once; this takes about 20 seconds"
RUN = """
import sys
from pathlib import Path
from wasmtime import Config, Engine
from cwm_check.sandbox import native
from cwm_check.sandbox.component import Sandbox

def engine():
    config = Config()
    config.consume_fuel = True
    for feature in sys.argv[2:]:
        config.cranelift_flag_set(feature, "false")
    return Engine(config)

native.COMPONENT, native._engine = Path(sys.argv[1]), engine
print(Sandbox(print).imports)
"""


def opened(folder: Path, *lacking: str) -> list[str]:
    """Return what opening a sandbox says, with `folder` as the cache, in a process of its own.

    As on a processor that is `lacking` some instructions, by Cranelift's names.
    """
    with tempfile.TemporaryDirectory() as here:
        empty = Path(here) / "empty.wasm"
        empty.write_bytes(EMPTY)
        environ = os.environ | {"CWM_CHECK_CACHE": str(folder)}
        command = [sys.executable, "-c", RUN, str(empty), *lacking]
        run = subprocess.run(command, env=environ, cwd=here, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


@pytest.mark.parametrize("folders", [1, 0, 2], ids=["one folder", "none", "two: one half removed"])
def test_the_version_of_wasmtime_is_that_of_its_metadata(
    folders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wasmtime").mkdir()
    for number in range(folders):
        (tmp_path / f"wasmtime-{number}.0.1.dist-info").mkdir()
    import wasmtime

    assert native._wasmtime_version() == version("wasmtime")
    monkeypatch.setattr(wasmtime, "__file__", str(tmp_path / "wasmtime" / "__init__.py"))
    assert native._wasmtime_version() == ("0.0.1" if folders == 1 else version("wasmtime"))


def test_native_code_is_compiled_once(tmp_path: Path) -> None:
    assert opened(tmp_path) == [TOLD, "[]"]
    assert opened(tmp_path) == ["[]"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the names of its instructions")
def test_each_kind_of_processor_has_native_code_of_its_own(tmp_path: Path) -> None:
    for lacking in ((), ("has_popcnt",)):
        assert opened(tmp_path, *lacking) == [TOLD, "[]"]
    for lacking in ((), ("has_popcnt",)):
        assert opened(tmp_path, *lacking) == ["[]"]
    assert len(list(tmp_path.glob("*.cwasm"))) == 2


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"garbage" * 100], ids=["empty", "cut short", "garbage"])
def test_native_code_that_is_broken_is_compiled_again(tmp_path: Path, content: bytes) -> None:
    opened(tmp_path)
    (native,) = tmp_path.glob("*.cwasm")
    whole = native.stat().st_size
    native.write_bytes(content)
    assert opened(tmp_path) == [TOLD, "[]"]
    assert native.stat().st_size == whole


def test_native_code_that_others_can_write_is_not_loaded(tmp_path: Path) -> None:
    opened(tmp_path)
    (native,) = tmp_path.glob("*.cwasm")
    native.chmod(0o666)
    assert opened(tmp_path) == [TOLD, "[]"]
    assert opened(tmp_path) == ["[]"]


def test_a_component_that_was_written_again_has_native_code_of_its_own(tmp_path: Path) -> None:
    component = tmp_path / "empty.wasm"
    hashes = []
    for text in (EMPTY, EMPTY, EMPTY + b"\0\1\0"):  # a section that means nothing
        component.write_bytes(text)
        environ = os.environ | {"CWM_CHECK_CACHE": str(tmp_path / "cache")}
        code = (
            "import sys; from pathlib import Path; from cwm_check.sandbox import native as c;"
            "c.COMPONENT = Path(sys.argv[1]); print(c._component_hash(), c._component_hash())"
        )
        command = [sys.executable, "-c", code, str(component)]
        run = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True)
        hashes.append(run.stdout.split())
    expected = [[hashlib.sha256(text).hexdigest()] * 2 for text in (EMPTY, EMPTY, EMPTY + b"\0\1\0")]
    assert hashes == expected


def test_native_code_that_nobody_used_for_long_is_deleted(tmp_path: Path) -> None:
    stale, unfinished, recent = (tmp_path / name for name in ("sandbox-1.cwasm", ".cwm-check-1", "sandbox-2.cwasm"))
    for path in (stale, unfinished, recent):
        path.write_text("")
    os.utime(stale, (0, 0))
    os.utime(unfinished, (0, 0))
    opened(tmp_path)
    assert recent.exists()
    assert not stale.exists()
    assert not unfinished.exists()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="Linux only")
def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = opened(tmp_path / "file" / "cache")
    assert [told[0], told[-1]] == [TOLD, "[]"]
    assert "cannot keep it" in told[1]
