"""Records as JSON: any of our frozen records in, text out, and back; what does not fit the record is refused.

A record is the list of its fields' values, so both ends must be of the same version. Nothing is ever executed: a text
from elsewhere gives records of the promised types, or `ValueError`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
LARGEST = sys.float_info.max


def to_json(record: object) -> str:
    """Return a record as text."""
    return json.dumps(_plain(record), separators=(",", ":"))


def from_plain(kind: type[Record], value: object) -> Record:
    """Return the record of that type, from what JSON gave."""
    return _read(kind, value)  # type: ignore[no-any-return]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _read(kind: Any, value: object) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _first_that_fits(arguments, value)
    if origin is Literal:
        return _require(value, isinstance(value, str | int | bool) and value in arguments)
    if origin in (tuple, frozenset):
        return origin(_items(arguments, value))
    if origin is Mapping:
        table = _require(value, isinstance(value, dict))
        return {_read(arguments[0], key): _read(arguments[1], item) for key, item in table.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        items = _require(value, isinstance(value, list) and len(value) == len(hints))
        return kind(*[_read(hint, item) for hint, item in zip(hints, items, strict=True)])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is float:
        return float(_require(value, type(value) in (int, float) and abs(value) <= LARGEST))  # type: ignore[arg-type]
    return _require(value, type(value) is kind)


def _items(arguments: tuple[Any, ...], value: object) -> list[Any]:
    items = _require(value, isinstance(value, list))
    if len(arguments) == 1 or arguments[1:] == (...,):
        return [_read(arguments[0], item) for item in items]
    _require(value, len(items) == len(arguments))
    return [_read(kind, item) for kind, item in zip(arguments, items, strict=True)]


def _first_that_fits(kinds: tuple[Any, ...], value: object) -> Any:
    if value is None:
        return _require(value, NoneType in kinds)
    for kind in kinds:
        try:
            return _read(kind, value)
        except ValueError:
            continue
    return _require(value, False)


def _require(value: Any, holds: bool) -> Any:
    if not holds:
        raise ValueError(f"not what the record holds: {value!r:.80}")
    return value


@cache
def _hints(kind: Any) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in fields(kind))
