"""What a nested function and the one around it both show is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from changes import changed

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.git import Pair, read_changes
from cwm_check.once import told_once
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding, Verdict
from cwm_check.vocabulary import Level, VerdictKind

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


def a_verdict(qualname: str, kind: VerdictKind, *findings: Finding) -> Verdict:
    return Verdict("m.py", qualname, kind, Evidence.ASSUMED, 0.9, 1, findings=findings)


def a_finding(call: str | None) -> Finding:
    sure = Evidence.ASSUMED, 0.9
    return Finding("CWM001", Level.WARNING, "m.py", "outer.inner", 4, True, "", *sure, "", 3, call)


AROUND = {
    "a run of both differs": ("unchanged", "outer()", ("changed", "told of outer.inner")),
    "and the one around it was not judged": ("skipped", "outer()", ("changed", "told of outer.inner")),
    "a fact of the source alone": ("unchanged", None, ("unchanged", "")),
    "the one around it is the same": ("same", "outer()", ("same", "")),
}


@pytest.mark.parametrize(("kind", "call", "expected"), AROUND.values(), ids=AROUND)
def test_what_is_around_a_changed_function_is_not_unchanged(
    kind: VerdictKind, call: str | None, expected: tuple[str, str]
) -> None:
    after = BEFORE.replace("y * 2", "y * 3")
    functions = [changed(BEFORE, after, name) for name in ("outer", "outer.inner")]
    verdicts = [a_verdict("outer", kind), a_verdict("outer.inner", "changed", a_finding(call))]
    told = told_once(verdicts, functions)
    assert (told[0].kind, told[0].reason) == expected
