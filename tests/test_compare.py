"""What counts as a difference between two runs, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cwm_check.compare import compare, is_conclusive, is_misuse
from cwm_check.simulations import Difference, Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.vocabulary import ExceptionEquality

ONE = Outcome("returned", "1")
KEY = Outcome("raised", "KeyError", "'a'")
REFUSED = Outcome("raised", "TypeError", "unsupported operand", explicit=False)
STEPS = Outcome("unfinished", "limit: steps")
MEMORY = Outcome("unfinished", "limit: memory")
CLOSED, LEFT = "open(p).close()", "open(p).__exit__()"

LOUD = {
    "value": (ONE, Outcome("returned", "2"), Difference("return", "", "1", "2")),
    "type of a value": (ONE, Outcome("returned", "1.0"), Difference("return", "", "1", "1.0")),
    "new exception": (ONE, KEY, Difference("new-exception", "KeyError", "1", 'KeyError("\'a\'")')),
    "lost exception": (KEY, ONE, Difference("lost-exception", "KeyError", 'KeyError("\'a\'")', "1")),
    "other exception": (
        KEY,
        Outcome("raised", "IndexError"),
        Difference("other-exception", "IndexError", 'KeyError("\'a\'")', "IndexError"),
    ),
    "message": (
        Outcome("raised", "E", "a"),
        Outcome("raised", "E", "b"),
        Difference("message", "E", "E('a')", "E('b')"),
    ),
    "what an exception holds": (
        replace(KEY, held="code=1"),
        KEY,
        Difference("held", "KeyError", 'KeyError("\'a\'") with code=1', 'KeyError("\'a\'") with nothing else'),
    ),
    "a message and what it is not about": (
        Outcome("raised", "E", "no a", held="code=1, name='a'"),
        Outcome("raised", "E", "no b", held="code=2, name='b'"),
        Difference("message", "E", "E('no a')", "E('no b')"),
        Difference("held", "E", "E('no a') with code=1, name='a'", "E('no b') with code=2, name='b'"),
    ),
    "a message and what an exception holds beside it": (
        Outcome("raised", "E", "no a", held="name='x'"),
        Outcome("raised", "E", "no b", held="name='y'"),
        Difference("message", "E", "E('no a')", "E('no b')"),
        Difference("held", "E", "E('no a') with name='x'", "E('no b') with name='y'"),
    ),
    "a message and the attribute that it tells": (
        Outcome("raised", "E", "no a", held="code=1, names=['a']"),
        Outcome("raised", "E", "no b", held="code=1, names=['b']"),
        Difference("message", "E", "E('no a')", "E('no b')"),
    ),
    "an attribute that is a part of the same message": (
        Outcome("raised", "E", "a b", held="name='a'"),
        Outcome("raised", "E", "a b", held="name='b'"),
        Difference("held", "E", "E('a b') with name='a'", "E('a b') with name='b'"),
    ),
    "a text that no program writes": (
        Outcome("raised", "E", "a", held="name='\\x'"),
        Outcome("raised", "E", "b", held="name='\\y'"),
        Difference("message", "E", "E('a')", "E('b')"),
        Difference("held", "E", "E('a') with name='\\x'", "E('b') with name='\\y'"),
    ),
    "a cause": (
        replace(KEY, cause=" while handling E"),
        replace(KEY, cause=" from E"),
        Difference("cause", "KeyError", 'KeyError("\'a\'") while handling E', 'KeyError("\'a\'") from E'),
    ),
    "a cause that is hidden": (
        replace(KEY, cause=" while handling E"),
        replace(KEY, cause=" from None"),
        Difference("cause", "KeyError", 'KeyError("\'a\'") while handling E', 'KeyError("\'a\'") from None'),
    ),
    "order of entries": (
        replace(ONE, order=("[1, 2]", "['a', 'b']")),
        replace(ONE, order=("[1, 2]", "['b', 'a']")),
        Difference("order", "", "['a', 'b']", "['b', 'a']"),
    ),
    "yielded": (replace(ONE, yielded=("1",)), replace(ONE, yielded=()), Difference("yield", "", "[1]", "[]")),
    "order of what is yielded": (
        replace(ONE, yielded=("1", "2")),
        replace(ONE, yielded=("2", "1")),
        Difference("yield", "", "[1, 2]", "[2, 1]"),
    ),
    "argument": (
        replace(ONE, arguments=(("items", "[1]"),)),
        ONE,
        Difference("mutation", "items", "[1]", "as it was"),
    ),
    "printed": (replace(ONE, printed="a\n"), ONE, Difference("print", "", "'a\\n'", "''")),
    "a call": (
        replace(ONE, calls=("a()", "b()")),
        replace(ONE, calls=("a()",)),
        Difference("calls", "", "[b()]", "[a()]"),
    ),
    "order of calls": (
        replace(ONE, calls=("a()", "b()")),
        replace(ONE, calls=("b()", "a()")),
        Difference("calls", "", "[a(), b()]", "[b(), a()]"),
    ),
    "log": (replace(ONE, logged=("log.info('a')",)), ONE, Difference("log", "", "[log.info('a')]", "[]")),
    "warning": (ONE, replace(ONE, warned=("UserWarning: a",)), Difference("warning", "", "[]", "[UserWarning: a]")),
    "no end": (ONE, STEPS, Difference("ending", "", "ends: returned 1", "does not end within the limit")),
    "refused by one": (ONE, REFUSED, Difference("new-exception", "TypeError", "1", "TypeError('unsupported operand')")),
}  # fmt: skip

QUIET = {
    "equal": (ONE, ONE),
    "equal exceptions": (KEY, KEY),
    "arguments in another order": (
        replace(ONE, arguments=(("a", "1"), ("b", "2"))),
        replace(ONE, arguments=(("b", "2"), ("a", "1"))),
    ),
    "leaving a with block is closing": (replace(ONE, calls=(CLOSED,)), replace(ONE, calls=(LEFT,))),
    "nothing to hide": (KEY, replace(KEY, cause=" from None")),
    "raised while something is handled, or not": (KEY, replace(KEY, cause=" while handling E")),
    "something else is handled": (replace(KEY, cause=" while handling E"), replace(KEY, cause=" while handling F")),
    "neither ended": (STEPS, STEPS),
    "neither ended, for other reasons": (STEPS, MEMORY),
    "one met another limit than steps": (ONE, MEMORY),
    "both refuse the probe": (REFUSED, replace(REFUSED, value="AttributeError", message="x")),
}


def simulation(before: Outcome, after: Outcome, evidence: Evidence = Evidence.EXACT) -> Simulation:
    """A simulation that ended so; the evidence is that of the version after."""
    one, other = (
        Prediction(outcome, frozenset(), (), rests_on, 1.0)
        for outcome, rests_on in ((before, Evidence.EXACT), (after, evidence))
    )
    return Simulation("f()", Probe((), "test"), one, other)


@pytest.mark.parametrize("row", LOUD.values(), ids=LOUD)
def test_a_difference_is_told(row: tuple[Outcome, Outcome, *tuple[Difference, ...]]) -> None:
    before, after, *differences = row
    assert compare(simulation(before, after)).differences == tuple(differences)


@pytest.mark.parametrize(("before", "after"), QUIET.values(), ids=QUIET)
def test_what_is_no_difference_is_not_told(before: Outcome, after: Outcome) -> None:
    assert compare(simulation(before, after)).differences == ()


def test_what_a_forged_exception_holds_takes_no_time() -> None:
    forged = "'\\" * 500_000
    found = compare(
        simulation(Outcome("raised", "E", "a", held=forged), Outcome("raised", "E", "b", held=f"{forged}."))
    )
    assert [difference.kind for difference in found.differences] == ["message", "held"]


def test_the_order_of_other_values_is_no_news() -> None:
    found = compare(simulation(replace(ONE, order=("[1, 2]",)), replace(Outcome("returned", "2"), order=("[2, 1]",))))
    assert [difference.kind for difference in found.differences] == ["return"]


def test_every_way_to_differ_is_told_at_once() -> None:
    after = Outcome("returned", "2", yielded=("1",), printed="a", warned=("W: a",))
    kinds = [difference.kind for difference in compare(simulation(ONE, after)).differences]
    assert kinds == ["return", "yield", "print", "warning"]


@pytest.mark.parametrize(
    ("equality", "message", "other"),
    [("type+message", 1, 1), ("type", 0, 1), ("any", 0, 0)],
)
def test_exceptions_are_compared_as_the_user_wants(equality: ExceptionEquality, message: int, other: int) -> None:
    texts = simulation(Outcome("raised", "E", "a"), Outcome("raised", "E", "b"))
    held = simulation(Outcome("raised", "E"), Outcome("raised", "E", held="code=1"))
    caused = simulation(Outcome("raised", "E"), Outcome("raised", "E", cause=" from F"))
    assert [len(compare(found, equality).differences) for found in (held, caused)] == [message, message]
    classes = simulation(Outcome("raised", "E"), Outcome("raised", "F"))
    assert [len(compare(found, equality).differences) for found in (texts, classes)] == [message, other]


@pytest.mark.parametrize(
    ("evidence", "confidence"),
    [(Evidence.EXACT, 1.0), (Evidence.CONDITIONAL, 0.9), (Evidence.PREDICTED, 0.8), (Evidence.ASSUMED, 0.9)],
)
def test_the_weaker_evidence_counts(evidence: Evidence, confidence: float) -> None:
    found = compare(simulation(ONE, ONE, evidence))
    assert (found.evidence, found.confidence) == (evidence, confidence)


@pytest.mark.parametrize(("count", "confidence"), [(0, 0.9), (6, 0.9), (7, 0.8), (40, 0.8)])
def test_what_needs_many_assumptions_is_less_sure(count: int, confidence: float) -> None:
    found = replace(simulation(ONE, ONE, Evidence.ASSUMED), assumptions=("x is None",) * count)
    assert compare(found).confidence == confidence


@pytest.mark.parametrize(
    ("before", "after", "conclusive", "misuse"),
    [
        (ONE, KEY, True, False),
        (STEPS, ONE, False, False),
        (REFUSED, ONE, False, False),
        (REFUSED, REFUSED, False, True),
        (replace(REFUSED, explicit=True), ONE, True, False),
        (ONE, REFUSED, True, False),
    ],
)
def test_runs_that_say_nothing_are_known(before: Outcome, after: Outcome, conclusive: bool, misuse: bool) -> None:
    found = simulation(before, after)
    assert (is_conclusive(found), is_misuse(found)) == (conclusive, misuse)


def test_the_first_line_at_which_the_traces_part_is_named() -> None:
    def trace(x: str) -> Trace:
        start = Frame(Event.CALL, 1, "def f():")
        return Trace("", (start, Frame(Event.LINE, 2, "  x = 1", (("x", x),)), Frame(Event.RETURN, 3, "", value=x)))

    found = simulation(ONE, Outcome("returned", "2"))
    traced = replace(
        found, before=replace(found.before, trace=trace("1")), after=replace(found.after, trace=trace("2"))
    )
    assert (compare(traced).before_line, compare(traced).after_line) == (2, 2)
    assert (compare(found).before_line, compare(found).after_line) == (None, None)
