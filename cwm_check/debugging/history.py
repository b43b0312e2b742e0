"""What was typed in former sessions of the debugger: read from a file at the beginning, written at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def kept(path: Path | None) -> Iterator[None]:
    """Keep what is typed in the file at `path`, if there is one; only this user can read it."""
    try:
        import readline
    except ImportError:  # not on this system
        yield
        return
    if path is not None and path.exists():
        with suppress(OSError):
            readline.read_history_file(path)
    try:
        yield
    finally:
        if path is not None:
            with suppress(OSError):  # a cache that cannot be written
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                readline.write_history_file(path)
