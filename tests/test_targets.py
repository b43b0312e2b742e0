"""What is called in order to run a function."""

from __future__ import annotations

import pytest
from changes import changed

from cwm_check.search.targets import Target, target_of

TARGETS = {
    "f": ("def f(x):\n    return {}\n", Target("f", "function")),
    "A.f": ("class A:\n    def f(self):\n        return {}\n", Target("A.f", "method")),
    "A.g": ("class A:\n    @classmethod\n    def g(cls):\n        return {}\n", Target("A.g", "classmethod")),
    "f.inner": ("def f(x):\n    def inner():\n        return {}\n    return inner\n", Target("f", "function")),
    "A.m.inner": (
        "class A:\n    def m(self):\n        def inner():\n            return {}\n        return inner\n",
        Target("A.m", "method"),
    ),
}


@pytest.mark.parametrize(("source", "expected"), TARGETS.values(), ids=TARGETS)
def test_what_is_called(source: str, expected: Target, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    function = changed(source.format(1), source.format(2), name)
    assert target_of(function.before, function.before_module) == expected
