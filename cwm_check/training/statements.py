"""Statements of real code with the values that they met, as JSON lines: its own test suites and doctests run traced.

    python -m cwm_check.training.statements MODULE > runs/questions/statements/MODULE.jsonl
    python -m cwm_check.training.statements all --output runs/questions/statements

Kept are statements that read nothing but literals and compute something of them: it can be computed again, an
operation at a time. A statement is kept a few times, then no longer looked at.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from cwm_check.codecs.nano_steps import step_head
from cwm_check.codecs.value_texts import value_of
from cwm_check.textlines import split_lines
from cwm_check.training.harvest import HELD_OUT, LIBRARY, PACKAGES, observe, own_output, run_each, tests_of
from cwm_check.training.isolation import limit_this_process
from cwm_check.training.steps import Example, examples_of, statements_by_line

_MOST_OF_ONE = 12
"""Times that one statement is kept."""
_LONGEST = 90
"""Characters of a value."""
_TYPES = (str, int, float, bool, list, tuple, dict, set, type(None))
_NOT_TRAINED_ON = frozenset({"bisect"}) | HELD_OUT
"""Packages of which nothing is kept; `bisect` holds an idiom of the benchmarks."""

_OUTSIDE = frozenset(
    """open input print exec eval compile __import__ breakpoint exit quit vars globals locals dir id hash object
    super""".split()
)
"""Builtins that reach outside or say something else at each run: what they do is neither computed again nor learned."""


@dataclass(frozen=True, slots=True)
class Met:
    """A statement as text, compound ones by their head, and the literals of the names that it read."""

    statement: str
    values: Mapping[str, str]


class Watch:
    """A trace function that keeps the statements of the files under `folder`."""

    def __init__(self, folder: str) -> None:
        self.met: dict[tuple[str, str], Met] = {}
        self._folder = folder
        self._counts: Counter[tuple[str, int]] = Counter()

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Trace the functions of the files, line by line."""
        return self._line if frame.f_code.co_filename.startswith(self._folder) else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        place = frame.f_code.co_filename, frame.f_lineno
        if event != "line" or self._counts[place] >= _MOST_OF_ONE:
            return self._line
        statement = _statements(place[0]).get(place[1])
        values = _literals(statement, frame) if statement else None
        if statement is None or values is None:
            self._counts[place] += 1 if statement else _MOST_OF_ONE
        elif (key := (statement, repr(values))) not in self.met:
            self._counts[place] += 1
            self.met[key] = Met(statement, values)
        return self._line


@cache
def _statements(path: str) -> dict[int, str]:
    """The statements of a file that can be asked, as text, by line."""
    found = {}
    with suppress(OSError, SyntaxError, UnicodeDecodeError, RecursionError):
        for line, node in statements_by_line(Path(path).read_text(encoding="utf-8")).items():
            if step_head(node) is not None and not isinstance(node, ast.Raise | ast.Assert) and not _reaches_out(node):
                head = ast.unparse(node).partition("\n")[0]
                found[line] = head + " pass" if isinstance(node, ast.If | ast.While | ast.For) else head
    return found


def _reaches_out(node: ast.AST) -> bool:
    return any(isinstance(child, ast.Name) and child.id in _OUTSIDE for child in ast.walk(node))


@cache
def _read(statement: str) -> tuple[str, ...]:
    tree = ast.parse(statement)
    targets = (node.target for node in tree.body if isinstance(node, ast.AugAssign))
    changed = [target.id for target in targets if isinstance(target, ast.Name)]
    read = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return tuple(dict.fromkeys((*changed, *read)))


def _literals(statement: str, frame: FrameType) -> dict[str, str] | None:
    """The names of `statement` that have a value, as text; None if one is no short literal, or if there is none."""
    values = {}
    for name in _read(statement):
        known = frame.f_locals if name in frame.f_locals else frame.f_globals
        if name not in known:
            continue
        if type(known[name]) not in _TYPES:
            return None
        text = repr(known[name])
        if len(text) > _LONGEST or value_of(text) is None:
            return None
        values[name] = text
    return values or None


def met(package: str, tests: str) -> Iterator[Met]:
    """Yield what the code of `package` meets under its tests and doctests, where there is something to compute."""
    module = __import__(package, fromlist=["_"])
    path = Path(module.__file__ or "")
    watch = Watch(str(path.parent if hasattr(module, "__path__") else path))
    sys.settrace(watch)
    try:
        for _ in observe(package, tests):
            pass
    finally:
        sys.settrace(None)
    for one in watch.met.values():
        if any(examples_of(ast.parse(one.statement).body[0], dict(one.values))):
            yield one


def watch_all(output: Path, seconds: int, packages: Sequence[str]) -> None:
    """Write the statements of each package that may be trained on to `PACKAGE.jsonl`."""
    allowed = [package for package in packages if package not in _NOT_TRAINED_ON]
    run_each("cwm_check.training.statements", allowed, output, seconds)


def read(folder: Path) -> Iterator[Met]:
    """Yield what was kept in `folder`."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in split_lines(path.read_text(encoding="utf-8")):
            row = json.loads(line)
            yield Met(row["statement"], row["values"])


def examples(random: Random, known: Sequence[Met]) -> Iterator[Example]:
    """Yield examples of the operations of `known` statements, without end."""
    while known:
        one = random.choice(known)
        made = list(examples_of(ast.parse(one.statement).body[0], dict(one.values)))
        yield from random.sample(made, min(4, len(made)))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("package", help="a package, or `all`")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--output", type=Path, default=Path("runs/questions/statements"))
    options = parser.parse_args(arguments)
    if options.package == "all":
        watch_all(options.output, options.seconds, [*LIBRARY.split(), *PACKAGES.split()])
        return
    out = own_output()
    limit_this_process(options.seconds)
    for one in met(options.package, tests_of(options.package)):
        out.write(json.dumps(asdict(one)) + "\n")


if __name__ == "__main__":
    main()
