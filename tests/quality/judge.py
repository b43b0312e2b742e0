"""What the tool says of a pair: the flow of `cwm-check check` on the package with one module changed, without git."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pairs import Pair
from scores import Judged

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.git import ChangeSet
from cwm_check.sources.texts import decode
from cwm_check.sources.trees import Tree
from cwm_check.sources.versions import file_change


@cache
def texts_of(folder: Path, package: str) -> dict[str, str | None]:
    """The modules of a package, by path, as a repository of it would hold them."""
    root = folder / package
    files = sorted(root.rglob("*.py")) if root.is_dir() else [root.with_suffix(".py")]
    return {f.relative_to(folder).as_posix(): f.read_text(encoding="utf-8") for f in files}


def judge(pair: Pair, folder: Path, config: Config) -> Judged:
    """Return the verdict on the pair's function, and how long it took."""
    files = texts_of(folder, pair.package)
    before = decode((files[pair.path] or "").encode())
    change = file_change(pair.path, pair.path, before, decode(pair.after.encode()))
    assert change is not None
    sides = Tree(texts=files), Tree(texts=files | {pair.path: pair.after})
    started = sum(os.times()[:4])  # the machine may be shared: what counts is the work, that of children too
    result = check(ChangeSet((change,), *sides), config)
    seconds = sum(os.times()[:4]) - started
    verdict = next((v for v in result.verdicts if v.qualname.removesuffix(".getter") == pair.qualname), None)
    return Judged(
        pair.family,
        pair.kind,
        pair.package,
        pair.path,
        pair.qualname,
        pair.label,
        verdict.kind if verdict else "same",  # the files have the same layout, or the function the same text
        verdict.evidence.value if verdict else "static",
        verdict.confidence if verdict else 1.0,
        seconds,
        str(verdict.reason) if verdict else "not told",
        verdict.coverage if verdict else None,
        tuple(f"{f.rule} {f.evidence.value} {f.message}" for f in verdict.findings) if verdict else (),
        pair.witness,
        pair.after,
        max((len(f.assumptions) for f in verdict.findings if f.confidence == verdict.confidence), default=0)
        if verdict
        else 0,
        verdict.probes if verdict else 0,
    )
