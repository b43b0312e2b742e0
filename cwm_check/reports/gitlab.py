"""The report for GitLab's code quality widget: a JSON array with one issue for each finding."""

from __future__ import annotations

import json
from typing import TextIO

from cwm_check.verdicts import CheckResult, Finding
from cwm_check.vocabulary import Level

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTE: "info"}


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    json.dump([_issue(finding) for finding in result.findings], out, indent=2, sort_keys=True)
    out.write("\n")


def _issue(finding: Finding) -> dict[str, object]:
    return {
        "check_name": finding.rule,
        "description": finding.message,
        "fingerprint": finding.fingerprint,
        "location": {"path": finding.path, "lines": {"begin": finding.line}},
        "severity": _SEVERITIES[finding.level],
    }
