from __future__ import annotations

from pathlib import Path

import pytest
from changes import PATIENT

from cwm_check.check import check
from cwm_check.git import Pair, read_changes
from cwm_check.textlines import split_lines

NO_ENDS = {"form feed": "\x0c", "vertical tab": "\x0b", "next line": "\x85", "line separator": "\u2028"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [""]),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("a\nb", ["a", "b"]),
        *(("a" + sign + "b\nc\n", ["a" + sign + "b", "c"]) for sign in NO_ENDS.values()),
    ],
)
def test_only_a_line_feed_ends_a_line(text: str, expected: list[str]) -> None:
    assert split_lines(text) == expected


MODULE = """def other():
    return 0
{sign}
def f(x: int):
    y = 1
{sign}
    # a {sign} b
    return {value}
"""


@pytest.mark.parametrize("sign", ["\x0c", "\x0c\x0c", "# \x0b", "# \x85", "# \u2028"], ids=ascii)
@pytest.mark.parametrize(
    ("value", "kind", "lines"), [("(x, 1)", "changed", [8]), ("x + 0 * y", "unchanged", [])], ids=["loud", "quiet"]
)
def test_what_ends_no_line_hides_no_change(tmp_path: Path, sign: str, value: str, kind: str, lines: list[int]) -> None:
    paths = tmp_path / "before.py", tmp_path / "after.py"
    for path, given in zip(paths, ("x", value), strict=True):
        path.write_text(MODULE.format(sign=sign, value=given), encoding="utf-8")

    (verdict,) = check(read_changes(Pair(*paths), None, ()), PATIENT).verdicts

    assert verdict.kind == kind
    assert [finding.cause for finding in verdict.findings] == lines
