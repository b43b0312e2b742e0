"""What the source proves about the decorators of a changed function: a function in, facts out (CWM112).

Those for type checkers alone say nothing; what binds a method is told elsewhere (CWM115).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import libcst as cst

from cwm_check.literals import imports, origin, parse_expression, value_of
from cwm_check.pairs import ChangedFunction, Fact, FunctionSource
from cwm_check.syntax import body_of, changed_line, code, walk

_TYPING = {"typing", "typing_extensions", "_typeshed"}
_TYPING_ONLY = {"override", "final", "overload", "no_type_check"}
BINDINGS = {"staticmethod", "classmethod", "property"}
_CALLED_OR_NOT = {"fixture", "dataclass", "command", "group"}
"""Decorators that mean the same with and without empty parentheses."""
_CACHES = {"cache", "lru_cache"}


@dataclass(frozen=True, slots=True)
class _Decorator:
    owner: str
    """Name of the inner function that it stands on; empty for the function itself."""
    name: str
    arguments: tuple[str, ...]
    text: str


def decorator_facts(function: ChangedFunction) -> Iterator[Fact]:
    """Yield what came, went or changed; a decorator that only got another name in the module is the same."""
    before = _read_decorators(function.before, function.before_module)
    after = _read_decorators(function.after, function.after_module)
    if before != after:
        renamed = _renamed(function.before_module, function.after_module)
        after = [replace(d, name=renamed.get(d.name, d.name)) for d in after]
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
    if full.partition(".")[0] in _TYPING or last in _TYPING_ONLY or name in BINDINGS:
        return None
    known = last if name.partition(".")[0] in origins else name
    if full.startswith("abc.abstract"):  # `abstractproperty` is `property` and `abstractmethod`
        return _Decorator(owner, "abstractmethod", (), text)
    if last in _CACHES:
        return _Decorator(owner, "lru_cache", (), text)
    given = _arguments(tree, module) if isinstance(tree, ast.Call) else ()
    return _Decorator(owner, known, ("()", *given) if called and (given or last not in _CALLED_OR_NOT) else (), text)


@lru_cache(maxsize=8)
def _renamed(before: str, after: str) -> dict[str, str]:
    """Functions at the top of a module of which only the name differs: name after -> name before."""
    old, new = _shapes(before), _shapes(after)
    gone = {shape: name for name, shape in old.items() if name not in new}
    return {name: gone[shape] for name, shape in new.items() if name not in old and shape in gone}


def _shapes(module: str) -> dict[str, str]:
    """The functions at the top of a module, as text in which functions go by their number."""
    try:
        return {node.name: _shape(node) for node in ast.parse(module).body if isinstance(node, ast.FunctionDef)}
    except (SyntaxError, ValueError, RecursionError):
        return {}


def _shape(function: ast.FunctionDef) -> str:
    copy = ast.parse(ast.unparse(function))
    defined = [node for node in ast.walk(copy) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = {node.name: f"f{number}" for number, node in enumerate(defined)}
    for node in ast.walk(copy):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.name = names[node.name]
        elif isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.dump(copy)


def _arguments(call: ast.Call, module: str) -> tuple[str, ...]:
    """Return the arguments as canonical literals; what is no literal, and so not known, as an ellipsis."""
    positional = [value_of(module, ast.unparse(value)) or "..." for value in call.args]
    keywords = [f"{k.arg}={value_of(module, ast.unparse(k.value)) or '...'}" for k in call.keywords]
    return (*positional, *sorted(keywords))
