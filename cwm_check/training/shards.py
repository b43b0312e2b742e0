"""Seeds in, shards of training examples out; a shard depends on its seed and the question folder alone.

A worker process makes the next shards while the model trains on the last one: no example of a program is seen twice.
"""

from __future__ import annotations

import multiprocessing
import os
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any

from cwm_check.codecs.nano import GIVEN, TOKEN
from cwm_check.codecs.spans import MARKS
from cwm_check.training import functions, questions, singles, statements
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.programs import drill, program
from cwm_check.training.steps import Example, examples, operation_examples
from cwm_check.training.tracer import Bounds, trace_call

LENGTHS = (16, 24, 32, 48, 72, 112, 176, 256)
"""Lengths of rows where shapes are fixed: `torch.compile` makes a program for each."""
LONGEST = LENGTHS[-1]
"""Tokens of prompt and target; longer examples are left out."""
_FIRST_HELD_OUT_SEED = 1_000_000_000
_SECONDS = 2.0
_RAISING, _WHOLE = 0.4, 0.1
"""Share of raising examples that is kept, and of programs whose statements are not taken apart."""
_EVEN = 600
"""An operation begins to be thinned out when it is more frequent than each of so many equally frequent ones."""
_LITERAL = frozenset(TOKEN[text] for text in (*string.ascii_letters, *string.digits, *string.punctuation, *MARKS))


def held_out_seed(number: int) -> int:
    """Return a seed that no shard of a training run has."""
    return _FIRST_HELD_OUT_SEED + number


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of a hundred examples come from where; without questions the others take their part."""

    singles: int = 54
    questions: int = 8
    statements: int = 9
    drills: int = 8
    programs: int = 17
    functions: int = 4


def make_shard(seed: int, size: int, folder: Path | None, mixture: Mixture = Mixture()) -> list[Example]:
    """Return about `size` examples for `seed`, shuffled; questions and statements of `folder` if there is one."""
    random = Random(seed)
    asked = list(_harvested(folder)) if folder else []
    chosen = random.choices(asked, k=size * mixture.questions // 100) if asked else []
    spelled = (questions.as_value(harvested) if random.random() < 0.3 else harvested for harvested in chosen)
    shard = [made for harvested in spelled if (made := questions.example(harvested))]
    shard += _different(singles.examples(random), size * mixture.singles // 100)
    sources = {_drills(random): mixture.drills, _programs(random): mixture.programs}
    if folder:
        sources[functions.examples(random)] = mixture.functions
    if met := _met(folder):
        sources[statements.examples(random, met)] = mixture.statements
    shard += _different(_thinned(random, sources, size), size - len(shard))
    random.shuffle(shard)
    return shard


@cache
def _harvested(folder: Path) -> tuple[questions.Harvested, ...]:
    return tuple(questions.read(folder, held_out=False))


@cache
def _met(folder: Path | None) -> tuple[statements.Met, ...]:
    return tuple(statements.read(folder / "statements")) if folder else ()


def _different(source: Iterator[Example], count: int) -> list[Example]:
    """The next `count` different examples of `source` that are not too long."""
    made: dict[tuple[int, ...], Example] = {}
    while len(made) < count:
        example = next(source)
        if len(example.prompt) + len(example.target) <= LONGEST:
            made[example.prompt] = example
    return list(made.values())


def _thinned(random: Random, sources: Mapping[Iterator[Example], int], size: int) -> Iterator[Example]:
    """Examples of `sources` by their weights, the frequent operations thinned out in favour of the rare."""
    met: Counter[tuple[frozenset[int], bool]] = Counter()
    while True:
        (source,) = random.choices(list(sources), list(sources.values()))
        example = next(source)
        kind = _operation(example)
        met[kind] += 1
        if random.random() < min(1.0, (size / _EVEN / met[kind]) ** 0.5):
            yield example


def _operation(made: Example) -> tuple[frozenset[int], bool]:
    """What is asked, without the values: the prompt up to them, literals left out."""
    head = made.prompt[: made.prompt.index(GIVEN)] if GIVEN in made.prompt else made.prompt
    return frozenset(token for token in head if token not in _LITERAL), made.type == "raise"


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
