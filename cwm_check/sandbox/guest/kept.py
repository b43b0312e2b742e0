"""What a call may change beside its arguments: globals of the module and attributes of its classes.

A namespace and the receiver in; place -> value and text out, before and after the call; of the two, what differs.
"""

import collections
import contextvars
import enum
import marshal
import types

from asking import State
from describe import describe
from objects import is_of_program

_FIXED = frozenset({int, float, bool, type(None)})
_PLAIN = frozenset({list, dict, set})
_CONTAINERS = _PLAIN | {
    collections.deque,
    collections.defaultdict,
    collections.OrderedDict,
    collections.Counter,
}
_SIZED = _CONTAINERS | {str, bytes}
_HOLDERS = frozenset({types.SimpleNamespace, contextvars.ContextVar})  # the first stands for `threading.local`, too
_NAMES, _ITEMS = 300, 50  # places of the module and of the receiver that are watched; how long values may be


def kept(space, receiver):
    """Place -> value, and its state where it may change, of the short globals and class attributes."""
    return {
        place: (value, _state(value, kind) if kind in _CONTAINERS or kind in _HOLDERS else None)
        for place, value, kind in _places(space, receiver)
        if kind in _FIXED or kind in _HOLDERS or (kind in _SIZED and len(value) < _ITEMS)
    }


def _places(space, receiver):
    """Places, values and their types; the class of the receiver, which may stand for one of the module, comes last."""
    found = [(name, value, type(value)) for name, value in list(space.items())[:_NAMES] if name[:2] != "__"]
    for _, value, kind in found[:_NAMES]:
        if len(found) < _NAMES and issubclass(kind, type) and is_of_program(value):
            found += _attributes(value)
    if receiver is None or type(receiver) is State.unknown:
        return found
    own = receiver if issubclass(type(receiver), type) else type(receiver)
    return (
        found + [place for cls in reversed(own.__mro__) if is_of_program(cls) for place in _attributes(cls)][-_NAMES:]
    )


def _attributes(cls):
    if issubclass(type(cls), enum.EnumType):
        return []
    owner = f"{cls.__qualname__}."
    return [(owner + name, value, type(value)) for name, value in vars(cls).items() if name[:2] != "__"]


def _state(value, kind):
    """What shows whether a value has changed: the bytes of plain values, which are quick to make, else the text."""
    if kind in _PLAIN:
        try:
            return marshal.dumps(value)
        except ValueError:  # there is more in it than plain values
            pass
    return describe(value.get("nothing") if kind is contextvars.ContextVar else value, 3)


def _text(value, state):
    if state is None:
        return describe(value, 3)
    return describe(marshal.loads(state), 3) if type(state) is bytes else state


def note_changes(kept_before, kept_after, before, after):
    """Add what is not the same any more to the places before and after."""
    for name in {*kept_before, *kept_after}:
        pair = kept_before.get(name), kept_after.get(name)
        if None not in pair and pair[0][0] is pair[1][0] and pair[0][1] == pair[1][1]:
            continue
        for place, entry in zip((before, after), pair, strict=True):
            if entry is not None:
                place[name] = _text(*entry)
