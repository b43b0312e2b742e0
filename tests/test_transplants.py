"""Two modules made alike but for one function."""

from __future__ import annotations

import pytest
from changes import changed
from simulations import outcomes

from cwm_check.sandbox.component import Sandbox
from cwm_check.search.renames import renamed_attributes, renamed_classes
from cwm_check.search.transplants import moved_imports, transplanted

MOVED = {
    "moved": ("from a import x", "from b import x", {"b.x": "a.x"}),
    "moved to a neighbour": ("from .a import x", "from ..b import x", {"b.x": "a.x"}),
    "the same place": ("from a import x", "from a import x, y", {}),
    "another name from there": ("from a import x as z", "from a import y as z", {}),
    "no longer imported": ("from a import x", "x = 1", {}),
}


@pytest.mark.parametrize(("before", "after", "expected"), MOVED.values(), ids=MOVED)
def test_a_name_that_only_moved_is_known(before: str, after: str, expected: dict[str, str]) -> None:
    assert moved_imports(before, after) == expected


CLASSES = {
    "another name": ("class _A:\n    def f(self): 1", "class A:\n    def f(self): 2", {"A": "_A"}),
    "the same name": ("class A:\n    def f(self): 1", "class A:\n    def f(self): 2", {}),
    "other functions": ("class _A:\n    def f(self): 1", "class A:\n    def g(self): 1", {}),
    "no functions": ("class _A:\n    x = 1", "class A:\n    x = 1", {}),
    "two of a kind": (
        "class A:\n    def f(self): 1\nclass B:\n    def f(self): 1",
        "class C:\n    def f(self): 1\nclass D:\n    def f(self): 1",
        {},
    ),
    "two of two kinds": (
        "class A:\n    def f(self): 1\nclass B:\n    def g(self): 1",
        "class D:\n    def g(self): 1\nclass C:\n    def f(self): 1",
        {"C": "A", "D": "B"},
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), CLASSES.values(), ids=CLASSES)
def test_a_class_that_got_another_name_is_known(before: str, after: str, expected: dict[str, str]) -> None:
    assert renamed_classes(before, after) == expected


def owner(*statements: str) -> str:
    body = "".join(f"        {statement}\n" for statement in statements)
    return f"class A:\n    def __init__(self, x):\n{body}"


ATTRIBUTES = {
    "public now": (owner("self._x = 1"), owner("self.x: int = 1"), {"x": "_x"}),
    "private now": (owner("self.x = 1"), owner("self._x = 1"), {"_x": "x"}),
    "both are there": (owner("self._x = 1"), owner("self._x = self.x = 1"), {}),
    "another name": (owner("self._x = 1"), owner("self.y = 1"), {}),
    "set alike": (owner("self.x: list[A] = []"), owner("self.y: list[A] = []"), {"y": "x"}),
    "in the same places": (
        owner("self._n = x", "self.m = self._n + 1"),
        owner("self._number = x", "self.m = self._number + 1"),
        {"_number": "_n"},
    ),
    "in one place": (owner("self._n = x", "self.m = x"), owner("self._number = x", "self.m = x"), {}),
    "in the places of two": (
        owner("self._a = x", "self._b = x", "self.m = self._a", "self.n = self._b"),
        owner("self._c = x", "self._d = x", "self.m = self._c", "self.n = self._c"),
        {},
    ),
    "in other lines": (owner("self._n = x", "self.m = self._n"), owner("self._o = x + 1", "self.m = -self._o"), {}),
    "set alike, and once more": (
        owner("self.x: list[A] = []", "self.x = 1"),
        owner("self.y: list[A] = []") + "    def g(self):\n        self.y = 1\n",
        {"y": "x"},
    ),
    "two set alike": (owner("self.x: A = 1"), owner("self.y: A = 1", "self.z: A = 1"), {}),
    "set alike, one is still there": (owner("self.x: A = 1", "self.y: A = 1"), owner("self.x: A = 1"), {}),
    "set otherwise": (owner("self.x: list[A] = []"), owner("self.y: list[B] = []"), {}),
    "set to the same": (owner("self._x = f(x)"), owner("self.y: A = f(x)"), {"y": "_x"}),
    "set to the same, and once more": (owner("self.x = f(x)"), owner("self.y = self.z = f(x)"), {}),
    "set to the rest of the arguments": (
        owner("self._x = rest.get('x')").replace("x):", "**rest):"),
        owner("self.y = more.get('x')").replace("x):", "**more):"),
        {"y": "_x"},
    ),
    "set by a base class": (
        owner("self._x = f(x)").replace("A", "Base") + "class A(Base):\n    pass\n",
        owner("self.y = f(x)").replace("A", "Base") + "class A(Base):\n    pass\n",
        {"y": "_x"},
    ),
    "of another object": (owner("x._x = 1"), owner("x.x = 1"), {}),
    "read only": (owner("print(self._x)"), owner("print(self.x)"), {}),
    "of another class": (owner("self._x = 1").replace("A", "B"), owner("self.x = 1"), {}),
}


@pytest.mark.parametrize(("before", "after", "expected"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_an_attribute_that_got_another_name_is_known(before: str, after: str, expected: dict[str, str]) -> None:
    assert renamed_attributes(before, after, "A") == expected


READER = """
    def first(self):
        return self._authors[0] if self._authors else None
"""


def named(name: str, value: str = "x") -> str:
    return owner(f"self.{name} = {value}") + READER.replace("_authors", name)


@pytest.mark.parametrize(
    ("after", "is_same"),
    [
        (named("authors"), True),
        (named("authors", "x[1:]"), True),
        (named("writers"), True),
        (named("writers", "x[1:]"), True),
        (named("writers", "x[1:]").replace("[0] if self.writers else None", "[0]"), False),
        (named("writers", "x[1:]").replace("if self.writers", "if self.readers"), False),
    ],
)
def test_what_nobody_set_is_the_same_under_its_new_name(sandbox: Sandbox, after: str, is_same: bool) -> None:
    one, other = outcomes(sandbox, named("_authors"), after, target="A.first", binding="method")
    assert (one == other) == is_same


def test_the_function_before_goes_into_the_module_after() -> None:
    before = "def g():\n    return 1\n\ndef f():\n    return g()\n"
    after = "def g():\n    return 2\n\nclass A:\n    pass\n\ndef f():\n    return g() + 1\n"
    function = changed(before, after)
    moved = transplanted(function.before, before, function.after, after)
    assert moved == after.replace("g() + 1", "g()")
