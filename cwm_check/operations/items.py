"""An operation whose operands are values in, the items that their texts show out: what need not be asked."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from cwm_check.codecs.value_texts import items_of, truth_of, value_of, view_of
from cwm_check.operations.state import State, UnsupportedError

MOST_ITEMS = 64
"""Rounds of a comprehension; one with more is a single operation."""
_LONGEST_RANGE = 10_000
_DISPLAYS = {"list": "[{}]", "tuple": "({})"}
_TAKING = frozenset("sorted max min sum set frozenset any all".split())
"""Functions that take the items of one argument, whatever gives them."""


def displayed(state: State, node: ast.Call) -> str | None:
    """Return what `list`, `tuple`, `dict`, `dict.fromkeys`, `any` or `all` makes of items that texts show."""
    match node:
        case ast.Call(func=ast.Name(id="list" | "tuple" as name), args=[items], keywords=[]) if (
            name not in state.values
        ):
            found = shown(state, items)
            if found is None:
                return None
            inside = f"{found[0]}," if name == "tuple" and len(found) == 1 else ", ".join(found)
            return _DISPLAYS[name].format(inside)
        case ast.Call(func=ast.Name(id="any" | "all" as name), args=[items], keywords=[]) if name not in state.values:
            found = shown(state, items)
            truths = [truth_of(item) for item in found or ()]
            return None if found is None or None in truths else str((any if name == "any" else all)(truths))
        case ast.Call(func=ast.Name(id="dict"), args=[items], keywords=[]) if "dict" not in state.values:
            return _made_dictionary(state, items)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"), args=[items, *rest]) if (
            "dict" not in state.values
        ):
            keys, value = shown(state, items), text_of(state, rest[0]) if rest else "None"
            return None if keys is None or value is None else dictionary([(key, value) for key in keys])
        case _:
            return None


def _made_dictionary(state: State, items: ast.expr) -> str | None:
    """What `dict` makes of a dictionary or of shown pairs."""
    text = text_of(state, items) or ""
    if view_of(text, "keys") is not None:
        return text
    found = shown(state, items)
    pairs = [pair for item in found or () if (pair := items_of(item)) is not None and len(pair) == 2]
    return None if found is None or len(pairs) < len(found) else dictionary([(key, value) for key, value in pairs])


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


def entries_of(text: str) -> list[tuple[str, str]]:
    """Return the entries that `**` takes from a dictionary."""
    entries = view_of(text, "items")
    if entries is None:
        raise UnsupportedError
    return [(entry[0], entry[1]) for entry in map(items_of, entries) if entry]


def dictionary_of(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the display of a dictionary; keys that are no literals are told apart by their texts."""
    known = dictionary(pairs)
    return f"{{{', '.join(f'{key}: {value}' for key, value in dict(pairs).items())}}}" if known is None else known


def terms_of(state: State, node: ast.Call) -> tuple[str, ...] | None:
    """Return the integers that `sum` adds, if texts show them."""
    match node:
        case ast.Call(func=ast.Name(id="sum"), args=[items], keywords=[]) if "sum" not in state.values:
            terms = shown(state, items)
            known = [value_of(term) for term in terms or ()]
            are_numbers = all(term is not None and type(term[0]) is int for term in known)
            return terms if are_numbers and len(known) <= MOST_ITEMS else None
        case _:
            return None


def takes_items(state: State, function: ast.expr, text: str | None) -> bool:
    """Return whether a list of the items is as good as what gives them: a call (no `text`), a string to extend by."""
    match function:
        case ast.Name(id=name):
            return text is None and name in _TAKING and name not in state.values
        case ast.Attribute(attr="join"):
            return text is None
        case ast.Attribute(attr="extend"):
            return text is None or text[0] in "'\""
        case _:
            return False


def as_generator(state: State, node: ast.Call) -> ast.GeneratorExp | None:
    """Return `map` or `filter` with a lambda, a method, or a function from outside, as the generator that it is."""
    match node:
        case ast.Call(func=ast.Name(id="map" | "filter" as name), args=[function, items], keywords=[]) if (
            name not in state.values
        ):
            pass
        case _:
            return None
    match function:
        case ast.Lambda(args=ast.arguments([], [ast.arg(arg=item)], None, [], [], None, []), body=body):
            made = body
        case ast.Constant(value=None) if name == "filter":
            item, made = "item_", ast.Name("item_", ast.Load())
        case ast.Attribute(value=ast.Name()):
            item, made = "item_", ast.Call(function, [ast.Name("item_", ast.Load())], [])
        case ast.Name(id=called) if called not in state.values:
            item, made = "item_", ast.Call(function, [ast.Name("item_", ast.Load())], [])
        case _:
            return None
    target, kept = ast.Name(item, ast.Store()), ast.Name(item, ast.Load())
    rounds = ast.comprehension(target, items, [made] if name == "filter" else [], 0)
    return ast.GeneratorExp(kept if name == "filter" else made, [rounds])


def is_outside(state: State, node: ast.expr) -> bool:
    """Return whether a name is no local: a builtin, or something of the module."""
    return isinstance(node, ast.Name) and node.id not in state.values


def shown(state: State, node: ast.expr) -> tuple[str, ...] | None:
    """Return the items that texts show: of a literal, a range, a view of a dictionary; numbered, paired, in reverse."""
    match node:
        case ast.Constant() | ast.Name():
            return items_of(text_of(state, node) or "")
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="keys" | "values" | "items" as view), args=[]):
            return view_of(state.values.get(name, ""), view)
        case ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]) if "range" not in state.values:
            return _counted(state, bounds)
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" as name), args=arguments, keywords=[]) if (
            name not in state.values
        ):
            return _arranged(state, name, arguments)
        case _:
            return None


def _counted(state: State, bounds: Sequence[ast.expr]) -> tuple[str, ...] | None:
    """The items of a `range`, whose steps are those of a loop."""
    known = [value_of(text_of(state, bound) or "") for bound in bounds]
    numbers = [value[0] for value in known if value and type(value[0]) is int]
    if not 1 <= len(numbers) == len(known) <= 3 or numbers[2:] == [0]:
        return None
    items = range(*numbers)
    return tuple(map(str, items)) if len(items[: _LONGEST_RANGE + 1]) <= _LONGEST_RANGE else None


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
        case "reversed", [items] if isinstance(arguments[0], ast.Call) or (
            (text_of(state, arguments[0]) or "{")[0] in "'\"[("
        ):
            return items[::-1]
        case _:
            return None


def text_of(state: State, node: ast.expr) -> str | None:
    """Return the text of a constant or a local."""
    match node:
        case ast.Constant(value=value):
            return repr(value)
        case ast.Name(id=name):
            return state.values.get(name)
        case _:
            return None
