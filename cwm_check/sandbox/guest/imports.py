"""What the program can import: pure modules are real, sources come from the host, the rest are questions.

Real: pure, deterministic modules, loaded when the component is built (there is no file system later). Made here: the parts of
`os`, `sys`, `time`, `random`, `threading` and `pathlib` that need no outside. Text: modules of the checked repository. Everything else is an
unknown module whose attributes are questions.
"""

import base64
import builtins
import importlib
import json
import marshal
import sys
import types

import wit_world
from unknowns import State, ask

PURE = """abc array ast base64 binascii bisect calendar cmath codecs collections collections.abc colorsys contextlib contextvars
copy copyreg csv dataclasses datetime decimal difflib enum errno fnmatch fractions functools graphlib hashlib heapq hmac html html.parser inspect io
ipaddress itertools json json.decoder json.encoder keyword locale math numbers operator posixpath pprint re reprlib shlex stat statistics string struct
textwrap tokenize token traceback types typing unicodedata urllib urllib.parse warnings weakref zlib gettext optparse argparse configparser email email.utils email.header
email.message email.errors email.policy http http.cookies http.cookiejar xml xml.sax xml.sax.saxutils xml.etree xml.etree.ElementTree mimetypes linecache dis opcode timeit uuid quopri secrets
__future__ _collections_abc stringprep html.entities encodings encodings.idna encodings.aliases encodings.latin_1 encodings.cp1252 encodings.utf_8 encodings.utf_16 encodings.utf_32
encodings.shift_jis encodings.utf_8_sig encodings.hex_codec encodings.rot_13 encodings.punycode encodings.ascii encodings.iso8859_15 encodings.iso8859_1 encodings.gbk
encodings.big5 encodings.euc_jp encodings.cp437 encodings.koi8_r encodings.unicode_escape encodings.raw_unicode_escape encodings.base64_codec _strptime _pydatetime random pathlib tomllib zoneinfo""".split()
_IMPURE = {"uuid", "secrets", "inspect"}  # loaded since others need them; their clock and random calls would trap


def preload():
    for name in PURE:
        try:
            importlib.import_module(name)
        except ImportError:
            LACKING.append(name)


LACKING: list = []
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


def _unknown_attributes(module, name):
    def attribute(leaf):
        if leaf in MACHINERY:
            raise AttributeError(leaf)
        return ask("global", f"{name}.{leaf}")

    module.__getattr__ = attribute


def _partial(name, /, **known):
    """A module of which some names are known; the others are questions."""
    module = types.ModuleType(name)
    vars(module).update(known)
    _unknown_attributes(module, name)
    return module


def made_modules(output):
    """The modules that are made here, fresh for each run."""
    import os
    import pathlib
    import posixpath
    import random

    import _pydatetime

    path = _partial(
        "os.path",
        **{
            n: getattr(posixpath, n)
            for n in (
                "join",
                "basename",
                "dirname",
                "split",
                "splitext",
                "splitdrive",
                "normpath",
                "isabs",
                "normcase",
                "commonprefix",
                "commonpath",
                "sep",
                "pardir",
                "curdir",
                "extsep",
                "altsep",
                "pathsep",
                "defpath",
                "devnull",
            )
        },
    )
    osmodule = _partial(
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
    clock = types.SimpleNamespace(
        time=lambda: NOW,
        gmtime=_time.gmtime,
        localtime=lambda s=None: _time.gmtime(NOW if s is None else s),
        mktime=lambda t: float(__import__("calendar").timegm(t)),
        struct_time=_time.struct_time,
        strftime=_time.strftime,
        timezone=0,
        altzone=0,
        daylight=0,
        tzname=("UTC", "UTC"),
    )
    _pydatetime._time = clock
    time = _partial(
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
    random.seed(0)
    sysmodule = _partial(
        "sys",
        maxsize=2**63 - 1,
        byteorder="little",
        platform="linux",
        maxunicode=0x10FFFF,
        version_info=VersionInfo((3, 13, 0, "final", 0)),
        version="3.13.0 (main) [sandbox]",
        hexversion=0x030D00F0,
        intern=sys.intern,
        getrecursionlimit=lambda: 1000,
        setrecursionlimit=lambda n: None,
        exc_info=sys.exc_info,
        float_info=sys.float_info,
        int_info=sys.int_info,
        implementation=types.SimpleNamespace(
            name="cpython", version=VersionInfo((3, 13, 0, "final", 0)), cache_tag="cpython-313"
        ),
        getdefaultencoding=lambda: "utf-8",
        getfilesystemencoding=lambda: "utf-8",
        stdout=output("stdout"),
        stderr=output("stderr"),
        exit=_exit,
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
    datetime = types.ModuleType("datetime")
    vars(datetime).update(
        {
            n: getattr(_pydatetime, n)
            for n in ("date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MINYEAR", "MAXYEAR", "UTC")
        }
    )
    threading = _partial("threading", Lock=Lock, RLock=Lock, local=types.SimpleNamespace)
    import codecs
    import io

    files = _partial("io", **{n: getattr(io, n) for n in io.__all__ if n not in ("open", "open_code", "FileIO")})
    coding = _partial("codecs", **{n: getattr(codecs, n) for n in codecs.__all__ if n != "open"})
    paths = _partial(
        "pathlib",
        PurePath=pathlib.PurePosixPath,
        PurePosixPath=pathlib.PurePosixPath,
        PureWindowsPath=pathlib.PureWindowsPath,
        Path=Path,
        PosixPath=Path,
    )
    return {
        "os": osmodule,
        "os.path": path,
        "posixpath": path,
        "sys": sysmodule,
        "time": time,
        "datetime": datetime,
        "threading": threading,
        "pathlib": paths,
        "io": files,
        "codecs": coding,
    }


def _exit(code=None):
    raise SystemExit(code)


import time as _time  # noqa: E402
from pathlib import PurePosixPath  # noqa: E402


class Path(PurePosixPath):
    """A path: its text is computed, its file is asked for."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return ask("attribute", repr(self), name)

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


class Modules(dict):
    """The program's `__import__`: module name -> module, made on first use."""

    def __init__(self, made, names):
        super().__init__(made)
        self.names = names  # what modules of the repository get as builtins
        self.texts = {}

    def __call__(self, name, globals=None, locals=None, fromlist=(), level=0):
        if level:
            base = (globals or {}).get("__package__") or "program"
            if level > 1:
                base = base.rsplit(".", level - 1)[0]
            name = f"{base}.{name}" if name else base
        elif type(fromlist) is list:  # C code importing through the program's `__import__`
            return REAL_IMPORT(name, globals, locals, fromlist, level)
        module = self[name]
        if not fromlist:
            return module if level else self[name.split(".")[0]]
        for leaf in fromlist:
            if leaf != "*" and leaf not in vars(module) and "__path__" in vars(module):
                self._submodule(module, name, leaf)
        return module

    def _submodule(self, module, name, leaf):
        if f"{name}.{leaf}" in self or self.text(f"{name}.{leaf}") is not None:
            setattr(module, leaf, self[f"{name}.{leaf}"])

    def text(self, name):
        """The compiled statements of a repository module and whether it is a package; None when the repository has no such module."""
        if name not in self.texts:
            self.texts[name] = json.loads(wit_world.ask(json.dumps({"op": "source", "name": name}))).get("source")
        return self.texts[name]

    def __missing__(self, name):
        parent, _, leaf = name.rpartition(".")
        if (name in PURE and name.split(".")[0] not in _IMPURE | {"random"}) or name == "random" or name in ("inspect",):
            try:
                self[name] = REAL_IMPORT(name, None, None, ("*",), 0)
                return self[name]
            except ImportError:
                pass
        if parent:
            self[parent]
        module = types.ModuleType(name)
        module.__file__ = f"/{name.replace('.', '/')}.py"
        self[name] = module
        found = self.text(name)
        if found is None:
            _unknown_attributes(module, name)
        else:
            self.load(module, name, *found)
        if parent:
            setattr(self[parent], leaf, module)
        return module

    def load(self, module, name, code, package):
        """Run a repository module."""
        module.__builtins__ = self.names
        module.__package__ = name if package else name.rpartition(".")[0]
        if package:
            module.__path__ = []
        execute(marshal.loads(base64.b64decode(code)), vars(module), name)


def execute(statements, namespace, name):
    """Run the statements of a module one by one; what a failing one binds becomes unknown.

    A definition whose decorator fails (`@app.command()` where `app` itself was decorated by something unknown) is kept without it.
    """
    for code, plain, names in statements:
        error = _failure(code, namespace)
        if error is not None and plain is not None:
            error = _failure(plain, namespace)
        if error is not None:
            State.failed.append(f"{name}: {type(error).__name__}: {error}")
            for bound in names:
                if bound not in namespace:
                    namespace[bound] = ask("global", f"{name}.{bound}")


def _failure(code, namespace):
    try:
        exec(code, namespace)
    except Exception as error:
        return error
    return None


REAL_IMPORT = builtins.__import__
