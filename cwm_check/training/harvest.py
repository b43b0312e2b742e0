"""Questions of real code, with their true answers, as JSON lines: what packages ask of their own and other objects.

    python -m cwm_check.training.harvest MODULE > runs/questions/MODULE.jsonl
    python -m cwm_check.training.harvest all --output runs/questions

Executed: doctests and test suites of installed pure packages and of the standard library, instrumented, one subprocess
each with limits. Read without running: literal defaults, constants and annotations of the same packages.
"""

from __future__ import annotations

import argparse
import doctest
import importlib
import importlib.util
import io
import json
import os
import pkgutil
import subprocess
import sys
import unittest
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TextIO

from cwm_check.simulations import Question
from cwm_check.training.constants import constants
from cwm_check.training.instrument import Observer, instrument
from cwm_check.training.isolation import OutOfTimeError, limit_this_process, stop_clock

LIBRARY = """
    textwrap string urllib.parse json configparser ipaddress fractions shlex difflib csv calendar argparse enum
    dataclasses html http.cookies mimetypes base64 statistics heapq bisect copy functools collections fnmatch
    posixpath ntpath pathlib datetime colorsys email reprlib pprint types abc contextlib optparse getopt gettext
    decimal numbers operator random tokenize ast inspect typing zipfile tarfile quopri graphlib sched queue cmd
    linecache glob tempfile traceback logging plistlib xml.etree.ElementTree secrets
"""
PACKAGES = """
    requests flask werkzeug httpx attr marshmallow rich tomlkit boltons more_itertools dateutil jsonschema click
    jinja2 tabulate inflection slugify sortedcontainers toolz pyparsing markdown docutils babel cachetools
    humanize furl yarl networkx sympy packaging pygments pathspec yaml filelock markdown_it idna
"""
HELD_OUT = frozenset(
    {"werkzeug", "ipaddress", "configparser", "boltons", "packaging", "tomlkit", "textwrap", "humanize"}
)
"""Packages whose questions are only evaluated on."""
_TEST_NAMES = {
    "urllib.parse": "test_urlparse",
    "http.cookies": "test_http_cookies",
    "email": "test_email.test_email",
    "json": "test_json.test_dump",
    "xml.etree.ElementTree": "test_xml_etree",
}


class _Loader(SourceFileLoader):
    """Loads a module with its questions reported."""

    observer: Observer

    def get_code(self, fullname: str) -> CodeType | None:
        tree = instrument(importlib.util.decode_source(self.get_data(self.path)))
        return compile(tree, self.path, "exec", dont_inherit=True)  # never the bytecode cache

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__observe__"] = self.observer
        super().exec_module(module)


class _Finder:
    """Gives `_Loader` for the modules of one package and of its tests."""

    def __init__(self, prefixes: Sequence[str], observer: Observer) -> None:
        self._prefixes = tuple(prefixes)
        self._observer = observer

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not any(name == prefix or name.startswith(prefix + ".") for prefix in self._prefixes):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
            spec.loader.observer = self._observer
        return spec


def observe(package: str, tests: str | None) -> Iterator[tuple[Question, str | None]]:
    """Import `package` instrumented, run its doctests and the test module, and yield what was asked and answered."""
    observer = Observer()
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder([package, *([tests] if tests else [])], observer))
    quiet = io.StringIO()
    with redirect_stdout(quiet), redirect_stderr(quiet), suppress(OutOfTimeError):
        for module in _modules(package):
            _run_doctests(module, observer)
        if tests and (suite := _imported(tests)):
            unittest.TextTestRunner(quiet).run(unittest.defaultTestLoader.loadTestsFromModule(suite))
    stop_clock()
    yield from observer.answers()


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except OutOfTimeError:
        raise
    except BaseException:  # foreign modules may even exit
        return None


def _modules(package: str) -> Iterator[ModuleType]:
    """The package and its modules, those that need something else left out."""
    root = _imported(package)
    if root is None:
        return
    yield root
    for _, name, _ in pkgutil.walk_packages(getattr(root, "__path__", []), package + ".", onerror=lambda _: None):
        if "__main__" not in name and (module := _imported(name)):
            yield module


def _run_doctests(module: ModuleType, observer: Observer) -> None:
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__):
        namespace = {**test.globs, "__observe__": observer}
        for example in test.examples:
            try:
                exec(compile(instrument(example.source), "<doctest>", "exec", dont_inherit=True), namespace)
            except OutOfTimeError:
                raise
            except BaseException:  # a doctest may raise anything, on purpose, too
                continue


def tests_of(package: str) -> str:
    """Return the name of the module that tests `package`, if there is one."""
    return f"test.{_TEST_NAMES.get(package, 'test_' + package)}" if package in LIBRARY.split() else f"{package}.tests"


def harvest_all(output: Path, seconds: int, packages: Sequence[str]) -> None:
    """Write the questions of each package that can be run or read to `PACKAGE.jsonl`."""
    run_each("cwm_check.training.harvest", packages, output, seconds)


def run_each(module: str, packages: Sequence[str], output: Path, seconds: int) -> None:
    """Write what `python -m MODULE PACKAGE` prints to `PACKAGE.jsonl`, one subprocess after the other."""
    output.mkdir(parents=True, exist_ok=True)
    for package in packages:
        command = [sys.executable, "-W", "ignore", "-m", module, package, "--seconds", str(seconds)]
        with (output / f"{package}.jsonl").open("w", encoding="utf-8") as file, suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                stdout=file,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                timeout=seconds * 3,
                check=False,
            )


def own_output() -> TextIO:
    """Return standard output; what foreign code writes there from now on goes nowhere."""
    mine = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return mine


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("package", help="a package, or `all`")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--output", type=Path, default=Path("runs/questions"))
    options = parser.parse_args(arguments)
    if options.package == "all":
        harvest_all(options.output, options.seconds, [*LIBRARY.split(), *PACKAGES.split()])
        return
    package = options.package
    out = own_output()
    for question, answer, kind in constants(package):
        _write(out, package, question, answer, kind)
    out.flush()
    limit_this_process(options.seconds)
    for question, answer in observe(package, tests_of(package)):
        _write(out, package, question, answer, None)


def _write(out: Any, package: str, question: Question, answer: str | None, kind: str | None) -> None:
    row = {
        "package": package,
        "operation": question.operation,
        "target": question.target,
        "arguments": question.arguments,
    }
    out.write(json.dumps({**row, "answer": answer, "type": kind}) + "\n")


if __name__ == "__main__":
    main()
