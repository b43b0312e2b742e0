"""What a function's source compares values with, by their names.

A `ChangedFunction` in. Out: last part of a name (`type` of `node.type`, `x['type']`, `x.get('type')`) -> literals,
those first whose test decides whether a changed line runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from textwrap import dedent

from cwm_check.pairs import ChangedFunction, FunctionSource

_MOST = 8
_CLEANED = {"lower", "upper", "strip", "lstrip", "rstrip", "casefold", "removeprefix", "removesuffix"}
_TESTED = {"startswith", "endswith"}
_READ = re.compile(r"(?:\.get\('(?P<got>[^']+)'(?:, [^()]*)?\)|\['(?P<item>[^']+)'\]|(?P<name>\w+)(?:\(\))?)(?:#\d+)?$")


def compared(function: ChangedFunction) -> Mapping[str, tuple[str, ...]]:
    """Return the literals that values are compared with in either version, by the last part of their names."""
    near: dict[str, dict[str, None]] = {}
    far: dict[str, dict[str, None]] = {}
    for version, changed in ((function.after, function.changed_after), (function.before, function.changed_before)):
        for name, value, decides in _comparisons(version, frozenset(changed)):
            (near if decides else far).setdefault(name, {})[value] = None
    return {name: tuple({**near.get(name, {}), **far.get(name, {})})[:_MOST] for name in {*near, *far}}


def last_part(expression: str) -> str:
    """Return the name that an expression ends with: `type` for `a.b['type']`; empty if it has none."""
    found = _READ.search(expression)
    return next(filter(None, found.groups()), "") if found else ""


def _comparisons(version: FunctionSource, changed: Collection[int]) -> Iterator[tuple[str, str, bool]]:
    """Yield name, literal, and whether a changed line hangs on the test."""
    try:
        tree = ast.parse(dedent(version.source))
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = {line - version.first_line + 1 for line in changed}
    aliases = dict(_aliases(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            decides = _holds(node, lines)
            for part in ast.walk(node.test):
                yield from ((aliases.get(n, n), value, decides) for n, value in _tested(part))
        elif isinstance(node, ast.Match):
            name = _name(node.subject)
            for case in node.cases:
                values = [p.value for p in ast.walk(case.pattern) if isinstance(p, ast.MatchValue)]
                for value in values:
                    yield from ((aliases.get(name, name), v, _holds(case.body[0], lines)) for v in _literals(value))


def _holds(node: ast.If | ast.While | ast.IfExp | ast.stmt, lines: Collection[int]) -> bool:
    """Whether one of the lines is in what a test leads to where it holds, or in the test itself."""
    last = node.body[-1] if isinstance(node, ast.If | ast.While) else node
    return any(node.lineno <= line <= (last.end_lineno or last.lineno) for line in lines)


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                if source := _name(value):
                    yield name, source


def _tested(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len"), args=[sized]), comparators=[ast.Constant(value=int(size))]
        ) if type(size) is int:
            yield f"len({_name(sized)})", repr(size)
        case ast.Compare(left=left, comparators=[right]):
            for subject, other in ((left, right), (right, left)):
                if name := _name(subject):
                    yield from ((name, value) for value in _literals(other))
        case ast.Call(func=ast.Attribute(value=subject, attr=method), args=[argument]) if method in _TESTED:
            if name := _name(subject):
                yield from ((name, value) for value in _literals(argument))


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return key
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _CLEANED:
            return _name(value)
        case ast.Call(func=ast.Attribute(attr=name), args=[]):
            return name
    return ""


def _literals(node: ast.expr) -> Iterator[str]:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes | int):
            yield repr(part.value)
