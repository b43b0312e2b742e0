"""Small tools on `ast` trees: copies without positions, comparison, blocks, substitution.

Every rewrite of this package works on copies and may change them in place; the trees of whole modules are cached and
never touched.
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
TRIES = (ast.Try, ast.TryStar)
LAST_STATEMENTS = (ast.Return, ast.Raise, ast.Continue, ast.Break)

_Node = TypeVar("_Node", bound=ast.AST)


def clone(node: _Node) -> _Node:
    """Copy a tree without positions."""
    return type(node)(**{name: _clone_field(value) for name, value in ast.iter_fields(node)})


def _clone_field(value: object) -> object:
    if isinstance(value, ast.AST):
        return clone(value)
    if isinstance(value, list):
        return [_clone_field(item) for item in value]
    return value


def walk(root: ast.AST) -> Iterator[ast.AST]:
    """Yield every node below `root`, in no particular order; faster than `ast.walk`."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        for value in node.__dict__.values():
            if isinstance(value, list):
                pending += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                pending.append(value)


def key(node: ast.AST | Sequence[ast.AST]) -> str:
    """Return a text that is equal exactly for equal trees."""
    return ast.dump(node) if isinstance(node, ast.AST) else ";".join(ast.dump(item) for item in node)


def equal(first: ast.AST | Sequence[ast.AST], second: ast.AST | Sequence[ast.AST]) -> bool:
    """Tell whether two trees are equal."""
    if isinstance(first, Sequence) and isinstance(second, Sequence) and [*map(type, first)] != [*map(type, second)]:
        return False
    return key(first) == key(second)


def blocks(root: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements below `root`, inner ones first, without the bodies of classes."""
    for block in own_blocks(root):
        for statement in block:
            yield from blocks(statement)
        if not isinstance(root, ast.ClassDef):
            yield block


def own_blocks(statement: ast.AST) -> Iterator[list[ast.stmt]]:
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


NAME_FIELDS: dict[type[ast.AST], str] = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.alias: "asname",
    ast.ExceptHandler: "name",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}
"""Where nodes hold the name of a variable."""


def rename(root: ast.AST, before: str, after: str) -> None:
    """Replace a local's mark by another, wherever it is read, bound or deleted."""
    for node in walk(root):
        field = NAME_FIELDS.get(type(node))
        if field and getattr(node, field) == before:
            setattr(node, field, after)
