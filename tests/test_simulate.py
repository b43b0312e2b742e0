"""A function of a repository becomes a run: what it imports, what it rests on, what its frames say."""

from __future__ import annotations

import pytest
from changes import changed
from simulations import outcome, simulated

from cwm_check.extraction.slices import slice_module
from cwm_check.sandbox.component import Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Argument, Outcome, Probe
from cwm_check.trace import Event, Evidence


def test_modules_of_the_repository_are_run(sandbox: Sandbox) -> None:
    source = "import pkg.sub\nfrom pkg import helper\ndef f(x):\n    return helper(x), pkg.sub.N\n"
    files = {"pkg/__init__.py": "from .sub import N\ndef helper(x):\n    return x + N\n", "pkg/sub.py": "N = 2\n"}
    assert outcome(sandbox, source, files=files, x="1").value == "(3, 2)"


def test_six_means_what_it_says(sandbox: Sandbox) -> None:
    source = "import six\ndef f(x):\n    return list(six.iteritems(x)), isinstance('a', six.string_types)\n"
    assert outcome(sandbox, source, x="{'a': 1}").value == "([('a', 1)], True)"


def test_a_statement_that_fails_does_not_stop_the_module(sandbox: Sandbox) -> None:
    assert outcome(sandbox, "X = 1 / 0\ndef f():\n    return 1, X\n").value == "(1, m.X)"


DECORATED = {
    "an attribute that the decorator may add": ("g.clear()", "unfinished"),
    "arguments that the decorator may give": ("g()", "unfinished"),
    "an attribute of a plain function": ("h.clear()", "raised"),
    "arguments of a plain function": ("h()", "raised"),
    "a failure of the function itself": ("g(1)", "raised"),
    "a call as it is written": ("g('a')", "returned"),
}


@pytest.mark.parametrize(("call", "kind"), DECORATED.values(), ids=DECORATED)
def test_what_an_unknown_decorator_adds_is_not_known(sandbox: Sandbox, call: str, kind: str) -> None:
    source = f"""
from lib import cached
@cached
def g(x):
    return x + "b"
def h(x):
    return x
def f():
    return {call}
"""
    assert outcome(sandbox, source).kind == kind


def test_a_module_that_does_not_compile_is_refused(sandbox: Sandbox) -> None:
    assert outcome(sandbox, "def f(:\n") == Outcome("unfinished", "refused: the module does not compile")


def test_a_function_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    assert outcome(sandbox, "def g():\n    return 1\n").kind == "unfinished"


@pytest.mark.parametrize(
    ("source", "given", "evidence"),
    [
        ("def f(x):\n    return x + 1\n", "1", Evidence.EXACT),
        ("def f(x):\n    return x.a\n", None, Evidence.CONDITIONAL),
        ("def f(x):\n    return 1 if x else 2\n", None, Evidence.ASSUMED),
    ],
    ids=["nothing was asked", "names were asked", "an answer was needed"],
)
def test_the_evidence_is_what_was_asked(sandbox: Sandbox, source: str, given: str | None, evidence: Evidence) -> None:
    assert simulated(sandbox, source, x=given).simulation.before.evidence is evidence


def test_a_run_says_what_it_covered_and_assumed(sandbox: Sandbox) -> None:
    source = "def f(x):\n    if x.ok:\n        return 1\n    return 2\n"
    found = simulated(sandbox, source, x=None, world={"x.ok": "False"})
    assert found.simulation.before.covered == {2, 4}
    assert found.simulation.assumptions == ("x.ok is False",)
    assert [(c.key, c.options, c.taken, c.lines) for c in found.choices] == [("x.ok", ("True", "False"), "False", (2,))]


def test_the_call_is_shown_as_one_would_type_it(sandbox: Sandbox) -> None:
    found = simulated(sandbox, "def f(x, y):\n    return x + 1, y\n", x=None, y="'a'")
    assert found.simulation.call == "f(2, 'a')"


def test_the_trace_has_lines_of_the_file(sandbox: Sandbox) -> None:
    trace = simulated(sandbox, "import os\n\ndef f(x):\n    return x\n", x="1", frames=True).simulation.after.trace
    assert trace is not None
    assert [(f.event, f.line, f.source, f.locals, f.value) for f in trace.frames] == [
        (Event.CALL, 3, "def f(x):", (("x", "1"),), None),
        (Event.LINE, 4, "    return x", (("x", "1"),), None),
        (Event.RETURN, 4, "    return x", (), "1"),
    ]


def test_methods_are_tried_on_objects_made_by_their_class(sandbox: Sandbox) -> None:
    source = "class A:\n    def __init__(self, n):\n        self.n = n\n    def f(self):\n        return {}\n"
    simulator = Simulator(sandbox, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    function = changed(source.format(1), source.format(2), "A.f")
    probe = Probe((), "test")
    receivers = [made.receiver for made in simulator.probes_for(function, (probe,))]
    assert receivers == ["constructed", None]


REPLAYED: dict[str, tuple[str, dict[str, str]]] = {
    "values that C code needs": ("return int(x) + 1 if x.y else [2][x.z]", {}),
    "a guess of a kind, which is refused": ("return b'a' + x.y[0].z", {}),
    "a plain value that has attributes": ("return x.y < 'b' and x.y.z(int(x))", {}),
    "numbers that turn out to be decimal ones": ("return (x.y + 1.5).quantize(x.z)", {}),
    "a table of the module that others filled": ("return TABLE['k'].z + int(x)", {}),
    "a length that was planned": ("a, b, c = x\n    return int(a)", {"length of x": "2"}),
    "an exception that was planned": ("return int(x.y()) + int(x)", {"x.y() raises": "KeyError"}),
}


@pytest.mark.parametrize(("code", "world"), REPLAYED.values(), ids=REPLAYED)
def test_a_world_that_was_is_run_again_without_new_starts(sandbox: Sandbox, code: str, world: dict[str, str]) -> None:
    simulator = Simulator(sandbox, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    source = f"TABLE = {{}}\ndef f(x, /):\n    {code}\n"
    versions = simulator.versions(changed(source, source.replace("\n    return", "\n    pass\n    return"), "f"))
    probe = Probe((Argument("x", None),), "test")
    first = simulator.simulate(versions, probe, (), overrides=world)
    values, decided = dict(first.bindings), first.choices
    again = simulator.simulate(versions, probe, (), overrides=world, bindings=values, decided=decided)
    assert (again.simulation, again.bindings) == (first.simulation, first.bindings)
    assert {c.key: c.taken for c in again.choices} == {c.key: c.taken for c in first.choices}
    assert again.cost < first.cost if values else again.cost == first.cost


BEGUN = "def f(x, k, /):\n    n = int(x.size) + int(k)\n    if x.flag:\n        return n\n    return x.y"


def test_what_a_world_began_with_is_an_assumption_where_it_is_used(sandbox: Sandbox) -> None:
    values = {"x.size": "2", "k": "5", "x.other": "7"}
    simulator = Simulator(sandbox, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    versions = simulator.versions(changed(BEGUN, BEGUN.replace("return n", "return n + 1"), "f"))
    probe = Probe((Argument("x", None), Argument("k", None)), "test")
    told = simulator.simulate(versions, probe, (), overrides={"x.flag": "True"}, bindings=values).simulation
    assert (told.call, told.assumptions) == ("f(x, 5)", ("x.size is 2", "x.flag is True"))


def test_an_assumption_is_told_once(sandbox: Sandbox) -> None:
    told = simulated(
        sandbox, "def f(x):\n    return str(x.y) if x.y is None else 1", world={"x.y is None": "True"}, x=None
    )
    assert told.simulation.assumptions == ("x.y is None",)
