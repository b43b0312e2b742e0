"""What objects keep in one version alone is not compared, and asked of no object that nobody made."""

from __future__ import annotations

import pytest

from cwm_check.search.state import methods_of, other_state, reached


def kept(*attributes: str, also: str = "") -> str:
    lines = "".join(f"        self.{name} = x\n" for name in attributes)
    read = " + ".join(f"self.{name}" for name in attributes)
    return f"class A:\n    def __init__(self, x):\n{lines}    def f(self): return {read}\n{also}"


TABLE = {
    "in place of another": (kept("_parts", "_n"), kept("_major", "_minor", "_n"), {"_parts", "_major", "_minor"}),
    "one more": (kept("_parts"), kept("_parts", "_minor"), set()),
    "one less": (kept("_parts", "_minor"), kept("_parts"), set()),
    "the same": (kept("_parts"), kept("_parts", also="    def g(self): return 1"), set()),
    "only renamed": (kept("_parts"), kept("_pieces"), set()),
    "public ones": (kept("parts", "_n"), kept("major", "minor", "_n"), set()),
    "a method, not an attribute": (
        kept("_a", also="    def g(self): return self._h()\n    def _h(self): return 1"),
        kept("_a", also="    def g(self): return self._i(2)\n    def _i(self, x): return 1"),
        set(),
    ),
    "of another class": (kept("_parts"), kept("_parts").replace("class A", "class B"), set()),
    "no Python": (kept("_parts"), "class A(", set()),
}


@pytest.mark.parametrize(("before", "after", "expected"), TABLE.values(), ids=TABLE)
def test_attributes_of_one_version_alone(before: str, after: str, expected: set[str]) -> None:
    assert other_state(before, after) == expected


def test_what_a_method_reaches() -> None:
    source = """
class Base:
    def g(self):
        return self._deep
class A(Base):
    def f(self):
        return self.g() + self.f() + self.x
"""
    assert reached(methods_of(source, "A"), "f") == {"f", "g", "x", "_deep"}


def test_what_a_method_reaches_by_its_base() -> None:
    source = """
class First:
    def f(self):
        return self._first
class Base(First):
    def f(self):
        return super(Base, self).f() + self._deep
    def g(self):
        return self._other
class A(Base):
    def f(self):
        return super().f() + self.x
"""
    assert reached(methods_of(source, "A"), "f") == {"f", "super().f", "x", "_deep", "_first"}
