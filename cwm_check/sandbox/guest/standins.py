"""Classes that stand for unknown ones: exceptions, base classes, and instances whose attributes nobody set."""

import abc
import builtins
import functools
import inspect
import sys
import types

from asking import State, Stop, ask, encode, expression
from bytecode import discarded
from lazy import Lazy, self_text
from unknowns import Unknown


def exception(expression, *held):
    """An instance of the exception class that `expression` names in the program, or of a stub of that name."""
    value = None
    head, *rest = expression.split(".")
    if head in State.globals:
        value = State.globals[head]
    elif hasattr(builtins, head):
        value = getattr(builtins, head)
    try:
        for name in rest:
            value = getattr(value, name)
        cls = caught(value) if value is not None else stub(expression)
        return _made(cls, held)
    except Stop:
        raise
    except Exception:
        return stub(expression)(*held)


def _made(cls, held):
    try:
        return cls(*held)
    except TypeError:  # its constructor wants more, as that of `UnicodeDecodeError`
        return cls.__new__(cls, *held)


_stubs: dict = {}
_EXCEPTION_ENDINGS = (
    "Error",
    "Exception",
    "Warning",
    "Exit",
    "Interrupt",
    "Fault",
    "Abort",
    "Timeout",
    "Denied",
    "NotFound",
    "DoesNotExist",
    "Skip",
    "Failed",
    "Failure",
)


def is_exception_name(name):
    return name.rpartition(".")[2].endswith(_EXCEPTION_ENDINGS)


_ALIASES = {
    "socket.error": OSError,
    "select.error": OSError,
    "socket.timeout": TimeoutError,
    "asyncio.TimeoutError": TimeoutError,
    "asyncio.exceptions.TimeoutError": TimeoutError,
    "concurrent.futures.TimeoutError": TimeoutError,
}
"""Names that the library gives to builtin exceptions."""
_OF_BUILTIN = dict.fromkeys(
    "socket.gaierror socket.herror ssl.SSLError shutil.Error urllib.error.URLError urllib.error.HTTPError".split(),
    OSError,
)
"""Exceptions of the library that are of a builtin class."""


def _with_options(self, *args, **options):
    """The constructor of an unknown exception class: what it is given by name it is taken to keep under that name."""
    BaseException.__init__(self, *args)
    self.__dict__.update(options)


def stub(name):
    """An exception class that stands for the unknown class `name`; the same for the same last part of the name."""
    if name in _ALIASES:
        return _ALIASES[name]
    short = name.rpartition(".")[2].partition("(")[0] or "UnknownError"
    if short not in _stubs:
        namespace = {"__module__": "unknown", "__init__": _with_options}
        base = _OF_BUILTIN.get(name, Warning if short.endswith("Warning") else Exception)
        _stubs[short] = type(short, (base,), namespace)
    return _stubs[short]


def gaps(owner, kept):
    """The methods that `owner` leaves to its subclasses, as questions: abstract ones, and those that only raise so."""
    found = {}
    for name in dir(owner):
        method = _method_behind(inspect.getattr_static(owner, name))
        if name != kept and isinstance(method, types.FunctionType) and _is_gap(method):
            found[name] = property(lambda self, name=name: ask("attribute", self_text(self), name))
    return found


def _method_behind(value):
    """The method that a property calls, or the value itself."""
    if isinstance(value, property):
        return value.fget
    return value.func if isinstance(value, functools.cached_property) else value


def _is_gap(method):
    names = set(method.__code__.co_names) - {"__cwm_raised__"}
    return getattr(method, "__isabstractmethod__", False) or names == {"NotImplementedError"}


def without_gaps(owner, kept):
    """The class itself, or a subclass that has what `owner` leaves to its subclasses."""
    found = gaps(owner, kept)
    if not found:
        return owner
    names = {"__module__": owner.__module__, "__qualname__": owner.__qualname__, "__firstlineno__": 0}
    return type.__call__(type(owner), owner.__name__, (owner,), {**names, **found})


def lazily(owner, kept=""):
    """A subclass of `owner` whose instances ask for what neither they nor their class have.

    `kept`: the method that runs, whatever it is.
    """
    own = getattr(owner, "__getattr__", None)

    def attribute(self, name):
        if own is not None:
            try:
                return own(self, name)
            except (AttributeError, RecursionError):
                pass
        return Lazy.__getattr__(self, name)

    namespace = {
        "__module__": owner.__module__,
        "__qualname__": owner.__qualname__,
        "__firstlineno__": 0,  # it is no class that the program made by a call
        "__getattr__": attribute,
        "__abstractmethods__": frozenset(),
        **gaps(owner, kept),
    }
    made = type.__call__(type(owner), owner.__name__, (owner, Lazy), namespace)
    made.__abstractmethods__ = frozenset()
    return made


class LazyMeta(abc.ABCMeta):  # so that `class C(Unknown, ABC)` has no conflict of metaclasses
    def __getattr__(cls, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return ask("attribute", cls.__name__, name)


def lazy_base(name):
    """A class that stands for the unknown base class `name`: what the program does not define is asked."""
    key = ("base", name)
    if key not in _stubs:
        short = name.rpartition(".")[2]

        class Base(Lazy, metaclass=LazyMeta):
            def __init__(self, *args, **kwargs):
                if args or kwargs:
                    ask("call", "super().__init__", *args, kw={k: encode(v) for k, v in kwargs.items()}, discarded=True)

            def __init_subclass__(cls, **kwargs):
                pass

        Base.__name__ = Base.__qualname__ = short
        _stubs[key] = Base
    return _stubs[key]


class Super:
    """`super()` whose missing methods are those of an unknown base class: calling one is a question."""

    def __init__(self, real):
        object.__setattr__(self, "_real", real)

    def __getattribute__(self, name):
        real = object.__getattribute__(self, "_real")
        try:
            return getattr(real, name)
        except AttributeError:
            if not any(issubclass(c, Lazy) or c.__module__ == "unknown" for c in real.__self_class__.__mro__):
                raise
        return lambda *args, **kwargs: ask(
            "call", f"super().{name}", *args, kw={k: encode(v) for k, v in kwargs.items()}, discarded=discarded()
        )

    def __setattr__(self, name, value):
        setattr(object.__getattribute__(self, "_real"), name, value)


def caught(value):
    """What `except value:` catches: unknown classes become stubs."""
    if type(value) is Unknown:
        return stub(expression(value))
    if isinstance(value, tuple):
        return tuple(caught(v) for v in value)
    if isinstance(value, type) and not issubclass(value, BaseException) and issubclass(value, Lazy):
        return stub(value.__name__)
    return value


State.standins = sys.modules[__name__]
