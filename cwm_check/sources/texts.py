"""Texts of files: bytes become text, or the reason why not; two texts become a `FileChange`.

Line endings are normalised before anything is compared or counted. Leaves out where the bytes come from.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass

from cwm_check.changes import FileChange
from cwm_check.sources.lines import changed_lines
from cwm_check.vocabulary import SkipReason

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file: its text, or the problem with it."""

    text: str | None
    problem: SkipReason | None = None


def decode(data: bytes) -> Content:
    """Return the text of a Python source as the interpreter would read it, lines ending with a line feed."""
    if len(data) > MAX_BYTES:
        return Content(None, SkipReason.HUGE)
    if b"\0" in data:
        return Content(None, SkipReason.BINARY)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):  # LookupError: a codec that is not for text
        return Content(None, SkipReason.ENCODING)
    return Content(re.sub("\r\n?", "\n", text))


def file_change(path: str, before_path: str, before: Content | None, after: Content | None) -> FileChange | None:
    """Return the change from one content to the other; None if nothing is left of it once line endings are the same."""
    problem = (before and before.problem) or (after and after.problem)
    if problem:
        return FileChange(path, before_path, None, None, problem=problem)
    if before == after and path == before_path:
        return None
    before_text, after_text = before.text if before else None, after.text if after else None
    removed, added = changed_lines(before_text or "", after_text or "")
    return FileChange(path, before_path, before_text, after_text, added, removed)
