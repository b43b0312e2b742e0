"""Seeds in, shards of training examples out; a shard depends on its seed and the question folder alone.

A worker process makes the next shards while the model trains on the last one: no example of a program is seen twice.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any

from cwm_check.training import functions, questions
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.programs import drill, program
from cwm_check.training.steps import Example, examples
from cwm_check.training.tracer import Bounds, trace_call

LONGEST = 256
"""Tokens of prompt and target; longer examples are left out."""
_FIRST_HELD_OUT_SEED = 1_000_000_000
_TRIVIAL = 8
"""Tokens of a prompt that assigns a constant."""
_SECONDS = 2.0


def held_out_seed(number: int) -> int:
    """Return a seed that no shard of a training run has."""
    return _FIRST_HELD_OUT_SEED + number


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of a hundred examples come from where; the rest are programs."""

    drills: int = 35
    functions: int = 5
    questions: int = 20


def make_shard(seed: int, size: int, folder: Path | None, mixture: Mixture = Mixture()) -> list[Example]:
    """Return about `size` examples for `seed`, shuffled; questions of `folder` if there is one."""
    random = Random(seed)
    sources = [_drills(random), _programs(random)]
    weights = [mixture.drills, 100 - mixture.drills]
    asked = list(questions.read(folder, held_out=False)) if folder else []
    if folder:
        sources += [functions.examples(random)]
        weights = [mixture.drills, 100 - mixture.drills - mixture.questions - mixture.functions, mixture.functions]
    count = size * mixture.questions // 100 if asked else 0
    chosen = random.choices(asked, k=count) if asked else []
    spelled = (questions.as_value(harvested) if random.random() < 0.3 else harvested for harvested in chosen)
    shard = [made for harvested in spelled if (made := questions.example(harvested))]
    while len(shard) < size:
        made = next(random.choices(sources, weights)[0])
        if len(made.prompt) + len(made.target) <= LONGEST:
            shard.append(made)
    random.shuffle(shard)
    return shard


def _drills(random: Random) -> Iterator[Example]:
    while True:
        made = drill(random)
        yield from _traced(random, made.source, made.calls, most=6)


def _programs(random: Random) -> Iterator[Example]:
    while True:
        made = program(random)
        yield from _traced(random, made.source, made.calls, most=14)


def _traced(random: Random, source: str, calls: tuple[str, ...], most: int) -> Iterator[Example]:
    """Some steps of the calls; fewer of those that raise or that assign a plain constant."""
    found: dict[tuple[int, ...], Example] = {}
    try:
        with time_limit(_SECONDS):
            traces = [trace_call(source, call, Bounds(frames=80, repr_length=90)) for call in calls]
    except OutOfTimeError:
        return
    for trace in traces:
        found |= {made.prompt: made for made in examples(trace)}
    kept = [made for made in found.values() if random.random() < _share_kept(made)]
    yield from random.sample(kept, min(most, len(kept)))


def _share_kept(made: Example) -> float:
    if made.type == "raise":
        return 0.4
    return 1.0 if len(made.prompt) > _TRIVIAL else 0.1


@contextmanager
def shard_stream(first_seed: int, size: int, folder: Path | None) -> Iterator[Iterator[list[Example]]]:
    """Give shards of the seeds `first_seed`, `first_seed + 1`, ..., made ahead in a worker process."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue(maxsize=2)
    worker: SpawnProcess = context.Process(target=_work, args=(queue, first_seed, size, folder), daemon=True)
    worker.start()
    try:
        yield _received(queue, worker)
    finally:
        worker.terminate()
        worker.join()


def _received(queue: Any, worker: SpawnProcess) -> Iterator[list[Example]]:
    """What the worker sends; a worker that died ends the run instead of blocking it."""
    while True:
        try:
            yield queue.get(timeout=10)
        except Empty:
            if not worker.is_alive():
                raise RuntimeError("the process that makes the training data has died") from None


def _work(queue: Any, seed: int, size: int, folder: Path | None) -> None:
    os.nice(5)
    while True:
        queue.put(make_shard(seed, size, folder))
        seed += 1
