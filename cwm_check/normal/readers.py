"""Who reads docstrings and annotations at run time: decorators that inspect the function, and code that asks for
them by name.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from cwm_check.normal.modules import Module, resolve
from cwm_check.normal.trees import FUNCTIONS, Function, clone, name_of, walk

_LIBRARIES = frozenset([
    "attr", "attrs", "beartype", "click", "cyclopts", "dagster", "fastapi", "fastmcp", "fire", "flask_restx",
    "injector", "invoke", "langchain", "langchain_core", "litestar", "mcp", "msgspec", "ninja", "numba", "openai",
    "pluggy", "prefect", "pydantic", "rich_click", "robyn", "strawberry", "tornado", "typeguard", "typer",
])  # fmt: skip
_METHODS = frozenset([
    "agent", "callback", "command", "delete", "function_tool", "get", "group", "head", "options", "patch", "post",
    "prompt", "put", "register", "resource", "route", "task", "tool", "websocket",
])  # fmt: skip
_STANDARD = frozenset([":functools.singledispatch", ":functools.singledispatchmethod", ":dataclasses.dataclass"])
_QUESTIONS = frozenset(
    ["__annotations__", "__doc__", "get_type_hints", "signature", "getfullargspec", "getdoc", "get_annotations"]
)
_INERT = (
    ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.BinOp, ast.BitOr,
    ast.Starred, ast.UnaryOp, ast.unaryop, ast.expr_context,
)  # fmt: skip


def is_inspected(function: Function, module: Module) -> bool:
    """Tell whether something may read the docstring or the annotations of a function while the program runs."""
    functions = [node for node in walk(function) if isinstance(node, FUNCTIONS)]
    decorated = any(_inspects(decorator, module) for inner in functions for decorator in inner.decorator_list)
    # The methods `do_...` of `cmd.Cmd` show their docstrings as help.
    return decorated or function.name in _asked_for(module) or function.name.startswith("do_")


def _inspects(decorator: ast.expr, module: Module) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    resolved = resolve(clone(function), module)
    name = name_of(resolved)
    if name.startswith(":"):
        return name in _STANDARD or name[1:].partition(".")[0] in _LIBRARIES
    if name.startswith("§"):
        return any(_questions(statement) for statement in module.bindings[name[1:]])
    # `@app.command()`, `@router.get("/")`, `@show.register`
    return isinstance(resolved, ast.Attribute) and resolved.attr in _METHODS


def _questions(node: ast.AST) -> bool:
    return any(getattr(n, "attr", getattr(n, "id", None)) in _QUESTIONS for n in walk(node))


@lru_cache(maxsize=32)
def _asked_for(module: Module) -> frozenset[str]:
    found: set[str] = set()
    for node in walk(module.tree) if any(question in module.text for question in _QUESTIONS | {"help("}) else ():
        match node:
            case ast.Attribute(value=owner, attr="__annotations__" | "__doc__", ctx=ast.Load()):
                found.add(_last_name(owner))
            case ast.Call(func=function, args=[asked, *_]) if _last_name(function) in _QUESTIONS | {"help"}:
                found.add(_last_name(asked))
    return frozenset(found)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else name_of(node)


def drop_docstrings(root: ast.AST) -> int:
    """Remove the docstrings of a function and of what is defined in it, unless something in there reads them;
    return how many.
    """
    if any(isinstance(n, ast.Attribute) and n.attr == "__doc__" for n in walk(root)):
        return 0
    dropped = 0
    for node in walk(root):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and _has_docstring(node):
            del node.body[0]
            node.body = node.body or [ast.Pass()]
            dropped += 1
    return dropped


def _has_docstring(node: Function | ast.ClassDef) -> bool:
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def drop_annotations(root: ast.AST) -> int:
    """Remove the annotations of a marked function and of its locals that do nothing when evaluated; return how many."""
    dropper = _Dropper()
    dropper.visit(root)
    return dropper.dropped


class _Dropper(ast.NodeTransformer):
    def __init__(self) -> None:
        self.dropped = 0

    def _inert(self, annotation: ast.expr | None) -> bool:
        inert = annotation is not None and all(isinstance(node, _INERT) for node in walk(annotation))
        self.dropped += inert
        return inert

    def visit_arg(self, node: ast.arg) -> ast.arg:
        if self._inert(node.annotation):
            node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if self._inert(node.returns):
            node.returns = None
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        self.visit_FunctionDef(node)  # type: ignore[arg-type]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        # Decorators and `__annotations__` read the annotations of a class; those of its methods they do not.
        for statement in node.body:
            if isinstance(statement, FUNCTIONS):
                self.visit(statement)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        # Annotations of local names are never evaluated; of the others those that call something stay.
        if not isinstance(node.target, ast.Name) and not self._inert(node.annotation):
            return node
        self.dropped += isinstance(node.target, ast.Name)
        if node.value is not None:
            return ast.Assign(targets=[node.target], value=node.value)
        if isinstance(node.target, ast.Attribute) and isinstance(node.target.value, ast.Name):
            return None
        return None if isinstance(node.target, ast.Name) else node
