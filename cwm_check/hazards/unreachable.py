"""Statements that never run, as far as the source alone proves it: functions in, lines with their reasons out.

After a statement that always leaves; behind a loop that nothing ends; in a handler, or a branch, of which an earlier
one takes all. What people write on purpose (a `yield` that makes a generator, a guard that only raises, `if False:`) is
not told.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cwm_check.pairs import FunctionSource

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_NEVER = frozenset("assert_never fail exit _exit abort".split())


@dataclass(frozen=True, slots=True)
class Unreachable:
    """One statement that never runs."""

    line: int
    text: str
    """Its first line."""
    reason: str
    """A clause: `line 7 always leaves`."""


def unreachable(function: FunctionSource) -> tuple[Unreachable, ...]:
    """Return the first statement of each stretch that never runs, by line of the module."""
    try:
        (node,) = ast.parse(function.source).body
    except (SyntaxError, ValueError, RecursionError):
        return ()
    if not isinstance(node, _FUNCTIONS):
        return ()
    shift = function.first_line - 1
    found = sorted({(n.lineno + shift, ast.unparse(n).partition("\n")[0], why) for n, why in _dead(node.body, shift)})
    return tuple(Unreachable(*one) for one in found)


def _dead(body: Sequence[ast.stmt], shift: int) -> Iterator[tuple[ast.stmt, str]]:
    for number, statement in enumerate(body):
        rest = body[number + 1 :]
        if rest and _never_goes_on(statement) and not _is_meant(rest):
            verb = "never ends by itself" if isinstance(statement, ast.While) else "always leaves"
            yield rest[0], f"what begins at line {statement.lineno + shift} {verb}"
        yield from _inside(statement, shift)
        if _never_goes_on(statement):
            return


def _inside(statement: ast.stmt, shift: int) -> Iterator[tuple[ast.stmt, str]]:
    match statement:
        case ast.Try() | ast.TryStar():
            yield from _dead_handlers(statement, shift)
        case ast.If():
            yield from _dead_branches(statement, shift)
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return
    for block in _blocks(statement):
        yield from _dead(block, shift)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _never_goes_on(node: ast.stmt) -> bool:
    """Whether control never comes to what stands behind a statement."""
    match node:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.If(body=body, orelse=orelse):
            return bool(orelse) and _leaves(body) and _leaves(orelse)
        case ast.While(test=ast.Constant(value=value)) if value:
            return not _breaks(node.body)
        case ast.Try(handlers=handlers, orelse=orelse, finalbody=final):
            ends = _leaves(orelse) if orelse else _leaves(node.body)
            return _leaves(final) or (ends and all(_leaves(h.body) for h in handlers))
    return False  # a `with` may swallow what its body raises


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return any(_never_goes_on(statement) for statement in body)


def _breaks(body: Sequence[ast.stmt]) -> bool:
    """Whether a `break` in `body` ends the loop around it."""
    for statement in body:
        if isinstance(statement, ast.Break):
            return True
        is_loop = isinstance(statement, ast.For | ast.AsyncFor | ast.While)
        if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
            continue
        blocks = [statement.orelse] if is_loop else _blocks(statement)  # type: ignore[attr-defined]
        if any(_breaks(block) for block in blocks):
            return True
    return False


def _is_meant(rest: Sequence[ast.stmt]) -> bool:
    """Whether it is there on purpose: it makes a generator, only guards, or says nothing."""
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for s in rest for n in ast.walk(s)):
        return True
    return all(_says_nothing(statement) for statement in rest)


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Raise() | ast.Pass() | ast.Assert() | ast.Break() | ast.Continue() | ast.Return(value=None):
            return True
        case ast.Return(value=ast.Constant(value=None)) | ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in _NEVER
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom():
            return True
    return False


def _dead_handlers(node: ast.Try | ast.TryStar, shift: int) -> Iterator[tuple[ast.stmt, str]]:
    taken: list[tuple[str, int]] = []
    for handler in node.handlers:
        names = _names(handler.type)
        takers = [next((t for t in taken if _takes(t[0], name)), None) for name in names]
        if names and all(takers) and not _is_meant(handler.body):
            by, line = next(t for t in takers if t)
            yield handler.body[0], f"`except {by}` at line {line + shift} takes {' and '.join(names)} first"
        taken += [(name, handler.lineno) for name in names]


def _names(kind: ast.expr | None) -> list[str]:
    """The exceptions of a handler; none if one of them has no plain name."""
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = [p.id for p in parts if isinstance(p, ast.Name)]
    return names if len(names) == len(parts) else []


def _takes(earlier: str, name: str) -> bool:
    if earlier == name:
        return True
    classes = [getattr(builtins, n, None) for n in (name, earlier)]
    return all(isinstance(c, type) for c in classes) and issubclass(*classes)  # type: ignore[arg-type]


def _dead_branches(node: ast.If, shift: int) -> Iterator[tuple[ast.stmt, str]]:
    """Branches of a chain with the test of an earlier one, which nothing between them can change."""
    tests: dict[str, int] = {}
    current: ast.stmt | None = node
    while isinstance(current, ast.If):
        text = ast.unparse(current.test)
        if text in tests and not _is_meant(current.body):
            yield current.body[0], f"line {tests[text] + shift} tests `{text}` first"
        if not _is_steady(current.test):
            return
        tests.setdefault(text, current.lineno)
        current = current.orelse[0] if len(current.orelse) == 1 else None


def _is_steady(test: ast.expr) -> bool:
    """Whether a test gives the same each time: names, literals and comparisons of them."""
    kinds = (
        ast.Name, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.expr_context, ast.cmpop, ast.boolop,
        ast.unaryop, ast.Tuple, ast.List, ast.Set,
    )  # fmt: skip
    return all(isinstance(n, kinds) or _is_type_test(n) for n in ast.walk(test))


def _is_type_test(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
