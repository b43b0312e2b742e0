"""Questions to git, one function each, by plumbing commands: a folder and names go in; ids, entries and bytes come
out.

Only raw records and blobs are asked for, never a patch: external diff tools, textconv, colours, prefixes and quoting
have nothing to act on. Nothing is written, not even the index. Leaves out what a change is (`git.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cwm_check.errors import CwmCheckError
from cwm_check.sources.texts import MAX_BYTES

_GIT = ("git", "--no-pager", "-c", "core.fsmonitor=false")
_HUNK = re.compile(rb"@@ -[\d,]+ \+(\d+)(?:,(\d+))? @@")
_RAW = ("--raw", "-z", "--no-abbrev", "-M", "-l1000", "--ignore-submodules=dirty")


class GitError(CwmCheckError):
    """Git refused; the message is git's own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of `git diff --raw`; an id is all zeros where there is no blob, or none yet."""

    before_mode: str
    after_mode: str
    before_id: str
    after_id: str
    status: str
    before_path: str
    path: str
    raw_path: bytes
    """The name in the file system, which need not be UTF-8."""


def git(folder: Path, *arguments: str) -> bytes:
    """Return what git prints; every command but the reader of blobs runs here."""
    command = [*_GIT, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True)
    except OSError as error:
        raise CwmCheckError(_cannot_start(folder, error)) from error
    if done.returncode:
        raise GitError(_complaint(done.stderr) or f"git {arguments[0]} failed with exit code {done.returncode}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Return the environment for git; GIT_INDEX_FILE stays, it names the index that is being committed."""
    environment = os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    # A hook or a user gives these relative to the current folder; git will run in another one.
    folders = {name: os.path.abspath(os.environ[name]) for name in ("GIT_DIR", "GIT_WORK_TREE") if name in os.environ}
    return environment | folders


def _cannot_start(folder: Path, error: OSError) -> str:
    if not shutil.which("git"):
        return "git was not found: install it, or compare two files with --before and --after"
    return f"cannot run git in {folder}: {error.strerror}"


def _complaint(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "backslashreplace").splitlines()
    if any("safe.directory" in line for line in lines):
        return f"git: {lines[0].removeprefix('fatal: ')}; run `{lines[-1].strip()}` if you trust it"
    fatal = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines[-1:]
    return "".join(f"git: {line.partition(': ')[2] or line}" for line in fatal[:1])


def label(name: bytes) -> str:
    """Return a file name as text that can always be printed."""
    return name.decode("utf-8", "backslashreplace")


def top(folder: Path) -> Path:
    """Return the top of the work tree around a folder, or the repository itself if it is bare."""
    try:
        found = git(folder, "rev-parse", "--show-toplevel")
    except GitError as error:
        if "must be run in a work tree" not in str(error):
            raise
        found = git(folder, "rev-parse", "--absolute-git-dir")
    return Path(os.fsdecode(found.removesuffix(b"\n")))


def commit(root: Path, revision: str) -> str | None:
    """Return the id of a commit; None if there is none of that name."""
    try:
        found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitError:
        return None
    return found.decode().strip()


def empty_tree(root: Path) -> str:
    """Return the id of the empty tree in the repository's hash."""
    return git(root, "hash-object", "-t", "tree", "--stdin").decode().strip()


def merge_base(root: Path, base: str, head: str) -> str | None:
    """Return the id of the best common ancestor of two commits, as three dots do; None if they have none."""
    try:
        return git(root, "merge-base", base, head).decode().strip()
    except GitError:
        return None


def is_shallow(root: Path) -> bool:
    """Tell whether the clone lacks a part of its history."""
    return git(root, "rev-parse", "--is-shallow-repository") == b"true\n"


def merge_heads(root: Path) -> tuple[str, ...]:
    """Return the commits that a merge in progress brings in."""
    path = root / os.fsdecode(git(root, "rev-parse", "--git-path", "MERGE_HEAD").removesuffix(b"\n"))
    return tuple(path.read_text(encoding="ascii").split()) if path.exists() else ()


def messages(root: Path, base: str | None, head: str, pattern: str) -> list[tuple[str, str]]:
    """Return short id and message of the commits of `head` that are not of `base` and have a line like `pattern`."""
    chosen = ("--extended-regexp", "--regexp-ignore-case", f"--grep={pattern}", head, *([f"^{base}"] if base else []))
    shown = git(root, "log", "-z", "--no-show-signature", "--encoding=UTF-8", "--format=%h%n%B", *chosen, "--")
    records = (record.decode("utf-8", "replace").partition("\n") for record in shown.split(b"\0") if record)
    return [(name, message) for name, _, message in records]


def compare_trees(root: Path, base: str, head: str) -> list[Entry]:
    """Return what changed from one commit or tree to another."""
    return _entries(git(root, "diff-tree", "-r", *_RAW, base, head, "--"))


def added_lines(root: Path, before: str, after: str) -> tuple[int, ...]:
    """Return the 1-based lines that git's diff of two blobs adds or edits: those that code hosts show as such."""
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--text", "--inter-hunk-context=0", "-U0")
    shown = git(root, "diff", *plain, "--diff-algorithm=myers", "--indent-heuristic", before, after)
    hunks = [found for line in shown.split(b"\n") if (found := _HUNK.match(line))]
    ranges = [(int(hunk[1]), int(hunk[2] or 1)) for hunk in hunks]
    return tuple(line for start, count in ranges for line in range(start, start + count))


def compare_index(root: Path, base: str) -> list[Entry]:
    """Return what changed from a commit or tree to the index."""
    return _entries(git(root, "diff-index", "--cached", "--ita-invisible-in-index", *_RAW, base, "--"))


def compare_work_tree(root: Path, base: str) -> list[Entry]:
    """Return what changed from a commit or tree to the tracked files of the work tree."""
    return _entries(git(root, "diff-index", *_RAW, base, "--"))


def _entries(output: bytes) -> list[Entry]:
    return list(_parse(iter(output.split(b"\0")[:-1])))


def _parse(fields: Iterator[bytes]) -> Iterator[Entry]:
    for head in fields:
        before_mode, after_mode, before_id, after_id, status = head.decode().removeprefix(":").split(" ")
        before = after = next(fields)
        if status[0] in "RC":
            after = next(fields)
        yield Entry(before_mode, after_mode, before_id, after_id, status[0], label(before), label(after), after)


class Blobs:
    """The blobs of a repository, from one `git cat-file` process that starts with the first question."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None
        self._process = os.getpid()
        self._known: dict[str, bytes | None] = {}

    def read(self, blob: str) -> bytes | None:
        """Return a blob by its id, which may be abbreviated, cut after `MAX_BYTES` + 1; None if it is not there."""
        if blob not in self._known:
            self._known[blob] = self._ask(blob)
        return self._known[blob]

    def _ask(self, blob: str) -> bytes | None:
        if self._process != os.getpid():  # forked: the pipes are the parent's
            self._pipes, self._process = None, os.getpid()
        questions, answers = self._pipes = self._pipes or self._start()
        try:
            questions.write(f"{blob}\n".encode())
            questions.flush()
        except BrokenPipeError as error:
            raise _stopped() from error
        match answers.readline().split():
            case [_, kind, size]:
                length = int(size)
                data = answers.read(min(length, MAX_BYTES + 1))
                _discard(answers, length - len(data) + 1)
                return data if kind == b"blob" else None
            case [_, _]:  # missing or ambiguous
                return None
        raise _stopped()

    def _start(self) -> tuple[IO[bytes], IO[bytes]]:
        process = subprocess.Popen(
            [*_GIT, "cat-file", "--batch"],
            cwd=self._root,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin
        assert process.stdout
        # The trees are read for as long as someone holds them: no `with` block spans that.
        weakref.finalize(self, _stop, process, os.getpid())
        return process.stdin, process.stdout


def _stopped() -> CwmCheckError:
    return CwmCheckError("git stopped while blobs were read: see what `git fsck` says")


def _discard(stream: IO[bytes], length: int) -> None:
    while length > 0 and (chunk := stream.read(min(length, MAX_BYTES))):
        length -= len(chunk)


def _stop(process: subprocess.Popen[bytes], owner: int) -> None:
    """End `process`, which only reads; a fork of its `owner`, in which it is collected too, must leave it alone.

    It is not left to see the end of its input: a fork that lives on holds that open.
    """
    if os.getpid() == owner:
        process.kill()
        process.communicate()
