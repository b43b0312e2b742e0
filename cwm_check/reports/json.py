"""The report for programs: one JSON object, described by `schema.json` beside this file and by `docs/json.md`.

    {"version": 1, "functions": [{"qualname": "total", "verdict": "changed", ...}], "findings": [...], ...}

Values are whole, not cut. Traces are left out: the SARIF and HTML reports hold them.
"""

from __future__ import annotations

import json
from typing import TextIO

from cwm_check import __version__
from cwm_check.reports.summary import counts, in_order
from cwm_check.rules import RULES
from cwm_check.verdicts import Accepted, CheckResult, Finding, Verdict

# 1: the first one.
FORMAT_VERSION = 1


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "cwm-check", "version": __version__, "model": result.model},
        "functions": [_function(verdict) for verdict in in_order(result)],
        "findings": [_finding(finding) for finding in result.findings],
        "accepted": [_accepted(accepted) for accepted in result.accepted],
        "problems": [{"path": problem.path, "reason": problem.reason.value} for problem in result.problems],
        "notes": list(result.notes),
        "summary": {"functions": len(result.verdicts), "findings": len(result.findings), **counts(result)},
    }
    json.dump(document, out, indent=2, sort_keys=True)
    out.write("\n")


def _function(verdict: Verdict) -> dict[str, object]:
    return {
        "path": verdict.path,
        "qualname": verdict.qualname,
        "line": verdict.line,
        "verdict": verdict.kind,
        "evidence": verdict.evidence.value,
        "confidence": round(verdict.confidence, 4),
        "reason": str(verdict.reason),
        "probes": verdict.probes,
        "coverage": None if verdict.coverage is None else round(verdict.coverage, 4),
        "because": list(verdict.because),
        "agreement": verdict.agreement,
        "findings": [finding.fingerprint for finding in verdict.findings],
    }


def _accepted(accepted: Accepted) -> dict[str, object]:
    return {
        "by": accepted.by,
        "reason": accepted.reason,
        "place": accepted.place,
        "finding": _finding(accepted.finding),
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.fingerprint,
        "rule": finding.rule,
        "name": RULES[finding.rule].name,
        "level": finding.level.value,
        "path": finding.path,
        "qualname": finding.qualname,
        "line": finding.line,
        "on_added_line": finding.on_added_line,
        "def_line": finding.def_line,
        "message": finding.message,
        "evidence": finding.evidence.value,
        "confidence": round(finding.confidence, 4),
        "call": finding.call,
        "before": finding.before,
        "after": finding.after,
        "before_line": finding.before_line,
        "after_line": finding.after_line,
        "cause": finding.cause,
        "assumptions": list(finding.assumptions),
    }
