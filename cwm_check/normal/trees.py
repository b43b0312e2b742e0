"""Small tools on `ast` trees: copies without positions, comparison, blocks, substitution.

Every rewrite of this package works on copies and may change them in place; the trees of whole modules are cached and never touched.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LAZY = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)
"""What runs later than it is written: it sees the values that its free names have then."""
LOOPS = (ast.For, ast.AsyncFor, ast.While)
LAST_STATEMENTS = (ast.Return, ast.Raise, ast.Continue, ast.Break)

_Node = TypeVar("_Node", bound=ast.AST)


def clone(node: _Node) -> _Node:
    """Copy a tree without positions and type comments."""
    return type(node)(**{name: _clone_field(value) for name, value in ast.iter_fields(node) if name != "type_comment"})


def _clone_field(value: object) -> object:
    if isinstance(value, ast.AST):
        return clone(value)
    if isinstance(value, list):
        return [_clone_field(item) for item in value]
    return value


def key(node: ast.AST | Sequence[ast.AST]) -> str:
    """Return a text that is equal exactly for equal trees."""
    return ast.dump(node) if isinstance(node, ast.AST) else ";".join(ast.dump(item) for item in node)


def equal(first: ast.AST | Sequence[ast.AST], second: ast.AST | Sequence[ast.AST]) -> bool:
    """Tell whether two trees are equal."""
    return key(first) == key(second)


def blocks(root: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements below `root`, inner ones first, without the bodies of classes."""
    for child in ast.iter_child_nodes(root):
        yield from blocks(child)
    if isinstance(root, ast.ClassDef):
        return
    for name in ("body", "orelse", "finalbody"):
        block = getattr(root, name, None)
        if isinstance(block, list):
            yield block


def own_blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the lists of statements directly inside one statement."""
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(statement, name, None):
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


def ends(block: Sequence[ast.stmt]) -> bool:
    """Tell whether control never leaves the block at its lower end."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    if isinstance(last, ast.While):
        return is_true(last.test) and not jumps(last.body, ast.Break)
    if isinstance(last, ast.Try):
        return ends(last.finalbody) or (ends(last.orelse or last.body) and all(ends(h.body) for h in last.handlers))
    return isinstance(last, LAST_STATEMENTS)


def jumps(block: Sequence[ast.stmt], *kinds: type[ast.stmt]) -> list[ast.stmt]:
    """Return the `break` or `continue` statements that belong to the loop whose body is `block`."""
    found: list[ast.stmt] = []
    for statement in block:
        if isinstance(statement, kinds):
            found.append(statement)
        elif isinstance(statement, LOOPS):
            found += jumps(statement.orelse, *kinds)
        elif not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            for inner in own_blocks(statement):
                found += jumps(inner, *kinds)
    return found


def is_true(node: ast.expr) -> bool:
    """Tell whether the expression is a constant that counts as true."""
    return isinstance(node, ast.Constant) and bool(node.value)


def name_of(node: ast.AST | None) -> str:
    """Return the identifier of a plain name, and an empty text for anything else."""
    return node.id if isinstance(node, ast.Name) else ""


def load(name: str) -> ast.Name:
    """Return a reading access to a name."""
    return ast.Name(id=name, ctx=ast.Load())


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of a named function."""
    return ast.Call(func=load(function), args=list(arguments), keywords=[])


class _Substitution(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return clone(self.value) if node.id == self.name and isinstance(node.ctx, ast.Load) else node


def substitute(root: _Node, name: str, value: ast.expr) -> _Node:
    """Replace each reading of `name` by `value`, in place."""
    return _Substitution(name, value).visit(root)  # type: ignore[no-any-return]


def rename(root: ast.AST, before: str, after: str) -> None:
    """Replace a local's mark by another, wherever it is read, bound or deleted."""
    for node in ast.walk(root):
        for field in ("id", "name", "asname", "rest", "arg"):
            if getattr(node, field, None) == before:
                setattr(node, field, after)
