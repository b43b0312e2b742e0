"""Prompts in, the likeliest continuations out, with their log-probabilities: greedy decoding in batches.

What a row may say is narrowed by a function of what it said: one allowed token is a forced one. Rows that have ended
leave the batch. What a row says does not depend on the rows beside it. Knows tokens only; codecs know what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from cwm_check.errors import UNUSABLE, AnalysisError, first_words

try:
    import numpy as np
except UNUSABLE as error:
    raise AnalysisError(f"world models are off: numpy does not work here: {first_words(error)}") from error

from cwm_check.inference.prefixes import Prefixes
from cwm_check.inference.providers import Device, open_session
from cwm_check.inference.rows import Logits, is_outdated, start

Allowed = Callable[[tuple[int, ...]], Collection[int] | None]
"""From what a row has said to what it may say next; None: anything."""
_MOST_ROWS = 64  # of one batch


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt to continue."""

    prompt: tuple[int, ...]
    limit: int
    """Tokens to say, at most."""
    branches: int = 1
    """Continuations wanted: the likeliest first tokens, each continued greedily."""
    allowed: Allowed | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """What one row said."""

    tokens: tuple[int, ...]
    """With the one that stopped it, if there is one."""
    log_probabilities: tuple[float, ...]
    """Of each token among all tokens, allowed or not."""
    ended: bool
    """Stopped by itself, not by the limit."""


@dataclass(slots=True)
class _Line:
    """One row while it is being decoded."""

    request: Request
    tokens: list[int] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    ended: bool = False

    def say(self, token: int, log: float, stop: Collection[int]) -> None:
        self.tokens.append(token)
        self.logs.append(log)
        self.ended = token in stop

    @property
    def is_open(self) -> bool:
        return not self.ended and len(self.tokens) < self.request.limit

    def generation(self) -> Generation:
        return Generation(tuple(self.tokens), tuple(self.logs), self.ended)


class _Next:
    """What the model thinks of the next token of each row."""

    def __init__(self, logits: Logits) -> None:
        peaks = logits.max(axis=1, keepdims=True)
        self._logits = logits
        self._best: list[int] = logits.argmax(axis=1).tolist()
        self._peaks: list[float] = peaks[:, 0].tolist()
        self._sums: list[float] = (peaks[:, 0] + np.log(np.exp(logits - peaks).sum(axis=1))).tolist()

    def choices(self, row: int, line: _Line, count: int) -> list[tuple[int, float]]:
        """The likeliest tokens that `line` may say, and their log-probabilities."""
        allowed = line.request.allowed(tuple(line.tokens)) if line.request.allowed else None
        if allowed is None and count == 1:
            return [(self._best[row], self._peaks[row] - self._sums[row])]
        if allowed is None:
            allowed = range(self._logits.shape[1])
        tokens = np.fromiter(allowed, np.int64, len(allowed))
        ranked: list[int] = tokens[np.lexsort((tokens, -self._logits[row, tokens]))[:count]].tolist()
        return [(token, float(self._logits[row, token]) - self._sums[row]) for token in ranked]


class Engine:
    """An open model; with `keeps`, prompts that begin as earlier ones are read from where they part."""

    def __init__(self, graph: Path, device: Device = "auto", threads: int = 0, *, keeps: bool = False) -> None:
        self._opened = open_session(graph, device, threads)
        if is_outdated(self._opened):
            raise AnalysisError(f"{graph} is of an earlier cwm-check: export the model again")
        self.device = self._opened.device
        self.note = self._opened.note
        positions = self._opened.session.get_modelmeta().custom_metadata_map.get("positions")
        self._positions = int(positions) if positions else None
        self._kept = Prefixes() if keeps else None
        self._asked = 0

    @property
    def prefilled(self) -> int:
        """How many tokens of prompts were read so far."""
        return self._asked - (self._kept.spared if self._kept else 0)

    def generate(self, requests: Sequence[Request], *, stop: Collection[int]) -> tuple[tuple[Generation, ...], ...]:
        """Return the continuations of each request, the one with the likeliest first token first."""
        self._refuse_long(requests)
        made: dict[int, tuple[Generation, ...]] = {}
        for some in _batches(requests):
            made |= zip(some, self._generate([requests[i] for i in some], stop), strict=True)
        return tuple(made[i] for i in range(len(requests)))

    def _refuse_long(self, requests: Sequence[Request]) -> None:
        for request in requests:
            length = len(request.prompt) + request.limit
            if not request.prompt:
                raise ValueError("a prompt must not be empty")
            if self._positions is not None and length > self._positions:
                raise ValueError(f"{length} tokens do not fit the model's {self._positions} positions")

    def _generate(self, requests: Sequence[Request], stop: Collection[int]) -> list[tuple[Generation, ...]]:
        prompts = [request.prompt for request in requests]
        self._asked += sum(map(len, prompts))
        rows, logits = start(self._opened, prompts, requests[0].limit, self._kept)
        lines, parents = _branch(requests, logits, stop)
        said: dict[int, list[_Line]] = {i: [] for i in range(len(requests))}
        for line, parent in zip(lines, parents, strict=True):
            said[parent].append(line)
        if parents != list(range(len(requests))):
            rows.select(parents)
        while still := [i for i, line in enumerate(lines) if line.is_open]:
            if len(still) < len(lines) and (rows.is_nimble or 2 * len(still) <= len(lines)):
                order = _closed_up(still)
                rows.select(order)
                lines = [lines[i] for i in order]
            after = _Next(rows.step([line.tokens[-1] for line in lines]))
            for row, line in enumerate(lines):
                if line.is_open:
                    line.say(*after.choices(row, line, 1)[0], stop)
        return [tuple(line.generation() for line in said[i]) for i in range(len(requests))]


def _batches(requests: Sequence[Request]) -> Iterator[list[int]]:
    """Requests of one limit: a row that ended waits no longer than it has room. Like lengths need little padding."""
    order = sorted(range(len(requests)), key=lambda i: (requests[i].limit, len(requests[i].prompt)))
    for _, same in groupby(order, key=lambda i: requests[i].limit):
        rows = list(same)
        yield from (rows[at : at + _MOST_ROWS] for at in range(0, len(rows), _MOST_ROWS))


def _closed_up(still: Sequence[int]) -> list[int]:
    """Return the rows `still` open in an order that moves few: the last ones take the places of those that ended."""
    staying = {i for i in still if i < len(still)}
    moving = iter([i for i in still if i >= len(still)])
    return [i if i in staying else next(moving) for i in range(len(still))]


def _branch(requests: Sequence[Request], logits: Logits, stop: Collection[int]) -> tuple[list[_Line], list[int]]:
    """A line for each first token that a request wants, and the request of each line."""
    lines, parents, after = [], [], _Next(logits)
    for parent, request in enumerate(requests):
        for token, log in after.choices(parent, _Line(request), request.branches):
            lines.append(_Line(request))
            lines[-1].say(token, log, stop)
            parents.append(parent)
    return lines, parents
