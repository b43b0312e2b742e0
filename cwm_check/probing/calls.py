"""Calls with literal arguments: found in any text, and bound to a signature.

Python source, tests and doctests in; call texts such as `total([1, 2], discount=6)` out. Files are searched, not
parsed: only what follows `name(` is read. Arguments are literals or builtin constructors of literals.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from cwm_check.literals import parse_expression
from cwm_check.pairs import Parameter
from cwm_check.simulations import Argument
from cwm_check.vocabulary import BY_POSITION, ParameterKind

CONSTRUCTORS = {
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "range",
    "set",
    "str",
    "tuple",
}
_PLACES_PER_FILE = 60
LONGEST_CALL = 400
_CLOSINGS_TRIED = 12


def called_name(qualname: str) -> str:
    """Return the name that call sites use: the class for a constructor."""
    owner, _, name = qualname.rpartition(".")
    return owner.rpartition(".")[2] if name == "__init__" else name


def called_names(qualname: str) -> tuple[str, ...]:
    """Return the names whose calls show how a function is used: its own, and that of the class of its object."""
    owner = qualname.rpartition(".")[0].rpartition(".")[2]
    return tuple(dict.fromkeys(name for name in (called_name(qualname), owner) if name and name != "<locals>"))


def literal_calls(text: str, name: str) -> Iterator[str]:
    """Yield the calls of `name` in `text` whose arguments are all literal, in order."""
    places = re.finditer(rf"(?<!def )(?<!class )(?<!\w){re.escape(name)}\(", text)
    for place, _ in zip(places, range(_PLACES_PER_FILE), strict=False):
        call = _call_at(text[place.start() : place.start() + LONGEST_CALL])
        if call is not None and _is_literal_call(call):
            yield ast.unparse(call)


def _is_literal_call(call: ast.Call) -> bool:
    return all(map(is_literal, call.args)) and all(k.arg is not None and is_literal(k.value) for k in call.keywords)


def _call_at(text: str) -> ast.Call | None:
    """Return the call that `text` begins with: up to the first closing parenthesis that makes it complete."""
    text = re.sub(r"\n\s*\.\.\. ", "\n", text)
    for closing, _ in zip(re.finditer(r"\)", text), range(_CLOSINGS_TRIED), strict=False):
        tree = parse_expression(text[: closing.end()])
        if tree is not None:
            return tree if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else None
    return None


def is_literal(node: ast.expr) -> bool:
    """Say whether an expression only uses literals and builtin constructors."""
    match node:
        case ast.Constant(value=value):
            return value is not ...
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return all(map(is_literal, items))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and is_literal(key) for key in keys) and all(map(is_literal, values))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return is_literal(operand)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return name in CONSTRUCTORS and all(map(is_literal, arguments))
    return False


def bind(call: str, parameters: Sequence[Parameter]) -> tuple[Argument, ...] | None:
    """Return the arguments of a call as a signature takes them, or None if they do not fit."""
    tree = parse_expression(call)
    if not isinstance(tree, ast.Call):
        return None
    places = [p for p in parameters if p.kind in BY_POSITION]
    rest = next((p for p in parameters if p.kind is ParameterKind.VAR_POSITIONAL), None)
    if len(tree.args) > len(places) and rest is None:
        return None
    names = [p.name for p in places] + [rest.name if rest else ""] * len(tree.args)
    positional = [Argument(name, ast.unparse(value)) for name, value in zip(names, tree.args, strict=False)]
    arguments = (*positional, *(Argument(k.arg or "", ast.unparse(k.value), keyword=True) for k in tree.keywords))
    return arguments if fits(arguments, parameters) else None


def fits(arguments: Sequence[Argument], parameters: Sequence[Parameter]) -> bool:
    """Say whether a signature accepts the arguments: none missing, none twice, none unknown."""
    places = [p for p in parameters if p.kind in BY_POSITION]
    count = sum(not argument.keyword for argument in arguments)
    by_name = [argument.name for argument in arguments if argument.keyword]
    filled = {p.name for p in places[:count]}
    nameable = {
        p.name for p in parameters if p.kind in (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)
    }
    kinds = {p.kind for p in parameters}
    required = {
        p.name for p in parameters if p.default is None and p.kind in (*BY_POSITION, ParameterKind.KEYWORD_ONLY)
    }
    return (
        (count <= len(places) or ParameterKind.VAR_POSITIONAL in kinds)
        and len(set(by_name)) == len(by_name)
        and not filled & set(by_name)
        and (set(by_name) <= nameable or ParameterKind.VAR_KEYWORD in kinds)
        and required <= filled | (set(by_name) & nameable)
    )
