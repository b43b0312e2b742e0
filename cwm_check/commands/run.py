"""One run of the checker: what the user asked for goes in, reports are written, the exit code comes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from cwm_check.accepted.intent import declarations_in, intent_of, written
from cwm_check.commands.judging import MESSAGE, Judged, judge
from cwm_check.commands.output import Target, complain, targets_from, wants_color, write
from cwm_check.config import Config
from cwm_check.errors import CwmCheckError
from cwm_check.gate import reasons_to_stop
from cwm_check.git import Pair, Patch, Range, Staged, Wanted, WorkTree
from cwm_check.reports import REPORTS
from cwm_check.reports.summary import plural
from cwm_check.verdicts import CheckResult


def run(
    wanted: Wanted, paths: Sequence[str], options: Mapping[str, Any], *, defaults: Config, begun: float | None = None
) -> int:
    """Check what is wanted, write the reports, and return the exit code; the time budget counts from `begun`."""
    targets = targets_from(options["formats"])
    judged = judge(wanted, paths, options, defaults=defaults, begun=begun)
    complain(_quiet_verdicts(judged.result) if options["verbose"] else ())
    return _conclude(judged, targets, options)


def run_on_message(file: Path, options: Mapping[str, Any], *, defaults: Config, begun: float | None = None) -> int:
    """Hold what is staged to what the commit message says of it, and return the exit code."""
    try:
        message = written(file.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise CwmCheckError(f"cannot read the message {file}: {error.strerror}") from error
    intent = intent_of(message)
    if intent == "open" and not declarations_in(message, MESSAGE):
        return 0
    targets = targets_from(options["formats"])
    expected = {"expect": "none"} if intent == "stays" else {}
    judged = judge(Staged(), (), {**options, **expected}, defaults=defaults, message=message, begun=begun)
    complain(note for note in judged.result.notes if note.startswith(MESSAGE))
    if intent == "changes" and _nothing_changed(judged.result):
        complain(["note: the message says fix:, but no change of behaviour was found"])
    return _conclude(judged, targets, options)


def _nothing_changed(result: CheckResult) -> bool:
    judged = [verdict for verdict in result.verdicts if verdict.kind != "skipped"]
    return bool(judged) and all(verdict.kind != "changed" for verdict in judged)


def _conclude(judged: Judged, targets: Sequence[Target], options: Mapping[str, Any]) -> int:
    reasons = reasons_to_stop(judged.result, judged.settings.config)
    if options.get("write_tests"):
        complain(_write_tests(judged, options["write_tests"]))
    _report(targets, judged.result, options, stopped=bool(reasons))
    complain(reasons)
    broken = judged.result.broken
    complain([broken] if broken else [])
    return 3 if broken else 1 if reasons else 0


def wanted_from(options: Mapping[str, Any]) -> Wanted:
    """Return what the source flags of `check` ask for; at most one kind may be given."""
    asked = [name for name in ("staged", "from_ref", "diff", "before") if options[name]]
    if len(asked) > 1:
        raise CwmCheckError(f"--{asked[0]} and --{asked[1]} cannot be combined".replace("_", "-"))
    for name, needed in (("to_ref", "from_ref"), ("base", "diff"), ("after", "before"), ("before", "after")):
        if options[name] and not options[needed]:
            raise CwmCheckError(f"--{name} needs --{needed}".replace("_", "-"))
    match asked:
        case ["staged"]:
            return Staged()
        case ["from_ref"]:
            return _range(options["from_ref"], options["to_ref"])
        case ["diff"]:
            return Patch(_read_patch(options["diff"]), options["base"])
        case ["before"]:
            return Pair(options["before"], options["after"])
    return WorkTree()


def _range(base: str, head: str | None) -> Range:
    first, dots, second = base.partition("..")
    if dots and head:
        raise CwmCheckError(f"--from-ref {base} names both revisions; leave --to-ref out")
    if dots:
        return Range(first, second.removeprefix(".") or "HEAD", three_dot=second.startswith("."))
    return Range(base, head, three_dot=True)


def _read_patch(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CwmCheckError(f"cannot read the patch {name}: {error.strerror}") from error
    return data.decode("utf-8", "surrogateescape")


def _quiet_verdicts(result: CheckResult) -> Iterator[str]:
    for verdict in result.verdicts:
        if verdict.kind in ("same", "unchanged"):
            basis = verdict.reason or f"{verdict.evidence}, {plural(verdict.probes, 'probe')}"
            told = f"{basis}; {verdict.agreement}" if verdict.agreement else basis
            yield f"{verdict.path}:{verdict.line} {verdict.qualname}: {verdict.kind} ({told})"


def _write_tests(judged: Judged, folder: Path) -> Iterator[str]:
    from cwm_check.reports.regressions import HEADER, test_files

    before = {change.path: change.before for change in judged.changes.changes if change.before is not None}
    paths = frozenset(judged.changes.after.paths())
    files = test_files(judged.result.findings, before, paths.__contains__)
    try:
        for path in (folder / name for name in files):
            if path.exists() and not path.read_bytes().startswith(HEADER.encode()):
                raise CwmCheckError(f"{path} was not written by cwm-check: move it, or name another folder")
        if files:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CwmCheckError(f"cannot write tests to {folder}: {error.strerror}") from error
    for name, text in files.items():
        write(Target("text", folder / name), partial(_put, text))
        yield f"wrote {folder / name}"
    if not files:
        yield "no test was written: no finding has a call"


def _put(text: str, out: TextIO) -> None:
    out.write(text)


def _report(targets: Sequence[Target], result: CheckResult, options: Mapping[str, Any], *, stopped: bool) -> None:
    for target in targets:
        if stopped or not options["quiet"] or not target.may_be_silent:
            write(target, _renderer(target, result, options))


def _renderer(target: Target, result: CheckResult, options: Mapping[str, Any]) -> Callable[[TextIO], None]:
    report = REPORTS[target.format]
    match target.format:
        case "text":
            color = target.path is None and wants_color(options["color"], sys.stdout, os.environ)
            if options.get("explain"):
                from cwm_check.debugging.account import account

                return lambda out: report(result, out, color=color, account=account)
            return lambda out: report(result, out, color=color)
        case "sarif":
            return lambda out: report(result, out, suppressed=options["sarif_suppressed"])
    return lambda out: report(result, out)
