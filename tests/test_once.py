"""What a nested function and the one around it both show is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.git import Pair, read_changes

BEFORE = """\
def outer(x: int):
    y = x + 1
    def inner():
        z = y * 2
        return z
    return inner()
"""
TOLD = {
    "the change is in the nested function": ({"y * 2": "y * 3"}, [("outer", "4")], {"outer.inner": "told of outer"}),
    "the change is around it": ({"x + 1": "x + 2"}, [("outer", "2")], {}),
    "both changed": ({"x + 1": "x + 2", "y * 2": "y * 3"}, [("outer", "2"), ("outer.inner", "4")], {}),
}


@pytest.mark.parametrize(("edits", "told", "reasons"), TOLD.values(), ids=TOLD)
def test_one_change_is_one_finding(
    tmp_path: Path, edits: dict[str, str], told: list[tuple[str, str]], reasons: dict[str, str]
) -> None:
    after = BEFORE
    for old, new in edits.items():
        after = after.replace(old, new)
    paths = tmp_path / "before.py", tmp_path / "after.py"
    for path, text in zip(paths, (BEFORE, after), strict=True):
        path.write_text(text, encoding="utf-8")
    result = check(read_changes(Pair(*paths), None, ()), Config())
    assert [(f.qualname, str(f.line)) for f in sorted(result.findings, key=lambda f: f.line)] == told
    assert {v.qualname: v.reason for v in result.verdicts if v.reason} == reasons
    assert {v.kind for v in result.verdicts if v.reason} <= {"changed"}
