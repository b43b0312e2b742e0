"""The heap of the snapshot: what a run allocates and what it touches shall lie on few pages.

Each page of the snapshot that a run touches is a page fault, about 1.6 us, and without this module they were most of
what a run costs. Loading the library leaves holes all over the heap, and `malloc` would take one here and one there.
"""

ROOM = 4 << 20  # bytes at the end of the heap that a run can use without asking for memory
_SIZES = (*(1 << power for power in range(21, 10, -1)), *range(1008, 0, -16), 3)
_NUMBER = 1 << 40


def _made():
    """What makes an object in each size of hole, and of each type of which CPython keeps freed objects."""
    yield from ((lambda size=size: bytes(size)) for size in _SIZES)
    yield from ((lambda size=size: tuple(range(size))) for size in range(1, 21))
    yield from (object, list, dict, lambda: [None], lambda: {1: 2}, lambda: {"a": 2})
    yield from (lambda: _NUMBER + len(_SIZES), lambda: 1.5 * len(_SIZES), lambda: slice(None), lambda: range(_NUMBER))
    yield from (lambda: iter(()), lambda: iter([]), lambda: iter(range(1)), lambda: lambda: None, lambda: "".join)


_held = ()


def fill_holes():
    """Fill the holes with objects that nobody frees: what is allocated from now on lies together, behind them."""
    global _held
    end = id(bytes(ROOM))
    for make in _made():
        while id(filling := make()) < end:
            _held = _held, filling
        del filling
