"""Limits for a process that runs generated or installed code: time, memory, and no way to the outside.

Covered: processor time, memory, file size, core dumps, sockets, subprocesses, changing files outside the temporary
directory. Not covered: a determined attack; what runs here is generated or comes from packages one installs anyway.
"""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.kill",
    "os.posix_spawn",
    "ctypes.dlopen",
    "webbrowser.open",
)
_CHANGES_FILES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "os.truncate",
    "shutil.rmtree",
)
_GIGABYTE = 1 << 30


class OutOfTimeError(BaseException):
    """The time of a run is used up; derives from BaseException so that the code run cannot swallow it as an error."""


def limit_this_process(seconds: int, gigabytes: int = 4) -> None:
    """Limit the rest of this process; `OutOfTimeError` is raised in it after `seconds`."""
    resource.setrlimit(resource.RLIMIT_AS, (gigabytes * _GIGABYTE,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_GIGABYTE // 8,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 2, seconds * 2 + 5))
    scratch = tempfile.mkdtemp(prefix="cwm-check-")
    os.chdir(scratch)
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.alarm(seconds)
    sys.addaudithook(_refuse)


def stop_clock() -> None:
    """Lift the time limit of `limit_this_process`, to write results in peace; that of the processor stays."""
    signal.alarm(0)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in the block if it lasts longer; main thread only."""
    before = signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _out_of_time(number: int, frame: FrameType | None) -> None:
    signal.alarm(1)  # once more, should it be swallowed
    raise OutOfTimeError


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is not allowed here")
    is_change = event in _CHANGES_FILES or (event == "open" and _opens_for_writing(arguments))
    if is_change and not _is_temporary(arguments[0]):
        raise PermissionError("files may only be changed in the temporary directory")


def _opens_for_writing(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    return bool(mode and set(mode) & set("wax+")) or bool(isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR))


def _is_temporary(path: Any) -> bool:
    if isinstance(path, int):
        return True
    full = os.path.realpath(os.fsdecode(path))
    return full.startswith(tempfile.gettempdir() + os.sep) or full == os.devnull
