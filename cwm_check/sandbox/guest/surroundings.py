"""The parts of `os`, `sys`, `time`, `io`, `threading` and `pathlib` that need no outside, made fresh for each run.

What is not here is a question: `os.path.join` is computed, `os.path.exists` is asked.
"""

import calendar
import codecs
import functools
import io
import ntpath
import os
import pathlib
import posixpath
import random
import sys
import time as _time
import types
from pathlib import PurePosixPath

import _pydatetime
from asking import ask, encode
from outside import outside

PATHS = """
join basename dirname split splitext splitdrive normpath isabs normcase commonprefix commonpath sep pardir curdir extsep
altsep pathsep defpath devnull
""".split()
"""What a path module computes; the rest asks about files."""
NOW = 1_700_000_000.0  # the frozen clock: 2023-11-14 22:13:20 UTC


class VersionInfo(tuple):
    major, minor, micro = (property(lambda self, i=i: self[i]) for i in range(3))
    releaselevel, serial = "final", 0


class Lock:
    """A lock of one thread: always free."""

    def acquire(self, *args, **kwargs):
        return True

    def release(self):
        pass

    def locked(self):
        return False

    def __enter__(self):
        return True

    def __exit__(self, *exc):
        pass


MACHINERY = {
    "__path__",
    "__spec__",
    "__all__",
    "__file__",
    "__loader__",
    "__wrapped__",
    "__class__",
    "__dict__",
    "__getattr__",
    "__annotations__",
    "__set_name__",
}


def unknown_attributes(module, name):
    def attribute(leaf):
        if leaf in MACHINERY:
            raise AttributeError(leaf)
        return outside(f"{name}.{leaf}")

    module.__getattr__ = attribute


def _partial(name, /, **known):
    """A module of which some names are known; the others are questions."""
    module = types.ModuleType(name)
    vars(module).update(known)
    unknown_attributes(module, name)
    return module


def made_modules(output):
    """The modules that are made here, fresh for each run."""
    path, windows = (
        _partial(name, **{n: getattr(computed, n) for n in PATHS})
        for name, computed in (("os.path", posixpath), ("ntpath", ntpath))
    )
    random.seed(0)
    clock = _clock()
    return {
        "os": _os(path),
        "os.path": path,
        "posixpath": path,
        "ntpath": windows,
        "sys": _sys(output),
        "time": _time_module(clock),
        "datetime": _datetime(clock),
        "threading": _partial("threading", Lock=Lock, RLock=Lock, local=types.SimpleNamespace),
        "pathlib": _pathlib(),
        "io": _partial("io", **{n: getattr(io, n) for n in io.__all__ if n not in ("open", "open_code", "FileIO")}),
        "codecs": _partial("codecs", **{n: getattr(codecs, n) for n in codecs.__all__ if n != "open"}),
    }


def _os(path):
    return _partial(
        "os",
        sep="/",
        linesep="\n",
        name="posix",
        curdir=".",
        pardir="..",
        extsep=".",
        altsep=None,
        pathsep=":",
        devnull="/dev/null",
        fspath=os.fspath,
        fsencode=lambda s: s.encode() if isinstance(s, str) else s,
        fsdecode=lambda s: s.decode() if isinstance(s, bytes) else s,
        PathLike=os.PathLike,
        path=path,
        getpid=lambda: 1234,
        error=OSError,
        cpu_count=lambda: 4,
        **{
            n: getattr(os, n)
            for n in ("O_RDONLY", "O_WRONLY", "O_CREAT", "O_EXCL", "SEEK_SET", "SEEK_CUR", "SEEK_END")
            if hasattr(os, n)
        },
    )


def _sys(output):
    return _partial(
        "sys",
        maxsize=2**63 - 1,
        byteorder="little",
        platform="linux",
        maxunicode=0x10FFFF,
        version_info=VersionInfo(sys.version_info),
        version=f"{sys.version.split()[0]} (main) [sandbox]",
        hexversion=sys.hexversion,
        intern=sys.intern,
        getrecursionlimit=lambda: 1000,
        setrecursionlimit=lambda n: None,
        exc_info=sys.exc_info,
        float_info=sys.float_info,
        int_info=sys.int_info,
        implementation=types.SimpleNamespace(
            name="cpython", version=VersionInfo(sys.version_info), cache_tag=sys.implementation.cache_tag
        ),
        getdefaultencoding=lambda: "utf-8",
        getfilesystemencoding=lambda: "utf-8",
        stdout=output("stdout"),
        stderr=output("stderr"),
        exit=leave,
        flags=sys.flags,
        getsizeof=lambda o, d=0: 64,
        warnoptions=[],
        hash_info=sys.hash_info,
        modules={},
        argv=["program"],
        path=[],
        executable="/usr/bin/python3",
        prefix="/usr",
        _getframe=sys._getframe,
    )


def _clock():
    """The part of `time` that `datetime` uses, too: it stands still."""
    return types.SimpleNamespace(
        time=lambda: NOW,
        gmtime=_time.gmtime,
        localtime=lambda s=None: _time.gmtime(NOW if s is None else s),
        mktime=lambda t: float(calendar.timegm(_time.struct_time(t))),  # which wants nine fields, as it does
        struct_time=_time.struct_time,
        strftime=_time.strftime,
        timezone=0,
        altzone=0,
        daylight=0,
        tzname=("UTC", "UTC"),
    )


def _time_module(clock):
    return _partial(
        "time",
        **{
            **vars(clock),
            "gmtime": lambda s=None: _time.gmtime(NOW if s is None else s),
            "monotonic": lambda: 1000.0,
            "perf_counter": lambda: 1000.0,
            "process_time": lambda: 1.0,
            "time_ns": lambda: int(NOW) * 10**9,
            "monotonic_ns": lambda: 10**12,
            "strptime": lambda *a: __import__("_strptime")._strptime_time(*a),
        },
    )


def _datetime(clock):
    _pydatetime._time = clock
    names = ("date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MINYEAR", "MAXYEAR", "UTC")
    module = types.ModuleType("datetime")
    vars(module).update({name: getattr(_pydatetime, name) for name in names})
    return module


def _pathlib():
    return _partial(
        "pathlib",
        PurePath=pathlib.PurePosixPath,
        PurePosixPath=pathlib.PurePosixPath,
        PureWindowsPath=pathlib.PureWindowsPath,
        Path=Path,
        PosixPath=Path,
    )


def leave(code=None):
    raise SystemExit(code)


_AS_FUNCTIONS = {
    "open": "open",
    "chmod": "os.chmod",
    "stat": "os.stat",
    "lstat": "os.lstat",
    "rmdir": "os.rmdir",
    "rename": "os.rename",
    "replace": "os.replace",
    "readlink": "os.readlink",
    "exists": "os.path.exists",
    "is_file": "os.path.isfile",
    "is_dir": "os.path.isdir",
    "is_symlink": "os.path.islink",
    "samefile": "os.path.samefile",
}
"""What methods of paths do under other names: programs change from one spelling to the other."""


class Path(PurePosixPath):
    """A path: its text is computed, its file is asked for, as the functions do that take texts."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _AS_FUNCTIONS:
            return functools.partial(outside(_AS_FUNCTIONS[name]), str(self))
        return ask("attribute", repr(self), name)

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        options = {} if mode == 0o777 else {"mode": mode}
        if parents is True:
            return outside("os.makedirs")(str(self), **options, **({} if exist_ok is False else {"exist_ok": exist_ok}))
        if parents is exist_ok is False:
            return outside("os.mkdir")(str(self), **options)
        return ask("attribute", repr(self), "mkdir")(**options, parents=parents, exist_ok=exist_ok)

    def unlink(self, missing_ok=False):
        if missing_ok is False:
            return outside("os.remove")(str(self))
        return ask("attribute", repr(self), "unlink")(missing_ok=missing_ok)

    def read_text(self, encoding=None, errors=None):
        with _opened(self, (), encoding=encoding, errors=errors) as file:
            return file.read()

    def read_bytes(self):
        with _opened(self, ("rb",)) as file:
            return file.read()

    def write_text(self, data, encoding=None, errors=None, newline=None):
        with _opened(self, ("w",), encoding=encoding, errors=errors, newline=newline) as file:
            return file.write(data)

    def write_bytes(self, data):
        with _opened(self, ("wb",)) as file:
            return file.write(data)

    @classmethod
    def cwd(cls):
        return cls("/work")

    @classmethod
    def home(cls):
        return cls("/home/user")

    def expanduser(self):
        return self

    def absolute(self):
        return self if self.is_absolute() else Path("/work") / self


def _opened(path, mode, **options):
    given = {name: encode(value) for name, value in options.items() if value is not None}
    return ask("call", outside("open"), str(path), *mode, kw=given, discarded=False)
