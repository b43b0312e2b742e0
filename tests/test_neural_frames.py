"""Runs predicted frame by frame: with a perfect model they are CPython's, and the flow stays legal with any other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from neural_programs import PROGRAMS
from test_neural import probe, truth, version

from cwm_check.codecs import cwm
from cwm_check.codecs.cwm import Piece, Special
from cwm_check.neural.frames import on_frames
from cwm_check.neural.predicted.frames import Ask, FrameBounds, Heard
from cwm_check.simulations import Outcome, Prediction
from cwm_check.trace import Event, Evidence
from cwm_check.training.tracer import Bounds, trace_call


class FrameOracle:
    """Goes on as the true trace does."""

    name = "oracle"

    def __init__(self) -> None:
        self.asked: list[Ask] = []

    def said(self, asks: Iterable[Ask]) -> list[Heard]:
        wanted = list(asks)
        self.asked += wanted
        return [Heard(self.answer(ask), 0.9) for ask in wanted]

    def answer(self, ask: Ask) -> tuple[Piece, ...]:
        text = ask.pieces[2]
        assert isinstance(text, str)
        context = text.replace(cwm.START_MARK, "")
        true = cwm.render(trace_call(context, "main()", Bounds(frames=300, repr_length=4000)))
        assert true[: len(ask.pieces)] == ask.pieces
        rest = true[len(ask.pieces) :]
        end = min(i for i, piece in enumerate(rest) if piece in ask.stop)
        return rest[: end + 1]


def predicted(source: str, call: str, model: FrameOracle | None = None, **options: object) -> Prediction:
    simulator = on_frames(model or FrameOracle(), **options)  # type: ignore[arg-type]
    return simulator.predict_all([(version(source), probe(call))])[0]


CASES = [(source, call) for source, calls in PROGRAMS.values() for call in calls]


@pytest.mark.parametrize("decides", [True, False], ids=["legal", "free"])
@pytest.mark.parametrize(("source", "call"), CASES)
def test_with_a_perfect_model_the_frames_are_those_of_cpython(source: str, call: str, decides: bool) -> None:
    got = predicted(source, call, decides=decides)
    assert (got.outcome.kind, got.outcome.value) == truth(source, call)
    assert got.trace is not None
    true = trace_call(source, f"f({call})").frames
    told = [(f.event, f.line, f.depth, f.locals, f.value) for f in got.trace.frames]
    assert told == [(f.event, f.line, f.depth, f.locals, f.value) for f in true][: len(told)]
    assert len(told) >= len(true) - 1


def test_what_static_analysis_knows_is_not_asked() -> None:
    source = "def f(x):\n    y = x + 1\n    return y\n"
    oracle = FrameOracle()
    assert predicted(source, "1", oracle).outcome == Outcome("returned", "2")
    assert [(ask.first, ask.choices, ask.stop) for ask in oracle.asked] == [
        ((), (), (Special.ACTION_SEP,)),  # the locals of the call
        ((), (), (Special.ACTION_SEP,)),  # those of its first line
        ((Special.LINE_SEP, Special.EXCEPTION_SEP), (), (Special.ACTION_SEP,)),
        ((Special.RETURN_SEP, Special.EXCEPTION_SEP), (), (Special.ACTION_SEP,)),
        ((), (), (Special.FRAME_SEP,)),  # the value
    ]


def test_a_branch_is_the_models() -> None:
    oracle = FrameOracle()
    predicted("def f(x):\n    if x:\n        return 1\n    return 2\n", "0", oracle)
    assert [ask.choices for ask in oracle.asked if ask.choices] == [("        return 1\n", "    return 2\n")]


class Stubborn(FrameOracle):
    """Gives one wrong answer, at first or always."""

    def __init__(self, wrong: tuple[Piece, ...], *, always: bool = False) -> None:
        super().__init__()
        self._wrong = wrong
        self._branches = (1, 2) if always else (1,)

    def answer(self, ask: Ask) -> tuple[Piece, ...]:
        if Special.LINE_SEP in ask.first and ask.branch in self._branches:
            return self._wrong
        return super().answer(ask)


WRONG: dict[str, tuple[Piece, ...]] = {
    "an illegal event": (Special.CALL_SEP, "{}", Special.ACTION_SEP),
    "no JSON": (Special.LINE_SEP, "{", Special.ACTION_SEP),
    "unknown dots": (Special.LINE_SEP, '{"q": ".."}', Special.ACTION_SEP),
    "cut": (Special.LINE_SEP, "{}"),
    "nothing": (),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_malformed_frame_is_asked_for_again_once(wrong: tuple[Piece, ...]) -> None:
    source = "def f(x):\n    y = x + 1\n    return y\n"
    assert predicted(source, "1", Stubborn(wrong)).outcome == Outcome("returned", "2")
    outcome = predicted(source, "1", Stubborn(wrong, always=True)).outcome
    assert outcome == Outcome("unfinished", "the model gives no well-formed frame")


def test_bounds_end_a_run() -> None:
    outcome = predicted("def f(x):\n    while x:\n        x += 1\n", "1", bounds=FrameBounds(frames=20)).outcome
    assert outcome == Outcome("unfinished", "limit: steps")
    outcome = predicted("def f(x):\n    return f(x)\n", "1", bounds=FrameBounds(depth=5)).outcome
    assert outcome == Outcome("unfinished", "limit: calls are too deep")


def test_versions_that_differ_are_compared_on_what_only_one_hangs_on() -> None:
    before, after = "def f(x):\n    y = x + 1\n    return y\n", "def f(x):\n    y = x + 1\n    return -y\n"
    ((one),) = on_frames(FrameOracle()).simulate((version(before), version(after)), [probe("1")])
    assert (one.simulation.before.outcome.value, one.simulation.after.outcome.value) == ("2", "-2")
    assert one.simulation.before.evidence is Evidence.PREDICTED
    # The line frames before the change have other text in one version only where the return line is named.
    assert 0.4 < one.confidence < 0.9


def test_lines_are_those_of_the_module() -> None:
    source = "\n\n\n\ndef f(x):\n\n\n    return x\n"
    trace = predicted(source, "1").trace
    assert trace is not None
    assert [(f.event, f.line, f.depth) for f in trace.frames] == [
        (Event.CALL, 5, 0),
        (Event.LINE, 8, 0),
        (Event.RETURN, 8, 0),
    ]


def test_an_engine_with_a_tokenizer_is_asked_in_tokens(tokenizer_file: Path) -> None:
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer
    from cwm_check.inference.engine import Generation, Request
    from cwm_check.neural.frame_model import FrameModel

    tokenizer = CwmTokenizer(tokenizer_file)
    oracle = FrameOracle()
    specials = {tokenizer.id_of(special): special for special in Special}

    class TokenOracle:
        """The oracle behind token ids; says only what the mask allows."""

        def generate(self, requests: Iterable[Request], *, stop: Iterable[int]) -> tuple[tuple[Generation, ...], ...]:
            made = []
            for request in requests:
                ask = Ask(tokenizer.decode(request.prompt), tuple(specials[token] for token in stop))
                tokens = tuple(tokenizer.encode(oracle.answer(ask)))
                for place, token in enumerate(tokens):
                    allowed = request.allowed(tokens[:place]) if request.allowed else None
                    assert allowed is None or token in allowed
                made.append((Generation(tokens, (-0.01,) * len(tokens), True),))
            return tuple(made)

    model = FrameModel("served", TokenOracle(), tokenizer)
    for source, call in CASES[::3]:
        outcome = on_frames(model).predict_all([(version(source), probe(call))])[0].outcome
        assert (outcome.kind, outcome.value) == truth(source, call)


class Proposing(FrameOracle):
    """Has arguments for free parameters."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def answer(self, ask: Ask) -> tuple[Piece, ...]:
        if ask.pieces[-1] == Special.CALL_SEP and ask.pieces[2] != "" and "def main" not in str(ask.pieces[2]):
            return self._texts[ask.branch - 1], Special.ACTION_SEP
        return super().answer(ask)


@pytest.mark.parametrize(
    ("texts", "calls"),
    [
        (('{"c": "\'a\'"}', '{"c": "\'r\'"}'), ["'a'", "'r'"]),
        (('{"c": "\'a\'"}', '{"c": "\'a\'"}'), ["'a'"]),
        (('{"d": "1"}', '{"c": "<object>"}'), []),
        (("{", '{"c": 1}'), []),
    ],
    ids=["two", "the same", "another name, no literal", "no JSON, no text"],
)
def test_the_model_proposes_arguments(texts: tuple[str, str], calls: list[str]) -> None:
    found = on_frames(Proposing(*texts)).propose(version("def f(c):\n    return c\n"))
    assert [(probe.arguments[0].value, probe.origin) for probe in found] == [(call, "world model") for call in calls]


def test_a_method_is_not_proposed() -> None:
    assert on_frames(Proposing("{}", "{}")).propose(version("class A:\n    def f(self):\n        pass\n", "A.f")) == ()
