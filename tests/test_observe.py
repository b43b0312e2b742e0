"""What can be seen of a run: texts of values that are equal exactly when the values behave alike, and effects."""

from __future__ import annotations

import pytest
from changes import PATIENT
from sections import rows
from simulations import outcome, outcomes

from cwm_check.check import check
from cwm_check.git import ChangeSet
from cwm_check.sandbox.component import Sandbox
from cwm_check.simulations import Outcome
from cwm_check.sources.texts import decode
from cwm_check.sources.trees import Tree
from cwm_check.sources.versions import file_change

VALUES = rows(r"""
## sets are sorted
def f():
    return {"b", "a"}, frozenset([2, 1]), set()
-> ({'a', 'b'}, frozenset({1, 2}), set())
## an ordered dictionary keeps its order
from collections import OrderedDict
def f():
    return OrderedDict([("b", 1), ("a", 2)])
-> OrderedDict({'b': 1, 'a': 2})
## objects are their state
class A:
    def __init__(self):
        self.b, self.a = 1, [2]
def f():
    return A()
-> A(a=[2], b=1)
## slots are state
class A:
    __slots__ = ("x",)
def f():
    a = A()
    a.x = 1
    return a
-> A(x=1)
## an enumeration
import enum
class C(enum.Enum):
    RED = 1
def f():
    return C.RED
-> C.RED
## a named tuple
from collections import namedtuple
P = namedtuple("P", "x y")
def f():
    return P(1, 2)
-> P(x=1, y=2)
## what a class of the program says of its items is not asked
from collections import Counter, OrderedDict, defaultdict, deque
class A(OrderedDict):
    def items(self):
        return []
class B(tuple):
    _fields = property(len)
class C(deque):
    maxlen = property(len)
class D(defaultdict):
    default_factory = property(len)
def f():
    return A(a=1), B((1,)), C([1, 2], 3), D(int, a=1)
-> (A({'a': 1}), B((1,)), C([1, 2], maxlen=3), D(int, {'a': 1}))
## what an exception of the program says of its arguments is not asked
class E(Exception):
    args = property(id)
def f():
    return E(1)
-> E(1)
## a class of the program that refuses every look at its objects
class A:
    def __init__(self):
        self.a = 1
    def __getattribute__(self, name):
        raise ValueError(name)
def f():
    return [A()]
-> [A(a=1)]
## what a partial call of the program says of itself is not asked
from functools import partial
class A(partial):
    args = func = keywords = property(len)
def f():
    return A(int, "1", base=2)
-> partial(int, '1', base=2)
## an exception as a value
def f():
    return ValueError("a", 1)
-> ValueError('a', 1)
## a list that holds itself
def f():
    a = [1]
    a.append(a)
    return a
-> [1, ...]
## a subclass of a builtin type
class Text(str):
    pass
def f():
    return Text("a")
-> Text('a')
## a class and a function
class A:
    pass
def g():
    pass
def f():
    return {"g": g, "t": int}
-> {'g': <function g>, 't': int}
## an iterator is drained
def f():
    return map(str, [1, 2])
-> <iterator>
## what a generator returns
def f():
    yield 1
    return 5
-> <iterator returning 5>
## a coroutine is run
async def f():
    return 3
-> 3
""")

EQUAL = rows(r"""
## functions that do alike
def f():
    return lambda x: x + 1
---
def f():
    def add(y):
        return y + 1
    return add
## a required parameter that has another name
def f():
    return lambda x, /, y=1: x
---
def f():
    return lambda z, /, y=1: z
## annotations of a returned function
from lib import T
def f():
    def add(x: T[1 / 0], *, y: T, z=1) -> T:
        return x, y, z
    return add
---
def f():
    def add(x, *, y, z=1):
        return x, y, z
    return add
## annotations of a constructor
from lib import T
class A:
    def __init__(self, x: T[1 / 0], y: int = 1):
        self.x = x
    def g(self):
        return self.x
def f():
    return A(1).g
---
class A:
    def __init__(self, x, y=1):
        self.x = x
    def g(self):
        return self.x
def f():
    return A(1).g
## the order in which attributes came
class A:
    pass
def f():
    a = A()
    a.x, a.y = 1, 2
    return a
---
class A:
    pass
def f():
    a = A()
    a.y, a.x = 2, 1
    return a
## a generator and an iterator
def f():
    yield 1
---
def f():
    return iter([1])
## generators in a named tuple, written otherwise
from collections import namedtuple
P = namedtuple("P", "items size")
def f():
    def items():
        for n in (1, 2):
            yield n
    return P(items(), 2)
---
from collections import namedtuple
P = namedtuple("P", "items size")
def f():
    def items():
        yield from (1, 2)
    return P(items(), 2)
## functions in a dictionary, written otherwise
def f():
    return {"a": lambda x: x + 1}
---
def f():
    def add(y):
        return y + 1
    return {"a": add}
## a property that is kept once it was read
class A:
    @property
    def n(self):
        return 1
def f():
    a = A()
    return a.n, a
---
from functools import cached_property
class A:
    @cached_property
    def n(self):
        return 1
def f():
    a = A()
    return a.n, a
""")

DIFFERENT = rows(r"""
## a list and a tuple
def f():
    return [1]
---
def f():
    return (1,)
## a whole number and a fraction
def f():
    return 1
---
def f():
    return 1.0
## true and one
def f():
    return True
---
def f():
    return 1
## a text and its bytes
def f():
    return "a"
---
def f():
    return b"a"
## a list and an iterator
def f():
    return [1]
---
def f():
    return iter([1])
## zero and minus zero
def f():
    return 0.0
---
def f():
    return -0.0
## a returned function that needs one parameter more
def f():
    return lambda x: None
---
def f():
    return lambda x, y: None
## a returned function that no longer takes an option
def f():
    return lambda x, y=1, **more: x
---
def f():
    return lambda x, **more: x
## a returned function whose option has another name
def f():
    def add(x, *, y=1):
        return x
    return add
---
def f():
    def add(x, *, z=1):
        return x
    return add
## functions that do otherwise
def f():
    return lambda x: x + 1
---
def f():
    return lambda x: x + 2
## long texts that differ at the end
def f():
    return "a" * 9000 + "b"
---
def f():
    return "a" * 9000 + "c"
## nothing and an empty text
def f():
    return None
---
def f():
    return ""
## an attribute where there was a kept property
from functools import cached_property
class A:
    @cached_property
    def n(self):
        return 1
def f():
    a = A()
    a.n
    return a
---
class A:
    pass
def f():
    a = A()
    a.n = 1
    return a
## what a generator in a named tuple yields
from collections import namedtuple
P = namedtuple("P", "items size")
def f():
    return P((n for n in (1, 2)), 2)
---
from collections import namedtuple
P = namedtuple("P", "items size")
def f():
    return P((n for n in (1, 3)), 2)
## what a generator in an object yields
class A:
    def __init__(self, items):
        self.items = items
def f():
    return A(n for n in (1, 2))
---
class A:
    def __init__(self, items):
        self.items = items
def f():
    return A(n for n in (1, 3))
## what a function in a dictionary does
def f():
    return {"a": lambda x: x + 1}
---
def f():
    return {"a": lambda x: x + 2}
## the order in which keys came
def f():
    return [{"a": 1, "b": 2}]
---
def f():
    return [{"b": 2, "a": 1}]
## what happens to a generator at its end
def f():
    yield 1
    print("end")
---
def f():
    yield 1
""")


@pytest.mark.parametrize(("source", "value"), VALUES.values(), ids=VALUES)
def test_a_value_has_a_text(sandbox: Sandbox, source: str, value: str) -> None:
    found = outcome(sandbox, source)
    assert (found.kind, found.value) == ("returned", value), found.message


@pytest.mark.parametrize(("before", "after"), EQUAL.values(), ids=EQUAL)
def test_values_that_behave_alike_have_one_text(sandbox: Sandbox, before: str, after: str) -> None:
    one, other = outcomes(sandbox, before, after)
    assert one == other


@pytest.mark.parametrize(("before", "after"), DIFFERENT.values(), ids=DIFFERENT)
def test_values_that_differ_have_two_texts(sandbox: Sandbox, before: str, after: str) -> None:
    one, other = outcomes(sandbox, before, after)
    assert one != other


EFFECTS = {
    "an argument that grew": (
        "def f(x):\n    x.append(3)\n",
        {"x": "[1, 2]"},
        Outcome("returned", "None", arguments=(("x", "[1, 2, 3]"),)),
    ),
    "an argument that stays": (
        "def f(x):\n    x = x + [3]\n    return x\n",
        {"x": "[1]"},
        Outcome("returned", "[1, 3]"),
    ),
    "a global": (
        "N = 1\ndef f():\n    global N\n    N += 1\n",
        {},
        Outcome("returned", "None", arguments=(("N", "2"),)),
    ),
    "a table of the module": (
        "CACHE = {}\ndef f(x):\n    CACHE[x] = 1\n",
        {"x": "'a'"},
        Outcome("returned", "None", arguments=(("CACHE", "{'a': 1}"),)),
    ),
    "an unknown object": (
        "def f(x):\n    x.a = 1\n    del x['k']\n",
        {"x": None},
        Outcome("returned", "None", arguments=(("x.a", "1"), ("x['k']", "deleted"))),
    ),
    "printed": (
        "import sys\ndef f():\n    print('a', 1, sep='-')\n    sys.stderr.write('b\\n')\n    sys.stdout.write('c')\n",
        {},
        Outcome("returned", "None", printed="a-1\nc[stderr] b\n"),
    ),
    "yielded": ("def f():\n    yield 1\n    yield [2]\n", {}, Outcome("returned", "<iterator>", yielded=("1", "[2]"))),
    "warned": (
        "import warnings\ndef f():\n    warnings.warn('old', DeprecationWarning)\n",
        {},
        Outcome("returned", "None", warned=("DeprecationWarning: old",)),
    ),
    "called": (
        "def f(x):\n    x.save(1, b=2)\n    return x.load()\n",
        {"x": None},
        Outcome("returned", "x.load()", calls=("x.save(1, b=2)",)),
    ),
    "logged": (
        "import logging\nlog = logging.getLogger('a')\ndef f(x):\n    log.warning('a %s', x)\n",
        {"x": "1"},
        Outcome("returned", "None", logged=("logging.getLogger('a').warning('a 1')",)),
    ),
    "raised by a statement": ("def f():\n    raise ValueError('a')\n", {}, Outcome("raised", "ValueError", "a")),
    "raised by an operation": (
        "def f(x):\n    return x + 1\n",
        {"x": "'a'"},
        Outcome("raised", "TypeError", 'can only concatenate str (not "int") to str', explicit=False),
    ),
    "an exit": ("import sys\ndef f():\n    sys.exit(3)\n", {}, Outcome("raised", "SystemExit", "3")),
    "what was done before a raise": (
        "def f(x):\n    x.append(1)\n    print('a')\n    raise KeyError('k')\n",
        {"x": "[]"},
        Outcome("raised", "KeyError", "'k'", arguments=(("x", "[1]"),), printed="a\n"),
    ),
}


@pytest.mark.parametrize(("source", "given", "expected"), EFFECTS.values(), ids=EFFECTS)
def test_effects_are_seen(sandbox: Sandbox, source: str, given: dict[str, str | None], expected: Outcome) -> None:
    assert outcome(sandbox, source, **given) == expected


def test_what_an_import_does_is_no_effect_of_the_call(sandbox: Sandbox) -> None:
    source = "import lib\nprint('import')\nlib.register('a')\ndef f():\n    return 1\n"
    assert outcome(sandbox, source) == Outcome("returned", "1")


def test_what_a_method_changes_in_its_object_is_seen(sandbox: Sandbox) -> None:
    source = "class A:\n    def __init__(self):\n        self.n = 0\n    def f(self):\n        self.n += 1\n"
    found = outcome(sandbox, source, target="A.f", binding="method", receiver="A()")
    assert found == Outcome("returned", "None", arguments=(("self.n", "1"),))


def test_an_object_of_an_abstract_class_is_made_by_its_constructor(sandbox: Sandbox) -> None:
    source = """
        from abc import ABC, abstractmethod
        class A(ABC):
            def __init__(self):
                self.seen = []
            @abstractmethod
            def g(self): ...
            def f(self, x):
                self.seen.append(x)
                return len(self.seen)
    """
    found = outcome(sandbox, source, target="A.f", binding="method", receiver="constructed", x="1")
    assert (found.kind, found.value, found.arguments) == ("returned", "1", (("self.seen", "[1]"),))


GAPS = {
    "a method that only raises": ("def g(self):\n        raise NotImplementedError", "self.g()"),
    "with a message": ("def g(self):\n        raise NotImplementedError('g')", "self.g()"),
    "an abstract method": ("@abstractmethod\n    def g(self):\n        pass", "self.g()"),
    "a method that does more": ("def g(self):\n        print(1)\n        raise NotImplementedError", None),
    "a method that does nothing": ("def g(self):\n        pass", "None"),
}


@pytest.mark.parametrize("receiver", [None, "constructed"])
@pytest.mark.parametrize(("method", "value"), GAPS.values(), ids=GAPS)
def test_what_a_class_leaves_to_its_subclasses_is_unknown(
    sandbox: Sandbox, method: str, value: str | None, receiver: str | None
) -> None:
    source = f"from abc import abstractmethod\nclass A:\n    {method}\n    def f(self):\n        return self.g()\n"
    found = outcome(sandbox, source, target="A.f", binding="method", receiver=receiver)
    assert (found.kind, found.value) == (("raised", "NotImplementedError") if value is None else ("returned", value))


def test_a_method_that_is_tried_itself_is_no_gap(sandbox: Sandbox) -> None:
    source = "class A:\n    def f(self):\n        raise NotImplementedError\n"
    found = outcome(sandbox, source, target="A.f", binding="method")
    assert (found.kind, found.value) == ("raised", "NotImplementedError")


MACHINE = {
    "a lock is always free": ("import threading", "with threading.Lock(), threading.RLock():\n        return 1", "1"),
    "paths of Windows": (
        "import ntpath",
        "return ntpath.splitdrive('C:\\\\\\\\a'), ntpath.isabs('a')",
        "(('C:', '\\\\\\\\a'), False)",
    ),
    "what reads the command line has a program's name": (
        "import argparse",
        "return argparse.ArgumentParser().parse_args([]), argparse.ArgumentParser().prog",
        "(Namespace(), 'program')",
    ),
    "files are asked for": ("import ntpath", "return ntpath.exists('a')", "ntpath.exists('a')"),
}


@pytest.mark.parametrize(("imports", "body", "expected"), MACHINE.values(), ids=MACHINE)
def test_what_needs_no_machine_is_computed(sandbox: Sandbox, imports: str, body: str, expected: str) -> None:
    found = outcome(sandbox, f"{imports}\ndef f():\n    {body}\n")
    assert (found.kind, found.value) == ("returned", expected)


OTHER = """\
class Offset:
    def __init__(self, hours, name):
        self.hours = hours
        self.name = name

    def __repr__(self):
        return f"<Offset {self.name}>"
"""
USER = """\
from pkg.other import Offset

def f(name: str, hours: int):
    return Offset(hours, name)
"""


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        pytest.param(USER.replace("hours, name)\n", "hours + 1, name)\n"), "changed", id="another state"),
        pytest.param(
            USER.replace("Offset(hours, name)\n", "Offset(name=name, hours=hours)\n"), "unchanged", id="the same"
        ),
    ],
)
def test_an_object_of_another_module_is_told_by_its_state(after: str, kind: str) -> None:
    """Not by its own `repr`, which may leave out what changed, and is the program's."""
    texts: dict[str, str | None] = {"pkg/__init__.py": "", "pkg/other.py": OTHER, "pkg/m.py": USER}
    change = file_change("pkg/m.py", "pkg/m.py", decode(USER.encode()), decode(after.encode()))
    assert change is not None
    sides = Tree(texts=texts), Tree(texts=texts | {"pkg/m.py": after})
    (verdict,) = check(ChangeSet((change,), *sides), PATIENT).verdicts
    assert verdict.kind == kind
