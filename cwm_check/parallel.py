"""Work on several cores: items in, results out, in the order of the items, whatever core had which.

By forked processes, where the system has them (Linux): what is imported and read before is shared. A process that dies
over an item (no memory, a fault of a library) takes only that item with it, after a second try. What is still at work
when the time is over is ended, wherever it is.
"""

from __future__ import annotations

import math
import os
import sys
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
TRIES = 2  # processes that may die over one item
PATIENCE = 5.0  # seconds for a process to end


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    items: Sequence[Item],
    do: Callable[[Item], Result],
    lost: Callable[[Item], Result],
    jobs: int,
    *,
    until: float = math.inf,
    late: Callable[[Item], Result] | None = None,
) -> Iterator[Result]:
    """Yield `do(item)` for each item, in order; `lost(item)` where processes died over it.

    At `until`, a monotonic time, what is not done becomes `late(item)`. An exception of `do` is raised here. With one
    job, or where processes cannot be forked, all happens in this one, and `do` itself must look at the clock.
    """
    if jobs < 2 or not sys.platform.startswith("linux") or threading.active_count() > 1:
        yield from map(do, items)
        return
    pool: _Pool[Item, Result] = _Pool(items, do, lost)
    try:
        for number, item in enumerate(items):
            while number not in pool.done and (late is None or time.monotonic() < until):
                pool.step(jobs, until)
            if number not in pool.done:
                assert late is not None
                pool.close()
                yield late(item)
                continue
            failure, result = pool.done.pop(number)
            if failure is not None:
                raise failure
            yield result  # type: ignore[misc]
    finally:
        pool.close()


class _Pool(Generic[Item, Result]):
    """The processes and what they have done so far."""

    def __init__(self, items: Sequence[Item], do: Callable[[Item], Result], lost: Callable[[Item], Result]) -> None:
        self._items = items
        self._do = do
        self._lost = lost
        self._waiting = deque(range(len(items)))
        self._working: dict[Connection, tuple[BaseProcess, int]] = {}
        self._deaths: Counter[int] = Counter()
        self.done: dict[int, tuple[Exception | None, Result | None]] = {}
        """Item -> what `do` raised, or gave."""

    def step(self, jobs: int, until: float) -> None:
        """Keep `jobs` processes at work, and wait for the next result, at most `until`."""
        from multiprocessing.connection import wait

        while self._waiting and len(self._working) < jobs:
            pipe, process = self._start()
            self._give(pipe, process)
        ready = wait(list(self._working), None if until == math.inf else max(until - time.monotonic(), 0))
        for pipe in [pipe for pipe in self._working if pipe in ready]:
            self._take(pipe)

    def _start(self) -> tuple[Connection, BaseProcess]:
        from multiprocessing import get_context

        context = get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, (ours, *self._working), self._items, self._do), daemon=True
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads that libraries started: none of ours
            process.start()
        theirs.close()
        return ours, process

    def _give(self, pipe: Connection, process: BaseProcess) -> None:
        item = self._waiting.popleft()
        self._working[pipe] = process, item
        pipe.send(item)

    def _take(self, pipe: Connection) -> None:
        process, item = self._working.pop(pipe)
        try:
            self.done[item] = pipe.recv()
        except (EOFError, OSError):
            self._bury(pipe, process)
            self._deaths[item] += 1
            if self._deaths[item] < TRIES:
                self._waiting.appendleft(item)
            else:
                self.done[item] = None, self._lost(self._items[item])
            return
        if self._waiting:
            self._give(pipe, process)
        else:
            self._bury(pipe, process)

    def _bury(self, pipe: Connection, process: BaseProcess) -> None:
        """End a process: it has told all it had to tell, and taking itself apart in good order would cost time."""
        process.kill()
        pipe.close()
        process.join(PATIENCE)

    def close(self) -> None:
        """End the processes that are still at work; nothing is begun any more."""
        self._waiting.clear()
        for process, _ in self._working.values():
            process.kill()
        for pipe, (process, _) in self._working.items():
            self._bury(pipe, process)
        self._working.clear()


def _serve(pipe: Connection, others: Sequence[Connection], items: Sequence[Item], do: Callable[[Item], Result]) -> None:
    """Do what is asked for, until nobody asks any more."""
    for other in others:  # else they would stay open after the parent is gone
        other.close()
    try:
        while True:
            pipe.send(_outcome(do, items[pipe.recv()]))
    except (EOFError, OSError, KeyboardInterrupt):
        pass


def _outcome(do: Callable[[Item], Result], item: Item) -> tuple[Exception | None, Result | None]:
    try:
        return None, do(item)
    except Exception as error:  # it is raised again in the parent
        return error, None
