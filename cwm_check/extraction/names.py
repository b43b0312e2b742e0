"""Names in a piece of syntax: which it reads from outside, which it binds, and which objects it may change.

An `ast` node comes in, names go out. Scopes are honoured: a local variable, a parameter or a comprehension variable is
no name from outside. Where the source alone cannot tell, a name counts as read or changed. Attributes are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLAIN_DECORATORS = frozenset(
    {"property", "staticmethod", "classmethod", "abstractmethod", "setter", "deleter", "wraps"}
)
_READING_METHODS = """
    copy count decode encode endswith findall finditer format fullmatch get index items join keys lower match
    replace search split splitlines startswith strip sub title upper values
"""
_READING_BUILTINS = """
    abs all any bool bytes chr dict enumerate float frozenset getattr hasattr hash id int isinstance issubclass
    len list max min object ord print property range repr reversed round set sorted str sum super tuple type zip
"""


class _Scope:
    """What one scope reads, binds and declares global, its inner scopes already resolved."""

    __slots__ = ("annotations", "binds", "declared", "reads")

    def __init__(self, *, annotations: bool) -> None:
        self.reads: set[str] = set()
        self.binds: set[str] = set()
        self.declared: set[str] = set()
        self.annotations = annotations

    def scan(self, nodes: Iterable[ast.AST]) -> _Scope:
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                self._name(node)
            elif isinstance(node, ast.Lambda | FunctionNode):
                stack.extend(self._function(node))
            elif isinstance(node, ast.ClassDef):
                stack.extend(self._class(node))
            elif isinstance(node, _COMPREHENSIONS):
                self._comprehension(node)
            elif isinstance(node, ast.AnnAssign):
                stack.extend(n for n in (node.target, node.value, node.annotation if self.annotations else None) if n)
            else:
                self._statement(node)
                stack.extend(ast.iter_child_nodes(node))
        return self

    def free(self) -> set[str]:
        return (self.reads | self.declared) - (self.binds - self.declared)

    def _name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.binds.add(node.id)
        if not isinstance(node.ctx, ast.Store):
            self.reads.add(node.id)

    def _function(self, node: ast.Lambda | FunctionNode) -> Iterator[ast.AST]:
        arguments = all_arguments(node.args)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        # Annotations of local variables are never evaluated.
        inner = _Scope(annotations=False).scan(body)
        inner.binds.update(argument.arg for argument in arguments)
        self.reads |= inner.free()
        yield from (default for default in (*node.args.defaults, *node.args.kw_defaults) if default)
        if isinstance(node, FunctionNode):
            self.binds.add(node.name)
            yield from node.decorator_list
            if self.annotations:
                yield from (n for n in (*(a.annotation for a in arguments), node.returns) if n)

    def _class(self, node: ast.ClassDef) -> Iterator[ast.AST]:
        self.binds.add(node.name)
        # A class body may read a global of a name that it binds itself, so its bindings hide nothing.
        self.reads |= _Scope(annotations=self.annotations).scan(node.body).reads
        yield from (*node.decorator_list, *node.bases, *node.keywords)

    def _comprehension(self, node: ast.AST) -> None:
        inner = _Scope(annotations=self.annotations).scan(ast.iter_child_nodes(node))
        self.reads |= inner.free()
        self.binds.update(n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr))

    def _statement(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.binds.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            self.binds.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self.binds.add(node.rest)
        elif isinstance(node, ast.Global):
            self.declared.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            self.reads.update(node.names)


def free_names(node: ast.AST, *, annotations: bool = True) -> set[str]:
    """Return the names that `node` reads from the scopes around it, those in annotations only if asked to."""
    return _Scope(annotations=annotations).scan([node]).reads


def bound_names(node: ast.AST) -> set[str]:
    """Return the names that running `node` binds in its own scope."""
    return _Scope(annotations=False).scan([node]).binds


def changed_names(node: ast.AST, *, deep: bool = False) -> set[str]:
    """Return the names whose objects running `node` may change: targets, receivers and arguments of calls.

    Bodies of functions do not run when they are defined: they count only when `deep`.
    """
    found: set[str] = set()
    for part in running_nodes(node, deep=deep):
        if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
            found |= _roots(part)
        elif isinstance(part, ast.AugAssign):
            found |= _roots(part.target)
        elif isinstance(part, ast.Delete):
            found |= {name for target in part.targets for name in _roots(target)}
        elif isinstance(part, ast.Call):
            found |= _changed_by_call(part)
        elif isinstance(part, ast.ClassDef | FunctionNode):
            found |= {n for d in part.decorator_list if isinstance(d, ast.Attribute) for n in _roots(d)}
        elif isinstance(part, ast.For | ast.AsyncFor):
            found |= _roots(part.iter)
        elif isinstance(part, ast.withitem):
            found |= _roots(part.context_expr)
    return found


def running_nodes(node: ast.AST, *, deep: bool = False) -> Iterator[ast.AST]:
    """Yield `node` and what runs with it: all of it, but for bodies of functions unless `deep`."""
    stack = [node]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, ast.Lambda | FunctionNode) and not deep:
            decorators = [] if isinstance(part, ast.Lambda) else part.decorator_list
            stack.extend([*decorators, *part.args.defaults, *(d for d in part.args.kw_defaults if d)])
        else:
            stack.extend(ast.iter_child_nodes(part))


def called_names(node: ast.AST) -> set[str]:
    """Return the names that defining or running `node` calls: functions and decorators."""
    found: set[str] = set()
    for part in running_nodes(node):
        if isinstance(part, ast.Call):
            found |= _roots(part.func)
        elif isinstance(part, ast.ClassDef | FunctionNode):
            found |= {name for decorator in part.decorator_list for name in _roots(decorator)}
    return found


def evaluated_annotations(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the annotations of a class or function that its decorators or bases may evaluate although postponed."""
    if isinstance(node, ast.ClassDef) and (node.bases or node.keywords or node.decorator_list):
        yield from (s.annotation for s in node.body if isinstance(s, ast.AnnAssign))
    elif isinstance(node, FunctionNode) and not all(_is_plain(d) for d in node.decorator_list):
        yield from (a for a in (node.returns, *(a.annotation for a in all_arguments(node.args))) if a)


def _is_plain(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2] in _PLAIN_DECORATORS


def _changed_by_call(call: ast.Call) -> set[str]:
    if isinstance(call.func, ast.Name) and call.func.id in _READING_BUILTINS.split():
        return set()
    found = {name for argument in (*call.args, *(k.value for k in call.keywords)) for name in _roots(argument)}
    if isinstance(call.func, ast.Attribute) and call.func.attr not in _READING_METHODS.split():
        found |= _roots(call.func.value)
    return found


def _roots(node: ast.AST) -> set[str]:
    """Return the names that lead to the object of an expression: `a` of `a.b[c].d`, both of `(a or b)`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Lambda):
        return set()
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return every parameter, also `*args` and `**kwargs`."""
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*named, *(a for a in (arguments.vararg, arguments.kwarg) if a)]
