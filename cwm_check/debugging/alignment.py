"""Two runs side by side: which frame of one belongs to which frame of the other.

Two paths in, rows of indices out, in the order of both runs. Frames belong together that do the same in the same
function: the same event, source and level. What only one run does stands in a row alone; where both do something else
at once, these frames share rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from cwm_check.debugging.activations import Path
from cwm_check.textlines import split_lines
from cwm_check.trace import Event

AHEAD = 40  # frames that are looked through for the place where both go on alike

Row = tuple[int | None, ...]
"""Index of the frame in each run; None where that run waits."""


def aligned(before: Path, after: Path) -> tuple[Row, ...]:
    """Return the rows of two runs."""
    keys = _keys(before), _keys(after)
    rows: list[Row] = []
    i = j = 0
    while i < len(keys[0]) and j < len(keys[1]):
        if keys[0][i] == keys[1][j]:
            rows.append((i, j))
            i, j = i + 1, j + 1
            continue
        skipped = _until_alike(keys[0][i : i + AHEAD], keys[1][j : j + AHEAD])
        rows += _apart(i, j, *skipped)
        i, j = i + skipped[0], j + skipped[1]
    return (*rows, *_apart(i, j, len(keys[0]) - i, len(keys[1]) - j))


def alone(path: Path) -> tuple[Row, ...]:
    """Return the rows of a single run."""
    return tuple((i,) for i in range(len(path.frames)))


def _keys(path: Path) -> list[tuple[object, ...]]:
    """What frames have in common that belong together; a call or a return by its function, whatever its line says."""
    return [
        (
            frame.event,
            frame.source.strip() if frame.event is Event.LINE else "",
            len(callers),
            path.activations[owner].name,
        )
        for frame, callers, owner in zip(path.frames, path.callers, path.owners, strict=True)
    ]


def _until_alike(before: Sequence[object], after: Sequence[object]) -> tuple[int, int]:
    """How many frames of each go by until both do the same, on the way that has most in common; else everything."""
    common = _in_common(before, after)
    i = j = 0
    while i < len(before) and j < len(after) and before[i] != after[j]:
        if common[i + 1][j] >= common[i][j + 1]:
            i += 1
        else:
            j += 1
    return (i, j) if i < len(before) and j < len(after) else (len(before), len(after))


def _in_common(before: Sequence[object], after: Sequence[object]) -> list[list[int]]:
    """For each pair of places, how many frames the rests of both have in common, in order."""
    table = [[0] * (len(after) + 1) for _ in range(len(before) + 1)]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            alike = before[i] == after[j]
            table[i][j] = table[i + 1][j + 1] + 1 if alike else max(table[i + 1][j], table[i][j + 1])
    return table


def _apart(i: int, j: int, before: int, after: int) -> list[Row]:
    rows: list[Row] = []
    for n in range(max(before, after)):
        rows.append((i + n if n < before else None, j + n if n < after else None))
    return rows


def first_difference(before: Path, after: Path, rows: Sequence[Row]) -> int | None:
    """Return the first row in which both runs are in another state; else the first in which they are at other lines."""
    keys = _keys(before), _keys(after)
    elsewhere = None
    for number, (i, j) in enumerate(rows):
        if i is not None and j is not None and _states_differ(before, after, i, j):
            return number
        if elsewhere is None and (i is None or j is None or keys[0][i] != keys[1][j]):
            elsewhere = number
    return elsewhere


def _states_differ(before: Path, after: Path, i: int, j: int) -> bool:
    one, other = before.frames[i], after.frames[j]
    if one.event is not other.event:
        return Event.EXCEPTION in (one.event, other.event)
    return (one.locals, one.value) != (other.locals, other.value)


def line_after(before: str, after: str) -> dict[int, int]:
    """Return for each line of the text after, that is unchanged, its number before."""
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, split_lines(before), split_lines(after), autojunk=False).get_matching_blocks()
    return {b.b + n + 1: b.a + n + 1 for b in blocks for n in range(b.size)}
