"""Objects as texts, by what they are: classes, functions, exceptions, objects of the program and of the library.

Nothing is consumed and nothing of the program is called, as in `describe`, which gives the texts of what they hold.
"""

import argparse
import configparser
import contextlib
import enum
import functools
import io
import re
import types
from xml.etree.ElementTree import Element

from asking import State, Stop, class_text
from forwarding import NOTHING, forwarded
from lazy import Lazy

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
ITEMS = 200


def state(value):
    """The attributes of an instance as pairs: its dictionary and its slots, without what a property keeps there."""
    pairs = _dictionary(value)
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
    return sorted(((n, v) for n, v in pairs.items() if n not in State.hidden), key=lambda pair: str(pair[0]))


def _is_cached(cls, name):
    return any(isinstance(c.__dict__.get(name), functools.cached_property) for c in cls.__mro__)


def _dictionary(value):
    """What an instance holds by names; its class is not asked, which may refuse."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return dict(dict.items(found)) if issubclass(type(found), dict) else {}


def instance_text(value, kind, inner, text):
    pairs = state(value) if hasattr(value, "__dict__") else ()
    separator = "" if text.endswith("()") else ", "
    return text if not pairs else f"{text[:-1]}{separator}{', '.join(f'{n}={inner(v)}' for n, v in pairs)})"


def object_text(value, kind, inner):
    """The text of what is no plain value and no container; `inner` gives the text of what it holds."""
    if isinstance(value, type):
        return class_text(value) + _body(value, inner)
    if isinstance(value, (classmethod, staticmethod)):
        return f"{kind.__name__}({inner(value.__func__)})"
    if isinstance(value, property):
        return f"property({inner(value.fget)}, {inner(value.fset)})"
    if isinstance(value, BaseException):
        notes = [("notes", value.__notes__)] if getattr(value, "__notes__", None) else []
        told = [f"{n}={inner(v)}" for n, v in state(value) if n != "__notes__"] + [f"{n}={inner(v)}" for n, v in notes]
        return f"{kind.__name__}({', '.join([*map(inner, BaseException.args.__get__(value)), *told])})"
    if isinstance(value, re.Pattern):  # its own text ends after 200 characters
        return f"re.compile({inner(value.pattern)}, {int(value.flags)})"
    if isinstance(value, types.ModuleType):
        return f"<module {value.__name__}>"
    if isinstance(value, types.FunctionType):
        if (other := forwarded(value)) is not NOTHING:
            return inner(other)
        is_nested = "<locals>" in value.__qualname__ or "<lambda>" in value.__qualname__
        return placeholder("function", value) if is_nested else f"<function {value.__qualname__}>"
    if isinstance(value, types.MethodType):
        owner = value.__self__ if isinstance(value.__self__, type) else type(value.__self__)
        return f"<method {class_text(owner)}.{value.__name__}>"
    if isinstance(value, functools.partial):
        function, args, named = (getattr(functools.partial, n).__get__(value) for n in ("func", "args", "keywords"))
        keywords = (f"{k}={inner(v)}" for k, v in sorted(named.items()))
        return f"partial({', '.join([inner(function), *map(inner, args), *keywords])})"
    if isinstance(value, (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)):
        return f"<built-in {value.__qualname__}>"
    return _library_object(value, kind, inner)


def _library_object(value, kind, inner):
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


def bare(value, inner):
    """The text of an object by its class and its dictionary alone."""
    return _named(type(value), sorted(_dictionary(value).items()), inner)


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
    return instance_text(value, kind, inner, f"{kind.__name__}({inner(base.getvalue(value))}, {base.tell(value)})")


def is_of_program(kind):
    """Whether a class is one of the checked program."""
    return kind.__module__ in ("program", "__main__", "unknown") or kind.__module__ in State.program_modules


def is_iterator(value):
    """Whether a value is an iterator of Python's own, which can only be used up."""
    kind = type(value)
    return kind.__module__ in ("builtins", "itertools", "_csv", "re") and hasattr(kind, "__next__")


def placeholder(kind, value):
    """What stands for a function or an iterator until the run is over: `<function 1>`, `<iterator 2>`."""
    if State.glimpsing:
        return f"<{kind} {value.__name__}>" if kind == "function" else f"<{kind}>"
    if id(value) not in State.handed:
        State.handed[id(value)] = value, f"<{kind} {len(State.handed) + 1}>"
    return State.handed[id(value)][1]
