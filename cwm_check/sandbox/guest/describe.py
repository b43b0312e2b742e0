"""Values as texts that are equal exactly when two values behave alike, by looking alone.

Nothing is consumed and nothing of the program is called. What only use can tell, a nested function or an iterator, is a
placeholder here: `observe` uses it when the run is over.
"""

import argparse
import collections
import configparser
import contextlib
import enum
import functools
import hashlib
import io
import re
import types
from xml.etree.ElementTree import Element

from asking import State, Stop, class_text, expression, scalar
from standins import Lazy
from unknowns import DELETED, Unknown

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
ITEMS, DEPTH, TEXT = 200, 6, 4000
_CONTAINERS = {list: "[]", tuple: "()", set: "{}", frozenset: "{}", collections.deque: "[]"}


def describe(value, depth=DEPTH, seen=()):
    """The text of `value`; long texts keep their beginning and a hash of the whole."""
    text = _describe(value, depth, seen)
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
        return _instance(value, kind, inner, text)
    if isinstance(value, (str, int, float, bytes, bytearray)):
        return _instance(value, kind, inner, f"{kind.__name__}({_plain(value)})")
    return _object(value, kind, inner)


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
            return f"{kind.__name__}({inner(value.default_factory)}, {text})"
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
        else mapping.items()
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
    if base is tuple and hasattr(kind, "_fields"):
        return f"{kind.__name__}({', '.join(f'{n}={p}' for n, p in zip(kind._fields, parts, strict=False))})"
    comma = "," if base is tuple and len(parts) == 1 else ""
    text = brackets[0] + ", ".join(parts) + comma + brackets[1]
    if base is collections.deque and value.maxlen is not None:
        return f"{kind.__name__}({text}, maxlen={value.maxlen})"
    return _wrapped(kind, base, text)


def state(value):
    """The attributes of an instance as pairs: its dictionary and its slots, without what a property keeps there."""
    pairs = dict(vars(value)) if hasattr(value, "__dict__") and isinstance(value.__dict__, dict) else {}
    for name in [name for name in pairs if _is_cached(type(value), name)]:
        del pairs[name]
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__"):
                with contextlib.suppress(AttributeError):
                    pairs[name] = object.__getattribute__(
                        value,
                        name
                        if not (name.startswith("__") and not name.endswith("__"))
                        else f"_{cls.__name__.lstrip('_')}{name}",
                    )
    return sorted(pairs.items(), key=lambda pair: str(pair[0]))


def _is_cached(cls, name):
    return any(isinstance(c.__dict__.get(name), functools.cached_property) for c in cls.__mro__)


def _instance(value, kind, inner, text):
    pairs = state(value) if hasattr(value, "__dict__") else ()
    separator = "" if text.endswith("()") else ", "
    return text if not pairs else f"{text[:-1]}{separator}{', '.join(f'{n}={inner(v)}' for n, v in pairs)})"


def _object(value, kind, inner):
    if isinstance(value, type):
        return class_text(value) + _body(value, inner)
    if isinstance(value, (classmethod, staticmethod)):
        return f"{kind.__name__}({inner(value.__func__)})"
    if isinstance(value, property):
        return f"property({inner(value.fget)}, {inner(value.fset)})"
    if isinstance(value, BaseException):
        notes = [("notes", value.__notes__)] if getattr(value, "__notes__", None) else []
        told = [f"{n}={inner(v)}" for n, v in state(value) if n != "__notes__"] + [f"{n}={inner(v)}" for n, v in notes]
        return f"{kind.__name__}({', '.join([*map(inner, value.args), *told])})"
    if isinstance(value, re.Pattern):  # its own text ends after 200 characters
        return f"re.compile({inner(value.pattern)}, {int(value.flags)})"
    if isinstance(value, types.ModuleType):
        return f"<module {value.__name__}>"
    if isinstance(value, types.FunctionType):
        is_nested = "<locals>" in value.__qualname__ or "<lambda>" in value.__qualname__
        return placeholder("function", value) if is_nested else f"<function {value.__qualname__}>"
    if isinstance(value, types.MethodType):
        owner = value.__self__ if isinstance(value.__self__, type) else type(value.__self__)
        return f"<method {class_text(owner)}.{value.__name__}>"
    if isinstance(value, functools.partial):
        keywords = (f"{k}={inner(v)}" for k, v in sorted(value.keywords.items()))
        return f"partial({', '.join([inner(value.func), *map(inner, value.args), *keywords])})"
    if isinstance(value, (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)):
        return f"<built-in {value.__qualname__}>"
    for base in (io.StringIO, io.BytesIO):
        if isinstance(value, base):
            return _buffer(value, base, kind, inner)
    if isinstance(value, types.GeneratorType) or is_iterator(value):
        return placeholder("iterator", value)
    if isinstance(value, (types.CoroutineType, types.AsyncGeneratorType)):
        return f"<{kind.__name__} {value.__name__}>"
    if isinstance(value, (type({}.keys()), type({}.values()), type({}.items()))):
        return f"{kind.__name__}([{', '.join(inner(v) for v in list(value)[:ITEMS])}])"
    if isinstance(value, Element):
        return _element(value, kind, inner)
    if isinstance(value, configparser.RawConfigParser) and not is_of_program(kind):
        return _named(kind, [("defaults", value._defaults), ("sections", value._sections)], inner)
    if is_of_program(kind) or isinstance(value, Lazy) or (kind.__repr__ is object.__repr__ and state(value)):
        return f"{kind.__name__}{_body(kind, inner)}({_pairs(state(value), inner)})"
    if isinstance(value, argparse.ArgumentParser):
        return _parser(value, kind, inner)
    try:
        text = f"memoryview({inner(bytes(value))})" if isinstance(value, memoryview) else ADDRESS.sub("", repr(value))
    except Stop:
        raise
    except Exception:
        text = f"<{kind.__name__}>"
    return text


def _body(cls, inner):
    """What stands in a class that the program made in a function, or by a call: another time it may make another one.

    Nothing for a class that a statement of a module defines.
    """
    is_stated = "<locals>" not in cls.__qualname__ and "__firstlineno__" in vars(cls)
    if is_stated or not is_of_program(cls):
        return ""
    return f"[{_pairs(_made_of(cls), inner)}]"


def _made_of(cls):
    if isinstance(cls, enum.EnumType):
        return [(name, member._value_) for name, member in cls.__members__.items()]
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return [("fields", cls._fields), ("defaults", cls._field_defaults)]
    pairs = [(n, v) for n, v in vars(cls).items() if isinstance(v, types.FunctionType) or not n.startswith("__")]
    for name in ("__required_keys__", "__optional_keys__", "__match_args__"):  # of typed dictionaries and dataclasses
        pairs += [(name, vars(cls)[name])] if name in vars(cls) else []
    return sorted(pairs, key=lambda pair: pair[0])


def _named(kind, pairs, inner):
    return f"{kind.__name__}({_pairs(pairs, inner)})"


def _pairs(pairs, inner):
    return ", ".join(f"{name}={inner(value)}" for name, value in pairs)


def _parser(value, kind, inner):
    """What its own text leaves out is what it parses: its arguments, and those of its subcommands."""
    pairs = (*value._get_kwargs(), ("epilog", value.epilog), ("defaults", value._defaults))
    texts = [f"{name}={inner(one)}" for name, one in pairs]
    texts += [_named(type(action), action._get_kwargs(), inner) for action in value._actions]
    return f"{kind.__name__}({', '.join(texts)})"


def _element(value, kind, inner):
    pairs = [(name, getattr(Element, name).__get__(value)) for name in ("tag", "attrib", "text", "tail")]
    children = [Element.__getitem__(value, at) for at in range(Element.__len__(value))]
    return _named(kind, [*pairs, ("children", children), *state(value)], inner)


def _buffer(value, base, kind, inner):
    if base.closed.__get__(value):
        return f"{kind.__name__}(closed)"
    return _instance(value, kind, inner, f"{kind.__name__}({inner(base.getvalue(value))}, {base.tell(value)})")


def is_of_program(kind):
    """Whether a class is one of the checked program."""
    return kind.__module__ in ("program", "__main__", "unknown") or kind.__module__ in State.program_modules


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


def is_iterator(value):
    """Whether a value is an iterator of Python's own, which can only be used up."""
    return (
        type(value) is not Unknown
        and not isinstance(value, Lazy)
        and hasattr(type(value), "__next__")
        and type(value).__module__ in ("builtins", "itertools", "_csv", "re")
    )


def placeholder(kind, value):
    """What stands for a function or an iterator until the run is over: `<function 1>`, `<iterator 2>`."""
    if State.glimpsing:
        return f"<{kind} {value.__name__}>" if kind == "function" else f"<{kind}>"
    if id(value) not in State.handed:
        State.handed[id(value)] = value, f"<{kind} {len(State.handed) + 1}>"
    return State.handed[id(value)][1]


def unknown_state():
    """What was written to unknown objects: expression -> text."""
    found = []
    for owner, store in State.stores.items():
        for (kind, name), value in store.items():
            place = f"{owner}.{name}" if kind == "attr" else f"{owner}[{name}]"
            text = "deleted" if value is DELETED else describe(value if kind == "attr" else value[1])
            found.append([place, text])
    return sorted(found)
