"""The report for editors and `grep`: a `path:line:column: CWM001 message` for each finding, then the closing line."""

from __future__ import annotations

from typing import TextIO

from cwm_check.reports.summary import closing_line, source_line
from cwm_check.verdicts import CheckResult, Finding
from cwm_check.wording import printable


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    for finding in sorted(result.findings, key=lambda finding: (finding.path, finding.line, finding.rule)):
        out.write(f"{_place(result, finding)}: {finding.rule} {finding.message}\n")
    out.write(closing_line(result) + "\n")


def _place(result: CheckResult, finding: Finding) -> str:
    line = source_line(result, finding)
    column = len(line) - len(line.lstrip()) + 1
    return f"{printable(finding.path)}:{finding.line}:{column}"
