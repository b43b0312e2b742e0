"""Functions that the changed one calls, and whose parameters changed with it: neither works in the other's module.

A `ChangedFunction` in. Out: modules in which such functions are questions to the outside, with what both versions of
them take passed by name: what then still differs is the caller's own edit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent

from cwm_check.pairs import ChangedFunction
from cwm_check.search.targets import parsed
from cwm_check.search.transplants import transplanted
from cwm_check.textlines import split_lines

_OUTSIDE = "cwm_callees"


@dataclass(frozen=True, slots=True)
class _Callee:
    """One version of a function."""

    first_line: int
    """Decorator or `def`, 1-based."""
    last_line: int
    header: tuple[str, ...]
    """The lines before its body."""
    indent: int
    """Of the body."""
    parameters: tuple[str, ...]


def without_callees(function: ChangedFunction) -> tuple[tuple[str, str], ...]:
    """Return pairs of modules that differ in the function and its callees alone: one made from each; none without any.

    In both the callees ask the outside.
    """
    called = _called(function.before.source) & _called(function.after.source)
    before, after = (dict(_callees(module)) for module in (function.before_module, function.after_module))
    shared = {
        name: tuple(p for p in one.parameters if p in after[name].parameters)
        for name, one in before.items()
        if name in after and one.parameters != after[name].parameters
        if name.rpartition(".")[2] in called and name not in (function.before.qualname, function.after.qualname)
    }
    if not shared:
        return ()
    asking = [{name: _asking(name, side[name], names) for name, names in shared.items()} for side in (before, after)]
    old = transplanted(function.before, function.before_module, function.after, function.after_module)
    new = transplanted(function.after, function.after_module, function.before, function.before_module)
    return (
        (_replaced(old, asking[0]), _replaced(function.after_module, asking[1])),
        (_replaced(function.before_module, asking[0]), _replaced(new, asking[1])),
    )


def _called(source: str) -> frozenset[str]:
    """The last parts of the names of what a function calls."""
    try:
        calls = [node.func for node in ast.walk(ast.parse(dedent(source))) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    named = (getattr(callee, "attr", None) or getattr(callee, "id", None) for callee in calls)
    return frozenset(filter(None, named))


def _callees(module: str) -> Iterator[tuple[str, _Callee]]:
    """Yield the plain functions and methods of a module, by qualified name."""
    lines = split_lines(module)

    def visit(body: Sequence[ast.stmt], owner: str) -> Iterator[tuple[str, _Callee]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from visit(node.body, f"{owner}{node.name}.")
            elif isinstance(node, ast.FunctionDef) and node.body[0].lineno > node.lineno and not _yields(node):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                header = tuple(lines[first - 1 : node.body[0].lineno - 1])
                parameters = tuple(_parameters(node, owner))
                last = node.end_lineno or node.lineno
                yield owner + node.name, _Callee(first, last, header, node.col_offset + 4, parameters)

    yield from visit(parsed(module).body, "")


def _yields(node: ast.FunctionDef) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))


def _parameters(node: ast.FunctionDef, owner: str) -> list[str]:
    """The names of the parameters, without that of the object or class."""
    given = node.args
    positional = [a.arg for a in (*given.posonlyargs, *given.args)]
    is_static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    rest = [a.arg for a in (given.vararg, *given.kwonlyargs, given.kwarg) if a is not None]
    return [*(positional[1:] if owner and not is_static else positional), *rest]


def _asking(name: str, callee: _Callee, shared: Sequence[str]) -> list[str]:
    """The lines of a callee that asks the outside: once as what it does, once as what it gives."""
    call = f"{_OUTSIDE}.{name.rpartition('.')[2]}({', '.join(f'{p}={p}' for p in shared)})"
    return [*callee.header, " " * callee.indent + f"import {_OUTSIDE}; {call}; return {call}"]


def _replaced(module: str, texts: Mapping[str, Sequence[str]]) -> str:
    """The module with other lines for some of its functions."""
    lines = split_lines(module)
    places = dict(_callees(module))
    for name in sorted(texts.keys() & places.keys(), key=lambda name: -places[name].first_line):
        lines[places[name].first_line - 1 : places[name].last_line] = texts[name]
    return "\n".join(lines) + "\n"
