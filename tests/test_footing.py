"""What got one call past the checks at the beginning of a function is given to the calls after it."""

from __future__ import annotations

import pytest

from cwm_check.search.footing import Footing
from cwm_check.simulations import Argument, Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Evidence

RAISED = Outcome("raised", "ValueError")
REFUSED = Outcome("raised", "TypeError", explicit=False)
RETURNED = Outcome("returned", "1")
EARLY = Outcome("returned", "2")


def probe(*values: str | None) -> Probe:
    return Probe(tuple(Argument(name, value) for name, value in zip("xyz", values, strict=False)), "test")


def run(outcome: Outcome, given: Probe) -> Simulation:
    """What ends sooner runs fewer lines."""
    covered = frozenset(range(1 if outcome is EARLY else 2 if outcome.kind == "raised" else 3))
    one, other = (Prediction(outcome, covered, (), Evidence.EXACT, 1.0) for _ in range(2))
    return Simulation("f()", given, one, other)


ENDS = {
    "another value of one parameter": ((probe("1", "2"), RAISED), (probe("5", "2"), RETURNED), probe("5", "7")),
    "two other values": ((probe("1", "2"), RAISED), (probe("5", "6"), RETURNED), probe("1", "7")),
    "another number of arguments": ((probe("1", "2"), RAISED), (probe("5"), RETURNED), probe("1", "7")),
    "it returns sooner": ((probe("1", "2"), RAISED), (probe("5", "2"), EARLY), probe("1", "7")),
    "both ended there": ((probe("1", "2"), RAISED), (probe("5", "2"), RAISED), probe("1", "7")),
    "an operation refused the first": ((probe("1", "2"), REFUSED), (probe("5", "2"), RETURNED), probe("1", "7")),
    "an operation refused the second": ((probe("1", "2"), RAISED), (probe("5", "2"), REFUSED), probe("1", "7")),
}


@pytest.mark.parametrize(("first", "second", "then"), ENDS.values(), ids=ENDS)
def test_a_value_that_got_further_is_taken_from_then_on(
    first: tuple[Probe, Outcome], second: tuple[Probe, Outcome], then: Probe
) -> None:
    footing = Footing()
    for given, outcome in (first, second):
        footing.learn(given, {}, run(outcome, given))
    assert footing.on(probe("1", "7"), {}) == (then, {})


def test_the_calls_that_were_refused_are_tried_once_more() -> None:
    footing, given = Footing(), [probe("1", "2"), probe("1", None), probe("5", "2")]
    outcomes = (RAISED, RAISED, RETURNED)
    again = [footing.learn(p, {}, run(o, p)) for p, o in zip(given, outcomes, strict=True)]
    assert again == [(), (), (given[0], given[1])]
    assert [footing.on(p, {})[0] for p in again[2]] == [probe("5", "2"), probe("5", None)]


@pytest.mark.parametrize(
    ("overrides", "bindings"),
    [({"value of x": "'/'"}, {"x": "'/'"}), ({"x is None": "True"}, {}), ({"value of x": "'/'", "y": "True"}, {})],
)
def test_so_is_the_value_of_an_unknown_object(overrides: dict[str, str], bindings: dict[str, str]) -> None:
    footing, given = Footing(), probe(None)
    footing.learn(given, {}, run(RAISED, given))
    footing.learn(given, overrides, run(RETURNED, given))
    assert footing.on(given, {}) == (given, bindings)
    assert footing.on(given, {"x": "'a'"})[1] == {**bindings, "x": "'a'"}
