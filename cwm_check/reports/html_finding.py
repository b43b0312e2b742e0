"""One finding on the page: the sentence, the call, what it gave before and after, and both runs to step through."""

from __future__ import annotations

from collections.abc import Iterator

from cwm_check.reports.html_text import both_values, sentence, text, value
from cwm_check.reports.steps import both_traces, changed_locals, indent, parting, shown, step_text
from cwm_check.reports.summary import source_line, surety
from cwm_check.rules import RULES
from cwm_check.trace import Trace
from cwm_check.verdicts import CheckResult, Finding
from cwm_check.wording import shorten

_STEPS = 400
_WIDTH = 400
_BUTTONS = {
    "first": ("First", "First step (Home)"),
    "back": ("Back", "Step back (arrow up or k)"),
    "next": ("Next", "Next step (arrow down or j)"),
    "parting": ("First difference", "First step with another state (d)"),
}


def article(result: CheckResult, finding: Finding) -> Iterator[str]:
    """Yield the lines of a finding."""
    traces = both_traces(finding)
    center = parting(*traces) if traces else None
    stepping = "" if center is None else f' tabindex="0" data-parting="{center}"'
    name = f"{finding.fingerprint}-name"
    yield f'<article id="{finding.fingerprint}" class="{finding.level.value}" aria-labelledby="{name}"{stepping}>'
    yield f'<h3 id="{name}"><span class="rule">{finding.rule}</span> {text(RULES[finding.rule].name)}</h3>'
    yield f'<p class="message">{sentence(finding.message)}</p>'
    yield f'<p class="tags"><span class="evidence">{surety(finding)}</span> {_place(result, finding)}</p>'
    yield from _values(finding)
    if traces and center is not None:
        yield from _runs(*traces, center)
    yield "</article>"


def _place(result: CheckResult, finding: Finding) -> str:
    line = "" if finding.cause == finding.line else source_line(result, finding).strip()  # the message has told it
    shown_line = f" {value(line)}" if line else " <span>no added line</span>" * (not finding.on_added_line)
    return f"<span>line {finding.line}</span>{shown_line}"


def _values(finding: Finding) -> Iterator[str]:
    if finding.call is None:
        return
    before, after = both_values(finding.before or finding.after or "nothing", finding.after or "nothing")
    yield f'<dl class="values"><dt>call</dt><dd>{value(finding.call)}</dd>'
    if finding.before is not None:
        yield f'<dt class="before">before</dt><dd class="before">{before}</dd>'
    yield f'<dt class="after">after</dt><dd class="after">{after}</dd>'
    for assumption in finding.assumptions:
        yield f"<dt>if</dt><dd>{value(assumption)}</dd>"
    yield "</dl>"


def _runs(before: Trace, after: Trace, center: int) -> Iterator[str]:
    yield _controls()
    yield '<div class="sides">'
    yield from _side("before", before, after, center)
    yield from _side("after", after, before, center)
    yield "</div>"


def _controls() -> str:
    buttons = "".join(
        f'<button type="button" data-move="{move}" title="{title}">{label}</button>'
        for move, (label, title) in _BUTTONS.items()
    )
    slider = '<input type="range" min="0" value="0" aria-label="Step">'
    said = '<output aria-live="polite"></output>'
    keys = '<small class="keys">keys: <kbd>j</kbd> <kbd>k</kbd> <kbd>Home</kbd> <kbd>d</kbd></small>'
    group = '<div class="controls" role="group" aria-label="Steps of both runs" hidden>'
    return f"{group}{buttons}{slider}{said}{keys}</div>"


def _side(side: str, trace: Trace, other: Trace, center: int) -> Iterator[str]:
    yield f'<section class="{side}" aria-label="The run {side} the change"><h4>{side}</h4>'
    yield f'<ol class="trace" tabindex="0" aria-label="Steps {side}">'
    for index in shown(len(trace.frames), center, _STEPS):
        yield _step(trace, other, index, parts=index == center)
    yield '</ol><div class="state" hidden></div></section>'


def _step(trace: Trace, other: Trace, index: int, *, parts: bool) -> str:
    frame = trace.frames[index]
    fresh = set(changed_locals(trace.frames, index))
    # A local with another name and the same value was renamed: nothing to show.
    elsewhere = {known for _, known in other.frames[index].locals} if index < len(other.frames) else set()
    listed = "".join(
        _local(name, known, new=(name, known) in fresh, differs=known not in elsewhere) for name, known in frame.locals
    )
    source = " " * indent(trace, index) + shorten(step_text(frame), _WIDTH)
    here = '<span class="here">the runs part here</span>' if parts else ""
    marks = f' class="{frame.event.value}{" parting" if parts else ""}"'
    said = f'<span class="number">{frame.line}</span><code>{text(source)}</code>{here}'
    return f'<li data-step="{index}"{marks}>{said}{listed and f"<dl>{listed}</dl>"}</li>'


def _local(name: str, known: str, *, new: bool, differs: bool) -> str:
    marks = " ".join(mark for mark, on in (("new", new), ("differs", differs)) if on)
    said = f' class="{marks}"' if marks else ""
    return f"<dt{said}>{text(name)}</dt><dd{said}>{value(known)}</dd>"
