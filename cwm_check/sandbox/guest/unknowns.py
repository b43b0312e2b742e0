"""Objects that nobody knows: every operation on an `Unknown` is a question to the host.

What the host answers is a tree: `{"r": literal}`, `{"u": expression}`, `{"list": [tree, ...]}` (tuple, set),
`{"dict": [[tree, tree], ...]}` or `{"e": exception expression, "m": message}` (`"a"`: its arguments instead). An
`Unknown` is identified by the expression that made it, so the same operation gives the same object, in this run and
in the run of the other version; where an operation has one possible answer (a name of another module, `a + b`), it is
given here without asking. Writes to attributes and items of an `Unknown` stay here and are compared as state at the
end.
"""

import builtins
import decimal
import errno
import fractions
import hashlib
import json
import pathlib

import _pydatetime
import wit_world
from bytecode import attribute_load, compares, discarded, lines, looked_at, unpacked

EVALUATION = {
    "inf": float("inf"),
    "nan": float("nan"),
    "set": set,
    "frozenset": frozenset,
    "datetime": _pydatetime,
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "PurePosixPath": pathlib.PurePosixPath,
    "bytearray": bytearray,
    "range": range,
    "complex": complex,
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "object": object,
    "int": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "bool": bool,
    "memoryview": memoryview,
    "iter": iter,
    "__builtins__": {},
}


class Stop(BaseException):
    """Ends the run at once; the host has the reason."""


class State:
    """What one run of the guest holds; an instance serves one job only."""

    asked = 0  # questions, and unknown objects that were made without one
    known: dict = {}  # expression -> Unknown
    bound: dict = {}  # expression -> tree of the value that this world gives it
    aliases: dict = {}  # full name of something imported -> the name it goes by
    stores: dict = {}  # expression -> {("attr" | "item", key): value}
    recent: list = []  # Unknowns in the order of their making, for operations of C code that refuse one
    describe = None  # set by `describe`: value -> text
    source = ""  # text of the module
    failed: list = []  # statements of modules that did not run
    globals: dict = {}
    decorated: list = []  # functions and classes with a decorator that nobody knows
    free = frozenset()  # names that the module may take from outside; None: any
    names: dict = {}  # id of an instance -> the expression it is known by
    given: list = []  # expressions that this world gives a plain value, and that value
    filled: dict = {}  # global list or table of the module -> the keys that others put in before the call
    objects = frozenset()  # expressions that are no plain values, whatever they are compared with
    handed: dict = {}  # id of a function or an iterator that was described -> itself, and what stands for it
    numbered: dict = {}  # id of an object -> the number that the program is told, and itself
    glimpsing = False  # whether a frame is described
    shown: dict = {}  # what stands for such a value -> the text of what using it showed
    registered: list = []  # nested functions that unknown decorators got, as calls of these
    orders: list | None = None  # where `describe_with` keeps the order of keys
    equal: dict = {}  # two expressions -> whether a table takes them for the same key
    used: dict = {}  # id of what a result holds -> itself, and the text of what using it showed


def scalar(value):
    return type(value) in (int, float, str, bytes, bool, type(None), complex, type(...))


def encode(value):
    """The tree of `value` as the host reads it: kind and text."""
    if type(value) is Unknown:
        return {"u": expression(value)}
    if scalar(value):
        return {"r": "..." if value is ... else repr(value), "k": type(value).__name__}
    if isinstance(value, type):
        return {"x": class_text(value), "k": "type"}
    return {"x": State.describe(value), "k": type(value).__name__}


def class_text(cls):
    """The name of a class; the module under test is left out, which may have another one in the other version."""
    if cls.__module__ in ("builtins", "__main__"):
        return cls.__name__
    return (
        cls.__qualname__ if cls.__module__ == State.globals.get("__name__") else f"{cls.__module__}.{cls.__qualname__}"
    )


def _held(tree):
    """The arguments of an exception; its message alone where this platform has no such error number."""
    try:
        return eval(tree["a"], {"errno": errno, "__builtins__": {}})
    except (KeyError, AttributeError):
        return (tree.get("m", ""),)


def decode(tree):
    if "r" in tree:
        value = eval(tree["r"], dict(EVALUATION))
        if "n" in tree:
            State.given.append((tree["n"], value))
        return value
    if "u" in tree:
        return unknown(tree["u"])
    if "e" in tree:
        from standins import exception  # that module needs this one

        raise exception(tree["e"], *_held(tree))
    if "dict" in tree:
        return {decode(k): decode(v) for k, v in tree["dict"]}
    ((kind, items),) = tree.items()
    return getattr(builtins, kind)(decode(x) for x in items)


def ask(op, target, *args, **extra):
    """What the host answers to `op` on `target`, decoded; raises what the host tells it to raise."""
    State.asked += 1
    question = {
        "op": op,
        "u": encode(target) if type(target) is Unknown else target,
        "args": [encode(a) for a in args],
        "lines": lines(),
        **extra,
    }
    return decode(json.loads(wit_world.ask(json.dumps(question))))


def unknown(name):
    """The unknown object that the expression `name` stands for."""
    if name not in State.known:
        State.known[name] = Unknown(name)
        State.recent.append(State.known[name])
    return State.known[name]


LONGEST = 2000  # characters of an expression; what is longer keeps its beginning and a hash


def named(name):
    """What the expression `name` stands for: the value that this world gives it, or an unknown object."""
    State.asked += 1
    if len(name) > LONGEST:
        name = f"{name[:200]}...#{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return decode(State.bound[name]) if name in State.bound else unknown(name)


def bind(target, kind, *hints, pattern=None, same=False, made=False, computed=False):
    """Make the host choose a value for `target`: the run ends here and both versions start again with it.

    `pattern`: a regular expression that the value is about to be matched with; `same`: it is compared by `is`; `made`:
    a number is about to be made of it, which a text or None may not be; `computed`: no unknown value is what it is
    compared with.
    """
    ask("bind", target, *hints, kind=kind, pattern=pattern, same=same, made=made, computed=computed)
    raise Stop


def expression(unknown):
    return object.__getattribute__(unknown, "_text")


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
            return type_of(self)
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
        if name == "keys" and load is None:
            bind(self, "dict")  # `**unknown` and `dict(unknown)`
        return ask("getattr", self, name, method=load == "method")

    def __setattr__(self, name, value):
        State.stores.setdefault(expression(self), {})["attr", name] = value

    def __delattr__(self, name):
        State.stores.setdefault(expression(self), {})["attr", name] = DELETED

    def __getitem__(self, key):
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
        store = State.stores.get(expression(self))
        if store and ("item", State.describe(key)) in store:
            return store["item", State.describe(key)] is not DELETED
        return ask("contains", self, key)

    def __call__(self, *args, **kwargs):
        owner, _, method = expression(self).rpartition(".")
        if method == "setDaemon" and len(args) == 1 and owner in State.known:
            State.stores.setdefault(owner, {})["attr", "daemon"] = args[0]
            return None
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
        if spec and spec[-1] in "dxXobcn":
            bind(self, "int")
        if spec and spec[-1] in "feEgG%":
            bind(self, "float")
        return format(str(self), spec)

    def __iter__(self):
        wanted = unpacked()
        size = wanted if wanted is not None else ask("length", self)
        return iter([self[i] for i in range(size)])

    def __len__(self):
        return ask("length", self)

    def __length_hint__(self):
        return 0

    def __bool__(self):
        return ask("truth", self)

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
        from standins import is_exception_name, lazy_base, stub

        return (stub(expression(self)) if is_exception_name(expression(self)) else lazy_base(expression(self)),)

    def __instancecheck__(self, value):
        return ask(
            "isinstance",
            value if type(value) is Unknown else State.describe(value),
            self,
            known=type(value) is not Unknown,
        )

    def __subclasscheck__(self, cls):
        return ask("isinstance", f"{class_text(cls)}()", self, known=True)


OWN = {name for cls in Unknown.__mro__ for name in vars(cls)}
"""What every unknown object has; other names with two underscores are asked for where the program itself reads them."""
Unknown.__name__ = Unknown.__qualname__ = "CwmUnknown"  # messages of C code name it: no program has such a class


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


DELETED, MISSING = object(), object()


def compare(operator, unknown, other):
    """The answer to a comparison; against a known value it gives the unknown one a value of that type."""
    if expression(unknown) in State.objects:
        return ask("compare", unknown, other, operator=operator)
    if type(other) is bool:
        bind(unknown, "bool", other)
    if type(other) in (int, float, str, bytes):
        is_computed = type(other) is float and not any(value is other for _, value in State.given)
        bind(unknown, type(other).__name__, other, computed=is_computed)
    if type(other) is Unknown:
        return _compared(operator, unknown, other)
    if hasattr(other, "isoformat"):
        bind(unknown, "datetime", other)
    return ask("compare", unknown, other, operator=operator)


def _compared(operator, unknown, other):
    """The answer to a comparison of two unknown objects; a table that looks for a key asks once for each pair."""
    if operator != "==" or compares():
        return ask("compare", unknown, other, operator=operator)
    pair = frozenset((expression(unknown), expression(other)))
    if pair not in State.equal:
        State.equal[pair] = ask("compare", unknown, other, operator=operator)
    return State.equal[pair]


def type_of(unknown):
    """What `type(unknown)` is."""
    return named(f"type({expression(unknown)})")


def _text(value):
    (text, *_) = encode(value).values()
    return text


def _partners(kind, symbol, reflected):
    """Kinds of what goes with a date, a span of time or an exact number in an operation, the likeliest first."""
    if kind in (decimal.Decimal, fractions.Fraction):
        return (kind.__name__, "int")
    if kind is _pydatetime.timedelta:
        if symbol in ("+", "-"):
            return ("timedelta", "datetime") if reflected and symbol == "-" else ("datetime", "timedelta")
        return {"*": ("int",), "%": ("timedelta",), "/": ("timedelta",), "//": ("timedelta",)}.get(symbol, ())
    if kind in (_pydatetime.datetime, _pydatetime.date):
        return {"+": ("timedelta",), "-": (kind.__name__, *("timedelta",) * reflected)}.get(symbol, ())
    return ()


def _arithmetic(symbol, reflected):
    def method(self, other):
        kind = type(other)
        if kind in (list, tuple, dict, set, frozenset) and symbol in "+|&-^":
            bind(self, kind.__name__)
        if kind in (str, bytes) and symbol == "+":
            bind(self, kind.__name__)
        if kind is str and symbol == "%" and reflected:
            return NotImplemented
        if kind in (str, bytes, list, tuple) and symbol == "*":
            bind(self, "int")
        if other is None and symbol not in "@|&^%":
            bind(self, "int")  # and it is refused
        if kind in (int, float, bool) and symbol not in "@|&^":
            bind(self, "float" if kind is float else "int")
        if kind in (int, bool):
            bind(self, "int")
        if partners := _partners(kind, symbol, reflected):
            ask("kind", self, *partners)
        left, right = (_text(other), expression(self)) if reflected else (expression(self), _text(other))
        return named(f"({left} {symbol} {right})")

    return method


for _symbol, _name in {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "lshift",
    ">>": "rshift",
    "@": "matmul",
}.items():
    setattr(Unknown, f"__{_name}__", _arithmetic(_symbol, False))
    setattr(Unknown, f"__r{_name}__", _arithmetic(_symbol, True))
