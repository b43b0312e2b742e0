"""Values as texts that are equal exactly when two values behave alike, by looking alone.

Nothing is consumed and nothing of the program is called. What only use can tell, a nested function or an iterator, is a
placeholder here: `observe` uses it when the run is over.
"""

import collections
import enum
import functools
import hashlib
import types

from asking import State, expression, scalar
from objects import ITEMS, bare, instance_text, object_text
from unknowns import DELETED, Unknown

DEPTH, TEXT = 6, 4000
_CONTAINERS = {list: "[]", tuple: "()", set: "{}", frozenset: "{}", collections.deque: "[]"}


def describe(value, depth=DEPTH, seen=()):
    """The text of `value`; long texts keep their beginning and a hash of the whole."""
    try:
        text = _describe(value, depth, seen)
    except (MemoryError, RecursionError):
        raise
    except Exception:  # of the program's own class, which refuses to be looked at
        text = bare(value, functools.partial(describe, depth=depth - 1, seen=(*seen, id(value))))
    return (
        text
        if len(text) <= TEXT
        else f"{text[:TEXT]}...#{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"
    )


def describe_with(orders, value):
    """The text of `value`; the keys of each dictionary in it, in their order, go to the list `orders`, if there is one.

    The text itself does not tell that order, for dictionaries are equal whatever it is.
    """
    State.orders = orders
    try:
        return describe(value)
    finally:
        State.orders = None


def glimpse(value):
    """The text of `value` for a frame: what is only shown is not used afterwards."""
    State.glimpsing = True
    try:
        return describe(value, 3)
    finally:
        State.glimpsing = False


def _describe(value, depth, seen):
    kind = type(value)
    if kind is Unknown:
        return expression(value)
    if scalar(value):
        return repr(value)
    if id(value) in seen or depth == 0:
        return "..."
    if id(value) in State.used:
        return State.used[id(value)][1]
    seen = (*seen, id(value))
    inner = functools.partial(describe, depth=depth - 1, seen=seen)
    if id(value) in State.names and len(seen) > 1:
        return State.names[id(value)]
    if isinstance(value, enum.Enum):
        return f"{kind.__name__}.{value._name_}"
    text = _contents(value, kind, inner)
    if text is not None:
        return instance_text(value, kind, inner, text)
    if isinstance(value, (str, int, float, bytes, bytearray)):
        return instance_text(value, kind, inner, f"{kind.__name__}({_plain(value)})")
    return object_text(value, kind, inner)


def contents(value):
    """The items of a list, dictionary, set or the like, of whatever class; None for what has none or cannot change."""
    if isinstance(value, (tuple, frozenset)):
        return None
    return _contents(value, type(value), functools.partial(describe, depth=DEPTH - 1, seen=(id(value),)))


def _contents(value, kind, inner):
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{inner(k)}: {inner(v)}" for k, v in _first(_ordered(value, inner))) + "}"
        _note_order(value, inner)
        if isinstance(value, collections.defaultdict):
            factory = collections.defaultdict.default_factory.__get__(value)
            return f"{kind.__name__}({inner(factory)}, {text})"
        return _wrapped(kind, dict, text)
    for base, brackets in _CONTAINERS.items():
        if isinstance(value, base):
            return _sequence(value, kind, base, brackets, inner)
    return None


def _plain(value):
    for base in (str, bytes, bytearray, bool, int, float):
        if isinstance(value, base):
            return base.__repr__(value)
    raise AssertionError(f"unreachable: {type(value)}")


def _first(items):
    items = list(items)
    return items[:ITEMS] + ([("...", len(items))] if len(items) > ITEMS else [])


def _ordered(mapping, inner):
    return (
        sorted(dict.items(mapping), key=lambda pair: inner(pair[0]))
        if not isinstance(mapping, collections.OrderedDict)
        else collections.OrderedDict.items(mapping)
    )


def _note_order(mapping, inner):
    is_told = isinstance(mapping, (collections.OrderedDict, collections.Counter)) or len(mapping) < 2
    if State.orders is not None and len(State.orders) < ITEMS and not is_told:
        State.orders.append(f"[{', '.join(inner(key) for key in list(dict.keys(mapping))[:ITEMS])}]")


def _wrapped(kind, base, text):
    return text if kind is base else f"{kind.__name__}({text})"


def _of_equals(name):
    """Of unknown objects that a set takes for equal it keeps the one that comes first, which says nothing."""
    return min(
        [name, *(other for pair, is_equal in State.equal.items() if is_equal and name in pair for other in pair)]
    )


def _sequence(value, kind, base, brackets, inner):
    parts = [inner(v) for v in list(base.__iter__(value))[: ITEMS + 1]]
    if base in (set, frozenset):
        parts = sorted(map(_of_equals, parts))
        return _wrapped(kind, set, "{" + ", ".join(parts) + "}") if parts else f"{kind.__name__}()"
    if base is tuple and isinstance(getattr(kind, "_fields", None), tuple):
        return f"{kind.__name__}({', '.join(f'{n}={p}' for n, p in zip(kind._fields, parts, strict=False))})"
    comma = "," if base is tuple and len(parts) == 1 else ""
    text = brackets[0] + ", ".join(parts) + comma + brackets[1]
    if base is collections.deque and (longest := collections.deque.maxlen.__get__(value)) is not None:
        return f"{kind.__name__}({text}, maxlen={longest})"
    return _wrapped(kind, base, text)


def digest(function):
    """The text of a nested function that nobody uses: its code and what it closes over."""
    cells = [describe(c.cell_contents, 3) if _filled(c) else "?" for c in function.__closure__ or ()]
    defaults = [describe(d, 3) for d in function.__defaults__ or ()]
    told = repr((_code(function.__code__), cells, defaults)).encode("utf-8", "replace")
    return f"<function {hashlib.sha256(told).hexdigest()[:8]}>"


def _filled(cell):
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _code(code):
    return (
        code.co_code,
        code.co_argcount,
        code.co_kwonlyargcount,
        code.co_names,
        tuple(_code(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts),
    )


def unknown_state():
    """What was written to unknown objects: expression -> text."""
    found = []
    for owner, store in State.stores.items():
        for (kind, name), value in store.items():
            place = f"{owner}.{name}" if kind == "attr" else f"{owner}[{name}]"
            text = "deleted" if value is DELETED else describe(value if kind == "attr" else value[1])
            found.append([place, text])
    return sorted(found)
