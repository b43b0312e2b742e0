"""Versions: a patch and the places where its base may be go in, the contents before and after of each file come out.

The base is the blob that the patch names, else the file at a given revision, else the file of the work tree: taken
back if the patch is in it already, taken on if not. Where none fits exactly, the file is reported and not guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cwm_check.changes import FileChange
from cwm_check.sources.patches import FilePatch, applied, undone
from cwm_check.sources.plumbing import Blobs, label
from cwm_check.sources.texts import decode, file_change
from cwm_check.sources.trees import Tree
from cwm_check.vocabulary import SkipReason

_LINK = "120000"


@dataclass(frozen=True, slots=True)
class Bases:
    """Where the base of a patch may be; None for a place that there is not."""

    blobs: Blobs | None = None
    revision: Tree | None = None
    work_tree: Tree | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """One file before and after a patch, or the problem with it; None as data: there is no such file."""

    before_path: str
    path: str
    before: bytes | None = None
    after: bytes | None = None
    problem: SkipReason | None = None


def read_versions(patches: Sequence[FilePatch], bases: Bases) -> tuple[tuple[FileChange, ...], tuple[str, ...]]:
    """Return the changed Python files of a patch, sorted, and what users must know about the others."""
    links = [patch for patch in patches if _concerns_python(patch) and patch.mode == _LINK]
    files = [patch for patch in patches if _concerns_python(patch) and patch.mode != _LINK and _does_something(patch)]
    changes = [_file_change(version) for version in _versions(files, bases)]
    notes = tuple(f"{_names(patch)[1]} is or was a symbolic link, which is not followed" for patch in links)
    return tuple(change for change in changes if change), notes


def _concerns_python(patch: FilePatch) -> bool:
    return patch.problem is SkipReason.SUBMODULE or any(name.endswith(".py") for name in _names(patch))


def _does_something(patch: FilePatch) -> bool:
    """Tell a change from a mere change of mode."""
    return bool(patch.hunks or patch.problem or patch.before_path != patch.path)


def _file_change(version: Versions) -> FileChange | None:
    if version.problem:
        return FileChange(version.path, version.before_path, None, None, problem=version.problem)
    contents = [None if data is None else decode(data) for data in (version.before, version.after)]
    return file_change(version.path, version.before_path, *contents)


def _versions(patches: Sequence[FilePatch], bases: Bases) -> tuple[Versions, ...]:
    """Return one record for each file, even if a series of commits changes it several times."""
    found: dict[str, Versions] = {}
    for patch in patches:
        former = found.pop(label(patch.before_path or b""), None)
        result = _continued(former, patch) if former else _first(patch, bases)
        found[result.path] = result
    return tuple(found[path] for path in sorted(found))


def _first(patch: FilePatch, bases: Bases) -> Versions:
    before_path, path = _names(patch)
    if patch.problem:
        return Versions(before_path, path, problem=patch.problem)
    for before, after in _candidates(patch, bases):
        if before is not None and after is not None:
            return Versions(before_path, path, *_present(patch, before, after))
    return Versions(before_path, path, problem=SkipReason.NO_BASE)


def _continued(former: Versions, patch: FilePatch) -> Versions:
    _, path = _names(patch)
    problem = former.problem or patch.problem
    after = None if problem or former.after is None else applied(patch.hunks, former.after)
    if after is None:
        return Versions(former.before_path, path, problem=problem or SkipReason.NO_BASE)
    return Versions(former.before_path, path, former.before, after if patch.path else None)


def _names(patch: FilePatch) -> tuple[str, str]:
    before_path, path = patch.before_path or patch.path or b"", patch.path or patch.before_path or b""
    return label(before_path), label(path)


def _present(patch: FilePatch, before: bytes, after: bytes) -> tuple[bytes | None, bytes | None]:
    return before if patch.before_path else None, after if patch.path else None


def _candidates(patch: FilePatch, bases: Bases) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield what before and after may be, the surest first; None where a place has no file or a hunk does not apply."""
    before_path, path = _names(patch)
    if patch.before_path is None:
        yield b"", applied(patch.hunks, b"")
    elif patch.path is None:
        # The patch holds the whole file that it deletes.
        yield applied(undone(patch.hunks), b""), b""
    if bases.blobs and patch.before_id:
        yield _forward(patch, bases.blobs.read(patch.before_id))
    if bases.revision:
        yield _forward(patch, bases.revision.data(before_path))
    if bases.work_tree:
        after = bases.work_tree.data(path)
        yield None if after is None else applied(undone(patch.hunks), after), after
        yield _forward(patch, bases.work_tree.data(before_path))


def _forward(patch: FilePatch, before: bytes | None) -> tuple[bytes | None, bytes | None]:
    return before, None if before is None else applied(patch.hunks, before)
