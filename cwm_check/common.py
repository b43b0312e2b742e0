"""What the functions of one check share: its time, its notes, the sandbox and the world model when asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from cwm_check.config import Config
from cwm_check.errors import CwmCheckError
from cwm_check.git import ChangeSet

if TYPE_CHECKING:
    from cwm_check.neural.rounds import NeuralSimulator
    from cwm_check.pairs import ChangedFunction
    from cwm_check.trial import Trial
    from cwm_check.trials import Trials

Announce = Callable[[str], None]
GRACE = 0.03  # share of the time budget in which what is static goes on after its end
STATIC_ONLY = 60.0  # seconds for what is static, where the time budget is 0; a busy machine needs some


class Common:
    """What the functions of one check share."""

    def __init__(self, changes: ChangeSet, config: Config, deadline: float, announce: Announce) -> None:
        self.changes = changes
        self.config = config
        self.notes: list[str] = []
        self.model_name = ""
        """Of the world model that predicted whole runs."""
        self.broken = ""
        self.work: Sequence[ChangedFunction] = ()
        self.deadline = deadline
        self.announce = announce
        self._added = {c.path: c.added_lines for c in changes.changes}
        self._shown: dict[str, tuple[int, ...]] = {}

    @property
    def end(self) -> float:
        """When even what is static must end, a monotonic time."""
        deadline = self.trials.deadline if "trials" in vars(self) else self.deadline
        return deadline + (self.config.time_budget * GRACE or STATIC_ONLY)

    def is_over(self) -> bool:
        """Whether it must have ended."""
        return time.monotonic() >= self.end

    def added_lines(self, path: str) -> tuple[int, ...]:
        """The lines that may be commented on: git's own, since two right diffs may differ."""
        if path not in self._shown:
            shown = self.changes.shown_lines(path)
            self._shown[path] = self._added.get(path, ()) if shown is None else shown
        return self._shown[path]

    def trials_of(self, functions: Sequence[ChangedFunction]) -> Iterator[Trial]:
        """Yield what the sandbox shows of each function, in order; nothing happens before the first is asked for."""
        yield from self.trials.of(functions)

    @cached_property
    def trials(self) -> Trials:
        """What runs functions in the sandbox."""
        from cwm_check.trials import Trials

        return Trials(self.changes, self.config, self.work, self.deadline, self.announce, self.notes)

    @cached_property
    def neural(self) -> NeuralSimulator | None:
        """The simulator that executes nothing; None with a note where it is only a fallback and does not open."""
        try:
            from cwm_check.neural.opening import open_neural

            simulator = open_neural(self.config.model)
        except CwmCheckError as error:
            if self.config.simulate != "hybrid":
                raise
            self.notes.append(str(error))
            return None
        self.model_name = simulator.model.name
        return simulator
