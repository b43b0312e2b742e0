"""Two values and an operator in, smaller operations out: arithmetic as on paper, repetition as additions.

Numbers of several digits are multiplied and divided digit by digit, `x ** 2` is a product, `s * 10` is `s + s`, the
double of that, and so on. What is asked is the sum of two numbers or texts, or what a table of one digit gives.
"""

from __future__ import annotations

import ast
from typing import Final

from cwm_check.codecs.value_texts import value_of
from cwm_check.operations.state import Asking, State, UnsupportedError

_EMPTY: Final = {str: "''", list: "[]", tuple: "()"}
_LONGEST = 2000
"""Characters of what a repetition may give."""
_MOST_FACTORS = 4


def taken_apart(state: State, left: str, operator: ast.operator, right: str) -> Asking | None:
    """Return the smaller operations of one, which return its value; None if it is asked as it is."""
    first, second = value_of(left), value_of(right)
    if first is None or second is None:
        return None
    match operator, first[0], second[0]:
        case ast.Mult(), str() | list() | tuple(), int(times) if _is_taken(first[0], times, left):
            return _repeated(state, left, times, _EMPTY[type(first[0])])
        case ast.Mult(), int(times), str() | list() | tuple() if _is_taken(second[0], times, right):
            return _repeated(state, right, times, _EMPTY[type(second[0])])
    if type(first[0]) is not int or type(second[0]) is not int:
        return None
    match operator, first[0], second[0]:
        case ast.Mult(), int(a), int(b) if abs(a) >= 10 <= abs(b):
            return _product(state, a, b)
        case ast.Pow(), int(a), int(b) if 2 <= b <= _MOST_FACTORS:
            return _power(state, a, b)
        case ((ast.FloorDiv() | ast.Mod()), int(a), int(b)) if 2 <= b <= a // 10:
            return _quotient(state, a, b, is_rest=isinstance(operator, ast.Mod))
        case _:
            return None


def _is_taken(whole: object, times: object, text: str) -> bool:
    return type(whole) in _EMPTY and type(times) is int and times * len(text) <= _LONGEST


def _repeated(state: State, text: str, times: int, empty: str) -> Asking:
    """The powers of two that are in `times`, the greatest first."""
    made = ""
    while times > 0:
        if times % 2:
            made = (yield from _asked(state, text, ast.Add(), made)) if made else text
        times //= 2
        if times:
            text = yield from _asked(state, text, ast.Add(), text)
    return made or empty


def _product(state: State, left: int, right: int) -> Asking:
    """The longer factor times each digit of the other, from the last, each moved to its place and added."""
    digits, factor = sorted((str(abs(left)), str(abs(right))), key=lambda text: (len(text), text))
    total = ""
    for place, digit in enumerate(reversed(digits)):
        if digit != "0":
            row = factor if digit == "1" else (yield from _number(state, factor, ast.Mult(), digit))
            row += "0" * place
            total = (yield from _number(state, total, ast.Add(), row)) if total else row
    return f"-{total}" if (left < 0) != (right < 0) else total


def _power(state: State, base: int, exponent: int) -> Asking:
    made = str(base)
    for _ in range(exponent - 1):
        smaller = taken_apart(state, made, ast.Mult(), str(base))
        made = yield from (smaller or _number(state, made, ast.Mult(), str(base)))
    return made


def _quotient(state: State, left: int, right: int, *, is_rest: bool) -> Asking:
    """Long division: each digit of `left` is put after the rest so far, and that is divided."""
    quotient, rest = "", "0"
    for digit in str(left):
        part = str(int(rest + digit))
        if not is_rest:
            said = yield from _number(state, part, ast.FloorDiv(), str(right))
            if len(said) > 1:  # a rest, or this, was said wrongly
                raise UnsupportedError
            quotient += said
        rest = yield from _number(state, part, ast.Mod(), str(right))
    return rest if is_rest else quotient.lstrip("0") or "0"


def _number(state: State, left: str, operator: ast.operator, right: str) -> Asking:
    """The integer that an operation gives, whatever a model may say."""
    said = yield from _asked(state, left, operator, right)
    if not said.removeprefix("-").isdecimal() or not said.isascii():
        raise UnsupportedError
    return said


def _asked(state: State, left: str, operator: ast.operator, right: str) -> Asking:
    return (yield from state.result(ast.BinOp(state.temporary(left), operator, state.temporary(right))))
