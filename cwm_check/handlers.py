"""What a function waits for: the exception classes of the `except` clauses around each line, and lines of loops."""

from __future__ import annotations

import ast
from functools import lru_cache


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

    try:
        visit(ast.parse(source), ())
    except (SyntaxError, RecursionError, ValueError):
        return {}
    return found


def waiting_lines(source: str) -> frozenset[int]:
    """Return the lines of `while` loops: what they ask again and again changes at some time."""
    return frozenset(line for loop in _whiles(source) for line in _lines(loop))


def condition_lines(source: str) -> frozenset[int]:
    """Return the lines of the conditions of `while` loops."""
    return frozenset(line for loop in _whiles(source) for line in _lines(loop.test))


@lru_cache(maxsize=64)
def _whiles(source: str) -> tuple[ast.While, ...]:
    try:
        return tuple(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.While))
    except (SyntaxError, RecursionError, ValueError):
        return ()


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
