"""`check --new-code`: the added and edited functions of a check in, its verdicts with what new code does wrong out.

Tests and nested functions are left out: those fail on purpose, these are reached through the ones around them. Of
several functions that meet one mistake the one tells it in which it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from cwm_check.config import Config, selects_function
from cwm_check.hazards.findings import hazard_findings
from cwm_check.pairs import ChangedFunction, FileFunctions, FunctionSource
from cwm_check.simulations import Hazard
from cwm_check.trials import Trials
from cwm_check.verdicts import Finding, Verdict
from cwm_check.vocabulary import SkipReason

Key = tuple[str, str]
"""Path and qualified name."""
Configured = Callable[[Sequence[Finding]], Iterator[Finding]]


def new_functions(files: Sequence[FileFunctions], texts: Mapping[str, str], config: Config) -> list[ChangedFunction]:
    """Return the functions to look at; an added one is its own version before."""
    found = [f for file in files for f in file.changed if not f.because]
    for file in files:
        text = texts.get(file.path, "")
        found += [ChangedFunction(file.path, file.path, f.qualname, f, f, text, text, (), ()) for f in file.added]
    return [f for f in found if selects_function(config, f.qualname) and not _is_test(f.path, f.after)]


def _is_test(path: str, function: FunctionSource) -> bool:
    parts = PurePosixPath(path).parts
    is_there = any(p in ("test", "tests", "testing", "conftest.py") for p in parts) or parts[-1].startswith("test_")
    return is_there or function.is_nested or function.qualname.rpartition(".")[2].startswith("test")


def with_new_code(
    verdicts: Sequence[Verdict],
    functions: Sequence[ChangedFunction],
    trials: Trials | None,
    added_lines: Callable[[str], Sequence[int]],
    config: Config,
    configured: Configured,
) -> Iterator[Verdict]:
    """Yield the verdicts with the findings of new code; without `trials`, only what the source proves."""
    from cwm_check.hazards.trial import try_alone

    found = [] if trials is None else list(trials.of(functions, try_alone))
    hazards = dict(zip(map(_key, functions), _told_once(functions, [t.hazards for t in found]), strict=True))
    probes = dict(zip(map(_key, functions), [t.conclusive for t in found] or [0] * len(functions), strict=True))
    by_key = {_key(function): function for function in functions}
    cut = sum(t.problem is SkipReason.TIME or t.was_cut for t in found)
    if trials is not None and cut:
        what = "function" if cut == 1 else "functions"
        trials.notes.append(f"--new-code: the time budget ended before all calls of {cut} new or edited {what}")
    for verdict in verdicts:
        key = verdict.path, verdict.qualname
        function = by_key.get(key)
        if function is None or (verdict.kind == "skipped" and verdict.reason == SkipReason.SELECTION):
            yield verdict
            continue
        lines = added_lines(function.path)
        new = hazard_findings(function, hazards[key], verdict.findings, lines, threshold=config.threshold)
        yield replace(
            verdict,
            findings=(*verdict.findings, *configured(new)),
            probes=verdict.probes or (probes[key] if verdict.reason == SkipReason.ADDED else 0),
        )


def _key(function: ChangedFunction) -> Key:
    return function.path, function.qualname


def _told_once(
    functions: Sequence[ChangedFunction], hazards: Sequence[tuple[Hazard, ...]]
) -> Iterator[tuple[Hazard, ...]]:
    """The hazards of each function, without those that another function makes and tells."""
    owners = {
        (f.path, h.rule, h.origin): f.qualname
        for f, group in zip(functions, hazards, strict=False)
        for h in group
        if f.after.first_line <= h.origin <= f.after.last_line
    }
    told: set[tuple[str, str, int]] = set()
    for number, function in enumerate(functions):
        kept = []
        for hazard in hazards[number] if number < len(hazards) else ():
            key = function.path, hazard.rule, hazard.origin
            if owners.get(key, function.qualname) == function.qualname and key not in told:
                told.add(key)
                kept.append(hazard)
        yield tuple(kept)
