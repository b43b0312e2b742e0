"""An operation whose operands are values in, the items that their texts show out: what need not be asked."""

from __future__ import annotations

import ast

from cwm_check.codecs.value_texts import items_of, view_of
from cwm_check.operation_state import State

_DISPLAYS = {"list": "[{}]", "tuple": "({})"}


def displayed(state: State, node: ast.Call) -> str | None:
    """Return what `list` or `tuple` makes of items that a text shows."""
    match node:
        case ast.Call(func=ast.Name(id="list" | "tuple" as name), args=[items], keywords=[]) if (
            name not in state.values
        ):
            found = shown(state, items)
            if found is None:
                return None
            inside = f"{found[0]}," if name == "tuple" and len(found) == 1 else ", ".join(found)
            return _DISPLAYS[name].format(inside)
        case _:
            return None


def shown(state: State, node: ast.expr) -> tuple[str, ...] | None:
    """Return the items that a value shows by its text: those of a literal, and those of a view of a dictionary."""
    match node:
        case ast.Constant(value=value):
            return items_of(repr(value))
        case ast.Name(id=name) if name in state.values:
            return items_of(state.values[name])
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="keys" | "values" | "items" as view), args=[]):
            return view_of(state.values.get(name, ""), view)
        case _:
            return None
