"""A change inside a nested function is told once, though the function around it changes with it.

In: the verdicts, and the functions they are about. Out: the verdicts, each finding where it is surest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cwm_check.pairs import ChangedFunction
from cwm_check.verdicts import Finding, Verdict


def told_once(verdicts: Sequence[Verdict], functions: Sequence[ChangedFunction]) -> tuple[Verdict, ...]:
    """Return the verdicts, one for each function, without findings that a nested one and one around it both tell.

    Of two findings the surer one stays; of equals that of the nested function, where the change is. A verdict that has
    none left names the function that has it. So does that of a function around a nested one whose runs differ, where
    its own do not: the call is the same.
    """
    told = list(verdicts)
    nested = [(place, inner) for place, inner in enumerate(functions) if inner.after.is_nested]
    for place, inner in nested:
        for around, outer in enumerate(functions):
            if not _is_around(outer, inner):
                continue
            for rule in sorted({finding.rule for finding in told[place].findings}):
                mine, theirs = (_those(told[n], rule, inner) for n in (place, around))
                if mine and theirs and _surest(mine) >= _surest(theirs):
                    told[around] = _without(told[around], theirs, inner)
                elif mine and theirs:
                    told[place] = _without(told[place], mine, outer)
    for place, inner in nested:
        if not any(finding.call is not None for finding in told[place].findings):
            continue
        for around, outer in enumerate(functions):
            if _is_around(outer, inner) and told[around].kind in ("unchanged", "skipped"):
                told[around] = _as(told[place], told[around])
    return tuple(told)


def _as(inner: Verdict, outer: Verdict) -> Verdict:
    reason = f"told of {inner.qualname}"
    return replace(outer, kind="changed", evidence=inner.evidence, confidence=inner.confidence, reason=reason)


def _is_around(outer: ChangedFunction, inner: ChangedFunction) -> bool:
    return outer.path == inner.path and inner.qualname.startswith(f"{outer.qualname}.")


def _surest(findings: Sequence[Finding]) -> float:
    return max(finding.confidence for finding in findings)


def _those(verdict: Verdict, rule: str, inner: ChangedFunction) -> list[Finding]:
    """Findings of runs, by a rule, about lines of the nested function."""
    lines = range(inner.after.first_line, inner.after.last_line + 1)
    return [f for f in verdict.findings if f.rule == rule and f.call is not None and f.line in lines]


def _without(verdict: Verdict, findings: Sequence[Finding], teller: ChangedFunction) -> Verdict:
    left = tuple(f for f in verdict.findings if f not in findings)
    return replace(verdict, findings=left, reason="" if left else f"told of {teller.qualname}")
