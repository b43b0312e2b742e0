"""The report for a step summary or a merge request: a table of findings, then details that unfold.

GitHub refuses a step summary over 1 MiB as a whole, so that the report is cut at whole blocks, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from cwm_check.reports.steps import both_traces, excerpt
from cwm_check.reports.summary import closing_line, in_order, plural, source_line, surety
from cwm_check.rules import RULES
from cwm_check.verdicts import CheckResult, Finding
from cwm_check.wording import code, printable, shorten, shorten_pair, told_assumptions

LIMIT = 200_000
_WIDTH = 2_000
_STEP = 160
_HEADER = "| where | function | rule | what happens | evidence |\n|---|---|---|---|---|\n"


def render(result: CheckResult, out: TextIO, *, limit: int = LIMIT) -> None:
    """Write the report, in at most `limit` bytes and one more line."""
    left = limit
    blocks = list(_blocks(result))
    for index, block in enumerate(blocks):
        left -= len(block.encode())
        if left < 0:
            out.write(f"\n_Cut here: {plural(len(blocks) - index, 'block')} more in the other reports._\n")
            return
        out.write(block)


def _blocks(result: CheckResult) -> Iterator[str]:
    yield f"## cwm-check\n\n{closing_line(result)}\n"
    yield from (f"\n> {code(note)}\n" for note in result.notes)
    findings = result.findings
    if findings:
        yield "\n" + _HEADER
        yield from (_row(finding) for finding in findings)
        yield "\n"
        yield from (_details(result, finding) for finding in findings if finding.call is not None)
    yield from _accepted(result)
    yield from _skipped(result)


def _row(finding: Finding) -> str:
    cells = (
        code(f"{finding.path}:{finding.line}"),
        code(finding.qualname),
        f"{finding.rule} {RULES[finding.rule].name}",
        finding.message,
        surety(finding),
    )
    # A table is split at pipes before code spans are read: they need the escape even there.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _details(result: CheckResult, finding: Finding) -> str:
    before, after = shorten_pair(finding.before or "", finding.after or "", _WIDTH)
    rows = [
        ("call", shorten(finding.call or "", _WIDTH)),
        *([] if finding.before is None else [("before", before)]),
        ("after", after),
        ("line", source_line(result, finding).strip()),
        *(("if", assumption) for assumption in told_assumptions(finding.assumptions, _WIDTH)),
    ]
    listed = "".join(f"- {label}: {code(text)}\n" for label, text in rows)
    title = f"{finding.rule} in {_bare(finding.qualname)}"
    return f"<details><summary>{title}</summary>\n\n{listed}\n{_excerpt(finding)}</details>\n\n"


def _excerpt(finding: Finding) -> str:
    """Return both runs where they part, in a fence that they cannot leave."""
    traces = both_traces(finding)
    if traces is None:
        return ""
    steps = [f"{sign} {line:4}  {shorten(printable(text), _STEP)}" for sign, line, text in excerpt(*traces)]
    fence = "`" * max(3, 1 + max((len(run) for step in steps for run in re.findall("`+", step)), default=0))
    return "\n".join((f"{fence}diff", *steps, fence, "", ""))


def _accepted(result: CheckResult) -> Iterator[str]:
    if result.accepted:
        yield f"<details><summary>{len(result.accepted)} accepted</summary>\n\n"
        for one in result.accepted:
            place = f"{one.finding.path}:{one.finding.line} {one.finding.qualname}"
            said = code(shorten(one.reason, _WIDTH))
            yield f"- {one.finding.rule} {code(place)}: {said} ({one.by} {code(one.place)})\n"
        yield "\n</details>\n"


def _skipped(result: CheckResult) -> Iterator[str]:
    skipped = [(f"{v.path}:{v.line} {v.qualname}", str(v.reason)) for v in in_order(result) if v.kind == "skipped"]
    skipped += [(problem.path, problem.reason.value) for problem in result.problems]
    if skipped:
        yield f"<details><summary>{len(skipped)} not judged</summary>\n\n"
        yield from (f"- {code(place)}: {code(reason)}\n" for place, reason in skipped)
        yield "\n</details>\n"


def _bare(text: str) -> str:
    """Return the letters, digits, dots and underscores of `text`: inside HTML there are no code spans."""
    return "".join(c for c in text if c.isalnum() or c in "._")
