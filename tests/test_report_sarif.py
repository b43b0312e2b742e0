from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from examples import AFTER_MODULE, EXAMPLES, comparison, function, hostile, plain
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from cwm_check.findings import findings_for
from cwm_check.reports import sarif
from cwm_check.reports.line_hash import line_hashes
from cwm_check.rules import RULES
from cwm_check.simulations import Difference
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Verdict

MULTITOOL = os.environ.get("CWM_CHECK_SARIF_MULTITOOL", "")


def run_of(result: CheckResult) -> dict[str, Any]:
    out = io.StringIO()
    sarif.render(result, out)
    (run,) = json.loads(out.getvalue())["runs"]
    return dict(run)


def result_of(call: str = "total([1])", frames: int = 0) -> dict[str, Any]:
    """Return the only result of a run with this call, its traces made longer by repeating their middle."""
    (finding,) = findings_for(
        function(), [], [comparison(Difference("return", "", "-5", "0"), call=call)], [7], threshold=0
    )
    if frames and finding.before_trace and finding.after_trace:
        traces = [
            replace(t, frames=(t.frames[0], *[t.frames[1]] * (frames - 2), t.frames[3]))
            for t in (finding.before_trace, finding.after_trace)
        ]
        finding = replace(finding, before_trace=traces[0], after_trace=traces[1])
    verdict = Verdict("shop/prices.py", "total", "changed", Evidence.EXACT, 1.0, 4, findings=(finding,))
    (result,) = run_of(CheckResult((verdict,), sources=(("shop/prices.py", AFTER_MODULE),)))["results"]
    return dict(result)


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Return all objects inside a JSON value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


@pytest.mark.parametrize("example", EXAMPLES)
def test_results_name_their_rules(example: str) -> None:
    run = run_of(EXAMPLES[example]())
    listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert listed == list(RULES)
    assert [listed[result["ruleIndex"]] for result in run["results"]] == [r["ruleId"] for r in run["results"]]


@pytest.mark.parametrize("example", EXAMPLES)
def test_results_stand_on_added_lines_or_say_that_they_do_not(example: str) -> None:
    result = EXAMPLES[example]()
    added = dict(result.added_lines)
    run = run_of(result)

    for finding, written in zip(result.findings, run["results"], strict=True):
        (location,) = written["locations"]
        line = location["physicalLocation"]["region"]["startLine"]
        lines = added.get(finding.path, (4, 7))
        assert (line in lines) == written["properties"]["onAddedLine"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_no_validator_catches(example: str) -> None:
    run = run_of(EXAMPLES[example]())

    assert run["automationDetails"] == {"id": "cwm-check/"}
    for result in run["results"]:
        assert set(result["partialFingerprints"]) == {"cwmBehaviour/v1", "primaryLocationLineHash"}
        assert [set(related) for related in result["relatedLocations"]] == [{"id", "message", "physicalLocation"}]
        assert "suppressions" not in result
        assert result["message"]["text"].count("](1)") == 1
    identities = [(r["ruleId"], *r["partialFingerprints"].values()) for r in run["results"]]
    assert len(set(identities)) == len(identities)
    for rule in run["tool"]["driver"]["rules"]:
        assert "security-severity" not in rule["properties"]
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["name"] != rule["id"]
        assert max(len(rule[name]["text"]) for name in ("shortDescription", "fullDescription")) <= 1024
    for node in nodes(run):
        assert node.get("startLine", 1) >= 1
        assert "" not in node.values() or set(node) & {"model", "source", "before", "after"}


def test_accepted_findings_are_written_as_suppressed_only_on_request() -> None:
    def results(**options: bool) -> list[dict[str, Any]]:
        out = io.StringIO()
        sarif.render(plain(), out, **options)
        return list(json.loads(out.getvalue())["runs"][0]["results"])

    said = {"kind": "inSource", "status": "accepted", "justification": "the shop wants it (comment shop/prices.py:4)"}
    assert [result for result in results() if "suppressions" in result] == []
    assert results(suppressed=True)[:-1] == results()
    assert (results(suppressed=True)[-1]["ruleId"], results(suppressed=True)[-1]["suppressions"]) == ("CWM007", [said])


@pytest.mark.parametrize(
    ("model", "version", "expected"),
    [
        ("nano", "0123456789ab", [{"name": "nano", "fullName": "world model nano", "version": "0123456789ab"}]),
        ("openai:x", "", [{"name": "openai:x", "fullName": "world model openai:x"}]),
        ("assumed", "", None),
        ("", "", None),
    ],
)
def test_the_world_model_is_an_extension_of_the_tool(
    model: str, version: str, expected: list[dict[str, str]] | None
) -> None:
    run = run_of(replace(plain(), model=model, model_version=version))

    assert run["tool"].get("extensions") == expected


def test_the_definition_is_related() -> None:
    (related,) = result_of()["relatedLocations"]

    assert related == {
        "id": 1,
        "message": {"text": "Definition of total"},
        "physicalLocation": {
            "artifactLocation": {"uri": "shop/prices.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 4},
        },
    }


def test_a_call_is_not_taken_for_a_link() -> None:
    text = result_of("rows[0](1)")["message"]["text"]

    assert text == "`rows[0] (1)` returns `0` instead of `-5`. See [the definition](1)."


def test_the_run_after_comes_first() -> None:
    flows = result_of()["codeFlows"]

    assert [flow["message"]["text"] for flow in flows] == ["The run after the change", "The run before the change"]
    steps = flows[0]["threadFlows"][0]["locations"]
    assert [(step["importance"], step["location"]["message"]["text"]) for step in steps] == [
        ("important", "def total(items, discount=6):"),
        ("unimportant", "value = sum(items)"),
        ("unimportant", "return max(0, value - discount)"),
        ("essential", "return 0"),
    ]
    assert steps[2]["state"] == {"items": {"text": "[1]"}, "discount": {"text": "6"}, "value": {"text": "1"}}


def test_a_long_run_is_cut_to_fifty_steps() -> None:
    for flow in result_of(frames=2000)["codeFlows"]:
        orders = [step["executionOrder"] for step in flow["threadFlows"][0]["locations"]]

        assert orders[0] == 1
        assert orders[-1] == 2000
        assert orders == sorted(set(orders))
        assert len(orders) <= 50


def test_names_become_uris_without_leaving_the_root() -> None:
    uris = {node["uri"] for node in nodes(run_of(hostile())) if "uri" in node}

    assert uris == {"pkg/%3A%3Aerror%20file%3Dx%2Cline%3D1%3A%3A%0A%3Cb%3E%7C%60a%1B%5B0m%2C%20100%25.py"}


def test_what_was_skipped_is_a_notification() -> None:
    (invocation,) = run_of(plain())["invocations"]

    assert [(n["descriptor"]["id"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]] == [
        ("function-skipped", "load was not judged: no probe reached some of the changed lines"),
        ("file-skipped", "The file was not judged: the source does not parse as Python 3"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("c129715d7a2bc9a3:1",)),
        (
            " a\nb\n  \t\tc\n d",
            ("271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"),
        ),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            (
                *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ),
        ),
        (
            " a\r\nb\r  \t\tc\r\n d",
            ("271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"),
        ),
    ],
    ids=["empty", "lf", "repeated lines", "crlf and cr"],
)
def test_line_hashes_are_those_of_the_reference(text: str, expected: tuple[str, ...]) -> None:
    assert line_hashes(text) == expected


def rolling_hashes(text: str) -> tuple[str, ...]:
    """Return the hashes by another way: one value that rolls over a window of 100 units, with its multiples cut off."""
    raw = re.sub("\r\n?", "\n", text).replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
    units = [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)] + [0xFFFF] + [0] * 100
    value, window, at_start, found = 0, [0] * 100, {}, {}
    for place, unit in enumerate(units):
        value = (37 * value + unit - pow(37, 100) * window[place % 100]) % 2**64
        window[place % 100] = unit
        at_start[place - 99] = value
    starts = [0, *(place + 1 for place, unit in enumerate(units) if unit == 10)]
    hashes = []
    for start in starts:
        digits = f"{at_start[start]:x}"
        found[digits] = found.get(digits, 0) + 1
        hashes.append(f"{digits}:{found[digits]}")
    return tuple(hashes)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["def f():\n", "    x = 1\r\n", "a" * 70, "\r", "\n", "\t", "\U0001f600", "\ud800"])))
def test_line_hashes_are_those_of_a_rolling_hash(parts: list[str]) -> None:
    assert line_hashes("".join(parts)) == rolling_hashes("".join(parts))


@settings(deadline=None)
@given(st.text(alphabet="ab \t\n\U0001f600"))
def test_every_line_has_a_hash_of_its_own(text: str) -> None:
    hashes = line_hashes(text)

    assert len(hashes) == len(set(hashes)) == text.count("\n") + 1
    assert hashes == line_hashes(text.replace(" ", "\t"))


@pytest.mark.skipif(not MULTITOOL, reason="CWM_CHECK_SARIF_MULTITOOL does not name Microsoft's validator")
@pytest.mark.parametrize("suppressed", [False, True])
@pytest.mark.parametrize("example", EXAMPLES)
def test_reports_follow_the_schema(example: str, suppressed: bool) -> None:
    schema = json.loads((Path(MULTITOOL).parent / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    out = io.StringIO()
    sarif.render(EXAMPLES[example](), out, suppressed=suppressed)

    assert [error.message for error in validator_for(schema)(schema).iter_errors(json.loads(out.getvalue()))] == []


@pytest.mark.skipif(not MULTITOOL, reason="CWM_CHECK_SARIF_MULTITOOL does not name Microsoft's validator")
@pytest.mark.parametrize("example", EXAMPLES)
def test_microsofts_validator_finds_no_error(example: str, tmp_path: Path) -> None:
    written, said = tmp_path / "out.sarif", tmp_path / "said.json"
    with written.open("w", encoding="utf-8") as out:
        sarif.render(EXAMPLES[example](), out)
    options = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--log", "ForceOverwrite"]

    subprocess.run([MULTITOOL, "validate", str(written), *options, "-o", str(said)], check=True, capture_output=True)

    (run,) = json.loads(said.read_text(encoding="utf-8-sig"))["runs"]
    # SARIF2005 wants an address of the tool's home page.
    assert [r for r in run.get("results", []) if r["ruleId"] != "SARIF2005"] == []
    assert json.loads(written.read_text(encoding="utf-8"))["version"] == "2.1.0"
