"""What a `repr` says without a model: the value of a literal, whether it is true, its items, and how it is printed.

The one place for what follows from texts alone: nothing is executed. None means: the text does not tell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

_FAILURES = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)
_EMPTY: Mapping[str, Any] = {"set()": set(), "frozenset()": frozenset()}
_OBJECT = re.compile(r"<.+>|[A-Za-z_][\w.]*\(.*\)|-?inf|nan|Ellipsis|NotImplemented", re.S)
"""How what is no literal is shown; containers of such objects are literals but for them."""
_WRAPPED = re.compile(r"(?:dict_keys|dict_values|dict_items|frozenset|deque)\((.*)\)", re.S)
"""Objects that show their items: a loop meets what stands inside."""


def value_of(text: str) -> tuple[Any] | None:
    """Return the value of a literal, in a tuple."""
    if text in _EMPTY:
        return (_EMPTY[text],)
    try:
        return (ast.literal_eval(text),)
    except _FAILURES:
        return None


def may_be_repr(text: str) -> bool:
    """Return whether some value may be shown so: as a literal without doubled items, or as an object is."""
    if text in _EMPTY or _OBJECT.fullmatch(text):
        return True
    try:
        return value_of(text) is not None and not any(map(_is_doubled, ast.walk(ast.parse(text, mode="eval"))))
    except _FAILURES:
        return False


def _is_doubled(node: ast.AST) -> bool:
    """Whether a set or a dictionary shows an item twice."""
    parts = node.elts if isinstance(node, ast.Set) else node.keys if isinstance(node, ast.Dict) else []
    texts = [ast.unparse(part) for part in parts if part is not None]
    return len(set(texts)) < len(texts)


def truth_of(text: str) -> bool | None:
    """Return whether the value is true."""
    value = value_of(text)
    return None if value is None else bool(value[0])


def items_of(text: str) -> tuple[str, ...] | None:
    """Return the `repr` of each item that a loop over the value meets; those of a set in the order of its text."""
    wrapped = _WRAPPED.fullmatch(text)
    value = value_of(wrapped[1] if wrapped else text)
    match value and value[0]:
        case list() | tuple() | str() | bytes() | dict() as items:
            return tuple(map(repr, items))
        case set() | frozenset() as items:
            return _in_order(wrapped[1] if wrapped else text) if items else ()
        case _:
            return () if wrapped and not wrapped[1] else None


def view_of(text: str, method: str) -> tuple[str, ...] | None:
    """Return the items of `keys`, `values` or `items` of a dictionary."""
    value = value_of(text)
    if value is None or not isinstance(value[0], dict):
        return None
    views = {"keys": value[0], "values": value[0].values(), "items": value[0].items()}
    return tuple(map(repr, views[method]))


def _in_order(text: str) -> tuple[str, ...]:
    node = ast.parse(text.strip(), mode="eval").body
    assert isinstance(node, ast.Set)  # a literal with this value
    return tuple(dict.fromkeys(repr(ast.literal_eval(element)) for element in node.elts))


def in_sorted_order(text: str) -> str:
    """Return a set with its items in their order, or that of their texts, where they have none; all else as it is."""
    value = value_of(text)
    if value is None or not isinstance(value[0], set) or len(value[0]) < 2:
        return text
    try:
        return f"{{{', '.join(map(repr, sorted(value[0])))}}}"
    except TypeError:
        return f"{{{', '.join(sorted(_in_order(text)))}}}"


def in_hash_order(text: str) -> str:
    """Return a set of integers in the order that Python shows it in; all else as it is: hashes of texts vary."""
    value = value_of(text)
    is_of_integers = value is not None and isinstance(value[0], set) and all(type(item) is int for item in value[0])
    return repr(value[0]) if value and is_of_integers else text


def printed(text: str) -> str | None:
    """Return `str` of the value."""
    value = value_of(text)
    return None if value is None else str(value[0])


def is_mutable(text: str) -> bool:
    """Return whether `+=` changes the value itself."""
    value = value_of(text)
    return value is not None and isinstance(value[0], list | set | dict)
