"""What the debugger shows on a terminal: a `Walk` in, the lines out that tell where it is and what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cwm_check.debugging.debugger import Debugger
from cwm_check.debugging.listing import ending, surety
from cwm_check.debugging.walk import Walk
from cwm_check.simulations import Prediction
from cwm_check.textlines import split_lines
from cwm_check.trace import Event, Evidence, Frame
from cwm_check.wording import printable, shorten

WIDTH = 300


def sides(walk: Walk) -> Iterator[tuple[str, Debugger]]:
    """Yield each run with the words before its lines: nothing for a single one."""
    wide = max(map(len, walk.labels)) + 2
    labels = ("",) if len(walk.sides) == 1 else tuple(label.ljust(wide) for label in walk.labels)
    return zip(labels, walk.sides, strict=True)


def places(walk: Walk, paths: Sequence[str]) -> Iterator[str]:
    """Yield where each run is; of one that waits, only that."""
    for number, (label, side) in enumerate(sides(walk)):
        if walk.present[number]:
            yield from _here(label, side, paths[number])
        else:
            has_left = side.is_at_end and side.frame.event is Event.RETURN
            yield f"{label}{'has returned' if has_left else f'waits at line {side.frame.line}'}"


def _here(label: str, side: Debugger, path: str) -> Iterator[str]:
    frame = side.frame
    if frame.event is not Event.LINE:
        yield f"{label}--{frame.event.capitalize()}--"
    value = "" if frame.value is None else f"->{printable(shorten(frame.value, WIDTH))}"
    sure = "" if frame.evidence is Evidence.EXACT else f" ({surety(frame)})"
    yield f"{label}> {_place(path, frame)}{side.path.owner(side.index).name}(){value}{sure}"
    yield f"{' ' * len(label)}-> {printable(frame.source.strip())}"


def _place(path: str, frame: Frame) -> str:
    return f"{printable(path)}({frame.line})"


def stacks(walk: Walk, paths: Sequence[str]) -> Iterator[str]:
    """Yield the functions that are running, the innermost last."""
    for (label, side), path in zip(sides(walk), paths, strict=True):
        stack = side.stack()
        for name, frame in stack:
            mark = ">" if frame is stack[-1][1] else " "
            yield f"{label}{mark} {_place(path, frame)}{name}()"
            yield f"{' ' * len(label)}-> {printable(frame.source.strip())}"


def endings(walk: Walk) -> Iterator[str]:
    """Yield how each run ends."""
    for label, side in sides(walk):
        yield f"{label}{ending(side.prediction.outcome)}{_basis(side.prediction)}"


def _basis(prediction: Prediction) -> str:
    return "" if prediction.evidence is Evidence.EXACT else f" ({prediction.evidence})"


def known(walk: Walk) -> Iterator[str]:
    """Yield the locals of the function that runs."""
    for label, side in sides(walk):
        for name, text in side.locals():
            yield f"{label}{name} = {printable(shorten(text, WIDTH))}"


def told(walk: Walk, expression: str) -> str:
    """Return what an expression gives here, in one line: `3`, or `before 3, after 4` where they differ."""
    texts = [_value(side, expression) for side in walk.sides]
    if len(set(texts)) == 1:
        return texts[0]
    return ", ".join(f"{label} {text}" for label, text in zip(walk.labels, texts, strict=True))


def _value(side: Debugger, expression: str) -> str:
    seen = side.value(expression)
    return f"*** {printable(seen.text)}" if seen.failed else printable(shorten(seen.text, WIDTH))


def source(side: Debugger, low: int, high: int) -> Iterator[str]:
    """Yield lines of the source, with marks at breakpoints and at the line that runs next."""
    lines = split_lines(side.trace.context)
    broken = {b.line for b in side.breakpoints}
    for number in range(low, min(high, len(lines)) + 1):
        marks = ("B" if number in broken else " ") + ("->" if number == side.frame.line else "  ")
        yield f"{number:3} {marks} {printable(lines[number - 1].expandtabs())}".rstrip()
