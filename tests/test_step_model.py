"""What a step model may say, and what is made of what it says."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

import pytest

from cwm_check.codecs.nano import END, FIRST_LOCAL, RAISE, encode_text
from cwm_check.codecs.nano_steps import Effect
from cwm_check.inference.engine import Generation, Request
from cwm_check.neural.predicted.state import Said, whole
from cwm_check.neural.step_model import StepModel
from cwm_check.store import Manifest


class Eager:
    """Says the first of some texts that it may say; `RAISE` before a text is `!`."""

    note = ""

    def __init__(self, texts: Sequence[str], *, heeds: bool = True) -> None:
        self.answers = [self._tokens(text) for text in texts]
        self._heeds = heeds

    @staticmethod
    def _tokens(text: str) -> tuple[int, ...]:
        return (*([RAISE] if text.startswith("!") else []), *encode_text(text.removeprefix("!")), END)

    def generate(self, requests: Sequence[Request], *, stop: Collection[int]) -> tuple[tuple[Generation, ...], ...]:
        return tuple(self._generations(request) for request in requests)

    def _generations(self, request: Request) -> tuple[Generation, ...]:
        said = [tokens for tokens in self.answers if not self._heeds or self._may(request, tokens)]
        return tuple(Generation(tokens, (-0.1,) * len(tokens), ended=True) for tokens in said[: request.branches])

    def _may(self, request: Request, tokens: tuple[int, ...]) -> bool:
        allowed = [request.allowed(tokens[:place]) if request.allowed else None for place in range(len(tokens))]
        return all(some is None or token in some for token, some in zip(tokens, allowed, strict=True))


def heard(engine: Eager, statement: str, values: dict[str, str], *, masked: bool = True) -> Effect | None:
    step = next(whole(ast.parse(statement).body[0], values))
    (said,) = StepModel(engine, Manifest("nano", "nano", "", "", "", ()), masked=masked).said([step])
    assert said is None or isinstance(said, Said)
    return said.effect if said else None


@pytest.mark.parametrize(
    ("statement", "values", "texts", "expected"),
    [
        pytest.param("return a + b", {"a": "1", "b": "2"}, ["!TypeError", "3"], Effect(value="3"), id="cannot raise"),
        pytest.param(
            "return xs.index(1)",
            {"xs": "[2]"},
            ["!TypeError", "!ValueError", "0"],
            Effect(raised="ValueError"),
            id="raises what it can",
        ),
        pytest.param("return f(1)", {}, ["!TypeError", "3"], Effect(raised="TypeError"), id="may raise anything"),
        pytest.param(
            "if a > b: pass", {"a": "1", "b": "2"}, ["!TypeError", "3", "True"], Effect(value="True"), id="test"
        ),
        pytest.param("if f(1): pass", {}, ["3", "!KeyError"], Effect(raised="KeyError"), id="a test that may raise"),
    ],
)
def test_an_answer_is_one_that_can_be(
    statement: str, values: dict[str, str], texts: list[str], expected: Effect
) -> None:
    assert heard(Eager(texts), statement, values) == expected


def test_without_a_mask_the_model_says_what_it_likes() -> None:
    assert heard(Eager(["!TypeError", "3"]), "return 1 + 2", {}, masked=False) == Effect(raised="TypeError")


def test_a_server_that_does_not_know_the_mask_is_asked_for_another_answer() -> None:
    assert heard(Eager(["!TypeError", "3"], heeds=False), "return 1 + 2", {}) == Effect(value="3")
    assert heard(Eager(["!TypeError"], heeds=False), "return 1 + 2", {}) is None


@pytest.mark.parametrize("text", ["'abc", "[1, 2", "!NoError"])
def test_what_is_no_value_and_no_exception_is_no_answer(text: str) -> None:
    assert heard(Eager([text]), "return f(1)", {}) is None


@pytest.mark.parametrize(
    ("statement", "values", "texts", "expected"),
    [
        pytest.param(
            "return s[1:]", {"s": "'abcde'"}, ["'\ue004\ue001'", "'\ue001\ue005'"], "'bcde'", id="not backwards"
        ),
        pytest.param(
            "return s[::-1]", {"s": "'abcde'"}, ["'\ue005\ue000'"], "'edcba'", id="backwards, where it may be"
        ),
        pytest.param("return s[1:]", {"s": "'abcde'"}, ["'\ue001\ue007'", "'\ue001\ue005'"], "'bcde'", id="not beyond"),
        pytest.param(
            "return s[1:]", {"s": "'abcde'"}, ["'\ue001\ue066'", "'\ue001\ue005'"], "'bcde'", id="of one value"
        ),
        pytest.param("return s[1:]", {"s": "'abcde'"}, ["'\ue001'", "'bcde'"], "'bcde'", id="not half"),
        pytest.param("return 15 + 7", {}, ["\ue0002\ue0012"], "22", id="digits with their places"),
        pytest.param("return 15 + 7", {}, ["\ue0012\ue0002", "22"], "22", id="no digits out of place"),
        pytest.param("return len(s)", {"s": "'abcde'"}, ["\ue005"], "5", id="a place"),
        pytest.param("return s.find('e')", {"s": "'abcde'"}, ["-1"], "-1", id="a place may be a number"),
    ],
)
def test_a_span_is_one_that_can_be(statement: str, values: dict[str, str], texts: list[str], expected: str) -> None:
    assert heard(Eager(texts), statement, values) == Effect(value=expected)


def test_equal_questions_of_other_names_have_their_own_answers() -> None:
    engine = Eager(["[1]"])
    model = StepModel(engine, Manifest("nano", "nano", "", "", "", ()))
    steps = [next(whole(ast.parse(f"{name}.append(1)").body[0], {name: "[]"})) for name in ("xs", "ys")]
    engine.answers = [(FIRST_LOCAL, *encode_text("[1]"), END)]
    said = model.said(steps)
    assert [one and one.effect for one in said] == [Effect((("xs", "[1]"),)), Effect((("ys", "[1]"),))]
    assert model.asked == 1
