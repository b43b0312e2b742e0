"""How much of a change was run: the share of the changed statements that some probe reached."""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import lru_cache

from cwm_check.types import ChangedFunction


def share_reached(function: ChangedFunction, covered_before: Collection[int], covered_after: Collection[int]) -> float | None:
    """Return the share of changed statements, of both versions, that ran; None when no statement changed."""
    reached = total = 0
    for source, changed, covered in (
        (function.before_module, function.changed_before, covered_before),
        (function.after_module, function.changed_after, covered_after),
    ):
        spans = {span for line in changed if (span := _statement_at(source).get(line)) is not None}
        total += len(spans)
        reached += sum(any(line in covered for line in range(first, last + 1)) for first, last in spans)
    return reached / total if total else None


@lru_cache(maxsize=16)
def _statement_at(source: str) -> dict[int, tuple[int, int]]:
    """Line -> first and last line of the statement on it; a compound statement counts with its header only.

    `def` lines, docstrings, `global` and bare annotations never run and are left out.
    """
    found: dict[int, tuple[int, int]] = {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not _never_runs(node):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            last = _first_line(body[0]) - 1 if body else node.end_lineno or node.lineno
            span = (node.lineno, max(node.lineno, last))
            found.update({line: span for line in range(span[0], span[1] + 1)})
    return found


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    pattern = getattr(node, "pattern", None)
    return min([d.lineno for d in decorators] + [(pattern or node).lineno])


def _never_runs(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Global | ast.Nonlocal | ast.Try):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.AnnAssign) and node.value is None
