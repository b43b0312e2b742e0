"""Other edits of changed lines: what is put in their place, and what is left alone."""

from __future__ import annotations

import pytest
from changes import changed

from cwm_check.edits import MOST, edits_of

ROWS = {
    "a condition": ("    if x:\n        pass\n", {"    if True:", "    if False:"}),
    "a condition of a loop": ("    while x:\n        pass\n", {"    while False:"}),
    "a comparison": (
        "    if x < 1:\n        pass\n",
        {"    if True:", "    if False:", "    if (x <= 1):", "    if (x > 1):"},
    ),
    "a value": ("    x = y\n", {'    x = ("another value", 7)', "    pass"}),
    "a value with a type": ("    x: int = y\n", {'    x: int = ("another value", 7)', "    pass"}),
    "a result": ("    return x\n", {'    return ("another value", 7)', "    pass"}),
    "None as the result": ("    return None\n", {'    return ("another value", 7)'}),
    "no result": ("    return\n", {"    pass"}),
    "an effect": ("    x.f(y)\n", {"    pass"}),
    "an error": ("    raise x\n", {"    pass"}),
    "a sum": ("    x += 1\n", {"    pass"}),
    "arguments": (
        "    x(1, 2, a=3)\n",
        {
            "    pass",
            "    (x(2, 1, a=3))",
            "    (x(1, ('another value', 7), a=3))",
            "    (x(1, 2, a=('another value', 7)))",
        },
    ),
    "all arguments of a kind": ("    x(**y)\n", {"    pass", "    (x())"}),
    "a method that another one looks like": ("    x.lstrip(1)\n", {"    pass", "    (x.rstrip)(1)"}),
    "a call without arguments": ("    x.f()\n", {"    pass", "    (x)"}),
    "a method that gives much the same": ("    x(y.copy())\n", {"    pass"}),
    "an operator": ("    x[y + 1](1)\n", {"    pass", "    x[(y - 1)](1)"}),
    "operands": (
        "    x[y and not z](1)\n",
        {
            "    pass",
            *(f"    x[{text}](1)" for text in ("True and not z", "False and not z", "y and True", "y and False")),
            *(f"    x[{text}](1)" for text in ("(y or not z)", "y and (z)")),
        },
    ),
    "a choice": (
        "    x[1 if y else 2](1)\n",
        {"    pass", *(f"    x[{text}](1)" for text in ("1 if True else 2", "1 if False else 2", "(2 if y else 1)"))},
    ),
    "behind letters that take more than one byte": (
        "    x['\N{GREEK SMALL LETTER MU}', y + 1](1)\n",
        {"    pass", "    x['\N{GREEK SMALL LETTER MU}', (y - 1)](1)"},
    ),
    "no constants, and nothing inside texts": ("    x(f'{y + 1}{2}')\n", {"    pass"}),
    "nothing of what says nothing": ("    'text'\n", set()),
    "nothing of definitions": ("    def g(y=1 + 2):\n        pass\n", set()),
}


@pytest.mark.parametrize(("body", "expected"), ROWS.values(), ids=ROWS)
def test_the_edits_of_a_statement(body: str, expected: set[str]) -> None:
    assert _edited("def f(x, y, z):\n    0\n", f"def f(x, y, z):\n{body}    return 0\n", (2,)) == expected


def test_other_statements_are_left_alone() -> None:
    assert _edited("def f(x):\n    0\n", "def f(x):\n    x = 1\n    y = 2\n    return y\n", (3,)) == {
        '    y = ("another value", 7)',
        "    pass",
    }
    assert _edited("def f(x):\n    0\n", "def f(x):\n    x = 1\n\ndef g():\n    return 2\n", (5,)) == set()


def test_a_header_is_apart_from_its_block() -> None:
    after = "def f(x):\n    if x:\n        x = 1\n    return x\n"
    assert _edited("def f(x):\n    0\n", after, (3,)) == {'        x = ("another value", 7)', "        pass"}


def test_what_takes_the_change_back_is_no_other_edit() -> None:
    before = "def f(x):\n    return x\n"
    assert _edited(before, "def f(x):\n    log(x)\n    return x\n", (2,)) == set()
    assert _edited(before, "def f(x):\n    log(x)\n    log(x)\n    return x\n", (2, 3)) == {"    pass"}


def test_of_many_edits_some_are_taken_from_everywhere() -> None:
    lines = "".join(f"    x = x + {n}\n" for n in range(99))
    function = changed("def f(x):\n    0\n", f"def f(x):\n{lines}")
    edits = edits_of(function.after_module, function.after, range(2, 101), function.before)
    assert MOST // 2 < len(edits) <= MOST
    assert min(min(edit.lines) for edit in edits) < 12
    assert max(min(edit.lines) for edit in edits) > 90


def test_a_statement_of_several_lines_is_edited_as_a_whole() -> None:
    function = changed("def f(x):\n    0\n", "def f(x):\n    x = g(\n        1,\n    )\n    return x\n")
    edits = edits_of(function.after_module, function.after, (3,), function.before)
    assert [edit.module for edit in edits] == [
        'def f(x):\n    x = ("another value", 7)\n    return x\n',
        "def f(x):\n    pass\n    return x\n",
    ]
    assert {edit.lines for edit in edits} == {frozenset({2, 3, 4})}


def test_a_text_that_is_no_python_has_no_edits() -> None:
    function = changed("def f(x):\n    0\n", "def f(x):\n    return x\n")
    assert edits_of("def f(:\n", function.after, (1, 2), function.before) == ()


def _edited(before: str, after: str, lines: tuple[int, ...]) -> set[str]:
    """The first line of each edit that is not in the module."""
    function = changed(before, after)
    edits = edits_of(after, function.after, lines, function.before)
    return {
        next(new for new, old in zip(edit.module.split("\n"), after.split("\n"), strict=False) if new != old)
        for edit in edits
    }
