"""Plain words for what is found: a difference or a fact goes in, one sentence of Markdown comes out.

Values come from foreign code, so every one of them is made printable, cut, and set in a code span that it cannot leave.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from cwm_check.textlines import split_lines
from cwm_check.trace import Evidence
from cwm_check.vocabulary import ParameterKind

if TYPE_CHECKING:
    from cwm_check.pairs import ChangedFunction, Fact
    from cwm_check.simulations import Difference

VALUE_WIDTH = 100
CALL_WIDTH = 160
LISTED_ASSUMPTIONS = 6
_SHOWN_ASSUMPTIONS = 2

# Kind of difference -> verb, its third person, and the words around the value after and the value before.
_VERBS: dict[str, tuple[str, str, str, str]] = {
    "return": ("return", "returns", "{after}", " instead of {before}"),
    "new-exception": ("raise", "raises", "{after}", " instead of returning {before}"),
    "lost-exception": ("return", "returns", "{after}", " instead of raising {before}"),
    "other-exception": ("raise", "raises", "{after}", " instead of {before}"),
    "message": ("raise", "raises", "{after}", " instead of {before}"),
    "held": ("raise", "raises", "{after}", " instead of {before}"),
    "cause": ("raise", "raises", "{after}", " instead of {before}"),
    "order": ("give", "gives", "a dictionary with its keys in the order {after}", " instead of {before}"),
    "yield": ("yield", "yields", "{after}", " instead of {before}"),
    "mutation": ("leave", "leaves", "{subject} in the state {after}", " instead of {before}"),
    "print": ("print", "prints", "{after}", " instead of {before}"),
    "calls": ("call", "calls", "{after}", " instead of {before}"),
    "log": ("log", "logs", "{after}", " instead of {before}"),
    "warning": ("warn", "warns", "{after}", " instead of {before}"),
    "ending": ("end", "ends", "in another way: {after}", " instead of {before}"),
}

# Their values are lists: an empty one is told as "nothing".
_LISTS = frozenset({"yield", "calls", "log", "warning"})

_CALLERS = {"CWM110": ("a coroutine function", "await"), "CWM111": ("a generator function", "iterate over")}


def printable(text: str) -> str:
    """Return `text` with every control, bidirectional and undecodable character written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def shorten(text: str, width: int) -> str:
    """Return `text`, or its start and its end with the number of characters left out between them."""
    if len(text) <= width:
        return text
    head, tail = width * 2 // 3, width // 3
    return f"{text[:head]} ...{len(text) - head - tail} more... {text[-tail:]}"


def shorten_pair(before: str, after: str, width: int) -> tuple[str, str]:
    """Return both texts cut to about `width`, so that the first place where they differ is still shown."""
    same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))])
    # A third of the width of common text is kept, so that the reader sees where the difference stands.
    skipped = max(0, same - width // 3) if max(len(before), len(after)) > width else 0
    lead = f"...{skipped} same... " if skipped else ""
    return lead + shorten(before[skipped:], width), lead + shorten(after[skipped:], width)


def code(text: str) -> str:
    """Return `text` as a Markdown code span that holds on one line, whatever is in it."""
    if not text:
        return "nothing"
    inner = printable(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inner)), default=0))
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{pad}{inner}{pad}{fence}"


def difference_sentence(call: str, difference: Difference, evidence: Evidence, assumptions: Sequence[str] = ()) -> str:
    """Return what `call` does now and did before; how sure that is, the verb says."""
    base, third, now, then = _VERBS[difference.kind]
    verb = verb_for(evidence, base, third)
    before, after = shorten_pair(difference.before, difference.after, VALUE_WIDTH)
    if difference.kind in _LISTS:
        before, after = ("" if text == "[]" else text for text in (before, after))
    said = (now + then).format(subject=code(difference.subject), before=code(before), after=code(after))
    return f"{code(shorten(call, CALL_WIDTH))} {verb} {said}{assuming(assumptions)}."


def verb_for(evidence: Evidence, base: str, third: str) -> str:
    """Return a verb as sure as what it tells: what stands whatever is unknown, what was predicted, what was assumed."""
    if evidence is Evidence.PREDICTED:
        return f"is predicted to {base}"
    return f"may {base}" if evidence is Evidence.ASSUMED else third


def cause_sentence(function: ChangedFunction, line: int | None) -> str:
    """Return which line of the edit makes the difference; nothing where several do so together."""
    if line is None:
        return ""
    text = split_lines(function.after_module)[line - 1].strip()
    return f"The cause is line {line}: {code(shorten(text, VALUE_WIDTH))}."


def told_assumptions(assumptions: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the first assumptions, cut to `width`, and how many more there are: what a reader can still weigh."""
    shown = tuple(shorten(assumption, width) for assumption in assumptions[:LISTED_ASSUMPTIONS])
    rest = len(assumptions) - len(shown)
    return (*shown, f"{rest} more of this kind") if rest > 0 else shown


def assuming(assumptions: Sequence[str]) -> str:
    """Return the first assumptions as a clause, and how many more there are; nothing if there are none."""
    if not assumptions:
        return ""
    shown = " and ".join(code(shorten(a, VALUE_WIDTH)) for a in assumptions[:_SHOWN_ASSUMPTIONS])
    rest = len(assumptions) - _SHOWN_ASSUMPTIONS
    return f", if {shown}" + (f" and {rest} more" if rest > 0 else "")


def fact_sentence(function: ChangedFunction, fact: Fact) -> str:
    """Return what the source alone proves, with an example call where one fails or behaves otherwise."""
    name, subject = code(function.qualname), code(fact.subject)
    before, after = (code(shorten(text or "", VALUE_WIDTH)) for text in (fact.before, fact.after))
    former = code(_example(function))
    match fact.rule:
        case "CWM101":
            return f"{name} now needs {subject}: the call {former} fails."
        case "CWM102":
            return f"{name} no longer takes {subject}: calls that pass it fail."
        case "CWM103":
            by_name = code(f"{_short(function)}(..., {fact.before or fact.subject}=...)")
            return f"{name} takes {after} where it took {before}: {by_name} fails."
        case "CWM104":
            return f"{name} takes its parameters as {after} instead of {before}: positional calls bind other values."
        case "CWM105":
            return f"{subject} of {name} was {before} and is now {after}: {_kind_example(function, fact)}."
        case "CWM106":
            return f"{name} called without {subject} now uses {after} instead of {before}."
        case "CWM107":
            return f"{name} has no default for {subject} any more: calls that leave it out, such as {former}, fail."
        case "CWM108":
            return f"{name} has a new optional parameter {subject}: existing calls still work."
        case "CWM109":
            return f"{name} gives {subject} the default {after}: calls may leave it out."
        case "CWM110" | "CWM111":
            return _flavour_sentence(function, fact)
        case "CWM112" | "CWM113":
            return _swap_sentence(name, fact, before, after)
        case "CWM115":
            return f"{name} is now a {after} instead of a {before}: callers must call it in another way."
    raise AssertionError(f"unreachable: {fact.rule!r}")


def removal_sentence(qualname: str) -> str:
    """Return what the removal of a function means."""
    if "." in qualname:
        return f"{code(qualname)} is gone: calls of it fail, unless a base class has one."
    return f"{code(qualname)} is gone: its callers fail."


def _flavour_sentence(function: ChangedFunction, fact: Fact) -> str:
    flavour, verb = _CALLERS[fact.rule]
    gained = function.after.is_async if fact.rule == "CWM110" else function.after.is_generator
    name, call = code(function.qualname), code(f"{_short(function)}(...)")
    if gained:
        return f"{name} is now {flavour}: callers must {verb} {call}."
    return f"{name} is no longer {flavour}: callers that {verb} {call} fail or do something else."


def _swap_sentence(name: str, fact: Fact, before: str, after: str) -> str:
    gained, lost, swapped = {
        "CWM112": ("is now decorated with", "is no longer decorated with", "is decorated with"),
        "CWM113": ("may now raise", "no longer raises", "raises"),
    }[fact.rule]
    if fact.before is None:
        return f"{name} {gained} {after}."
    if fact.after is None:
        return f"{name} {lost} {before}."
    return f"{name} {swapped} {after} instead of {before}."


def _kind_example(function: ChangedFunction, fact: Fact) -> str:
    parameter = next((p for p in function.after.parameters if p.name == fact.subject), None)
    if parameter is not None and parameter.kind is ParameterKind.KEYWORD_ONLY:
        return f"{code(_example(function, up_to=fact.subject))} fails"
    if parameter is not None and parameter.kind is ParameterKind.POSITIONAL_ONLY:
        return f"{code(f'{_short(function)}(..., {fact.subject}=...)')} fails"
    return "some calls that worked fail"


def _short(function: ChangedFunction) -> str:
    owner, _, name = function.before.qualname.rpartition(".")
    return owner.rpartition(".")[2] if owner and name == "__init__" else name


def _example(function: ChangedFunction, *, up_to: str | None = None) -> str:
    """Return a call that was right before: the required parameters, or all positional ones as far as `up_to`."""
    bound = function.before.binding in ("method", "classmethod", "property")
    arguments = []
    for parameter in function.before.parameters[bound:]:
        if parameter.kind in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD):
            continue
        if parameter.kind is ParameterKind.KEYWORD_ONLY:
            arguments += [f"{parameter.name}={parameter.name}"] if parameter.default is None else []
        elif parameter.default is None or up_to is not None:
            arguments.append(parameter.name)
        if parameter.name == up_to:
            break
    return f"{_short(function)}({', '.join(arguments)})"
