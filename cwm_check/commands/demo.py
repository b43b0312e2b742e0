"""A history of four commits in a temporary folder, and what a check says to each: proof that an installation works.

Real git and the real pipeline; the user's git configuration, hooks and repositories are left alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from cwm_check.check import check
from cwm_check.commands.output import complain, progress_on
from cwm_check.config import Config
from cwm_check.errors import CwmCheckError
from cwm_check.git import Range, read_changes
from cwm_check.reports import REPORTS

FILE = "shop.py"

START = '''\
"""Prices of a small shop."""


def total(prices: list[int], discount: int = 0) -> int:
    amount = sum(prices)
    return amount - discount


def shelf_label(name: str, tags: list[str], separator: str = ",") -> str:
    # What customers read.
    words = separator.join(tags)
    return "%s: %s" % (name, words)
'''

# Subject of each commit, and the texts it replaces.
COMMITS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "style: names and formatting",
        (
            (
                "    amount = sum(prices)\n    return amount - discount\n",
                "    price = (sum(prices))\n    return price-discount\n",
            ),
            ("    # What customers read.\n", ""),
        ),
    ),
    ("fix: a discount never gives money away", (("return price-discount", "return max(price - discount, 0)"),)),
    (
        "refactor: an f-string",
        (('separator: str = ","', 'separator: str = ", "'), ('"%s: %s" % (name, words)', 'f"{name}: {words}"')),
    ),
)


def run(out: TextIO, *, color: bool) -> None:
    """Make the history, check each of its commits, and write what was found."""
    with tempfile.TemporaryDirectory(prefix="cwm-check-demo-") as folder:
        root = Path(folder).resolve()
        make_history(root)
        for number, (subject, _) in enumerate(COMMITS):
            head = f"HEAD~{len(COMMITS) - 1 - number}"
            changes = read_changes(Range(f"{head}~1", head, three_dot=False), root, ())
            result = check(changes, Config(), progress=progress_on(sys.stderr), announce=lambda what: complain([what]))
            out.write(f"\n=== {subject}\n\n")
            REPORTS["text"](result, out, color=color)


def make_history(root: Path) -> None:
    """Make a repository of four commits in the empty folder `root`."""
    _git(root, "init", "--quiet")
    text = START
    _commit(root, "start", text)
    for subject, replacements in COMMITS:
        for before, after in replacements:
            text = text.replace(before, after)
        _commit(root, subject, text)


def _commit(root: Path, subject: str, text: str) -> None:
    (root / FILE).write_text(text, encoding="utf-8")
    _git(root, "add", FILE)
    _git(root, "commit", "--quiet", "-m", subject)


def _git(root: Path, *arguments: str) -> None:
    # Without the user's configuration: it may sign commits, run hooks, or lack a name.
    person = {
        f"GIT_{who}_{what}": "cwm-check@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **person}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        subprocess.run(["git", *arguments], cwd=root, env=inherited | own, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CwmCheckError(f"git {arguments[0]} failed in {root}: {getattr(error, 'stderr', '') or error}") from error
