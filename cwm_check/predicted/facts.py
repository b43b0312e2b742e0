"""What a `repr` says without a model: whether the value is true, its items, and which exceptions a clause takes.

Only texts of literals are read; nothing is executed. None means: the text does not tell.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any

_FAILURES = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)
_EMPTY: Mapping[str, Any] = {"set()": set(), "frozenset()": frozenset()}
EXCEPTIONS: Mapping[str, type[BaseException]] = {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


def value_of(text: str) -> tuple[Any] | None:
    """Return the value of a literal, in a tuple."""
    if text in _EMPTY:
        return (_EMPTY[text],)
    try:
        return (ast.literal_eval(text),)
    except _FAILURES:
        return None


def truth_of(text: str) -> bool | None:
    """Return whether the value is true."""
    value = value_of(text)
    return None if value is None else bool(value[0])


def items_of(text: str) -> tuple[str, ...] | None:
    """Return the `repr` of each item that a loop over the value meets; a set in the order of its text."""
    value = value_of(text)
    if value is None:
        return None
    match value[0]:
        case list() | tuple() | str() | bytes() | dict():
            return tuple(map(repr, value[0]))
        case set() | frozenset() if value[0]:
            return _in_order(text)
        case set() | frozenset():
            return ()
    return None


def _in_order(text: str) -> tuple[str, ...] | None:
    node = ast.parse(text, mode="eval").body
    if not isinstance(node, ast.Set):
        return None
    items = [value_of(ast.unparse(element)) for element in node.elts]
    return tuple(dict.fromkeys(repr(item[0]) for item in items if item is not None))


def printed(text: str) -> str | None:
    """Return `str` of the value."""
    value = value_of(text)
    return None if value is None else str(value[0])


def is_mutable(text: str) -> bool:
    """Return whether `+=` changes the value itself."""
    value = value_of(text)
    return value is not None and isinstance(value[0], list | set | dict)


def ancestors(name: str, classes: Mapping[str, ast.ClassDef]) -> frozenset[str]:
    """Return the names of an exception class and all its bases, those of the module included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().rpartition(".")[2]
        if one in found:
            continue
        found.add(one)
        if one in classes:
            waiting += [ast.unparse(base) for base in classes[one].bases]
        elif one in EXCEPTIONS:
            found.update(base.__name__ for base in EXCEPTIONS[one].__mro__)
    return frozenset(found)
