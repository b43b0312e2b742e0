"""What is told of new code: hazards and statements that never run go in, findings come out.

A function goes in with what its runs and its source show; what the comparison with the version before tells already is
not told again. The rules are CWM201 to CWM203; none of them says that behaviour changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cwm_check.findings import fingerprint, place
from cwm_check.hazards.mistakes import ENDLESS
from cwm_check.hazards.unreachable import Unreachable, unreachable
from cwm_check.pairs import ChangedFunction
from cwm_check.rules import RULES
from cwm_check.simulations import Hazard
from cwm_check.textlines import split_lines
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding
from cwm_check.wording import CALL_WIDTH, VALUE_WIDTH, assuming, code, shorten, verb_for

UNREACHABLE = "CWM203"
_ENDINGS = ("CWM002", "CWM004", "CWM010")


def hazard_findings(
    function: ChangedFunction,
    hazards: Sequence[Hazard],
    told: Iterable[Finding],
    added_lines: Sequence[int],
    *,
    threshold: float,
) -> tuple[Finding, ...]:
    """Return the findings of new code; `told` are those that compare its versions."""
    known = [finding.after or "" for finding in told if finding.rule in _ENDINGS]
    sure = [h for h in hazards if h.confidence >= threshold and not any(_is_told(h, text) for text in known)]
    return (
        *(_hazard_finding(function, hazard, added_lines) for hazard in sure),
        *(_unreachable_finding(function, one, added_lines) for one in _new(function)),
    )


def _is_told(hazard: Hazard, after: str) -> bool:
    return hazard.ending.partition("(")[0] == after.partition("(")[0] or (
        hazard.rule == ENDLESS and "does not end" in after
    )


def _new(function: ChangedFunction) -> Iterator[Unreachable]:
    """Yield the statements that never run now, and did run before or were not there."""
    is_added = function.before == function.after and function.before_module == function.after_module
    before = set() if is_added else {one.text for one in unreachable(function.before)}
    yield from (one for one in unreachable(function.after) if one.text not in before)


def _hazard_finding(function: ChangedFunction, hazard: Hazard, added_lines: Sequence[int]) -> Finding:
    line, on_added_line = place(function, hazard.line, added_lines)
    return Finding(
        rule=hazard.rule,
        level=RULES[hazard.rule].level,
        path=function.path,
        qualname=function.qualname,
        line=line,
        on_added_line=on_added_line,
        message=_sentence(function, hazard),
        evidence=hazard.evidence,
        confidence=hazard.confidence,
        fingerprint=fingerprint(
            hazard.rule, function.path, function.qualname, (hazard.ending, _text(function, hazard.origin))
        ),
        def_line=function.after.def_line,
        call=hazard.call,
        after=hazard.ending,
        after_trace=hazard.trace,
        after_line=hazard.line,
        assumptions=hazard.assumptions,
    )


def _sentence(function: ChangedFunction, hazard: Hazard) -> str:
    call, ending = code(shorten(hazard.call, CALL_WIDTH)), shorten(hazard.ending, VALUE_WIDTH)
    raises = verb_for(hazard.evidence, "raise", "raises")
    does = ending if hazard.rule == ENDLESS else f"{raises} {code(ending)}"
    at = f"at line {hazard.origin}, {code(shorten(_text(function, hazard.origin), VALUE_WIDTH))}"
    through = f", called at line {hazard.line}" if hazard.origin != hazard.line else ""
    return f"{call} {does} {at}{through}{assuming(hazard.assumptions)}."


def _text(function: ChangedFunction, line: int) -> str:
    lines = split_lines(function.after_module)
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _unreachable_finding(function: ChangedFunction, one: Unreachable, added_lines: Sequence[int]) -> Finding:
    line, on_added_line = place(function, one.line, added_lines)
    return Finding(
        rule=UNREACHABLE,
        level=RULES[UNREACHABLE].level,
        path=function.path,
        qualname=function.qualname,
        line=line,
        on_added_line=on_added_line,
        message=f"{code(shorten(one.text, VALUE_WIDTH))} at line {one.line} never runs: {one.reason}.",
        evidence=Evidence.STATIC,
        confidence=1.0,
        fingerprint=fingerprint(UNREACHABLE, function.path, function.qualname, (one.text,)),
        def_line=function.after.def_line,
    )
