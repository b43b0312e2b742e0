"""The records that travel between the stages, in the order of the flow. All frozen, with tuples inside.

FileChange -> ChangedFunction -> Fact, Probe -> Simulation -> Comparison -> Finding -> Verdict -> CheckResult
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from cwm_check.trace import Evidence, Trace


class SkipReason(StrEnum):
    """Why a function or a file could not be judged: a closed list; the value is what users read."""

    ADDED = "added: there is nothing to compare with"
    SYNTAX = "the source does not parse as Python 3"
    BINARY = "not a text file"
    ENCODING = "the source cannot be decoded"
    HUGE = "the file is too large"
    SUBMODULE = "a submodule, not a file"
    NO_BASE = "the patch does not apply to any known version of the file"
    SANDBOX_OFF = "the sandbox is not available"
    LIMIT = "every probe met a resource limit"
    NO_RUN = "no probe ran to an end on both versions"
    NOT_REACHED = "no probe reached some of the changed lines"
    UNSURE = "the world model is not sure enough"
    MODEL_OFF = "the world model does not work"
    TIME = "the time budget was used up"
    STEPS = "the steps that it may take were used up after a few runs"
    CRASHED = "its runs ended the process that ran them"
    CALLEE = "what differs may come from a function that it calls, whose parameters changed with it"
    SELECTION = "excluded by configuration"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed Python file: its text before and after, or the reason why there is none."""

    path: str
    """Relative to the repository root, with forward slashes; the name after, or before if the file was deleted."""
    before_path: str
    """Differs from `path` for a renamed file."""
    before: str | None
    """None: the file did not exist."""
    after: str | None
    """None: the file was deleted."""
    added_lines: tuple[int, ...] = ()
    """1-based lines of `after` that the diff adds or edits, sorted."""
    removed_lines: tuple[int, ...] = ()
    """1-based lines of `before` that the diff removes or edits, sorted."""
    problem: SkipReason | None = None


class ParameterKind(StrEnum):
    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional-or-keyword"
    VAR_POSITIONAL = "*args"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "**kwargs"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function, as written."""

    name: str
    kind: ParameterKind
    default: str | None = None
    """Source text of the default."""
    annotation: str | None = None
    """Source text of the annotation."""


Binding = Literal["function", "method", "classmethod", "staticmethod", "property"]


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """One version of one function."""

    qualname: str
    """Dotted, without `<locals>`: `Class.method`, `outer.inner`."""
    source: str
    """The text of the definition with its decorators, dedented."""
    first_line: int
    """First decorator or `def`, 1-based."""
    def_line: int
    last_line: int
    binding: Binding
    owner: str | None
    """Qualified name of the class it is a method of; None otherwise."""
    parameters: tuple[Parameter, ...]
    """With `self` or `cls`."""
    decorators: tuple[str, ...] = ()
    """Source text without `@`."""
    is_async: bool = False
    is_generator: bool = False
    is_nested: bool = False
    """Defined inside another function: it is reached by running that one."""


@dataclass(frozen=True, slots=True)
class ChangedFunction:
    """A function that exists before and after and may behave differently."""

    path: str
    before_path: str
    qualname: str
    """The name after; `before.qualname` differs for a moved or renamed function."""
    before: FunctionSource
    after: FunctionSource
    before_module: str
    """The whole text of the module, before."""
    after_module: str
    changed_before: tuple[int, ...]
    """1-based lines of `before_module` inside the function that differ; empty if only its context changed."""
    changed_after: tuple[int, ...]
    because: tuple[str, ...] = ()
    """Names outside the function that it reads and that changed; empty when its own text changed."""


@dataclass(frozen=True, slots=True)
class FileFunctions:
    """What pairing the functions of one changed file gives."""

    path: str
    changed: tuple[ChangedFunction, ...]
    added: tuple[FunctionSource, ...] = ()
    removed: tuple[FunctionSource, ...] = ()
    problem: SkipReason | None = None
    unread: tuple[str, ...] = ()
    """Names outside functions that changed and that no function of the file reads."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A change that the source alone proves, for instance a changed default."""

    rule: str
    """A rule id of `rules.py`."""
    subject: str
    """What it is about: a parameter, a decorator, an exception type."""
    before: str | None
    """Source text before; None if there was none."""
    after: str | None
    line: int
    """1-based line in `after_module`."""


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


# --- questions to the world model


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


# --- what the simulation of one probe gives


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
    """Calls to the outside, in order."""
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


ExceptionEquality = Literal["type", "type+message", "any"]
"""What of two exceptions must be equal; `any`: only that there is one."""

DifferenceKind = Literal[
    "return",
    "new-exception",
    "lost-exception",
    "other-exception",
    "message",
    "held",
    "cause",
    "order",
    "yield",
    "mutation",
    "print",
    "calls",
    "log",
    "warning",
    "ending",
]

SLIGHT: frozenset[DifferenceKind] = frozenset({"cause", "order"})
"""What most callers cannot notice."""


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


# --- what is said


class Level(StrEnum):
    """SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour change of one function."""

    rule: str
    level: Level
    path: str
    qualname: str
    line: int
    """1-based line of the file after the change: an added line wherever there is one."""
    on_added_line: bool
    message: str
    """One sentence in plain words, with input, before and after."""
    evidence: Evidence
    confidence: float
    fingerprint: str
    """Stable across line moves: hash of rule, path, qualified name and what differs."""
    def_line: int
    call: str | None = None
    """None for a fact of the source."""
    before: str | None = None
    after: str | None = None
    before_trace: Trace | None = None
    after_trace: Trace | None = None
    before_line: int | None = None
    """First diverging line before."""
    after_line: int | None = None
    cause: int | None = None
    """The changed line without which there is no difference, where a single one is to blame."""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding of which its author said, with a reason, that it is meant."""

    finding: Finding
    by: Literal["comment", "commit", "baseline"]
    reason: str
    place: str
    """Where it is said: `shop.py:9`, a commit, the name of the baseline."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One call that ran to an end on both versions, and how it ended: `5`, `raises KeyError: 'id'`."""

    call: str
    before: str
    after: str
    differs: bool


VerdictKind = Literal["same", "unchanged", "changed", "skipped"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one changed function; every one ends in exactly one."""

    path: str
    qualname: str
    kind: VerdictKind
    evidence: Evidence
    confidence: float
    line: int
    """1-based `def` line after the change (before, for a removed function)."""
    reason: str = ""
    """Why it is `same` (the rewrites used) or `skipped` (a `SkipReason`)."""
    findings: tuple[Finding, ...] = ()
    probes: int = 0
    """Probes that ran to an end on both versions."""
    coverage: float | None = None
    """Share of the changed lines that some probe reached."""
    because: tuple[str, ...] = ()
    """Changed names outside the function, when its own text did not change."""
    agreement: str = ""
    """With two simulators: how far the world model alone predicts what was computed, as a clause."""
    tried: tuple[Tried, ...] = field(default=(), repr=False)
    """The calls behind `probes`, each once."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A changed file that could not be read as Python at all."""

    path: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All that a report needs."""

    verdicts: tuple[Verdict, ...]
    problems: tuple[FileProblem, ...] = ()
    sources: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Path and text after the change of each file with a finding (for fingerprints and excerpts)."""
    added_lines: tuple[tuple[str, tuple[int, ...]], ...] = ()
    model: str = ""
    """Name of the world model that answered; `assumed`: typed default values, nobody was asked."""
    model_version: str = ""
    """What tells its weights from others of that name; empty where that is not known."""
    notes: tuple[str, ...] = ()
    """What users must know about this run: what was off, what was cut."""
    broken: str = ""
    """What stopped working on the way, so that the rest could not be analysed; empty if nothing did."""
    accepted: tuple[Accepted, ...] = ()
    """Findings that are not among those of the verdicts, since they are meant."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the most surprising first: worst level, own edit, surest, fewest assumptions; then by place."""
        order = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}
        found = [(v, f) for v in self.verdicts for f in v.findings]
        found.sort(
            key=lambda told: (
                order[told[1].level],
                bool(told[0].because),  # the function is as it was: its finding follows from another one
                -told[1].confidence,
                len(told[1].assumptions),
                (told[1].path, told[1].line, told[1].rule),
            )
        )
        return tuple(finding for _, finding in found)
