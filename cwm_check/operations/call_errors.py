"""A builtin function or a method, and the values it is called with, in; the exceptions that the call can raise out.

What kind of values they are decides, at most whether there is any; the call's result is not looked at. None: not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Errors = frozenset[str]
NO_ERRORS: Errors = frozenset()
INDEX, KEY, TYPE, VALUE, ATTRIBUTE, ZERO = (
    frozenset({f"{name}Error"}) for name in "Index Key Type Value Attribute ZeroDivision".split()
)
NUMBERS = (int, float)  # bool is an int
SEQUENCES = (str, list, tuple)
ITERABLE = (str, list, tuple, dict, set, frozenset, bytes)
SIMPLE = (int, float, str, bytes, type(None))
"""Values that can be hashed whatever is in them."""
PLAIN = (*SIMPLE, list, tuple, dict, set)
LARGE = 10**6
"""Beyond it a number may be too large for what is made with it: a text, a range, a float."""


def are_ordered(items: Sequence[Any]) -> bool:
    """Return whether any two of them can be compared by size."""
    return (
        all(isinstance(item, NUMBERS) for item in items)
        or all(isinstance(item, str) for item in items)
        or (
            (all(isinstance(item, list) for item in items) or all(isinstance(item, tuple) for item in items))
            and are_ordered([part for item in items for part in item])
        )
    )


# --- functions


Rule = Callable[[Sequence[Any]], Errors | None]


def _one(*kinds: type, otherwise: Errors | None = TYPE) -> Rule:
    """A function of one argument that takes all values of some types."""
    return lambda given: (NO_ERRORS if isinstance(given[0], kinds) else otherwise) if len(given) == 1 else None


def _number(given: Sequence[Any]) -> Errors | None:
    """`int` and `float`: a text may be no number."""
    if len(given) != 1 or isinstance(given[0], float):
        return None
    return NO_ERRORS if isinstance(given[0], int) else VALUE if isinstance(given[0], str | bytes) else TYPE


def _extreme(given: Sequence[Any]) -> Errors | None:
    """`min` and `max`, of one iterable or of several values."""
    items: Any = given[0] if len(given) == 1 else given
    if not isinstance(items, ITERABLE):
        return TYPE
    if not items:
        return VALUE
    return NO_ERRORS if are_ordered(list(items)) else TYPE


def _ordered(given: Sequence[Any]) -> Errors | None:
    if len(given) != 1 or not isinstance(given[0], ITERABLE):
        return TYPE if len(given) == 1 else None
    return NO_ERRORS if are_ordered(list(given[0])) else TYPE


def _summed(given: Sequence[Any]) -> Errors | None:
    if len(given) != 1 or not isinstance(given[0], ITERABLE):
        return TYPE if len(given) == 1 else None
    return NO_ERRORS if all(isinstance(item, NUMBERS) and abs(item) <= LARGE for item in given[0]) else None


def _distinct(given: Sequence[Any]) -> Errors | None:
    """`set` and `frozenset`: items must be hashable."""
    if len(given) != 1 or not isinstance(given[0], ITERABLE):
        return TYPE if len(given) == 1 else None
    return NO_ERRORS if all(isinstance(item, SIMPLE) for item in given[0]) else TYPE


def _ranged(given: Sequence[Any]) -> Errors | None:
    if not all(isinstance(one, int) for one in given):
        return TYPE
    return VALUE if len(given) == 3 and not given[2] else NO_ERRORS if len(given) < 4 else TYPE


FUNCTIONS: Mapping[str, Rule] = {
    "len": _one(*ITERABLE),
    "str": _one(object),
    "repr": _one(object),
    "bool": _one(object),
    "int": _number,
    "float": _number,
    "list": _one(*ITERABLE),
    "tuple": _one(*ITERABLE),
    "set": _distinct,
    "frozenset": _distinct,
    "sorted": _ordered,
    "sum": _summed,
    "min": _extreme,
    "max": _extreme,
    "abs": _one(*NUMBERS),
    "any": _one(*ITERABLE),
    "all": _one(*ITERABLE),
    "enumerate": _one(*ITERABLE),
    "reversed": _one(str, list, tuple, dict, bytes),
    "zip": lambda given: NO_ERRORS if all(isinstance(one, ITERABLE) for one in given) else TYPE,
    "range": _ranged,
}


# --- methods


def method_errors(owner: Any, name: str, given: Sequence[Any]) -> Errors | None:
    """Return what a method of `owner` can raise."""
    kind = type(owner)
    if kind not in (str, list, tuple, dict, set):
        return None
    if not hasattr(kind, name):
        return ATTRIBUTE
    rule = _METHODS.get(f"{kind.__name__}.{name}")
    return rule(owner, given) if rule else None


Method = Callable[[Any, Sequence[Any]], Errors | None]


def _takes(*kinds: type | tuple[type, ...], least: int = 0, errors: Errors = NO_ERRORS) -> Method:
    """A method whose arguments, at least so many, are of these types; all others are left open."""

    def rule(owner: Any, given: Sequence[Any]) -> Errors | None:
        fits = least <= len(given) <= len(kinds) and all(map(isinstance, given, kinds))
        return errors if fits else None

    return rule


def _split(owner: Any, given: Sequence[Any]) -> Errors | None:
    if len(given) > 1 and not (len(given) == 2 and isinstance(given[1], int)):
        return None
    return NO_ERRORS if not given or given[0] is None else _parted(owner, given[:1])


def _parted(owner: Any, given: Sequence[Any]) -> Errors | None:
    """An empty separator is refused."""
    if len(given) != 1 or not isinstance(given[0], str):
        return TYPE
    return NO_ERRORS if given[0] else VALUE


def _padded(owner: Any, given: Sequence[Any]) -> Errors | None:
    fits = 0 < len(given) < 3 and isinstance(given[0], int)
    return NO_ERRORS if fits and (len(given) == 1 or (isinstance(given[1], str) and len(given[1]) == 1)) else TYPE


def _joined(owner: Any, given: Sequence[Any]) -> Errors | None:
    fits = len(given) == 1 and isinstance(given[0], ITERABLE)
    return NO_ERRORS if fits and all(isinstance(item, str) for item in given[0]) else TYPE


def _popped(owner: Any, given: Sequence[Any]) -> Errors | None:
    """`pop` and `popitem` without arguments: something must be there."""
    return (NO_ERRORS if owner else KEY if isinstance(owner, dict | set) else INDEX) if not given else None


def _list_popped(owner: Any, given: Sequence[Any]) -> Errors | None:
    return _popped(owner, given) if not given else INDEX if len(given) == 1 and isinstance(given[0], int) else None


def _dict_popped(owner: Any, given: Sequence[Any]) -> Errors | None:
    if not given or not isinstance(given[0], SIMPLE):
        return None
    return KEY if len(given) == 1 else NO_ERRORS if len(given) == 2 else None


def _sorted_in_place(owner: Any, given: Sequence[Any]) -> Errors | None:
    return _ordered([owner]) if not given else None


_ANY = object
_NOTHING_GIVEN = """str.upper str.lower str.title str.capitalize str.swapcase str.casefold str.splitlines str.isalpha
str.isdigit str.isalnum str.isupper str.islower str.isspace str.istitle str.isdecimal str.isnumeric str.isidentifier
str.isascii str.isprintable list.reverse list.copy list.clear dict.keys dict.values dict.items dict.copy dict.clear
set.copy set.clear"""
_METHODS: Mapping[str, Method] = {
    **dict.fromkeys(_NOTHING_GIVEN.split(), _takes()),
    **dict.fromkeys(["str.strip", "str.lstrip", "str.rstrip"], _takes((str, type(None)))),
    **dict.fromkeys("str.startswith str.endswith str.find str.rfind str.count".split(), _takes(str, int, int, least=1)),
    **dict.fromkeys(["str.index", "str.rindex"], _takes(str, int, int, least=1, errors=VALUE)),
    **dict.fromkeys(["str.removeprefix", "str.removesuffix"], _takes(str, least=1)),
    "str.replace": _takes(str, str, int, least=2),
    "str.zfill": _takes(int, least=1),
    **dict.fromkeys(["str.center", "str.ljust", "str.rjust"], _padded),
    **dict.fromkeys(["str.split", "str.rsplit"], _split),
    **dict.fromkeys(["str.partition", "str.rpartition"], _parted),
    "str.join": _joined,
    **dict.fromkeys(["list.append", "list.count", "tuple.count"], _takes(_ANY, least=1)),
    "list.extend": _takes(ITERABLE, least=1),
    "list.insert": _takes(int, _ANY, least=2),
    **dict.fromkeys(["list.index", "list.remove", "tuple.index"], _takes(_ANY, least=1, errors=VALUE)),
    "list.pop": _list_popped,
    "list.sort": _sorted_in_place,
    **dict.fromkeys(["dict.get", "dict.setdefault"], _takes(SIMPLE, _ANY, least=1)),
    "dict.pop": _dict_popped,
    "dict.popitem": _popped,
    "dict.update": _takes(dict, least=1),
    **dict.fromkeys(["set.add", "set.discard"], _takes(SIMPLE, least=1)),
    "set.remove": _takes(SIMPLE, least=1, errors=KEY),
    "set.pop": _popped,
}
