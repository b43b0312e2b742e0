from __future__ import annotations

import re
from dataclasses import replace

import pytest
from examples import HOSTILE, function, source
from hypothesis import given, settings
from hypothesis import strategies as st

from cwm_check.pairs import ChangedFunction, Fact
from cwm_check.rules import RULES
from cwm_check.simulations import Difference
from cwm_check.trace import Evidence
from cwm_check.wording import (
    code,
    difference_sentence,
    fact_sentence,
    printable,
    removal_sentence,
    shorten,
    shorten_pair,
    told_assumptions,
)


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Difference("return", "", "-5", "0"), "`f(1)` returns `0` instead of `-5`."),
        (
            Difference("new-exception", "KeyError", "None", "KeyError('id')"),
            "`f(1)` raises `KeyError('id')` instead of returning `None`.",
        ),
        (
            Difference("lost-exception", "None", "KeyError('id')", "None"),
            "`f(1)` returns `None` instead of raising `KeyError('id')`.",
        ),
        (Difference("other-exception", "B", "A", "B"), "`f(1)` raises `B` instead of `A`."),
        (Difference("message", "E", "E('a')", "E('b')"), "`f(1)` raises `E('b')` instead of `E('a')`."),
        (Difference("yield", "", "[1, 2]", "[]"), "`f(1)` yields nothing instead of `[1, 2]`."),
        (Difference("mutation", "x", "[1]", "[2]"), "`f(1)` leaves `x` in the state `[2]` instead of `[1]`."),
        (Difference("print", "", "''", "'a\\n'"), "`f(1)` prints `'a\\n'` instead of `''`."),
        (Difference("calls", "", "[]", "[x.close()]"), "`f(1)` calls `[x.close()]` instead of nothing."),
        (Difference("log", "", "[a]", "[b]"), "`f(1)` logs `[b]` instead of `[a]`."),
        (Difference("warning", "", "[a]", "[]"), "`f(1)` warns nothing instead of `[a]`."),
        (
            Difference("ending", "", "ends: returned 1", "does not end"),
            "`f(1)` ends in another way: `does not end` instead of `ends: returned 1`.",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Difference) else "",
)
def test_a_difference_reads_as_a_sentence(difference: Difference, expected: str) -> None:
    assert difference_sentence("f(1)", difference, Evidence.EXACT) == expected


@pytest.mark.parametrize(
    ("evidence", "verb"),
    [
        (Evidence.EXACT, "returns"),
        (Evidence.CONDITIONAL, "returns"),
        (Evidence.PREDICTED, "is predicted to return"),
        (Evidence.ASSUMED, "may return"),
    ],
)
def test_the_verb_is_as_sure_as_the_evidence(evidence: Evidence, verb: str) -> None:
    assert (
        difference_sentence("f()", Difference("return", "", "1", "2"), evidence) == f"`f()` {verb} `2` instead of `1`."
    )


@pytest.mark.parametrize(
    ("assumptions", "expected"),
    [
        ((), "."),
        (("a",), ", if `a`."),
        (("a", "b"), ", if `a` and `b`."),
        (("a", "b", "c", "d"), ", if `a` and `b` and 2 more."),
    ],
)
def test_assumptions_are_named_shortly(assumptions: tuple[str, ...], expected: str) -> None:
    sentence = difference_sentence("f()", Difference("return", "", "1", "2"), Evidence.PREDICTED, assumptions)

    assert sentence == f"`f()` is predicted to return `2` instead of `1`{expected}"


BEFORE, AFTER = source("connect", "host, port=80"), source("connect", "host, *, port=80")
CHANGE = function(BEFORE, AFTER)
METHOD = function(source("A.Cart.add", "self, item, count=1"), source("A.Cart.add", "self, item, count=1, *, price"))
MAKER = function(source("A.Cart.__init__", "self, item, *, key"), source("A.Cart.__init__", "self, item, size, *, key"))
POSITIONAL = function(BEFORE, source("connect", "host, port=80, /"))
SYNC, ASYNC = source("connect", "host"), source("connect", "host", is_async=True)
GENERATOR = source("connect", "host", is_generator=True)

FACTS = [
    (METHOD, Fact("CWM101", "price", None, "price", 4), "`A.Cart.add` now needs `price`: the call `add(item)` fails."),
    (
        MAKER,
        Fact("CWM101", "size", None, "size", 4),
        "`A.Cart.__init__` now needs `size`: the call `Cart(item, key=key)` fails.",
    ),
    (CHANGE, Fact("CWM102", "port", "port=80", None, 4), "`connect` no longer takes `port`: calls that pass it fail."),
    (
        CHANGE,
        Fact("CWM103", "number", "port", "number", 4),
        "`connect` takes `number` where it took `port`: `connect(..., port=...)` fails.",
    ),
    (
        CHANGE,
        Fact("CWM104", "port", "host, port", "port, host", 4),
        "`connect` takes its parameters as `port, host` instead of `host, port`: positional calls bind other values.",
    ),
    (
        CHANGE,
        Fact("CWM105", "port", "positional-or-keyword", "keyword-only", 4),
        "`port` of `connect` was `positional-or-keyword` and is now `keyword-only`: `connect(host, port)` fails.",
    ),
    (
        POSITIONAL,
        Fact("CWM105", "port", "positional-or-keyword", "positional-only", 4),
        "`port` of `connect` was `positional-or-keyword` and is now `positional-only`: `connect(..., port=...)` fails.",
    ),
    (
        CHANGE,
        Fact("CWM105", "gone", "positional-or-keyword", "only by name", 4),
        "`gone` of `connect` was `positional-or-keyword` and is now `only by name`: some calls that worked fail.",
    ),
    (CHANGE, Fact("CWM106", "port", "80", "90", 4), "`connect` called without `port` now uses `90` instead of `80`."),
    (
        CHANGE,
        Fact("CWM107", "port", "80", None, 4),
        "`connect` has no default for `port` any more: calls that leave it out, such as `connect(host)`, fail.",
    ),
    (
        CHANGE,
        Fact("CWM108", "wait", None, "wait=1", 4),
        "`connect` has a new optional parameter `wait`: existing calls still work.",
    ),
    (CHANGE, Fact("CWM109", "host", None, "''", 4), "`connect` gives `host` the default `''`: calls may leave it out."),
    (
        function(SYNC, ASYNC),
        Fact("CWM110", "connect", "def", "async def", 4),
        "`connect` is now a coroutine function: callers must await `connect(...)`.",
    ),
    (
        function(ASYNC, SYNC),
        Fact("CWM110", "connect", "async def", "def", 4),
        "`connect` is no longer a coroutine function: callers that await `connect(...)` fail or do something else.",
    ),
    (
        function(SYNC, GENERATOR),
        Fact("CWM111", "connect", "function", "generator", 4),
        "`connect` is now a generator function: callers must iterate over `connect(...)`.",
    ),
    (CHANGE, Fact("CWM112", "cache", None, "@cache", 4), "`connect` is now decorated with `@cache`."),
    (CHANGE, Fact("CWM112", "cache", "@cache", None, 4), "`connect` is no longer decorated with `@cache`."),
    (CHANGE, Fact("CWM112", "x", "@x(1)", "@x(2)", 4), "`connect` is decorated with `@x(2)` instead of `@x(1)`."),
    (CHANGE, Fact("CWM113", "E", None, "E", 4), "`connect` may now raise `E`."),
    (CHANGE, Fact("CWM113", "E", "E", None, 4), "`connect` no longer raises `E`."),
    (CHANGE, Fact("CWM113", "F", "E", "F", 4), "`connect` raises `F` instead of `E`."),
    (
        CHANGE,
        Fact("CWM115", "connect", "method", "property", 4),
        "`connect` is now a `property` instead of a `method`: callers must call it in another way.",
    ),
]


@pytest.mark.parametrize(
    ("changed", "fact", "expected"), FACTS, ids=[f"{i}-{f.rule}" for i, (_, f, _) in enumerate(FACTS)]
)
def test_a_fact_reads_as_a_sentence(changed: ChangedFunction, fact: Fact, expected: str) -> None:
    assert fact_sentence(changed, fact) == expected


def test_every_rule_about_facts_has_words() -> None:
    told = {fact.rule for _, fact, _ in FACTS} | {"CWM114"}

    assert told == {rule for rule in RULES if rule.startswith("CWM1")}
    assert removal_sentence("old") == "`old` is gone: its callers fail."


def test_a_removed_method_may_be_inherited() -> None:
    assert removal_sentence("C.old") == "`C.old` is gone: calls of it fail, unless a base class has one."


def test_an_example_call_leaves_variadic_parameters_out() -> None:
    version = source("f", "a, b=1, *args, key, other=2, **rest")

    sentence = fact_sentence(function(version, version), Fact("CWM101", "new", None, "new", 4))

    assert sentence == "`f` now needs `new`: the call `f(a, key=key)` fails."


def test_a_static_method_has_no_receiver_to_leave_out() -> None:
    before = replace(source("C.f", "a"), binding="staticmethod")

    sentence = fact_sentence(function(before, before), Fact("CWM101", "new", None, "new", 4))

    assert sentence == "`C.f` now needs `new`: the call `f(a)` fails."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünïcode 日本 🐍", "plain ünïcode 日本 🐍"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202eabc\u2028\xa0", "\\u202eabc\\u2028\\xa0"),
        ("\udc80", "\\udc80"),
    ],
)
def test_control_characters_are_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "`x`"),
        ("", "nothing"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a``b`", "``` a``b` ```"),
        ("a\nb", "`a\\nb`"),
    ],
)
def test_a_code_span_holds_any_text(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 30, "x" * 30),
        ("a" * 50 + "b" * 50, "a" * 20 + " ...70 more... " + "b" * 10),
    ],
    ids=["short", "long"],
)
def test_long_texts_are_cut_in_the_middle(text: str, expected: str) -> None:
    assert shorten(text, 30) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1", "2", ("1", "2")),
        ("a" * 20 + "x", "a" * 20 + "y", ("a" * 20 + "x", "a" * 20 + "y")),
        ("a" * 90 + "x", "a" * 90 + "y", ("...80 same... " + "a" * 10 + "x", "...80 same... " + "a" * 10 + "y")),
        ("a" * 90, "a" * 95, ("...80 same... " + "a" * 10, "...80 same... " + "a" * 15)),
    ],
    ids=["short", "short but alike", "long", "one goes on"],
)
def test_the_place_where_two_texts_part_is_shown(before: str, after: str, expected: tuple[str, str]) -> None:
    assert shorten_pair(before, after, 30) == expected


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(9, 40))
def test_two_texts_that_differ_are_never_shown_alike(before: str, after: str, width: int) -> None:
    shown = shorten_pair(before, after, width)

    assert (shown[0] == shown[1]) == (before == after)


@settings(deadline=None)
@given(st.text(alphabet="ab`\n\x1b|<]\u202e\udc80"))
def test_a_code_span_cannot_be_left(text: str) -> None:
    span = code(text)
    fence = re.match("`*", span).group()  # type: ignore[union-attr]

    assert span.isprintable()
    assert text == "" or [run for run in re.findall("`+", span) if run == fence] == [fence, fence]


def test_hostile_values_stay_on_one_printable_line() -> None:
    sentence = difference_sentence(HOSTILE, Difference("return", HOSTILE, HOSTILE, "x"), Evidence.ASSUMED, (HOSTILE,))

    assert sentence.isprintable()


def test_a_few_assumptions_are_all_told() -> None:
    assert told_assumptions(("x is 1", "y" * 30), 12) == ("x is 1", "yyyyyyyy ...18 more... yyyy")


def test_of_many_assumptions_the_first_are_told_and_the_rest_counted() -> None:
    told = told_assumptions([f"x{n} is None" for n in range(9)], 80)
    assert told == (*(f"x{n} is None" for n in range(6)), "3 more of this kind")
