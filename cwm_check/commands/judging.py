"""What one run finds: what the user asked for goes in; the settings in force and the result come out.

Writes no report. The settings of a range are those of its base; findings that are meant are set aside.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cwm_check.accepted.acceptance import Grounds, accept
from cwm_check.accepted.baseline import Entry, entries_from
from cwm_check.accepted.intent import declarations_in
from cwm_check.check import check
from cwm_check.commands.output import complain, progress_on
from cwm_check.config import PREFIX, Config, Settings, load, section_of
from cwm_check.errors import CwmCheckError
from cwm_check.git import ChangeSet, Pair, Patch, Range, Wanted, find_root, read_changes
from cwm_check.kinds import KINDS
from cwm_check.rules import NEW_CODE
from cwm_check.verdicts import CheckResult

MESSAGE = "the message"
_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Judged:
    """One run, as far as reports and exit codes need it."""

    changes: ChangeSet

    result: CheckResult
    settings: Settings
    entries: tuple[Entry, ...]
    """The findings that are known."""
    baseline: Path
    """The file that holds them, or would."""


def judge(
    wanted: Wanted,
    paths: Sequence[str],
    options: Mapping[str, Any],
    *,
    defaults: Config,
    message: str = "",
    begun: float | None = None,
) -> Judged:
    """Check what is wanted; `message` is that of the commit in the making.

    The time budget counts from `begun`, a monotonic time, or from now: reading the change is part of it.
    """
    begun = time.monotonic() if begun is None else begun
    root = root_for(wanted)
    changes = read_changes(wanted, root, paths)
    settings, notes = _settings_for(wanted, root, changes, _flags(options), defaults)
    _require_model(settings)
    by_caller = _is_by_caller(settings, "baseline")
    baseline = Path(settings.config.baseline) if by_caller else (root or Path()) / settings.config.baseline
    entries = _read_baseline(baseline) if by_caller else _baseline_of(changes, settings.config.baseline)
    progress = None if options["quiet"] else progress_on(sys.stderr)
    result = check(changes, settings.config, progress=progress, announce=announce, begun=begun)
    result = replace(result, notes=(*result.notes, *notes), model_version=_version_of(result.model))
    messages = (*((name, text) for name, text in changes.messages), (MESSAGE, message))
    grounds = Grounds(
        texts={change.path: change.after for change in changes.changes if change.after is not None},
        declarations=tuple(one for name, text in messages for one in declarations_in(text, name)),
        entries=entries,
        baseline=settings.config.baseline,
        complete=not paths,
        unseen=frozenset() if settings.config.new_code else NEW_CODE,
    )
    return Judged(changes, accept(result, grounds), settings, entries, baseline)


def _is_by_caller(settings: Settings, name: str) -> bool:
    return dict(settings.origins)[name].startswith(("--", PREFIX))


def _require_model(settings: Settings) -> None:
    """Refuse a model that the caller names and nobody has: a check asks it late or never, and would not tell."""
    name = settings.config.model
    if _is_by_caller(settings, "model") and not name.startswith(("assumed", "openai:")):
        from cwm_check.store import find_model

        find_model(name)


def _version_of(model: str) -> str:
    if model == "assumed":
        return ""
    from cwm_check.store import find_model

    try:
        return find_model(model).version
    except CwmCheckError:  # a server
        return ""


def announce(what: str) -> None:
    """Say what takes long, also where no one watches."""
    complain([what])


def settings_here() -> Settings:
    """Return the settings that a check of the work tree would have."""
    try:
        root = find_root(Path.cwd())
    except CwmCheckError:
        return load(None, os.environ, {})
    return load(_file_at(root), os.environ, {})


def root_for(wanted: Wanted) -> Path | None:
    """Return the top of the repository here; None where what is wanted needs none."""
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


def _file_at(root: Path | None) -> str | None:
    path = (root or Path()) / _FILE
    try:
        return path.read_text(encoding="utf-8") if root and path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise CwmCheckError(f"cannot read {path}: {error}") from error


def _baseline_of(changes: ChangeSet, name: str) -> tuple[Entry, ...]:
    # What the project names is a file of the change, and reviewed with it.
    return entries_from(changes.after.read(name) or "", name)


def _read_baseline(path: Path) -> tuple[Entry, ...]:
    try:
        return entries_from(path.read_text(encoding="utf-8"), str(path)) if path.exists() else ()
    except (OSError, UnicodeDecodeError) as error:
        raise CwmCheckError(f"cannot read the baseline {path}: {error}") from error
