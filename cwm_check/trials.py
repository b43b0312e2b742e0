"""Tries the functions of one check in the sandbox: functions in, one `Trial` for each out, in the same order.

What an earlier check knows comes from the cache; the rest is tried by several processes, each with a sandbox of its
own, until the deadline. Order, number of processes and cache change nothing of a trial.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile
from typing import Protocol

from cwm_check import results
from cwm_check.config import Config
from cwm_check.errors import AnalysisError
from cwm_check.extraction.slices import slice_module
from cwm_check.git import ChangeSet
from cwm_check.neural.late_predictor import LatePredictor
from cwm_check.pairs import ChangedFunction
from cwm_check.parallel import in_order, usable_cores
from cwm_check.probing.calls import called_names
from cwm_check.probing.repository import find_calls
from cwm_check.results import Reads, Recorder
from cwm_check.sandbox.component import Sandbox
from cwm_check.sandbox.native import native_code
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.explore import Budget
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import WorldModel
from cwm_check.trial import Trial, try_function
from cwm_check.vocabulary import ExceptionEquality, SkipReason

COST = 120_000_000_000  # wasm instructions for all functions together: about 20 s
COSTS = (2_000_000_000, 13_000_000_000)  # the least and the most for one function
CONTEXT_SHARE = 4  # a function of which only the surroundings changed gets this part of it
LIKELY_SHARE = 4  # the guard: a function may take this many times its equal share of the time that is left
SHORTEST = 0.5  # seconds
GRACE = 0.02  # share of the time budget after which a process that is still at work is ended
FILES_READ = 500  # files of the repository that are searched for literal calls
LARGEST = 200_000  # characters of such a file


class Attempt(Protocol):
    """Tries one function."""

    __name__: str

    def __call__(
        self,
        function: ChangedFunction,
        simulator: Simulator,
        calls: Sequence[str],
        *,
        probes: int,
        exceptions: ExceptionEquality,
        budget: Budget,
    ) -> Trial: ...


@dataclass(frozen=True, slots=True)
class _Task:
    """One function that must be tried."""

    function: ChangedFunction
    place: int
    key: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a process has to tell of a task."""

    trial: Trial
    reads: Reads = ({}, {})
    note: str = ""
    """Why it was not done as it should be: without a sandbox, or without the world model."""


class Trials:
    """What the trials of one check share; the sandbox and the repository's calls are made when first needed."""

    def __init__(
        self,
        changes: ChangeSet,
        config: Config,
        work: Sequence[ChangedFunction],
        deadline: float,
        announce: Callable[[str], None],
        notes: list[str],
    ) -> None:
        """Take what is shared; what users must know is added to `notes`."""
        self.notes = notes
        self._readers = changes.before.read, changes.after.read
        self._after = changes.after
        self._config = config
        self._work = work
        self.deadline = deadline
        """When runs end, a monotonic time; making the sandbox native, once in its life, puts it off."""
        self._announce = announce
        self._native: str | None = None

    def of(self, functions: Sequence[ChangedFunction], attempt: Attempt = try_function) -> Iterator[Trial]:
        """Yield the trial of each function, in order, made by `attempt`."""
        keys = [self._key(function, attempt.__name__) for function in functions]
        known = [self._find(key) for key in keys]
        missing = [
            (function, key) for function, key, trial in zip(functions, keys, known, strict=True) if trial is None
        ]
        tried = self._tried([_Task(function, place, key, attempt) for place, (function, key) in enumerate(missing)])
        yield from (next(tried) if trial is None else trial for trial in known)

    def _tried(self, tasks: Sequence[_Task]) -> Iterator[Trial]:
        if not tasks:
            return
        if time.monotonic() >= self.deadline:  # nothing need be made for them
            yield from (_cut() for _ in tasks)
            return
        try:
            self._prepare()
        except AnalysisError as error:
            self.notes.append(str(error))
            yield from (Trial((), problem=SkipReason.SANDBOX_OFF) for _ in tasks)
            return
        jobs = self._config.jobs or usable_cores()
        try_one = partial(self._try, jobs=min(jobs, len(tasks)), count=len(tasks))
        until = self.deadline + self._config.time_budget * GRACE
        done = in_order(tasks, try_one, _lost, jobs, until=until, late=_late)
        for task, tried in zip(tasks, done, strict=True):
            if tried.note and tried.note not in self.notes:
                self.notes.append(tried.note)
            if not self._config.no_cache:
                if not tried.note:  # mended, the machine would give another one
                    results.store(task.key, tried.trial, tried.reads)
                if task.place == len(tasks) - 1:
                    results.tidy()
            yield tried.trial

    def _prepare(self) -> None:
        """Make what all processes share; compiling the sandbox, once in its life, does not count."""
        started = time.monotonic()
        self._native = native_code(self._announce)
        self.deadline += time.monotonic() - started
        _ = self._calls

    def _try(self, task: _Task, *, jobs: int, count: int) -> _Tried:
        """Try one function, in this process."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return _late(task)
        try:
            simulator, recorders = self._simulator
        except AnalysisError as error:
            return _Tried(Trial((), problem=SkipReason.SANDBOX_OFF), note=str(error))
        for recorder in recorders:
            recorder.seen = {}
        if isinstance(self._answers, LatePredictor):
            self._answers.note = ""
        try:
            trial = task.attempt(
                task.function,
                simulator,
                self.calls_of(task.function),
                probes=self._config.probes,
                exceptions=self._config.exceptions,
                budget=self._budget(task.function, self.seconds_for((count - task.place) / jobs)),
            )
        except RecursionError:  # an expression of thousands of operators
            return _Tried(Trial((), problem=SkipReason.LIMIT))
        return _Tried(trial, (recorders[0].seen, recorders[1].seen), getattr(self._answers, "note", ""))

    def seconds_for(self, left: float) -> float:
        """What one of the functions that are left may take: the guard where a count of steps does not help."""
        return max((self.deadline - time.monotonic()) / max(left, 1) * LIKELY_SHARE, SHORTEST)

    def _budget(self, function: ChangedFunction, seconds: float) -> Budget:
        """What one function may cost: the same every time, with a clock only as the guard."""
        cost = min(max(COST // max(self._edited, 1), COSTS[0]), COSTS[1])
        if function.because:
            return Budget(pairs=Budget().pairs // CONTEXT_SHARE, cost=cost // CONTEXT_SHARE, seconds=seconds)
        return Budget(cost=cost, seconds=seconds)

    @cached_property
    def _edited(self) -> int:
        """How many functions changed themselves."""
        return sum(not function.because for function in self._work)

    def _key(self, function: ChangedFunction, kind: str) -> str:
        if self._config.no_cache:
            return ""
        return results.key_of(function, self.calls_of(function), self._config, self._budget(function, 0), kind)

    def _find(self, key: str) -> Trial | None:
        return results.find(key, *self._readers) if key else None

    def calls_of(self, function: ChangedFunction) -> tuple[str, ...]:
        """Calls of the function, and of its class, in the repository's own code."""
        return tuple(call for name in called_names(function.qualname) for call in self._calls.get(name, ()))

    @cached_property
    def _calls(self) -> Mapping[str, tuple[str, ...]]:
        tree = self._after
        paths = sorted(tree.paths(), key=lambda p: ("test" not in p, p))[:FILES_READ]
        timely = takewhile(lambda _: time.monotonic() < self.deadline, paths)
        texts = ((p, text) for p in timely if (text := tree.read(p)) is not None and len(text) < LARGEST)
        return find_calls(texts, {name for f in self._work for name in called_names(f.qualname)})

    @cached_property
    def _simulator(self) -> tuple[Simulator, tuple[Recorder, Recorder]]:
        """The simulator of this process, and what notes the files that it reads."""
        before, after = map(Recorder, self._readers)
        sandbox = Sandbox(self._announce, self._native)
        sandbox.deadline = self.deadline
        return Simulator(sandbox, self._answers, before, after, slice_module), (before, after)

    @cached_property
    def _answers(self) -> WorldModel:
        """Who says what unknown values are."""
        defaults = TypedDefaults()
        is_here = not self._config.model.startswith((defaults.name, "openai:"))
        return LatePredictor(self._config.model, defaults) if is_here else defaults


def _lost(task: _Task) -> _Tried:
    return _Tried(Trial((), problem=SkipReason.CRASHED))


def _late(task: _Task) -> _Tried:
    return _Tried(_cut())


def _cut() -> Trial:
    return Trial((), problem=SkipReason.TIME, was_cut=True)
