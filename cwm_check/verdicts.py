"""Records of what is said: Finding -> Verdict -> CheckResult, and what is accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cwm_check.changes import FileProblem
from cwm_check.trace import Evidence, Trace
from cwm_check.vocabulary import Level, VerdictKind


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
