"""What the guest asks the host, and what the answers mean.

What the host answers is a tree: `{"r": literal}`, `{"u": expression}`, `{"list": [tree, ...]}` (tuple, set),
`{"dict": [[tree, tree], ...]}` or `{"e": exception expression, "m": message}` (`"a"`: its arguments instead); a value
that an expression has in this world says which (`"n"`). An unknown object is identified by the expression that made it,
so the same operation gives the same object, in this run and in the run of the other version; where an operation has one
possible answer (a name of another module, `a + b`), it is given here without asking.
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
from bytecode import lines

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

    unknown = None  # the class of unknown objects, which needs this module: `unknowns.Unknown`
    standins = None  # the module of that name, which needs this one
    begun = False  # whether the call runs; before, it is the statements of the module
    asked = 0  # questions, and unknown objects that were made without one
    known: dict = {}  # expression -> unknown object
    bound: dict = {}  # expression -> tree of the value that this world gives it
    hidden: frozenset = frozenset()  # attributes of objects that are not compared
    aliases: dict = {}  # full name of something imported, or name of a class of the module -> the name it goes by
    moved: list = []  # the package that the module is in, and the one it was in, if that was another
    stores: dict = {}  # expression -> {("attr" | "item", key): value}
    recent: list = []  # unknown objects in the order of their making, for operations of C code that refuse one
    describe = None  # set by `describe`: value -> text
    source = ""  # text of the module
    failed: list = []  # statements of modules that did not run
    globals: dict = {}
    decorated: list = []  # functions and classes with a decorator that nobody knows
    free = frozenset()  # names that the module may take from outside; None: any
    names: dict = {}  # id of an instance -> the expression it is known by
    given: list = []  # expressions that this world gave a value, and that value
    filled: dict = {}  # global list or table of the module -> the keys that others put in before the call
    objects = frozenset()  # expressions that are no plain values, whatever they are compared with
    handed: dict = {}  # id of a function or an iterator that was described -> itself, and what stands for it
    numbered: dict = {}  # id of an object -> the number that the program is told, and itself
    glimpsing = False  # whether a frame is described
    shown: dict = {}  # what stands for such a value -> the text of what using it showed
    registered: list = []  # nested functions that unknown decorators got, as calls of these
    orders: list | None = None  # where `describe_with` keeps the order of keys
    equal: dict = {}  # two expressions -> whether a table takes them for the same key
    read: set = set()  # lines of functions that only pass their arguments on: what these call stands for them
    used: dict = {}  # id of what a result holds -> itself, and the text of what using it showed


def scalar(value):
    return type(value) in (int, float, str, bytes, bool, type(None), complex, type(...))


def encode(value):
    """The tree of `value` as the host reads it: kind and text."""
    if type(value) is State.unknown:
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
    if cls.__module__ != State.globals.get("__name__"):
        return f"{cls.__module__}.{cls.__qualname__}"
    return State.aliases.get(cls.__qualname__, cls.__qualname__)


def _held(tree):
    """The arguments of an exception; its message alone where this platform has no such error number."""
    try:
        return eval(tree["a"], {"errno": errno, "__builtins__": {}})
    except (KeyError, AttributeError):
        return (tree.get("m", ""),)


def decode(tree):
    if "r" in tree:
        value = _value(tree["r"])
        if "n" in tree:
            State.given.append((tree["n"], value))
        return value
    if "u" in tree:
        return unknown(tree["u"])
    if "e" in tree:
        raise State.standins.exception(tree["e"], *_held(tree))
    kind = next(key for key in tree if key != "n")
    items = tree[kind]
    made = {decode(k): decode(v) for k, v in items} if kind == "dict" else getattr(builtins, kind)(map(decode, items))
    State.given.append((tree.get("n"), made))
    return made


def _value(text):
    """The value of a literal; the plainest without the compiler, which takes a tenth of a small run."""
    if text.isascii() and text.isdecimal() and (text[0] != "0" or text == "0"):
        return int(text)
    if text[:1] == text[-1:] == "'" and text.count("'") == 2 and "\\" not in text and text.isprintable():
        return text[1:-1]
    return eval(text, dict(EVALUATION))


def ask(op, target, *args, **extra):
    """What the host answers to `op` on `target`, decoded; raises what the host tells it to raise."""
    State.asked += 1
    question = {
        "op": op,
        "u": encode(target) if type(target) is State.unknown else target,
        "args": [encode(a) for a in args],
        "lines": lines(),
        "begun": State.begun,
        **extra,
    }
    return decode(json.loads(wit_world.ask(json.dumps(question))))


def unknown(name):
    """The unknown object that the expression `name` stands for."""
    if name not in State.known:
        State.known[name] = State.unknown(name)
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
