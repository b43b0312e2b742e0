"""Runs of a simulator that executes nothing, side by side: they are asked together, round by round.

In: how one version is predicted on one probe, the versions, the probes. Out: a `Simulation` for each probe, and how
sure the comparison of its two outcomes is: both versions hear the same answers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from cwm_check.neural.predicted.state import Unfinished
from cwm_check.search.jobs import Version
from cwm_check.search.outcomes import call_text
from cwm_check.simulations import Prediction, Probe, Simulation

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")
_Ended = TypeVar("_Ended")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A predicted simulation."""

    simulation: Simulation
    confidence: float
    """Probability that the two outcomes compare as they are said to: of the answers that only one version hangs on."""


@dataclass(frozen=True, slots=True)
class End:
    """What became of one run."""

    prediction: Prediction
    asked: Mapping[Any, float]
    """What the world model was asked, and the confidence of its answers."""


class Answers(Protocol):
    """A world model that is asked in batches: of steps, or of frames."""

    name: str

    def said(self, asks: Iterable[Any], /) -> list[Any]: ...


def nothing_proposed(version: Version) -> tuple[Probe, ...]:
    """Return no calls."""
    return ()


@dataclass(frozen=True, slots=True)
class NeuralSimulator:
    """A simulator that executes nothing: on steps (`neural.on_steps`), or on frames (`neural_frames.on_frames`)."""

    model: Answers
    predict: Callable[[Version, Probe], Generator[Any, Any, End]]
    """One run: what it asks the model, and its end."""
    propose: Callable[[Version], tuple[Probe, ...]] = nothing_proposed
    """Return calls that the world model finds plausible."""

    def simulate(
        self, versions: tuple[Version, Version], probes: Sequence[Probe], *, until: float = math.inf
    ) -> tuple[Foreseen, ...]:
        """Return what both versions do on each probe; runs that go on at `until` (a monotonic time) are given up."""
        works = [self.predict(version, probe) for probe in probes for version in versions]
        ends = side_by_side(works, self.model.said, until)
        pairs = zip(ends[::2], ends[1::2], probes, strict=True)
        return tuple(_foreseen(versions, probe, before, after) for before, after, probe in pairs)

    def predict_all(self, wanted: Sequence[tuple[Version, Probe]]) -> tuple[Prediction, ...]:
        """Return what each version does on its probe."""
        works = [self.predict(version, probe) for version, probe in wanted]
        return tuple(end.prediction for end in side_by_side(works, self.model.said, math.inf))


def _foreseen(versions: tuple[Version, Version], probe: Probe, before: End, after: End) -> Foreseen:
    alone = [confidence for key, confidence in before.asked.items() if key not in after.asked]
    alone += [confidence for key, confidence in after.asked.items() if key not in before.asked]
    call = call_text(versions[0].target, probe, {})
    return Foreseen(Simulation(call, probe, before.prediction, after.prediction), round(math.prod(alone), 4))


def side_by_side(
    works: Sequence[Generator[_Asked, _Told, _Ended]], answer: Callable[[Iterable[_Asked]], list[_Told]], until: float
) -> list[_Ended]:
    """Return the ends of all works, which are asked together, round by round."""
    ends: dict[int, _Ended] = {}
    waiting: dict[int, _Asked] = {}

    def go_on(number: int, step: Callable[[], _Asked]) -> None:
        try:
            waiting[number] = step()
        except StopIteration as stop:
            waiting.pop(number, None)
            ends[number] = stop.value

    for number, work in enumerate(works):
        go_on(number, partial(next, work))
    while waiting and time.monotonic() < until:
        for number, said in zip(list(waiting), answer(waiting.values()), strict=True):
            go_on(number, partial(works[number].send, said))
    for number in list(waiting):
        go_on(number, partial(works[number].throw, Unfinished("limit: time")))
    return [ends[number] for number in range(len(works))]
