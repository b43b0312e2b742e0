"""Which part of an edit makes a difference: its hunks, and the module with one of them undone.

In: a changed function. Out: hunks of its lines, and texts to run. Who runs them decides: the hunk without which both
versions do the same is the cause.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from cwm_check.pairs import ChangedFunction
from cwm_check.textlines import split_lines


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of the function that the edit put in place of others; 0-based in the modules, ends excluded."""

    before: range
    after: range
    line: int
    """1-based line after the change to show: the first that is no comment, with other code if there is one; or the one
    below what was deleted."""


def hunks_of(function: ChangedFunction) -> tuple[Hunk, ...]:
    """Return the hunks of the function's own text, in order; those of comments and blank lines alone are left out."""
    first_before, first_after = function.before.first_line - 1, function.after.first_line - 1
    old = split_lines(function.before_module)[first_before : function.before.last_line]
    new = split_lines(function.after_module)[first_after : function.after.last_line]
    found = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        telling = [n for n in range(k, m) if _says_something(new[n])]
        if tag == "equal" or not (telling or any(map(_says_something, old[i:j]))):
            continue
        edited = [n for n in telling if first_after + n + 1 in function.changed_after]
        line = [*edited, *telling, min(k, len(new) - 1)][0]
        before = range(first_before + i, first_before + j)
        found.append(Hunk(before, range(first_after + k, first_after + m), first_after + line + 1))
    return tuple(found)


def undone(function: ChangedFunction, hunk: Hunk) -> str:
    """Return the module after with the lines of `hunk` as they were before."""
    lines = split_lines(function.after_module)
    old = split_lines(function.before_module)[hunk.before.start : hunk.before.stop]
    lines[hunk.after.start : hunk.after.stop] = old
    return "\n".join(lines) + "\n"


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
