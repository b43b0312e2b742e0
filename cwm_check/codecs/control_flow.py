"""Which line can run after which: the legal successors of every line of a source, function by function.

A text comes in, a `Flow` goes out. Lines are those on which CPython 3.11 has line events: heads of compound statements,
`try` and `except` lines, not docstrings and declarations; any line of a statement that spans several. An exception may
leave any line for the handlers around it. Nothing is decided here, only excluded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

EXIT = 0
"""Stands for the end of the function among the successors of a line."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SILENT = (ast.Global, ast.Nonlocal)


@dataclass(frozen=True, slots=True)
class Flow:
    """The lines of a source and what may follow each."""

    successors: Mapping[int, frozenset[int]]
    """Line -> the lines that may run next in the same call; `EXIT`: it may be the last."""
    raising: Mapping[int, frozenset[int]]
    """Line -> where an exception on it leads; `EXIT`: out of the function."""
    first: Mapping[int, frozenset[int]]
    """`def` line -> the line that runs first."""
    function_of: Mapping[int, int]
    """Line -> `def` line of the function around it."""
    callable_lines: frozenset[int]
    """Lines on which a call frame may begin: functions, lambdas, comprehensions."""


@lru_cache(maxsize=32)
def flow_of(source: str) -> Flow:
    """Return the flow of every function of `source`; empty if it does not parse."""
    maker = _Maker()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return Flow({}, {}, {}, {}, frozenset())
    first: dict[int, frozenset[int]] = {}
    function_of: dict[int, int] = {}
    inner = set()
    for node in ast.walk(tree):  # outer functions come before those inside them
        if isinstance(node, _FUNCTIONS):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            first[start] = frozenset(maker.block(node.body, {EXIT}, _Around()))
            function_of |= dict.fromkeys(range(start, (node.end_lineno or start) + 1), start)
            inner.add(start)
        elif isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner.add(node.lineno)
    successors, raising = (
        {line: frozenset(lines) for line, lines in found.items()} for found in (maker.successors, maker.raising)
    )
    return Flow(successors, raising, first, function_of, frozenset(inner))


@dataclass(frozen=True, slots=True)
class _Around:
    """Where the statements around a block send control."""

    after_break: frozenset[int] = frozenset()
    after_continue: frozenset[int] = frozenset()
    handlers: frozenset[int] = frozenset({EXIT})
    """Where an exception goes: handlers, `finally` blocks, out of the function."""
    leaving: frozenset[int] = frozenset({EXIT})
    """Where `return` goes: the nearest `finally`, or out."""


@dataclass(slots=True)
class _Maker:
    successors: dict[int, set[int]] = field(default_factory=dict)
    raising: dict[int, set[int]] = field(default_factory=dict)

    def block(self, body: Sequence[ast.stmt], after: Iterable[int], around: _Around) -> set[int]:
        """Note what follows each line of `body`; return where it begins, `after` if it has no line."""
        begin = set(after)
        for statement in reversed(body):
            if not _is_silent(statement):
                begin = self._statement(statement, begin, around)
        return begin

    def _statement(self, node: ast.stmt, after: set[int], around: _Around) -> set[int]:
        match node:
            case ast.If():
                return self._head(
                    node, self.block(node.body, after, around) | self.block(node.orelse, after, around), around
                )
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, after, around)
            case ast.Try() | ast.TryStar():
                return self._try(node, after, around)
            case ast.With() | ast.AsyncWith():
                head = {node.lineno}  # it runs again when it is left
                inside = _Around(
                    around.after_break | head if around.after_break else around.after_break,
                    around.after_continue | head if around.after_continue else around.after_continue,
                    around.handlers | head,
                    around.leaving | head,
                )
                begin = self.block(node.body, head, inside)
                return self._head(node, begin | after | around.leaving, around)
            case ast.Match():
                return self._match(node, after, around)
            case ast.Return():
                return self._head(node, set(around.leaving), around)
            case ast.Raise():
                return self._head(node, set(), around)
            case ast.Break():
                return self._head(node, set(around.after_break), around)
            case ast.Continue():
                return self._head(node, set(around.after_continue), around)
        return self._head(node, after, around)

    def _head(self, node: ast.stmt, after: set[int], around: _Around) -> set[int]:
        """A statement, or the head of a compound one: any line of it leads to any other, and on."""
        lines = range(_first_line(node), _last_line(node) + 1)
        inside = set(lines) if len(lines) > 1 else set()
        for line in lines:
            self.successors.setdefault(line, set()).update(after | inside)
            self.raising.setdefault(line, set()).update(around.handlers)
        return set(lines)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, after: set[int], around: _Around) -> set[int]:
        head = set(range(node.lineno, _last_line(node) + 1))
        inside = _Around(frozenset(after), frozenset(head), around.handlers, around.leaving)
        return self._head(node, self.block(node.body, head, inside) | self.block(node.orelse, after, around), around)

    def _try(self, node: ast.Try | ast.TryStar, after: set[int], around: _Around) -> set[int]:
        beyond, out = after, around
        if node.finalbody:
            # One text for all ways through it: on, out, to a handler around, or where a jump wanted to go.
            on = after | around.handlers | around.leaving | around.after_break | around.after_continue
            beyond = self.block(node.finalbody, on, around)
            final = frozenset(beyond)
            out = _Around(
                final if around.after_break else around.after_break,
                final if around.after_continue else around.after_continue,
                final | around.handlers,
                final,
            )
        lines = [handler.lineno for handler in node.handlers]
        for handler, others in zip(node.handlers, (lines[i + 1 :] for i in range(len(lines))), strict=True):
            begin = self.block(handler.body, beyond, out)
            self.successors.setdefault(handler.lineno, set()).update(begin | set(others[:1]))
            self.raising.setdefault(handler.lineno, set()).update(out.handlers)
        guarded = _Around(out.after_break, out.after_continue, frozenset(lines[:1]) | out.handlers, out.leaving)
        orelse = self.block(node.orelse, beyond, out)
        begin = self.block(node.body, orelse, guarded)
        self.successors.setdefault(node.lineno, set()).update(begin)
        return {node.lineno}

    def _match(self, node: ast.Match, after: set[int], around: _Around) -> set[int]:
        following = set(after)
        for case in reversed(node.cases):
            begin = self.block(case.body, after, around)
            lines = range(case.pattern.lineno, max(case.pattern.lineno + 1, case.body[0].lineno))
            for line in lines:
                self.successors.setdefault(line, set()).update(begin | following | set(lines))
                self.raising.setdefault(line, set()).update(around.handlers)
            following = {case.pattern.lineno} | after
        return self._head(node, following, around)


def _is_silent(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, _SILENT) or (isinstance(node, ast.AnnAssign) and node.value is None)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _last_line(node: ast.stmt) -> int:
    """The last line of the statement, or of the head of a compound one."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return node.lineno
    body = getattr(node, "body", None)
    if isinstance(node, ast.Match):
        return max(node.lineno, node.cases[0].pattern.lineno - 1)
    if not body:
        return node.end_lineno or node.lineno
    return max(node.lineno, min(_first_line(body[0]) - 1, _head_end(node)))


def _head_end(node: ast.stmt) -> int:
    parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.withitem)]
    ends = [getattr(part, "end_lineno", None) or node.lineno for part in parts if isinstance(part, ast.expr)]
    ends += [part.context_expr.end_lineno or node.lineno for part in parts if isinstance(part, ast.withitem)]
    return max([node.lineno, *ends])
