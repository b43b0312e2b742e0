"""Locals get marks: in goes a function, out comes a copy in which each local variable has a name of its own
(`total@3`).

A mark tells a local from a global at sight, and no two scopes share one, so that rewrites cannot capture a name by
accident. The names that callers see stay in front of the mark: `items=items@1` is the parameter `items`. At the end
`number_locals` replaces marks by numbers in order of appearance.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from cwm_check.normal.trees import FUNCTIONS, NAME_FIELDS, Function

Marks: TypeAlias = Mapping[str, str]
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def is_local(name: str) -> bool:
    """Tell whether a name carries a mark."""
    return "@" in name


def bound_names(body: Sequence[ast.AST]) -> set[str]:
    """Return the names that statements of one scope bind, nested scopes left out."""
    return {name for node in _same_scope(body) for name in _binds(node)}


def declared(body: Sequence[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]) -> set[str]:
    """Return the names of the `global` or `nonlocal` statements of one scope."""
    return {name for node in _same_scope(body) if isinstance(node, kind) for name in node.names}


def _same_scope(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from _same_scope(node.decorator_list)
        elif isinstance(node, COMPREHENSIONS):
            # Only an assignment expression leaves the scope of a comprehension.
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
        elif not isinstance(node, ast.Lambda):
            yield from _same_scope(list(ast.iter_child_nodes(node)))


def _binds(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.NamedExpr(target=ast.Name(id=name)):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in names)


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters in order."""
    stars = [star for star in (arguments.vararg, arguments.kwarg) if star]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


class Marker:
    """Gives marks; its state is the number of marks given."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def fresh(self, name: str) -> str:
        """Return a new mark for a name."""
        return f"{name.partition('@')[0]}@{next(self._numbers)}"

    def mark(self, node: ast.AST, marks: Marks) -> None:
        """Mark the locals below `node` in place; `marks` holds those of the scopes around it."""
        if isinstance(node, FUNCTIONS):
            self._mark_function(node, marks)
        elif isinstance(node, ast.Lambda):
            self._mark_lambda(node, marks)
        elif isinstance(node, ast.keyword) and node.arg == "key" and isinstance(node.value, ast.Lambda):
            # What sorts calls its key by position.
            self._mark_lambda(node.value, marks, public=False)
        elif isinstance(node, ast.ClassDef):
            self._mark_class(node, marks)
        elif isinstance(node, COMPREHENSIONS):
            self._mark_comprehension(node, marks)
        else:
            self._mark_plain(node, marks)

    def _each(self, nodes: Sequence[ast.AST | None], marks: Marks) -> None:
        for node in nodes:
            if node is not None:
                self.mark(node, marks)

    def _mark_function(self, node: Function, marks: Marks) -> None:
        self._each(node.decorator_list, marks)
        self._mark_signature(node.args, marks)
        self._each([node.returns], marks)
        names = bound_names(node.body) | {parameter.arg for parameter in parameters(node.args)}
        names -= declared(node.body, ast.Global) | declared(node.body, ast.Nonlocal)
        inner = self._scope(names, declared(node.body, ast.Global), marks)
        if node.name in marks:
            node.name = f"{node.name}={marks[node.name]}"
        self._name_parameters(node.args, inner)
        self._each(node.body, inner)

    def _mark_signature(self, arguments: ast.arguments, marks: Marks) -> None:
        self._each([*arguments.defaults, *arguments.kw_defaults], marks)
        self._each([parameter.annotation for parameter in parameters(arguments)], marks)

    def _mark_lambda(self, node: ast.Lambda, marks: Marks, *, public: bool = True) -> None:
        self._mark_signature(node.args, marks)
        names = bound_names([node.body]) | {parameter.arg for parameter in parameters(node.args)}
        inner = self._scope(names, set(), marks)
        self._name_parameters(node.args, inner, public=public)
        self.mark(node.body, inner)

    def _mark_class(self, node: ast.ClassDef, marks: Marks) -> None:
        # The names of a class body are attributes: everybody sees them. Methods do not see them as variables.
        self._each([*node.decorator_list, *node.bases, *node.keywords], marks)
        own = bound_names(node.body)
        for statement in node.body:
            visible = marks if isinstance(statement, FUNCTIONS) else {n: m for n, m in marks.items() if n not in own}
            self._mark_member(statement, visible)
        if node.name in marks:
            node.name = f"{node.name}={marks[node.name]}"

    def _mark_member(self, statement: ast.stmt, marks: Marks) -> None:
        name = getattr(statement, "name", "")
        self.mark(statement, marks)
        if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            statement.name = name

    def _mark_comprehension(self, node: ast.AST, marks: Marks) -> None:
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        self.mark(generators[0].iter, marks)
        targets = {n.id for g in generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        inner = self._scope(targets, set(), marks)
        for place, generator in enumerate(generators):
            self._each([generator.target, *generator.ifs, *([generator.iter] if place else [])], inner)
        self._each([getattr(node, field, None) for field in ("elt", "key", "value")], inner)

    def _mark_plain(self, node: ast.AST, marks: Marks) -> None:
        if isinstance(node, ast.Name):
            node.id = marks.get(node.id, node.id)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            node.name = marks.get(node.name, node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            node.rest = marks.get(node.rest, node.rest)
        elif isinstance(node, ast.alias):
            _mark_alias(node, marks)
        self._each(list(ast.iter_child_nodes(node)), marks)

    def _scope(self, names: set[str], hidden: set[str], marks: Marks) -> dict[str, str]:
        outer = {name: mark for name, mark in marks.items() if name not in hidden}
        return {**outer, **{name: self.fresh(name) for name in sorted(names)}}

    def _name_parameters(self, arguments: ast.arguments, marks: Marks, *, public: bool = True) -> None:
        hidden = [*arguments.posonlyargs, arguments.vararg, arguments.kwarg]
        for parameter in parameters(arguments):
            name = parameter.arg if public and parameter not in hidden else ""
            parameter.arg = f"{name}={marks[parameter.arg]}"


def _mark_alias(node: ast.alias, marks: Marks) -> None:
    bound = node.asname or node.name.partition(".")[0]
    if bound in marks:
        # `import a.b` binds `a`: the empty name before the equals sign tells it from `import a.b as c`.
        node.asname = marks[bound] if node.asname or "." not in node.name else f"={marks[bound]}"


def parameter_mark(parameter: ast.arg) -> str:
    """Return the mark of a parameter."""
    return parameter.arg.partition("=")[2]


def number_locals(root: ast.AST) -> None:
    """Replace marks by numbers, in order of appearance, in place."""
    numbers: dict[str, str] = {}
    for node in _in_order(root):
        field = NAME_FIELDS.get(type(node))
        value = getattr(node, field) if field else None
        if field and value and is_local(value):
            public, _, mark = value.rpartition("=")
            number = numbers.setdefault(mark, f"@{len(numbers)}")
            setattr(node, field, f"{public}={number}" if "=" in value else number)


def _in_order(root: ast.AST) -> Iterator[ast.AST]:
    yield root
    for child in ast.iter_child_nodes(root):
        yield from _in_order(child)
