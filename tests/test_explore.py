"""The order in which worlds are tried, and when there is an end to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cwm_check.compare import compare
from cwm_check.search.choices import Choice
from cwm_check.search.explore import Budget, Exploration, explore
from cwm_check.search.frontier import Attempt, Replay, distance_of
from cwm_check.simulations import Argument, Comparison, Outcome, Prediction, Probe, Simulation
from cwm_check.trace import Evidence

PROBES = tuple(Probe((Argument("x", str(n)),), "test") for n in range(3))
GUARDS = {"before": (frozenset({2}), frozenset({3})), "after": (frozenset({2}), frozenset({3}))}


class Program:
    """A program that decides by what its world says, and differs where all of `needs` hold."""

    def __init__(self, choices: Mapping[str, int], needs: Mapping[str, str], evidence: Evidence) -> None:
        self.choices, self.needs, self.evidence = choices, needs, evidence
        self.behind: dict[str, str] = {}
        """A choice that is only met where another one is not taken."""
        self.worlds: list[dict[str, str]] = []
        self.is_own = True
        self.is_misuse = False
        self.is_ordered_otherwise = False

    def attempt(self, probe: Probe, overrides: Mapping[str, str], bindings: Mapping[str, str]) -> Attempt:
        world = {key: overrides.get(key, "True") for key in self.choices}
        self.worlds.append(dict(overrides))
        differs = all(world[key] == value for key, value in self.needs.items())
        before, after = (Outcome("returned", value) for value in ("1", "2" if differs else "1"))
        if self.is_ordered_otherwise:
            before, after = replace(before, order=("[1, 2]",)), replace(after, order=("[2, 1]",))
        one, other = (Prediction(o, frozenset({2}), (), self.evidence, 1.0) for o in (before, after))
        choices = tuple(
            Choice(key, ("True", "False"), world[key], (line,), "before")
            for key, line in self.choices.items()
            if key not in self.behind or world[self.behind[key]] == "False"
        )
        return Attempt(compare(Simulation("f(x)", probe, one, other)), choices, {}, 1, self.is_misuse)

    def explored(self, budget: Budget | None = None) -> Exploration:
        return explore(PROBES, self.attempt, self.confirm, GUARDS, budget or Budget(), clock=lambda: 0.0)

    def confirm(self, comparison: Comparison, replay: Replay) -> Comparison:
        return comparison if self.is_own else replace(comparison, differences=())


OTHER = {"before": (frozenset(), frozenset({9})), "after": (frozenset({2}), frozenset({3}))}
NEARNESS = {
    "asked before, far from the change": (Choice("c", (), "", (1,), "before"), 2.0),
    "asked before, at the change": (Choice("c", (), "", (9,), "before"), 0.5),
    "the version after asks it in a guard": (Choice("c", (), "", (1,), "before", (("after", (2,)),)), 0.0),
    "the version before asks it at the change": (Choice("c", (), "", (1,), "after", (("before", (9,)),)), 0.5),
    "lines of the other version do not count": (Choice("c", (), "", (2,), "before", (("after", (9,)),)), 2.0),
    "the same version asks it again, in a guard": (Choice("c", (), "", (1,), "after", (("after", (8, 2)),)), 0.0),
    "asked before the call": (Choice("c", (), "", (), "before"), 6.0),
}


@pytest.mark.parametrize(("choice", "distance"), NEARNESS.values(), ids=NEARNESS)
def test_a_choice_is_as_near_as_the_version_that_asks_it_nearest(choice: Choice, distance: float) -> None:
    assert distance_of(choice, OTHER) == distance


def test_a_sure_difference_ends_the_search() -> None:
    program = Program({}, {}, Evidence.EXACT)
    assert len(program.explored().comparisons) == 1


def test_what_most_callers_cannot_notice_does_not_end_the_search() -> None:
    program = Program({"a": 2, "b": 2}, {"a": "False", "b": "False"}, Evidence.EXACT)
    program.is_ordered_otherwise = True
    found = program.explored()
    kinds = [[d.kind for d in found.comparisons[index].differences] for index in found.differing]
    assert kinds == [["order"], ["order"], ["return"]]


def test_differences_that_hang_on_answers_are_seen_twice() -> None:
    program = Program({f"c{n}": 2 for n in range(9)}, {}, Evidence.ASSUMED)
    assert len(program.explored().differing) == 2


def test_a_difference_that_another_function_made_does_not_count() -> None:
    program = Program({"a": 2}, {}, Evidence.EXACT)
    program.is_own = False
    found = program.explored()
    assert (found.differing, len(found.comparisons)) == ([], len(PROBES) + 1)


def test_a_difference_behind_a_guard_is_found() -> None:
    program = Program({"a": 9, "b": 2}, {"b": "False"}, Evidence.ASSUMED)
    found = program.explored()
    assert program.worlds[1] == {"b": "False"}
    assert found.differing


def test_a_difference_behind_two_guards_is_found() -> None:
    program = Program({"a": 2, "b": 2}, {"a": "False", "b": "False"}, Evidence.ASSUMED)
    program.behind = {"b": "a"}
    assert program.explored().differing


def test_guards_that_are_always_asked_are_turned_round_together() -> None:
    program = Program({"a": 2, "b": 2}, {"a": "False", "b": "False"}, Evidence.ASSUMED)
    assert program.explored().differing


def test_a_pair_of_decisions_comes_before_those_far_from_the_change() -> None:
    program = Program({"a": 2, "b": 2, "far": 9}, {"a": "False", "b": "False"}, Evidence.ASSUMED)
    program.explored()
    assert [sorted(w) for w in program.worlds if w][:4] == [["b"], ["a"], ["a", "b"], ["far"]]


def test_of_values_that_make_no_sense_only_the_kind_is_doubted() -> None:
    program = Program({"kind of x": 9, "a": 2}, {"a": "never"}, Evidence.ASSUMED)
    program.is_misuse = True
    program.explored()
    assert sorted(map(sorted, program.worlds)) == [[], [], [], ["kind of x"]]


def test_each_option_is_taken_once() -> None:
    program = Program({"a": 2, "b": 9}, {"a": "never"}, Evidence.ASSUMED)
    found = program.explored()
    assert found.differing == []
    assert sorted(map(sorted, program.worlds)) == [[], [], [], ["a"], ["b"]]
    assert found.conclusive == len(program.worlds)


@pytest.mark.parametrize(
    ("budget", "tries"),
    [(Budget(pairs=2), 2), (Budget(cost=3), 3), (Budget(seconds=0.0), 0), (Budget(), 4)],
    ids=["pairs", "cost", "seconds", "nothing is left"],
)
def test_a_budget_ends_the_search(budget: Budget, tries: int) -> None:
    program = Program({"a": 2}, {"a": "never"}, Evidence.ASSUMED)
    assert len(program.explored(budget).comparisons) == tries


@pytest.mark.parametrize(
    ("budget", "expected"), [(Budget(seconds=0.0), True), (Budget(pairs=2), False), (Budget(), False)]
)
def test_only_the_clock_cuts_a_search(budget: Budget, expected: bool) -> None:
    assert Program({"a": 2}, {"a": "never"}, Evidence.ASSUMED).explored(budget).was_cut is expected


def test_without_probes_nothing_is_tried() -> None:
    program = Program({}, {}, Evidence.EXACT)
    assert explore((), program.attempt, program.confirm, GUARDS, Budget()).comparisons == []


@pytest.mark.parametrize(("budget", "expected"), [(Budget(cost=2), True), (Budget(), False), (Budget(pairs=1), False)])
def test_a_search_that_costs_too_much_says_so(budget: Budget, expected: bool) -> None:
    program = Program({"c0": 2, "c1": 2}, {}, Evidence.CONDITIONAL)
    program.needs = {"c0": "never"}
    assert program.explored(budget).was_short == expected


class Values:
    """A program that takes one value, by default the first of `options`, and differs at `telling`."""

    def __init__(self, options: tuple[str, ...], telling: str = "") -> None:
        self.options, self.telling = options, telling
        self.seen: list[str] = []

    def attempt(self, probe: Probe, overrides: Mapping[str, str], bindings: Mapping[str, str]) -> Attempt:
        given = probe.arguments[0].value
        value = given or overrides.get("value of x", bindings.get("x", self.options[0]))
        self.seen.append(value if given else f"x is {value}")
        evidence = Evidence.EXACT if given else Evidence.ASSUMED
        ends = (Outcome("returned", "1"), Outcome("returned", "2" if value == self.telling else "1"))
        one, other = (Prediction(end, frozenset({2, 3}), (), evidence, 1.0) for end in ends)
        choice = Choice("value of x", self.options, value, (2,), "before")
        simulation = Simulation(f"f({value})", probe, one, other)
        return Attempt(compare(simulation), () if given else (choice,), {} if given else {"x": value}, 1)

    def explored(self, *values: str | None) -> Exploration:
        probes = [Probe((Argument("x", value),), "test") for value in values]
        return explore(probes, self.attempt, lambda comparison, *_: comparison, GUARDS, Budget(), clock=lambda: 0.0)


def test_a_call_that_showed_no_difference_is_not_made_again_whoever_gives_the_value() -> None:
    program = Values(("1", "2", "3"))
    program.explored("1", None, "2", "4")
    assert sorted(value.removeprefix("x is ") for value in program.seen) == ["1", "1", "2", "3", "4"]


def test_a_call_that_showed_a_difference_is_made_again_with_the_value_written() -> None:
    program = Values(("1", "2", "3"), telling="2")
    found = program.explored(None, "2")
    assert program.seen[-1] == "2"
    assert [found.comparisons[index].evidence for index in found.differing] == [Evidence.ASSUMED, Evidence.EXACT]


class Ways:
    """A program of three decisions far from the change, and of a value at it that counts where `is_open` alone."""

    def __init__(self, needs: Mapping[str, str], stuck: Mapping[str, str]) -> None:
        self.needs, self.stuck = needs, stuck
        self.worlds: list[dict[str, str]] = []

    def attempt(self, probe: Probe, overrides: Mapping[str, str], bindings: Mapping[str, str]) -> Attempt:
        self.worlds.append(dict(overrides))
        ways = {key: overrides.get(key, "False") for key in ("is_open", "is_late", "fails raises")}
        value = overrides.get("value of x", bindings.get("x", "'a'"))
        state = {**ways, "value of x": value}
        one = other = Outcome("returned", "1")
        if all(state[key] == option for key, option in self.needs.items()):
            other = Outcome("returned", "2")
        elif self.stuck and all(state[key] == option for key, option in self.stuck.items()):
            one = Outcome("unfinished", "limit: questions")
        lines = frozenset({2, 3, 7} if ways["is_open"] == "True" else {2, 3})
        choices = [Choice(key, ("False", "True"), taken, (9,), "before") for key, taken in ways.items()]
        if "x" not in bindings:
            choices.append(Choice("value of x", ("'a'", "'b'", "'c'"), value, (3,), "before"))
        ends = (Prediction(o, lines, (), Evidence.ASSUMED, 1.0) for o in (one, other))
        return Attempt(compare(Simulation("f(x)", probe, *ends)), tuple(choices), {"x": value}, 1)

    def explored(self) -> Exploration:
        return explore(PROBES[:1], self.attempt, lambda comparison, *_: comparison, GUARDS, Budget(), clock=lambda: 0.0)


TOGETHER = {
    "a value at the change, behind it": ({"is_open": "True", "value of x": "'b'"}, {}, True),
    "a value at the change, elsewhere": ({"is_late": "True", "value of x": "'b'"}, {}, False),
    "a decision far from the change, behind it": ({"is_open": "True", "is_late": "True"}, {}, False),
    "what ends the version that did not end": ({"is_late": "True", "fails raises": "True"}, {"is_late": "True"}, True),
    "what ends both": ({"is_late": "True", "fails raises": "True"}, {}, False),
}


@pytest.mark.parametrize(("needs", "stuck", "is_found"), TOGETHER.values(), ids=TOGETHER)
def test_options_count_anew_behind_the_change_and_where_one_version_ended(
    needs: Mapping[str, str], stuck: Mapping[str, str], is_found: bool
) -> None:
    program = Ways(needs, stuck)
    assert bool(program.explored().differing) is is_found
    assert len(program.worlds) < 40
