"""Text building has one form: f-strings, `%`, `.format`, `+` and `str()` become one list of parts where Python's rules
make them equal.

Two assumptions, both part of what the rewrite `format` means: `str(x)` and `format(x, "")` agree (every builtin type,
every class without its own `__format__`), and making a text of a value does not fail or change other values.
"""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Sequence

from cwm_check.normal.trees import call
from cwm_check.normal.values import Kinds, is_builtin_call, kind_of, quiet

_PERCENT = re.compile(r"%(?P<letter>[%srad])|(?P<other>%)")
_CONVERSIONS = {"r": 114, "a": 97, "s": -1, "d": -1}


def text_form(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """Return the common form of an expression that builds a text, None for any other expression."""
    parts = _parts(node, kinds)
    return None if parts is None else _joined(parts, kinds)


def _parts(node: ast.expr, kinds: Kinds) -> list[ast.expr] | None:
    match node:
        case ast.JoinedStr(values=values):
            return list(values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _added(left, right, kinds)
        case ast.BinOp(left=ast.Constant(value=str(pattern)), op=ast.Mod(), right=right):
            return _percent(pattern, right, kinds)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(pattern)), attr="format")):
            return _formatted(pattern, node)
        case ast.Call(args=[value, ast.Constant(value=str(spec))], keywords=[]) if is_builtin_call(node, "format"):
            return [_part(value, -1, spec)]
        case ast.Call(args=[value], keywords=[]) if is_builtin_call(node, "format", "str") and not isinstance(
            value, ast.Starred
        ):
            return [_part(value)]
    return None


def _part(value: ast.expr, conversion: int = -1, spec: str = "") -> ast.FormattedValue:
    format_spec = ast.JoinedStr(values=[ast.Constant(value=spec)]) if spec else None
    return ast.FormattedValue(value=value, conversion=conversion, format_spec=format_spec)


def _added(left: ast.expr, right: ast.expr, kinds: Kinds) -> list[ast.expr] | None:
    if kind_of(left, kinds) != "str" or kind_of(right, kinds) != "str":
        return None
    return [_part(left), _part(right)]


def _percent(pattern: str, right: ast.expr, kinds: Kinds) -> list[ast.expr] | None:
    values = right.elts if isinstance(right, ast.Tuple) else [right]
    if not isinstance(right, ast.Tuple) and kind_of(right, kinds) is None:
        return None
    fields = [match["letter"] for match in _PERCENT.finditer(pattern) if match["letter"] != "%"]
    if None in fields or len(fields) != len(values) or not _in_order(values):
        return None
    if any(letter == "d" and kind_of(value, kinds) != "int" for letter, value in zip(fields, values, strict=True)):
        return None
    return _filled(pattern, values)


def _filled(pattern: str, values: Sequence[ast.expr]) -> list[ast.expr]:
    parts: list[ast.expr] = []
    rest, start = iter(values), 0
    for match in _PERCENT.finditer(pattern):
        letter = match["letter"]
        parts.append(ast.Constant(value=pattern[start : match.start()]))
        parts.append(ast.Constant(value="%") if letter == "%" else _part(next(rest), _CONVERSIONS[letter]))
        start = match.end()
    return [*parts, ast.Constant(value=pattern[start:])]


def _in_order(values: Sequence[ast.expr]) -> bool:
    """Tell whether it is all the same if all values are computed first, or each is turned into text at once."""
    return not any(isinstance(v, ast.Starred) for v in values) and all(quiet(v) for v in values[1:])


def _formatted(pattern: str, node: ast.Call) -> list[ast.expr] | None:
    values = {str(place): value for place, value in enumerate(node.args)}
    values |= {keyword.arg or "**": keyword.value for keyword in node.keywords}
    if "**" in values or not _in_order(list(values.values())):
        return None
    try:
        fields = list(string.Formatter().parse(pattern))
    except ValueError:
        return None
    return _fields(fields, values)


def _fields(
    fields: Sequence[tuple[str, str | None, str | None, str | None]], values: dict[str, ast.expr]
) -> list[ast.expr] | None:
    parts: list[ast.expr] = []
    used: list[str] = []
    numbers = itertools.count()
    for text, field, spec, conversion in fields:
        parts.append(ast.Constant(value=text))
        if field is None:
            continue
        name, *attributes = field.split(".")
        used.append(name or str(next(numbers)))
        plain = "{" not in (spec or "") and all(a.isidentifier() for a in attributes)
        if (
            not plain
            or used[-1] not in values
            or (conversion or "s") not in _CONVERSIONS
            or (conversion == "s" and spec)
        ):
            return None
        parts.append(_part(_attribute(values[used[-1]], attributes), _CONVERSIONS[conversion or "s"], spec or ""))
    # Each value once and in the order in which the call computes them, or values that are just there.
    at_hand = all(isinstance(value, (ast.Name, ast.Constant)) for value in values.values()) and set(used) == set(values)
    return parts if used == list(values) or at_hand else None


def _attribute(value: ast.expr, attributes: Sequence[str]) -> ast.expr:
    for attribute in attributes:
        value = ast.Attribute(value=value, attr=attribute, ctx=ast.Load())
    return value


def _joined(parts: Sequence[ast.expr], kinds: Kinds) -> ast.expr:
    merged: list[ast.expr] = []
    for part in (flat for whole in parts for flat in _flat(whole, kinds)):
        if isinstance(part, ast.Constant) and merged and isinstance(merged[-1], ast.Constant):
            merged[-1] = ast.Constant(value=f"{merged[-1].value!s}{part.value!s}")
        elif not (isinstance(part, ast.Constant) and part.value == ""):
            merged.append(part)
    match merged:
        case []:
            return ast.Constant(value="")
        case [ast.Constant() as text]:
            return text
        case [ast.FormattedValue(value=value, conversion=-1, format_spec=None)]:
            return value if kind_of(value, kinds) == "str" else call("str", value)
        case [ast.FormattedValue(value=value, conversion=114, format_spec=None)]:
            return call("repr", value)
    return ast.JoinedStr(values=merged)


def _flat(part: ast.expr, kinds: Kinds) -> list[ast.expr]:
    """Return the parts of a part: texts inside texts dissolve."""
    match part:
        case ast.FormattedValue(value=value, conversion=115, format_spec=None):
            return _flat(_part(value), kinds)
        case ast.FormattedValue(value=ast.Constant(value=str() | int() as value), conversion=-1, format_spec=None):
            return [ast.Constant(value=str(value))]
        case ast.FormattedValue(value=ast.JoinedStr(values=values), conversion=-1, format_spec=None):
            return [flat for inner in values for flat in _flat(inner, kinds)]
        case ast.FormattedValue(value=ast.Call(args=[value], keywords=[]) as inner, conversion=-1, format_spec=None):
            if is_builtin_call(inner, "str"):
                return _flat(_part(value), kinds)
            if is_builtin_call(inner, "repr", "ascii"):
                return [_part(value, 114 if is_builtin_call(inner, "repr") else 97)]
    return [part]
