"""Which changed names outside a function does it read: constants, imports, helpers, methods, class attributes, bases.

Two outlines come in; out goes a question that can be asked for each function. Names are followed through helpers and
constants of the same module, a few steps deep. What only a run could tell (attributes set by methods) is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Set

from cwm_check.extraction.definitions import Definition, Outline, ranked_statements
from cwm_check.extraction.names import FunctionNode, bound_names, changed_names, free_names

_DEEPEST = 4
"""Steps from the function to a changed name: each helper in between is one."""
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__", "__init_subclass__")

Symbols = dict[str, list[ast.AST]]
"""The code behind each name: `LIMIT`, `helper`, `Class` (decorators and bases), `Class.attribute`, `Class.method`."""


Because = Callable[[Definition], tuple[str, ...]]
"""Gives, for a definition after the change, the changed names it reads, nearest first."""


def changed_context(before: Outline, after: Outline) -> tuple[Because, tuple[str, ...]]:
    """Return what says which changed names a function reads, and those that code elsewhere may read, too."""
    code = _symbols(before), _symbols(after)
    changed = {name for name in code[0] | code[1] if _code_of(before, code[0], name) != _code_of(after, code[1], name)}
    changed = {name for name in changed if _shape(code[0].get(name, [])) != _shape(code[1].get(name, []))}
    if not changed:
        return lambda definition: (), ()
    reader = _Reader(after, code[0] | code[1])
    functions = before.definitions.keys() | after.definitions.keys()
    shared = sorted(name for name in changed - functions if _is_shared(name, code, functions))
    return lambda definition: tuple(name for name in reader.reached(definition) if name in changed), tuple(shared)


def _is_shared(name: str, code: tuple[Symbols, Symbols], functions: Set[str]) -> bool:
    """Whether code elsewhere may have read a name before: no import, nothing private, no part of a function."""
    owner = name.rpartition(".")[0]
    if name not in code[0] and (not owner or owner not in code[0]):
        return False
    if any(part.startswith("_") for part in name.split(".")) or any(name.startswith(f"{f}.") for f in functions):
        return False
    return not all(isinstance(node, ast.alias | ast.ImportFrom) for side in code for node in side.get(name, []))


def _symbols(module: Outline) -> Symbols:
    symbols: Symbols = {}
    _add_bindings(symbols, module.tree.body, "")
    for name, node in module.classes.items():
        symbols.setdefault(name, []).extend([*node.decorator_list, *node.bases, *node.keywords])
        _add_bindings(symbols, node.body, f"{name}.")
    for name, found in module.definitions.items():
        symbols[name] = [definition.node for definition in found]
    return symbols


def _add_bindings(symbols: Symbols, body: list[ast.stmt], prefix: str) -> None:
    for statement, _ in ranked_statements(body):
        if not isinstance(statement, FunctionNode | ast.ClassDef):
            for name in bound_names(statement) | changed_names(statement):
                symbols.setdefault(prefix + name, []).append(_part_for(statement, name))


def _part_for(statement: ast.stmt, name: str) -> ast.AST:
    """Return the alias that imports `name`, so that its neighbours do not count, or the whole statement."""
    if isinstance(statement, ast.Import):
        return next((a for a in statement.names if name in (a.asname, a.name.partition(".")[0])), statement)
    if isinstance(statement, ast.ImportFrom):
        alias = [a for a in statement.names if name in (a.asname, a.name)]
        return ast.ImportFrom(
            statement.module, alias, statement.level, lineno=statement.lineno, end_lineno=statement.end_lineno
        )
    return statement


def _code_of(module: Outline, symbols: Symbols, name: str) -> list[list[str]]:
    """Return the source lines behind a name: if they are equal, so is its meaning."""
    spans = [(node.lineno, node.end_lineno) for node in symbols.get(name, []) if isinstance(node, _PLACED)]
    return [module.lines[first - 1 : last] for first, last in spans]


_PLACED = (ast.stmt, ast.expr, ast.alias, ast.keyword)


def _shape(node: object) -> object:
    """Return a syntax tree as nested tuples, without what no caller notices: docstrings, annotations of functions."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            body = node.body[ast.get_docstring(node, clean=False) is not None :]
            parts: list[object] = [node.name, node.args, [_plain(statement) for statement in body], node.decorator_list]
        case ast.arg():
            parts = [node.arg]
        case ast.AST():
            parts = [value for _, value in ast.iter_fields(node)]
        case list():
            return tuple(_shape(item) for item in node)
        case _:
            return repr(node)
    return type(node), *(_shape(part) for part in parts)


def _plain(statement: ast.stmt) -> ast.stmt:
    """Return a statement of a function without its annotation, which is never evaluated."""
    if not isinstance(statement, ast.AnnAssign):
        return statement
    return ast.Assign([statement.target], statement.value) if statement.value else ast.Pass()


class _Reader:
    """Follows names through one module; what each name leads to is worked out once."""

    def __init__(self, module: Outline, symbols: Symbols) -> None:
        self._module = module
        self._symbols = symbols
        self._classes = module.classes
        self._next: dict[str, tuple[str, ...]] = {}

    def reached(self, definition: Definition) -> Iterator[str]:
        """Yield the names outside a function that its behaviour may hang on, nearest first."""
        seen = {definition.qualname}
        names = list(self._read_by([definition.node], definition.inside))
        for _ in range(_DEEPEST):
            names = [name for name in dict.fromkeys(names) if name not in seen]
            yield from names
            seen.update(names)
            names = [after for name in names for after in self._following(name)]

    def _following(self, name: str) -> tuple[str, ...]:
        if name not in self._next:
            owner = name.rpartition(".")[0]
            found = self._module.definitions.get(name)
            inside = found[-1].inside if found else owner if owner in self._classes else None
            self._next[name] = tuple(dict.fromkeys(self._read_by(self._symbols[name], inside)))
        return self._next[name]

    def _read_by(self, nodes: Iterable[ast.AST], inside: str | None) -> Iterator[str]:
        for node in nodes:
            parts = list(ast.walk(node))
            attributes = [n for n in parts if isinstance(n, ast.Attribute)]
            called = {n.func.id for n in parts if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            names = sorted(free_names(node, annotations=False))
            yield from (name for name in names if name in self._symbols)
            yield from self._of_self(attributes, inside)
            for name in (name for name in names if name in self._classes):
                yield from self._of_class(name, attributes, is_called=name in called)

    def _of_self(self, attributes: list[ast.Attribute], inside: str | None) -> Iterator[str]:
        """Yield the members of the class around a method that it uses, and the class itself."""
        if inside is None:
            return
        line = self._lineage(inside)
        yield from (name for name in line if name in self._symbols)
        for attribute in attributes:
            if _is_own(attribute.value):
                yield from self._members(line[_is_super(attribute.value) :], attribute.attr)

    def _of_class(self, name: str, attributes: list[ast.Attribute], *, is_called: bool) -> Iterator[str]:
        """Yield the members of a class that is used: `Class.x`; if it is made here, its constructor and `made.x`."""
        line = self._lineage(name)
        for member in (*_CONSTRUCTORS, *_fields(self._classes[name])) if is_called else ():
            yield from self._members(line, member)
        for attribute in attributes:
            by_name = isinstance(attribute.value, ast.Name) and attribute.value.id == name
            if by_name or (is_called and not _is_own(attribute.value)):
                yield from self._members(line, attribute.attr)

    def _members(self, line: list[str], attribute: str) -> Iterator[str]:
        """Yield the symbols of an attribute in the first class that has it."""
        for name in line:
            found = [f"{name}.{attribute}{end}" for end in ("", ".setter", ".deleter")]
            if found[0] in self._symbols:
                yield from (symbol for symbol in found if symbol in self._symbols)
                return

    def _lineage(self, name: str) -> list[str]:
        """Return a class and its bases in this module, nearest first."""
        line = [name]
        for known in line:
            bases = self._classes[known].bases if known in self._classes else []
            line.extend(b.id for b in bases if isinstance(b, ast.Name) and b.id in self._classes and b.id not in line)
        return line


def _fields(node: ast.ClassDef) -> list[str]:
    """Return the annotated attributes of a class: they make its constructor if it is a dataclass or a named tuple."""
    return [s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]


def _is_own(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="self" | "cls"):
            return True
        case ast.Call(func=ast.Name(id="super" | "type")):
            return True
        case ast.Attribute(value=ast.Name(id="self"), attr="__class__"):
            return True
    return False


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
