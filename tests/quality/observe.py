"""Runs versions of one function on many inputs, in this process, and tells in what they differ. Only to be run limited.

In, on standard input: {"folder", "module", "qualname", "texts": [before, after, ...], "seed", "seconds"}. Out: one line
of JSON for each text after the first: {"differs": witness or null, "equal": n, "reached": lines of it that ran}.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import io
import json
import re
import sys
import time
import types
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from arguments import Call, Fuzzer
from pieces import find

from cwm_check.training.isolation import OutOfTimeError, limit_this_process, stop_clock, time_limit

ONE = 0.25  # seconds for one call
TRIES, KEPT, TAKEN = 900, 120, 60
DRAINED = 30  # items of an iterator that are looked at
BLAMED = ("TypeError", "AttributeError", "NameError", "UnboundLocalError", "RecursionError")
NAMESPACE = "import datetime, decimal, io, re"

Outcome = tuple[str, str, str]
"""How it ended, what the arguments are afterwards, what was printed and warned."""


def load(module: str, text: str) -> types.ModuleType:
    """The module with another text, apart from the imported one."""
    original = importlib.import_module(module)
    made = types.ModuleType(module)
    kept = ("__file__", "__package__", "__spec__", "__path__", "__name__", "__loader__")
    vars(made).update({k: v for k in kept if (v := vars(original).get(k)) is not None})
    code = compile(text, "<version>", "exec", dont_inherit=True)
    exec(code, vars(made))
    return made


class Version:
    """One text of the module, loaded."""

    def __init__(self, module: str, text: str, qualname: str) -> None:
        self.module = load(module, text)
        self.owner, _, self.name = qualname.rpartition(".")
        self.qualname = qualname
        self.reached: set[int] = set()
        self._span = find(ast.parse(text), qualname)

    def signature(self) -> inspect.Signature:
        return inspect.signature(_attribute(self.module, self.qualname))

    def run(self, call: Call) -> Outcome | None:
        """What the call does; None where it does not end in time."""
        names: dict[str, Any] = {}
        exec(NAMESPACE, names)
        printed = io.StringIO()
        with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(printed):
            warnings.simplefilter("always")
            try:
                with time_limit(ONE):
                    ended, given = self._call(call, names)
            except OutOfTimeError:
                return None
            except BaseException as error:  # the code may raise anything
                return _plain(f"raises {type(error).__name__}: {error}"), "", _told(printed, warned)
        return ended, given, _told(printed, warned)

    def _call(self, call: Call, names: dict[str, Any]) -> tuple[str, str]:
        positional = [eval(v, names) for v in call.positional]
        named = {k: eval(v, names) for k, v in call.named}
        subject = _attribute(self.module, self.qualname)
        kept: list[Any] = [positional, named]
        if call.receiver is not None:
            made = getattr(self.module, self.owner)(
                *(eval(v, names) for v in call.receiver.positional),
                **{k: eval(v, names) for k, v in call.receiver.named},
            )
            subject = (
                getattr(made, self.name)
                if not _is_property(self.module, self.qualname)
                else lambda: getattr(made, self.name)
            )
            kept.append(made)
        sys.settrace(self._trace)
        try:
            ended = "returns " + describe(subject(*positional, **named))
        except Exception as error:
            ended = _plain(f"raises {type(error).__name__}: {error}")
        finally:
            sys.settrace(None)
        return ended, describe(kept)

    def _trace(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != "<version>":
            return None
        self.reached.add(frame.f_lineno)
        return self._trace


def _is_property(module: types.ModuleType, qualname: str) -> bool:
    owner, _, name = qualname.rpartition(".")
    return not callable(inspect.getattr_static(_attribute(module, owner), name, None)) if owner else False


def _attribute(module: types.ModuleType, qualname: str) -> Any:
    found: Any = module
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def _told(printed: io.StringIO, warned: list[warnings.WarningMessage] | None) -> str:
    return _plain(printed.getvalue() + "".join(f"{w.category.__name__}: {w.message}" for w in warned or ()))


def _plain(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def describe(value: Any, depth: int = 6) -> str:
    """A text that is equal where the value behaves the same, as far as can be seen."""
    if depth == 0 or isinstance(value, types.ModuleType):
        return type(value).__name__
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return f"{type(value).__name__}:{value!r}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(describe(v, depth - 1) for v in value)}){_state(value, depth)}"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}({', '.join(sorted(describe(v, depth - 1) for v in value))})"
    if isinstance(value, Mapping) and type(value).__module__ in ("builtins", "collections"):
        return (
            f"{type(value).__name__}({', '.join(f'{describe(k)}: {describe(v, depth - 1)}' for k, v in value.items())})"
        )
    if isinstance(value, Iterator):
        drained = [describe(v, depth - 1) for _, v in zip(range(DRAINED), value, strict=False)]
        return f"{type(value).__name__}<{', '.join(drained)}>"
    if isinstance(value, type | types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return f"{type(value).__name__} {value.__name__}"
    return f"{type(value).__name__}({_state(value, depth) or _plain(repr(value))})"


def _state(value: Any, depth: int) -> str:
    slots = [s for c in type(value).__mro__ for s in getattr(c, "__slots__", ()) if isinstance(s, str)]
    held = {**{s: getattr(value, s) for s in slots if hasattr(value, s)}, **getattr(value, "__dict__", {})}
    return ", ".join(f"{k}={describe(v, depth - 1)}" for k, v in held.items())


# --- inputs


def inputs(version: Version, again: Version, text: str, random: Random, seconds: float) -> list[tuple[Call, Outcome]]:
    """Calls that mean something to the version before, with what they do: those that reach new lines first."""
    node = find(ast.parse(text), version.qualname)
    source = ast.get_source_segment(text, node) or ""
    fuzzer = Fuzzer(version.signature(), source, text, random)
    makers = _makers(version, text, random) if version.owner and _needs_self(version) else [None]
    started, found, dull, seen = time.monotonic(), [], [], set()
    for number in range(TRIES):
        if not makers or time.monotonic() - started > seconds or len(found) >= KEPT:
            break
        call = fuzzer.calls()[number] if number < len(fuzzer.calls()) else fuzzer.call()
        call = replace(call, receiver=call.receiver or random.choice(makers))
        if call in seen:
            continue
        seen.add(call)
        size = len(version.reached)
        outcome = version.run(call)
        if outcome is None or outcome[0].startswith(tuple(f"raises {n}:" for n in BLAMED)):
            continue
        if again.run(call) != outcome:
            continue  # not the same twice: time, chance or state
        if len(version.reached) > size:
            fuzzer.good.append(call)
            found.append((call, outcome))
        elif len(dull) < KEPT:
            dull.append((call, outcome))
            if len(fuzzer.good) < 12:
                fuzzer.good.append(call)
    return found + dull


def _needs_self(version: Version) -> bool:
    held = inspect.getattr_static(_attribute(version.module, version.owner), version.name, None)
    return not isinstance(held, staticmethod | classmethod)


def _makers(version: Version, text: str, random: Random) -> list[Call | None]:
    """Arguments with which the class can be made."""
    owner = _attribute(version.module, version.owner)
    fuzzer = Fuzzer(inspect.signature(owner), text, text, random)
    made: list[Call | None] = []
    maker = Version.__new__(Version)
    maker.module, maker.owner, maker.name, maker.qualname = version.module, "", version.owner, version.owner
    maker.reached = set()
    for _ in range(150):
        call = fuzzer.call()
        outcome = maker.run(call)
        if outcome is not None and outcome[0].startswith("returns") and call not in made:
            made.append(call)
            fuzzer.good.append(call)
        if len(made) >= 8:
            break
    return made


def judged(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer for each text after the first."""
    before, *others = job["texts"]
    versions = [Version(job["module"], before, job["qualname"]) for _ in range(2)]
    found = inputs(versions[0], versions[1], before, Random(job["seed"]), job["seconds"] / 2)

    for text in others:
        try:
            version = Version(job["module"], text, job["qualname"])
        except Exception as error:
            yield {"problem": repr(error)[:200]}
            continue
        yield _compared(version, found, job["qualname"]) | {"before_reached": sorted(versions[0].reached)}


def _compared(version: Version, known: list[tuple[Call, Outcome]], qualname: str) -> dict[str, Any]:
    equal, ended = 0, 0
    for call, outcome in known:
        other = version.run(call)
        if other is None:
            continue
        ended += outcome[0].startswith("returns")
        if other != outcome:
            part = next(n for n in range(3) if other[n] != outcome[n])
            return {"differs": [call.text(qualname), outcome[part][:300], other[part][:300]], "equal": equal}
        equal += 1
    return {"differs": None, "equal": equal, "returned": ended, "reached": sorted(version.reached)}


def main() -> None:
    job = json.load(sys.stdin)
    out = sys.stdout
    sys.path.insert(0, str(Path(job["folder"]).resolve()))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        importlib.import_module(job["module"])
    limit_this_process(int(job["seconds"] * 2) + 20, 2)
    with contextlib.redirect_stderr(io.StringIO()):
        for row in judged(job):
            out.write(json.dumps(row) + "\n")
            out.flush()
    stop_clock()


if __name__ == "__main__":
    main()
