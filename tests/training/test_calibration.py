"""Calibration, against outcomes whose truth is known."""

from __future__ import annotations

from random import Random

import pytest

from cwm_check.training.calibration import Bin, Calibration, Outcome, expected_error, fit, reliability


def outcomes(truth: Calibration, count: int = 4000) -> list[Outcome]:
    """Confidences that are right as often as `truth` says."""
    random = Random(1)
    confidences = [random.random() for _ in range(count)]
    return [(confidence, random.random() < truth.apply(confidence)) for confidence in confidences]


def test_the_reliability_diagram() -> None:
    assert reliability([(0.25, True), (0.25, False), (1.0, True)]) == (Bin(2, 0.25, 0.5), Bin(1, 1.0, 1.0))


@pytest.mark.parametrize(
    ("given", "expected"),
    [([(1.0, True)], 0.0), ([(1.0, False)], 1.0), ([(0.75, True), (0.75, False)], 0.25), ([], 0.0)],
    ids=["right and sure", "wrong and sure", "half right", "nothing"],
)
def test_expected_error(given: list[Outcome], expected: float) -> None:
    assert expected_error(given) == expected


def test_what_is_calibrated_stays_nearly_as_it_is() -> None:
    fitted = fit(outcomes(Calibration()))
    assert fitted.slope == pytest.approx(1, abs=0.1)
    assert fitted.offset == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("truth", [Calibration(0.5, 0.0), Calibration(1.0, -1.5), Calibration(2.0, 0.5)], ids=repr)
def test_a_fitted_map_mends_confidence(truth: Calibration) -> None:
    given = outcomes(truth)
    fitted = fit(given)
    assert expected_error([(fitted.apply(c), right) for c, right in given]) < 0.03


def test_the_map_keeps_the_order() -> None:
    mapped = [Calibration(0.7, -1.0).apply(step / 20) for step in range(21)]
    assert mapped == sorted(mapped)
