"""What `cwm-check debug` opens: a shell over one version of a function, or over both versions of a changed one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cwm_check.commands.judging import root_for
from cwm_check.commands.run import wanted_from
from cwm_check.debugging.adapter import Open, Opened
from cwm_check.debugging.debugger import Debugger
from cwm_check.debugging.foresight import Foresight
from cwm_check.debugging.replay import Replay, Setting
from cwm_check.debugging.session import Session, open_session
from cwm_check.debugging.shell import Shell
from cwm_check.debugging.subject import Subject, pick, subject_at
from cwm_check.debugging.walk import SIMULATORS, VERSIONS, Walk
from cwm_check.extraction.functions import pair_functions
from cwm_check.git import read_changes
from cwm_check.neural.opening import open_neural

Begun = tuple[Walk, str, tuple[str, ...]]
"""A walk, its call, what it assumes."""


def opened(
    target: str | None,
    call: str | None,
    sources: Mapping[str, Any] | None,
    announce: Callable[[str], None],
    *,
    model: str | None = None,
    is_both: bool = False,
) -> Shell:
    """Return a shell at the first line; `sources` are the flags that say what changed, None for a single version.

    With the name of a `model` nothing is run: it predicts. With `is_both` the prediction goes beside the computed run.
    """
    is_diff = sources is not None
    subject = subject_at(target or "", Path.cwd()) if sources is None else _changed(target, sources)
    calls = _Calls(subject, is_diff, announce, model, is_both)
    walk, told, assumptions = calls.begin(call or "")
    for note in calls.session.notes:
        announce(note)
    function = subject.function
    paths = (function.before_path, function.path)[-len(walk.sides) :]
    return Shell(walk, paths, told, assumptions, calls.begin)


def for_editor(announce: Callable[[str], None], model: str | None) -> Open:
    """Return what opens a run for an editor, in the folder that it names, else in this one."""

    def opened_in(target: str, call: str | None, settings: Mapping[str, Any]) -> Opened:
        folder = Path(str(settings.get("cwd") or ".")).resolve()
        name, colons, qualname = target.rpartition("::")
        path = (folder / name).resolve()
        if Path(name).is_absolute():
            target, folder = f"{path.name}{colons}{qualname}", path.parent
        subject = subject_at(target, folder)
        walk, told, assumptions = _Calls(subject, False, announce, model, False).begin(call or "")
        return walk.last, path, told, assumptions

    return opened_in


def _changed(target: str | None, sources: Mapping[str, Any]) -> Subject:
    wanted = wanted_from({**sources, "diff": sources["patch"], "base": None})
    changes = read_changes(wanted, root_for(wanted), ())
    functions = [function for change in changes.changes for function in pair_functions(change).changed]
    return Subject(pick(functions, target), changes.before.read, changes.after.read, changes.after)


class _Calls:
    """The calls of a session: those that are typed, and those made up, one after the other."""

    def __init__(
        self, subject: Subject, is_diff: bool, announce: Callable[[str], None], model: str | None, is_both: bool
    ) -> None:
        self._neural = None if model is None else open_neural(model)
        self._is_both = is_both
        self._subject = subject
        self._announce = announce
        self._is_diff = is_diff
        self._session: Session | None = None
        self._taken = 0
        self._told: set[str] = set()

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session

    def begin(self, call: str) -> Begun:
        """Return a walk over the call, or over the next one to try."""
        if self._session is None or not (call or self._session.settings):
            self._session = open_session(self._subject, self._announce, call=call or None, is_diff=self._is_diff)
        begun = self._walk(self.session.given(call)) if call else self._other()
        self._told.add(begun[1])
        return begun

    def _other(self) -> Begun:
        """A walk over the next call that was not seen yet; after the last, the first again."""
        for _ in self.session.settings:
            begun = self._walk(self.session.made_up(self._taken))
            self._taken += 1
            if begun[1] not in self._told:
                return begun
        self._taken = 0
        self._told.clear()
        return self._walk(self.session.made_up())

    def _walk(self, setting: Setting) -> Begun:
        sources = self._sources(setting)
        simulation = sources[0].simulated()
        labels = SIMULATORS if self._is_both else VERSIONS
        return Walk([Debugger(one) for one in sources], labels), simulation.call, simulation.assumptions

    def _sources(self, setting: Setting) -> list[Replay | Foresight]:
        """What gives the traces: of one version or of both, computed, predicted, or one beside the other."""
        versions = (0, 1) if self._is_diff else (0,)
        computed = [self.session.replay(setting, side) for side in versions]
        if self._neural is None:
            return [*computed]
        predicted = [self.session.foresight(self._neural, setting, side) for side in versions]
        return [*computed, *predicted] if self._is_both else [*predicted]
