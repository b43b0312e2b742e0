"""Records of the changed files: what git gives, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from cwm_check.vocabulary import SkipReason


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed Python file: its text before and after, or the reason why there is none."""

    path: str
    """Relative to the repository root, with forward slashes; the name after, or before if the file was deleted."""
    before_path: str
    """Differs from `path` for a renamed file."""
    before: str | None
    """None: the file did not exist."""
    after: str | None
    """None: the file was deleted."""
    added_lines: tuple[int, ...] = ()
    """1-based lines of `after` that the diff adds or edits, sorted."""
    removed_lines: tuple[int, ...] = ()
    """1-based lines of `before` that the diff removes or edits, sorted."""
    problem: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A changed file that could not be read as Python at all."""

    path: str
    reason: SkipReason
