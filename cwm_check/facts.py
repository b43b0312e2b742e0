"""What a changed function's source alone proves: signature, defaults, decorators, kind of function, raised types.

A `ChangedFunction` in, facts with certainty 1 out. A fact is left out whenever another part of the source may make up
for it (arguments that `*args` swallows, a default that the body replaces); the simulation decides such cases.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from cwm_check.literals import imports, origin, parse_expression, value_of
from cwm_check.pairs import ChangedFunction, Fact, FunctionSource
from cwm_check.raises import raised_types
from cwm_check.signatures import signature_facts
from cwm_check.syntax import body_of, changed_line, code, dotted, walk
from cwm_check.vocabulary import ParameterKind

_TYPING = {"typing", "typing_extensions", "_typeshed"}
_TYPING_ONLY = {"override", "final", "overload", "no_type_check"}
_BINDINGS = {"staticmethod", "classmethod", "property"}
_CALLED_OR_NOT = {"fixture", "dataclass", "command", "group"}
"""Decorators that mean the same with and without empty parentheses."""
_CACHES = {"cache", "lru_cache"}
_PLAIN = (cst.BaseList, cst.BaseDict, cst.BaseSet, cst.Tuple, cst.BaseNumber, cst.BaseString, cst.Comparison)
_PLAIN_CALLS = {"list", "tuple", "dict", "set", "frozenset", "sorted", "str", "bytes", "len", "int", "bool"}


def find_facts(function: ChangedFunction) -> tuple[Fact, ...]:
    """Return what the source proves about a change, in the order of the rules."""
    facts = [
        *signature_facts(function),
        *_async(function),
        *_generator(function),
        *_decorators(function),
        *_raises(function),
        *_binding(function),
    ]
    return tuple(sorted(facts, key=lambda fact: fact.rule))


def removed_fact(function: FunctionSource) -> Fact:
    """Return the fact that a function is gone; its line is that of the version before."""
    return Fact("CWM114", function.qualname, _header(function), None, function.def_line)


def _header(function: FunctionSource) -> str:
    stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}
    return f"{function.qualname}({', '.join(stars.get(p.kind, '') + p.name for p in function.parameters)})"


def _async(function: ChangedFunction) -> Iterator[Fact]:
    if function.before.is_async != function.after.is_async:
        texts = ["async def" if version.is_async else "def" for version in (function.before, function.after)]
        yield Fact("CWM110", function.after.qualname, texts[0], texts[1], function.after.def_line)


def _generator(function: ChangedFunction) -> Iterator[Fact]:
    if function.before.is_generator == function.after.is_generator:
        return
    plain = body_of(function.after if function.before.is_generator else function.before)
    if plain is not None and not _may_return_iterator(plain):
        texts = ["generator" if version.is_generator else "function" for version in (function.before, function.after)]
        yield Fact("CWM111", function.after.qualname, texts[0], texts[1], changed_line(function, "yield", "return"))


def _may_return_iterator(tree: cst.FunctionDef) -> bool:
    values = [node.value for node in walk(tree.body, nested=False) if isinstance(node, cst.Return) and node.value]
    return bool(values) and not any(_is_plain_value(value) for value in values)


def _is_plain_value(value: cst.BaseExpression) -> bool:
    match value:
        case cst.Call(func=function):
            return dotted(function) in _PLAIN_CALLS
        case cst.Name(value=name):
            return name in {"None", "True", "False"}
    return isinstance(value, _PLAIN)


@dataclass(frozen=True, slots=True)
class _Decorator:
    owner: str
    """Name of the inner function that it stands on; empty for the function itself."""
    name: str
    arguments: tuple[str, ...]
    text: str


def _decorators(function: ChangedFunction) -> Iterator[Fact]:
    before = _read_decorators(function.before, function.before_module)
    after = _read_decorators(function.after, function.after_module)
    keys, new_keys = ([(d.owner, d.name, d.arguments) for d in side] for side in (before, after))
    lost = [d for d, key in zip(before, keys, strict=True) if key not in new_keys]
    gained = [d for d, key in zip(after, new_keys, strict=True) if key not in keys]
    for decorator in lost:
        match = next((d for d in gained if (d.owner, d.name) == (decorator.owner, decorator.name)), None)
        gained = [d for d in gained if d is not match]
        yield _decorator_fact(function, decorator, match)
    for decorator in gained:
        yield _decorator_fact(function, None, decorator)
    if sorted(keys) == sorted(new_keys) and keys != new_keys:
        texts = [", ".join(f"@{d.text}" for d in side) for side in (before, after)]
        yield Fact("CWM112", "order", texts[0], texts[1], changed_line(function, after[0].name))


def _decorator_fact(function: ChangedFunction, before: _Decorator | None, after: _Decorator | None) -> Fact:
    texts = [None if d is None else f"@{d.text}" for d in (before, after)]
    named = after or before
    if named is None:
        raise AssertionError("unreachable: a fact about no decorator")
    line = changed_line(function, named.name.rpartition(".")[2], named.owner)
    return Fact("CWM112", named.name, texts[0], texts[1], line)


def _read_decorators(function: FunctionSource, module: str) -> list[_Decorator]:
    """Return the decorators that can change behaviour, of the function and of the functions that it makes."""
    origins = imports(module)
    own = [_decorator("", text, origins, "" if function.is_nested else module) for text in function.decorators]
    tree = body_of(function) if "@" in function.source else None
    inner = [node for node in walk(tree.body) if isinstance(node, cst.FunctionDef)] if tree else []
    made = [_decorator(node.name.value, code(d.decorator), origins, "") for node in inner for d in node.decorators]
    return [d for d in [*own, *made] if d is not None]


def _decorator(owner: str, text: str, origins: dict[str, str], module: str) -> _Decorator | None:
    tree = parse_expression(text)
    called = isinstance(tree, ast.Call)
    name = ast.unparse(tree.func if isinstance(tree, ast.Call) else tree) if tree else text
    full = origin(origins, name)
    last = full.rpartition(".")[2]
    if full.partition(".")[0] in _TYPING or last in _TYPING_ONLY or name in _BINDINGS:
        return None
    known = last if name.partition(".")[0] in origins else name
    if full.startswith("abc.abstract"):  # `abstractproperty` is `property` and `abstractmethod`
        return _Decorator(owner, "abstractmethod", (), text)
    if last in _CACHES:
        return _Decorator(owner, "lru_cache", (), text)
    given = _arguments(tree, module) if isinstance(tree, ast.Call) else ()
    return _Decorator(owner, known, ("()", *given) if called and (given or last not in _CALLED_OR_NOT) else (), text)


def _arguments(call: ast.Call, module: str) -> tuple[str, ...]:
    """Return the arguments as canonical literals; what is no literal, and so not known, as an ellipsis."""
    positional = [value_of(module, ast.unparse(value)) or "..." for value in call.args]
    keywords = [f"{k.arg}={value_of(module, ast.unparse(k.value)) or '...'}" for k in call.keywords]
    return (*positional, *sorted(keywords))


def _raises(function: ChangedFunction) -> Iterator[Fact]:
    if "raise" not in function.before.source and "raise" not in function.after.source:
        return
    lost, gained = raised_types(function)
    if len(lost) == len(gained) == 1:
        yield Fact("CWM113", gained[0], lost[0], gained[0], changed_line(function, gained[0]))
        return
    for name in lost:
        yield Fact("CWM113", name, name, None, changed_line(function, "raise"))
    for name in gained:
        yield Fact("CWM113", name, None, name, changed_line(function, name))


def _binding(function: ChangedFunction) -> Iterator[Fact]:
    before, after = function.before, function.after
    if before.binding != after.binding and before.owner is not None and after.owner is not None:
        yield Fact("CWM115", after.qualname, before.binding, after.binding, changed_line(function, *_BINDINGS))
