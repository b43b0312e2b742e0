"""One run of the checker: what the user asked for goes in, reports are written, the exit code comes out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from cwm_check.check import check
from cwm_check.config import Config, Settings, load, section_of
from cwm_check.errors import CwmCheckError
from cwm_check.gate import reasons_to_stop
from cwm_check.git import ChangeSet, Pair, Patch, Range, Staged, Wanted, WorkTree, find_root, read_changes
from cwm_check.kinds import KINDS
from cwm_check.output import Target, complain, progress_on, targets_from, wants_color, write
from cwm_check.reports import REPORTS
from cwm_check.reports.summary import plural
from cwm_check.types import CheckResult

_FILE = "pyproject.toml"


def run(wanted: Wanted, paths: Sequence[str], options: Mapping[str, Any], *, defaults: Config) -> int:
    """Check what is wanted, write the reports, and return the exit code."""
    targets = targets_from(options["formats"])
    root = _root_for(wanted)
    changes = read_changes(wanted, root, paths)
    settings, notes = _settings_for(wanted, root, changes, _flags(options), defaults)
    result = check(
        changes, settings.config, progress=None if options["quiet"] else progress_on(sys.stderr), announce=announce
    )
    result = replace(result, notes=(*result.notes, *notes))
    complain(_quiet_verdicts(result) if options["verbose"] else ())
    reasons = reasons_to_stop(result, settings.config)
    _report(targets, result, options, stopped=bool(reasons))
    complain(reasons)
    return 1 if reasons else 0


def announce(what: str) -> None:
    """Say what takes long, also where no one watches."""
    complain([what])


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


def settings_here() -> Settings:
    """Return the settings that a check of the work tree would have."""
    try:
        root = find_root(Path.cwd())
    except CwmCheckError:
        return load(None, os.environ, {})
    return load(_file_at(root), os.environ, {})


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


def _root_for(wanted: Wanted) -> Path | None:
    try:
        return find_root(Path.cwd())
    except CwmCheckError:
        if isinstance(wanted, Patch | Pair):
            return None
        raise


def _flags(options: Mapping[str, Any]) -> dict[str, object]:
    given = {name: options.get(name) for name in KINDS}
    return {name: value for name, value in given.items() if value is not None and value is not False}


def _settings_for(
    wanted: Wanted, root: Path | None, changes: ChangeSet, flags: Mapping[str, object], defaults: Config
) -> tuple[Settings, tuple[str, ...]]:
    # A range is judged by the settings of its base: a pull request must not silence its own check.
    if not isinstance(wanted, Range):
        return load(_file_at(root), os.environ, flags, defaults=defaults), ()
    base, head = (tree.read(_FILE) for tree in (changes.before, changes.after))
    settings = load(base, os.environ, flags, file=f"{_FILE} of the base", defaults=defaults)
    note = f"{_FILE} changes [tool.cwm-check]; the settings of the base were used"
    return settings, (note,) if section_of(base) != section_of(head) else ()


def _quiet_verdicts(result: CheckResult) -> Iterator[str]:
    for verdict in result.verdicts:
        if verdict.kind in ("same", "unchanged"):
            basis = verdict.reason or f"{verdict.evidence}, {plural(verdict.probes, 'probe')}"
            yield f"{verdict.path}:{verdict.line} {verdict.qualname}: {verdict.kind} ({basis})"


def _file_at(root: Path | None) -> str | None:
    path = (root or Path()) / _FILE
    try:
        return path.read_text(encoding="utf-8") if root and path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise CwmCheckError(f"cannot read {path}: {error}") from error


def _report(targets: Sequence[Target], result: CheckResult, options: Mapping[str, Any], *, stopped: bool) -> None:
    color = wants_color(options["color"], sys.stdout, os.environ)
    for target in targets:
        if stopped or not options["quiet"] or not target.may_be_silent:
            write(target, _renderer(target, result, color))


def _renderer(target: Target, result: CheckResult, color: bool) -> Callable[[TextIO], None]:
    report = REPORTS[target.format]
    if target.format == "text":
        return lambda out: report(result, out, color=color and target.path is None)
    return lambda out: report(result, out)
