"""One world: the answers to the sandbox's questions fit together, whoever asks and in whatever order."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import pytest

from cwm_check.search.answers.questions import QUESTIONS, answer
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.choices import Restart, Side, TooManyQuestions
from cwm_check.search.plausible import options_for
from cwm_check.search.world import World

X = {"r": "'a'"}


class Asker:
    """A world, and a side of it that asks."""

    def __init__(
        self, overrides: Mapping[str, str] | None = None, handlers: Mapping[int, tuple[str, ...]] | None = None
    ):
        self.world = World(TypedDefaults(), (), overrides)
        self.handlers = handlers or {}
        self.side()

    def side(self, name: str = "before", handlers: Mapping[int, tuple[str, ...]] | None = None) -> Side:
        side = Side(name, self.handlers if handlers is None else handlers, {})
        self.world.begin_side(side)
        side.begun = True
        return side

    def ask(self, operation: str, target: str, *arguments: dict[str, Any], **more: Any) -> Any:
        """The answer: text of a literal, expression of an unknown object, or exception."""
        known = self.world.unknown(target)
        question = {
            "op": operation,
            "u": known if "u" in known else target,
            "args": list(arguments),
            "lines": [5],
            **more,
        }
        said = answer(self.world, question)
        return said.get("r", said.get("u", said.get("e")))

    def unknown(self, expression: str) -> dict[str, Any]:
        return self.world.unknown(expression)


NAMES = {
    "an attribute": (("getattr", "x", {"r": "'a'"}), {}, "x.a"),
    "an item": (("getitem", "x", X), {}, "x['a']"),
    "a call": (("call", "x.get", X), {"kw": {"n": {"r": "1"}}}, "x.get('a', n=1)"),
    "what is awaited": (("await", "x"), {}, "(await x)"),
    "what a with statement gives": (("enter", "x.lock()"), {}, "x.lock().__enter__()"),
    "what a with statement gives for a file": (("enter", "open('a')"), {}, "open('a')"),
}


@pytest.mark.parametrize(("question", "more", "name"), NAMES.values(), ids=NAMES)
def test_an_object_is_named_by_what_made_it(question: tuple[Any, ...], more: dict[str, Any], name: str) -> None:
    assert Asker().ask(*question, **more) == name


def bound(asker: Asker, *questions: tuple[Any, ...], **more: Any) -> list[str]:
    """The values that unknown objects get, one after the other."""
    for question in questions:
        with pytest.raises(Restart):
            asker.ask(*question, **more)
    return list(asker.world.bindings.values())


def test_unknown_texts_are_not_all_the_same() -> None:
    assert bound(Asker(), ("bind", "x"), ("bind", "y"), ("bind", "z"), kind="str") == ["'abc'", "'def'", "'ghi'"]


def test_what_the_program_compares_with_comes_first_for_each() -> None:
    pool = Asker()
    pool.world = World(TypedDefaults(), ("'a'",))
    pool.side()
    assert bound(pool, ("bind", "x", X), ("bind", "y", X), kind="str") == ["'a'", "'a'"]


def test_a_text_that_is_matched_with_a_pattern_matches_it() -> None:
    asker = Asker()
    assert bound(asker, ("bind", "x"), kind="str", pattern=r"(\d+)-(\d+)") == ["'1-2'"]
    assert "'abc\\n1-2'" in asker.world.choices["value of x"].options


def test_what_values_of_a_name_are_compared_with_comes_first() -> None:
    asker = Asker()
    asker.world = World(TypedDefaults(), compared={"type": ("'atom'", "3", "'name'")})
    asker.side()
    assert bound(asker, ("bind", "x.type", X), ("bind", "y", X), kind="str") == ["'atom'", "'a'"]
    assert asker.world.choices["value of x.type"].options[:3] == ("'atom'", "'name'", "'a'")


@pytest.mark.parametrize(
    ("kind", "said", "first"),
    [
        ("str", ("''",), ("'abc'", "''")),
        ("bytes", ("b''",), ("b'abc'", "b''")),
        ("str", ("''", "'monday'"), ("'monday'", "'abc'")),
        ("int", ("0",), ("0", "2")),
    ],
)
def test_an_empty_text_is_not_the_first_to_try(kind: str, said: tuple[str, ...], first: tuple[str, ...]) -> None:
    assert first == options_for(kind, (), said, {})[:2]


def test_what_has_attributes_is_no_plain_value() -> None:
    asker = Asker()
    bound(asker, ("bind", "x", X), kind="str")
    with pytest.raises(Restart):
        asker.ask("object", "x")
    assert (asker.world.bindings, asker.world.objects, asker.world.choices) == ({}, {"x"}, {})
    assert bound(asker, ("bind", "x"), kind="str") == ["'abc'"]  # a library needs one, and asks only once
    assert asker.ask("object", "x") == "None"


def test_a_value_that_this_world_wants_is_doubted_once() -> None:
    asker = Asker({"value of x": "'b'"})
    assert bound(asker, ("bind", "x", X), kind="str") == ["'b'"]
    with pytest.raises(Restart):
        asker.ask("object", "x")
    assert asker.world.objects == {"x"}
    assert bound(asker, ("bind", "x", X), kind="str") == ["'b'"]
    assert asker.ask("object", "x") == "None"


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("x.read(8)#3", "bytes", "b''"),
        ("x.readline()#3", "str", "''"),
        ("x.read(8)#2", "bytes", "b'abc'"),
        ("x.read(8)", "bytes", "b'abc'"),
        ("x.get(8)#3", "bytes", "b'abc'"),
        ("x.pop()#3", "int", "2"),
    ],
)
def test_what_is_read_piece_by_piece_comes_to_its_end(expression: str, kind: str, value: str) -> None:
    assert bound(Asker(), ("bind", expression), kind=kind) == [value]


def test_what_is_declared_is_no_other_object() -> None:
    asker = Asker({"kind of x": "object"})
    asker.world = World(TypedDefaults(), (), {"kind of x": "object"}, declared={"x": "str"})
    asker.side()
    assert bound(asker, ("getattr", "x", {"r": "'strip'"}), method=True) == ["'abc'"]
    assert asker.ask("getattr", "y", {"r": "'strip'"}, method=False) == "y.strip"


@pytest.mark.parametrize(
    ("arguments", "values"),
    [(("'a'", "'b'"), ["'abc'"]), (("'a'",), []), (("1", "2"), []), (("'a'", "'b'", "'c'"), [])],
)
def test_only_a_text_replaces_texts(arguments: tuple[str, ...], values: list[str]) -> None:
    asker = Asker()
    told = [{"r": text, "k": "str" if text[0] == "'" else "int"} for text in arguments]
    with contextlib.suppress(Restart):
        asker.ask("call", "x.y.replace", *told)
    assert list(asker.world.bindings.values()) == values


def test_a_log_call_is_told_as_what_it_writes() -> None:
    asker = Asker()
    for arguments in (({"r": "'a %s'"}, asker.unknown("x")), ({"r": "'a <x>'"},)):
        asker.ask("call", "log.debug", *arguments)
    assert asker.world.side.logged == ["log.debug('a <x>')"] * 2


def test_the_value_of_another_unknown_object_is_no_hint() -> None:
    asker = Asker()
    assert bound(asker, ("bind", "x"), ("bind", "y", {"r": "'abc'"}), kind="str") == ["'abc'", "'def'"]
    assert "'abc'" in asker.world.choices["value of y"].options


def test_a_choice_notes_where_else_it_is_asked() -> None:
    asker = Asker()
    for side, line in (("before", 5), ("before", 7), ("before", 7), ("before", 5), ("after", 5), ("after", 9)):
        asker.world.side.name = side
        asker.ask("truth", "x", lines=[line])
    choice = asker.world.choices["x"]
    assert (choice.side, choice.lines) == ("before", (5,))
    assert choice.again == (("before", (7,)), ("after", (5,)), ("after", (9,)))


@pytest.mark.parametrize(("conditions", "answers"), [({5}, "True True True False"), (set(), "True True True True")])
def test_a_chain_of_unknown_objects_ends(conditions: set[int], answers: str) -> None:
    asker = Asker()
    asker.world.side.conditions = frozenset(conditions)
    nodes = ("x", "x.next", "x.next.next", "x.next.next.next")
    assert [asker.ask("truth", node) for node in nodes] == answers.split()
    assert [asker.ask("truth", node) for node in nodes] == answers.split()


KINDS = {
    "the likeliest kind": ({}, ["Decimal('1.50')"]),
    "the other one": ({"kind of x": "int"}, ["2"]),
}


@pytest.mark.parametrize(("overrides", "values"), KINDS.values(), ids=KINDS)
def test_an_operation_with_few_kinds_tells_one(overrides: dict[str, str], values: list[str]) -> None:
    question = ("kind", "x", {"r": "'Decimal'"}, {"r": "'int'"})
    assert bound(Asker(overrides), question) == values


def test_an_operation_may_still_be_with_an_object_of_another_kind() -> None:
    assert Asker({"kind of x": "object"}).ask("kind", "x", {"r": "'Decimal'"}) == "None"


@pytest.mark.parametrize("taken", ["True", "False"])
def test_a_comparison_is_one_question_from_either_side(taken: str) -> None:
    asker = Asker({"x == y": taken, "x < y": taken})
    x, y = asker.unknown("x"), asker.unknown("y")
    answers = [
        asker.ask("compare", target, other, operator=operator)
        for target, other, operator in (("x", y, "=="), ("y", x, "=="), ("x", y, "<"), ("y", x, ">"))
    ]
    assert answers == [taken] * 4
    assert list(asker.world.choices) == ["x == y", "x < y"]


@pytest.mark.parametrize(
    ("overrides", "first", "second"),
    [
        ({"x": "True"}, ("truth", "True"), ("length", "2")),
        ({"x": "False"}, ("truth", "False"), ("length", "0")),
        ({"length of x": "0"}, ("length", "0"), ("truth", "False")),
        ({"length of x": "3"}, ("length", "3"), ("truth", "True")),
        ({"x": "True"}, ("truth", "True"), ("none", "False")),
    ],
)
def test_answers_fit_those_before(overrides: dict[str, str], first: tuple[str, str], second: tuple[str, str]) -> None:
    asker = Asker(overrides)
    assert [(name, asker.ask(name, "x")) for name, _ in (first, second)] == [first, second]


@pytest.mark.parametrize(
    ("held", "item"),
    [("True", "x['a']"), ("False", "KeyError")],
)
def test_a_table_gives_what_it_is_said_to_hold(held: str, item: str) -> None:
    asker = Asker({"'a' in x": held}, {5: ("KeyError",)})
    assert [asker.ask("contains", "x", X), asker.ask("getitem", "x", X)] == [held, item]


@pytest.mark.parametrize(("raises", "held"), [("nothing", "True"), ("KeyError", "False")])
def test_a_table_holds_what_it_gave(raises: str, held: str) -> None:
    asker = Asker({"x['a'] raises": raises}, {5: ("KeyError",)})
    asker.ask("getitem", "x", X)
    assert asker.ask("contains", "x", X) == held


def test_an_exception_that_one_side_waits_for_meets_both() -> None:
    asker = Asker({"x.get() raises": "OSError"})
    before = asker.ask("call", "x.get")
    asker.side("after", {5: ("OSError",)})
    assert (before, asker.ask("call", "x.get")) == ("OSError", "OSError")


def test_nothing_raises_that_nobody_waits_for() -> None:
    asker = Asker()
    assert (asker.ask("call", "x.get"), asker.world.choices) == ("x.get()", {})


def test_exceptions_of_both_sides_are_options() -> None:
    asker = Asker(handlers={5: ("KeyError",)})
    asker.ask("call", "x.get")
    asker.side("after", {5: ("OSError",)})
    asker.ask("call", "x.get")
    assert asker.world.choices["x.get() raises"].options == ("nothing", "KeyError", "OSError")


def test_calls_count_when_their_result_is_thrown_away() -> None:
    asker = Asker()
    side = asker.side()
    asker.ask("call", "x.load")
    asker.ask("call", "x.save", discarded=True)
    asker.ask("call", "log.info", X)
    assert (side.calls, side.logged) == (["x.save()"], ["log.info('a')"])


def test_a_read_may_give_something_else_each_time() -> None:
    asker = Asker()
    assert [asker.ask("call", "x.read") for _ in range(2)] == ["x.read()", "x.read()#2"]
    asker.side("after")
    assert asker.ask("call", "x.read") == "x.read()"


def test_an_iterator_ends_after_its_length() -> None:
    asker = Asker({"length of x": "1"})
    assert [asker.ask("next", "x") for _ in range(2)] == ["x[0]", "StopIteration"]


def test_a_value_makes_both_sides_start_again() -> None:
    asker = Asker({"value of x": "'b'"})
    with pytest.raises(Restart):
        asker.ask("bind", "x", X, kind="str")
    assert (asker.world.bindings, asker.world.unknown("x")) == ({"x": "'b'"}, {"r": "'b'", "n": "x"})


def test_a_container_is_bound_with_unknown_items() -> None:
    world = World(TypedDefaults(), (), None, {"x": "list:2", "y": "dict:[\"'k'\"]"})
    assert world.unknown("x") == {"list": [{"u": "x[0]"}, {"u": "x[1]"}], "n": "x"}
    assert world.unknown("y") == {"dict": [[{"r": "'k'"}, {"u": "y['k']"}]], "n": "y"}


def test_a_run_that_asks_without_end_is_stopped() -> None:
    asker = Asker()
    for _ in range(QUESTIONS):
        asker.ask("truth", "x")
    with pytest.raises(TooManyQuestions):
        asker.ask("truth", "x")
