"""A graph file in, an open ONNX Runtime session out, on the best execution provider that really works here.

TensorRT, then CUDA, then the CPU. What ONNX Runtime lists is what it was built with, so the driver and the libraries
are looked for first; it prints failures to standard output, where reports go, so it is kept quiet and asked afterwards.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cwm_check.errors import UNUSABLE, AnalysisError, first_words

Device = Literal["auto", "cpu", "cuda", "tensorrt"]

_PROVIDERS = {"tensorrt": "TensorrtExecutionProvider", "cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # Small steps: the cache of keys and values is allocated once, in one piece.
    "cuda": {"device_id": 0, "arena_extend_strategy": "kSameAsRequested"},
    "tensorrt": {"device_id": 0, "trt_fp16_enable": True},
    "cpu": {},
}
_SPIN = "50"  # microseconds: about an operator of nano
_SILENT, _WARNINGS, _ERRORS = 4, 2, 3  # ONNX Runtime's levels of severity


@dataclass(frozen=True, slots=True)
class Opened:
    """An open session and where it runs."""

    session: Any
    device: Device
    note: str = ""
    """What users should know: the device they could have had, and why they do not."""


def open_session(path: Path, device: Device = "auto", threads: int = 0) -> Opened:
    """Return a session for the graph at `path`; a named `device` that does not work is an error, `auto` falls back.

    `threads` 0: as many as this process may use.
    """
    runtime = _import_runtime()
    if device in ("cuda", "tensorrt") and (reason := why_not(runtime, device)):
        raise AnalysisError(f"device {device} is not usable: {reason}; or say --device cpu")
    # What TensorRT does not know, as grouped attention, runs on CUDA.
    tried = {"auto": ("tensorrt", "cuda"), "tensorrt": ("tensorrt", "cuda"), "cuda": ("cuda",), "cpu": ()}[device]
    wanted = [name for name in tried if not why_not(runtime, name)]
    session = _open(runtime, path, [*wanted, "cpu"], threads)
    got = next(name for name, provider in _PROVIDERS.items() if provider == session.get_providers()[0])
    if device in ("cuda", "tensorrt") and got != device:
        raise AnalysisError(f"device {device} does not start: its libraries are missing or of another version")
    note = f"{wanted[0]} does not start, the model runs on {got}" if wanted and got != wanted[0] else ""
    return Opened(session, got, note)  # type: ignore[arg-type]


def _import_runtime() -> Any:
    try:
        import onnxruntime
    except UNUSABLE as error:
        raise AnalysisError(
            f"no ONNX Runtime ({first_words(error)}): pip install 'cwm-check[cpu]', or [gpu]"
        ) from error
    return onnxruntime


def _open(runtime: Any, path: Path, names: list[str], threads: int) -> Any:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    options = runtime.SessionOptions()
    options.log_severity_level = _ERRORS
    options.intra_op_num_threads = threads or usable_threads()
    # A thread that waits for work by spinning takes the core that the sandbox or a test needs; one that goes to sleep
    # between two operators wakes up later than the other thread needs for both.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN)
    try:
        with _quiet(runtime):
            if len(names) > 1:
                runtime.preload_dlls(directory="")
            providers = [(_PROVIDERS[name], dict(_OPTIONS[name])) for name in names]
            return runtime.InferenceSession(str(path), options, providers=providers)
    except _broken(state) as error:
        first = str(error).splitlines()[0]
        raise AnalysisError(f"{path} cannot be opened: {first}; `cwm-check model verify` checks the files") from error


def _broken(state: Any) -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a file that it cannot use; the types have no common base."""
    return (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile)


@contextlib.contextmanager
def _quiet(runtime: Any) -> Iterator[None]:
    runtime.set_default_logger_severity(_SILENT)  # failures to load a provider go to the default logger
    try:
        with contextlib.redirect_stdout(sys.stderr):  # some banners are printed
            yield
    finally:
        runtime.set_default_logger_severity(_WARNINGS)


def usable_threads() -> int:
    """Return the number of cores that this process may run on; ONNX Runtime would count those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def why_not(runtime: Any, name: str) -> str:
    """Return why an execution provider cannot work here, and what to do; empty if it can, as far as one can tell."""
    if _PROVIDERS[name] not in runtime.get_available_providers():
        return "install 'cwm-check[gpu]' in place of [cpu]"
    if name == "cpu":
        return ""
    if not _has_gpu():
        return "there is no NVIDIA driver with a GPU"
    library = "nvinfer_10.dll" if sys.platform == "win32" else "libnvinfer.so.10"
    return f"{library} is not there: install TensorRT 10" if name == "tensorrt" and not _library(library) else ""


def _has_gpu() -> bool:
    driver = _library("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    count = ctypes.c_int(0)
    return (
        driver is not None
        and driver.cuInit(0) == 0
        and driver.cuDeviceGetCount(ctypes.byref(count)) == 0
        and count.value > 0
    )


def _library(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
