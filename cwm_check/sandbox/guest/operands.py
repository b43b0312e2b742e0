"""What an unknown object is, by the other operand: comparisons and arithmetic.

A known operand mostly leaves one kind, and the unknown one gets a value of it; two unknown ones stay what they are.
"""

import decimal
import fractions

import _pydatetime
from asking import State, ask, bind, encode, expression, named
from bytecode import compares

SYMBOLS = {
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
}
"""Operators of arithmetic, and the names of their methods."""


def compare(operator, unknown, other):
    """The answer to a comparison; against a known value it gives the unknown one a value of that type."""
    if other is None and operator == "==":
        return ask("none", unknown)
    if expression(unknown) in State.objects:
        return ask("compare", unknown, other, operator=operator)
    if type(other) is bool:
        bind(unknown, "bool", other)
    if type(other) in (int, float, str, bytes):
        is_computed = type(other) is float and not any(value is other for _, value in State.given)
        bind(unknown, type(other).__name__, other, computed=is_computed)
    if type(other) is State.unknown:
        return _compared(operator, unknown, other)
    if hasattr(other, "isoformat"):
        bind(unknown, "time" if isinstance(other, _pydatetime.time) else "datetime", other)
    if type(other).__module__ == "typing" and not compares():  # which leaves out what stands twice in a union
        return False
    return ask("compare", unknown, other, operator=operator)


def _compared(operator, unknown, other):
    """The answer to a comparison of two unknown objects; a table that looks for a key asks once for each pair.

    In the tables that a module makes when it is read, each key is another one.
    """
    if operator != "==" or compares():
        return ask("compare", unknown, other, operator=operator)
    names = expression(unknown), expression(other)
    if not State.begun or _are_constants(*names):
        return False
    pair = frozenset(names)
    if pair not in State.equal:
        State.equal[pair] = ask("compare", unknown, other, operator=operator)
    return State.equal[pair]


def _are_constants(*names):
    """Whether two names are those of constants, members or classes of one place: no table takes them for one key."""
    parts = [name.rpartition(".") for name in names]
    is_named = all(owner and leaf.isidentifier() and leaf.strip("_")[:1].isupper() for owner, _, leaf in parts)
    return is_named and parts[0][0] == parts[1][0]


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


def arithmetic(symbol, reflected):
    def method(self, other, modulo=None):
        if modulo is not None:
            bind(self, "int")
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
