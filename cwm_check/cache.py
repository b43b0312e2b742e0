"""The user's cache folder: bytes go in under a name, and come out only if nobody else can have written them.

A file appears whole or not at all, so that two processes at once do no harm; a cache that cannot be written costs time
only. What the repository under check brings along is no cache: a folder inside its work tree is not used.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ASIDE = ".cwm-check-"  # how the names of unfinished files begin


def cache_folder() -> Path:
    """Where things are kept: CWM_CHECK_CACHE, else XDG_CACHE_HOME/cwm-check, else ~/.cache/cwm-check."""
    if own := os.environ.get("CWM_CHECK_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "cwm-check"
    except RuntimeError:  # no home directory
        return Path(tempfile.gettempdir()) / f"cwm-check-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def is_private(path: Path) -> bool:
    """Whether `path` is a file of this user that nobody else can write or swap, outside the repository under check."""
    try:
        file, folder = path.lstat(), path.parent.stat()
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(file.st_mode) or _is_in_work_tree(path.parent):
        return False
    return all(map(_only_ours, (file, folder)))


def load(path: Path, most: int) -> bytes | None:
    """Return what a private file of at most `most` bytes holds; None if there is no such file."""
    try:
        if not is_private(path) or path.stat().st_size > most:
            return None
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        return None


def keep(path: Path, data: bytes) -> bool:
    """Write a file aside, then move it into place; return whether that worked."""
    if _is_in_work_tree(path.parent):
        return False
    aside = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=ASIDE)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(aside, path)
    except OSError:
        if aside:
            Path(aside).unlink(missing_ok=True)
        return False
    return True


def prune(folder: Path, pattern: str, *, files: int, size: int, days: float) -> None:
    """Delete what matches `pattern` and is older than `days`, and the oldest beyond so many `files` or bytes."""
    found = []
    for path in folder.glob(pattern):
        with suppress(OSError):
            found.append((path.lstat(), path))
    found.sort(key=lambda item: (-item[0].st_mtime_ns, item[1]))
    oldest, total = time.time() - days * 86_400, 0
    for count, (info, path) in enumerate(found):
        total += info.st_size
        if count >= files or total > size or info.st_mtime < oldest:
            with suppress(OSError):
                path.unlink()


def _only_ours(info: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True
    return info.st_uid == os.getuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _is_in_work_tree(folder: Path) -> bool:
    """Whether `folder` is inside the work tree around the current folder: a commit could have put files there."""
    here = Path.cwd().resolve()
    root = next((place for place in (here, *here.parents) if (place / ".git").exists()), None)
    return root is not None and folder.resolve().is_relative_to(root)
