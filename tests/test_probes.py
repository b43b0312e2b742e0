"""Probes: what is tried first, what is always tried, and what never is."""

from __future__ import annotations

import ast

import pytest

from cwm_check.pairs import ChangedFunction
from cwm_check.probing.calls import fits, is_literal
from cwm_check.probing.probes import constants, synthesize
from cwm_check.simulations import Probe
from tests.changes import changed


def shown(probe: Probe) -> str:
    values = [f"{a.name}={a.value or '?'}" if a.keyword else a.value or "?" for a in probe.arguments]
    return f"{probe.receiver or ''}({', '.join(values)})"


def probes(before: str, after: str, *calls: str, qualname: str = "f") -> list[str]:
    return [shown(probe) for probe in synthesize(changed(before, after, qualname), calls)]


FIRST = {
    "boundary of a changed test": (
        "def f(n: int):\n    return n > 5\n",
        "def f(n: int):\n    return n >= 5\n",
        ["(3)", "(?)", "(5)", "(6)", "(4)"],
    ),
    "two parameters compared": (
        "def f(a: int, b: int):\n    return a < b\n",
        "def f(a: int, b: int):\n    return a <= b\n",
        ["(3, 3)", "(?, ?)", "(1, 2)", "(2, 1)", "(2, 2)"],
    ),
    "membership": (
        "def f(a, b):\n    return a in b\n",
        "def f(a, b):\n    return a not in b\n",
        ["(?, ?)", "('a', ['b', 'a'])", "('c', ['b', 'a'])"],
    ),
    "both defaults, and left out": (
        "def f(sep=','):\n    return g(sep)\n",
        "def f(sep='; '):\n    return g(sep)\n",
        ["()", "(sep=?)", "(sep=',')", "(sep='; ')"],
    ),
    "nothing known": ("def f(a, b):\n    return g(a)\n", "def f(a, b):\n    return g(b)\n", ["(?, ?)"]),
    "keyword-only": (
        "def f(*, a: bool):\n    return g(a)\n",
        "def f(*, a: bool):\n    return not a\n",
        ["(a=True)", "(a=?)", "(a=False)"],
    ),
    "variadic": (
        "def f(*parts, **options):\n    return g(parts)\n",
        "def f(*parts, **options):\n    return h(parts, options)\n",
        ["(?, ?)", "(?)", "()", "(?, ?, a=2)"],
    ),
    "keys that the code reads": (
        "def f(**options):\n    return options['b']\n",
        "def f(**options):\n    return options.get('b')\n",
        ["()", "(b=?)"],
    ),
    "no parameters": ("def f():\n    return 1\n", "def f():\n    return 2\n", ["()"]),
}


@pytest.mark.parametrize(("before", "after", "expected"), FIRST.values(), ids=FIRST)
def test_first_probes(before: str, after: str, expected: list[str]) -> None:
    assert expected == probes(before, after)[: len(expected)]


def test_real_calls_come_first_if_the_version_before_accepts_them() -> None:
    before, after = "def f(a, b=1):\n    return g(a)\n", 'def f(a):\n    """\n    >>> f(9)\n    """\n    return h(a)\n'
    assert probes(before, after, "f([1])", "f(2, 3)", "f(1, 2, 3)")[:4] == ["([1])", "(2, 3)", "(9)", "(?)"]


CLASS = (
    "class Account:\n    def __init__(self, owner: str, limit=3): ...\n    def f(self, n: bool):\n        return {}\n"
)


def test_method_is_called_on_an_object_that_can_be_made_and_on_an_unknown_one() -> None:
    actual = probes(CLASS.format("n"), CLASS.format("not n"), qualname="Account.f")
    assert actual == ["Account('abc')(True)", "(True)", "(?)", "Account('abc')(False)"]


RECEIVERS = {
    "unknown type": ("class A:\n    def __init__(self, session): ...\n    def f(self): return {}\n", None),
    "inherited": ("class A(B):\n    def f(self): return {}\n", None),
    "decorated": ("@dataclass\nclass A:\n    def f(self): return {}\n", None),
    "no initializer": ("class A:\n    def f(self): return {}\n", "A()"),
    "defaults only": ("class A(B):\n    def __init__(self, n=1): ...\n    def f(self): return {}\n", "A()"),
}


@pytest.mark.parametrize(("module", "expected"), RECEIVERS.values(), ids=RECEIVERS)
def test_receiver(module: str, expected: str | None) -> None:
    function = changed(module.format(1), module.format(2), "A.f")
    assert expected == synthesize(function)[0].receiver


BUSY = """
def f(text, mode: Literal['a', 'b'] = 'a', *rest, limit: int = 3, on=True, table={{}}, **more):
    for part in text.split(','):
        if len(part) > limit and on:
            table[part.strip()] = {}
    return table, rest, more
"""


@pytest.fixture(scope="module")
def busy() -> ChangedFunction:
    return changed(BUSY.format("1"), BUSY.format("'x' if mode == 'b' else 2"))


def test_probes_are_distinct_bounded_and_the_same_each_time(busy: ChangedFunction) -> None:
    found = synthesize(busy)
    assert 24 == len(found) == len({(probe.arguments, probe.receiver) for probe in found})
    assert found == synthesize(busy)
    assert found[:5] == synthesize(busy, budget=5)


def test_every_probe_fits_and_every_value_is_literal(busy: ChangedFunction) -> None:
    found = synthesize(busy, budget=200)
    values = [a.value for probe in found for a in probe.arguments if a.value is not None]
    assert all(fits(probe.arguments, busy.before.parameters) for probe in found)
    assert all(is_literal(ast.parse(value, mode="eval").body) for value in values)


def test_constants_of_changed_statements_come_first() -> None:
    before = (
        'LIMIT = 10\nNAMES = ("x", "y")\ndef f(a):\n    """Text."""\n    g(1, "s")\n    return a > 2.5 or a in NAMES\n'
    )
    after = before.replace("2.5", "-3").replace("a in NAMES", "a < LIMIT")
    # first what only one version has, written or read; then what both have
    assert constants(changed(before, after)) == ("-3", "3", "2.5", "10", "'x'", "'y'", "1", "'s'")


def test_constants_of_conditions_around_the_change_come_next() -> None:
    before = """\
def f(kind, n):
    if kind == "other":
        return g(1)
    elif kind == "deep":
        if n > 5:
            return g(2, "s")
    return g(7)
"""
    after = before.replace('g(2, "s")', 'g(3, "s")')
    assert constants(changed(before, after)) == ("3", "2", "'deep'", "5", "'s'", "'other'", "1", "7")
