"""The flow: a change set comes in, one verdict for each changed function goes out.

    functions -> equivalence -> facts -> probes -> simulate -> compare -> findings

Static tiers come first and libraries are imported when they are needed: a commit that only changes layout imports none
of them. Everything static is done first, then `trials` runs what is left, by several processes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cwm_check.alarm import Late, ending_at
from cwm_check.changes import FileChange, FileProblem
from cwm_check.common import Announce, Common
from cwm_check.config import Config, selects_path
from cwm_check.git import ChangeSet
from cwm_check.layout import same_text
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Verdict
from cwm_check.vocabulary import SkipReason

if TYPE_CHECKING:
    from cwm_check.pairs import ChangedFunction, FileFunctions

Progress = Callable[[str, int, int], None]
UNREAD = 5  # changed names that no function reads, told of a change


def check(
    changes: ChangeSet,
    config: Config,
    *,
    progress: Progress | None = None,
    announce: Announce | None = None,
    begun: float | None = None,
) -> CheckResult:
    """Return the verdicts on all changed functions; those whose own text changed are looked at first.

    `progress` is told the function that is looked at, `announce` what takes long and happens once. The time budget
    counts from `begun`, a monotonic time; by default from now.
    """
    begun = time.monotonic() if begun is None else begun
    common = Common(changes, config, begun + config.time_budget, announce or (lambda _: None))
    selected = [c for c in changes.changes if selects_path(config, c.path)]
    texts = {c.path: c for c in selected}
    files = [f for c in selected if (f := _functions_of(c, common)) is not None]
    verdicts = _of_changed(files, common, progress or (lambda *_: None))
    for file in files:
        verdicts += [*_added(file), *_removed(file, texts[file.path].after or "", config)]
    if config.new_code:
        verdicts = _with_new_code(verdicts, files, texts, common)
    named = sorted({f.path for v in verdicts for f in v.findings})
    return CheckResult(
        verdicts=tuple(sorted(verdicts, key=lambda v: (v.path, v.line, v.qualname))),
        problems=tuple(FileProblem(f.path, f.problem) for f in files if f.problem is not None),
        sources=tuple((p, texts[p].after or "") for p in named),
        added_lines=tuple((p, common.added_lines(p)) for p in named),
        model=common.model_name or (config.model if any(_is_predicted(v) for v in verdicts) else "assumed"),
        notes=(*changes.notes, *common.notes, *_unread(files)),
        broken=common.broken,
    )


def _functions_of(change: FileChange, common: Common) -> FileFunctions | None:
    """The functions of a changed file; None when only its layout changed."""
    is_edit = change.problem is None and change.before is not None and change.after is not None
    if is_edit and same_text(change.before or "", change.after or ""):
        return None
    from cwm_check.pairs import FileFunctions

    if common.is_over():
        return FileFunctions(change.path, (), problem=change.problem or SkipReason.TIME)
    from cwm_check.extraction.functions import pair_functions

    try:
        with ending_at(common.end):
            return pair_functions(change)
    except Late:
        return FileFunctions(change.path, (), problem=SkipReason.TIME)


def _of_changed(files: Sequence[FileFunctions], common: Common, progress: Progress) -> list[Verdict]:
    """The verdicts on functions that are in both versions: all that is static first, then what the runs show."""
    work = sorted(
        (function for file in files for function in file.changed),
        key=lambda f: (bool(f.because), f.path, f.before.first_line, f.qualname),
    )
    if not work:
        return []
    from cwm_check.decision import judged, settled

    common.work = work
    known = [settled(function, common) for function in work]
    trials = common.trials_of([f for f, verdict in zip(work, known, strict=True) if verdict is None])
    verdicts: list[Verdict] = []
    for number, (function, verdict) in enumerate(zip(work, known, strict=True)):
        progress(function.qualname, number, len(work))
        verdicts.append(verdict or judged(function, trials, common, len(work) - number))
    progress("", len(work), len(work))
    return _told_once(verdicts, work)


def _told_once(verdicts: list[Verdict], work: Sequence[ChangedFunction]) -> list[Verdict]:
    """What a nested function does shows in the function around it, too: one finding for both."""
    if not any(function.after.is_nested for function in work):
        return verdicts
    from cwm_check.once import told_once

    return list(told_once(verdicts, work))


def _unread(files: Sequence[FileFunctions]) -> Iterator[str]:
    """What changed and has no verdict, since it is in no function and no function of its file reads it."""
    names = [f"{name} in {file.path}" for file in files for name in file.unread]
    if names:
        rest = [f"{len(names) - UNREAD} more"] if len(names) > UNREAD else []
        told = ", ".join([*names[:UNREAD], *rest])
        yield f"changed outside functions and not judged, since no function of the same file reads it: {told}"


def _is_predicted(verdict: Verdict) -> bool:
    return any(finding.evidence is Evidence.PREDICTED for finding in verdict.findings)


def _added(file: FileFunctions) -> Iterator[Verdict]:
    for function in file.added:
        yield Verdict(
            file.path, function.qualname, "skipped", Evidence.STATIC, 1.0, function.def_line, SkipReason.ADDED
        )


def _removed(file: FileFunctions, after: str, config: Config) -> Iterator[Verdict]:
    from cwm_check.decision import configured
    from cwm_check.facts import removed_fact
    from cwm_check.findings import removal_finding

    for function in file.removed:
        if _is_done_with(function.qualname, after):
            verdict = Verdict(file.path, function.qualname, "skipped", Evidence.STATIC, 1.0, function.def_line)
            yield replace(verdict, reason=SkipReason.REMOVED)
            continue
        findings = tuple(configured([removal_finding(file.path, function, removed_fact(function))], config))
        verdict = Verdict(
            file.path, function.qualname, "changed", Evidence.STATIC, 1.0, function.def_line, "", findings
        )
        yield verdict if findings else replace(verdict, kind="skipped", reason=SkipReason.SELECTION)


def _is_done_with(name: str, after: str) -> bool:
    """Whether a function is private, of no class, and its file names it no more: then nobody is left to call it."""
    is_private = name.startswith("_") and "." not in name and not name.endswith("__")
    return is_private and re.search(rf"\b{re.escape(name)}\b", after) is None


def _with_new_code(
    verdicts: Sequence[Verdict], files: Sequence[FileFunctions], texts: Mapping[str, FileChange], common: Common
) -> list[Verdict]:
    from cwm_check.decision import configured
    from cwm_check.new_code import new_functions, with_new_code
    from cwm_check.trials import Trials

    functions = new_functions(files, {path: change.after or "" for path, change in texts.items()}, common.config)
    trials = None
    if common.config.simulate != "neural":
        trials = Trials(common.changes, common.config, functions, common.deadline, common.announce, common.notes)
    by_rule = partial(configured, config=common.config)
    return list(with_new_code(verdicts, functions, trials, common.added_lines, common.config, by_rule))
