"""`python -m tests.guards [WORD]`: takes each guard of docs/threat-model.md away, in a copy, and sees its test fail.

A guard is an edit of one file. The copy is put back after each. Exit code 1 if a test passes without its guard.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIMEOUT = 240  # seconds; a test that runs away without its guard has failed, too


@dataclass(frozen=True)
class Guard:
    """What is taken away, and which tests must notice."""

    name: str
    file: str
    text: str
    without: str
    tests: str
    builds: bool = False
    """The sandbox must be built again; needs componentize-py."""


GUARDS = (
    Guard("no system in the sandbox", "sandbox/build.py", '"--stub-wasi", ', "", "test_sandbox.py -k only_ask", True),
    Guard(
        "fuel", "sandbox/component.py", "store.set_fuel(fuel)", "store.set_fuel(2**62)", "test_sandbox.py -k limit_ends"
    ),
    Guard("memory", "sandbox/component.py", "MEMORY = 256 << 20", "MEMORY = 4 << 30", "test_sandbox.py -k limit_ends"),
    Guard("messages", "sandbox/component.py", "MESSAGES = 20_000", "MESSAGES = 10**9", "test_limits.py -k flood"),
    Guard("size of messages", "sandbox/messages.py", "4 << 20", "4 << 40", "test_limits.py -k measure"),
    Guard(
        "an instance for each run",
        "sandbox/component.py",
        'entry = self._linker.instantiate(store, self._component).get_func(store, "run")',
        'store, made = self.__dict__.setdefault("kept", (store, self._linker.instantiate(store, self._component)))\n'
        '            entry = made.get_func(store, "run")',
        "test_sandbox.py -k serves_on",
    ),
    Guard(
        "shape of messages", "sandbox/messages.py", "if not all(conditions):", "if False:", "test_sandbox.py -k forged"
    ),
    Guard("names of modules", "search/simulate.py", "part.isidentifier()", "True", "test_sandbox.py -k only_modules"),
    Guard(
        "rows of tests",
        "probing/scopes.py",
        "ROWS_OF_A_FILE = 5_000",
        "ROWS_OF_A_FILE = 10**12",
        "test_written.py -k hostile",
    ),
    Guard("the deadline", "sandbox/component.py", "if left <= 0:", "if False:", "test_limits.py -k deadline"),
    Guard(
        "nothing runs on the host", "literals.py", "\ndef ", "\nX = eval('1')\n\ndef ", "test_layers.py -k run_checked"
    ),
    Guard(
        "only git is started",
        "layout.py",
        "    try:\n",
        "    __import__('os').system('true')\n    try:\n",
        "test_hostile.py -k starts_git",
    ),
    Guard(
        "nothing is sent",
        "layout.py",
        "    try:\n",
        "    __import__('socket').socket().connect_ex(('127.0.0.1', 9))\n    try:\n",
        "test_hostile.py -k starts_git",
    ),
    Guard(
        "git's own helpers",
        "sources/plumbing.py",
        '"-c", "core.fsmonitor=false"',
        '"-P"',
        "test_git.py -k configuration",
    ),
    Guard("submodules", "sources/plumbing.py", '"--ignore-submodules=dirty"', '"-r"', "test_git.py -k submodule"),
    Guard(
        "links in a revision",
        "sources/trees.py",
        '("100644", "100755")',
        '("100644", "100755", "120000")',
        "test_git.py",
    ),
    Guard(
        "links in the work tree", "sources/trees.py", "os.path.realpath(root)) / name or", "path) and", "test_git.py"
    ),
    Guard("large files", "sources/texts.py", "if len(data) > MAX_BYTES:", "if False:", "test_git.py"),
    Guard(
        "settings of the base",
        "commands/judging.py",
        "if not isinstance(wanted, Range):",
        "if True:",
        "test_cli.py -k settings",
    ),
    Guard(
        "control characters", "wording.py", "c if c.isprintable() else", "c if True else", "test_hostile.py -k control"
    ),
    Guard(
        "workflow commands", "wording.py", "c if c.isprintable() else", "c if True else", "test_hostile.py -k begins"
    ),
    Guard("workflow commands: %", "reports/github.py", '.replace("%", "%25")', "", "test_report_github.py"),
    Guard(
        "HTML",
        "reports/html_text.py",
        "return escape(printable(raw))",
        "return printable(raw)",
        "test_hostile.py -k markup",
    ),
    Guard("tables in Markdown", "reports/markdown.py", 'cell.replace("|", "\\\\|")', "cell", "test_report_github.py"),
    Guard(
        "cache: owner and mode",
        "cache.py",
        "return all(map(_only_ours, (file, folder)))",
        "return True",
        "test_cache.py",
    ),
    Guard(
        "cache: links",
        "cache.py",
        "path.lstat(), path.parent.stat()",
        "path.stat(), path.parent.stat()",
        "test_cache.py",
    ),
    Guard("cache: work tree", "cache.py", "return root is not None and", "return False and", "test_cache.py"),
    Guard(
        "cache: kind of processor",
        "sandbox/native.py",
        "hashlib.sha256(_kind_of_processor()).hexdigest()",
        '""',
        "test_cache.py -k processor",
    ),
    Guard("cache: types", "records.py", "    if not holds:\n", "    if False:\n", "test_records.py"),
    Guard(
        "cache: what was read", "results.py", "if any(_digest(read(path)) != digest", "if any(False", "test_results.py"
    ),
    Guard(
        "a process that dies",
        "parallel.py",
        "except (EOFError, OSError):\n            self",
        "except ZeroDivisionError:\n            self",
        "test_parallel.py",
    ),
    Guard("orphans", "parallel.py", "        other.close()\n", "        pass\n", "test_parallel.py -k outlives"),
    Guard("model: hash", "store.py", "if hashes and sha256_of(path) != file.sha256:", "if False:", "test_store.py"),
    Guard("model: size", "store.py", "if size != file.size:", "if False:", "test_store.py"),
    Guard("model: LFS pointer", "store.py", "if opened.read(len(_LFS)) == _LFS:", "if False:", "test_store.py"),
    Guard("model: folder", "store.py", "if Path(file.name).name != file.name:", "if False:", "test_store.py"),
    Guard(
        "half a report",
        "commands/output.py",
        'aside = path.with_name(f".{path.name}.{os.getpid()}")',
        "aside = path",
        "test_faults.py -k former",
    ),
    Guard(
        "a reader that left",
        "commands/output.py",
        "if not isinstance(error, BrokenPipeError):",
        "if True:",
        "test_output.py",
    ),
)


def main() -> int:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", "runs", "__pycache__", ".*_cache"))
        for guard in GUARDS:
            if word in guard.name:
                noticed = list(_noticed(guard, copy))
                passed += not noticed
                print(f"{guard.name}: {', '.join(noticed) or 'NOT NOTICED'}", flush=True)
    return int(passed > 0)


def _noticed(guard: Guard, copy: Path) -> Iterator[str]:
    """Yield the tests that fail without the guard."""
    path = copy / "cwm_check" / guard.file
    whole = path.read_text(encoding="utf-8")
    if guard.text not in whole:
        return
    wasm = copy / "cwm_check/sandbox/ground.wasm"
    built = wasm.read_bytes() if guard.builds else b""
    path.write_text(whole.replace(guard.text, guard.without, 1), encoding="utf-8")
    try:
        if guard.builds:
            _run(copy, "-m", "cwm_check.sandbox.build", str(wasm))
        yield from _failures(copy, guard.tests)
    finally:
        path.write_text(whole, encoding="utf-8")
        if guard.builds:
            wasm.write_bytes(built)


def _failures(copy: Path, tests: str) -> Iterator[str]:
    file, *options = tests.split()
    try:
        told = _run(
            copy, "-m", "pytest", "-q", "-x", "-n0", "-rfE", "-p", "no:cacheprovider", f"tests/{file}", *options
        )
    except subprocess.TimeoutExpired:
        yield f"{tests} (did not end)"
        return
    for line in told.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            yield line.split(" ")[1].removeprefix("tests/")


def _run(copy: Path, *arguments: str) -> str:
    environ = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environ, capture_output=True, text=True, timeout=TIMEOUT
    )
    return run.stdout


if __name__ == "__main__":
    sys.exit(main())
