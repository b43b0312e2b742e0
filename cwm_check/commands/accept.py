"""The command `accept`: the findings of a change go into the baseline, each with the reason why it is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cwm_check.accepted.baseline import entry_of, rendered
from cwm_check.commands.judging import judge
from cwm_check.commands.output import Target, complain, say, write
from cwm_check.config import Config
from cwm_check.errors import CwmCheckError
from cwm_check.git import Wanted
from cwm_check.kinds import nearest
from cwm_check.verdicts import Finding


def accept_findings(
    wanted: Wanted, paths: Sequence[str], options: Mapping[str, Any], *, reason: str, only: Sequence[str]
) -> None:
    """Check what is wanted, and add to the baseline the findings that `only` names, or all."""
    if not reason.strip():
        raise CwmCheckError("--reason is empty: say why the new behaviour is meant")
    judged = judge(wanted, paths, {**options, "quiet": False}, defaults=Config())
    findings = judged.result.findings
    for what in only:
        if not any(_is_named(finding, what) for finding in findings):
            known = sorted({name for finding in findings for name in (finding.rule, finding.qualname)})
            raise CwmCheckError(f"--only {what} names no finding of this change{nearest(what, known)}")
    found = [finding for finding in findings if not only or any(_is_named(finding, what) for what in only)]
    if not found:
        complain(["there is no such finding: nothing was written"])
        return
    path = judged.baseline
    if path.suffix != ".jsonl":
        raise CwmCheckError(f"{path.name} is a report: set `baseline` to a name that ends with .jsonl")
    entries = (*judged.entries, *(entry_of(finding, reason.strip()) for finding in found))
    write(Target("text", path), lambda out: out.write(rendered(entries)))
    say(f"accepted {finding.rule} in {finding.qualname}" for finding in found)
    complain([f"{path.name} is part of the change: add it to the commit"])


def _is_named(finding: Finding, what: str) -> bool:
    return what in (finding.rule, finding.qualname) or (len(what) >= 8 and finding.fingerprint.startswith(what))
