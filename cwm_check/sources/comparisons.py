"""Comparisons: two sides that git knows go in (revisions, the index, the work tree), the changed Python files come
out as text.

While a merge is in progress, what the merged branch brings in unchanged is left out: it was checked where it was
made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cwm_check.changes import FileChange
from cwm_check.errors import CwmCheckError
from cwm_check.sources import plumbing
from cwm_check.sources.lines import adopt, only_added
from cwm_check.sources.plumbing import Blobs, Entry
from cwm_check.sources.selection import narrowed
from cwm_check.sources.texts import MAX_BYTES, Content, decode, file_change
from cwm_check.sources.trees import Tree, index_tree, read_file, revision_tree, work_tree
from cwm_check.vocabulary import SkipReason

_DECLARED = "^behaviou?r-change:"
_FILES = ("100644", "100755")
_LINK, _SUBMODULE = "120000", "160000"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What git says about two sides, and how to read them."""

    root: Path
    blobs: Blobs
    entries: Sequence[Entry]
    before: Tree
    after: Tree
    nothing: str
    """What to say if there is no entry."""
    merged: tuple[Mapping[str, Entry], ...] = ()
    """For each branch of a merge in progress: what differs from it, by path."""
    in_work_tree: bool = False
    """The texts after the change are files, not blobs."""
    messages: tuple[tuple[str, str], ...] = ()
    """Commit and message, of the commits that say what changes."""


def staged(root: Path) -> Comparison:
    """Compare HEAD with the index."""
    base, blobs = _head_or_nothing(root), Blobs(root)
    entries = plumbing.compare_index(root, base)
    merged = tuple(_by_path(plumbing.compare_index(root, head)) for head in plumbing.merge_heads(root))
    before, after = revision_tree(root, blobs, base), index_tree(root, blobs)
    return Comparison(root, blobs, entries, before, after, "nothing is staged: there is no diff to check", merged)


def unstaged(root: Path) -> Comparison:
    """Compare HEAD with the work tree, staged changes included."""
    base, blobs = _head_or_nothing(root), Blobs(root)
    entries = plumbing.compare_work_tree(root, base)
    merged = tuple(_by_path(plumbing.compare_work_tree(root, head)) for head in plumbing.merge_heads(root))
    before, after = revision_tree(root, blobs, base), work_tree(root)
    nothing = "no tracked file differs from HEAD: there is no diff to check"
    return Comparison(root, blobs, entries, before, after, nothing, merged, in_work_tree=True)


def between(root: Path, base: str, head: str, *, three_dot: bool) -> Comparison:
    """Compare two revisions; with three dots, the merge base of the two with the second."""
    start, end = revision(root, base), revision(root, head)
    if three_dot:
        start = plumbing.merge_base(root, start, end) or _no_merge_base(root, base, head)
    return _of_trees(root, start, end, f"{base} and {head} do not differ: there is no diff to check")


def first_push(root: Path, remote: str, head: str) -> Comparison:
    """Compare what the remote's default branch shares with `head`, perhaps nothing, with `head`."""
    default, end = plumbing.commit(root, f"refs/remotes/{remote}/HEAD"), revision(root, head)
    start = (default and plumbing.merge_base(root, default, end)) or plumbing.empty_tree(root)
    return _of_trees(root, start, end, f"{remote} has all of {head}: there is no diff to check")


def _of_trees(root: Path, start: str, end: str, nothing: str) -> Comparison:
    blobs = Blobs(root)
    entries = plumbing.compare_trees(root, start, end)
    before, after = revision_tree(root, blobs, start), revision_tree(root, blobs, end)
    messages = plumbing.messages(root, plumbing.commit(root, start), end, _DECLARED)
    return Comparison(root, blobs, entries, before, after, nothing, messages=tuple(messages))


def revision(root: Path, name: str) -> str:
    """Return the id of the commit that a user names."""
    if name.startswith("-"):
        raise CwmCheckError(f"{name} is an option, not a revision")
    found = plumbing.commit(root, name)
    if found is None:
        raise CwmCheckError(f"unknown revision {name!r}: check the spelling, or fetch it first with `git fetch`")
    return found


def _head_or_nothing(root: Path) -> str:
    return plumbing.commit(root, "HEAD") or plumbing.empty_tree(root)


def _no_merge_base(root: Path, base: str, head: str) -> str:
    if plumbing.is_shallow(root):
        cure = "run `git fetch --deepen=100` or `git fetch --unshallow`"
        raise CwmCheckError(f"no merge base of {base} and {head} in this shallow clone: {cure}")
    raise CwmCheckError(f"{base} and {head} have no common commit: write {base}..{head} to compare them directly")


def _by_path(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {entry.path: entry for entry in entries}


def read_comparison(comparison: Comparison, paths: Sequence[str]) -> tuple[tuple[FileChange, ...], tuple[str, ...]]:
    """Return the changed Python files among `paths`, sorted, and what users must know about the others."""
    chosen = narrowed([entry.path for entry in comparison.entries], paths, comparison.root)
    entries = [entry for entry in comparison.entries if entry.path in chosen and _concerns_python(entry)]
    fresh = [entry for entry in entries if all(entry.path in branch for branch in comparison.merged)]
    changes = [_change(entry, comparison) for entry in fresh if not _note(entry)]
    notes = [] if comparison.entries else [comparison.nothing]
    if len(fresh) < len(entries):
        notes.append(
            f"a merge is in progress: files that equal the merged branch are left out ({len(entries) - len(fresh)})"
        )
    notes += [note for entry in fresh if (note := _note(entry))]
    return tuple(sorted((change for change in changes if change), key=lambda change: change.path)), tuple(notes)


def shown_lines(comparison: Comparison) -> Callable[[str], tuple[int, ...] | None]:
    """Return a function that gives the lines that git's own diff adds to a file; None where no host will show one."""
    entries = _by_path(comparison.entries)

    def lines(path: str) -> tuple[int, ...] | None:
        entry = entries.get(path)
        has_blobs = entry and entry.before_mode in _FILES and entry.after_mode in _FILES
        if not entry or not has_blobs or comparison.merged or comparison.in_work_tree:
            return None
        before, after = (comparison.blobs.read(blob) for blob in (entry.before_id, entry.after_id))
        known = only_added(before, after) if before and after and max(len(before), len(after)) <= MAX_BYTES else None
        return plumbing.added_lines(comparison.root, entry.before_id, entry.after_id) if known is None else known

    return lines


def _concerns_python(entry: Entry) -> bool:
    modes = (entry.before_mode, entry.after_mode)
    return _SUBMODULE in modes or entry.path.endswith(".py") or entry.before_path.endswith(".py")


def _note(entry: Entry) -> str | None:
    """Return why the entry is no change of a file that can be read."""
    if entry.status == "U":
        return f"{entry.path} is unmerged: resolve the conflict and stage it"
    if _LINK in (entry.before_mode, entry.after_mode):
        return f"{entry.path} is or was a symbolic link, which is not followed"
    return None


def _change(entry: Entry, comparison: Comparison) -> FileChange | None:
    if _SUBMODULE in (entry.before_mode, entry.after_mode):
        return FileChange(entry.path, entry.before_path, None, None, problem=SkipReason.SUBMODULE)
    before, after = _before(entry, comparison.blobs), _after(entry, comparison)
    for branch in comparison.merged:
        before = _adopted(before, _before(branch[entry.path], comparison.blobs), after)
    return file_change(entry.path, entry.before_path, before, after)


def _before(entry: Entry, blobs: Blobs) -> Content | None:
    return None if entry.before_mode == "000000" else _content(entry.before_id, blobs)


def _after(entry: Entry, comparison: Comparison) -> Content | None:
    if entry.after_mode == "000000":
        return None
    if not comparison.in_work_tree:
        return _content(entry.after_id, comparison.blobs)
    data = read_file(comparison.root, os.fsdecode(entry.raw_path))
    return None if data is None else decode(data)


def _content(blob: str, blobs: Blobs) -> Content:
    data = blobs.read(blob)
    if data is None:
        raise CwmCheckError(f"the repository lacks the blob {blob}: fetch it, or see what `git fsck` says")
    return decode(data)


def _adopted(before: Content | None, theirs: Content | None, after: Content | None) -> Content | None:
    if before and theirs and after and before.text and theirs.text and after.text:
        return Content(adopt(before.text, theirs.text, after.text))
    return before
