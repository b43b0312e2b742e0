"""Marks and spans: which operations are asked with them, how they look, and that every answer comes back."""

from __future__ import annotations

import ast
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from step_oracle import effect_of, unmark

from cwm_check.codecs import nano, spans
from cwm_check.codecs.nano_steps import Effect, Step, decode_effect, encode_effect, encode_step
from cwm_check.codecs.shortening import shorten
from cwm_check.codecs.value_texts import in_sorted_order
from cwm_check.training import singles
from cwm_check.training.execution import performed


def shown(text: str) -> str:
    """Marks of the first value as `0'`, `1'`, ..., those of the second as `0"`, `1"`, ..."""
    places = {
        mark: f"{number % spans.PLACES}{'′' if number < spans.PLACES else '″'}"
        for number, mark in enumerate(spans.MARKS)
    }
    return "".join(places.get(character, character) for character in text)


def step_of(statement: str, values: dict[str, str]) -> tuple[Step, Effect]:
    """The one operation of `statement` as a step, and what it does."""
    ((operation, effect),) = performed(ast.parse(statement).body[0], values)[0]
    step = encode_step(operation.statement, operation.values)
    assert step is not None
    return step, effect


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("return s[1:-1]", {"s": "'abc]'"}),
        ("return s[2]", {"s": "'(]:,['"}),
        ("xs.insert(1, '[')", {"xs": "['(', ':', \"]'\"]"}),
        ("xs.pop(0)", {"xs": "[(1, 2), {}]"}),
    ],
)
def test_a_prompt_can_be_read_back_without_marks(statement: str, values: dict[str, str]) -> None:
    """The oracle of the tests reads the tokens of a prompt: they say all that the operation needs."""
    step, effect = step_of(statement, values)
    assert effect_of(step) == effect


def asked(statement: str, **values: str) -> tuple[str, str]:
    """The prompt of the one operation of `statement`, and its answer."""
    step, effect = step_of(statement, values)
    answer = encode_effect(step, effect)
    assert answer is not None
    names = (*step.names, "<receiver>")
    return shown(nano.decode_text(step.tokens[1:-1], names)), shown(nano.decode_text(answer[:-1], names))


@pytest.mark.parametrize(
    ("statement", "values", "prompt", "answer"),
    [
        pytest.param(
            "return s[1:6]",
            {"s": "'abcdefg'"},
            "'0′a1′b2′c3′d4′e5′f6′g7′'[1′:6′]<given>",
            "'1′6′'",
            id="a slice",
        ),
        pytest.param("return s[2:4]", {"s": "'abab'"}, None, "'2′4′'", id="a slice that is there twice"),
        pytest.param("return s[::-1]", {"s": "'abcd'"}, None, "'4′0′'", id="backwards"),
        pytest.param("return s[3:0:-1]", {"s": "'abcde'"}, None, "'4′1′'", id="a part backwards"),
        pytest.param("return xs[::-1]", {"xs": "[1, 1, 1]"}, None, "[3′0′]", id="backwards, whatever the items"),
        pytest.param("return s[1::3]", {"s": "'abcdefgh'"}, None, "'1′2′4′5′7′8′'", id="every third"),
        pytest.param("return xs[::2]", {"xs": "[5, 5, 6]"}, None, "[0′1′, 2′3′]", id="every second item"),
        pytest.param("return t[::-1]", {"t": "('a', 'b')"}, None, "(2′0′)", id="a tuple backwards"),
        pytest.param("return s[9::-2]", {"s": "'abcd'"}, None, "'3′4′1′2′'", id="from beyond"),
        pytest.param("return s[3::2]", {"s": "'abcd'"}, None, "'3′4′'", id="one"),
        pytest.param("return s[4::2]", {"s": "'abcd'"}, None, "''", id="none"),
        pytest.param("xs.append(9)", {"xs": "[1, 2]"}, "xs.append(9)<given>xs[0′1, 1′22′]", "xs[0′2′, 9]", id="append"),
        pytest.param(
            "d['k'] = 0",
            {"d": "{'a': 1, 2: 3}"},
            "d['k'] = 0<given>d{'0′a': 1, 1′2: 32′}",
            "d{0′2′, 'k': 0}",
            id="a key",
        ),
        pytest.param(
            "return ''.join(w)", {"w": "['ab', 'cd']"}, "''.join(['0′ab', '1′cd'2′])<given>", "'0′2′'", id="joined"
        ),
        pytest.param("return ', '.join(w)", {"w": "['a', '', 'b']"}, None, "'0′1′, , 2′3′'", id="items and separators"),
        pytest.param("return ''.join(w)", {"w": "['', '']"}, None, "''", id="nothing joined"),
        pytest.param("return '-'.join(w)", {"w": "['a', 'b-']"}, None, "'0′1′-1′2′'", id="an item with the separator"),
        pytest.param("return s + 'x'", {"s": "'abcd'"}, "'0′a1′b2′c3′d4′' + 'x'<given>", "'0′4′x'", id="a sum"),
        pytest.param(
            "s += 'wxyz'",
            {"s": "'abcd'"},
            "s += '0′w1′x2′y3′z4′'<given>s'0″a1″b2″c3″d4″'",
            "s'0″4″0′4′'",
            id="two marked values",
        ),
        pytest.param("return len(t)", {"t": "(5, 6, 7)"}, "len((0′5, 1′6, 2′73′))<given>", "3′", id="a length"),
        pytest.param(
            "return t[-1]",
            {"t": "(5, 6, 7)"},
            "(0′5, 1′6, 2′73′)[2′]<given>",
            "7",
            id="an index from the end",
        ),
        pytest.param(
            "return t[3]",
            {"t": "(5, 6)"},
            "(0′5, 1′62′)[3]<given>",
            "<raise>IndexError",
            id="beyond the end",
        ),
        pytest.param(
            "return s[:9]",
            {"s": "'abcd'"},
            "'0′a1′b2′c3′d4′'[:9]<given>",
            "'0′4′'",
            id="a bound beyond it",
        ),
        pytest.param(
            "xs.insert(2, 0)", {"xs": "[5, 6]"}, "xs.insert(2′, 0)<given>xs[0′5, 1′62′]", "xs[0′2′, 0]", id="insert"
        ),
        pytest.param(
            "xs[0] = 1", {"xs": "[5, 6]"}, "xs[0′] = 1<given>xs[0′5, 1′62′]", "xs[1, 1′2′]", id="an item is set"
        ),
        pytest.param(
            "d[0] = 1", {"d": "{0: 5, 1: 6}"}, "d[0] = 1<given>d{0′0: 5, 1′1: 62′}", "d{0: 1, 1′2′}", id="no index"
        ),
        pytest.param(
            "return s.find('c')",
            {"s": "'abcd'"},
            "<receiver>.find('c')<given><receiver>'0′a1′b2′c3′d4′'",
            "2′",
            id="what is found",
        ),
        pytest.param(
            "return s.find('x')",
            {"s": "'abcd'"},
            "<receiver>.find('x')<given><receiver>'0′a1′b2′c3′d4′'",
            "-1",
            id="and what not",
        ),
        pytest.param(
            "return s.split()", {"s": "'long words'"}, None, "['0′4′', '5′10′']", id="parts of a string in a list"
        ),
        pytest.param(
            "return s.split('n')",
            {"s": "'banana'"},
            None,
            "['0′2′', '3′4′', '5′6′']",
            id="equal parts, each where it is",
        ),
        pytest.param("return s.replace('a', '*')", {"s": "'banana'"}, None, "'0′1′*2′3′*4′5′*'", id="what is left"),
        pytest.param("return s + 'ab'", {"s": "'abab'"}, None, "'0′4′ab'", id="a short string after a long one"),
        pytest.param("return 'ab' + s", {"s": "'abcd'"}, None, "'ab0′4′'", id="a short string before a long one"),
        pytest.param("xs += [0]", {"xs": "[0, 0]"}, None, "xs[0′2′, 0]", id="an item like others"),
        pytest.param("return set(xs)", {"xs": "[10, 1, 848, 1]"}, None, "{10, 1, 848}", id="a set, as it is met"),
        pytest.param("xs.add(9)", {"xs": "{17, 2}"}, None, "xs{17, 2, 9}", id="what is added comes last"),
        pytest.param("return a ^ b", {"a": "{7, 1}", "b": "{1, 5}"}, "{7, 1} ^ {1, 5}<given>", "{7, 5}", id="two sets"),
        pytest.param("return set(s)", {"s": "'cab'"}, None, "{'c', 'a', 'b'}", id="the characters of a string"),
        pytest.param("xs.reverse()", {"xs": "[5, 6, 7]"}, None, "xs[3′0′]", id="in reverse"),
        pytest.param(
            "return n + 38",
            {"n": "104"},
            "2′11′00′4 + 1′30′8<given>",
            "0′21′42′1",
            id="a sum, from its last digit",
        ),
        pytest.param("return n - 112", {"n": "12"}, None, "-0′01′02′1", id="its sign first"),
        pytest.param("return n + 5", {"n": "-3"}, "-0′3 + 0′5<given>", "0′2", id="of a negative number"),
        pytest.param("n *= 6", {"n": "45"}, "n *= 0′6<given>n1′40′5", "n0′01′72′2", id="a product in place"),
        pytest.param("return 2 ** n", {"n": "8"}, "2 ** 8<given>", "256", id="a power"),
        pytest.param("return n * 0.5", {"n": "10"}, "10 * 0.5<given>", "5.0", id="a product of no integers"),
        pytest.param("n += 0.5", {"n": "10"}, "n += 0.5<given>n10", "n10.5", id="a sum of no integers"),
        pytest.param("n -= 10", {"n": "0.5"}, "n -= 10<given>n0.5", "n-9.5", id="an integer from what is none"),
        pytest.param("return n // 4", {"n": "39"}, None, "9", id="a quotient, without marks"),
        pytest.param("return s.rpartition(',')", {"s": "'a,b,c'"}, None, "('0′3′', '3′4′', '4′5′')", id="three parts"),
        pytest.param(
            "xs.remove(3)", {"xs": "[3, 1, 2]"}, "xs.remove(3)<given>xs[0′3, 1′1, 2′23′]", "xs[1′3′]", id="remove"
        ),
        pytest.param("x = xs.pop(0)", {"xs": "['ab', 'cd']"}, None, "xs[1′2′]t0'ab'", id="what is taken, and the rest"),
        pytest.param(
            "d['a'] = 3", {"d": "{'z': 1, 'a': 2, 'b': 3}"}, None, "d{0′1′, 'a': 3, 2′3′}", id="between two entries"
        ),
        pytest.param("del d[1]", {"d": "{1: 1, 2: 2}"}, None, "d{1′2′}", id="an entry is taken out"),
        pytest.param(
            "return s.count('a')",
            {"s": "'banana'"},
            "<receiver>.count('a')<given><receiver>'banana'",
            "3",
            id="what is searched for comes first",
        ),
        pytest.param(
            "return d.get('b', 0)",
            {"d": "{'a': 1}"},
            "<receiver>.get('b', 0)<given><receiver>{'a': 1}",
            "0",
            id="a key that is looked up",
        ),
        pytest.param("return s.strip()", {"s": "' it\\'s \"so\" '"}, None, "'1′10′'", id="both quotes"),
    ],
)
def test_what_an_operation_copies_is_pointed_at(
    statement: str, values: dict[str, str], prompt: str | None, answer: str
) -> None:
    given, said = asked(statement, **values)
    assert said == answer
    assert prompt is None or given.replace("  ", " ") == prompt


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        pytest.param("return s == 'abcd'", {"s": "'abcd'"}, id="a comparison"),
        pytest.param("return 'bc' in s", {"s": "'abcd'"}, id="membership"),
        pytest.param("return s.upper()", {"s": "'abcd'"}, id="what changes every character"),
        pytest.param("return sorted(xs)", {"xs": "[3, 1, 2]"}, id="what orders"),
        pytest.param("return xs.count(1)", {"xs": "[3, 1, 2]"}, id="what counts"),
        pytest.param("return s[0]", {"s": "'abc'"}, id="a short string"),
        pytest.param("return xs[0]", {"xs": "[1]"}, id="one item"),
        pytest.param("return d['a']", {"d": "{'a': 1, 'b': 2}"}, id="a key that is looked up"),
        pytest.param("return s[0]", {"s": repr("x" * 100)}, id="more characters than marks"),
        pytest.param("xs.add(9)", {"xs": "{1, 2, 3}"}, id="a set has no order"),
        pytest.param("return s[:2]", {"s": "''"}, id="nothing to point at"),
    ],
)
def test_other_operations_have_no_marks(statement: str, values: dict[str, str]) -> None:
    for operation, effect in performed(ast.parse(statement).body[0], values)[0]:
        step = encode_step(operation.statement, operation.values)
        assert step is not None
        assert step.marked == ()
        assert effect.value is None or encode_effect(step, effect) == [*nano.encode_text(effect.value), nano.END]


def test_a_character_of_the_private_area_is_no_mark() -> None:
    text = repr("abcd" + spans.MARKS[3])
    marked = spans.mark(text, 0)
    assert marked is not None
    assert unmark(marked) == text
    assert spans.restore(shorten(text, [text]), [text]) == text


@given(st.integers())
def test_a_number_from_its_last_digit_comes_back(number: int) -> None:
    assert spans.from_first_digit(spans.from_last_digit(str(number))) == str(number)


@pytest.mark.parametrize("said", ["", "-", "12", "\ue0001\ue0022", "\ue000a", "--\ue0001", "\ue0001\ue001", "\ue000"])
def test_what_is_no_number_from_its_last_digit_is_none(said: str) -> None:
    assert spans.from_first_digit(said) is None


VALUES = st.recursive(
    st.one_of(st.integers(0, 9), st.text("ab'\"\\\n é", max_size=9), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.lists(inner, max_size=5).map(tuple), st.dictionaries(st.text("abc"), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(VALUES, st.lists(VALUES, max_size=2))
def test_any_value_comes_back(value: Any, marked: list[Any]) -> None:
    texts = [repr(one) for one in marked if spans.mark(repr(one), 0)]
    assert spans.restore(shorten(repr(value), texts), texts) == repr(value)


@settings(deadline=None, max_examples=150)
@given(VALUES)
def test_a_value_without_its_marks_is_the_value(value: Any) -> None:
    marked = spans.mark(repr(value), 1)
    assert marked is None or unmark(marked) == repr(value)


def unordered(effect: Effect | None) -> Effect:
    """The effect with sets in one order, whichever they were shown in."""
    assert effect is not None
    value = None if effect.value is None else in_sorted_order(effect.value)
    return Effect(tuple((name, in_sorted_order(text)) for name, text in effect.assigned), value, effect.raised)


def test_effects_of_random_operations_come_back() -> None:
    with_spans = 0
    for seed in range(300):
        statement, values = singles.one(Random(seed))
        for operation, effect in performed(statement, values)[0]:
            step = encode_step(operation.statement, operation.values)
            answer = encode_effect(step, effect) if step else None
            if step and answer:
                with_spans += any(token >= nano.TOKEN[spans.MARKS[0]] for token in answer)
                assert unordered(decode_effect(step, answer)) == unordered(effect)
    assert with_spans > 50


@pytest.mark.parametrize(
    ("statement", "values", "answer", "expected"),
    [
        pytest.param("return set(xs)", {"xs": "[16, 9, 8, 16]"}, "{16, 9, 8}", "{16, 9, 8}", id="integers"),
        pytest.param("return set(xs)", {"xs": "[952, -2, 5]"}, "{952, -2, 5}", "{952, 5, -2}", id="by their hashes"),
        pytest.param("return set(s)", {"s": "'banana'"}, "{'b', 'a', 'n'}", "{'b', 'a', 'n'}", id="characters"),
        pytest.param("return set(xs)", {"xs": "[1, 'a']"}, "{1, 'a'}", "{1, 'a'}", id="what cannot be sorted"),
        pytest.param("return set(xs)", {"xs": "[]"}, "set()", "set()", id="none"),
        pytest.param("s.add(1)", {"s": "{3, 2}"}, "s{3, 2, 1}", "{1, 2, 3}", id="in place"),
    ],
)
def test_a_set_is_said_in_order(statement: str, values: dict[str, str], answer: str, expected: str) -> None:
    step, effect = step_of(statement, values)
    tokens = encode_effect(step, effect)
    assert tokens is not None
    assert nano.decode_text(tokens[:-1], step.names) == answer
    read = decode_effect(step, tokens)
    assert read is not None
    assert (read.value or read.assigned[0][1]) == expected


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("'\ue000'", id="half a span"),
        pytest.param("'\ue004\ue004'", id="a span of no length"),
        pytest.param("'\ue030\ue000'", id="backwards from beyond the value"),
        pytest.param("'\ue000\ue030'", id="beyond the value"),
        pytest.param("\ue000\ue002", id="characters outside a string"),
        pytest.param("'\ue000\ue065'", id="from one value to another"),
        pytest.param("'\ue064\ue066'", id="a value that is not there"),
        pytest.param("\ue002", id="a place, where a value is asked"),
    ],
)
def test_a_span_of_nothing_is_no_answer(said: str) -> None:
    step = encode_step(ast.Return(ast.parse("s[1:3]", mode="eval").body), {"s": "'abcdef'"})
    assert step is not None
    assert decode_effect(step, [*nano.encode_text(said), nano.END]) is None
    assert decode_effect(step, [*nano.encode_text("'\ue000\ue004'"), nano.END]) == Effect(value="'abcd'")


@pytest.mark.parametrize(
    "said", [pytest.param("\ue007", id="beyond the end"), pytest.param("\ue064", id="of another value")]
)
def test_a_place_is_one_of_the_value(said: str) -> None:
    step = encode_step(ast.Return(ast.parse("len(s)", mode="eval").body), {"s": "'abcdef'"})
    assert step is not None
    assert decode_effect(step, [*nano.encode_text(said), nano.END]) is None
    assert decode_effect(step, [*nano.encode_text("\ue006"), nano.END]) == Effect(value="6")
