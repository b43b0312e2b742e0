"""Lines of two texts: those that differ, and those that a third text has as well.

A patience diff: a line that occurs once on both sides is an anchor, so that ten thousand lines take milliseconds.
Small regions without anchors go to `difflib`; a large one counts as changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import AnyStr

from cwm_check.textlines import split_lines

_MAX_CELLS = 10_000
"""Product of two lengths up to which the matcher, cubic at worst, may look at a region without anchors."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `before_start` to `before_end` (0-based, end excluded) became `after_start` to `after_end`."""

    before_start: int
    before_end: int
    after_start: int
    after_end: int


def changed_lines(before: str, after: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the 1-based removed lines of `before` and the added lines of `after`."""
    hunks = compare_lines(split_lines(before), split_lines(after))
    removed = tuple(line + 1 for hunk in hunks for line in range(hunk.before_start, hunk.before_end))
    added = tuple(line + 1 for hunk in hunks for line in range(hunk.after_start, hunk.after_end))
    return removed, added


def only_added(before: bytes, after: bytes) -> tuple[int, ...] | None:
    """Return the 1-based lines that every diff adds to `before`; None where right diffs may differ.

    Between the lines that both begin with and those that both end with, no line must occur in the other text at all:
    then only one alignment keeps the most lines, and no heuristic has a choice.
    """
    left, right = before.split(b"\n"), after.split(b"\n")
    region = _trimmed(Hunk(0, len(left), 0, len(right)), left, right)
    removed = left[region.before_start : region.before_end]
    added = right[region.after_start : region.after_end]
    is_whole = before.endswith(b"\n") and after.endswith(b"\n")  # a last line without its end is another line for git
    if not is_whole or not set(removed).isdisjoint(right) or not set(added).isdisjoint(left):
        return None
    return tuple(range(region.after_start + 1, region.after_end + 1))


def adopt(before: str, theirs: str, after: str) -> str:
    """Return `before` with each edit on the way to `after` that `theirs` has already.

    What then differs from `after` differs from both, as in git's combined diff of a merge.
    """
    before_lines, after_lines = split_lines(before), split_lines(after)
    ours = compare_lines(before_lines, after_lines)
    own = compare_lines(split_lines(theirs), after_lines)
    for hunk in reversed(ours):
        if not any(_touch(hunk, other) for other in own):
            before_lines[hunk.before_start : hunk.before_end] = after_lines[hunk.after_start : hunk.after_end]
    return "".join(f"{line}\n" for line in before_lines)


def _touch(one: Hunk, other: Hunk) -> bool:
    return one.after_start <= other.after_end and other.after_start <= one.after_end


def compare_lines(before: Sequence[str], after: Sequence[str]) -> list[Hunk]:
    """Return the hunks that turn `before` into `after`, in order."""
    found: list[Hunk] = []
    regions = [Hunk(0, len(before), 0, len(after))]
    while regions:
        region = _trimmed(regions.pop(), before, after)
        anchors = _anchors(region, before, after)
        if anchors:
            regions.extend(reversed(_between(region, anchors)))
        elif region.before_start < region.before_end or region.after_start < region.after_end:
            found.extend(_matched(region, before, after))
    return found


def _trimmed(region: Hunk, before: Sequence[AnyStr], after: Sequence[AnyStr]) -> Hunk:
    """Return the region without the lines that its ends share."""
    low, high, start, end = region.before_start, region.before_end, region.after_start, region.after_end
    while low < high and start < end and before[low] == after[start]:
        low, start = low + 1, start + 1
    while low < high and start < end and before[high - 1] == after[end - 1]:
        high, end = high - 1, end - 1
    return Hunk(low, high, start, end)


def _anchors(region: Hunk, before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest rising run of pairs of lines that occur once on either side of the region."""
    once_after = _once(after, region.after_start, region.after_end)
    once_before = _once(before, region.before_start, region.before_end)
    pairs = [(place, once_after[line]) for line, place in once_before.items() if line in once_after]
    tails: list[int] = []  # smallest last line of a rising run, by its length
    runs: list[int] = []
    for _, place in pairs:
        length = bisect_left(tails, place)
        tails[length : length + 1] = [place]
        runs.append(length)
    chosen: list[tuple[int, int]] = []
    wanted = len(tails) - 1
    for pair, length in zip(reversed(pairs), reversed(runs), strict=True):
        if length == wanted:
            chosen.append(pair)
            wanted -= 1
    return chosen[::-1]


def _once(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    count = Counter(lines[start:end])
    return {lines[place]: place for place in range(start, end) if count[lines[place]] == 1}


def _between(region: Hunk, anchors: Sequence[tuple[int, int]]) -> list[Hunk]:
    starts = [(region.before_start, region.after_start), *((left + 1, right + 1) for left, right in anchors)]
    ends = [*anchors, (region.before_end, region.after_end)]
    return [Hunk(low, high, start, end) for (low, start), (high, end) in zip(starts, ends, strict=True)]


def _matched(region: Hunk, before: Sequence[str], after: Sequence[str]) -> list[Hunk]:
    """Return the hunks of a region without anchors; a large one is a single hunk."""
    left = before[region.before_start : region.before_end]
    right = after[region.after_start : region.after_end]
    # The ends differ: in a region of one line by one, or with an empty side, nothing can match.
    if len(left) * len(right) <= 1 or len(left) * len(right) > _MAX_CELLS:
        return [region]
    low, start = region.before_start, region.after_start
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [Hunk(low + i1, low + i2, start + j1, start + j2) for tag, i1, i2, j1, j2 in codes if tag != "equal"]
