"""The report for a terminal: findings by file, then what was skipped, then one closing line.

shop/prices.py
  7: CWM001 return-value in total (exact)
     call    total(items=[1], discount=6)
     before  -5
     after   0
     line    return max(0, value - discount)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

from cwm_check.reports.summary import accepted_by, closing_line, in_order, plural, source_line, surety
from cwm_check.rules import RULES
from cwm_check.verdicts import CheckResult, Finding, Verdict
from cwm_check.vocabulary import Level, SkipReason
from cwm_check.wording import printable, shorten, shorten_pair, told_assumptions

_WIDTH = 240
_PLACES = 5
_ACCEPTED = 20
_BOLD, _RED, _GREEN, _YELLOW, _CYAN = "1", "31", "32", "33", "36"
_COLORS = {Level.ERROR: _RED, Level.WARNING: _YELLOW, Level.NOTE: _CYAN}


Account = Callable[[Finding], Sequence[str]]
"""What more there is to tell of a finding: sentences."""


def render(result: CheckResult, out: TextIO, *, color: bool = False, account: Account = lambda _: ()) -> None:
    """Write the report, with terminal colours if `color` is set, and below each finding its `account`."""
    for line in _lines(result, color, account):
        out.write(line + "\n")


def _lines(result: CheckResult, color: bool, account: Account) -> Iterator[str]:
    told = [verdict for verdict in in_order(result) if verdict.findings]
    for path, verdicts in groupby(told, key=lambda verdict: verdict.path):
        yield _paint(printable(path), _BOLD, color)
        for verdict in verdicts:
            for finding in sorted(verdict.findings, key=lambda finding: (finding.line, finding.rule)):
                yield from _block(result, verdict, finding, color)
                yield from (f"     {number:6}. {sentence}" for number, sentence in enumerate(account(finding), start=1))
        yield ""
    yield from _skipped(result)
    yield from _accepted(result)
    for note in result.notes:
        yield f"note: {printable(note)}"
    yield closing_line(result)


def _block(result: CheckResult, verdict: Verdict, finding: Finding, color: bool) -> Iterator[str]:
    rule = _paint(f"{finding.rule} {RULES[finding.rule].name}", _COLORS[finding.level], color)
    place = "" if finding.on_added_line else ", no added line"
    yield f"  {finding.line}: {rule} in {printable(finding.qualname)} ({surety(finding)}{place})"
    for label, text, paint in _rows(result, verdict, finding):
        yield f"     {label:7} {_paint(printable(text), paint, color)}"


def _rows(result: CheckResult, verdict: Verdict, finding: Finding) -> Iterator[tuple[str, str, str]]:
    if finding.call is None:
        yield "what", finding.message, ""
    else:
        before, after = shorten_pair(finding.before or "", finding.after or "", _WIDTH)
        yield "call", shorten(finding.call, _WIDTH), ""
        if finding.before is not None:
            yield "before", before or "nothing", _RED
        yield "after", after or "nothing", _GREEN
    line = source_line(result, finding).strip()
    if line:
        yield "line", shorten(line, _WIDTH), ""
    for assumption in told_assumptions(finding.assumptions, _WIDTH):
        yield "if", assumption, ""
    if verdict.agreement:
        yield "model", verdict.agreement, ""
    if verdict.because:
        yield "because", "changed outside: " + ", ".join(verdict.because), ""


def _skipped(result: CheckResult) -> Iterator[str]:
    """Tell the reasons once each, with the first places; of added functions there is only the number to tell."""
    places: dict[str, list[str]] = {}
    for verdict in in_order(result):
        if verdict.kind == "skipped":
            place = f"{verdict.path}:{verdict.line} {verdict.qualname}"
            places.setdefault(verdict.reason, []).append(place)
    for problem in result.problems:
        places.setdefault(problem.reason, []).append(problem.path)
    for reason, found in places.items():
        listed = [] if reason == SkipReason.ADDED else found[:_PLACES]
        rest = f"{len(found) - len(listed)} more" if listed else plural(len(found), "function")
        told = listed + ([rest] if len(listed) < len(found) else [])
        yield f"skipped, {printable(reason)}: {printable(', '.join(told))}"


def _accepted(result: CheckResult) -> Iterator[str]:
    for one in result.accepted[:_ACCEPTED]:
        finding = one.finding
        place = f"{finding.path}:{finding.line} {finding.rule} in {finding.qualname}"
        yield f"accepted, {printable(place)} ({accepted_by(one)}): {printable(shorten(one.reason, _WIDTH))}"
    if len(result.accepted) > _ACCEPTED:
        yield f"accepted: {len(result.accepted) - _ACCEPTED} more"


def _paint(text: str, paint: str, color: bool) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if color and paint else text
