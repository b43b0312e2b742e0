"""The report as one page that needs nothing else: every function, and for each finding both runs side by side.

The page loads nothing and its policy allows only the style and the script that it holds, named by their hashes; all
text is escaped. Without a script all steps are shown with their locals; `page.js` steps through both runs at once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TextIO

from cwm_check.reports.steps import both_traces, changed_locals, parting, shown, step_text
from cwm_check.reports.summary import closing_line, in_order, plural, source_line, surety
from cwm_check.rules import RULES
from cwm_check.trace import Trace
from cwm_check.types import CheckResult, Finding, Verdict
from cwm_check.wording import printable, shorten, shorten_pair

_STEPS = 400
_WIDTH = 400
_BUTTONS = {
    "first": ("First", "First step (Home)"),
    "back": ("Back", "Step back (k or arrow up)"),
    "next": ("Next", "Next step (j or arrow down)"),
    "parting": ("First difference", "First step with another state (d)"),
}


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    style, script = (_packaged(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    out.write(
        "<!doctype html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>cwm-check</title>\n"
        f"<style>{style}</style>\n"
        "</head>\n"
        "<body>\n"
    )
    out.writelines(line + "\n" for line in _body(result))
    out.write(f"<script>{script}</script>\n</body>\n</html>\n")


def _packaged(name: str) -> str:
    return files("cwm_check.reports").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def _body(result: CheckResult) -> Iterator[str]:
    yield f"<header><h1>cwm-check</h1><p>{_text(closing_line(result))}</p>"
    yield from (f'<p class="faint">{_text(note)}</p>' for note in result.notes)
    yield "</header>"
    yield from _overview(result)
    yield '<main aria-label="Findings">'
    for finding in result.findings:
        yield from _article(result, finding)
    yield "</main>"


def _overview(result: CheckResult) -> Iterator[str]:
    yield '<nav aria-label="Functions"><table>'
    yield "<thead><tr><th>Function</th><th>Where</th><th>Verdict</th><th>Why</th></tr></thead><tbody>"
    for verdict in in_order(result):
        yield _row(verdict.qualname, f"{verdict.path}:{verdict.line}", verdict.kind, _why(verdict))
    for problem in result.problems:
        yield _row("", problem.path, "not read", _text(problem.reason))
    yield "</tbody></table></nav>"


def _row(qualname: str, place: str, verdict: str, why: str) -> str:
    named = f"<td><code>{_text(qualname)}</code></td><td><code>{_text(place)}</code></td>"
    return f"<tr>{named}<td>{verdict}</td><td>{why}</td></tr>"


def _why(verdict: Verdict) -> str:
    if verdict.findings:
        links = (
            f'<a href="#{f.fingerprint}">{f.rule} {_text(RULES[f.rule].name)}</a> ({surety(f)})'
            for f in verdict.findings
        )
        return ", ".join(links)
    if verdict.kind == "unchanged":
        return f"{plural(verdict.probes, 'probe')} ({verdict.evidence.value})"
    return _text(verdict.reason)


def _article(result: CheckResult, finding: Finding) -> Iterator[str]:
    traces = both_traces(finding)
    center = parting(*traces) if traces else None
    stepping = "" if center is None else f' tabindex="0" data-parting="{center}"'
    label = f"{finding.rule} in {_text(finding.qualname)}"
    yield f'<article id="{finding.fingerprint}" aria-label="{label}"{stepping}>'
    yield f"<h2>{finding.rule} {_text(RULES[finding.rule].name)} in <code>{_text(finding.qualname)}</code></h2>"
    yield f"<p>{_text(finding.message)}</p>"
    yield f'<p class="faint">{_text(finding.path)}:{finding.line}, {surety(finding)}</p>'
    yield from _values(result, finding)
    if traces and center is not None:
        yield from _runs(*traces, center)
    yield "</article>"


def _values(result: CheckResult, finding: Finding) -> Iterator[str]:
    line = source_line(result, finding).strip()
    if line:
        yield f"<p>line: <code>{_text(shorten(line, _WIDTH))}</code></p>"
    if finding.call is not None:
        before, after = shorten_pair(finding.before or "", finding.after or "", _WIDTH)
        yield f"<p>call: <code>{_text(shorten(finding.call, _WIDTH))}</code></p>"
        yield f'<p class="before">before: <code>{_text(before)}</code></p>'
        yield f'<p class="after">after: <code>{_text(after)}</code></p>'
    for assumption in finding.assumptions:
        yield f"<p>if <code>{_text(shorten(assumption, _WIDTH))}</code></p>"


def _controls() -> str:
    buttons = "".join(
        f'<button type="button" data-move="{move}" title="{title}">{label}</button> '
        for move, (label, title) in _BUTTONS.items()
    )
    said = '<output aria-live="polite"></output> <span class="faint">keys, once selected: j, k, arrows, Home, d</span>'
    return f'<p class="buttons" role="group" aria-label="Steps" hidden>{buttons}{said}</p>'


def _runs(before: Trace, after: Trace, center: int) -> Iterator[str]:
    yield _controls()
    yield '<div class="sides">'
    yield from _side("before", before, center)
    yield from _side("after", after, center)
    yield "</div>"


def _side(side: str, trace: Trace, center: int) -> Iterator[str]:
    yield f'<section aria-label="The run {side} the change"><h3>{side}</h3><ol class="trace">'
    for index in shown(len(trace.frames), center, _STEPS):
        yield _step(trace, index, parts=index == center)
    yield "</ol></section>"


def _step(trace: Trace, index: int, *, parts: bool) -> str:
    frame = trace.frames[index]
    fresh = set(changed_locals(trace.frames, index))
    listed = "".join(_local(name, value, new=(name, value) in fresh) for name, value in frame.locals)
    marks = ' class="parting"' if parts else ""
    said = f'<span class="number">{frame.line}</span>{_text(shorten(step_text(frame), _WIDTH))}'
    return f'<li data-step="{index}"{marks}>{said}{listed and f"<dl>{listed}</dl>"}</li>'


def _local(name: str, value: str, *, new: bool) -> str:
    mark = ' class="new"' if new else ""
    return f"<dt{mark}>{_text(name)}</dt><dd>{_text(shorten(value, _WIDTH))}</dd>"


def _text(text: str) -> str:
    return escape(printable(text))
