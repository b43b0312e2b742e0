"""The nano codec: text, steps, questions and whole traces to tokens and back."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cwm_check.codecs import nano, nano_traces
from cwm_check.codecs.nano_steps import Effect, Step, decode_effect, encode_effect, encode_step
from cwm_check.simulations import Question
from cwm_check.trace import Event, Evidence, Frame, Trace

TEXTS = st.one_of(
    st.text(max_size=40),
    st.text("abn'\"\\, :[]{}()=f1 \n", max_size=40),
    st.recursive(
        st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=8), st.booleans()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
        max_leaves=6,
    ).map(repr),
)


def shown(tokens: list[int] | tuple[int, ...]) -> list[str]:
    return [nano.VOCABULARY[token] for token in tokens]


# --- text


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    assert nano.decode_text(nano.encode_text(text)) == text


@settings(deadline=None, max_examples=50)
@given(TEXTS, st.lists(st.sampled_from(["a", "b", "n", "ab"]), unique=True))
def test_any_text_with_locals_comes_back(text: str, names: list[str]) -> None:
    slots = {name: slot for slot, name in enumerate(names)}
    assert nano.decode_text(nano.encode_text(text, slots), names) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1024", ["1", "0", "2", "4"], id="a token for each digit"),
        pytest.param("'return'", ["'", *"return", "'"], id="a token for each character of a string"),
        pytest.param("x.split(', ')", ["<v0>", ".", "split", "(", "'", ",", " ", "'", ")"], id="a separator as value"),
        pytest.param("['a', 'b']", ["[", "'", "a", "', '", "b", "'", "]"], id="between strings one token"),
        pytest.param("{'a': 1}", ["{", "'", "a", "': ", "1", "}"], id="after a key one token"),
        pytest.param("{'a': 'b'}", ["{", "'", "a", "': '", "b", "'", "}"], id="from key to string one token"),
        pytest.param("['a', x]", ["[", "'", "a", "'", ", ", "<v0>", "]"], id="string then name"),
        pytest.param("y.x + x", ["y", ".", "x", " + ", "<v0>"], id="an attribute is no local"),
        pytest.param("f'{x}!'", ["f", "'", "{", "<v0>", "}", "!", "'"], id="a local inside an f-string"),
        pytest.param("status_code", ["status", "_", "code"], id="a name in pieces"),
        pytest.param("é", ["<0xC3>", "<0xA9>"], id="bytes beyond ASCII"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_tokens_of_text(text: str, expected: list[str]) -> None:
    assert shown(nano.encode_text(text, {"x": 0})) == expected


def test_every_token_is_named_once() -> None:
    assert len(set(nano.VOCABULARY)) == len(nano.VOCABULARY)


def test_specials_come_before_text() -> None:
    assert all(token >= nano.FIRST_TEXT for token in nano.encode_text("<end> <v0> é not in 'abc' \n"))


# --- steps


def step_of(statement: str, **values: str) -> Step:
    step = encode_step(ast.parse(statement).body[0], values)
    assert step is not None
    return step


@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        pytest.param("x = 1", {"x": "0"}, "<do> <v0>  =  1 <given> <answer>", id="an overwritten value is not read"),
        pytest.param("x //= 1", {"x": "7"}, "<do> <v0>  //=  1 <given> <v0> 7 <answer>", id="an augmented one is"),
        pytest.param("if a:\n    b", {"a": "[]"}, "<test> <v0> <given> <v0> [] <answer>", id="the head alone"),
        pytest.param("for i in s:\n    b", {"s": "''"}, "<iterate> <v0> <given> <v0> ' ' <answer>", id="the iterable"),
        pytest.param("return len(s)", {"s": "''"}, "<result> len ( <v0> ) <given> <v0> ' ' <answer>", id="a builtin"),
        pytest.param("return 0", {"unused": "1"}, "<result> 0 <given> <answer>", id="no other locals"),
        pytest.param(
            "y = [c for c in s]",
            {"s": "''", "c": "5"},
            "<do> <v0>  =  [ <v1>  for  <v1>  in  <v2> ] <given> <v1> 5 <v2> ' ' <answer>",
            id="a comprehension",
        ),
        pytest.param(
            "re.sub(p, s)", {"s": "''"}, "<do> re . sub ( p ,  <v0> ) <given> <v0> ' ' <answer>", id="globals by name"
        ),
    ],
)
def test_prompt_of_a_step(statement: str, values: dict[str, str], expected: str) -> None:
    source = f"def f():\n    {statement}" if statement.startswith("return") else statement
    node = ast.parse(source).body[0]
    step = encode_step(node.body[0] if isinstance(node, ast.FunctionDef) else node, values)
    assert step is not None
    assert " ".join(shown(step.tokens)) == expected


@pytest.mark.parametrize(
    "statement", ["pass", "import re", "def g(): pass", "global x", "try:\n    x\nfinally:\n    y"]
)
def test_a_statement_without_values_is_no_step(statement: str) -> None:
    assert encode_step(ast.parse(statement).body[0], {}) is None


def test_more_locals_than_pointers_are_no_step() -> None:
    statement = " + ".join(f"x{i}" for i in range(60))
    assert encode_step(ast.parse(statement).body[0], {f"x{i}": "1" for i in range(60)}) is None


STEP = step_of("a, b = b.pop(), c", a="1", b="[2]", c="'x'")
TEST = step_of("if a:\n    pass", a="1")


@pytest.mark.parametrize(
    ("step", "effect"),
    [
        pytest.param(STEP, Effect(assigned=(("a", "2"), ("b", "'x'"))), id="locals"),
        pytest.param(STEP, Effect(), id="nothing changes"),
        pytest.param(STEP, Effect(raised="IndexError"), id="an exception"),
        pytest.param(STEP, Effect(raised="OwnError"), id="an exception without a token"),
        pytest.param(TEST, Effect(value="True"), id="a truth value"),
        pytest.param(TEST, Effect(value="[(0, 'a'), (1, 'b')]"), id="items"),
    ],
)
def test_an_effect_comes_back(step: Step, effect: Effect) -> None:
    tokens = encode_effect(step, effect)
    assert tokens is not None
    assert decode_effect(step, tokens) == effect


def test_a_local_without_pointer_cannot_be_said() -> None:
    assert encode_effect(STEP, Effect(assigned=(("elsewhere", "1"),))) is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        pytest.param(STEP, "<v0> 1", id="no end"),
        pytest.param(STEP, "1 <end>", id="a value without a local"),
        pytest.param(TEST, "<end>", id="no value"),
    ],
)
def test_what_is_not_of_the_grammar_is_no_effect(step: Step, said: str) -> None:
    assert decode_effect(step, [nano.TOKEN[text] for text in said.split()]) is None


# --- questions


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            Question("call", "requests.get", ("'a'",), "requests.get('a')"),
            "<ask-call> request s . get ( ' a ' ) <answer>",
        ),
        (Question("getattr", "r", ("'status'",), "r.status"), "<getattr> r . status <answer>"),
        (Question("getitem", "d", ("'a'",), "d['a']"), "<getitem> d [ ' a ' ] <answer>"),
        (Question("truth", "flag", (), "flag"), "<truth> flag <answer>"),
        (Question("compare", "a", ("b",), "a < b"), "<compare> a  <  b <answer>"),
        (Question("value", "port", ("int",), "port"), "<value> port <answer> <int>"),
        (Question("value", "port", ("tzinfo",), "port"), "<value> port <answer>"),
        (Question("length", "rows", (), "rows"), "<length> rows <answer>"),
    ],
    ids=lambda value: value.operation if isinstance(value, Question) else "",
)
def test_prompt_of_a_question(question: Question, expected: str) -> None:
    assert " ".join(shown(nano.encode_question(question))) == expected


def test_a_long_question_keeps_the_nearest_names() -> None:
    question = Question("getattr", "a" + ".b" * 100, ("'timeout'",), "")
    tokens = nano.encode_question(question)
    assert shown(tokens)[:2] + shown(tokens)[-3:] == ["<getattr>", "<cut>", ".", "timeout", "<answer>"]


@pytest.mark.parametrize(
    "value", ["None", "True", "-3", "1.5", "'it'", "b'x'", "[1, 'a']", "(1,)", "{'a': 1}", "{1, 2}", "set()"]
)
def test_an_answer_comes_back(value: str) -> None:
    assert nano.decode_answer(nano.encode_answer(value)) == value


@pytest.mark.parametrize("value", [None, "<object>", "datetime.date(2020, 1, 2)", "1 +", "(1+2j)"])
def test_what_is_no_literal_is_an_unknown_object(value: str | None) -> None:
    assert nano.decode_answer(nano.encode_answer(value)) is None


@pytest.mark.parametrize(
    ("said", "kind", "expected"),
    [
        pytest.param("<int> 3 0 <end>", None, "30", id="type and value"),
        pytest.param("3 0 <end>", "int", "30", id="the prompt said the type"),
        pytest.param("3 0 <end> 5", "int", "30", id="what follows the end does not count"),
        pytest.param("<int> ' a ' <end>", None, None, id="a value of another type"),
        pytest.param("<str> ' a <end>", None, None, id="no literal"),
        pytest.param("<object> <end>", None, None, id="an unknown object"),
        pytest.param("<end>", None, None, id="nothing"),
    ],
)
def test_what_the_model_said_as_an_answer(said: str, kind: str | None, expected: str | None) -> None:
    assert nano.decode_answer([nano.TOKEN[text] for text in said.split()], kind) == expected


# --- traces

NAMES = st.sampled_from(["a", "b", "total", "é", ".0"])
LOCALS = st.dictionaries(NAMES, TEXTS, max_size=3).map(lambda d: tuple(d.items()))
FRAMES: Any = st.builds(
    Frame,
    event=st.sampled_from(Event),
    line=st.integers(0, 300),
    source=st.sampled_from(["", "    x = 1", "def f(x):", "odd\ttext"]),
    locals=LOCALS,
    value=st.none() | TEXTS,
    depth=st.integers(0, 3),
    evidence=st.sampled_from(Evidence),
    confidence=st.floats(0, 1),
)
CONTEXTS = st.sampled_from(["", "def f(x):\n    x = 1\n    return x\n", "# é\n\tif:"])


@settings(deadline=None, max_examples=50)
@given(st.builds(Trace, CONTEXTS, st.lists(FRAMES, max_size=6).map(tuple), st.booleans()))
def test_a_rendered_trace_parses_to_itself(trace: Trace) -> None:
    assert nano_traces.parse(nano_traces.render(trace)) == trace


def test_a_trace_says_only_what_changed() -> None:
    context = "def f(x):\n    y = x\n    return y"
    frames = (
        Frame(Event.CALL, 1, "def f(x):", (("x", "1"),)),
        Frame(Event.LINE, 2, "    y = x", (("x", "1"),)),
        Frame(Event.LINE, 3, "    return y", (("x", "1"), ("y", "1"))),
        Frame(Event.RETURN, 3, "    return y", (), "1"),
    )
    tokens = nano_traces.render(Trace(context, frames))
    after_names = tokens[tokens.index(nano.TOKEN["<call>"]) :]
    assert nano_traces.describe(after_names) == (
        "<call> <L1> <full> <v0> <item> 1 <line> <L2> <line> <L3> <v1> <item> 1 "
        "<return> <L3> <answer> 1 <complete> <end>"
    )


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x85", "\u2028"], ids=ascii)
def test_a_line_that_python_counts_is_not_said_again(sign: str) -> None:
    lines = [f"def f():  # a{sign}b", "    return 1"]
    trace = Trace("\n".join(lines), (Frame(Event.CALL, 1, lines[0], ()), Frame(Event.RETURN, 2, lines[1], (), "1")))
    assert nano.TOKEN["<source>"] not in nano_traces.render(trace)


@pytest.mark.parametrize("tokens", [[], [0], [0, 300]])
def test_tokens_of_no_trace_are_refused(tokens: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^"):
        nano_traces.parse(tokens)
