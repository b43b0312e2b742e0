"""The report for a GitHub Actions log: one annotation for each of the worst findings, then plain counting lines.

GitHub shows ten warnings and ten errors of a step and drops the rest without a word, so that the choice is made here.
A line that starts with `::` is a command to the runner, so that text of the checked code never starts a line.
"""

from __future__ import annotations

from typing import TextIO

from cwm_check.reports.summary import closing_line, plural, surety
from cwm_check.rules import RULES
from cwm_check.verdicts import CheckResult, Finding
from cwm_check.vocabulary import Level
from cwm_check.wording import printable

LIMIT = 10
_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(result: CheckResult, out: TextIO, *, limit: int = LIMIT) -> None:
    """Write annotations for the `limit` worst findings."""
    for finding in result.findings[:limit]:
        out.write(_annotation(finding) + "\n")
    rest = len(result.findings) - limit
    if rest > 0:
        out.write(f"and {plural(rest, 'finding')} more in the summary\n")
    out.write(closing_line(result) + "\n")


def _annotation(finding: Finding) -> str:
    title = f"{finding.rule} {RULES[finding.rule].name} in {finding.qualname} ({surety(finding)})"
    properties = {"file": finding.path, "line": str(finding.line), "title": title}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {listed}::{_data(finding.message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
