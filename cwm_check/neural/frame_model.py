"""Prompts of frames in, what a model that speaks cwm says out: an engine, here or on a server, and its tokenizer.

The same prompt is asked once. What may be said is masked token by token where the engine can; who asks looks at the
answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from typing import Protocol

from cwm_check.codecs.cwm_tokenizer import CwmTokenizer
from cwm_check.inference.engine import Generation, Request
from cwm_check.neural.predicted.frames import Ask, Heard

_LONGEST = 1024  # tokens of an answer


class Generator(Protocol):
    """An engine, here or on a server."""

    def generate(self, requests: Sequence[Request], *, stop: Collection[int]) -> tuple[tuple[Generation, ...], ...]: ...


class FrameModel:
    """What a CWM says; answers are kept as long as it lives."""

    def __init__(self, name: str, engine: Generator, tokenizer: CwmTokenizer, *, longest: int = _LONGEST) -> None:
        self.name = name
        self._engine = engine
        self._tokenizer = tokenizer
        self._longest = longest
        self._memo: dict[Ask, Heard] = {}

    def said(self, asks: Iterable[Ask]) -> list[Heard]:
        """Return what the model says to each prompt."""
        wanted = list(asks)
        new = sorted({ask for ask in wanted if ask not in self._memo}, key=lambda ask: ask.stop)
        for stop, some in groupby(new, key=lambda ask: ask.stop):
            same = list(some)
            ids = tuple(self._tokenizer.id_of(special) for special in stop)
            requests = [
                Request(tuple(self._tokenizer.encode(a.pieces)), self._longest, a.branch, self._allowed(a, ids))
                for a in same
            ]
            for ask, generations in zip(same, self._engine.generate(requests, stop=ids), strict=True):
                self._memo[ask] = self._heard(generations[min(ask.branch, len(generations)) - 1])
        return [self._memo[ask] for ask in wanted]

    def _heard(self, generation: Generation) -> Heard:
        pieces = self._tokenizer.decode(generation.tokens)
        return Heard(pieces, math.exp(sum(generation.log_probabilities)))

    def _allowed(self, ask: Ask, stop: Collection[int]) -> Callable[[tuple[int, ...]], Collection[int] | None] | None:
        first = tuple(self._tokenizer.id_of(special) for special in ask.first)
        choices = [tuple(self._tokenizer.encode([text])) for text in ask.choices]
        if not first and not choices:
            return None

        def allowed(said: tuple[int, ...]) -> Collection[int] | None:
            if not choices:
                return None if said else first
            following = {c[len(said)] for c in choices if len(c) > len(said) and c[: len(said)] == said}
            return [*following, *(stop if said in choices else ())]

        return allowed
