"""The rules: one for each kind of behaviour change, with the words users read; SARIF help is made from these."""

from __future__ import annotations

from dataclasses import dataclass

from cwm_check.vocabulary import SLIGHT, DifferenceKind, Level


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of behaviour change."""

    id: str
    name: str
    level: Level
    summary: str
    """One sentence, ends with a dot."""
    explanation: str
    """What it rests on and how to act on it; Markdown."""


def _rule(id: str, name: str, level: Level, summary: str, explanation: str) -> tuple[str, Rule]:
    return id, Rule(id, name, level, summary, explanation)


_W, _N = Level.WARNING, Level.NOTE

RULES: dict[str, Rule] = dict(
    [
        _rule(
            "CWM001",
            "return-value",
            _W,
            "The function returns something else.",
            "Both versions were simulated on the same input and their results differ. "
            "Check the call in the message: is the new result meant?",
        ),
        _rule(
            "CWM002",
            "new-exception",
            _W,
            "The function raises where it returned before.",
            "On the input in the message the version before returns and the version after raises. "
            "Guard the new case, or say in the commit that it is meant.",
        ),
        _rule(
            "CWM003",
            "lost-exception",
            _W,
            "The function returns where it raised before.",
            "On the input in the message the version before raises and the version after returns. "
            "Callers that relied on the exception now get a value.",
        ),
        _rule(
            "CWM004",
            "other-exception",
            _W,
            "The function raises another exception type.",
            "Callers that catch the former type no longer do. "
            "Derive the new type from the former one, or change the callers.",
        ),
        _rule(
            "CWM005",
            "exception-message",
            _N,
            "The exception has another text.",
            "The type is the same, the message is not. Only code that reads messages notices.",
        ),
        _rule(
            "CWM006",
            "mutation",
            _W,
            "The function leaves its arguments, its object or the module's globals in another state.",
            "The state after the call differs between the versions.",
        ),
        _rule(
            "CWM007",
            "printed-output",
            _W,
            "The function prints something else.",
            "Standard output or standard error differ on the same input.",
        ),
        _rule(
            "CWM008",
            "outside-calls",
            _W,
            "The function makes other calls to the outside.",
            "Calls to code that is not in the repository differ in what is called, with what, or in which order.",
        ),
        _rule(
            "CWM009",
            "yielded-values",
            _W,
            "The generator yields something else.",
            "The generator was drained (with a bound) before and after, and the values differ.",
        ),
        _rule(
            "CWM010",
            "may-not-end",
            _W,
            "The function no longer ends within the limits, or ends where it did not.",
            "One version met the limit of steps on an input on which the other one ends.",
        ),
        _rule(
            "CWM011",
            "warning",
            _N,
            "The function warns otherwise.",
            "The calls of `warnings.warn` differ in category, text or number.",
        ),
        _rule(
            "CWM012", "log", _N, "The function logs otherwise.", "The calls of loggers differ in level, text or number."
        ),
        _rule(
            "CWM013",
            "exception-state",
            _W,
            "The exception holds something else.",
            "Type and text are the same; its attributes, its notes or the members of a group are not. "
            "Handlers read these: is the new value meant?",
        ),
        _rule(
            "CWM014",
            "exception-cause",
            _N,
            "The traceback shows another cause of the exception, or none.",
            "`raise ... from ...` says it. Only who reads tracebacks or `__cause__` notices, so the verdict stays "
            "`unchanged`, and a commit that is to change nothing passes.",
        ),
        _rule(
            "CWM015",
            "dictionary-order",
            _N,
            "A dictionary has the same entries in another order.",
            "Dictionaries are equal whatever their order; who prints one, or loops over it, sees the new order. "
            "The verdict stays `unchanged`, and a commit that is to change nothing passes.",
        ),
        _rule(
            "CWM101",
            "required-parameter-added",
            _W,
            "A new parameter has no default: existing calls fail.",
            "Give the parameter a default, or change all callers.",
        ),
        _rule(
            "CWM102",
            "parameter-removed",
            _W,
            "A parameter is gone: calls that pass it fail.",
            "Keep the parameter and ignore it for a while, or change all callers.",
        ),
        _rule(
            "CWM103",
            "parameter-renamed",
            _W,
            "A parameter has another name: calls that pass it by name fail.",
            "Keep the former name, or make the parameter positional-only first.",
        ),
        _rule(
            "CWM104",
            "parameter-moved",
            _W,
            "The order of parameters changed: positional calls bind other values.",
            "Keep the order; add new parameters at the end or as keyword-only.",
        ),
        _rule(
            "CWM105",
            "parameter-kind",
            _W,
            "A parameter can no longer be passed as it could.",
            "A parameter became keyword-only, positional-only or variadic, or stopped being so.",
        ),
        _rule(
            "CWM106",
            "default-changed",
            _W,
            "A default changed: calls that leave the argument out behave otherwise.",
            "Nothing at the call sites shows this change. Search for calls without the argument.",
        ),
        _rule(
            "CWM107",
            "default-removed",
            _W,
            "A parameter lost its default: calls that leave it out fail.",
            "Keep the default, or change the callers.",
        ),
        _rule(
            "CWM108",
            "optional-parameter-added",
            _N,
            "A new parameter has a default: existing calls still work.",
            "An addition, for information.",
        ),
        _rule(
            "CWM109",
            "default-added",
            _N,
            "A parameter got a default: calls may now leave it out.",
            "An addition, for information.",
        ),
        _rule(
            "CWM110",
            "async-changed",
            _W,
            "The function became a coroutine function, or stopped being one.",
            "Callers must add or drop `await`.",
        ),
        _rule(
            "CWM111",
            "generator-changed",
            _W,
            "The function became a generator, or stopped being one.",
            "Its body now runs at another time, and its result has another type.",
        ),
        _rule(
            "CWM112",
            "decorator-changed",
            _W,
            "A decorator was added, removed or changed.",
            "A decorator may replace the function by something else.",
        ),
        _rule(
            "CWM113",
            "raises-changed",
            _W,
            "The function raises an exception type that it did not raise, or no longer does.",
            "Read from the `raise` statements of both versions.",
        ),
        _rule(
            "CWM114",
            "function-removed",
            _W,
            "The function is gone: callers fail.",
            "Neither a function of that name nor a copy of its body was found after the change. A private one"
            " of no class that its file names no more is left out: nobody is left to call it.",
        ),
        _rule(
            "CWM115",
            "binding-changed",
            _W,
            "A method became static, a class method or a property, or stopped being one.",
            "Callers must call it in another way.",
        ),
        _rule(
            "CWM201",
            "crash",
            _W,
            "New code fails on a call that is to be expected.",
            "One call of the version after ends with an exception that nobody raised on purpose: a name or an "
            "attribute that does not exist, an unset variable, a wrong call; or, with arguments of the types that the "
            "function declares, nothing to take or to divide by. Handle the case, or say in the docstring what callers "
            "must give.",
        ),
        _rule(
            "CWM202",
            "never-ends",
            _W,
            "New code does not end on a call that is to be expected.",
            "One call of the version after meets the limit of steps, or calls itself without end. "
            "Is the loop left on that input?",
        ),
        _rule(
            "CWM203",
            "never-runs",
            _N,
            "New code holds a statement that never runs.",
            "It stands behind a statement that always leaves or a loop that nothing ends, or in a handler or branch of "
            "which an earlier one takes all. Read from the source; no call was needed.",
        ),
    ]
)

NEW_CODE = frozenset({"CWM201", "CWM202", "CWM203"})
"""Rules that say nothing of a change of behaviour; they are looked for with `new-code` only."""

RULE_OF_DIFFERENCE: dict[DifferenceKind, str] = {
    "return": "CWM001",
    "new-exception": "CWM002",
    "lost-exception": "CWM003",
    "other-exception": "CWM004",
    "message": "CWM005",
    "mutation": "CWM006",
    "print": "CWM007",
    "calls": "CWM008",
    "yield": "CWM009",
    "ending": "CWM010",
    "warning": "CWM011",
    "log": "CWM012",
    "held": "CWM013",
    "cause": "CWM014",
    "order": "CWM015",
}

SLIGHT_RULES = frozenset(RULE_OF_DIFFERENCE[kind] for kind in SLIGHT)
"""Their findings leave a verdict `unchanged`, and stop nothing that is to leave the behaviour as it is."""
