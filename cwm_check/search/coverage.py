"""How much of a change was run, and which conditions guard it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache

from cwm_check.pairs import ChangedFunction


def share_reached(
    function: ChangedFunction, covered_before: Collection[int], covered_after: Collection[int]
) -> float | None:
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


def guard_lines(source: str, changed: Collection[int]) -> frozenset[int]:
    """Return the lines of the conditions that decide whether one of the lines `changed` runs.

    These are the headers of the compound statements around it, whole statements before it that may leave the function
    or the loop, and the body of a `try` for its handlers.
    """
    found: set[int] = set()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    wanted = set(changed)

    def visit(body: list[ast.stmt]) -> None:
        leaving: list[ast.stmt] = []
        for statement in body:
            inside = wanted & set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
            if inside:
                for earlier in leaving:
                    found.update(range(earlier.lineno, (earlier.end_lineno or earlier.lineno) + 1))
                if blocks := _blocks(statement):
                    found.update(range(statement.lineno, blocks[0][0].lineno))
                    found.update(_raising_lines(statement, wanted))
                    for block in blocks:
                        visit(block)
            if _may_leave(statement):
                leaving.append(statement)

    visit(tree.body)
    return frozenset(found)


def _raising_lines(statement: ast.stmt, wanted: Collection[int]) -> Iterator[int]:
    """Lines of the body of a `try` of which a handler is wanted: what they raise decides whether it runs."""
    handlers = statement.handlers if isinstance(statement, ast.Try) else []
    if any(h.lineno <= line <= (h.end_lineno or h.lineno) for h in handlers for line in wanted):
        for inner in getattr(statement, "body", []):
            yield from range(inner.lineno, (inner.end_lineno or inner.lineno) + 1)


def _may_leave(node: ast.AST) -> bool:
    """Whether running a statement may end the function or the loop; what is only defined in it leaves nothing."""
    if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
        return False
    return any(map(_may_leave, ast.iter_child_nodes(node)))


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [b for name in ("body", "orelse", "finalbody") if (b := getattr(statement, name, None))]
    blocks += [h.body for h in getattr(statement, "handlers", [])] + [c.body for c in getattr(statement, "cases", [])]
    return [b for b in blocks if b and isinstance(b[0], ast.stmt)]


@lru_cache(maxsize=16)
def _statement_at(source: str) -> dict[int, tuple[int, int]]:
    """Line -> first and last line of the statement or `except` clause on it; of a compound statement its header only.

    `def` lines, docstrings, `global` and bare annotations never run and are left out.
    """
    found: dict[int, tuple[int, int]] = {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler) and not _never_runs(node):
            body = getattr(node, "body", None) or getattr(node, "cases", None)
            last = _first_line(body[0]) - 1 if body else node.end_lineno or node.lineno
            span = (node.lineno, max(node.lineno, last))
            found.update({line: span for line in range(span[0], span[1] + 1)})
    return found


def _first_line(node: ast.stmt | ast.match_case) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([d.lineno for d in decorators] + [node.lineno])


def _never_runs(node: ast.stmt | ast.ExceptHandler) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return node.type is None
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Global | ast.Nonlocal | ast.Try):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.AnnAssign) and node.value is None
