"""Findings that are known: what `cwm-check accept` wrote, or a former JSON or SARIF report, goes in; entries come out.

The file of `accept` has one JSON object a line, sorted, so that it can be reviewed, owned and merged line by line:

    {"path": "shop.py", "function": "total", "rule": "CWM001", "id": "b3b1...", "reason": "...", "change": "..."}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cwm_check.errors import CwmCheckError
from cwm_check.verdicts import Finding

FORMER = "known from a former report"
_FIELDS = ("path", "function", "rule", "id", "reason", "change")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding that is known."""

    path: str
    function: str
    rule: str
    id: str
    """The fingerprint of the finding."""
    reason: str
    change: str = ""
    """What the finding said, for those who review the file."""


def entry_of(finding: Finding, reason: str) -> Entry:
    """Return the entry that accepts a finding."""
    return Entry(finding.path, finding.qualname, finding.rule, finding.fingerprint, reason, finding.message)


def entries_from(text: str, name: str) -> tuple[Entry, ...]:
    """Return the entries of a file; `name` is for messages."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text, name)
    match whole:
        case {"findings": [*found], "version": 1}:
            return tuple(_entry(_renamed(item), name) for item in found)
        case {"runs": [*runs]}:
            return tuple(_from_sarif(result, name) for run in runs for result in _results(run))
    return _lines(text, name)


def rendered(entries: Iterable[Entry]) -> str:
    """Return the file that holds these entries, sorted, each finding once."""
    known = {entry.id: entry for entry in entries}
    lines = (
        json.dumps({field: getattr(entry, field) for field in _FIELDS}, ensure_ascii=False)
        for entry in sorted(known.values())
    )
    # A half of a surrogate pair is no UTF-8; escaped, JSON reads it again.
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace").decode()


def _lines(text: str, name: str) -> tuple[Entry, ...]:
    entries = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                raise CwmCheckError(f"{name}: line {number} is no JSON object: mend it, or accept again") from None
            entries.append(_entry(value, f"{name}: line {number}"))
    return tuple(entries)


def _entry(value: object, place: str) -> Entry:
    if not isinstance(value, dict) or not all(isinstance(value.get(field), str) for field in _FIELDS[:5]):
        raise CwmCheckError(f"{place}: expected the texts {', '.join(_FIELDS[:5])}")
    return Entry(*(str(value.get(field, "")) for field in _FIELDS))


def _renamed(item: object) -> object:
    """Return a finding of the JSON report as an entry."""
    if not isinstance(item, dict):
        return item
    return {**item, "function": item.get("qualname"), "change": item.get("message", ""), "reason": FORMER}


def _results(run: object) -> list[Any]:
    results = run.get("results", []) if isinstance(run, dict) else []
    return results if isinstance(results, list) else []


def _from_sarif(result: Mapping[str, Any], name: str) -> Entry:
    try:
        (place,) = result["locations"]
        path = place["physicalLocation"]["artifactLocation"]["uri"]
        (logical,) = place["logicalLocations"]
        known = result["partialFingerprints"]["cwmBehaviour/v1"]
        found = (path, logical["fullyQualifiedName"], result["ruleId"], known)
        if not all(isinstance(text, str) for text in found):
            raise TypeError(found)
        return Entry(*found, FORMER)
    except (KeyError, TypeError, ValueError):
        raise CwmCheckError(f"{name}: not a SARIF report of cwm-check") from None
