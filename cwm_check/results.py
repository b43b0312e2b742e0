"""Results of earlier checks: what a trial depends on in, the trial out, if the cache has it and nothing changed.

The key holds all that is known beforehand: the function with both modules, the calls to try, the settings, the budget,
this program, the sandbox and the models. What the sandbox reads on its way (other modules of the repository) is kept
beside the result, by hash, and looked at again. Entries are JSON, checked against the records' types.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from cwm_check.cache import ASIDE, cache_folder, keep, load, prune
from cwm_check.config import Config
from cwm_check.pairs import ChangedFunction
from cwm_check.records import from_plain, to_json
from cwm_check.search.explore import Budget
from cwm_check.trial import Trial
from cwm_check.vocabulary import SkipReason

Reader = Callable[[str], str | None]
LARGEST = 2 << 20  # bytes of one entry
FILES, SIZE, DAYS = 4000, 64 << 20, 30  # what the folder may hold, and for how long
PACKAGE = Path(__file__).parent
# What a trial does not depend on. Whatever a later version adds is part of the key.
_BESIDE_THE_POINT = frozenset(
    "include exclude include_functions exclude_functions disable levels time_budget threshold fail_on expect"
    " fail_on_skip jobs no_cache baseline new_code".split()
)


@dataclass(slots=True)
class Recorder:
    """A reader that notes what it read."""

    read: Reader
    seen: dict[str, str | None] = field(default_factory=dict)

    def __call__(self, path: str) -> str | None:
        text = self.read(path)
        self.seen[path] = _digest(text)
        return text


Reads = tuple[Mapping[str, str | None], Mapping[str, str | None]]
"""Path -> hash of the text that was read, before and after; None: there was no such file."""


def key_of(
    function: ChangedFunction, calls: tuple[str, ...], config: Config, budget: Budget, kind: str = "pair"
) -> str:
    """Return the name under which the trial of a function is kept; `kind` tells trials of one function apart."""
    settings = {name: value for name, value in asdict(config).items() if name not in _BESIDE_THE_POINT}
    function = replace(
        function,
        before_module=_module_digest(function.before_module),
        after_module=_module_digest(function.after_module),
    )
    parts = (kind, to_json(function), calls, sorted(settings.items()), budget.pairs, budget.cost, fingerprint())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def find(key: str, before: Reader, after: Reader) -> Trial | None:
    """Return the trial that is kept under `key`, if all that it read is still the same."""
    data = load(_place(key), LARGEST)
    if data is None:
        return None
    try:
        entry = json.loads(data)
        for side, read in ((0, before), (1, after)):
            if any(_digest(read(path)) != digest for path, digest in entry["reads"][side].items()):
                return None
        return from_plain(Trial, entry["trial"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return None  # cut short, of another version, or not ours


def store(key: str, trial: Trial, reads: Reads) -> None:
    """Keep a trial, unless another time it would give more."""
    if trial.was_cut or trial.problem in (SkipReason.SANDBOX_OFF, SkipReason.CRASHED):
        return
    data = f'{{"reads":{json.dumps(list(map(dict, reads)))},"trial":{to_json(trial)}}}'.encode()
    if len(data) <= LARGEST:
        keep(_place(key), data)


def tidy() -> None:
    """Keep the folder within its bounds."""
    prune(_place("").parent, "*.json", files=FILES, size=SIZE, days=DAYS)
    prune(_place("").parent, f"{ASIDE}*", files=FILES, size=SIZE, days=1)


def _place(key: str) -> Path:
    return cache_folder() / "results" / f"{key}.json"


def _digest(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=8)
def _module_digest(text: str) -> str:
    """The hash of a module, which many functions share."""
    return _digest(text) or ""


@cache
def fingerprint() -> str:
    """Return a hash of what computes trials: this program, its sandbox and models, wasmtime and Python."""
    found = hashlib.sha256(repr(sys.version_info).encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] not in ("training", "reports"):
            found.update(path.name.encode() + path.read_bytes())
    models = (PACKAGE / "models", PACKAGE.parent / "models", cache_folder() / "models")
    for path in sorted(path for folder in models for path in folder.glob("*/manifest.json")):
        found.update(path.read_bytes())
    wasmtime = find_spec("wasmtime")
    for place in (PACKAGE / "sandbox" / "ground.wasm", wasmtime.origin if wasmtime else None):
        info = os.stat(place) if place and Path(place).exists() else None
        found.update(repr(info and (str(place), info.st_size, info.st_mtime_ns)).encode())
    return found.hexdigest()
