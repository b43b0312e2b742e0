"""The report as SARIF 2.1.0, in the shape that GitHub's code scanning shows: one run, inlined, no server needed.

A result points at one added line, since GitHub shows nothing elsewhere; the `def` is a related location. The two traces
are code flows, the one after first, since some viewers only show one. Accepted findings are left out unless asked for:
GitHub would open them.
"""

from __future__ import annotations

import json
from typing import TextIO
from urllib.parse import quote

from cwm_check import __version__
from cwm_check.reports.line_hash import line_hashes
from cwm_check.reports.sarif_rules import NOTIFICATIONS, rules
from cwm_check.reports.steps import both_traces, parting, shown, step_text
from cwm_check.reports.summary import accepted_by, in_order, source_line
from cwm_check.rules import RULES
from cwm_check.trace import Trace
from cwm_check.verdicts import Accepted, CheckResult, Finding
from cwm_check.wording import printable, shorten

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_STEPS = 50
_WIDTH = 200
_RULE_INDEX = {rule: index for index, rule in enumerate(RULES)}


def render(result: CheckResult, out: TextIO, *, suppressed: bool = False) -> None:
    """Write the report; accepted findings are in it, as suppressed results, only if asked for."""
    hashes = {path: line_hashes(text) for path, text in result.sources}
    run = {
        "automationDetails": {"id": "cwm-check/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(result)}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "properties": {"model": printable(result.model), "notes": [printable(note) for note in result.notes]},
        "results": [_result(result, finding, hashes.get(finding.path, ())) for finding in result.findings]
        + [_suppressed(result, one, hashes.get(one.finding.path, ())) for one in result.accepted if suppressed],
        "tool": {"driver": _driver(), **_model(result)},
    }
    json.dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, out, indent=2, sort_keys=True)
    out.write("\n")


def _driver() -> dict[str, object]:
    return {"name": "cwm-check", "semanticVersion": __version__, "rules": rules(), "notifications": NOTIFICATIONS}


def _model(result: CheckResult) -> dict[str, object]:
    """Return the world model as an extension of the tool; nothing where none was asked."""
    if result.model in ("", "assumed"):
        return {}
    name = printable(result.model)
    version = {"version": printable(result.model_version)} if result.model_version else {}
    return {"extensions": [{"name": name, "fullName": f"world model {name}", **version}]}


def _result(result: CheckResult, finding: Finding, hashes: tuple[str, ...]) -> dict[str, object]:
    place = _location(finding.path, finding.line)
    definition = _location(finding.path, finding.def_line)
    written: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": _RULE_INDEX[finding.rule],
        "level": finding.level.value,
        "kind": "fail",
        "rank": round(finding.confidence * 100, 2),
        "message": {"text": f"{_unlinked(finding.message)} See [the definition](1)."},
        "locations": [place | {"logicalLocations": [_logical(finding.qualname)]}],
        "relatedLocations": [definition | {"id": 1, "message": {"text": f"Definition of {finding.qualname}"}}],
        "partialFingerprints": _fingerprints(finding, hashes),
        "properties": _properties(result, finding),
    }
    flows = _code_flows(finding)
    return written | ({"codeFlows": flows} if flows else {})


def _suppressed(result: CheckResult, accepted: Accepted, hashes: tuple[str, ...]) -> dict[str, object]:
    said = {
        "kind": "inSource" if accepted.by == "comment" else "external",
        "status": "accepted",
        "justification": f"{printable(accepted.reason)} ({accepted_by(accepted)})",
    }
    return _result(result, accepted.finding, hashes) | {"suppressions": [said]}


def _fingerprints(finding: Finding, hashes: tuple[str, ...]) -> dict[str, str]:
    known = {"cwmBehaviour/v1": finding.fingerprint}
    if finding.line <= len(hashes):
        known["primaryLocationLineHash"] = hashes[finding.line - 1]
    return known


def _properties(result: CheckResult, finding: Finding) -> dict[str, object]:
    return {
        "ai/origin": "generated",
        "evidence": finding.evidence.value,
        "confidence": round(finding.confidence, 4),
        "onAddedLine": finding.on_added_line,
        "call": finding.call and printable(shorten(finding.call, _WIDTH)),
        "before": finding.before and printable(shorten(finding.before, _WIDTH)),
        "after": finding.after and printable(shorten(finding.after, _WIDTH)),
        "assumptions": [printable(shorten(assumption, _WIDTH)) for assumption in finding.assumptions],
        "source": printable(shorten(source_line(result, finding).strip(), _WIDTH)),
    }


def _code_flows(finding: Finding) -> list[dict[str, object]]:
    traces = both_traces(finding)
    if traces is None:
        alone = finding.after_trace if finding.before is None else None
        return [_flow(finding.path, "after", alone, len(alone.frames) - 1)] if alone and alone.frames else []
    before, after = traces
    center = parting(before, after)
    return [_flow(finding.path, "after", after, center), _flow(finding.path, "before", before, center)]


def _flow(path: str, side: str, trace: Trace, center: int) -> dict[str, object]:
    steps = [_step(path, trace, index, center) for index in shown(len(trace.frames), center, _STEPS)]
    return {"message": {"text": f"The run {side} the change"}, "threadFlows": [{"id": side, "locations": steps}]}


def _step(path: str, trace: Trace, index: int, center: int) -> dict[str, object]:
    frame = trace.frames[index]
    last = index == len(trace.frames) - 1
    return {
        "executionOrder": index + 1,
        "nestingLevel": frame.depth,
        "importance": "essential" if index == center or last else "important" if index == 0 else "unimportant",
        "location": _location(path, frame.line)
        | {"message": {"text": _unlinked(printable(shorten(step_text(frame), _WIDTH)))}},
        "state": {printable(name): {"text": printable(shorten(value, _WIDTH))} for name, value in frame.locals},
    }


def _notifications(result: CheckResult) -> list[dict[str, object]]:
    written: list[dict[str, object]] = [
        {
            "descriptor": {"id": "function-skipped", "index": 0},
            "level": "note",
            "locations": [_location(verdict.path, verdict.line)],
            "message": {"text": f"{printable(verdict.qualname)} was not judged: {printable(verdict.reason)}"},
        }
        for verdict in in_order(result)
        if verdict.kind == "skipped"
    ]
    for problem in result.problems:
        written.append(
            {
                "descriptor": {"id": "file-skipped", "index": 1},
                "level": "note",
                "locations": [_location(problem.path, 1)],
                "message": {"text": f"The file was not judged: {problem.reason.value}"},
            }
        )
    return written


def _location(path: str, line: int) -> dict[str, object]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line},
        }
    }


def _logical(qualname: str) -> dict[str, str]:
    return {"fullyQualifiedName": printable(qualname), "kind": "function"}


def _unlinked(text: str) -> str:
    """Return `text` without what viewers take for a link, such as `rows[0](1)`; a blank changes no Python."""
    return text.replace("](", "] (")
