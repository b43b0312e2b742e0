"""Tables of programs as one text: `## name`, the program, and what is expected of it."""

from __future__ import annotations

import re


def sections(text: str) -> dict[str, str]:
    """Return what is under each `## name`."""
    parts = (part.partition("\n") for part in f"\n{text}".split("\n## ")[1:])
    return {name: f"{body.strip()}\n" for name, _, body in parts}


def rows(text: str) -> dict[str, tuple[str, ...]]:
    """Return the parts of each section: what stands between lines of `---`, and last what follows `-> `."""
    return {name: tuple(re.split(r"\n---\n|\n-> |\n$", body)[:-1]) for name, body in sections(text).items()}
