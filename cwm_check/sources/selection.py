"""Selection: the paths that a user types narrow the paths that changed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from cwm_check.errors import CwmCheckError
from cwm_check.sources.plumbing import commit, label

_RANGE = re.compile(r"[^-./\s]([^\s]*[^/\s])?\.{2,3}([^./\s][^\s]*(?<!\.py))?")
"""`main..topic`, `v1.0...HEAD~2`, `main..`; but no `../a.py`, no `a/../b`."""


def narrowed(names: Collection[str], paths: Sequence[str], root: Path) -> frozenset[str]:
    """Return the `names`, relative to `root`, that are at or below one of `paths`, relative to the current folder."""
    if not paths:
        return frozenset(names)
    above = {name: {name, *map(str, PurePosixPath(name).parents)} for name in names}
    known = frozenset().union(*above.values())
    wanted = {_from_root(path, root, known) for path in paths}
    return frozenset(name for name in names if above[name] & wanted)


def _from_root(path: str, root: Path, known: Collection[str]) -> str:
    place = os.path.relpath(_real(path), os.path.realpath(root))
    if place == os.pardir or place.startswith(os.pardir + os.sep):
        raise CwmCheckError(f"{path} is outside the repository {root}")
    name = label(os.fsencode(place)).replace(os.sep, "/")
    # A deleted file has changed but is not there.
    if name not in known and not os.path.lexists(path):
        raise CwmCheckError(f"{path}: no such file or folder, and no such path changed{_hint(path, root)}")
    return name


def _hint(path: str, root: Path) -> str:
    """How to name revisions, if that is what the text of a path looks like."""
    if not (_RANGE.fullmatch(path) or _is_revision(path, root)):
        return ""
    return f"; if revisions are meant: `--from-ref {path}`"


def _is_revision(name: str, root: Path) -> bool:
    try:
        return not name.startswith("-") and commit(root, name) is not None
    except CwmCheckError:  # a patch needs no git
        return False


def _real(path: str) -> str:
    """Return the real place of a folder, or the place of a file in its real folder: a file that is a link is itself."""
    if os.path.isdir(path):
        return os.path.realpath(path)
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)
