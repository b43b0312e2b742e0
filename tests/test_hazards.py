"""Functions run alone: which of their failures are told as mistakes, and which are what callers have to expect."""

from __future__ import annotations

import pytest

from cwm_check.changes import FileChange
from cwm_check.extraction.functions import pair_functions
from cwm_check.extraction.slices import slice_module
from cwm_check.hazards.trial import try_alone
from cwm_check.pairs import ChangedFunction
from cwm_check.sandbox.component import Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.explore import Budget
from cwm_check.search.simulate import Simulator
from cwm_check.simulations import Hazard

SMALL = Budget(pairs=10, cost=6_000_000_000)


def hazards(sandbox: Sandbox, text: str, before: str | None = None, name: str = "f") -> tuple[Hazard, ...]:
    """Return what the function of that name shows: as an added one, or as an edited one."""
    found = pair_functions(FileChange("m.py", "m.py", before, text))
    if before is None:
        one = next(f for f in found.added if f.qualname == name)
        function = ChangedFunction("m.py", "m.py", name, one, one, text, text, (), ())
    else:
        function = next(f for f in found.changed if f.qualname == name)
    simulator = Simulator(sandbox, TypedDefaults(), lambda _: None, lambda _: None, slice_module)
    return try_alone(function, simulator, (), probes=24, exceptions="type+message", budget=SMALL).hazards


# Source -> the rule, the call and how it ends.
LOUD = {
    "nothing to divide by": (
        "def f(values: list[int]):\n    return sum(values) / len(values)\n",
        ("CWM201", "f([])", "ZeroDivisionError('division by zero')"),
    ),
    "a count of zero": (
        "def f(done: int, total: int):\n    return 100 * done // total\n",
        ("CWM201", "f(3, 0)", "ZeroDivisionError('division by zero')"),
    ),
    "the first of nothing": (
        "def f(text: str):\n    return text[0].upper() + text[1:]\n",
        ("CWM201", "f('')", "IndexError('string index out of range')"),
    ),
    "the last of nothing": (
        "def f(rows: list[int]):\n    rows.sort()\n    return rows[-1]\n",
        ("CWM201", "f([])", "IndexError('list index out of range')"),
    ),
    "the first of nothing, whatever its items are": (
        "def f(rows: list['Cell']):\n    return rows[0]\n",
        ("CWM201", "f([])", "IndexError('list index out of range')"),
    ),
    "the largest of nothing": (
        "def f(rows: list[int]) -> int:\n    return max(rows)\n",
        ("CWM201", "f([])", "ValueError('max() iterable argument is empty')"),
    ),
    "no match": (
        "import re\n\ndef f(text: str):\n    return re.search('[0-9]', text).group()\n",
        ("CWM201", "f('abc')", """AttributeError("'NoneType' object has no attribute 'group'")"""),
    ),
    "a variable that only one branch sets": (
        "def f(order):\n    if order.paid:\n        total = 1\n    return total\n",
        (
            "CWM201",
            "f(order)",
            """UnboundLocalError("cannot access local variable 'total' where it is not associated with a value")""",
        ),
    ),
    "a variable of a loop that may not run": (
        "def f(rows: list[int]):\n    for last in rows:\n        pass\n    return last\n",
        (
            "CWM201",
            "f([])",
            """UnboundLocalError("cannot access local variable 'last' where it is not associated with a value")""",
        ),
    ),
    "a name that does not exist": (
        "def f(count: int):\n    return coutn + 1\n",
        ("CWM201", "f(3)", """NameError("name 'coutn' is not defined")"""),
    ),
    "a call of another function that does not fit": (
        "def g(a, b):\n    return a\n\ndef f(count: int):\n    return g(count)\n",
        ("CWM201", "f(3)", """TypeError("g() missing 1 required positional argument: 'b'")"""),
    ),
    "a dictionary that grows under a loop": (
        "def f(sizes: dict[str, int]):\n    for key in sizes:\n        sizes[key + 'x'] = 0\n",
        ("CWM201", "f({'abc': 3, '': 0})", "RuntimeError('dictionary changed size during iteration')"),
    ),
    "nobody gives anything": (
        "PARTS = 'a:b'\n\ndef f():\n    return PARTS.split(':')[2]\n",
        ("CWM201", "f()", "IndexError('list index out of range')"),
    ),
    "a loop that comes back": (
        "def f(n: int):\n    while n > 0:\n        if n % 2:\n            n -= 1\n    return n\n",
        ("CWM202", "f(3)", "never ends: line 2 begins again with n = 2"),
    ),
    "a loop that steps over its end": (
        "def f(n: int):\n    while n != 0:\n        n -= 2\n    return n\n",
        ("CWM202", "f(3)", "never ends: line 2 moves n away from its end, by -2 each time"),
    ),
    "a function that calls itself": (
        "def f(n: int):\n    return f(n + 1)\n",
        ("CWM202", "f(3)", "calls itself without end"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), LOUD.values(), ids=LOUD)
def test_a_mistake_is_told_with_its_call(sandbox: Sandbox, text: str, expected: tuple[str, str, str]) -> None:
    assert [(h.rule, h.call, h.ending) for h in hazards(sandbox, text)] == [expected]


QUIET = {
    "nothing wrong": "def f(values: list[int]):\n    return sum(values) / len(values) if values else 0\n",
    "a text that is no number": "def f(text: str):\n    return int(text)\n",
    "a key that is not there": "def f(sizes: dict[str, int], name: str):\n    return sizes[name]\n",
    "an index of the caller": "def f(rows: list[int], index: int):\n    return rows[index]\n",
    "a second part": "def f(text: str):\n    return text.split(':')[1]\n",
    "a pair of another length": "def f(text: str):\n    name, value = text.split(':')\n    return name + value\n",
    "raised on purpose": "def f(values: list[int]):\n    if not values:\n        raise IndexError('nothing')\n",
    "asserted": "def f(values: list[int]):\n    assert values\n    return values[0]\n",
    "no type is declared": "def f(values):\n    return values[0]\n",
    "a list of fixed length": "def f(colour: list[int]):\n    red = colour[0] * 2\n    return red + colour[1]\n",
    "the first row of a matrix": "def f(rows: list[list[int]]):\n    return sum(rows[0])\n",
    "a matrix": "def f(rows: list[list[int]]):\n    return len(rows) * len(rows[0])\n",
    "a tuple of fixed length": "def f(pair: tuple[int, str]):\n    return pair[0]\n",
    "another type than declared": "def f(values: list[str]):\n    return ','.join(values) + values\n",
    "the docstring names it": (
        'def f(values: list[int]):\n    """Fails with IndexError if empty."""\n    return values[0]\n'
    ),
    "the docstring sets a condition": (
        'def f(values: list[int]):\n    """`values` must hold something."""\n    return values[0]\n'
    ),
    "an operation of a container": "class C:\n    def __getitem__(self, at: int):\n        return [][0]\n",
    "a division": "def divide(a: int, b: int):\n    return a / b\n",
    "a scale of the caller": "def f(size: float, scale: float):\n    return size / scale\n",
    "a private helper": "def _f(values: list[int]):\n    return values[0]\n",
    "a name that another module puts there": (
        "import os\nglobals().update(vars(os))\n\ndef f(n: int):\n    return sep\n"
    ),
    "a name of the installation": "def f(text: str):\n    return _(text)\n",
    "an attribute of a host class": "class AMixin:\n    def f(self, n: int):\n        return self.size + n\n",
    "an attribute of a base elsewhere": (
        "from x import B\n\nclass C(B):\n    def f(self, n: int):\n        return self.size + n\n"
    ),
    "an attribute that is set later": (
        "class C:\n    def open(self):\n        self.file = 1\n\n"
        "    def f(self, n: int):\n        return self.file + n\n"
    ),
    "attributes on demand": (
        "class C:\n    def __getattr__(self, name):\n        raise AttributeError(name)\n\n"
        "    def f(self, n: int):\n        return self.file + n\n"
    ),
    "None until it is set": (
        "class C:\n    def __init__(self):\n        self.file = None\n\n"
        "    def f(self, n: int):\n        return self.file.x\n"
    ),
    "an unknown object that fails": "def f(client, n: int):\n    return client.get(n)['a'].items()\n",
    "a loop for ever on purpose": "def f(n: int):\n    while True:\n        n += 1\n",
    "a server": "def serve(n: int):\n    while n:\n        n += 1\n",
    "an endless generator": "def f(n: int):\n    while True:\n        yield n\n        n += 1\n",
    "a loop that waits for an unknown object": "def f(queue):\n    while queue.busy():\n        queue.wait()\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_callers_have_to_expect_is_not_told(sandbox: Sandbox, text: str) -> None:
    names = [f.qualname for f in pair_functions(FileChange("m.py", "m.py", None, text)).added]
    assert [h for name in names for h in hazards(sandbox, text, name=name)] == []


def test_where_it_is_made_and_how_sure_it_is(sandbox: Sandbox) -> None:
    text = "def g(rows):\n    return rows[0]\n\ndef f(rows: list[int]):\n    rows = sorted(rows)\n    return g(rows)\n"
    (hazard,) = hazards(sandbox, text)
    assert (hazard.line, hazard.origin, hazard.evidence.value, hazard.confidence) == (6, 2, "exact", 0.9)


def test_what_may_only_be_slow_is_less_sure_than_what_is_shown_by_default(sandbox: Sandbox) -> None:
    text = "def f(n: int):\n    total = 0\n    for i in range(10**9):\n        total += i % 7\n    return total + n\n"
    (hazard,) = hazards(sandbox, text)
    assert (hazard.rule, hazard.ending, hazard.confidence) == ("CWM202", "does not end within the limit of steps", 0.4)


def test_what_the_version_before_does_as_well_is_no_news(sandbox: Sandbox) -> None:
    before = "def f(values: list[int]):\n    return sum(values) / len(values)\n"
    assert hazards(sandbox, before.replace("sum(values)", "2 * sum(values)"), before) == ()
    guarded = "def f(values: list[int]):\n    return sum(values) / len(values) if values else 0\n"
    assert [h.call for h in hazards(sandbox, before, guarded)] == ["f([])"]
