"""What is worth telling: the facts and comparisons of one function go in, one finding for each rule comes out.

Of several comparisons that differ in the same way one speaks (`spokesmen`). Which lines are commented on, and
what makes a finding the same one after the code has moved, is decided here; the words are in `wording.py`.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cwm_check.pairs import ChangedFunction, Fact, FunctionSource
from cwm_check.rules import RULE_OF_DIFFERENCE, RULES
from cwm_check.simulations import Comparison, Difference
from cwm_check.spokesmen import spokesmen
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding
from cwm_check.wording import cause_sentence, difference_sentence, fact_sentence, removal_sentence

_KEPT, _UNSET = "as it was", "not set"


def findings_for(
    function: ChangedFunction,
    facts: Sequence[Fact],
    comparisons: Sequence[Comparison],
    added_lines: Sequence[int],
    *,
    threshold: float,
) -> tuple[Finding, ...]:
    """Return at most one finding for each rule, in the order of the rules; what is below `threshold` is left out."""
    sure = [comparison for comparison in comparisons if comparison.confidence >= threshold]
    told = [_difference_finding(function, *spokesman, added_lines) for spokesman in spokesmen(sure)]
    proved = [_fact_finding(function, group, added_lines) for group in _by_rule(facts)]
    return tuple(sorted(told + proved, key=lambda finding: finding.rule))


def removal_finding(path: str, removed: FunctionSource, fact: Fact) -> Finding:
    """Return the finding for a function that is gone; its line is the one it had, since there is none after."""
    return Finding(
        rule=fact.rule,
        level=RULES[fact.rule].level,
        path=path,
        qualname=removed.qualname,
        line=fact.line,
        on_added_line=False,
        message=removal_sentence(removed.qualname),
        evidence=Evidence.STATIC,
        confidence=1.0,
        fingerprint=fingerprint(fact.rule, path, removed.qualname, ()),
        def_line=removed.def_line,
    )


def fingerprint(rule: str, path: str, qualname: str, what: Sequence[str | None]) -> str:
    """Return 32 hexadecimal digits that stay the same when lines move, and change when `what` differs does."""
    parts = json.dumps([rule, path, qualname, *what])
    return hashlib.sha256(parts.encode("ascii")).hexdigest()[:32]


def place(function: ChangedFunction, wanted: int | None, added_lines: Sequence[int]) -> tuple[int, bool]:
    """Return the line to comment on and whether the diff adds it: code hosts show nothing on other lines.

    It is the added line inside the function nearest to `wanted`, else the first one, else the `def` line. A line of the
    docstring is taken only if there is no other.
    """
    inside = [line for line in added_lines if function.after.first_line <= line <= function.after.last_line]
    if not inside:
        return function.after.def_line, False
    docstring = _docstring_lines(function.after)
    return min(inside, key=lambda line: (line in docstring, abs(line - (wanted or 0)), line)), True


def _docstring_lines(function: FunctionSource) -> range:
    try:
        body = ast.parse(function.source).body
    except SyntaxError:  # of a newer Python
        return range(0)
    match body:
        case [ast.FunctionDef() | ast.AsyncFunctionDef() as node] if ast.get_docstring(node) is not None:
            text, offset = node.body[0], function.first_line - 1
            return range(offset + text.lineno, offset + (text.end_lineno or text.lineno) + 1)
    return range(0)


def _by_rule(facts: Iterable[Fact]) -> list[list[Fact]]:
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.rule, []).append(fact)
    return list(groups.values())


def _fact_finding(function: ChangedFunction, facts: Sequence[Fact], added_lines: Sequence[int]) -> Finding:
    rule = facts[0].rule
    line, on_added_line = place(function, facts[0].line, added_lines)
    return Finding(
        rule=rule,
        level=RULES[rule].level,
        path=function.path,
        qualname=function.qualname,
        line=line,
        on_added_line=on_added_line,
        message=" ".join(fact_sentence(function, fact) for fact in facts),
        evidence=Evidence.STATIC,
        confidence=1.0,
        fingerprint=fingerprint(
            rule, function.path, function.qualname, [t for f in facts for t in (f.subject, f.before, f.after)]
        ),
        def_line=function.after.def_line,
        before=_joined(fact.before for fact in facts),
        after=_joined(fact.after for fact in facts),
    )


def _joined(texts: Iterable[str | None]) -> str | None:
    return ", ".join(text for text in texts if text is not None) or None


def _value(difference: Difference, text: str) -> str:
    if difference.kind != "mutation":
        return text
    return f"{difference.subject} {text}" if text in (_KEPT, _UNSET) else f"{difference.subject} = {text}"


def _worded(function: ChangedFunction, difference: Difference) -> Difference:
    """In a constructor, an attribute that is as it was is not there."""
    if difference.kind != "mutation" or not function.qualname.endswith("__init__") or "self." not in difference.subject:
        return difference
    before, after = (_UNSET if text == _KEPT else text for text in (difference.before, difference.after))
    return replace(difference, before=before, after=after)


def _difference_finding(
    function: ChangedFunction, comparison: Comparison, difference: Difference, added_lines: Sequence[int]
) -> Finding:
    simulation, rule = comparison.simulation, RULE_OF_DIFFERENCE[difference.kind]
    difference = _worded(function, difference)
    line, on_added_line = place(function, comparison.cause or comparison.after_line, added_lines)
    told = difference_sentence(simulation.call, difference, comparison.evidence, simulation.assumptions)
    return Finding(
        rule=rule,
        level=RULES[rule].level,
        path=function.path,
        qualname=function.qualname,
        line=line,
        on_added_line=on_added_line,
        message=" ".join(filter(None, (told, cause_sentence(function, comparison.cause)))),
        evidence=comparison.evidence,
        confidence=comparison.confidence,
        fingerprint=fingerprint(
            rule,
            function.path,
            function.qualname,
            (difference.kind, difference.subject, difference.before, difference.after),
        ),
        def_line=function.after.def_line,
        call=simulation.call,
        before=_value(difference, difference.before),
        after=_value(difference, difference.after),
        before_trace=simulation.before.trace,
        after_trace=simulation.after.trace,
        before_line=comparison.before_line,
        after_line=comparison.after_line,
        cause=comparison.cause,
        assumptions=simulation.assumptions,
    )
