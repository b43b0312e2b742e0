"""Tables of programs as one text: `## name`, the program, and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator


def sections(text: str) -> dict[str, str]:
    """Return what is under each `## name`."""
    parts = (part.partition("\n") for part in f"\n{text}".split("\n## ")[1:])
    return {name: f"{body.strip()}\n" for name, _, body in parts}


def rows(text: str) -> dict[str, tuple[str, ...]]:
    """Return the parts of each section: programs, with lines of `---` between, and what follows a last `-> `."""
    return {name: tuple(_parts(body)) for name, body in sections(text).items()}


def _parts(body: str) -> Iterator[str]:
    programs, _, expected = body.partition("\n-> ")
    yield from (f"{program.strip()}\n" for program in programs.split("\n---\n"))
    if expected:
        yield expected.strip()
