"""How right the tool is, measured on pairs that are made and labelled here; see `docs/quality.md`.

    pip install --no-deps --target PACKAGES -r tests/quality/requirements.txt
    python tests/quality make PACKAGES pairs.jsonl            # some ten minutes, once
    python tests/quality run PACKAGES pairs.jsonl --results results.jsonl --seconds 420 [--docs docs/quality.md]
    python tests/quality wrong results.jsonl
    python tests/quality history REPOSITORY ... --results history.jsonl [--each 8]

`make` runs code of these packages on this machine, in limited subprocesses; `run` and `history` run none.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

import history
from judge import judge, texts_of
from pairs import Pair, functions, labelled, read, write
from scores import Judged, coverage_line, evidence_table, insert, kind_table, reliability_table, score_table

from cwm_check.config import Config


def make(folder: Path, output: Path, per_package: int, seed: int) -> None:
    """Label pairs of some functions of every package."""
    found: list[Pair] = []
    files = sorted(folder.glob("*.py"))
    packages = sorted(
        [p.parent for p in folder.glob("*/__init__.py")] + [f for f in files if not f.with_suffix("").exists()]
    )
    for package in packages:
        known = list(functions(package))
        Random(f"{seed} {package.name}").shuffle(known)
        used = 0
        for file, qualname in known:
            pairs = labelled(folder, file, qualname, seed)
            families = sorted(p.family for p in pairs)
            print(f"{package.name} {qualname}: {len(pairs)} {families}", file=sys.stderr, flush=True)
            found += pairs
            used += len({p.label for p in pairs}) == 2
            write(found, output)
            if used >= per_package:
                break


def run(folder: Path, pairs: Sequence[Pair], seconds: float, seed: int) -> Iterator[Judged]:
    """Judge pairs in chance order until the time is used up: a sample of all families and packages."""
    order = list(pairs)
    Random(seed).shuffle(order)
    started = time.monotonic()
    for pair in order:
        if time.monotonic() - started > seconds:
            return
        yield judge(pair, folder, Config(jobs=1, no_cache=True))


def tables(rows: Sequence[Judged]) -> Iterator[str]:
    yield f"{len(rows)} pairs of {len({r.package for r in rows})} packages."
    yield ""
    yield from score_table(rows)
    yield ""
    yield coverage_line(rows)
    for table in (evidence_table(rows), reliability_table(rows), kind_table(rows)):
        yield ""
        yield from table


def wrong(rows: Sequence[Judged], before: dict[str, str | None]) -> Iterator[str]:
    """The false verdicts and the skips, each with its edit."""
    order = {"preserved": 0, "changed": 1}
    told = [r for r in rows if r.is_wrong or r.verdict == "skipped"]
    for r in sorted(told, key=lambda r: (r.verdict == "skipped", order[r.label], r.package, r.qualname)):
        verdict = f"{r.label}, called {r.verdict} ({r.evidence})"
        yield f"=== {verdict}: {r.path} {r.qualname} [{r.family}: {r.kind}] {r.seconds:.1f} s {r.reason}"
        old, new = (before[r.path] or "").splitlines(), r.after.splitlines()
        diff = difflib.unified_diff(old, new, lineterm="", n=1)
        yield from (line for line in diff if not line.startswith(("---", "+++")))
        yield from (f"  told: {f}" for f in r.findings)
        if r.witness:
            yield "  witness: {}\n    before {}\n    after  {}".format(*r.witness)


def _results(file: Path) -> list[Judged]:
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Judged(**row) for row in rows]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one, two, three = (commands.add_parser(name) for name in ("make", "run", "wrong"))
    for each in (one, two, three):
        each.add_argument("packages", type=Path)
        each.add_argument("pairs" if each is not three else "results", type=Path)
    one.add_argument("--per-package", type=int, default=6)
    one.add_argument("--seed", type=int, default=1)
    two.add_argument("--results", type=Path, required=True)
    two.add_argument("--seconds", type=float, default=420)
    two.add_argument("--seed", type=int, default=1)
    two.add_argument("--docs", type=Path)
    four = commands.add_parser("history")
    four.add_argument("repositories", type=Path, nargs="+")
    four.add_argument("--results", type=Path, required=True)
    four.add_argument("--each", type=int, default=8, help="commits of each kind")
    four.add_argument("--seed", type=int, default=1)
    four.add_argument("--seconds", type=int, default=200, help="time budget of one commit")
    given = parser.parse_args(arguments)
    if given.command == "make":
        make(given.packages, given.pairs, given.per_package, given.seed)
    elif given.command == "run":
        rows = []
        with given.results.open("w", encoding="utf-8") as file:
            for row in run(given.packages, read(given.pairs), given.seconds, given.seed):
                rows.append(row)
                file.write(json.dumps(asdict(row)) + "\n")
                file.flush()
        text = "\n".join(tables(rows))
        print(text)
        if given.docs:
            insert(given.docs, text)
    elif given.command == "history":
        known = []
        with given.results.open("w", encoding="utf-8") as file:
            for repository in given.repositories:
                for commit in history.judged(repository, given.seed, given.each, given.seconds):
                    known.append(commit)
                    file.write(json.dumps(asdict(commit)) + "\n")
                    file.flush()
        print("\n".join(history.table(known)))
    else:
        rows = _results(given.results)
        texts: dict[str, str | None] = {}
        for package in {r.package for r in rows}:
            texts |= texts_of(given.packages, package)
        print("\n".join(wrong(rows, texts)))


if __name__ == "__main__":
    main()
