"""What the tool says of the commits of a real history, drawn by chance: those that say they change nothing, and others.

A repository in, a row for each commit out, and sums of them. Nothing of the repository runs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

TIDY = re.compile(
    r"refactor|style|typing|type hint|annotat|black|ruff|format|clean|lint|rename|simplif|docstring|isort|pep ?8"
    r"|pyupgrade|f-string|flake8|mypy|moderni[sz]e|cosmetic|whitespace|comment",
    re.IGNORECASE,
)
NEWEST = 700  # commits to draw from
SOURCES = ("*.py", ":!tests", ":!*test*", ":!setup.py", ":!docs")


@dataclass(frozen=True)
class Judged:
    """One commit and what was said of it."""

    repository: str
    commit: str
    subject: str
    kind: str
    """`tidy` if the subject sounds like a change of the text alone, else `other`."""
    seconds: float
    verdicts: dict[str, int]
    findings: list[dict[str, object]]
    error: str = ""


def judged(repository: Path, seed: int, each: int, seconds: int) -> Iterator[Judged]:
    """Judge `each` commits of both kinds."""
    commits = _commits(repository)[:NEWEST]
    tidy = [c for c in commits if TIDY.search(c[1])]
    other = [c for c in commits if c not in tidy]
    draw = Random(seed)
    for kind, known in (("tidy", tidy), ("other", other)):
        for commit, subject in draw.sample(known, min(each, len(known))):
            yield _judge(repository, commit, subject, kind, seconds)


def _commits(repository: Path) -> list[tuple[str, str]]:
    command = ["git", "log", "--no-merges", "--min-parents=1", "--format=%H%x09%s", "--", *SOURCES]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True, errors="replace")
    lines = [line.partition("\t") for line in run.stdout.split("\n") if line]
    return [(commit, subject) for commit, _, subject in lines]


def _judge(repository: Path, commit: str, subject: str, kind: str, seconds: int) -> Judged:
    command = [
        sys.executable,
        "-P",
        "-m",
        "cwm_check",
        "check",
        "--from-ref",
        f"{commit}~1..{commit}",
        "--format",
        "json",
    ]
    command += ["--no-cache", "--jobs", "1", "--time-budget", str(seconds)]
    environ = os.environ | {"CWM_CHECK_EXCLUDE": "*test*"}
    begun = time.monotonic()
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, env=environ)
    took = round(time.monotonic() - begun, 1)
    if run.returncode not in (0, 1):
        return Judged(repository.name, commit, subject, kind, took, {}, [], run.stderr[-300:])
    report = json.loads(run.stdout)
    named = [f for f in report["functions"] if "test" not in f["path"]]
    verdicts = Counter("added" if f["reason"].startswith("added") else f["verdict"] for f in named)
    kept = ("rule", "evidence", "path", "line", "qualname", "call", "before", "after", "message")
    findings = [{name: f[name] for name in kept} for f in report["findings"]]
    return Judged(repository.name, commit, subject, kind, took, dict(verdicts), findings)


def table(rows: Sequence[Judged]) -> Iterator[str]:
    """Yield the sums as a table of Markdown."""
    names = ("same", "unchanged", "changed", "skipped", "added")
    yield f"| commits | n | with findings | {' | '.join(names)} | findings | seconds, median |"
    yield f"|---|{'--:|' * (len(names) + 4)}"
    for kind in ("tidy", "other"):
        own = [row for row in rows if row.kind == kind]
        if own:
            sums = [sum(row.verdicts.get(name, 0) for row in own) for name in names]
            loud = sum(bool(row.findings) for row in own)
            median = sorted(row.seconds for row in own)[len(own) // 2]
            told = sum(len(row.findings) for row in own)
            yield f"| {kind} | {len(own)} | {loud} | {' | '.join(map(str, sums))} | {told} | {median} |"
    broken = [row for row in rows if row.error]
    if broken:
        yield f"\n{len(broken)} ended with an error: {', '.join(row.commit[:8] for row in broken)}"
