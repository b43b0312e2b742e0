"""What values are compared with, by the last part of their name, the tests of changed lines first."""

from __future__ import annotations

import pytest

from cwm_check.changes import FileChange
from cwm_check.extraction.functions import pair_functions
from cwm_check.probing.samples import declared
from cwm_check.search.compared import compared, last_part

BEFORE = """
def f(node, mode, options):
    kind = node.type
    if kind == "lambda":
        return 1
    elif kind in ("atom", "name"):
        return 2
    elif options.get("size") == 7 and mode.strip().startswith("r"):
        return 3
    while options["state"] != "done":
        pass
    match node.value():
        case "x" | "y":
            return 4
    return kind == 0.5
"""


def change(before: str, after: str) -> FileChange:
    return FileChange("m.py", "m.py", before, after)


def test_literals_are_found_by_the_name_of_what_they_are_compared_with() -> None:
    (function,) = pair_functions(change(BEFORE, BEFORE.replace("return 3", "return 5"))).changed
    assert compared(function) == {
        "type": ("'lambda'", "'atom'", "'name'"),
        "size": ("7",),
        "mode": ("'r'",),
        "state": ("'done'",),
        "value": ("'x'", "'y'"),
    }


def test_those_that_decide_whether_a_changed_line_runs_come_first() -> None:
    (function,) = pair_functions(change(BEFORE, BEFORE.replace("return 2", "return 6"))).changed
    assert compared(function)["type"] == ("'atom'", "'name'", "'lambda'")


NAMES = {
    "mode": "mode",
    "node.type": "type",
    "x[0].children[1].type": "type",
    "x['type']": "type",
    "x.get('type')": "type",
    "x.get('type', None)": "type",
    "node.kind()": "kind",
    "it.read()#2": "read",
    "x[0]": "",
    "f(x, 1)": "",
    "(a + b)": "",
    "": "",
}


@pytest.mark.parametrize(("expression", "name"), NAMES.items())
def test_an_expression_ends_with_a_name(expression: str, name: str) -> None:
    assert last_part(expression) == name


def test_what_both_versions_declare_is_known() -> None:
    before = "def f(a: str, b: int, c, d: str | None, e: list, g: dict):\n    return 1\n"
    after = before.replace("c,", "c: str,").replace("g: dict", "g: list").replace("1", "2")
    (function,) = pair_functions(change(before, after)).changed
    assert declared(function) == {"a": "str", "e": "list"}


LITERALS = """
from typing import Literal
import typing
Word = Literal["a", "b"]
Mixed = Literal["a", 1]
Other = str
def f(a: Word, b: Mixed, c: Other, d: typing.Literal[b"x"], e: Literal[1, 2], g: Literal[Word]):
    return 1
"""


def test_the_kind_of_literals_is_declared() -> None:
    (function,) = pair_functions(change(LITERALS, LITERALS.replace("return 1", "return 2"))).changed
    assert declared(function) == {"a": "str", "d": "bytes"}
