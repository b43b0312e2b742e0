"""A finding told step by step, in plain sentences: every word of them comes from the frames of its two traces.

A finding in, sentences out: how long both versions have the same values, what each line does from there on, what they
end with, and what that rests on. A finding of the source alone, or without traces, has no account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cwm_check.debugging.activations import Path, path_of
from cwm_check.debugging.alignment import Row, aligned
from cwm_check.trace import Event, Evidence, Frame
from cwm_check.verdicts import Finding
from cwm_check.wording import printable, shorten

_STEPS, _LOOP = 12, 4  # that are told, of a run without an end
_VALUE, _SOURCE = 80, 80  # widths


def account(finding: Finding) -> tuple[str, ...]:
    """Return the account of a finding; empty if it leaves no traces."""
    if finding.before_trace is None and finding.after_trace is not None and finding.call is not None:
        return _alone(finding, path_of(finding.after_trace))
    if finding.before_trace is None or finding.after_trace is None or finding.call is None:
        return ()
    before, after = path_of(finding.before_trace), path_of(finding.after_trace)
    if not before.frames or not after.frames:
        return ()
    rows = aligned(before, after)
    turn = next((n for n, row in enumerate(rows) if _differing(before, after, row)), len(rows))
    start = _beginning(before, after, rows, turn)
    told = [s for n in range(start, len(rows)) for s in _step(before, after, rows[n], is_turn=n == turn)]
    shown = told[:_STEPS] + ([f"{len(told) - _STEPS} more steps follow."] if len(told) > _STEPS else [])
    endings = (f"{label}, the call {end} at line {line}." for label, end, line in _endings(before, after))
    new = (
        text
        for text, (label, end, _) in zip(endings, _endings(before, after), strict=True)
        if not any(s.startswith(label) and s.endswith(f"{end}.") for s in shown)
    )
    return (*_common(before, after, rows[:start]), *shown, *new, _basis(finding))


def _alone(finding: Finding, path: Path) -> tuple[str, ...]:
    """The account of new code: the last steps up to the mistake."""
    lines = [n for n, frame in enumerate(path.frames) if frame.event is Event.LINE]
    shown = lines[-(_STEPS if path.frames[-1].event in (Event.RETURN, Event.EXCEPTION) else _LOOP) :]
    earlier = (f"{len(lines) - len(shown)} steps come before.",) if len(shown) < len(lines) else ()
    told = (f"{_place(path, n)} {_did(path, n)}." for n in shown)
    return (*earlier, *(f"{text[:1].upper()}{text[1:]}" for text in told), _basis(finding))


def _pair(before: Path, after: Path, row: Row) -> tuple[Frame, Frame] | None:
    """The frames of a row, if both versions do the same there."""
    i, j = row
    return None if i is None or j is None else (before.frames[i], after.frames[j])


def _differing(before: Path, after: Path, row: Row) -> list[tuple[str, str, str]]:
    """Names that have another value in both frames of a row, and the values; what is returned or raised has no name."""
    pair = _pair(before, after, row)
    if pair is None or pair[0].event is not pair[1].event:
        return []
    former, latter = dict(pair[0].locals), dict(pair[1].locals)
    found = [(n, former[n], latter[n]) for n in former if n in latter and former[n] != latter[n]]
    return found + ([("", pair[0].value or "", pair[1].value or "")] if pair[0].value != pair[1].value else [])


def _beginning(before: Path, after: Path, rows: Sequence[Row], turn: int) -> int:
    """The first row to tell: behind the last one before `turn` at which both versions are at one line in one state."""
    for number in range(min(turn, len(rows)) - 1, -1, -1):
        pair = _pair(before, after, rows[number])
        if pair is not None and pair[0].event is Event.LINE and _is_same_line(pair):
            return number if _is_telling(before, after, rows[number]) else number + 1
    return 0


def _is_same_line(pair: tuple[Frame, Frame]) -> bool:
    return pair[0].source.strip() == pair[1].source.strip() and pair[0].locals == pair[1].locals


def _is_telling(before: Path, after: Path, row: Row) -> bool:
    """Whether the line of a row does something else in the two versions, or raises in both."""
    i, j = row
    if i is None or j is None:
        return False
    return _did(before, i) != _did(after, j) or _did(after, j).startswith("raises")


def _common(before: Path, after: Path, rows: Sequence[Row]) -> Iterator[str]:
    """Where the versions were last alike."""
    for row in reversed(rows):
        pair = _pair(before, after, row)
        if pair is not None and pair[0].event is Event.LINE and _is_same_line(pair):
            lines = (
                f"line {pair[1].line}" if pair[0].line == pair[1].line else f"lines {pair[0].line} and {pair[1].line}"
            )
            yield f"Both versions have the same values up to {lines}, `{_cut(pair[1].source.strip(), _SOURCE)}`."
            return


def _step(before: Path, after: Path, row: Row, *, is_turn: bool) -> Iterator[str]:
    """What a row does: in one sentence where both do the same, else in one for each."""
    i, j = row
    pair = _pair(before, after, row)
    if pair is not None and i is not None and j is not None:
        if is_turn and pair[0].event is not Event.EXCEPTION:
            yield from _turned(after, j, _differing(before, after, row), pair[0].event)
        if pair[0].event is pair[1].event is Event.LINE and _alike(before, i, after, j):
            yield f"Both run {_place(after, j)}: it {_did(after, j)}."
            return
    for label, path, index in (("Before", before, i), ("After", after, j)):
        if index is not None and path.frames[index].event is Event.LINE:
            yield f"{label}, {_place(path, index)} {_did(path, index)}."


def _alike(before: Path, i: int, after: Path, j: int) -> bool:
    return before.frames[i].source.strip() == after.frames[j].source.strip() and _did(before, i) == _did(after, j)


def _turned(after: Path, index: int, differing: Sequence[tuple[str, str, str]], event: Event) -> Iterator[str]:
    """The first values that differ where both versions are at the same place."""
    named = [(n, _cut(one, _VALUE), _cut(other, _VALUE)) for n, one, other in differing if n]
    told = " and ".join(f"{n} is {one} before and {other} after" for n, one, other in named)
    if told:
        place = f"In the call of {after.owner(index).name}" if event is Event.CALL else f"At {_place(after, index)}"
        yield f"{place} {told}."


def _place(path: Path, index: int) -> str:
    frame = path.frames[index]
    inside = f" of {path.owner(index).name}" if path.callers[index] else ""
    return f"line {frame.line}{inside} `{_cut(frame.source.strip(), _SOURCE)}`"


def _did(path: Path, index: int) -> str:
    """What the line at a frame does: read from the next frame of the same call."""
    frame, owner = path.frames[index], path.owners[index]
    following = next((i for i in range(index + 1, len(path.frames)) if path.owners[i] == owner), None)
    if following is None:
        return "is the last that was traced"
    inside = range(index + 1, following)
    begun = (i for i in inside if path.frames[i].event is Event.CALL and path.callers[i][-1:] == (owner,))
    called = [path.owner(i).name for i in begun]
    calls = f"calls {', '.join(dict.fromkeys(called))} and then " if called else ""
    return calls + _effect(frame, path.frames[following])


def _effect(frame: Frame, then: Frame) -> str:
    match then.event:
        case Event.RETURN:
            return f"returns {_cut(then.value or '', _VALUE)}"
        case Event.EXCEPTION:
            return f"raises {_cut(then.value or '', _VALUE)}"
        case Event.CALL | Event.LINE:
            return _changes(frame, then)
    raise AssertionError(f"unreachable: {then.event!r}")


def _changes(frame: Frame, then: Frame) -> str:
    former = dict(frame.locals)
    changed = [(name, text) for name, text in then.locals if former.get(name) != text]
    gone = [name for name in former if name not in dict(then.locals)]
    told = [
        f"makes {name} {_cut(text, _VALUE)}" + (f" (it was {_cut(former[name], _VALUE)})" if name in former else "")
        for name, text in changed
    ]
    told += [f"deletes {name}" for name in gone]
    return " and ".join(told) or f"goes on at line {then.line}"


def _endings(before: Path, after: Path) -> Iterator[tuple[str, str, int]]:
    """For each version its name, what the call does at its end, and the line."""
    for label, path in (("Before", before), ("After", after)):
        last = path.frames[-1]
        if last.event is Event.RETURN and len(path.frames) > 1 and path.frames[-2].event is Event.EXCEPTION:
            last = path.frames[-2]
        verb = {Event.RETURN: "returns", Event.EXCEPTION: "raises"}.get(last.event)
        yield label, f"{verb} {_cut(last.value or '', _VALUE)}" if verb else "is cut", last.line


def _basis(finding: Finding) -> str:
    match finding.evidence:
        case Evidence.EXACT:
            return "All of this was computed; nothing was unknown."
        case Evidence.CONDITIONAL:
            return "All of this was computed, whatever the unknown values are."
    if finding.assumptions:
        return f"This holds if {'; '.join(_cut(text, _VALUE) for text in finding.assumptions)}."
    return f"This rests on {finding.evidence} values."


def _cut(text: str, width: int) -> str:
    return printable(shorten(text, width))
