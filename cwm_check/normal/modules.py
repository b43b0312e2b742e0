"""What the global names of a module mean: its text goes in, out comes for each name a builtin, an import, a constant
or a definition.

Resolved names carry a prefix: `:os.path.join` was imported, `§helper` is defined in the module, `~total` as well but
functions bind it anew, `^name` is a local of an enclosing function, `?name` is bound nowhere that can be seen. A name
without a prefix is a builtin. Other modules are taken to leave the globals of this one alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cwm_check.normal.conditions import known_test
from cwm_check.normal.imports import import_base, imported, known_object
from cwm_check.normal.scopes import bound_names, is_local
from cwm_check.normal.trees import FUNCTIONS, clone, name_of, walk
from cwm_check.normal.values import BUILTINS


@dataclass(frozen=True, eq=False)
class Module:
    """One version of a module; compared by identity, its trees are never changed."""

    path: str
    text: str
    tree: ast.Module
    bindings: Mapping[str, tuple[ast.stmt, ...]] = field(default_factory=dict)
    """The top-level statements that bind each name, tests of the Python version decided."""
    stars: tuple[str, ...] = ()
    """The modules of `from ... import *`."""
    rebound: frozenset[str] = frozenset()
    """Names that some function declares `global`."""


@lru_cache(maxsize=32)
def read_module(text: str, path: str) -> Module:
    """Parse the text of a module and collect what it binds; a text that is no Python raises SyntaxError."""
    tree = ast.parse(text)
    bindings: dict[str, tuple[ast.stmt, ...]] = {}
    module = Module(
        path, text, tree, bindings, _star_imports(tree, path) if "import *" in text else (), _rebound(tree, text)
    )
    # The module is filled while it is read: a test sees the names that are bound above it.
    for statement in _statements(tree.body, module):
        for name in bound_names([statement]) | _changed(statement, bindings):
            bindings[name] = (*bindings.get(name, ()), statement)
    return module


def _changed(statement: ast.stmt, bindings: Mapping[str, tuple[ast.stmt, ...]]) -> set[str]:
    """Return the names whose objects a top-level statement changes: `TABLE["a"] = 1`, `NAMES.append("b")`; imported
    ones left out.
    """
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return set()
    names: set[str] = set()
    for node in walk(statement):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            names.add(name_of(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(statement, ast.Expr):
            names.add(name_of(node.func.value))
    return {n for n in names & bindings.keys() if not isinstance(bindings[n][0], (ast.Import, ast.ImportFrom))}


def _rebound(tree: ast.Module, text: str) -> frozenset[str]:
    nodes = walk(tree) if "global" in text else ()
    return frozenset(name for node in nodes if isinstance(node, ast.Global) for name in node.names)


def _star_imports(tree: ast.Module, path: str) -> tuple[str, ...]:
    imports = [node for node in walk(tree) if isinstance(node, ast.ImportFrom)]
    return tuple(sorted(import_base(node, path) for node in imports if node.names[0].name == "*"))


def _statements(body: Sequence[ast.stmt], module: Module) -> Iterator[ast.stmt]:
    for statement in body:
        match statement:
            case ast.If(test=test):
                match _decided(test, module):
                    case None:
                        yield statement
                    case known:
                        yield from _statements(statement.body if known else statement.orelse, module)
            case ast.Try(body=[first, *_], handlers=[handler], finalbody=[]) if _fails_with_name_error(
                first, handler, module
            ):
                yield from _statements(handler.body, module)
            case ast.Try(body=[ast.Expr(value=ast.Name(id=name))], handlers=[ast.ExceptHandler(type=caught)]) if (
                name in BUILTINS and name_of(caught) == "NameError"
            ):
                yield from _statements(statement.orelse, module)
            case _:
                yield statement


def _decided(test: ast.expr, module: Module) -> bool | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _decided(test.operand, module)
        return None if inner is None else not inner
    resolved = resolve(clone(test), module)
    known = known_test(resolved, {}) or resolved
    known = known_test(_with_known_parts(known), {}) or known
    return bool(known.value) if isinstance(known, ast.Constant) else None


def _with_known_parts(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.Compare):
        test.left = known_test(test.left, {}) or test.left
    return test


def _fails_with_name_error(first: ast.stmt, handler: ast.ExceptHandler, module: Module) -> bool:
    """Tell whether a Python 2 name makes the first statement of a `try` fail: `unicode`, `long`, `basestring`."""
    if name_of(handler.type) != "NameError" or not isinstance(first, (ast.Expr, ast.Assign)):
        return False
    names = {node.id for node in walk(first) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    unbound = {name for name in names - BUILTINS - module.bindings.keys() if not name.startswith("__")}
    return not module.stars and bool(unbound) and not any(isinstance(n, ast.Call) for n in walk(first))


def meaning(name: str, module: Module, seen: frozenset[str] = frozenset()) -> ast.expr:
    """Return the expression that a global name of the module stands for."""
    found = module.bindings.get(name, ())
    if not found:
        visible = name in BUILTINS and not module.stars
        return known_object(name) if visible else ast.Name(id=f"?{name}", ctx=ast.Load())
    if name in module.rebound:
        return ast.Name(id=f"~{name}", ctx=ast.Load())
    if len(found) > 1 or name in seen:
        return ast.Name(id=f"§{name}", ctx=ast.Load())
    if dotted := imported(found[0], name, module.path):
        return known_object(dotted)
    value = _assigned(found[0])
    known = None if value is None else _constant(value, module, seen | {name})
    return known or ast.Name(id=f"§{name}", ctx=ast.Load())


def _assigned(statement: ast.stmt) -> ast.expr | None:
    match statement:
        case (
            ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            return value
    return None


def _constant(value: ast.expr, module: Module, seen: frozenset[str]) -> ast.expr | None:
    """Return the value of a module constant, if it is immutable and written down, or another name for a known
    object.
    """
    match value:
        case ast.Constant():
            return clone(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return clone(value)
        case ast.Tuple(elts=items):
            parts = [part for item in items if (part := _constant(item, module, seen))]
            return ast.Tuple(elts=parts, ctx=ast.Load()) if len(parts) == len(items) else None
        case ast.Name(id=name):
            known = meaning(name, module, seen)
            return None if name_of(known).startswith(("§", "~", "?")) else known
        case ast.Attribute() | ast.Compare() | ast.Subscript():
            known = resolve(clone(value), module, seen)
            tested = known_test(_with_known_parts(known), {}) or known
            return tested if isinstance(tested, ast.Constant) or name_of(tested).startswith(":") else None
    return None


class _Resolver(ast.NodeTransformer):
    def __init__(self, module: Module, seen: frozenset[str]) -> None:
        self.module, self.seen = module, seen

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if is_local(node.id) or node.id.startswith((":", "§", "?", "^", "~")):
            return node
        if isinstance(node.ctx, ast.Load):
            return meaning(node.id, self.module, self.seen)
        return ast.Name(id=f"~{node.id}", ctx=node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.visit(node.value)
        return _folded(node)


class _Folder(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.visit(node.value)
        return _folded(node)


def _folded(node: ast.Attribute) -> ast.expr:
    if isinstance(node.ctx, ast.Load) and (owner := name_of(node.value)).startswith(":"):
        return known_object(f"{owner[1:]}.{node.attr}")
    return node


def fold_attributes(root: ast.AST) -> None:
    """Write an attribute of an imported object as one dotted name, in place."""
    _Folder().visit(root)


def resolve(node: ast.expr, module: Module, seen: frozenset[str] = frozenset()) -> ast.expr:
    """Replace the global names below `node` by what they mean, in place."""
    return _Resolver(module, seen).visit(node)  # type: ignore[no-any-return]


def resolve_names(root: ast.AST, module: Module) -> None:
    """Replace the global names in a marked function or statement by what they mean, in place."""
    _Resolver(module, frozenset()).visit(root)


def definition_names(root: ast.AST) -> frozenset[str]:
    """Return the names of the module's own definitions that a resolved tree uses."""
    return frozenset(n.id[1:] for n in walk(root) if isinstance(n, ast.Name) and n.id.startswith(("§", "~")))
