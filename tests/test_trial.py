"""One function tried in the sandbox: what is its own edit's doing, and which line of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from changes import changed

from cwm_check.causes import hunks_of, undone
from cwm_check.compare import compare
from cwm_check.extraction.slices import slice_module
from cwm_check.sandbox.component import Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.explore import Budget, Exploration
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Outcome, Prediction, Probe, Simulation
from cwm_check.spokesmen import may_speak
from cwm_check.trace import Evidence
from cwm_check.trial import Trial, try_function
from cwm_check.vocabulary import SkipReason
from cwm_check.worth import problem_of

BEFORE = """\
def helper():
    return 1

def f(x: int):
    a = x + 1
    b = a * 2
    c = b - 3
    return c
"""
CAUSES = {
    "the only line": ({"b = a * 2": "b = a * 3"}, 6),
    "one line of two": ({"b = a * 2": "b = a * 3", "c = b - 3": "c = b + -3"}, 6),
    "the other line of two": ({"a = x + 1": "a = 1 + x", "c = b - 3": "c = b - 4"}, 7),
    "a line that is gone": ({"    c = b - 3\n    return c": "    return b"}, 7),
    "two lines that undo each other in part": ({"a = x + 1": "a = x + 2", "c = b - 3": "c = b - 9"}, None),
    "a comment on the line above it": ({"b = a * 2": "b = a * 2  # twice", "c = b - 3": "c = b - 4"}, 7),
    "a comment on the line of it": ({"a = x + 1": "a = x + 2  # two"}, 5),
    "a comment beside it": ({"a = x + 1": "# one more\n    a = x + 1", "c = b - 3": "c = b - 4"}, 8),
}


def tried(sandbox: Sandbox, before: str, after: str, name: str = "f") -> Trial:
    function = changed(before, after, name)
    simulator = Simulator(sandbox, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    return try_function(function, simulator, (), probes=8, exceptions="type+message", budget=Budget())


def edited(edits: dict[str, str]) -> str:
    text = BEFORE
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(("edits", "line"), CAUSES.values(), ids=CAUSES)
def test_the_cause_is_the_hunk_without_which_nothing_differs(
    sandbox: Sandbox, edits: dict[str, str], line: int | None
) -> None:
    found = tried(sandbox, BEFORE, edited(edits)).comparisons
    assert found
    assert {c.cause for c in found} == {line}


DISCOUNT = """\
def f(price: int, quantity: int) -> int:
    if quantity > 10:
        return price * quantity - 5
    return price * quantity
"""


ACCOUNT = """\
class Account:
    def __init__(self, balance: int) -> None:
        self.balance = balance

    def can_pay(self, price: int) -> bool:
        return self.balance > price
"""


def test_a_guessed_difference_is_shown_by_a_call_as_written_before_worlds_like_it(sandbox: Sandbox) -> None:
    trial = tried(sandbox, ACCOUNT, ACCOUNT.replace("balance > price", "balance >= price"), "Account.can_pay")
    assert [c.evidence for c in trial.comparisons] == [Evidence.ASSUMED, Evidence.EXACT]
    assert trial.conclusive == 2


def test_of_two_comparisons_that_differ_alike_the_surer_one_is_traced(sandbox: Sandbox) -> None:
    trial = tried(sandbox, DISCOUNT, DISCOUNT.replace("> 10", ">= 10"))
    assert [c.evidence for c in trial.comparisons] == [Evidence.ASSUMED, Evidence.EXACT]
    assert [c.simulation.before.trace is not None for c in trial.comparisons] == [False, True]


def test_a_comparison_may_speak_where_the_surest_kind_is_asked_to_be_surer(sandbox: Sandbox) -> None:
    (*_, exact) = tried(sandbox, DISCOUNT, DISCOUNT.replace("> 10", ">= 10")).comparisons
    predicted = replace(exact, evidence=Evidence.PREDICTED, confidence=0.8)
    assumed = replace(exact, evidence=Evidence.ASSUMED, confidence=0.9)
    assert list(may_speak([assumed, predicted])) == [predicted, assumed]
    assert set(map(id, may_speak([assumed, predicted, exact]))) == {id(exact)}


def test_a_hunk_that_is_undone_gives_the_lines_of_before() -> None:
    function = changed(BEFORE, edited({"a = x + 1": "a = x + 2", "b = a * 2": "b = a * 3"}))
    (hunk,) = hunks_of(function)
    assert undone(function, hunk) == BEFORE


def test_what_another_function_changes_is_not_told_here(sandbox: Sandbox) -> None:
    before = "def helper():\n    return 1\n\ndef f():\n    return helper()\n"
    after = "def helper():\n    return 2\n\ndef f():\n    value = helper()\n    return value\n"
    assert tried(sandbox, before, after).comparisons == ()
    assert tried(sandbox, before, after.replace("return value", "return value + 1")).comparisons


def test_only_what_the_own_edit_shows_is_told_here(sandbox: Sandbox) -> None:
    before = "def helper():\n    return 1\n\ndef f(x: list):\n    x.append(1)\n    return helper()\n"
    after = before.replace("return 1", "return 2").replace("append(1)", "append(2)")
    kinds = {d.kind for c in tried(sandbox, before, after).comparisons for d in c.differences}
    assert kinds == {"mutation"}
    both = after.replace("return helper()", "return helper() + 1")
    assert {d.kind for c in tried(sandbox, before, both).comparisons for d in c.differences} == {"mutation", "return"}


def test_a_name_that_only_the_module_before_has_is_no_difference(sandbox: Sandbox) -> None:
    before = (
        "TEXT = str\nclass A:\n    n = 1\n\ndef f(x):\n    if not isinstance(x, TEXT):\n        x = A.n\n    return x\n"
    )
    after = before.replace("TEXT = str\n", "").replace("TEXT", "str").replace("n = 1", "n = 2")
    assert tried(sandbox, before, after).comparisons == ()


REFUSED = {
    "an operation that fails on every input": ("a = x + 1\n    return 1 / 0", SkipReason.NO_RUN),
    "only operations that fail reach the change": (
        "if x < 2:\n        return 0\n    a = x + 1\n    return a + ''",
        SkipReason.NOT_REACHED,
    ),
    "an exception that the code raises": ("a = x + 1\n    raise ValueError(a)", None),
    "one way out that is a result": ("a = x + 1\n    return 1 / x if x == 0 else a", None),
}


@pytest.mark.parametrize(("body", "problem"), REFUSED.values(), ids=REFUSED)
def test_equal_failures_of_operations_are_no_news(sandbox: Sandbox, body: str, problem: SkipReason | None) -> None:
    before = f"def f(x: int):\n    {body}\n"
    found = tried(sandbox, before, before.replace("x + 1", "x - -1"))
    assert (found.comparisons, found.problem) == ((), problem)


def test_where_an_object_happens_to_lie_is_no_difference(sandbox: Sandbox) -> None:
    before = "class C: pass\ndef f(x: int):\n    y = x\n    raise ValueError(f'{C()} {y}')\n"
    after = "class C: pass\ndef f(x: int):\n    kept = [bytearray(99)] * 9\n    raise ValueError(f'{C()} {x}')\n"
    assert tried(sandbox, before, after).comparisons == ()
    assert tried(sandbox, before, after.replace("{x}", "{x}!")).comparisons != ()


def test_a_guessed_kind_that_only_one_version_refuses_is_no_difference(sandbox: Sandbox) -> None:
    before = "def f(source):\n    text = source.read('a')\n    return text[:2]\n"
    after = "def f(source):\n    text = source.read('a')\n    return text.encode('ascii')[:2].decode('ascii')\n"
    assert "list" not in str([c.differences for c in tried(sandbox, before, after).comparisons])
    dropped = tried(sandbox, before, before.replace("[:2]", "[:3]"))
    assert dropped.comparisons != ()


def test_equal_runs_that_would_not_notice_another_edit_are_no_news(sandbox: Sandbox) -> None:
    before = "def f(x: int):\n    if x * x + x == 987654:\n        x = 2\n    return 1\n"
    hidden = tried(sandbox, before, before.replace("== 987654", "== 987655"))
    assert (hidden.comparisons, hidden.problem) == ((), SkipReason.UNNOTICED)
    seen = "def f(x: int):\n    return x * 2 if x > 3 else 1\n"
    assert tried(sandbox, seen, seen.replace("x * 2", "x + x")).problem is None


def test_of_a_function_whose_surroundings_changed_nothing_is_asked(sandbox: Sandbox) -> None:
    before = "N = 1\ndef f(x: int):\n    return x\ndef g(x: int):\n    if N == 7:\n        return 2\n    return f(x)\n"
    function = changed(before, before.replace("N = 1", "N = 3"), "g")
    assert function.because
    assert tried(sandbox, before, before.replace("N = 1", "N = 3"), "g").problem is None


CUTS = {
    "cut after few runs": (True, 19, SkipReason.TIME),
    "cut after many": (True, 20, None),
    "ended by itself after few": (False, 1, None),
}


@pytest.mark.parametrize(("was_cut", "runs", "problem"), CUTS.values(), ids=CUTS)
def test_a_search_that_the_clock_cut_early_is_no_news(was_cut: bool, runs: int, problem: SkipReason | None) -> None:
    done = Outcome("returned", "1")
    one = Prediction(done, frozenset({1}), (), Evidence.EXACT, 1.0)
    comparison = compare(Simulation("f()", Probe((), "type"), one, one))
    result = Exploration([comparison] * runs, conclusive=runs, was_cut=was_cut)
    assert problem_of(result, 1.0, Budget()) == problem


@pytest.mark.parametrize(
    ("was_short", "runs", "problem"),
    [(True, 5, SkipReason.STEPS), (True, 6, None), (False, 1, None)],
    ids=["too few", "enough", "nothing is left"],
)
def test_a_search_that_its_cost_ended_early_is_no_news(was_short: bool, runs: int, problem: SkipReason | None) -> None:
    one = Prediction(Outcome("returned", "1"), frozenset({1}), (), Evidence.EXACT, 1.0)
    comparison = compare(Simulation("f()", Probe((), "type"), one, one))
    result = Exploration([comparison] * runs, conclusive=runs, was_short=was_short)
    assert problem_of(result, 1.0, Budget()) == problem
