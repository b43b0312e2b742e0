"""Predicted runs with a perfect world model must be CPython's: what fails here is the control flow, not the model."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from neural_programs import PROGRAMS
from step_oracle import StepOracle, read

from cwm_check.codecs.nano_steps import Effect, Step
from cwm_check.neural.predicted.state import Bounds, Operate, Said, stepwise, whole
from cwm_check.neural.rounds import Foreseen
from cwm_check.neural.simulator import Model, on_steps
from cwm_check.search.jobs import Version
from cwm_check.search.targets import Target
from cwm_check.simulations import Argument, Probe
from cwm_check.training.tracer import trace_call

CASES = [(name, source, call) for name, (source, calls) in PROGRAMS.items() for call in calls]


def version(source: str, qualname: str = "f", binding: str = "function") -> Version:
    return Version(source, source, "m.py", Target(qualname, binding), lambda _: None)


def probe(call: str, *names: str) -> Probe:
    import ast

    tree = ast.parse(f"f({call})", mode="eval").body
    assert isinstance(tree, ast.Call)
    values = [Argument(f"p{i}", ast.unparse(a)) for i, a in enumerate(tree.args)]
    return Probe((*values, *(Argument(name, None) for name in names)), "test")


def truth(source: str, call: str) -> tuple[str, str]:
    """How the call ends in CPython."""
    names: dict[str, object] = {"__name__": "m"}
    exec(source, names)
    try:
        return "returned", repr(eval(f"f({call})", names))
    except Exception as error:
        return "raised", type(error).__name__


def foreseen(source: str, call: str, model: Model | None = None, **options: object) -> Foreseen:
    simulator = on_steps(model or StepOracle(), **options)  # type: ignore[arg-type]
    return simulator.simulate((version(source), version(source)), [probe(call)])[0]


@pytest.mark.parametrize("operate", [whole, stepwise], ids=["statements", "operations"])
@pytest.mark.parametrize(("name", "source", "call"), CASES, ids=[f"{name}: {call}" for name, _, call in CASES])
def test_with_a_perfect_model_the_run_is_that_of_cpython(name: str, source: str, call: str, operate: Operate) -> None:
    true = trace_call(source, f"f({call})").frames
    got = foreseen(source, call, operate=operate).simulation.before
    assert got.outcome.kind != "unfinished", got.outcome.value
    assert (got.outcome.kind, got.outcome.value) == truth(source, call)
    assert got.trace is not None
    told = [(f.event, f.line, f.depth) for f in got.trace.frames]
    wanted = [(f.event, f.line, f.depth) for f in true]
    if name not in LINES_DIFFER:
        assert told == wanted


def test_whole_statements_are_asked_alike_with_and_without_static_analysis() -> None:
    """So the constraint can only help: in a run that is right without it, it asks what was asked before, or nothing."""
    compared = 0
    for _, source, call in CASES:
        models = StepOracle(), StepOracle()
        runs = [
            foreseen(source, call, model, operate=whole, decides=decides).simulation.before.trace
            for model, decides in zip(models, (True, False), strict=True)
        ]
        constrained, free = ([(frame.line, frame.locals) for frame in run.frames] if run else [] for run in runs)
        if constrained == free:
            assert set(models[0].asked) <= set(models[1].asked)
            compared += 1
    assert compared > len(CASES) * 0.8


LINES_DIFFER = ("functions as values", "context managers", "suppress", "comprehensions keep their names")
"""CPython 3.11 has frames for comprehensions and a second line for `with`."""


QUIET = {
    "a library": ("import requests\ndef f(x):\n    return requests.get(x)\n", "'a'", "`requests` is not known"),
    "an unknown name": ("def f(x):\n    return other(x)\n", "1", "`other` is not known"),
    "a name that is bound twice": (
        "if 1:\n    A = 1\nelse:\n    A = 2\nA = 3\ndef f(x):\n    return A\n",
        "1",
        "`A` is not known",
    ),
    "a decorator": ("@cache\ndef f(x):\n    return x\n", "1", "`f` is no plain function"),
    "endless": ("def f(x):\n    while x:\n        pass\n", "1", "limit: a loop without end"),
    "endless by two turns": (
        "def f(x):\n    a, b = 1, 2\n    while True:\n        a, b = b, a\n",
        "1",
        "limit: a loop without end",
    ),
    "a loop that makes something new in each turn": (
        "def f(x):\n    xs = []\n    while True:\n        xs.append(1)\n",
        "1",
        "limit: steps",
    ),
    "endless recursion": ("def f(x):\n    return f(x)\n", "1", "limit: calls are too deep"),
    "a long value": ("def f(x):\n    y = x + 'a'\n    return y\n", repr("a" * 3000), "limit: a value is too long"),
    "a class of elsewhere": (
        "from m import B\nclass C(B):\n    pass\ndef f(x):\n    return C()\n",
        "1",
        "the bases of `C` are not known",
    ),
    "async": ("async def g():\n    pass\ndef f(x):\n    return g()\n", "1", "`g` is not known"),
}


@pytest.mark.parametrize(("source", "call", "reason"), QUIET.values(), ids=QUIET)
def test_what_nobody_knows_ends_the_run(source: str, call: str, reason: str) -> None:
    outcome = foreseen(source, call).simulation.before.outcome
    assert (outcome.kind, outcome.value) == ("unfinished", reason)


def test_an_unknown_argument_ends_the_run() -> None:
    source = "def f(p0, q):\n    return p0\n"
    ((one),) = on_steps(StepOracle()).simulate((version(source), version(source)), [probe("1", "q")])
    assert one.simulation.before.outcome.value == "the argument `q` is not known"


def test_a_generator_gives_what_it_yields() -> None:
    outcome = foreseen("def f(xs):\n    for x in xs:\n        yield x * 2\n", "[1, 2]").simulation.before.outcome
    assert (outcome.kind, outcome.yielded) == ("returned", ("2", "4"))


def test_a_generator_may_yield_what_is_no_literal() -> None:
    source = "class A:\n    pass\n\n\ndef f(n):\n    yield n\n    yield A()\n    yield 'a, b'\n"
    outcome = foreseen(source, "1").simulation.before.outcome
    assert (outcome.kind, outcome.yielded) == ("returned", ("1", "<A object>", "'a, b'"))


def test_what_is_printed_and_changed_is_seen() -> None:
    outcome = foreseen(
        "def f(p0):\n    p0.append('b')\n    print('n', len(p0), p0[0])\n", "['a']"
    ).simulation.before.outcome
    assert (outcome.printed, outcome.arguments) == ("n 2 a\n", (("p0", "['a', 'b']"),))


def test_an_explicit_exception_has_its_message() -> None:
    outcome = foreseen("def f(x):\n    raise ValueError(f'bad {x}')\n", "3").simulation.before.outcome
    assert (outcome.value, outcome.message, outcome.explicit) == ("ValueError", "bad 3", True)


def test_the_same_step_is_asked_once_and_all_runs_are_asked_together() -> None:
    before, after = "def f(x):\n    y = x + 1\n    return y * 2\n", "def f(x):\n    y = x + 1\n    return y * 3\n"
    oracle = StepOracle()
    found = on_steps(oracle).simulate((version(before), version(after)), [probe("1"), probe("2"), probe("1")])
    assert [(f.simulation.before.outcome.value, f.simulation.after.outcome.value) for f in found] == [
        ("4", "6"),
        ("6", "9"),
        ("4", "6"),
    ]
    assert oracle.rounds == 2


def test_confidence_is_that_of_the_answers_on_which_one_version_hangs() -> None:
    before, after = "def f(x):\n    y = x + 1\n    return y * 2\n", "def f(x):\n    y = x + 1\n    return y * 3\n"
    ((one),) = on_steps(StepOracle()).simulate((version(before), version(after)), [probe("1")])
    assert (one.confidence, one.simulation.before.confidence) == (0.81, 0.81)
    ((one),) = on_steps(StepOracle()).simulate((version(before), version(before)), [probe("1")])
    assert one.confidence == 1.0
    trace = one.simulation.before.trace
    assert trace is not None
    assert [frame.confidence for frame in trace.frames] == [1.0, 1.0, 0.9, 0.9]


class Broken(StepOracle):
    """Has no well-formed answer to anything."""

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        return [None for _ in steps]


def test_a_malformed_answer_ends_the_run() -> None:
    outcome = foreseen("def f(x):\n    return x + 1\n", "1", Broken()).simulation.before.outcome
    assert (outcome.kind, outcome.value) == ("unfinished", "the model gives no well-formed answer to `return x + 1`")


class Contrary(StepOracle):
    """Right but for one condition."""

    def said(self, steps: Iterable[Step]) -> list[Said | None]:
        wanted = list(steps)
        flipped = Said(Effect(value="False"), 0.6)
        answers = zip(wanted, super().said(wanted), strict=True)
        return [flipped if read(step)[0] == "2 > 1" else said for step, said in answers]


def test_the_model_decides_a_condition_and_nothing_else_of_the_flow() -> None:
    source = "def f(x):\n    if x > 1:\n        return 'a'\n    return 'b'\n"
    assert foreseen(source, "2", Contrary()).simulation.before.outcome.value == "'b'"


def test_a_run_is_given_up_when_its_time_is_over() -> None:
    source = "def f(x):\n    return x + 1\n"
    ((one),) = on_steps(StepOracle()).simulate((version(source), version(source)), [probe("1")], until=0.0)
    assert one.simulation.before.outcome.value == "limit: time"


def test_steps_are_bounded() -> None:
    source = "def f(x):\n    while x > 0:\n        x = x + 1\n    return x\n"
    outcome = foreseen(source, "1", bounds=Bounds(steps=7)).simulation.before.outcome
    assert outcome.value == "limit: questions"


def test_without_decisions_every_condition_is_the_models() -> None:
    source = "def f(x):\n    if x:\n        y = x\n    else:\n        y = 1\n    return y\n"
    assert foreseen(source, "3", operate=whole, decides=False).simulation.before.outcome.value == "3"
    assert foreseen(source, "3", operate=whole, decides=False).simulation.before.questions == ("if x:", "y = x")
    assert not foreseen(source, "3", decides=True).simulation.before.questions
