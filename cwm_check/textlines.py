"""The lines of a source text, counted as Python and git count them. A text goes in, its lines without endings come out.

`str.splitlines` also breaks at form feeds, U+0085, U+2028 and others, which stand inside lines of code.
"""

from __future__ import annotations


def split_lines(text: str) -> list[str]:
    """Return the lines of a text whose line endings are normalised: only a line feed ends one."""
    return text.removesuffix("\n").split("\n") if text else []
