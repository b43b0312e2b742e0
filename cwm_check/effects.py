"""What each top-level statement of a module binds, needs, and may change when the module is imported.

The text of a module comes in, a `ModuleIndex` goes out; it is made once for each text. A call counts with what the
called functions of the module change, and what those call. Changes made inside other modules are left out.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cwm_check.names import (
    FunctionNode,
    bound_names,
    called_names,
    changed_names,
    evaluated_annotations,
    free_names,
    running_nodes,
)

_NAMESPACE_READERS = frozenset({"globals", "eval", "exec"})
_NAMESPACE_WRITERS = frozenset({"globals", "eval", "exec", "vars", "locals"})
_ANNOTATION_READERS = ("get_type_hints", "__annotations__", "get_annotations")
_SUBCLASS_READERS = ("__init_subclass__", "__subclasses__", "metaclass")


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement, or several that share a line."""

    nodes: tuple[ast.stmt, ...]
    binds: frozenset[str]
    reads: frozenset[str]
    """Names it needs, when it runs or when what it defines is called."""
    texts: frozenset[str]
    """Text constants in it, for registrations are found by name."""
    reads_all: bool
    """It may look up any name of the module."""

    @property
    def first_line(self) -> int:
        return min(_first_line(node) for node in self.nodes)

    @property
    def last_line(self) -> int:
        return max(node.end_lineno or node.lineno for node in self.nodes)


@dataclass(frozen=True, slots=True)
class ModuleIndex:
    """The top-level statements of a module; for each name and text constant, the numbers of those that matter to it."""

    lines: tuple[str, ...]
    statements: tuple[Statement, ...]
    by_name: dict[str, tuple[int, ...]]
    by_text: dict[str, tuple[int, ...]]
    always: tuple[int, ...]
    """What every function needs: imports from `__future__`, star imports, writes to the namespace."""


@lru_cache(maxsize=64)
def module_index(source: str) -> ModuleIndex | None:
    """Return the index of a module, or None if it does not parse."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None
    statements = tuple(_statement(nodes, source) for nodes in _grouped(tree.body))
    effects = _Effects(statements, source)
    changes = [effects.of(statement) for statement in statements]
    return ModuleIndex(
        tuple(lines),
        statements,
        by_name=_numbers(s.binds | changed for s, changed in zip(statements, changes, strict=True)),
        by_text=_numbers(_registered(s.nodes) for s in statements),
        always=tuple(n for n, s in enumerate(statements) if _is_always_needed(s) or "*" in changes[n]),
    )


def running_part(statement: ast.stmt) -> list[ast.stmt]:
    """Return a top-level statement as a list; of a block for type checkers or for scripts only what else runs."""
    if isinstance(statement, ast.If):
        test = ast.unparse(statement.test)
        if test in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'", "'__main__' == __name__"):
            return statement.orelse
    return [statement]


def _grouped(body: list[ast.stmt]) -> list[tuple[ast.stmt, ...]]:
    groups: list[tuple[ast.stmt, ...]] = []
    for statement in filter(running_part, body):
        if groups and _first_line(statement) <= (groups[-1][-1].end_lineno or 0):
            groups[-1] += (statement,)
        else:
            groups.append((statement,))
    return groups


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.ClassDef | FunctionNode) else []
    return min([node.lineno, *(d.lineno for d in decorators)])


def _numbers(keys: Iterable[Iterable[str]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, names in enumerate(keys):
        for name in names:
            found[name] = (*found.get(name, ()), number)
    return found


def _statement(nodes: tuple[ast.stmt, ...], source: str) -> Statement:
    parts = [part for node in nodes for part in running_part(node)]
    inside = [node for part in parts for node in ast.walk(part)]
    reads = {name for part in parts for name in _reads(part, inside, source)}
    return Statement(
        nodes=nodes,
        binds=frozenset(name for part in parts for name in _binds(part)),
        reads=frozenset(reads),
        texts=frozenset(n.value for n in inside if isinstance(n, ast.Constant) and isinstance(n.value, str)),
        reads_all=bool(reads & _NAMESPACE_READERS) or _names_own_module(inside),
    )


def _binds(part: ast.stmt) -> set[str]:
    is_text = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    return {"__doc__"} if is_text else bound_names(part)


def _reads(part: ast.stmt, inside: list[ast.AST], source: str) -> set[str]:
    if "from __future__ import annotations" not in source or any(reader in source for reader in _ANNOTATION_READERS):
        return free_names(part)
    annotations = [a for node in inside for a in evaluated_annotations(node)]
    named = {n.id for a in annotations for n in ast.walk(a) if isinstance(n, ast.Name)}
    return free_names(part, annotations=False) | named


def _is_always_needed(statement: Statement) -> bool:
    parts = [part for node in statement.nodes for part in running_nodes(node)]
    imports = [part for part in parts if isinstance(part, ast.ImportFrom)]
    return any(node.module == "__future__" or node.names[0].name == "*" for node in imports)


def _registered(nodes: tuple[ast.stmt, ...]) -> set[str]:
    """Return the text constants that running statements, or decorators, hand to calls."""
    parts = [part for node in nodes if not isinstance(node, _VALUES) for part in running_nodes(node)]
    calls = [part for part in parts if isinstance(part, ast.Call)]
    arguments = [a for call in calls for a in (*call.args, *(k.value for k in call.keywords))]
    return {a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str) and len(a.value) > 1}


_VALUES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Effects:
    """Works out which names the statements of one module change, also through the functions they call."""

    def __init__(self, statements: tuple[Statement, ...], source: str) -> None:
        self._binders: dict[str, list[Statement]] = {}
        for statement in statements:
            for name in statement.binds:
                self._binders.setdefault(name, []).append(statement)
        self._subclasses_matter = any(word in source for word in _SUBCLASS_READERS)
        nodes = [n for statement in statements for node in statement.nodes for n in ast.walk(node)]
        self._rebound = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
        self._of_names: dict[str, frozenset[str]] = {}
        self._inside_of: dict[tuple[ast.stmt, ...], set[str]] = {}

    def of(self, statement: Statement) -> set[str]:
        """Return the names whose objects a statement may change; `*` stands for the whole namespace."""
        changed: set[str] = set()
        for node in (part for outer in statement.nodes for part in running_part(outer)):
            direct = changed_names(node)
            if isinstance(node, _VALUES + _DEFINITIONS):
                direct = {name for name in direct if not self._is_library(name)}
            bases = _bases(node) if self._subclasses_matter else set()
            called = called_names(node) | bases
            changed |= direct | bases
            changed |= {"*"} if called & _NAMESPACE_WRITERS or _names_own_module(running_nodes(node)) else set()
            changed |= {name for call in called for name in self._of_call(call)}
        return {name for name in changed if not self._is_constant(name)}

    def _of_call(self, name: str) -> frozenset[str]:
        """Return the names that calling `name` may change, through all that it can reach in the module."""
        if name not in self._of_names:
            seen = {name}
            todo = [name]
            changed: set[str] = set()
            while todo:
                for statement in self._binders.get(todo.pop(), []):
                    changed |= self._inside(statement)
                    todo += statement.reads - seen
                    seen |= statement.reads
            self._of_names[name] = frozenset(n for n in changed if not self._is_library(n))
        return self._of_names[name]

    def _inside(self, statement: Statement) -> set[str]:
        """Return the names that the functions and classes a statement defines may change."""
        if statement.nodes not in self._inside_of:
            defined = [n for node in statement.nodes for n in running_nodes(node) if isinstance(n, _DEFINITIONS)]
            self._inside_of[statement.nodes] = {name for node in defined for name in _changed_inside(node)}
        return self._inside_of[statement.nodes]

    def _is_library(self, name: str) -> bool:
        """Tell whether a name is a module, or comes from the standard library: calling it changes nothing here."""
        nodes = self._binding_nodes(name)
        return bool(nodes) and all(isinstance(n, ast.Import) or _is_from_standard_library(n) for n in nodes)

    def _is_constant(self, name: str) -> bool:
        """Tell whether a name is bound once, to a value that nothing can change."""
        match self._binding_nodes(name):
            case [ast.Assign(value=ast.Constant())]:
                return name not in self._rebound
        return False

    def _binding_nodes(self, name: str) -> list[ast.stmt]:
        return [node for statement in self._binders.get(name, []) for node in statement.nodes]


def _is_from_standard_library(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.level:
        return False
    return (node.module or "").partition(".")[0] in sys.stdlib_module_names


def _bases(node: ast.stmt) -> set[str]:
    classes = [n for n in running_nodes(node) if isinstance(n, ast.ClassDef)]
    values = [v for c in classes for v in (*c.bases, *(k.value for k in c.keywords))]
    return {n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)}


def _changed_inside(node: ast.AST) -> set[str]:
    declared = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
    free = free_names(node, annotations=False)
    everything = {"*"} if free & _NAMESPACE_READERS else set()
    return declared | everything | (changed_names(node, deep=True) & free)


def _names_own_module(nodes: Iterable[ast.AST]) -> bool:
    """Tell whether some code may take its own module out of `sys.modules`."""
    parts = list(nodes)
    looked_up = any(isinstance(n, ast.Attribute) and n.attr == "modules" for n in parts)
    return looked_up and any(isinstance(n, ast.Name) and n.id == "__name__" for n in parts)
