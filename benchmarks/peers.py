"""The thirty pairs of `tests/peers`, one by one, by us and by the installed peers; times and who found what.

Each tool gets a fresh process for each pair and its own defaults; no results are kept. `crosshair diffbehavior`
compares functions by name, `griffe check` the signatures of a package between two commits, Hypothesis' ghostwriter
writes a test that both versions are equivalent, which is then run. A pair counts as found when the tool says that the
versions differ.

Another row is a commit with all thirty in it, checked by one process of ours: a diff as it comes. A pair's share of it
is read in two ways: a thirtieth, and what the median pair itself costs with a thirtieth of what is paid once. Ratios
say which they are of.
"""

from __future__ import annotations

import ast
import json
import math
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks import functions
from benchmarks.material import pairs, stage
from benchmarks.processes import Cost, run

SAME = "sum_refactored"
TIMEOUT = "120"  # seconds, for one pair
ROUNDS = 3  # checks of the thirty as one change, at the beginning, in the middle and at the end
OURS, CROSSHAIR = "cwm-check", "crosshair diffbehavior"
Tool = Callable[[str, Path], tuple[Cost, bool]]


def measure(folder: Path, python: str) -> dict[str, object]:
    """Return for each tool its times and finds, and as ratios how much longer than ours it takes."""
    texts = pairs()
    for name, (before, after) in texts.items():
        _lay_out(folder / name, before, after)
    files = [{f"{name}.py": pair[side] for name, pair in texts.items()} for side in (0, 1)]
    together = stage(folder / "thirty as one change", *files)
    tools: dict[str, Tool] = {
        OURS: lambda name, root: _ours(root),
        CROSSHAIR: lambda name, root: _crosshair(python, root),
        "griffe check": lambda name, root: _griffe(python, root),
        "hypothesis ghostwriter": lambda name, root: _ghostwriter(python, root),
    }
    told: dict[str, dict[str, tuple[Cost, bool]]] = {tool: {} for tool in tools}
    whole = []
    for number, name in enumerate(texts):  # one pair after the other: a busy moment of the machine meets all tools
        if number % (len(texts) // ROUNDS) == 0:
            whole.append(_ours_together(together))
        for tool, work in tools.items():
            told[tool][name] = work(name, folder / name)
    own = [cost for cost, _ in told[OURS].values()]
    found: dict[str, object] = {tool: _summary(results, own) for tool, results in told.items()}
    peer = [cost for cost, _ in told[CROSSHAIR].values()]
    each = functions.measure(None, None, math.inf)["functions"]
    return found | {"cwm-check, the thirty as one change": _shares(whole, peer) | _median_share(whole, each, peer)}


def _summary(results: dict[str, tuple[Cost, bool]], own: Sequence[Cost]) -> dict[str, object]:
    costs = [cost for cost, _ in results.values()]
    found = {name for name, (_, differs) in results.items() if differs}
    return {
        "found of 29": len(found - {SAME}),
        "false": len(found & {SAME}),
        "median seconds": round(_median(costs), 3),
        "median processor seconds": round(_median(costs, processor=True), 3),
        "total seconds": round(sum(cost.seconds for cost in costs), 1),
        "total processor seconds": round(sum(cost.processor for cost in costs), 1),
        "median, as a multiple of ours, one process a pair": round(_median(costs) / _median(own), 2),
        "the same of processor time": round(_median(costs, processor=True) / _median(own, processor=True), 2),
        "missed": sorted(results.keys() - found - {SAME}),
    }


def _shares(whole: Sequence[tuple[Cost, int]], peer: Sequence[Cost]) -> dict[str, object]:
    """What a pair costs in one change of thirty, and CrossHair's median of a process as a multiple of that."""
    costs = [cost for cost, _ in whole]
    seconds, processor = _median(costs) / len(peer), _median(costs, processor=True) / len(peer)
    return {
        "found of 29": min(found for _, found in whole),
        "seconds": round(_median(costs), 2),
        "processor seconds": round(_median(costs, processor=True), 2),
        "seconds a pair": round(seconds, 3),
        "processor seconds a pair": round(processor, 3),
        "median of CrossHair's processes as a multiple": round(_median(peer) / seconds, 2),
        "the same of processor time": round(_median(peer, processor=True) / processor, 2),
    }


def _median_share(whole: Sequence[tuple[Cost, int]], each: dict[str, float], peer: Sequence[Cost]) -> dict[str, float]:
    """What the median function of the thirty pairs costs in one change, by processor time."""
    once = _median([cost for cost, _ in whole], processor=True) - each["count"] * each["mean"]
    share = each["median"] + max(0.0, once) / len(peer)
    return {
        "processor seconds of the median pair": round(share, 3),
        "median of CrossHair's processes as a multiple of that": round(_median(peer, processor=True) / share, 2),
    }


def _median(costs: Sequence[Cost], *, processor: bool = False) -> float:
    return median(cost.processor if processor else cost.seconds for cost in costs)


def _lay_out(root: Path, before: str, after: str) -> None:
    """A folder for the file-based tools, and in it a repository with a package for griffe."""
    stage(root / "repo", {"pkg/__init__.py": "", "pkg/m.py": before}, {"pkg/__init__.py": "", "pkg/m.py": after})
    (root / "b1.py").write_text(before, encoding="utf-8")
    (root / "b2.py").write_text(after, encoding="utf-8")


def _ours(root: Path) -> tuple[Cost, bool]:
    cost, changed = _check(root, "--before=b1.py", "--after=b2.py")
    return cost, bool(changed)


def _ours_together(root: Path) -> tuple[Cost, int]:
    """The check of the commit with all pairs, and how many of them it found."""
    cost, changed = _check(root, "--staged")
    return cost, len(changed - {f"{SAME}.py"})


def _check(root: Path, *arguments: str) -> tuple[Cost, set[str]]:
    """What a check costs, and the files in which a function changed."""
    cost = run([sys.executable, "-m", "cwm_check", "check", *arguments, "--format=json", "--no-cache"], root)
    told = json.loads(cost.output)["functions"]
    return cost, {f["path"] for f in told if f["verdict"] == "changed"}


def _crosshair(python: str, root: Path) -> tuple[Cost, bool]:
    costs = [
        run(["timeout", TIMEOUT, python, "-m", "crosshair", "diffbehavior", f"b1.{name}", f"b2.{name}"], root)
        for name in _changed_names(root)
    ]
    return _together(costs), any(cost.status == 1 for cost in costs)


def _griffe(python: str, root: Path) -> tuple[Cost, bool]:
    cost = run([python, "-m", "griffe", "check", "pkg", "--against=HEAD"], root / "repo")
    return cost, cost.status == 1


def _ghostwriter(python: str, root: Path) -> tuple[Cost, bool]:
    costs = []
    for name in _changed_names(root):
        shutil.rmtree(root / ".hypothesis", ignore_errors=True)
        wrote = run([python, "-m", "hypothesis", "write", "--equivalent", f"b1.{name}", f"b2.{name}"], root)
        (root / "test_written.py").write_text(wrote.output, encoding="utf-8")
        ran = run([python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_written.py"], root)
        costs += [wrote, ran] if wrote.status == 0 else [wrote]
    return _together(costs), any(cost.status == 1 and "AssertionError" in cost.output for cost in costs)


def _together(costs: Sequence[Cost]) -> Cost:
    first = costs[0]
    return Cost(sum(c.seconds for c in costs), sum(c.processor for c in costs), 0.0, first.status, first.output)


def _changed_names(root: Path) -> list[str]:
    """Qualified names of the functions whose text differs, else of all."""
    before, after = (_functions((root / name).read_text(encoding="utf-8")) for name in ("b1.py", "b2.py"))
    return [name for name in after if name in before and before[name] != after[name]] or list(after)


def _functions(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        found |= {
            prefix + member.name: ast.dump(member)
            for member in members
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and member.name != "__init__"
        }
    return found
