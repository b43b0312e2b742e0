"""Records of a simulation, in the order of the flow: the call to try, what is asked on the way, what both versions do.

Probe -> Question, Answer -> Outcome, Prediction -> Simulation -> Comparison, Hazard
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from cwm_check.trace import Evidence, Trace
from cwm_check.vocabulary import DifferenceKind


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a probe."""

    name: str
    """The parameter it goes to."""
    value: str | None
    """A Python expression that only uses literals and builtin constructors; None: an `Unknown` object."""
    keyword: bool = False
    """Passed by name."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One call to try on both versions."""

    arguments: tuple[Argument, ...]
    """Without `self` or `cls`."""
    origin: str
    """Where the values come from: `call site`, `doctest`, `boundary`, `default`, `type`, `unknown`, ..."""
    receiver: str | None = None
    """Constructor call for `self`, for instance `Account(10)`; None: an object with unknown attributes."""


@dataclass(frozen=True, slots=True)
class Question:
    """An operation on an unknown object: what does it give?

    `Question("call", "requests.get", ("'http://x'",), "requests.get('http://x')")`
    """

    operation: Literal[
        "value", "call", "getattr", "getitem", "truth", "compare", "isinstance", "length", "raises", "next"
    ]
    target: str
    """The unknown operand, as the expression that made it: `requests.get`, `self.session.headers`."""
    arguments: tuple[str, ...]
    """`repr` of known arguments, expressions of unknown ones."""
    expression: str
    """The whole operation as one Python expression."""
    context: str = ""
    """The source line that asks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a world model says to a question."""

    value: str | None
    """A Python literal; None: another unknown object."""
    confidence: float
    """Probability that the answer is right, 0 to 1."""
    evidence: Evidence = Evidence.PREDICTED


class WorldModel(Protocol):
    """Answers questions; the same question must always get the same answers.

    `answers` returns at most `count` plausible answers, the most plausible first, never none.
    """

    name: str

    def answers(self, question: Question, count: int) -> tuple[Answer, ...]: ...


UNREAD = "unread: "
"""Before a call whose result goes to a variable that nobody reads: it is made for its effect, or for nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that can be observed of one run, as text that is equal exactly when the behaviour is."""

    kind: Literal["returned", "raised", "unfinished"]
    value: str
    """`repr` of the returned value; `Type` of the exception; the limit that was met."""
    message: str = ""
    """Text of the exception."""
    yielded: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
    """Parameters and globals whose value changed during the call, and their value afterwards."""
    printed: str = ""
    calls: tuple[str, ...] = ()
    """Calls to the outside whose result is thrown away, in order; `UNREAD` stands before those that give it a name."""
    logged: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    held: str = ""
    """What the exception has beside its text: attributes, notes, members of a group."""
    cause: str = ""
    """What its traceback shows of another exception: ` from None`, ` from KeyError('a')`; empty where it shows none."""
    order: tuple[str, ...] = ()
    """The keys of the dictionaries that are returned or yielded, in their order."""
    explicit: bool = True
    """The exception comes from a `raise` statement, not from an operation that refused its operands."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one visit of a debugger saw, at one frame."""

    visit: int
    """Index of the visit."""
    frame: int
    """Index of the frame in the trace."""
    text: str
    """`repr` of the value, or the exception."""
    is_true: bool
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """One version's run of a probe."""

    outcome: Outcome
    covered: frozenset[int]
    """1-based lines of the version's module that ran."""
    questions: tuple[str, ...]
    """Expressions of the questions that were asked, in order, without repetition."""
    evidence: Evidence
    confidence: float
    trace: Trace | None = None
    seen: tuple[Seen, ...] = ()
    """What a debugger's visits saw."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Both versions' runs of one probe, under the same answers."""

    call: str
    """The probe as one would type it: `total(items=[1], discount=6)`; unknown values by name."""
    probe: Probe
    before: Prediction
    after: Prediction
    assumptions: tuple[str, ...] = ()
    """Answers the runs rest on, as sentences: `response.ok is False`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the two outcomes of a simulation differ."""

    kind: DifferenceKind
    subject: str
    """The mutated parameter, the exception type, ...; empty where there is none."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing the two runs of a probe gives."""

    simulation: Simulation
    differences: tuple[Difference, ...]
    evidence: Evidence
    confidence: float
    before_line: int | None = None
    """First diverging line of `before_module`, where the traces were compared."""
    after_line: int | None = None
    cause: int | None = None
    """Line of `after_module` in the one part of the edit without which there is no difference."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """A mistake of new code that a run of one call shows, whatever the code was before."""

    rule: str
    """A rule id of `rules.py`."""
    call: str
    ending: str
    """How the call ends: `IndexError('list index out of range')`."""
    line: int
    """1-based line of the module where it happens inside the function."""
    origin: int
    """1-based line of the module where it begins: inside what the function calls, or the same line."""
    evidence: Evidence
    confidence: float
    assumptions: tuple[str, ...] = ()
    trace: Trace | None = None
