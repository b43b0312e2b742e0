"""Compares the two runs of a simulation.

In: a `Simulation`. Out: a `Comparison` with every kind of difference, what it rests on and how sure it is. Runs that
did not end compare equal, unless only one of them met the step limit. Where both have traces, the first diverging line
is named.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cwm_check.simulations import UNREAD, Comparison, Difference, Outcome, Simulation
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.vocabulary import DifferenceKind, ExceptionEquality

CONFIDENCE = {Evidence.EXACT: 1.0, Evidence.CONDITIONAL: 0.9, Evidence.PREDICTED: 0.8, Evidence.ASSUMED: 0.9}
"""As `docs/quality.md` measures it on labelled changes."""
FEW = 6  # assumptions; what needs more of them was doubtful more often on real releases
DOUBT = 0.1
LONG = 4000  # characters; longer ones are taken as they are
_TEXT = re.compile(r"""(?<!\w)(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")""")


def compare(simulation: Simulation, exceptions: ExceptionEquality = "type+message") -> Comparison:
    """Return the differences between the two outcomes, with their evidence and confidence."""
    before, after = simulation.before.outcome, simulation.after.outcome
    told = _differences(before, after)
    differences = tuple(d for d in told if d.kind not in OVERLOOKED[exceptions])
    evidence = max((simulation.before.evidence, simulation.after.evidence), key=list(Evidence).index)
    lines = _first_divergence(simulation.before.trace, simulation.after.trace) if differences else (None, None)
    doubt = DOUBT if len(simulation.assumptions) > FEW else 0.0
    return Comparison(simulation, differences, evidence, round(CONFIDENCE.get(evidence, 1.0) - doubt, 2), *lines)


OVERLOOKED: dict[ExceptionEquality, tuple[DifferenceKind, ...]] = {
    "type+message": (),
    "type": ("message", "held", "cause"),
    "any": ("message", "held", "cause", "other-exception"),
}


_APART: tuple[DifferenceKind, ...] = ("yield", "mutation", "print", "calls", "log", "warning", "order", "cause")
"""Kinds of differences that are seen each for itself; all others are about how the call ends."""


def only(comparison: Comparison, other: Comparison) -> Comparison:
    """Return the comparison with those differences alone that the other one shows as well, of whatever values."""
    seen = {_aspect(d.kind) for d in other.differences}
    return replace(comparison, differences=tuple(d for d in comparison.differences if _aspect(d.kind) in seen))


def _aspect(kind: DifferenceKind) -> str:
    return kind if kind in _APART else "end"


def is_conclusive(simulation: Simulation) -> bool:
    """Whether both runs came to an end that is an answer, so that equal outcomes mean something."""
    return "unfinished" not in (simulation.before.outcome.kind, simulation.after.outcome.kind) and not _is_misuse(
        simulation.before.outcome
    )


def is_misuse(simulation: Simulation) -> bool:
    """Whether both versions refuse the probe's values as operands: nobody would make that call, so it says nothing."""
    return _is_misuse(simulation.before.outcome) and _is_misuse(simulation.after.outcome)


def is_miscalled(alone: Simulation, together: Simulation) -> bool:
    """Return whether a version fails in the module of the other, where what it calls takes other arguments."""
    ends = zip((alone.before, alone.after), (together.before, together.after), strict=True)
    return any(
        one.outcome.value == "TypeError" and "argument" in one.outcome.message and one.outcome != other.outcome
        for one, other in ends
    )


def _is_misuse(outcome: Outcome) -> bool:
    """Whether an operation refused its operands: the probe is no call that anybody would make."""
    is_refusal = outcome.value in ("TypeError", "AttributeError", "NameError")
    is_of_other_length = outcome.value == "ValueError" and " values to unpack (expected " in outcome.message
    return outcome.kind == "raised" and not outcome.explicit and (is_refusal or is_of_other_length)


def _differences(before: Outcome, after: Outcome) -> Iterator[Difference]:
    if "unfinished" in (before.kind, after.kind):
        if (before.kind == "unfinished") != (after.kind == "unfinished") and "steps" in before.value + after.value:
            yield Difference("ending", "", _ending(before), _ending(after))
        return
    if _is_misuse(before) and _is_misuse(after):
        return
    yield from _result_difference(before, after)
    yield from _slight(before, after)
    if before.yielded != after.yielded:
        yield Difference("yield", "", _list(before.yielded), _list(after.yielded))
    yield from _mutations(dict(before.arguments), dict(after.arguments))
    if before.printed != after.printed:
        yield Difference("print", "", repr(before.printed), repr(after.printed))
    calls = _canonical(before.calls), _canonical(after.calls)
    calls = _needed(*calls), _needed(*calls[::-1])
    if calls[0] != calls[1]:
        yield Difference("calls", "", _list(_only(calls[0], calls[1])), _list(_only(calls[1], calls[0])))
    if before.logged != after.logged:
        yield Difference("log", "", _list(before.logged), _list(after.logged))
    if before.warned != after.warned:
        yield Difference("warning", "", _list(before.warned), _list(after.warned))


def _result_difference(before: Outcome, after: Outcome) -> Iterator[Difference]:
    if before.kind == after.kind == "returned":
        if before.value != after.value:
            yield Difference("return", "", before.value, after.value)
    elif before.kind == "returned":
        yield Difference("new-exception", after.value, before.value, _exception(after))
    elif after.kind == "returned":
        yield Difference("lost-exception", before.value, _exception(before), after.value)
    elif before.value != after.value:
        yield Difference("other-exception", after.value, _exception(before), _exception(after))
    elif before.message != after.message:
        yield Difference("message", after.value, _exception(before), _exception(after))
    is_same_error = before.kind == after.kind == "raised" and before.value == after.value
    if is_same_error and before.held != after.held and not _is_of_message(before, after):
        yield Difference("held", after.value, _holding(before), _holding(after))


def _is_of_message(before: Outcome, after: Outcome) -> bool:
    """Whether two exceptions hold other texts only where their messages tell them: that is one change, not two."""
    return before.message != after.message and _beside_message(before) == _beside_message(after)


def _beside_message(outcome: Outcome) -> str:
    """What an exception holds, without the texts that its message has in it."""
    if len(outcome.held) > LONG:  # who forges it must not be read for minutes
        return outcome.held
    return _TEXT.sub(lambda found: "..." if _is_part(found.group(), outcome.message) else found.group(), outcome.held)


def _is_part(text: str, message: str) -> bool:
    try:
        return ast.literal_eval(text) in message
    except (SyntaxError, ValueError):  # an escape that is none: hostile
        return False


def _slight(before: Outcome, after: Outcome) -> Iterator[Difference]:
    """What neither `==` nor `except` tells apart: the order of a dictionary, and where an exception comes from."""
    state = [(o.value, o.yielded, o.arguments) for o in (before, after)]
    if state[0] == state[1] and before.order != after.order:
        pairs = [pair for pair in zip(before.order, after.order, strict=False) if pair[0] != pair[1]]
        yield from (Difference("order", "", *pair) for pair in pairs[:1])
    if before.kind == after.kind == "raised" and _parts_with(before.cause, after.cause):
        yield Difference("cause", after.value, _exception(before) + before.cause, _exception(after) + after.cause)


def _parts_with(cause: str, other: str) -> bool:
    """Whether two causes are two things to a reader; what is handled meanwhile is nothing to one who raises outside."""
    is_handled = cause.startswith(" while "), other.startswith(" while ")
    if all(is_handled) or ("" in (cause, other) and (any(is_handled) or " from None" in (cause, other))):
        return False
    return cause != other


def _mutations(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Difference("mutation", name, before.get(name, "as it was"), after.get(name, "as it was"))


def _exception(outcome: Outcome) -> str:
    return f"{outcome.value}({outcome.message!r})" if outcome.message else outcome.value


def _holding(outcome: Outcome) -> str:
    return f"{_exception(outcome)} with {outcome.held or 'nothing else'}"


def _ending(outcome: Outcome) -> str:
    return "does not end within the limit" if outcome.kind == "unfinished" else f"ends: {outcome.kind} {outcome.value}"


def _list(items: tuple[str, ...]) -> str:
    return f"[{', '.join(items)}]"


def _canonical(calls: tuple[str, ...]) -> tuple[str, ...]:
    """Calls in one spelling: leaving a `with` block is closing."""
    return tuple(re.sub(r"(\.__enter__\(\))?\.__exit__\(\)$", ".close()", c) for c in calls)


def _needed(calls: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """The calls without those whose result nobody reads and that the other version does not make."""
    left = Counter(call.removeprefix(UNREAD) for call in others)
    found = []
    for call in calls:
        text = call.removeprefix(UNREAD)
        if text == call or left[text] > 0:
            found.append(text)
        left[text] -= 1
    return tuple(found)


def _only(calls: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Calls that the other version does not make; all of them where only the order differs."""
    own = tuple(c for c in calls if c not in others)
    return own or calls


def _first_divergence(before: Trace | None, after: Trace | None) -> tuple[int | None, int | None]:
    """The lines at which the traces part: the first frames with other text, state or value."""
    if before is None or after is None:
        return None, None
    last: tuple[int | None, int | None] = (None, None)
    for one, other in zip(before.frames, after.frames, strict=False):
        last = (one.line, other.line)
        if _seen(one) != _seen(other):
            return last
    return last


def _seen(frame: Frame) -> tuple[object, ...]:
    source = frame.source.strip() if frame.event is Event.LINE else ""
    return (frame.event, source, frame.value, frame.locals if frame.event is Event.LINE else ())
