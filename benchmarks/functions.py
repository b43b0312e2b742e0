"""What each changed function costs: processor seconds, and where they go, over pairs of modules in one process.

In: the thirty pairs of `tests/peers`, or a file of labelled pairs (a line of JSON each: `path`, `before_source` and
`after_source`, or `before` and `after`). What a check pays once (imports, opening the sandbox) is told apart; nothing
is kept or found in the cache. The order of the pairs is theirs, so that a part of them can be measured.
"""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.material import pairs
from benchmarks.stages import LOADED, STAGES, Clock

ONCE = ("imports", "sandbox made native", "sandbox opened", "calls in the repository")
"""Stages that a check pays once, whatever the number of functions."""


@dataclass(frozen=True, slots=True)
class Item:
    """A module before and after."""

    name: str
    path: str
    before: str
    after: str


@dataclass(slots=True)
class _Spent:
    """Seconds by function, while one check runs."""

    seconds: dict[str, float] = field(default_factory=dict)


def measure(file: Path | None, limit: int | None, seconds: float) -> dict[str, Any]:
    """Return processor seconds for each changed function, by stage, and the dearest functions.

    No pair begins after `seconds` by the clock.
    """
    clock = Clock(time.process_time)
    clock.imported(LOADED)
    for name, places in STAGES.items():
        for place in places:
            clock.watch(name, place)
    spent = _Spent()
    module = importlib.import_module("cwm_check.decision")
    for name in ("settled", "judged"):
        setattr(module, name, _by_function(getattr(module, name), spent, clock))
    end = time.monotonic() + seconds
    items = _items(file) if file else _peers()
    rows = [row for item in items[:limit] if time.monotonic() < end for row in _checked(item, spent)]
    each = sorted(row["seconds"] for row in rows)
    edited = sorted(row["seconds"] for row in rows if not row["context"])
    return {
        "pairs": f"{len({row['pair'] for row in rows})} of {len(items)}",
        "functions": _summary(each),
        "edited functions": _summary(edited),
        "by verdict": {
            kind: _summary(sorted(row["seconds"] for row in rows if row["verdict"] == kind))
            for kind in sorted({row["verdict"] for row in rows})
        },
        "stages": {name: round(seconds, 2) for name, seconds in clock.seconds.most_common()},
        "dearest": sorted(rows, key=lambda row: -row["seconds"])[:12],
    }


def _summary(each: Sequence[float]) -> dict[str, float]:
    if not each:
        return {"count": 0}
    return {
        "count": len(each),
        "median": round(median(each), 3),
        "p95": round(each[math.ceil(0.95 * len(each)) - 1], 3),
        "mean": round(fmean(each), 3),
    }


def _by_function(work: Callable[..., Any], spent: _Spent, clock: Clock) -> Callable[..., Any]:
    """`work` on a function, with its seconds noted but for what is paid once."""

    def around(function: Any, *arguments: Any) -> Any:
        begun, once = time.process_time(), sum(clock.seconds[name] for name in ONCE)
        try:
            return work(function, *arguments)
        finally:
            clock.stop()
            once = sum(clock.seconds[name] for name in ONCE) - once
            known = spent.seconds.get(function.qualname, 0.0)
            spent.seconds[function.qualname] = known + time.process_time() - begun - once

    return around


def _checked(item: Item, spent: _Spent) -> Iterator[dict[str, Any]]:
    from cwm_check.check import check
    from cwm_check.config import Config
    from cwm_check.git import ChangeSet
    from cwm_check.sources.texts import decode
    from cwm_check.sources.trees import Tree
    from cwm_check.sources.versions import file_change

    spent.seconds = {}
    texts = decode(item.before.encode()), decode(item.after.encode())
    change = file_change(item.path, item.path, *texts)
    assert change is not None
    sides = Tree(texts={item.path: item.before}), Tree(texts={item.path: item.after})
    result = check(ChangeSet((change,), *sides), Config(jobs=1, no_cache=True, time_budget=3600.0))
    for verdict in result.verdicts:
        if verdict.qualname in spent.seconds:
            yield {
                "pair": item.name,
                "function": verdict.qualname,
                "verdict": verdict.kind,
                "context": bool(verdict.because),
                "probes": verdict.probes,
                "seconds": round(spent.seconds[verdict.qualname], 3),
            }


def _peers() -> list[Item]:
    return [Item(name, f"{name}.py", *texts) for name, texts in pairs().items()]


def _items(file: Path) -> list[Item]:
    found: dict[tuple[str, str], Item] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        before, after = (row.get(f"{side}_source", row.get(side)) for side in ("before", "after"))
        name = str(row.get("id", row.get("qualname", len(found))))
        found.setdefault((before, after), Item(name, row["path"], before, after))
    return list(found.values())
