"""What changed: what the user asked for goes in, a `ChangeSet` comes out, with the text of each changed Python file
before and after.

Sources are the index, a range of revisions, the work tree, a patch and two files. Nothing is checked out, run or
written. Leaves out files that do not end in `.py`, and what the changes mean. The parts are in `sources/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cwm_check.changes import FileChange
from cwm_check.errors import CwmCheckError
from cwm_check.sources import comparisons, plumbing
from cwm_check.sources.comparisons import Comparison, read_comparison, shown_lines
from cwm_check.sources.patches import parse_patch
from cwm_check.sources.selection import narrowed
from cwm_check.sources.texts import decode, file_change
from cwm_check.sources.trees import Tree, revision_tree, work_tree
from cwm_check.sources.versions import Bases, read_versions


@dataclass(frozen=True, slots=True)
class Staged:
    """HEAD against the index: what the next commit will hold."""


@dataclass(frozen=True, slots=True)
class WorkTree:
    """HEAD against the tracked files of the work tree."""


@dataclass(frozen=True, slots=True)
class Range:
    """One revision against another, or against HEAD."""

    base: str
    head: str | None = None
    three_dot: bool = True
    """From the merge base of the two, not from `base` itself."""


@dataclass(frozen=True, slots=True)
class FirstPush:
    """A branch goes, with its root commit, to a remote that has none of it."""

    remote: str
    head: str


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch; bytes that are not UTF-8 are surrogate escapes in `text`."""

    text: str
    base: str | None = None
    """The revision that it applies to, for blobs that it does not name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files."""

    before: Path
    after: Path


Wanted = Staged | WorkTree | Range | FirstPush | Patch | Pair


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The changed Python files, sorted by path, and the files of both sides."""

    changes: tuple[FileChange, ...]
    before: Tree
    after: Tree
    notes: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()
    """Commit and message, of the commits of a range that declare a change of behaviour."""
    shown_lines: Callable[[str], tuple[int, ...] | None] = lambda path: None
    """The lines that git's own diff adds to a file; None: the `added_lines` of the change are all there is."""


def find_root(folder: Path) -> Path:
    """Return the top of the work tree around a folder, or the repository itself if it is bare."""
    try:
        return plumbing.top(folder)
    except plumbing.GitError as error:
        if "not a git repository" not in str(error):
            raise
        raise CwmCheckError(f"{folder} is in no git repository: change to one, or use --before and --after") from error


def hook_source(environ: Mapping[str, str]) -> Staged | Range | FirstPush:
    """Return what pre-commit wants checked: a range, a first push, else the index."""
    base, head = environ.get("PRE_COMMIT_FROM_REF"), environ.get("PRE_COMMIT_TO_REF")
    remote, branch = environ.get("PRE_COMMIT_REMOTE_NAME"), environ.get("PRE_COMMIT_LOCAL_BRANCH")
    if base and head:
        return Range(base, head)
    return FirstPush(remote, branch) if remote and branch else Staged()


def read_changes(wanted: Wanted, root: Path | None, paths: Sequence[str]) -> ChangeSet:
    """Return what changed; `paths` are files and folders, as named after the change, to which it is narrowed."""
    match wanted:
        case Pair() if paths:
            raise CwmCheckError("paths narrow a change; with --before and --after there is one file: leave them out")
        case Pair():
            return _read_pair(wanted)
        case Patch():
            return _read_patch(wanted, root, paths)
    if root is None:
        raise CwmCheckError("this needs a git repository: change to one, or use --before and --after")
    comparison = _compare(wanted, root)
    changes, notes = read_comparison(comparison, paths)
    return ChangeSet(changes, comparison.before, comparison.after, notes, comparison.messages, shown_lines(comparison))


def _compare(wanted: Staged | WorkTree | Range | FirstPush, root: Path) -> Comparison:
    match wanted:
        case Staged():
            return comparisons.staged(root)
        case WorkTree():
            return comparisons.unstaged(root)
        case Range(base, head, three_dot):
            return comparisons.between(root, base, head or "HEAD", three_dot=three_dot)
        case FirstPush(remote, head):
            return comparisons.first_push(root, remote, head)


def _read_patch(wanted: Patch, root: Path | None, paths: Sequence[str]) -> ChangeSet:
    tree, bases = Tree(), Bases()
    if root:
        blobs = plumbing.Blobs(root)
        base = wanted.base and revision_tree(root, blobs, comparisons.revision(root, wanted.base))
        tree, bases = base or work_tree(root), Bases(blobs, base or None, work_tree(root))
    patches = parse_patch(wanted.text)
    found, notes = read_versions(patches, bases)
    chosen = narrowed([change.path for change in found], paths, root or Path.cwd())
    changes = tuple(change for change in found if change.path in chosen)
    # All files of the patch, not the chosen ones, make the sides.
    before = {change.path: None for change in found} | {change.before_path: change.before for change in found}
    after = {change.before_path: None for change in found} | {change.path: change.after for change in found}
    notes += () if patches else ("the patch is empty: there is no diff to check",)
    return ChangeSet(changes, tree.with_texts(before), tree.with_texts(after), notes)


def _read_pair(wanted: Pair) -> ChangeSet:
    before, after = (decode(_read_bytes(path)) for path in (wanted.before, wanted.after))
    before_path, path = wanted.before.as_posix(), wanted.after.as_posix()
    change = file_change(path, before_path, before, after)
    # Other files of their folders belong to neither version.
    trees = Tree(texts={before_path: before.text}), Tree(texts={path: after.text})
    return ChangeSet((change,) if change else (), *trees)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CwmCheckError(f"cannot read {path}: {error.strerror}") from error
