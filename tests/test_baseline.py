from __future__ import annotations

import io
import json

import pytest
from examples import hostile, plain

from cwm_check.accepted.baseline import FORMER, Entry, entries_from, entry_of, rendered
from cwm_check.errors import CwmCheckError
from cwm_check.reports import REPORTS

ONE = Entry("a.py", "f", "CWM001", "1" * 32, "meant", "`f()` returns `2` instead of `1`.")
TWO = Entry("b.py", "g", "CWM106", "2" * 32, "mön", "")


def test_the_file_is_sorted_one_finding_a_line() -> None:
    text = rendered([TWO, ONE, TWO])

    assert text.splitlines() == [
        '{"path": "a.py", "function": "f", "rule": "CWM001", "id": "11111111111111111111111111111111", '
        '"reason": "meant", "change": "`f()` returns `2` instead of `1`."}',
        '{"path": "b.py", "function": "g", "rule": "CWM106", "id": "22222222222222222222222222222222", '
        '"reason": "mön", "change": ""}',
    ]
    assert entries_from(text, "x") == (ONE, TWO)


def test_a_line_that_two_branches_added_is_read_once_and_blank_lines_do_not_matter() -> None:
    assert rendered(entries_from(rendered([ONE]) + "\n" + rendered([ONE]), "x")) == rendered([ONE])


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_a_former_report_is_a_baseline(format: str) -> None:
    out = io.StringIO()
    REPORTS[format](plain(), out)
    entries = entries_from(out.getvalue(), "x")

    assert [(e.path, e.function, e.rule, e.id, e.reason) for e in entries] == [
        (f.path, f.qualname, f.rule, f.fingerprint, FORMER) for f in plain().findings
    ]


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_nothing_is_no_entry(text: str) -> None:
    assert entries_from(text, "x") == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<<<<<<< HEAD\n", "x: line 1 is no JSON object: mend it, or accept again"),
        (rendered([ONE]) + "[" * 100_000, "x: line 2 is no JSON object: mend it, or accept again"),
        ("3", "x: line 1: expected the texts path, function, rule, id, reason"),
        ('{"path": "a.py"}', "x: line 1: expected the texts path, function, rule, id, reason"),
        ('{"version": 1, "findings": [3]}', "x: expected the texts path, function, rule, id, reason"),
        ('{"runs": [{"results": [{"ruleId": "F401"}]}]}', "x: not a SARIF report of cwm-check"),
    ],
)
def test_what_is_no_baseline_is_one_line(text: str, complaint: str) -> None:
    with pytest.raises(CwmCheckError, match=r"^x: ") as caught:
        entries_from(text, "x")
    assert str(caught.value) == complaint


def test_names_that_try_to_break_the_file_stay_on_their_line() -> None:
    entries = [entry_of(finding, "a\nb") for finding in hostile().findings]

    assert len(rendered(entries).splitlines()) == len(entries)
    assert [json.loads(line)["reason"] for line in rendered(entries).splitlines()] == ["a\nb"] * len(entries)


@pytest.mark.parametrize("reason", ["a\u2028b", "a\x85b", "\x0c", "\udcff"], ids=ascii)
def test_any_reason_comes_back_from_a_file(reason: str) -> None:
    entry = Entry("shop.py", "total", "CWM001", "b3b1", reason)
    file = rendered([entry]).encode("utf-8")
    assert entries_from(file.decode("utf-8"), "x") == (entry,)


@pytest.mark.parametrize("results", ["3", "null", '{"a": 1}'])
def test_a_report_without_results_has_no_entry(results: str) -> None:
    assert entries_from(f'{{"runs": [{{"results": {results}}}, 4]}}', "x") == ()


def test_a_sarif_report_whose_names_are_no_texts_is_refused() -> None:
    place = {"physicalLocation": {"artifactLocation": {"uri": 3}}, "logicalLocations": [{"fullyQualifiedName": "f"}]}
    result = {"locations": [place], "ruleId": "CWM001", "partialFingerprints": {"cwmBehaviour/v1": "b3"}}
    with pytest.raises(CwmCheckError, match="not a SARIF report"):
        entries_from(json.dumps({"runs": [{"results": [result]}]}), "x")
