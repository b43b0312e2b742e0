"""What a run gave, as records: the outcome, its evidence, the trace, and the words for the call and its assumptions.

In: what the guest said, and what the world was asked on that side. Out: a `Prediction`, texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cwm_check.sandbox.component import Run
from cwm_check.sandbox.messages import LONGEST
from cwm_check.search.choices import Choice, Side
from cwm_check.search.handlers import TEXT
from cwm_check.search.jobs import Version
from cwm_check.search.plausible import SIZED
from cwm_check.search.targets import Target
from cwm_check.simulations import Outcome, Prediction, Probe, Seen
from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Evidence, Frame, Trace

_HANDED = re.compile(r"<(?:function|iterator) \d+>")
_MIXED = re.compile(r"requires string as left operand, not bytes|a bytes-like object is required, not 'str'")
FRAMES = 2000  # frames kept of a traced run


def prediction(
    version: Version, run: Run, side: Side, choices: Sequence[Choice], limit: int, guessed: Collection[str] = ()
) -> Prediction:
    """Return what one run gave under `choices`; `limit` is the number of frames that were asked for.

    `guessed`: the values of unknown objects whose kind nobody declared.
    """
    result = run.result
    exact = not side.asked and not choices and not result.get("asked") and not result.get("failed")
    evidence = Evidence.EXACT if exact else _evidence_of(choices)
    unsure = bool(result.get("unsure")) or _refuses_a_guess(result, choices, guessed)
    return Prediction(
        _outcome(result, side, unsure),
        frozenset(result.get("covered", ())),
        tuple(side.expressions),
        evidence,
        1.0,
        _trace(version, run, evidence, limit),
        tuple(_seen(run)),
    )


def _evidence_of(choices: Sequence[Choice]) -> Evidence:
    """What a run rests on that asked something: its weakest answer."""
    if not choices:
        return Evidence.CONDITIONAL
    return Evidence.PREDICTED if all(choice.foreseen for choice in choices) else Evidence.ASSUMED


def _refuses_a_guess(result: Mapping[str, Any], choices: Sequence[Choice], guessed: Collection[str]) -> bool:
    """Whether an operation refused a value whose kind was one guess of several: that says nothing of the program.

    So it is where texts and bytes do not go together of which one was guessed.
    """
    if result.get("explicit", True) or result.get("value") not in ("AttributeError", "TypeError"):
        return False
    if _MIXED.search(str(result.get("message", ""))) and any(value[:1] in "'\"b" for value in guessed):
        return True
    several = {*SIZED, "str", "bytes"}
    kinds = [c for c in choices if c.key.startswith("kind of ") and len({*c.options, c.taken} & several) > 1]
    return any(re.search(rf"\b{choice.taken}\b", str(result.get("message", ""))) for choice in kinds)


def _outcome(result: Mapping[str, Any], side: Side, unsure: bool) -> Outcome:
    kind = str(result.get("kind"))
    if kind not in ("returned", "raised") or unsure:
        reason = "unsure" if unsure else kind
        return Outcome("unfinished", f"{reason}: {result.get('value', '')}", str(result.get("message", "")))
    shown = _Shown(dict(result.get("handed", ())))
    return Outcome(
        "returned" if kind == "returned" else "raised",
        shown(result.get("value", "")),
        shown(result.get("message", "")),
        tuple(map(shown, result.get("yielded", ()))),
        tuple(sorted((_place(str(n), side), shown(t)) for n, t in result.get("arguments", ()))),
        shown(result.get("printed", "")),
        tuple(map(shown, (*side.calls, *result.get("registered", ())))),
        tuple(map(shown, side.logged)),
        tuple(map(shown, result.get("warned", ()))),
        shown(result.get("held", "")),
        shown(result.get("cause", "")),
        tuple(map(shown, result.get("order", ()))),
        bool(result.get("explicit", True)),
    )


def _place(name: str, side: Side) -> str:
    """What changed in a call; a private attribute goes by its private name before."""
    attribute = name.removeprefix("self.")
    earlier = side.attributes.get(attribute, attribute) if name.startswith("self._") else attribute
    return f"self.{earlier}" if earlier != attribute and earlier.startswith("_") else name


class _Shown:
    """Texts of a run with what using functions and iterators showed in their places: `<function 1>` says nothing.

    What a forged message would make longer than any message stays as it is.
    """

    def __init__(self, handed: Mapping[str, str]) -> None:
        self._handed = handed
        self._left = LONGEST

    def __call__(self, text: object) -> str:
        told = _stable(text)
        for _ in range(2 if self._handed else 0):  # what one shows may name another
            self._left -= sum(len(self._handed.get(name, "")) for name in _HANDED.findall(told))
            if self._left < 0:
                break
            told = _HANDED.sub(lambda found: self._handed.get(found.group(), found.group()), told)
        return told


def _stable(text: object) -> str:
    """The text of an object without the address at which it happens to be: `<C object at 0x1>`."""
    return re.sub(r"(?<= at )0x[0-9a-f]+(?=>)", "0x1", str(text))


def _seen(run: Run) -> Iterator[Seen]:
    for event, visit, _, text, frame, sign in run.frames:
        if event == "seen":
            yield Seen(visit, frame, str(text), sign == 1, sign == 2)


def _trace(version: Version, run: Run, evidence: Evidence, limit: int) -> Trace | None:
    if not run.frames:
        return None
    lines = split_lines(version.source)
    frames = []
    for event, line, variables, value, depth, asked in run.frames:
        if event == "seen":
            continue
        source = lines[line - 1] if 0 < line <= len(lines) else ""
        shown = tuple((str(k), str(v)) for k, v in variables.items())
        frames.append(Frame(Event(event), line, source, shown, value, depth, evidence if asked else Evidence.EXACT))
    return Trace(version.source, tuple(frames), len(frames) < limit and run.result.get("kind") != "limit")


def call_text(target: Target, probe: Probe, bindings: Mapping[str, str]) -> str:
    """The probe as one would type it; values that were bound are shown, unknown ones go by name."""
    parts = []
    for a in probe.arguments:
        value = a.value if a.value is not None else bindings.get(a.name, a.name)
        value = a.name if ":" in value and value.partition(":")[0] in ("list", "tuple", "set", "dict") else value
        parts.append(f"{a.name}={value}" if a.keyword else value)
    name = target.qualname
    if probe.receiver not in (None, "constructed"):  # without it nobody could repeat the call
        name = f"{probe.receiver}.{name.rpartition('.')[2]}"
    return f"{name}({', '.join(parts)})"


def sentence(choice: Choice) -> str | None:
    """An assumption as users read it; None for what needs no words, as that nothing is raised."""
    if choice.key.startswith("value of "):
        return value_sentence(choice.key.removeprefix("value of "), choice.taken)
    if choice.key.startswith("length of "):
        return f"{choice.key.removeprefix('length of ')} has length {choice.taken}"
    if choice.key.startswith("kind of ") or choice.taken in ("nothing", TEXT):
        return None
    if choice.key.endswith((" raises", " raises holds")):
        return f"{choice.key} {choice.taken}"
    if choice.key.endswith(" is None") and choice.taken == "False":
        return choice.key.removesuffix("None") + "not None"
    return choice.key if choice.taken == "True" and " " in choice.key else f"{choice.key} is {choice.taken}"


def value_sentence(expression: str, value: str) -> str:
    """That an unknown object has a value, as users read it."""
    return f"{expression} is {_container(value)}"


def _container(value: str) -> str:
    """A value as users read it: `dict:["'a'"]` is `a dict with 'a'`, `list:2` is `a list of 2`."""
    kind, _, rest = value.partition(":")
    if kind == "dict" and rest.startswith("["):
        keys = ", ".join(ast.literal_eval(rest))
        return f"a dict with {keys}" if keys else "an empty dict"
    if kind in SIZED and rest.isdigit():
        return f"a {kind} of {rest}" if int(rest) else f"an empty {kind}"
    return value
