"""What a function waits for: the exception classes of the `except` clauses around each line, and lines of loops."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from cwm_check.search.targets import nodes, parsed


@lru_cache(maxsize=64)
def handlers_of(source: str) -> dict[int, tuple[str, ...]]:
    """For each line inside a `try` body, the exception classes that its `except` clauses wait for, innermost first."""
    found: dict[int, tuple[str, ...]] = {}

    def visit(node: ast.AST, waiting: tuple[str, ...]) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting = ()
        if isinstance(node, ast.stmt) and waiting:
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found[line] = waiting
        if isinstance(node, ast.Try):
            types = tuple(dict.fromkeys(t for h in node.handlers for t in _handler_types(h.type)))
            for child in node.body:
                visit(child, tuple(dict.fromkeys(types + waiting)))
            for other in [*node.handlers, *node.orelse, *node.finalbody]:
                visit(other, waiting)
            return
        for inner in ast.iter_child_nodes(node):
            visit(inner, waiting)

    if not _tries(source):
        return {}
    try:
        visit(parsed(source), ())
    except RecursionError:
        return {}
    return found


@lru_cache(maxsize=64)
def cleaned_at(source: str, other: str) -> Mapping[int, tuple[str, ...]]:
    """Return lines before a `finally` clause that the `other` version has not, and what may be raised there."""
    known = Counter(_clean_up(node) for node in _tries(other))
    found: dict[int, tuple[str, ...]] = {}
    for node in _tries(source):
        known[_clean_up(node)] -= 1
        if node.finalbody and known[_clean_up(node)] < 0:
            found.update({line: _ALL[:1] for inner in node.body for line in _lines(inner)})
    return found


def _clean_up(node: ast.Try) -> str:
    return "\n".join(map(ast.unparse, node.finalbody))


@lru_cache(maxsize=64)
def _tries(source: str) -> tuple[ast.Try, ...]:
    return tuple(node for node in nodes(source) if isinstance(node, ast.Try))


TEXT = "a text"
"""What an exception holds that says what is wrong in words alone."""
_OTHERS = ("(5,)", "()")
_NUMBER = re.compile(r"\berrno\.(E[A-Z0-9]+)\b")


@lru_cache(maxsize=64)
def held_at(source: str, other: str) -> Mapping[int, tuple[str, ...]]:
    """Return what else than a text the exceptions may hold that are raised at a line, as tuples of their arguments.

    Only lines count of which an `except` clause reads the exception, and that clause is not in the `other` version.
    """
    clauses = list(_reading_clauses(source))
    known = {ast.unparse(clause) for _, clause in _reading_clauses(other)}
    found: dict[int, tuple[str, ...]] = {}
    for statement, clause in clauses:
        text = ast.unparse(clause)
        if text not in known:
            numbers = dict.fromkeys(_NUMBER.findall(text)) or {"ENOENT": None} if ".errno" in text else {}
            numbered = tuple(f"(errno.{name}, 'text')" for name in numbers)
            for inner in statement.body:
                found.update(dict.fromkeys(_lines(inner), (*numbered, *_OTHERS)))
    return found


def _reading_clauses(source: str) -> Iterator[tuple[ast.Try, ast.ExceptHandler]]:
    """Yield the `except` clauses that look at their exception, and the `try` of each."""
    for statement in _tries(source):
        for clause in statement.handlers:
            if clause.name and any(_reads(node, clause.name) for node in clause.body):
                yield statement, clause


def _reads(body: ast.stmt, name: str) -> bool:
    """Whether a statement does more with an exception than to raise it again, or another one from it."""
    passed = {id(part) for node in ast.walk(body) if isinstance(node, ast.Raise) for part in (node.exc, node.cause)}
    return any(isinstance(n, ast.Name) and n.id == name and id(n) not in passed for n in ast.walk(body))


def waiting_lines(source: str) -> frozenset[int]:
    """Return the lines of `while` loops: what they ask again and again changes at some time."""
    return frozenset(line for loop in _whiles(source) for line in _lines(loop))


def condition_lines(source: str) -> frozenset[int]:
    """Return the lines of the conditions of `while` loops."""
    return frozenset(line for loop in _whiles(source) for line in _lines(loop.test))


@lru_cache(maxsize=64)
def _whiles(source: str) -> tuple[ast.While, ...]:
    return tuple(node for node in nodes(source) if isinstance(node, ast.While))


def _lines(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


_ALL = ("RuntimeError", "KeyboardInterrupt")
"""What stands for every exception: one that `except Exception` catches, and one that it does not."""


def _handler_types(node: ast.expr | None) -> list[str]:
    if node is None:
        return list(_ALL)
    if isinstance(node, ast.Tuple):
        return [t for e in node.elts for t in _handler_types(e)]
    text = ast.unparse(node)
    if text == "BaseException":
        return list(_ALL)
    if text == "Exception":
        return ["RuntimeError"]
    return [text] if all(part.isidentifier() for part in text.split(".")) else []
