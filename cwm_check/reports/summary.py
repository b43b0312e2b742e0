"""What all reports say in the same words: counts, the closing line, how sure a finding is, the line it points at."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from cwm_check.trace import Evidence
from cwm_check.verdicts import Accepted, CheckResult, Finding, Verdict
from cwm_check.vocabulary import VerdictKind
from cwm_check.wording import printable


def counts(result: CheckResult) -> dict[str, int]:
    """Return the number of functions for each verdict, in the order in which they are told."""
    seen = Counter(verdict.kind for verdict in result.verdicts)
    return {kind: seen[kind] for kind in get_args(VerdictKind)}


def plural(count: int, noun: str) -> str:
    """Return `1 finding`, `2 findings`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def closing_line(result: CheckResult) -> str:
    """Return `3 functions: 1 same, 0 unchanged, 1 changed, 1 skipped`."""
    parts = ", ".join(f"{count} {kind}" for kind, count in counts(result).items())
    unread = f"; {plural(len(result.problems), 'file')} not read" if result.problems else ""
    meant = f"; {plural(len(result.accepted), 'finding')} accepted" if result.accepted else ""
    return f"{plural(len(result.verdicts), 'function')}: {parts}{unread}{meant}"


def in_order(result: CheckResult) -> list[Verdict]:
    """Return the verdicts by place."""
    return sorted(result.verdicts, key=lambda verdict: (verdict.path, verdict.line, verdict.qualname))


def accepted_by(accepted: Accepted) -> str:
    """Return what says that a finding is meant: `comment shop.py:9`, `commit 1a2b3c4`, `baseline accepted.jsonl`."""
    return f"{accepted.by} {printable(accepted.place)}"


def surety(finding: Finding) -> str:
    """Return `exact`, or `predicted, confidence 0.81`."""
    if finding.evidence in (Evidence.STATIC, Evidence.EXACT):
        return finding.evidence.value
    return f"{finding.evidence.value}, confidence {finding.confidence:.2f}"


def source_line(result: CheckResult, finding: Finding) -> str:
    """Return the added line that a finding points at; empty if it points at none, or if the source is not known."""
    if not finding.on_added_line:
        return ""
    lines = dict(result.sources).get(finding.path, "").split("\n")
    return lines[finding.line - 1] if 0 < finding.line <= len(lines) else ""
