"""Builtins that must see unknown values: the program's `isinstance`, `getattr`, `type`, `print`, ..."""

import builtins
import io
import sys
import types
import zlib

import describe
from asking import State, ask, bind, class_text, expression
from lazy import Lazy, self_text
from operations import HELPERS
from outside import outside
from standins import is_exception_name
from surroundings import leave
from unknowns import Unknown, type_of


def _isinstance(value, cls):
    if type(value) is Unknown:
        return _unknown_is(value, cls)
    if type(cls) is Unknown:
        return _is_instance_of_unknown(value, cls)
    if isinstance(cls, tuple):
        return any(_isinstance(value, c) for c in cls)
    return isinstance(value, cls)


_MEANINGS = (
    (("str", "text", "unicode"), (str,)),
    (("byte", "binary"), (bytes,)),
    (("num", "real"), (int, float)),
    (("int", "long"), (int,)),
    (("float",), (float,)),
    (("dict", "map"), (dict,)),
    (("list", "seq", "iter"), (list, tuple)),
    (("tuple",), (tuple,)),
)
"""Parts of names that compatibility modules give to types of builtins: no class is written in small letters alone."""


def _is_instance_of_unknown(value, cls):
    name = expression(cls).rpartition(".")[2]
    if any(c.__name__ == name for c in type(value).__mro__):
        return True
    if type(value).__module__ in ("builtins", "datetime", "decimal") and not is_exception_name(name):
        return _is_of_meaning(value, name) or (not isinstance(value, BaseException) and _was_taken_for(value, cls))
    return False if isinstance(value, BaseException) else ask("isinstance", describe.describe(value), cls)


def _is_of_meaning(value, name):
    if name != name.lower():
        return False
    kinds = [kind for words, types in _MEANINGS if any(word in name for word in words) for kind in types]
    return isinstance(value, tuple(kinds))


def _was_taken_for(value, cls):
    """Whether an unknown object was an instance of the class before it got this value."""
    given = next((name for name, known in State.given if known is value), None)
    return given is not None and ask("isinstance", given, cls, known=True, given=True)


def _unknown_is(value, cls):
    if isinstance(cls, (tuple, types.UnionType)):
        return any(_unknown_is(value, c) for c in (cls if isinstance(cls, tuple) else cls.__args__))
    if cls is object:
        return True
    return ask("isinstance", value, cls)


def _issubclass(cls, base):
    if type(cls) is Unknown or type(base) is Unknown:
        return ask("isinstance", cls if type(cls) is Unknown else class_text(cls), base, subclass=True)
    if isinstance(base, tuple):
        return any(_issubclass(cls, b) for b in base)
    return issubclass(cls, base)


def _callable(value):
    if type(value) is Unknown:
        return ask("callable", value)
    if isinstance(value, Lazy) and type(value).__call__ is Lazy.__call__:
        return ask("callable", self_text(value))
    return callable(value)


NOTHING = object()


def _getattr(value, name, default=NOTHING):
    if type(name) is Unknown:
        bind(name, "str")
    if default is NOTHING:
        return getattr(value, name)
    if (type(value) is Unknown or isinstance(value, Lazy)) and not _hasattr(value, name):
        return default
    return getattr(value, name, default)


def _hasattr(value, name):
    if type(name) is Unknown:
        bind(name, "str")
    if type(value) is Unknown:
        store = State.stores.get(expression(value), {})
        if ("attr", name) in store:
            return True
        return name in ("__name__", "__doc__", "__class__") or ask("hasattr", value, name)
    if isinstance(value, Lazy) and name not in dir(value):
        return ask("hasattr", State.names.get(id(value), type(value).__name__), name)
    return hasattr(value, name)


def _id(value):
    """A number that the same object has in both versions: by its name, or by the order in which one is asked for."""
    name = expression(value) if type(value) is Unknown else State.names.get(id(value))
    if name is not None:
        return 1_000_000 + zlib.crc32(name.encode("utf-8", "replace"))
    return State.numbered.setdefault(id(value), (len(State.numbered) + 1, value))[0]


class _TypeMeta(type):
    def __call__(cls, *args, **kwargs):
        if cls is _Type and len(args) == 1:
            return type_of(args[0]) if type(args[0]) is Unknown else type(args[0])
        if cls is _Type and len(args) == 3 and isinstance(args[2], dict):  # else it is a class of this module
            args = (*args[:2], {"__module__": State.globals.get("__name__"), **args[2]})
        return type.__call__(type if cls is _Type else cls, *args, **kwargs)

    def __instancecheck__(cls, value):
        return isinstance(value, type)

    def __subclasscheck__(cls, value):
        return issubclass(value, type)

    def __eq__(cls, other):
        return other is type or other is cls

    def __hash__(cls):
        return hash(type)

    def __mro_entries__(cls, bases):
        return (type,)


class _Type(type, metaclass=_TypeMeta):
    pass


_Type.__name__ = _Type.__qualname__ = "type"


def _vars(*args):
    if args and type(args[0]) is Unknown:
        return ask("getattr", args[0], "__dict__")
    return vars(*args) if args else dict(sys._getframe(1).f_locals)


def _dir(*args):
    return sorted(dir(*args)) if not args or type(args[0]) is not Unknown else outside(f"dir({expression(args[0])})")


class Output:
    """Standard output or error of the program."""

    encoding, errors, closed = "utf-8", "strict", False

    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(str(text))
        return len(str(text))

    def writelines(self, items):
        for item in items:
            self.write(item)

    def flush(self):
        pass

    def isatty(self):
        return False

    def fileno(self):
        raise io.UnsupportedOperation("fileno")


def names_of_builtins(modules, outputs):
    """The builtins the program sees; those that nothing defines are the outside's, as the job has it."""
    known = {
        n: v
        for n, v in vars(builtins).items()
        if n not in ("open", "input", "breakpoint", "help", "copyright", "credits", "license")
    }

    class Names(dict):
        def __missing__(self, name):
            if State.free is None or name in State.free or name in ("open", "input"):
                return outside(name)
            raise KeyError(name)

    names = Names(known)
    names.update(HELPERS)
    names.update(
        __import__=modules,
        isinstance=_isinstance,
        issubclass=_issubclass,
        callable=_callable,
        getattr=_getattr,
        hasattr=_hasattr,
        type=_Type,
        vars=_vars,
        dir=_dir,
        id=_id,
        exit=leave,
        quit=leave,
    )

    def show(*args, sep=" ", end="\n", file=None, flush=False):
        target = outputs["stdout"] if file is None else file
        target.write((" " if sep is None else sep).join(map(str, args)) + ("\n" if end is None else end))

    names["print"] = show
    return names
