"""Objects that nobody knows: every operation on an `Unknown` is a question to the host.

Writes to its attributes and items stay here and are compared as state at the end.
"""

from asking import State, ask, bind, class_text, encode, expression, named
from bytecode import attribute_load, discarded, looked_at, unpacked
from operands import SYMBOLS, arithmetic, compare
from outside import paths_as_texts

DELETED, MISSING = object(), object()
FORMER = {"isSet": "is_set", "notifyAll": "notify_all"}
"""Names of methods that the library has given up, and what they are now."""
FORMER_SETTERS = {"setDaemon": "daemon"}
"""The same for methods that are an attribute now."""
NAMES = {"__name__", "__qualname__", "__module__", "__doc__"}
OPTIONAL = {"__module__", "__doc__"}  # of these, what may be None
ASKED = {
    "__init__",
    "__version__",
    "__dict__",
    "__file__",
    "__path__",
    "__wrapped__",
    "__annotations__",
    "__args__",
    "__origin__",
    "__members__",
}


class Unknown:
    __slots__ = ("__weakref__", "_text")

    def __init__(self, text):
        object.__setattr__(self, "_text", text)

    def __getattribute__(self, name):
        if name == "__class__":
            return Unknown if attribute_load() is None else type_of(self)  # the library wants a class
        if name in NAMES:
            text = f"<{expression(self)}.{name}>"
            return ask("name", self, name, text) if name in OPTIONAL and attribute_load() == "plain" else text
        is_special = name.startswith("__") and name.endswith("__") and name not in ASKED
        if is_special and (name in OWN or attribute_load() is None):
            return object.__getattribute__(self, name)
        store = State.stores.get(expression(self))
        if store and ("attr", name) in store:
            value = store["attr", name]
            if value is DELETED:
                raise AttributeError(name)
            return value
        load = attribute_load()
        if name == "keys" and load is None and expression(self) not in State.objects:
            bind(self, "dict")  # `**unknown` and `dict(unknown)`
        return ask("getattr", self, FORMER.get(name, name), method=load == "method")

    def __setattr__(self, name, value):
        State.stores.setdefault(expression(self), {})["attr", name] = value

    def __delattr__(self, name):
        State.stores.setdefault(expression(self), {})["attr", name] = DELETED

    def __getitem__(self, key):
        if type(key) is slice and type(key.start) is int and key.start == 0 and key.step in (None, 1):
            key = slice(None, key.stop)
        store = State.stores.get(expression(self))
        if store:
            value = store.get(("item", State.describe(key)), MISSING)
            if value is DELETED:
                raise KeyError(key)
            if value is not MISSING:
                return value[1]
        return ask("getitem", self, key)

    def __setitem__(self, key, value):
        State.stores.setdefault(expression(self), {})["item", State.describe(key)] = (key, value)

    def __delitem__(self, key):
        State.stores.setdefault(expression(self), {})["item", State.describe(key)] = DELETED

    def __contains__(self, key):
        table = _keyed(self)
        store = State.stores.get(expression(table))
        if store and ("item", State.describe(key)) in store:
            return store["item", State.describe(key)] is not DELETED
        return ask("contains", table, key)

    def __call__(self, *args, **kwargs):
        owner, _, method = expression(self).rpartition(".")
        if method in FORMER_SETTERS and len(args) == 1 and owner in State.known:
            State.stores.setdefault(owner, {})["attr", FORMER_SETTERS[method]] = args[0]
            return None
        if method == "get" and len(args) in (1, 2) and not kwargs:
            written = State.stores.get(owner, {}).get(("item", State.describe(args[0])))
            if written is not None:
                return (*args, None)[1] if written is DELETED else written[1]
        args = paths_as_texts(expression(self), args)
        return ask("call", self, *args, kw={k: encode(v) for k, v in kwargs.items()}, discarded=discarded())

    def __hash__(self):
        return 1  # so that a table asks whether two unknown keys are equal, as it would with values

    def __repr__(self):
        return f"<{expression(self)}!r>"

    def __str__(self):
        if looked_at():
            ask("text", self)
        return f"<{expression(self)}>"

    def __format__(self, spec):
        if "%" in spec[:-1]:
            bind(self, "datetime")
        if spec and (spec[-1] in "dxXobcn" or "," in spec or "_" in spec):
            bind(self, "int")
        if spec and spec[-1] in "feEgG%":
            bind(self, "float")
        return format(str(self), spec)

    def __iter__(self):
        table = _keyed(self)
        return iter([table[i] for i in range(ask("length", table, wanted=unpacked()))])

    def __len__(self):
        return ask("length", _keyed(self))

    def __length_hint__(self):
        return 0

    def __bool__(self):
        return ask("truth", _keyed(self))

    def __next__(self):
        return ask("next", self)

    def __enter__(self):
        return ask("enter", self)

    def __exit__(self, *exc):
        ask("exit", self)
        return False

    async def __aenter__(self):
        return ask("enter", self)

    async def __aexit__(self, *exc):
        ask("exit", self)
        return False

    def __await__(self):
        return ask("await", self)
        yield

    def __aiter__(self):
        return _Async(iter(self))

    def __reversed__(self):
        return reversed(list(self))

    def __int__(self):
        bind(self, "int", made=True)

    def __float__(self):
        bind(self, "float", made=True)

    def __index__(self):
        bind(self, "int")

    def __complex__(self):
        bind(self, "float")

    def __bytes__(self):
        bind(self, "bytes")

    def __round__(self, digits=None):
        bind(self, "float")

    def __abs__(self):
        bind(self, "int")

    def __neg__(self):
        bind(self, "int")

    def __divmod__(self, other):
        return self // other, self % other

    def __rdivmod__(self, other):
        return other // self, other % self

    __pos__ = __invert__ = __trunc__ = __floor__ = __ceil__ = __neg__

    def __fspath__(self):
        bind(self, "str")

    def __copy__(self):
        return named(f"copy.copy({expression(self)})")

    def __deepcopy__(self, memo):
        return named(f"copy.deepcopy({expression(self)})")

    def __eq__(self, other):
        return self is other or compare("==", self, other)

    def __ne__(self, other):
        return self is not other and not compare("==", self, other)

    def __lt__(self, other):
        return self is not other and compare("<", self, other)

    def __ge__(self, other):
        return not self < other

    def __gt__(self, other):
        return self is not other and compare(">", self, other)

    def __le__(self, other):
        return not self > other

    def __mro_entries__(self, bases):
        is_exception = State.standins.is_exception_name(expression(self))
        return ((State.standins.stub if is_exception else State.standins.lazy_base)(expression(self)),)

    def __instancecheck__(self, value):
        return ask(
            "isinstance",
            value if type(value) is Unknown else State.describe(value),
            self,
            known=type(value) is not Unknown,
        )

    def __subclasscheck__(self, cls):
        return ask("isinstance", f"{class_text(cls)}()", self, known=True)


class _Async:
    def __init__(self, items):
        self.items = items

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return next(self.items)
        except StopIteration:
            raise StopAsyncIteration from None


def _keyed(unknown):
    """The table whose keys an unknown object is, as far as `x.keys()` is what `x` itself goes over; else the object."""
    owner, _, method = expression(unknown).rpartition(".")
    return State.known.get(owner, unknown) if method == "keys()" else unknown


def type_of(unknown):
    """What `type(unknown)` is."""
    return named(f"type({expression(unknown)})")


OWN = {name for cls in Unknown.__mro__ for name in vars(cls)}
"""What every unknown object has; other names with two underscores are asked for where the program itself reads them."""
Unknown.__name__ = Unknown.__qualname__ = "CwmUnknown"  # messages of C code name it: no program has such a class
State.unknown = Unknown
for _symbol, _name in SYMBOLS.items():
    setattr(Unknown, f"__{_name}__", arithmetic(_symbol, False))
    setattr(Unknown, f"__r{_name}__", arithmetic(_symbol, True))
