"""The native code of the sandbox: compiled once (about 20 s) into the user's cache, loaded from there.

In: the component that the build made. Out: wasmtime's engine and the component, ready to be instantiated. Keyed by the
component's hash, the wasmtime version and the processor's kind; what is broken is compiled again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cwm_check.cache import ASIDE, cache_folder, is_private, keep, load, prune
from cwm_check.errors import UNUSABLE, AnalysisError, first_words

COMPONENT = Path(__file__).parent / "ground.wasm"
UNUSED = 30  # days after which native code that nobody used is deleted
NOTHING = b"\0asm\1\0\0\0"  # the smallest module


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


def load_component(progress: Callable[[str], None], native: str | None) -> tuple[Any, Any]:
    """Return wasmtime's engine and the component, from the native code at `native`, else that of the cache."""
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
