"""What works on this machine: one line for each part, cheap to ask, nothing is compiled or loaded."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from cwm_check.errors import UNUSABLE, AnalysisError, CwmCheckError, first_words


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the machine or the installation."""

    subject: str
    works: bool
    detail: str
    needed: bool = True
    """Whether nothing can be checked without it."""


def examine() -> tuple[Part, ...]:
    """Return the state of all parts that a check uses."""
    here = Part("python", True, platform.python_version())
    return (here, _git(), _library("libcst"), _sandbox(), _runtime(), *_devices(), *_models(), _server())


def _git() -> Part:
    if not shutil.which("git"):
        return Part("git", False, "not found: install git")
    told = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False)
    return Part("git", told.returncode == 0, told.stdout.strip().removeprefix("git version "))


def _library(name: str) -> Part:
    try:
        return Part(name, True, version(name))
    except PackageNotFoundError:
        return Part(name, False, "not installed: reinstall cwm-check")


def _sandbox() -> Part:
    from cwm_check.cache import cache_folder
    from cwm_check.sandbox.native import is_compiled

    try:
        state = f"compiled, in {cache_folder()}" if is_compiled() else "not compiled yet: the first check takes longer"
    except AnalysisError as error:
        return Part("sandbox", False, str(error))
    return Part("sandbox", True, f"wasmtime {_library('wasmtime').detail}, {state}")


def _runtime() -> Part:
    try:
        import onnxruntime
    except ModuleNotFoundError:
        return Part("onnxruntime", False, "not installed: pip install 'cwm-check[cpu]', or [gpu]", needed=False)
    except UNUSABLE as error:
        return Part("onnxruntime", False, f"does not work here: {first_words(error)}", needed=False)
    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return Part("onnxruntime", True, f"{onnxruntime.__version__}, built with {providers}", needed=False)


def _devices() -> Iterator[Part]:
    """Where world models can run, and why not."""
    from cwm_check.inference.providers import why_not

    try:
        import onnxruntime
    except UNUSABLE:
        return
    for name in ("cuda", "tensorrt"):
        reason = why_not(onnxruntime, name)
        yield Part(name, not reason, reason or "its libraries are tried when a model is opened", needed=False)


def _models() -> Iterator[Part]:
    """The world models on this machine."""
    from cwm_check.store import models, problems

    try:
        found = models()
    except CwmCheckError as error:
        yield Part("model", False, str(error), needed=False)
        return
    for one in found:
        manifest = one.manifest
        broken = next(problems(one, hashes=False), None)
        lacking = manifest.codec == "cwm" and not find_spec("tokenizers")
        reason = broken or ("its tokenizer needs `pip install 'cwm-check[cwm]'`" if lacking else "")
        detail = f"{manifest.precision}, speaks {manifest.codec}, {one.size / 1e6:.1f} MB, {manifest.licence}"
        yield Part(f"model {manifest.name}", not reason, reason or detail, needed=False)


def _server() -> Part:
    """Whether a world model on a server is set, without asking it and without its key."""
    from cwm_check.neural.remote import PREFIX, server_of

    text = os.environ.get("CWM_CHECK_MODEL", "")
    if not text.startswith(PREFIX):
        return Part("server", False, "none is set: CWM_CHECK_MODEL=openai:URL#NAME, or --model", needed=False)
    try:
        server = server_of(text)
    except CwmCheckError as error:
        return Part("server", False, str(error), needed=False)
    key = "with a key" if os.environ.get("CWM_CHECK_API_KEY") else "without a key"
    return Part("server", True, f"{server.name} at {server.address}, {key}; not asked", needed=False)
