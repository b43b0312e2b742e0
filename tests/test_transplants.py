"""Two modules made alike but for one function."""

from __future__ import annotations

import pytest
from changes import changed

from cwm_check.transplants import moved_imports, transplanted

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


def test_the_function_before_goes_into_the_module_after() -> None:
    before = "def g():\n    return 1\n\ndef f():\n    return g()\n"
    after = "def g():\n    return 2\n\nclass A:\n    pass\n\ndef f():\n    return g() + 1\n"
    function = changed(before, after)
    moved = transplanted(function.before, before, function.after, after)
    assert moved == after.replace("g() + 1", "g()")
