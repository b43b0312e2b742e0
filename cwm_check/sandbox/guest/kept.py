"""What a call may change beside its arguments: globals of the module and attributes of its classes.

A namespace and the receiver in; place -> value and text out, before and after the call; of the two, what differs.
"""

import collections
import contextvars
import enum
import types

from asking import State
from describe import describe
from objects import is_of_program

_FIXED, _TEXTS = (int, float, bool, type(None)), (str, bytes)
_CONTAINERS = (
    list,
    dict,
    set,
    collections.deque,
    collections.defaultdict,
    collections.OrderedDict,
    collections.Counter,
)
_HOLDERS = (types.SimpleNamespace, contextvars.ContextVar)  # the first stands for `threading.local`, too
_NAMES, _ITEMS = 300, 50  # how many places are watched, and how long their values may be


def kept(space, receiver):
    """Place -> value, and its text where it may change, of the short globals and class attributes."""
    return {name: (value, _text(value)) for name, value in _places(space, receiver) if _is_watched(value)}


def _places(space, receiver):
    """Names and values; those of the class of the receiver, which may stand for one of the module, come last."""
    pairs = [(name, value) for name, value in list(space.items())[:_NAMES] if not name.startswith("__")]
    classes = [value for _, value in pairs if issubclass(type(value), type) and is_of_program(value)]
    if receiver is not None and type(receiver) is not State.unknown:
        own = receiver if issubclass(type(receiver), type) else type(receiver)
        classes += [cls for cls in reversed(own.__mro__) if is_of_program(cls)]
    for cls in classes:
        if not issubclass(type(cls), enum.EnumType):
            pairs += [(f"{cls.__qualname__}.{name}", v) for name, v in vars(cls).items() if not name.startswith("__")]
    return pairs[: 2 * _NAMES]


def _is_watched(value):
    kind = type(value)
    return kind in _FIXED or kind in _HOLDERS or (kind in (*_CONTAINERS, *_TEXTS) and len(value) < _ITEMS)


def _text(value):
    if type(value) is contextvars.ContextVar:
        return describe(value.get("nothing"), 3)
    return describe(value, 3) if type(value) in (*_CONTAINERS, *_HOLDERS) else None


def note_changes(kept_before, kept_after, before, after):
    """Add what is not the same any more to the places before and after."""
    for name in {*kept_before, *kept_after}:
        pair = kept_before.get(name), kept_after.get(name)
        if None not in pair and pair[0][0] is pair[1][0] and pair[0][1] == pair[1][1]:
            continue
        for place, entry in zip((before, after), pair, strict=True):
            if entry is not None:
                place[name] = describe(entry[0], 3) if entry[1] is None else entry[1]
