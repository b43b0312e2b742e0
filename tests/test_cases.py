"""Classes of real changes, each loud and quiet: the cases in `cases/`, through the whole flow."""

from __future__ import annotations

from pathlib import Path

import pytest
from changes import PATIENT
from sections import rows

from cwm_check.check import check
from cwm_check.git import Pair, read_changes
from cwm_check.vocabulary import Level

CASES = {
    name: row
    for path in sorted((Path(__file__).parent / "cases").glob("*.txt"))
    for name, row in rows(path.read_text(encoding="utf-8")).items()
}
QUIET = {"same", "unchanged"}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_a_case_has_its_verdict(tmp_path: Path, before: str, after: str, expected: str) -> None:
    paths = tmp_path / "before.py", tmp_path / "after.py"
    for path, text in zip(paths, (before, after), strict=True):
        path.write_text(text, encoding="utf-8")
    verdicts = check(read_changes(Pair(*paths), None, ()), PATIENT).verdicts
    kinds = {verdict.kind for verdict in verdicts}
    match expected:
        case "loud":
            assert "changed" in kinds
        case "quiet":
            assert kinds <= QUIET
            assert not [finding for verdict in verdicts for finding in verdict.findings]
        case "noted":  # what most callers cannot notice
            assert kinds == {"unchanged"}
            assert [finding.level for verdict in verdicts for finding in verdict.findings] == [Level.NOTE]
        case "silent":  # no false alarm, but nothing decided either
            assert kinds == {"skipped"}
        case _:  # of one function among several: its name, and the verdict
            name, kind = expected.split()
            assert [verdict.kind for verdict in verdicts if verdict.qualname == name] == [kind]
