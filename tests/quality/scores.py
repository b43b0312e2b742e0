"""Verdicts on labelled pairs in, tables out: precision and recall, what they rest on, and how far confidence holds.

A skipped pair that changed counts as missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

MEASURES = "precision", "recall (skips are misses)", "F1", "skipped share", "processor seconds, median / p95"
BEGIN, END = "<!-- quality: begin -->", "<!-- quality: end -->"
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair, the truth, and what the tool said."""

    family: str
    kind: str
    package: str
    path: str
    qualname: str
    label: Literal["changed", "preserved"]
    verdict: Literal["same", "unchanged", "changed", "skipped"]
    evidence: str
    confidence: float
    seconds: float
    reason: str = ""
    coverage: float | None = None
    findings: tuple[str, ...] = ()
    witness: tuple[str, str, str] | None = None
    after: str = ""
    assumptions: int = 0
    """Of the surest finding."""
    probes: int = 0

    @property
    def is_wrong(self) -> bool:
        return (self.verdict == "changed") != (self.label == "changed") and self.verdict != "skipped"


def ratio(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def score_table(rows: Sequence[Judged]) -> Iterator[str]:
    """One line for each family and one for all."""
    names = "pairs", "changed: found", "missed", "skipped", "preserved: called changed", "skipped", *MEASURES
    yield f"| | {' | '.join(names)} |"
    yield "|---|" + "--:|" * len(names)
    for family in (*sorted({r.family for r in rows}), "all"):
        yield _score_row(family, [r for r in rows if family in (r.family, "all")])


def _score_row(name: str, rows: Sequence[Judged]) -> str:
    changed = [r for r in rows if r.label == "changed"]
    kept = [r for r in rows if r.label == "preserved"]
    found, false = (sum(r.verdict == "changed" for r in part) for part in (changed, kept))
    skipped = [sum(r.verdict == "skipped" for r in part) for part in (changed, kept)]
    missed = len(changed) - found - skipped[0]
    f1 = ratio(2 * found, 2 * found + false + len(changed) - found)
    times = sorted(r.seconds for r in rows)
    measures = ratio(found, found + false), ratio(found, len(changed)), f1, ratio(sum(skipped), len(rows))
    seconds = f"{median(times):.2f} / {times[int(len(times) * 0.95)]:.2f}"
    cells = (len(rows), found, missed, skipped[0], false, skipped[1], *measures, seconds)
    return f"| {name} | " + " | ".join(map(str, cells)) + " |"


def coverage_line(rows: Sequence[Judged]) -> str:
    """How many of the changed lines the probes reached, where one ran."""
    shares = [r.coverage for r in rows if r.coverage is not None and r.probes]
    if not shares:
        return "No probe ran."
    whole = ratio(sum(s == 1 for s in shares), len(shares))
    middle = f"median {median(shares):.2f}, all of them in {whole}"
    return f"Changed lines reached, where a probe ran ({len(shares)} pairs): {middle}."


def evidence_table(rows: Sequence[Judged]) -> Iterator[str]:
    """What the verdicts rest on, and how many of each kind are right."""
    yield "| verdict | evidence | pairs | right | share |"
    yield "|---|---|--:|--:|--:|"
    for verdict in ("changed", "unchanged", "same"):
        for evidence in ("static", "exact", "conditional", "predicted", "assumed"):
            told = [r for r in rows if (r.verdict, r.evidence) == (verdict, evidence)]
            if told:
                right = sum(not r.is_wrong for r in told)
                yield f"| {verdict} | {evidence} | {len(told)} | {right} | {ratio(right, len(told))} |"


def reliability_table(rows: Iterable[Judged]) -> Iterator[str]:
    """The confidence that was stated, next to the share that was right."""
    decided = [r for r in rows if r.verdict in ("changed", "unchanged")]
    yield "| verdict | stated confidence | pairs | mean stated | right |"
    yield "|---|---|--:|--:|--:|"
    for verdict in ("changed", "unchanged"):
        for low, high in zip((0.0, *BINS), (*BINS, 1.01), strict=True):
            told = [r for r in decided if r.verdict == verdict and low <= r.confidence < high]
            if told:
                mean = sum(r.confidence for r in told) / len(told)
                right = sum(not r.is_wrong for r in told)
                name = "1" if low == 1 else f"{low:g} to {high:g}"
                yield f"| {verdict} | {name} | {len(told)} | {mean:.2f} | {ratio(right, len(told))} |"


def kind_table(rows: Sequence[Judged]) -> Iterator[str]:
    """For each kind of edit: how many were judged right, wrong, and skipped."""
    yield "| family | kind | pairs | right | wrong | skipped |"
    yield "|---|---|--:|--:|--:|--:|"
    for family, kind in sorted({(r.family, _first(r.kind)) for r in rows}):
        told = [r for r in rows if (r.family, _first(r.kind)) == (family, kind)]
        skipped, wrong = sum(r.verdict == "skipped" for r in told), sum(r.is_wrong for r in told)
        yield f"| {family} | {kind} | {len(told)} | {len(told) - skipped - wrong} | {wrong} | {skipped} |"


def _first(kind: str) -> str:
    return kind.partition(", ")[0].partition(" and ")[0]


def insert(document: Path, text: str) -> None:
    """Put the text between the markers of the document."""
    whole = document.read_text(encoding="utf-8")
    head, _, rest = whole.partition(BEGIN)
    _, _, tail = rest.partition(END)
    document.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")
