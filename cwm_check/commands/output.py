"""Where the words go: reports to standard output or to files, progress and notes to standard error.

A file appears whole or not at all. A reader that leaves early (`| head`) changes nothing else.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cwm_check.errors import CwmCheckError
from cwm_check.kinds import nearest
from cwm_check.wording import printable

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "html")
_BAR = 20
_FOR_PEOPLE = frozenset({"text", "concise"})


@dataclass(frozen=True, slots=True)
class Target:
    """One report to write."""

    format: str
    path: Path | None
    """None: standard output."""

    @property
    def may_be_silent(self) -> bool:
        """Whether leaving the report out breaks no program that reads it."""
        return self.path is None and self.format in _FOR_PEOPLE


def targets_from(texts: Sequence[str]) -> tuple[Target, ...]:
    """Parse `FORMAT[:PATH]` texts; without any, the text report goes to standard output."""
    targets = tuple(_target(text) for text in texts or ("text",))
    if sum(target.path is None for target in targets) > 1:
        raise CwmCheckError("--format: only one report can go to standard output; write the others as FORMAT:PATH")
    return targets


def _target(text: str) -> Target:
    name, colon, path = text.partition(":")
    if name not in FORMATS or (colon and not path):
        raise CwmCheckError(f"--format {text}: expected {'|'.join(FORMATS)}[:PATH]{nearest(name, FORMATS)}")
    return Target(name, Path(path) if path else None)


def write(target: Target, render: Callable[[TextIO], object]) -> None:
    """Write what `render` gives to its target."""
    text = io.StringIO()
    render(text)
    if target.path is None:
        with reader_may_leave():
            sys.stdout.write(text.getvalue())
        return
    try:
        _write_file(target.path, text.getvalue())
    except OSError as error:
        raise CwmCheckError(f"cannot write {target.path}: {error.strerror}") from error


def _write_file(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():  # /dev/stderr, a named pipe: replacing it would destroy it
        path.write_text(text, encoding="utf-8")
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def say(lines: Iterable[str]) -> None:
    """Print lines to standard output."""
    with reader_may_leave():
        sys.stdout.writelines(f"{line}\n" for line in lines)


def complain(lines: Iterable[str]) -> None:
    """Print lines to standard error, each with the name of the program; what they quote cannot begin one of its own."""
    sys.stderr.writelines(f"cwm-check: {printable(line)}\n" for line in lines)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Go on when the reader of standard output has gone; any other failure to write is an error."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise CwmCheckError(f"cannot write to standard output: {error.strerror}") from error


def wants_color(choice: str, stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether to colour: as the flag says, else NO_COLOR and FORCE_COLOR, else on terminals."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    return stream.isatty() and environ.get("TERM") != "dumb"


def progress_on(stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Callable[[str, int, int], None] | None:
    """Return a function that shows what is looked at and the time left, on one line; None where no one watches."""
    if not stream.isatty():
        return None
    started = clock()

    def show(what: str, done: int, total: int) -> None:
        seconds = (clock() - started) / done * (total - done) if done else None
        line = _bar(what, done, total, seconds, shutil.get_terminal_size().columns - 1) if done < total else ""
        stream.write(f"\r\x1b[K{line}")
        stream.flush()

    return show


def _bar(what: str, done: int, total: int, seconds: float | None, width: int) -> str:
    """Return `[####......] 4/10, 12 s left: Cart.total`."""
    filled = _BAR * done // total
    left = "" if seconds is None else f", {seconds:.0f} s left"
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{total}{left}: {what}"[:width]
