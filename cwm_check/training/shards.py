"""Seeds in, shards of training examples out; a shard depends on its seed and the question folder alone.

A worker process makes the next shards while the model trains on the last one: no example of a program is seen twice.
"""

from __future__ import annotations

import multiprocessing
import os
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any

from cwm_check.codecs.nano import GIVEN, TOKEN
from cwm_check.training import functions, questions
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.programs import drill, program
from cwm_check.training.steps import Example, examples, operation_examples
from cwm_check.training.tracer import Bounds, trace_call

LENGTHS = (24, 32, 48, 72, 112, 176)
"""Lengths of rows where shapes are fixed: `torch.compile` makes a program for each."""
LONGEST = LENGTHS[-1]
"""Tokens of prompt and target; longer examples are left out."""
_FIRST_HELD_OUT_SEED = 1_000_000_000
_SECONDS = 2.0
_RAISING, _WHOLE = 0.4, 0.1
"""Share of raising examples that is kept, and of programs whose statements are not taken apart."""
_EVEN = 600
"""An operation begins to be thinned out when it is more frequent than each of so many equally frequent ones."""
_LITERAL = frozenset(TOKEN[character] for character in string.ascii_letters + string.digits + string.punctuation)


def held_out_seed(number: int) -> int:
    """Return a seed that no shard of a training run has."""
    return _FIRST_HELD_OUT_SEED + number


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of a hundred examples come from where; the rest are programs."""

    drills: int = 35
    functions: int = 10
    questions: int = 15


def make_shard(seed: int, size: int, folder: Path | None, mixture: Mixture = Mixture()) -> list[Example]:
    """Return about `size` examples for `seed`, shuffled; questions of `folder` if there is one."""
    random = Random(seed)
    sources = [_drills(random), _programs(random)]
    weights = [mixture.drills, 100 - mixture.drills]
    asked = list(_harvested(folder)) if folder else []
    if folder:
        sources += [functions.examples(random)]
        weights = [mixture.drills, 100 - mixture.drills - mixture.questions - mixture.functions, mixture.functions]
    count = size * mixture.questions // 100 if asked else 0
    chosen = random.choices(asked, k=count) if asked else []
    spelled = (questions.as_value(harvested) if random.random() < 0.3 else harvested for harvested in chosen)
    shard = [made for harvested in spelled if (made := questions.example(harvested))]
    return _shuffled([*shard, *_flattened(random, sources, weights, size - len(shard))], random)


@cache
def _harvested(folder: Path) -> tuple[questions.Harvested, ...]:
    return tuple(questions.read(folder, held_out=False))


def _shuffled(made: list[Example], random: Random) -> list[Example]:
    random.shuffle(made)
    return made


def _flattened(
    random: Random, sources: Sequence[Iterator[Example]], weights: Sequence[int], size: int
) -> list[Example]:
    """`size` different examples of steps, the frequent operations (`<v0> + 1`) thinned out in favour of the rare."""
    made: dict[tuple[int, ...], Example] = {}
    met: Counter[tuple[int, ...]] = Counter()
    while len(made) < size:
        example = next(random.choices(sources, weights)[0])
        if len(example.prompt) + len(example.target) > LONGEST or example.prompt in made:
            continue
        kind = _operation(example)
        met[kind] += 1
        if random.random() < min(1.0, (size / _EVEN / met[kind]) ** 0.5):
            made[example.prompt] = example
    return list(made.values())


def _operation(made: Example) -> tuple[int, ...]:
    """What is asked, without the values: the prompt up to them, literals left out."""
    head = made.prompt[: made.prompt.index(GIVEN)] if GIVEN in made.prompt else made.prompt
    return (*(token for token in head if token not in _LITERAL), made.type == "raise")


def _drills(random: Random) -> Iterator[Example]:
    while True:
        made = drill(random)
        yield from _traced(random, made.source, made.calls, most=10)


def _programs(random: Random) -> Iterator[Example]:
    while True:
        made = program(random)
        yield from _traced(random, made.source, made.calls, most=20)


def _traced(random: Random, source: str, calls: tuple[str, ...], most: int) -> Iterator[Example]:
    """Some operations of the calls, now and then whole statements; fewer of those that raise."""
    found: dict[tuple[int, ...], Example] = {}
    make = examples if random.random() < _WHOLE else operation_examples
    try:
        with time_limit(_SECONDS):
            for call in calls:
                trace = trace_call(source, call, Bounds(frames=80, repr_length=90))
                found |= {made.prompt: made for made in make(trace)}
    except OutOfTimeError:
        return
    kept = [made for made in found.values() if made.type != "raise" or random.random() < _RAISING]
    yield from random.sample(kept, min(most, len(kept)))


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
