from __future__ import annotations

import io
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from examples import EXAMPLES, HOSTILE, HOSTILE_PATH, hostile, plain
from jsonschema import Draft202012Validator

from cwm_check.reports import gitlab
from cwm_check.reports import json as json_report
from cwm_check.verdicts import CheckResult

DOCS = Path(__file__).parent.parent / "docs" / "json.md"


def document(result: CheckResult) -> dict[str, Any]:
    out = io.StringIO()
    json_report.render(result, out)
    read: dict[str, Any] = json.loads(out.getvalue())
    return read


def faults(value: object) -> list[str]:
    schema = json.loads(files("cwm_check.reports").joinpath("schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_report_follows_its_schema(example: str) -> None:
    assert faults(document(EXAMPLES[example]())) == []


@pytest.mark.parametrize(
    ("member", "value"),
    [("version", 2), ("more", 1), ("functions", [{}]), ("findings", [{"id": "x"}]), ("summary", {})],
)
def test_the_schema_refuses_other_shapes(member: str, value: object) -> None:
    assert faults(document(plain()) | {member: value}) != []


def test_the_sample_in_the_docs_follows_the_schema() -> None:
    (sample,) = re.findall(r"```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)

    assert faults(json.loads(sample)) == []


def test_every_function_has_one_entry_and_names_its_findings() -> None:
    read = document(plain())
    ids = [finding["id"] for finding in read["findings"]]

    assert [(f["qualname"], f["verdict"], len(f["findings"])) for f in read["functions"]] == [
        ("total", "changed", 2),
        ("Cart.add", "same", 0),
        ("Cart.sum", "unchanged", 0),
        ("load", "skipped", 0),
        ("fetch", "changed", 1),
        ("old", "changed", 1),
    ]
    assert sorted(id for f in read["functions"] for id in f["findings"]) == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert read["summary"] == {"functions": 6, "findings": 4, "same": 1, "unchanged": 1, "changed": 3, "skipped": 1}


def test_values_are_whole() -> None:
    read = document(hostile())

    assert [f["after"] for f in read["findings"] if f["rule"] == "CWM007"] == ["x" * 5000]
    assert {f["path"] for f in read["findings"]} == {HOSTILE_PATH}
    assert read["notes"] == [HOSTILE]


def test_gitlab_issues_have_what_the_widget_needs() -> None:
    out = io.StringIO()
    gitlab.render(plain(), out)
    issues = json.loads(out.getvalue())

    assert issues[1] == {
        "check_name": "CWM001",
        "description": "`total(items=[1], discount=6)` returns `0` instead of `-5`.",
        "fingerprint": "b3b11fce24dfdde10f2e57b19b8fd3b4",
        "location": {"path": "shop/prices.py", "lines": {"begin": 7}},
        "severity": "minor",
    }
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 4
