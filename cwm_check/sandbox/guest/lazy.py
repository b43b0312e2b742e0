"""The base of instances whose attributes nobody set: what neither they nor their class have is asked.

What a class leaves to those that it is mixed into counts as well: items, order, arithmetic, iteration, calls.
"""

from asking import State, ask, encode, expression, named
from bytecode import attribute_load, discarded, unpacked
from operands import SYMBOLS
from unknowns import DELETED, FORMER, Unknown


def self_text(instance):
    return State.names.get(id(instance)) or type(instance).__name__.lower()


def _may_define(instance):
    """Whether the program itself names a special method of an object that has an unknown base class."""
    return attribute_load() is not None and isinstance(type(instance), State.standins.LazyMeta)


def _is_property(cls, name):
    """Whether a class has a property of that name: that one failed, then."""
    return any(isinstance(c.__dict__.get(name), property) for c in cls.__mro__)


class Lazy:
    """Base of such instances."""

    def __getattr__(self, name):
        is_special = name.startswith("__") and name.endswith("__") and not _may_define(self)
        is_gone = State.stores.get(self_text(self), {}).get(("attr", name)) is DELETED
        if is_special or is_gone or _is_property(type(self), name):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return ask("attribute", self_text(self), FORMER.get(name, name))

    def __delattr__(self, name):
        if name in vars(self) or any(name in vars(c) for c in type(self).__mro__):
            object.__delattr__(self, name)
        else:
            State.stores.setdefault(self_text(self), {})["attr", name] = DELETED

    def __setattr__(self, name, value):
        State.stores.get(self_text(self), {}).pop(("attr", name), None)
        object.__setattr__(self, name, value)

    def __format__(self, spec):
        return f"<format({self_text(self)}, {spec!r})>" if spec else str(self)

    def __getitem__(self, key):
        written = State.stores.get(self_text(self), {}).get(("item", State.describe(key)))
        if written is DELETED:
            raise KeyError(key)
        return ask("getitem", self_text(self), key) if written is None else written[1]

    def __setitem__(self, key, value):
        State.stores.setdefault(self_text(self), {})["item", State.describe(key)] = (key, value)

    def __delitem__(self, key):
        State.stores.setdefault(self_text(self), {})["item", State.describe(key)] = DELETED

    def __contains__(self, key):
        written = State.stores.get(self_text(self), {}).get(("item", State.describe(key)))
        return ask("contains", self_text(self), key) if written is None else written is not DELETED

    def __len__(self):
        return ask("length", self_text(self))

    def __bool__(self):
        return type(self).__len__ is Lazy.__len__ or len(self) != 0

    def __iter__(self):
        wanted = unpacked()
        size = len(self) if wanted is None else ask("length", self_text(self), wanted=wanted)
        return iter([self[i] for i in range(size)])

    def __next__(self):
        return ask("next", self_text(self))

    def __lt__(self, other):
        return ask("compare", self_text(self), other, operator="<")

    def __gt__(self, other):
        return ask("compare", self_text(self), other, operator=">")

    def __le__(self, other):
        return not self > other

    def __ge__(self, other):
        return not self < other

    def __int__(self):
        return int(named(f"int({self_text(self)})"))

    def __float__(self):
        return float(named(f"float({self_text(self)})"))

    def __neg__(self):
        return named(f"(-{self_text(self)})")

    def __invert__(self):
        return named(f"(~{self_text(self)})")

    async def __aenter__(self):
        return ask("enter", self_text(self))

    async def __aexit__(self, *exc):
        ask("exit", self_text(self))
        return False

    def __await__(self):
        return ask("await", self_text(self))
        yield

    def __aiter__(self):
        return Unknown.__aiter__(self)

    def __call__(self, *args, **kwargs):
        told = {k: encode(v) for k, v in kwargs.items()}
        return ask("call", self_text(self), *args, kw=told, discarded=discarded())

    def __enter__(self):
        return ask("enter", self_text(self))

    def __exit__(self, *exc):
        ask("exit", self_text(self))
        return False


def _operation(symbol, reflected):
    def method(self, other):
        own, text = self_text(self), expression(other) if type(other) is Unknown else State.describe(other)
        return named(f"({text} {symbol} {own})" if reflected else f"({own} {symbol} {text})")

    return method


for _symbol, _name in SYMBOLS.items():
    setattr(Lazy, f"__{_name}__", _operation(_symbol, False))
    setattr(Lazy, f"__r{_name}__", _operation(_symbol, True))
