"""Steps in, what they do out: the world model of the neural simulator on an engine and the nano codec.

The same step is asked once, whoever asks. An answer that is not of the grammar is asked for again with another first
token, once; then there is none. Confidence is what the model gives to the whole answer, calibrated.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import takewhile
from typing import Protocol

from cwm_check.codecs.nano import END, RAISE, TOKEN, encode_text
from cwm_check.codecs.nano_steps import Effect, Step, decode_effect
from cwm_check.codecs.spans import MARKS, PLACES, places_of
from cwm_check.codecs.value_texts import items_of, may_be_repr
from cwm_check.inference.engine import Allowed, Generation, Request
from cwm_check.neural.predicted.exceptions import EXCEPTIONS
from cwm_check.neural.predicted.state import Said
from cwm_check.store import Manifest

_LONGEST = 160  # tokens of an answer
_TRUTH = (TOKEN["True"], TOKEN["False"])
_FIRST_MARK = TOKEN[MARKS[0]]  # marks are the last tokens of the vocabulary
_NO_RAISE = tuple(token for token in TOKEN.values() if token != RAISE)


class Generator(Protocol):
    """An engine, here or on a server."""

    note: str

    def generate(self, requests: Sequence[Request], *, stop: Collection[int]) -> tuple[tuple[Generation, ...], ...]: ...


class StepModel:
    """What a nano model says to steps; answers are kept as long as it lives."""

    def __init__(self, engine: Generator, manifest: Manifest, *, masked: bool = True) -> None:
        self.name = manifest.name
        self.note = engine.note
        self._engine = engine
        self._slope, self._offset = manifest.step_slope, manifest.step_offset
        self._masked = masked
        self._memo: dict[tuple[int, ...], Generation | None] = {}
        self.asked = 0
        """Steps that the model was asked, each once."""

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        """Return the answer to each step; None where none is well-formed."""
        wanted = list(steps)
        new = list({step.tokens: step for step in wanted if step.tokens not in self._memo}.values())
        self.asked += len(new)
        for branch in (1, 2):
            self._ask([step for step in new if self._memo.get(step.tokens) is None], branch)
        said = [self._memo[step.tokens] for step in wanted]
        # Read for each step: equal questions may be of locals with other names.
        return [self._read(step, one) if one else None for step, one in zip(wanted, said, strict=True)]

    def _ask(self, steps: Sequence[Step], branch: int) -> None:
        """Ask for the continuation of the likeliest first token, or of the second likeliest."""
        requests = [Request(step.tokens, _LONGEST, branch, self._allowed(step)) for step in steps]
        for step, said in zip(steps, self._engine.generate(requests, stop=(END,)) if requests else (), strict=True):
            generation = said[branch - 1] if len(said) >= branch else None
            self._memo[step.tokens] = generation if generation and self._read(step, generation) else None

    def _allowed(self, step: Step) -> Allowed | None:
        if not self._masked:
            return None
        return partial(_allowed_after, step, tuple(map(places_of, step.marked)))

    def _read(self, step: Step, generation: Generation) -> Said | None:
        effect = decode_effect(step, generation.tokens) if generation.ended else None
        if effect is None or not _is_well_formed(step, effect) or (self._masked and not _can_raise(step, effect)):
            return None
        return Said(effect, self._confidence(generation))

    def _confidence(self, generation: Generation) -> float:
        """Platt scaling of the probability of all that was said."""
        probability = min(max(math.exp(sum(generation.log_probabilities)), 1e-6), 1 - 1e-6)
        logit = math.log(probability / (1 - probability))
        return round(1 / (1 + math.exp(-(self._slope * logit + self._offset))), 4)


def _allowed_after(step: Step, lengths: Sequence[int], said: tuple[int, ...]) -> Collection[int] | None:
    """A condition is true, or false, or raises; nothing raises what it cannot; a span ends where it can."""
    kind, errors = step.kind, step.errors
    if not said:
        firsts = _TRUTH if kind == "test" else _NO_RAISE
        return firsts if errors is not None and not errors else (*_TRUTH, RAISE) if kind == "test" else None
    if said[0] != RAISE:
        return (END,) if kind == "test" else _span_ends(step, lengths, said)
    if errors is None:
        return None
    names = [(RAISE, *encode_text(name), END) for name in sorted(errors)]
    return {name[len(said)] for name in names if name[: len(said)] == said and len(name) > len(said)}


def _span_ends(step: Step, lengths: Sequence[int], said: tuple[int, ...]) -> Collection[int] | None:
    """The marks that can follow the first one of a span; None where none was begun."""
    open_marks = len(tuple(takewhile(_FIRST_MARK.__le__, reversed(said))))
    if open_marks % 2 == 0 or step.from_last_digit:
        return None
    number, start = divmod(said[-1] - _FIRST_MARK, PLACES)
    length = lengths[number] if number < len(lengths) else 0
    first = _FIRST_MARK + number * PLACES
    ends = [*range(first + start + 1, first + length + 1)]
    if step.start is None:  # nothing says that what is kept stays in its order
        ends += range(first, first + start)
    return (*ends, END) if step.gives_place else ends or None


def _can_raise(step: Step, effect: Effect) -> bool:
    return effect.raised is None or step.errors is None or effect.raised in step.errors


def _is_well_formed(step: Step, effect: Effect) -> bool:
    if effect.raised is not None:
        return effect.raised in EXCEPTIONS
    match step.kind:
        case "test":
            return effect.value in ("True", "False")
        case "iterate":
            return items_of(effect.value or "") is not None
        case "result":
            return may_be_repr(effect.value or "")
        case "do":
            return all(may_be_repr(text) for _, text in effect.assigned)
