"""The compiled sandbox and one run in it. The only module that imports wasmtime.

In: the component that the build made, and jobs. Out: what the guest said, as plain dictionaries. The component's
imports are exactly `ask` and `emit`: no files, no network, no clock, no environment. Each run gets a fresh instance
with its own fuel and memory. The native code is compiled once (about 20 s) into the user's cache, keyed by the
component's hash, the wasmtime version and the processor's kind.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwm_check.cache import ASIDE, cache_folder, is_private, keep, load, prune
from cwm_check.errors import UNUSABLE, AnalysisError, first_words
from cwm_check.sandbox import messages

COMPONENT = Path(__file__).parent / "ground.wasm"
MEMORY = 256 << 20  # bytes a run may use
FUEL = 3_000_000_000  # wasm instructions of one run: about 0.5 s
UNUSED = 30  # days after which native code that nobody used is deleted
RATE = 2_000_000_000  # wasm instructions that a machine does in a second, until runs have shown what this one does
TELLING = 100_000_000  # wasm instructions from which on a run shows it
MESSAGES = 20_000  # what one run may say: the host's time is not counted as fuel
NOTHING = b"\0asm\1\0\0\0"  # the smallest module


Answer = Callable[[dict[str, Any]], dict[str, Any] | str]
"""A question in, its answer out; compiled statements are a text of their own."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gave."""

    result: dict[str, Any]
    """The guest's outcome; its `kind` is `refused` when it could not start, `limit` when a resource ran out."""
    frames: tuple[list[Any], ...]
    """Frames as the guest sent them: event, line, locals, value, depth, questions asked so far;
    for what a visit saw: `seen`, visit, nothing, text, frame, sign."""
    fuel: int
    """Wasm instructions used."""


class OutOfTime(Exception):
    """The deadline is over: what the run would have given is not known."""


class Sandbox:
    """A compiled component; `run` starts a fresh instance each time."""

    def __init__(self, progress: Callable[[str], None] = lambda _: None, native: str | None = None) -> None:
        """Open the native code at `native`, else that of the cache; `progress` is told what takes long."""
        self._engine, self._component = _load(progress, native)
        from wasmtime import component

        self._linker = component.Linker(self._engine)
        self._ask: Answer = lambda question: {}
        self._frames: list[list[Any]] = []
        self.deadline = math.inf
        """When runs end with `OutOfTime`, by `time.monotonic`."""
        self.spent = 0
        """Wasm instructions of all runs so far, those that an answer ended included."""
        self._messages = 0
        self._rate = float(RATE)
        self._compiled: dict[tuple[str, str], str | None] = {}
        with self._linker.root() as root:
            root.add_func("ask", self._on_ask)
            root.add_func("emit", self._on_emit)

    def _on_ask(self, store: object, question: str) -> str:
        self._count()
        answer = self._ask(messages.question(question))
        return answer if isinstance(answer, str) else json.dumps(answer)

    def _on_emit(self, store: object, frames: str) -> None:
        self._count()
        self._frames.extend(messages.frames(frames))

    def _count(self) -> None:
        self._messages += 1
        self._left()
        if self._messages > MESSAGES:
            raise messages.Garbled("more messages than any program needs")

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    @property
    def imports(self) -> list[str]:
        """What the component may call: all its ways out."""
        return list(self._component.type.imports(self._engine))

    def compile(self, source: str, name: str) -> str | None:
        """The module's statements as the guest compiled them, to be sent with jobs; None when it cannot parse them.

        Compiling happens in the sandbox too, in a run of its own; the host only keeps the bytes, as a text of Latin-1:
        such a one reaches the guest four times as fast as one in JSON.
        """
        key = (source, name)
        if key not in self._compiled:
            spent = self.spent
            run = self.run({"compile": name}, lambda question: {}, source=source, fuel=20 * FUEL)
            self.spent = spent  # it is done once, so it must not make the first run dearer than the next
            self._compiled[key] = _code_of(run.result)
        return self._compiled[key]

    def instance(self, fuel: int = FUEL) -> tuple[Any, Any]:
        """A store with its limits, and a fresh instance in it."""
        store = self._store(fuel)
        return store, self._linker.instantiate(store, self._component)

    def _store(self, fuel: int) -> Any:
        from wasmtime import Store

        store = Store(self._engine)
        store.set_fuel(fuel)
        store.set_limits(memory_size=MEMORY)
        return store

    def run(self, job: dict[str, Any], ask: Answer, *, source: str = "", code: str = "", fuel: int = FUEL) -> Run:
        """Run one job in a fresh instance, on a module and its statements as `compile` gave them.

        An exception of `ask` ends the run and is raised again here.

        Raises `OutOfTime` at the deadline, as far as the pace of the runs before tells how far away it is.
        """
        from wasmtime import Trap, WasmtimeError

        failure: list[BaseException] = []

        def guarded(question: dict[str, Any]) -> dict[str, Any] | str:
            try:
                return ask(question)
            except BaseException as error:
                failure.append(error)
                raise

        begun = time.monotonic()
        allowed = int(min(fuel, self._left() * self._rate))
        around = self._ask, self._frames, self._messages  # an answer may need a run of its own
        self._ask, self._frames, self._messages = guarded, [], 0
        store = self._store(allowed)
        try:
            entry = self._linker.instantiate(store, self._component).get_func(store, "run")
            assert entry is not None
            result = messages.result(entry(store, json.dumps(job), source, code))
        except (WasmtimeError, Trap) as error:
            if failure:
                raise failure[0] from None
            result = {"kind": "limit", "value": _limit(str(error))}
            if allowed < fuel and result["value"] == "steps":
                raise OutOfTime from None
        except messages.Garbled as error:
            result = {"kind": "refused", "value": f"the program forged a message: {error}"}
        except UnicodeEncodeError:  # by an encoding that a file names, such as `raw_unicode_escape`
            result = {"kind": "refused", "value": "the text of the module has half of a surrogate pair"}
        finally:
            used = allowed - store.get_fuel()
            store.close()  # what still refers to it, as an exception may, would keep its memory
            self.spent += used
            self._pace(used, time.monotonic() - begun)
            frames = tuple(self._frames)
            self._ask, self._frames, self._messages = around
        return Run(result, frames, used)

    def _pace(self, used: int, seconds: float) -> None:
        """Learn how many instructions this machine does in a second, now; short runs tell little."""
        if used >= TELLING and seconds > 0:
            self._rate = min(RATE, used / seconds)


def _code_of(result: dict[str, Any]) -> str | None:
    try:
        return b64decode(result["code"], validate=True).decode("latin-1")
    except (KeyError, TypeError, ValueError):  # it does not parse, or the guest is not itself any more
        return None


def _limit(message: str) -> str:
    if "all fuel" in message:
        return "steps"
    if "stack" in message:
        return "stack"
    return "memory" if "memory" in message else "trap"


def native_code(progress: Callable[[str], None] = lambda _: None) -> str | None:
    """Return the path of the sandbox's native code, compiled now if need be; None where no place can hold it.

    Where the cache cannot hold it, the memory of this process does, so that forked processes need not compile again.
    """
    _required()
    path = _native_path()
    if is_private(path):
        with suppress(OSError):
            os.utime(path)
        return str(path)
    progress("compiling the sandbox once; this takes about 20 seconds")
    code = _compiled()
    if keep(path, code) and is_private(path):
        for pattern, days in (("sandbox-*.cwasm", UNUSED), (f"{ASIDE}*", 1)):
            prune(path.parent, pattern, files=20, size=2 << 30, days=days)
        return str(path)
    progress(f"{path.parent} cannot keep it: it cannot be written, is in this work tree, or others can write to it")
    return _in_memory(code)


def is_compiled() -> bool:
    """Whether the native code of this component is in the cache."""
    _required()
    return is_private(_native_path())


def _load(progress: Callable[[str], None], native: str | None) -> tuple[Any, Any]:
    place = native or native_code(progress)
    from wasmtime import WasmtimeError, component

    engine = _engine()
    for again in (True, False):
        if place is None:
            break
        try:
            return engine, component.Component.deserialize_file(engine, place)
        except WasmtimeError:  # cut short, or made for another processor
            with suppress(OSError):
                Path(place).unlink()
            place = native_code(progress) if again else None
    return engine, component.Component(engine, COMPONENT.read_bytes())


def _required() -> None:
    try:
        import wasmtime  # noqa: F401
    except UNUSABLE as error:
        raise AnalysisError(f"wasmtime cannot be imported ({first_words(error)}): reinstall cwm-check") from error
    if not COMPONENT.exists():
        raise AnalysisError(
            f"the sandbox {COMPONENT.name} is missing: reinstall cwm-check, or run `python -m cwm_check.sandbox.build`"
        )


def _engine() -> Any:
    from wasmtime import Config, Engine

    config = Config()
    config.consume_fuel = True
    return Engine(config)


def _compiled() -> bytes:
    from wasmtime import component

    return bytes(component.Component(_engine(), COMPONENT.read_bytes()).serialize())


def _in_memory(code: bytes) -> str | None:
    """A file without a name, which lives as long as this process and those that it forks; Linux only."""
    if not hasattr(os, "memfd_create"):
        return None
    handle = os.memfd_create("cwm-check-sandbox")
    with os.fdopen(handle, "wb", closefd=False) as file:
        file.write(code)
    return f"/proc/self/fd/{handle}"


def _native_path() -> Path:
    parts = (_component_hash(), _wasmtime_version(), hashlib.sha256(_kind_of_processor()).hexdigest())
    key = hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]
    return cache_folder() / f"sandbox-{key}.cwasm"


def _wasmtime_version() -> str:
    """The version of wasmtime, as the folder beside it names it; `importlib.metadata` takes 15 ms to say the same."""
    import wasmtime

    found = list(Path(wasmtime.__file__).parent.parent.glob("wasmtime-*.dist-info"))
    if len(found) == 1:
        return found[0].name.removeprefix("wasmtime-").removesuffix(".dist-info")
    from importlib.metadata import version

    return version("wasmtime")


def _component_hash() -> str:
    """The hash of the component: it takes a while, and is kept for as long as the file is the same for the system."""
    info = COMPONENT.stat()
    state = repr((str(COMPONENT), info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns))
    place = cache_folder() / f"component-{hashlib.sha256(state.encode()).hexdigest()[:24]}"
    known = load(place, 64)
    if known is not None and len(known) == 64:
        return known.decode("ascii", "replace")
    with COMPONENT.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if keep(place, found.encode()):
        prune(place.parent, "component-*", files=20, size=1 << 20, days=UNUSED)
    return found


def _kind_of_processor() -> bytes:
    """What native code depends on: that of nothing names the system and the instructions that may be used (AVX2, ...).

    So a cache that several machines share, or that was copied, holds one file for each kind.
    """
    from wasmtime import Module

    return bytes(Module(_engine(), NOTHING).serialize())
