"""An operation whose operands are values in, the items that their texts show out: what need not be asked."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import items_of, value_of, view_of
from cwm_check.operation_state import State

_DISPLAYS = {"list": "[{}]", "tuple": "({})"}


def displayed(state: State, node: ast.Call) -> str | None:
    """Return what `list`, `tuple`, `dict` or `dict.fromkeys` makes of items that texts show."""
    match node:
        case ast.Call(func=ast.Name(id="list" | "tuple" as name), args=[items], keywords=[]) if (
            name not in state.values
        ):
            found = shown(state, items)
            if found is None:
                return None
            inside = f"{found[0]}," if name == "tuple" and len(found) == 1 else ", ".join(found)
            return _DISPLAYS[name].format(inside)
        case ast.Call(func=ast.Name(id="dict"), args=[items], keywords=[]) if "dict" not in state.values:
            pairs = [items_of(item) for item in shown(state, items) or ()]
            are_pairs = bool(pairs) and all(pair is not None and len(pair) == 2 for pair in pairs)
            return dictionary([(pair[0], pair[1]) for pair in pairs if pair]) if are_pairs else None
        case ast.Call(func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"), args=[items, *rest]) if (
            "dict" not in state.values
        ):
            keys, value = shown(state, items), _text_of(state, rest[0]) if rest else "None"
            return None if keys is None or value is None else dictionary([(key, value) for key in keys])
        case _:
            return None


def dictionary(pairs: Sequence[tuple[str, str]]) -> str | None:
    """Return the display of a dictionary, of equal keys the first with the last value; None if a key is no literal."""
    keys: dict[object, str] = {}
    values: dict[object, str] = {}
    for key, value in pairs:
        known = value_of(key)
        try:
            if known is None:
                return None
            keys.setdefault(known[0], key)
            values[known[0]] = value
        except TypeError:  # a list is no key
            return None
    return f"{{{', '.join(f'{text}: {values[key]}' for key, text in keys.items())}}}"


def shown(state: State, node: ast.expr) -> tuple[str, ...] | None:
    """Return the items that texts show: of a literal, of a view of a dictionary; also numbered, paired, in reverse."""
    match node:
        case ast.Constant() | ast.Name():
            return items_of(_text_of(state, node) or "")
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="keys" | "values" | "items" as view), args=[]):
            return view_of(state.values.get(name, ""), view)
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" as name), args=arguments, keywords=[]) if (
            name not in state.values
        ):
            return _arranged(state, name, arguments)
        case _:
            return None


def _arranged(state: State, name: str, arguments: Sequence[ast.expr]) -> tuple[str, ...] | None:
    """The items of `enumerate`, `zip` and `reversed`."""
    columns = [items for argument in arguments if (items := shown(state, argument)) is not None]
    if len(columns) < len(arguments) or not columns:
        return None
    match name, columns:
        case "enumerate", [items]:
            return tuple(f"({number}, {item})" for number, item in enumerate(items))
        case "zip", [items]:
            return tuple(f"({item},)" for item in items)
        case "zip", _:
            return tuple(f"({', '.join(row)})" for row in zip(*columns, strict=False))
        case "reversed", [items] if (_text_of(state, arguments[0]) or "{")[0] in "'\"[(":
            return items[::-1]
        case _:
            return None


def _text_of(state: State, node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=value):
            return repr(value)
        case ast.Name(id=name):
            return state.values.get(name)
        case _:
            return None
