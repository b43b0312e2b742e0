"""The compiled sandbox and one run in it. The only module that imports wasmtime.

In: the component that the build made, and jobs. Out: what the guest said, as plain dictionaries. The component's
imports are exactly `ask` and `emit`: no files, no network, no clock, no environment. Each run gets a fresh instance
with its own fuel and memory. The native code is compiled once (about 20 s) into the user's cache, keyed by the
component's hash, the wasmtime version and the machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwm_check.errors import AnalysisError
from cwm_check.sandbox import messages

COMPONENT = Path(__file__).parent / "ground.wasm"
MEMORY = 256 << 20  # bytes a run may use
FUEL = 3_000_000_000  # wasm instructions of one run: about 0.5 s
MESSAGES = 20_000  # what one run may say: the host's time is not counted as fuel


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gave."""

    result: dict[str, Any]
    """The guest's outcome; its `kind` is `refused` when it could not start, `limit` when a resource ran out."""
    frames: tuple[list[Any], ...]
    """Frames as the guest sent them: event, line, locals, value, depth, questions asked so far; and what visits saw: `seen`, visit, nothing, text, frame, sign."""
    fuel: int
    """Wasm instructions used."""


class Sandbox:
    """A compiled component; `run` starts a fresh instance each time."""

    def __init__(self, progress: Callable[[str], None] = lambda _: None) -> None:
        from wasmtime import component

        self._engine, self._component = _load(progress)
        self._linker = component.Linker(self._engine)
        self._ask: Callable[[dict[str, Any]], dict[str, Any]] = lambda question: {}
        self._frames: list[list[Any]] = []
        self.spent = 0
        """Wasm instructions of all runs so far, those that an answer ended included."""
        self._messages = 0
        self._compiled: dict[tuple[str, str], str | None] = {}
        with self._linker.root() as root:
            root.add_func("ask", self._on_ask)
            root.add_func("emit", self._on_emit)

    def _on_ask(self, store: object, question: str) -> str:
        self._count()
        return json.dumps(self._ask(messages.question(question)))

    def _on_emit(self, store: object, frames: str) -> None:
        self._count()
        self._frames.extend(messages.frames(frames))

    def _count(self) -> None:
        self._messages += 1
        if self._messages > MESSAGES:
            raise messages.Garbled("more messages than any program needs")

    @property
    def imports(self) -> list[str]:
        """What the component may call: all its ways out."""
        return list(self._component.type.imports(self._engine))

    def compile(self, source: str, name: str) -> str | None:
        """The module's statements as the guest compiled them, to be sent with jobs; None when it cannot parse them.

        Compiling happens in the sandbox too, in a run of its own; the host only keeps the text.
        """
        key = (source, name)
        if key not in self._compiled:
            spent = self.spent
            run = self.run({"compile": source, "name": name}, lambda question: {}, fuel=20 * FUEL)
            self.spent = spent  # it is done once, so it must not make the first run dearer than the next
            self._compiled[key] = run.result.get("code")
        return self._compiled[key]

    def instance(self, fuel: int = FUEL) -> tuple[Any, Any]:
        """A store with its limits, and a fresh instance in it."""
        from wasmtime import Store

        store = Store(self._engine)
        store.set_fuel(fuel)
        store.set_limits(memory_size=MEMORY)
        return store, self._linker.instantiate(store, self._component)

    def run(self, job: dict[str, Any], ask: Callable[[dict[str, Any]], dict[str, Any]], *, fuel: int = FUEL) -> Run:
        """Run one job in a fresh instance; an exception of `ask` ends the run and is raised again here."""
        from wasmtime import Store, Trap, WasmtimeError

        failure: list[BaseException] = []

        def guarded(question: dict[str, Any]) -> dict[str, Any]:
            try:
                return ask(question)
            except BaseException as error:
                failure.append(error)
                raise

        around = self._ask, self._frames, self._messages  # an answer may need a run of its own
        self._ask, self._frames, self._messages = guarded, [], 0
        store = Store(self._engine)
        store.set_fuel(fuel)
        store.set_limits(memory_size=MEMORY)
        try:
            entry = self._linker.instantiate(store, self._component).get_func(store, "run")
            assert entry is not None
            result = messages.result(entry(store, json.dumps(job)))
        except (WasmtimeError, Trap) as error:
            if failure:
                raise failure[0] from None
            result = {"kind": "limit", "value": _limit(str(error))}
        except messages.Garbled as error:
            result = {"kind": "refused", "value": f"the program forged a message: {error}"}
        finally:
            self.spent += fuel - store.get_fuel()
            frames = tuple(self._frames)
            self._ask, self._frames, self._messages = around
        return Run(result, frames, fuel - store.get_fuel())


def _limit(message: str) -> str:
    if "all fuel" in message:
        return "steps"
    if "stack" in message:
        return "stack"
    return "memory" if "memory" in message else "trap"


def _load(progress: Callable[[str], None]) -> tuple[Any, Any]:
    try:
        from wasmtime import Config, Engine, component
    except ImportError as error:
        raise AnalysisError(f"wasmtime cannot be imported ({error}): reinstall cwm-check") from error
    if not COMPONENT.exists():
        raise AnalysisError(
            f"the sandbox {COMPONENT.name} is missing: reinstall cwm-check, or run `python -m cwm_check.sandbox.build`"
        )
    config = Config()
    config.consume_fuel = True
    engine = Engine(config)
    wasm = COMPONENT.read_bytes()
    native = cache_folder() / f"sandbox-{_key(wasm)}.cwasm"
    if _is_ours(native):
        try:
            return engine, component.Component.deserialize_file(engine, str(native))
        except Exception:
            native.unlink(missing_ok=True)
    progress("compiling the sandbox once; this takes about 20 seconds")
    compiled = component.Component(engine, wasm)
    _keep(native, bytes(compiled.serialize()))
    return engine, compiled


def _key(wasm: bytes) -> str:
    from importlib.metadata import version

    parts = (hashlib.sha256(wasm).hexdigest(), version("wasmtime"), platform.machine(), platform.system())
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def cache_folder() -> Path:
    """Where compiled code is kept: CWM_CHECK_CACHE, else XDG_CACHE_HOME/cwm-check, else ~/.cache/cwm-check."""
    if own := os.environ.get("CWM_CHECK_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "cwm-check"
    except RuntimeError:  # no home directory
        return Path(tempfile.gettempdir()) / f"cwm-check-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def is_compiled() -> bool:
    """Whether the native code of this component is in the cache."""
    return COMPONENT.exists() and _is_ours(cache_folder() / f"sandbox-{_key(COMPONENT.read_bytes())}.cwasm")


def _is_ours(native: Path) -> bool:
    """Native code is only loaded from a file that nobody else can write."""
    try:
        info = native.stat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return True
    return info.st_uid == os.getuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _keep(native: Path, code: bytes) -> None:
    """Write aside, then move: two processes at once do no harm. A cache that cannot be written costs time only."""
    try:
        native.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, aside = tempfile.mkstemp(dir=native.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(code)
        os.replace(aside, native)
    except OSError:
        pass
