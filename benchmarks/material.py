"""Repositories with a change in them: what the benchmarks check. The same every time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path

PAIRS = Path(__file__).parent.parent / "tests" / "peers"
MARKER = "=== after ===\n"


def pairs() -> dict[str, tuple[str, str]]:
    """Return the thirty pairs of `tests/peers` by name: a module before and after."""
    texts = {file.stem: file.read_text(encoding="utf-8").split(MARKER) for file in sorted(PAIRS.iterdir())}
    return {name: (before, after) for name, (before, after) in texts.items()}


def copies(count: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return `count` modules before and after, each with about one changed function, no two of them equal.

    `helper` is left out: two functions change in it.
    """
    known = [(name, *texts) for name, texts in pairs().items() if name != "helper"]
    chosen = list(enumerate(islice(cycle(known), count)))
    before, after = (
        {f"part{n // 100}/{texts[0]}_{n}.py": f"{texts[side]}\n\nCOPY = {n}\n" for n, texts in chosen}
        for side in (1, 2)
    )
    return before, after


def layout() -> tuple[dict[str, str], dict[str, str]]:
    """Return ten modules and the same modules in another layout."""
    before, _ = copies(10)
    return before, {name: f"# laid out anew\n\n\n{text}\n" for name, text in before.items()}


def stage(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> Path:
    """Make a repository in `root`, the files before committed and those after staged; return it."""
    root.mkdir(parents=True)
    _git(root, "init", "--quiet")
    for files, then in ((before, ("commit", "--quiet", "--message=before")), (after, ())):
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        _git(root, "add", "--all")
        if then:
            _git(root, *then)
    return root


def _git(root: Path, *arguments: str) -> None:
    settings = ("user.name=a", "user.email=a@example.org", "commit.gpgsign=false", "core.hooksPath=/nowhere")
    options = [part for setting in settings for part in ("-c", setting)]
    subprocess.run(["git", *options, *arguments], cwd=root, capture_output=True, check=True)
