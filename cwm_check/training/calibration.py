"""Confidences and outcomes in, how far to trust them out: a reliability table, its error, and the map that mends it.

The map is monotone, so it changes no order: `c` becomes `1 / (1 + exp(-(a * logit(c) + b)))` (Platt scaling), fitted on
one half of the data and judged on the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Outcome = tuple[float, bool]
"""A confidence, and whether the prediction was right."""
_NEAR_ONE = 1e-4


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of like confidence: one row of the reliability diagram."""

    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The map from the model's confidence to a probability."""

    slope: float = 1.0
    offset: float = 0.0

    def apply(self, confidence: float) -> float:
        """Return the probability that a prediction made with `confidence` is right."""
        return 1 / (1 + math.exp(-(self.slope * _logit(confidence) + self.offset)))


def _logit(confidence: float) -> float:
    kept = min(max(confidence, _NEAR_ONE), 1 - _NEAR_ONE)
    return math.log(kept / (1 - kept))


def reliability(outcomes: Iterable[Outcome], bins: int = 10) -> tuple[Bin, ...]:
    """Return the reliability diagram with equally wide bins, empty ones left out."""
    groups: dict[int, list[Outcome]] = {}
    for confidence, right in outcomes:
        groups.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, right))
    return tuple(
        Bin(len(group), sum(c for c, _ in group) / len(group), sum(right for _, right in group) / len(group))
        for _, group in sorted(groups.items())
    )


def expected_error(outcomes: Sequence[Outcome]) -> float:
    """Return the ECE: the mean distance of confidence and accuracy over the bins, weighted by their size."""
    total = len(outcomes)
    return sum(row.count * abs(row.confidence - row.accuracy) for row in reliability(outcomes)) / max(1, total)


def fit(outcomes: Sequence[Outcome], rounds: int = 500, rate: float = 0.5) -> Calibration:
    """Return the calibration under which `outcomes` are likeliest, by gradient ascent on the two numbers."""
    slope, offset = 1.0, 0.0
    logits = [(_logit(confidence), right) for confidence, right in outcomes]
    scale = 1 + sum(x * x for x, _ in logits) / max(1, len(logits))
    for _ in range(rounds):
        errors = [(right - 1 / (1 + math.exp(-(slope * x + offset))), x) for x, right in logits]
        slope += rate * 4 * sum(error * x for error, x in errors) / max(1, len(errors)) / scale
        offset += rate * 4 * sum(error for error, _ in errors) / max(1, len(errors)) / scale
    return Calibration(slope, offset)
