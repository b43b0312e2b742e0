"""Where a command of the debugger stops next: the rules of `bdb`, on a trace instead of a running program.

A path, the place and a command in; the index of the frame where `pdb` would stop out, or None when it would not stop
again. The names `stop_frame`, `return_frame` and `stop_line` are those of `bdb.Bdb._set_stopinfo`. Going backwards has
rules of its own, as `pdb` cannot.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cwm_check.debugging.activations import NOBODY, Path
from cwm_check.trace import Event

ANYWHERE = None
NEVER = -1  # as a line: not in this activation either


@dataclass(frozen=True, slots=True)
class Aim:
    """What a command waits for."""

    stop_frame: int | None = ANYWHERE
    """The activation in which to stop; `ANYWHERE`: in all."""
    return_frame: int | None = None
    """The activation at whose return to stop."""
    stop_line: int = 0
    """The least line of `stop_frame` to stop at, or `NEVER`."""


def aim_of(path: Path, index: int, command: str, line: int | None = None) -> Aim:
    """Return what `step`, `next`, `out`, `until` (with the least line to stop at) or `continue` waits for."""
    owner, frame = path.owners[index], path.frames[index]
    is_left = frame.event is Event.RETURN and command in ("next", "until")  # bdb goes on as after `step`
    if command == "step" or is_left:
        return Aim()
    match command:
        case "next":
            return Aim(owner)
        case "until":
            return Aim(owner, owner, frame.line + 1 if line is None else line)
        case "out":
            if path.owner(index).is_generator:
                return Aim(owner, stop_line=NEVER)
            return Aim(path.callers[index][-1] if path.callers[index] else NOBODY, owner)
        case "continue":
            return Aim(NOBODY, stop_line=NEVER)
    raise AssertionError(f"unreachable: {command!r}")


def next_stop(path: Path, index: int, aim: Aim, breaks: Collection[int] = ()) -> int | None:
    """Return the first frame after `index` where `aim` or one of the frames in `breaks` stops the run."""
    return next((i for i in range(index + 1, len(path.frames)) if _stops(path, i, aim, breaks)), None)


def first_stop(path: Path) -> int:
    """Return where a session begins: at the first line, as `pdb.runcall` does."""
    return next((i for i, frame in enumerate(path.frames) if frame.event is Event.LINE), 0)


def _stops(path: Path, index: int, aim: Aim, breaks: Collection[int]) -> bool:
    frame, owner = path.frames[index], path.owners[index]
    is_generator = path.activations[owner].is_generator
    here = aim.stop_frame is ANYWHERE or (
        owner == aim.stop_frame and aim.stop_line != NEVER and frame.line >= aim.stop_line
    )
    match frame.event:
        case Event.CALL:
            return aim.stop_frame is ANYWHERE
        case Event.LINE:
            return here or index in breaks
        case Event.RETURN:
            # Ends of a generator's turns are no returns, except to one who steps.
            return (here or owner == aim.return_frame) and not (aim.stop_frame is not ANYWHERE and is_generator)
        case Event.EXCEPTION:
            is_end = (frame.value or "").startswith(("StopIteration(", "GeneratorExit("))
            if here:
                return not (is_generator and is_end)
            stopped = aim.stop_frame is not ANYWHERE and aim.stop_frame != NOBODY and owner != aim.stop_frame
            return stopped and is_end and path.activations[aim.stop_frame or 0].is_generator


def lines_of(path: Path, line: int) -> list[int]:
    """Return the frames that are about to run `line`."""
    return [i for i, f in enumerate(path.frames) if f.event is Event.LINE and f.line == line]


# --- backwards


def former_stop(path: Path, index: int, command: str, breaks: Collection[int] = ()) -> int | None:
    """Return where a command stops that is carried out backwards.

    `step`: the frame before. `next`: the frame before in the same function, or its call. `out`: the frame that called.
    `continue`: the breakpoint before, else the first frame; so `out`.
    """
    before = range(index - 1, -1, -1)
    match command:
        case "step":
            return index - 1 if index else None
        case "next":
            mine = path.owners[index]
            waiting = {mine, *path.callers[index]}
            return next((i for i in before if path.owners[i] in waiting), None)
        case "out":
            caller = path.callers[index][-1] if path.callers[index] else NOBODY
            return next((i for i in before if path.owners[i] == caller), 0 if index else None)
        case "continue":
            return next((i for i in before if i in breaks), 0 if index else None)
    raise AssertionError(f"unreachable: {command!r}")
