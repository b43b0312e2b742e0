"""A model in, its speed on this machine out: opening it, the first answer, a batch; on demand optimum's runner, too.

Prompts are questions for models that speak nano, else random tokens. Both runners get the same prompts, limits and
stops, turn by turn in one process, and should say the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from cwm_check.codecs.nano import END, encode_question
from cwm_check.inference.engine import Engine, Request
from cwm_check.inference.providers import Device, usable_threads
from cwm_check.simulations import Question
from cwm_check.store import Model

_ROUNDS = 3  # the best one counts: the others were disturbed
_RANDOM_TOKENS, _FIRST_RANDOM, _LAST_RANDOM = 64, 3, 300
Prompts = list[tuple[int, ...]]
Tokens = tuple[tuple[int, ...], ...]

_OWNERS = ("config", "self", "response", "user.profile", "args", "event.source", "settings['default']", "row")
_LEAVES = (
    ("name", "str"),
    ("size", "int"),
    ("enabled", "bool"),
    ("headers", "dict"),
    ("get('timeout')", "float"),
    ("lines()", "list"),
)


@dataclass(frozen=True, slots=True)
class Speed:
    """How quick a model is."""

    device: str
    load: float
    """Seconds to open it, without the import of ONNX Runtime."""
    first: float
    """Seconds to the first answer after that."""
    batch: float
    """Seconds for a whole batch."""
    tokens: int
    """Tokens that the batch read and said."""
    reference: float | None = None
    """Seconds that optimum's own `generate` takes for it."""
    agreeing: int | None = None
    """Rows that say the same there."""


def measure(
    model: Model, device: Device, rows: int, limit: int, *, threads: int = 0, reference: Path | None = None
) -> Speed:
    """Return the speed of `model` on a batch of `rows` prompts; `reference`: the folder of optimum's export of it."""
    import onnxruntime  # noqa: F401

    prompts, stop = _prompts(model, rows), (END,) if model.manifest.codec == "nano" else ()
    begun = time.perf_counter()
    threads = threads or usable_threads()
    engine = Engine(model.graph, device, threads)
    opened = time.perf_counter()
    engine.generate([Request(prompts[0], limit)], stop=stop)
    answered = time.perf_counter()
    requests = [Request(prompt, limit) for prompt in prompts]

    def ours() -> Tokens:
        return tuple(made[0].tokens for made in engine.generate(requests, stop=stop))

    theirs = _reference(reference, prompts, limit, stop, threads) if reference else None
    batch, slower, said, told = _in_turns(ours, theirs)
    tokens = sum(map(len, prompts)) + sum(map(len, said))
    agreeing = None if told is None else sum(map(_agree, said, told))
    return Speed(engine.device, opened - begun, answered - opened, batch, tokens, slower, agreeing)


def _agree(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Optimum pads rows that have ended."""
    return one == other[: len(one)]


def _in_turns(
    ours: Callable[[], Tokens], theirs: Callable[[], Tokens] | None
) -> tuple[float, float | None, Tokens, Tokens | None]:
    """Best times of both, and what they said."""
    said, told = ours(), theirs() if theirs else None
    pairs = [(_seconds(ours), _seconds(theirs) if theirs else 0.0) for _ in range(_ROUNDS)]
    batch, reference = (min(times) for times in zip(*pairs, strict=True))
    return batch, reference if theirs else None, said, told


def _seconds(work: Callable[[], Tokens]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _prompts(model: Model, rows: int) -> Prompts:
    random = Random(0)
    if model.manifest.codec != "nano":
        return [tuple(random.randint(_FIRST_RANDOM, _LAST_RANDOM) for _ in range(_RANDOM_TOKENS)) for _ in range(rows)]
    asked = [(f"{owner}.{leaf}", kind) for owner in _OWNERS for leaf, kind in _LEAVES]
    questions = [Question("value", text, (kind,), text) for text, kind in asked]
    return [tuple(encode_question(questions[i % len(questions)])) for i in range(rows)]


def _reference(folder: Path, prompts: Prompts, limit: int, stop: tuple[int, ...], threads: int) -> Callable[[], Tokens]:
    """Optimum's `generate`, with prompts padded on the left as it wants them."""
    import torch

    from cwm_check.onnx_export.optimum import open_reference

    torch.set_num_threads(threads)
    model: Any = open_reference(folder, threads)
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    options = {"max_new_tokens": limit, "do_sample": False, "pad_token_id": 0, "eos_token_id": list(stop) or None}

    def generate() -> Tokens:
        return tuple(map(tuple, model.generate(ids, attention_mask=mask, **options)[:, width:].tolist()))

    return generate
