"""Which findings are meant: a result and all that says so go in; the result with those findings set aside comes out.

A comment in the code, a trailer of a commit and a baseline accept findings, in this order, each with its reason. What
accepts nothing (no reason, or nothing to accept any more) is told as a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cwm_check.accepted.baseline import Entry
from cwm_check.accepted.comments import Comment, comments_in, function_lines
from cwm_check.accepted.intent import Declaration
from cwm_check.kinds import nearest
from cwm_check.verdicts import Accepted, CheckResult, Finding, Verdict


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that may say of a finding that it is meant."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """The text after the change of the changed files, by path."""
    declarations: tuple[Declaration, ...] = ()
    entries: tuple[Entry, ...] = ()
    baseline: str = ""
    """Where the entries are from."""
    complete: bool = True
    """All that changed was looked at, not only some paths."""
    unseen: frozenset[str] = frozenset()
    """Rules that were not looked for: nothing that accepts their findings is stale."""


def accept(result: CheckResult, grounds: Grounds) -> CheckResult:
    """Return the result with the accepted findings apart, and notes on what accepts nothing."""
    comments = {path: comments_in(text) for path, text in grounds.texts.items()}
    accepted, verdicts = list(result.accepted), []
    for verdict in result.verdicts:
        found = [(finding, _accepted(finding, comments.get(finding.path, ()), grounds)) for finding in verdict.findings]
        accepted += [one for _, one in found if one]
        verdicts.append(replace(verdict, findings=tuple(finding for finding, one in found if not one)))
    told = [finding for verdict in result.verdicts for finding in verdict.findings]
    notes = (
        *_comment_notes(result.verdicts, told, comments, grounds),
        *_declaration_notes(result.verdicts, told, grounds),
        *_baseline_notes(result.verdicts, told, grounds),
    )
    return replace(result, verdicts=tuple(verdicts), accepted=tuple(accepted), notes=(*result.notes, *notes))


def _accepted(finding: Finding, comments: Iterable[Comment], grounds: Grounds) -> Accepted | None:
    for comment in comments:
        if not comment.problem and _fits(comment, finding):
            return Accepted(finding, "comment", comment.reason, f"{finding.path}:{comment.line}")
    for declaration in grounds.declarations:
        if not declaration.problem and declaration.names(finding.path, finding.qualname):
            return Accepted(finding, "commit", declaration.reason, declaration.place)
    for entry in grounds.entries:
        if entry.id == finding.fingerprint:
            return Accepted(finding, "baseline", entry.reason, grounds.baseline)
    return None


def _fits(comment: Comment, finding: Finding) -> bool:
    at = finding.line, finding.def_line
    return finding.rule in comment.rules and any(comment.first <= line <= comment.last for line in at)


# --- what accepts nothing


def _comment_notes(
    verdicts: Iterable[Verdict], told: list[Finding], comments: Mapping[str, tuple[Comment, ...]], grounds: Grounds
) -> Iterator[str]:
    judged = {(verdict.path, verdict.line): verdict for verdict in verdicts if verdict.kind != "skipped"}
    for path, found in comments.items():
        spans = function_lines(grounds.texts[path]) if found else {}
        for comment in found:
            around = [line for line, span in spans.items() if comment.first in span and (path, line) in judged]
            if around:
                verdict = judged[path, max(around)]
                here = [finding for finding in told if finding.path == path]
                notes = _about(comment, verdict, here, grounds.unseen)
                yield from (f"{path}:{comment.line}: {note}" for note in notes)


def _about(comment: Comment, verdict: Verdict, here: list[Finding], unseen: frozenset[str]) -> Iterator[str]:
    if comment.problem:
        yield f"this comment accepts nothing: {comment.problem}"
        return
    for rule in comment.rules:
        looked = verdict.probes or verdict.kind == "same" or rule.startswith("CWM1")
        if (
            looked
            and rule not in unseen
            and not any(_fits(replace(comment, rules=(rule,)), finding) for finding in here)
        ):
            yield f"`cwm: ignore[{rule}]` is stale, there is no such finding: remove it"


def _declaration_notes(verdicts: tuple[Verdict, ...], told: list[Finding], grounds: Grounds) -> Iterator[str]:
    for one in grounds.declarations:
        named = [verdict for verdict in verdicts if one.names(verdict.path, verdict.qualname)]
        where = f"{one.place}: Behaviour-Change"
        if one.problem:
            yield f"{where}: this trailer accepts nothing: {one.problem}"
        elif not named and grounds.complete:
            near = nearest(one.name, {verdict.qualname for verdict in verdicts})
            yield f"{where}: {one.name} is no function that changed{near}"
        elif any(v.probes or v.kind == "same" for v in named) and not any(one.names(f.path, f.qualname) for f in told):
            yield f"{where}: no change of behaviour was found in {one.name}"


def _baseline_notes(verdicts: Iterable[Verdict], told: list[Finding], grounds: Grounds) -> Iterator[str]:
    judged = {(verdict.path, verdict.qualname) for verdict in verdicts if verdict.probes or verdict.kind == "same"}
    there = {finding.fingerprint for finding in told}
    seen = [entry for entry in grounds.entries if entry.rule not in grounds.unseen]
    stale = [entry for entry in seen if (entry.path, entry.function) in judged and entry.id not in there]
    if stale:
        named = ", ".join(sorted({f"{entry.rule} in {entry.function}" for entry in stale}))
        yield f"{grounds.baseline} has stale entries, there are no such findings: {named}"
