"""The compiled sandbox and one run in it.

In: jobs. Out: what the guest said, as plain dictionaries. The component's imports are exactly `ask` and `emit`: no
files, no network, no clock, no environment. Each run gets a fresh instance with its own fuel and memory.
"""

from __future__ import annotations

import json
import math
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cwm_check.sandbox import messages
from cwm_check.sandbox.native import load_component

MEMORY = 256 << 20  # bytes a run may use
FUEL = 3_000_000_000  # wasm instructions of one run: about 0.5 s
RATE = 2_000_000_000  # wasm instructions that a machine does in a second, until runs have shown what this one does
TELLING = 100_000_000  # wasm instructions from which on a run shows it
MESSAGES = 20_000  # what one run may say: the host's time is not counted as fuel


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
        self._engine, self._component = load_component(progress, native)
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
