"""Records as JSON: what goes in comes out, and nothing else does."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwm_check.records import from_plain, to_json
from cwm_check.simulations import Argument, Comparison, Difference, Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.trial import Trial
from cwm_check.verdicts import Tried
from cwm_check.vocabulary import SkipReason

Record = TypeVar("Record")
TRIED = Tried("f(1)", "1", "2", True)


def from_json(kind: type[Record], text: str) -> Record:
    return from_plain(kind, json.loads(text))


@given(st.builds(Outcome))
def test_an_outcome_comes_out_as_it_went_in(outcome: Outcome) -> None:
    assert from_json(Outcome, to_json(outcome)) == outcome


@given(st.builds(Frame, confidence=st.floats(0, 1)))
def test_a_frame_comes_out_as_it_went_in(frame: Frame) -> None:
    assert from_json(Frame, to_json(frame)) == frame


def test_a_trial_comes_out_as_it_went_in() -> None:
    prediction = Prediction(Outcome("raised", "KeyError", "'id'"), frozenset({1}), ("x.id",), Evidence.ASSUMED, 0.5)
    simulation = Simulation("f(x)", Probe((Argument("x", None),), "unknown"), prediction, prediction, ("x is 1",))
    comparison = Comparison(simulation, (Difference("return", "", "1", "2"),), Evidence.ASSUMED, 0.5, cause=3)
    settings = ((simulation.probe, {"x is None": "True"}, {}),)
    trial = Trial((comparison,), 1, None, SkipReason.LIMIT, Evidence.ASSUMED, (TRIED,), settings, True)
    assert from_json(Trial, to_json(trial)) == trial


def test_the_types_of_the_values_are_kept() -> None:
    trace = Trace("def f(): pass", (Frame(Event.CALL, 1, "def f(): pass", (("x", "1"),)),))
    prediction = Prediction(Outcome("returned", "1"), frozenset({3, 1}), (), Evidence.EXACT, 1.0, trace)
    again = from_json(Prediction, to_json(prediction))
    assert again == prediction
    assert type(again.covered) is frozenset
    assert again.trace is not None
    assert type(again.trace.frames[0].event) is Event


HOSTILE = {
    "no JSON": "{",
    "nothing": "",
    "another type": "1",
    "a table": '{"call":"f(1)"}',
    "too few": '["f(1)","1","2"]',
    "too many": '["f(1)","1","2",true,true]',
    "a number for a text": '[1,"1","2",true]',
    "a number for a truth": '["f(1)","1","2",1]',
    "a list for a text": '[["f(1)"],"1","2",true]',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_does_not_fit_the_record_is_refused(text: str) -> None:
    assert from_json(Tried, to_json(TRIED)) == TRIED
    with pytest.raises(ValueError, match=r"^"):
        from_json(Tried, text)


@pytest.mark.parametrize("number", ["1" + "0" * 400, "Infinity", "-Infinity", "NaN", "true", '"1"'])
def test_a_confidence_is_a_number(number: str) -> None:
    frame = to_json(Frame(Event.CALL, 1, "", confidence=0.25))
    assert frame.count("0.25") == 1
    assert from_json(Frame, frame.replace("0.25", "1")).confidence == 1
    with pytest.raises(ValueError, match="not what the record holds"):
        from_json(Frame, frame.replace("0.25", number))


def test_what_is_no_member_of_an_enumeration_is_refused() -> None:
    frame = json.loads(to_json(Frame(Event.CALL, 1, "")))
    with pytest.raises(ValueError, match="jump"):
        from_json(Frame, json.dumps(["jump", *frame[1:]]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_a_record_or_refused(value: object) -> None:
    with suppress(ValueError):
        assert isinstance(from_json(Trial, json.dumps(value)), Trial)
