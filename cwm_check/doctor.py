"""What works on this machine: one line for each part, cheap to ask, nothing is compiled or loaded."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


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
    return (Part("python", True, platform.python_version()), _git(), _library("libcst"), _sandbox(), _runtime())


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
    from cwm_check.sandbox.component import COMPONENT, is_compiled

    wasmtime = _library("wasmtime")
    if not wasmtime.works:
        return Part("sandbox", False, "wasmtime is not installed: reinstall cwm-check")
    if not COMPONENT.exists():
        return Part("sandbox", False, f"{COMPONENT.name} is missing: reinstall cwm-check")
    state = f"compiled, in {cache_folder()}" if is_compiled() else "not compiled yet: the first check takes longer"
    return Part("sandbox", True, f"wasmtime {wasmtime.detail}, {state}")


def _runtime() -> Part:
    try:
        import onnxruntime
    except ImportError:
        return Part("onnxruntime", False, "not installed: pip install 'cwm-check[cpu]', or [gpu]", needed=False)
    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return Part("onnxruntime", True, f"{onnxruntime.__version__}, built with {providers}", needed=False)
