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

from cwm_check.extraction.names import (
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
class Facts:
    """What the text of a top-level statement tells, or of several that share a line."""

    text: str
    binds: frozenset[str]
    reads: frozenset[str]
    """Names it needs, when it runs or when what it defines is called."""
    texts: frozenset[str]
    """Text constants in it, for registrations are found by name."""
    reads_all: bool
    """It may look up any name of the module."""
    registers: frozenset[str]
    """Text constants that it hands to calls when it runs."""
    is_always_needed: bool
    is_library: bool
    """It imports a module, or from the standard library: calling what it binds changes nothing here."""
    is_constant: bool
    """It binds one name to a value that nothing can change."""
    changes: frozenset[str]
    """Names whose objects it changes itself when it runs; `*` stands for the whole namespace."""
    stores: frozenset[str]
    """The same of assignments and definitions: what these change of a library is left out."""
    calls: frozenset[str]
    bases: frozenset[str]
    """Names of the base classes, and of what else class statements name."""
    rebinds: frozenset[str]
    """Names that functions in it declare `global`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement, or several that share a line."""

    first_line: int
    last_line: int
    facts: Facts


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
    """Return the index of a module, or None if it, or a statement of it alone, does not parse."""
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    annotated = "from __future__ import annotations" not in source or any(r in source for r in _ANNOTATION_READERS)
    try:
        body = _parsed("\n".join(lines))
        statements = tuple(_statement(nodes, lines, annotated=annotated) for nodes in _grouped(body))
    except (SyntaxError, ValueError, RecursionError):  # or a statement is cut where a backslash joins two lines
        return None
    effects = _Effects(statements, source)
    changes = [effects.of(statement.facts) for statement in statements]
    return ModuleIndex(
        tuple(lines),
        statements,
        by_name=_numbers(s.facts.binds | changed for s, changed in zip(statements, changes, strict=True)),
        by_text=_numbers(s.facts.registers for s in statements),
        always=tuple(n for n, s in enumerate(statements) if s.facts.is_always_needed or "*" in changes[n]),
    )


def _statement(nodes: tuple[ast.stmt, ...], lines: list[str], *, annotated: bool) -> Statement:
    first, last = min(map(_first_line, nodes)), max(node.end_lineno or node.lineno for node in nodes)
    return Statement(first, last, _facts("\n".join(lines[first - 1 : last]), annotated=annotated))


@lru_cache(maxsize=2048)
def _facts(text: str, *, annotated: bool) -> Facts:
    """What the text of statements tells; `annotated`: what annotations name is looked up, too.

    Kept by text, since versions of one module share most of their statements.
    """
    nodes = _parsed(text)
    every = [inner for node in nodes for inner in ast.walk(node)]
    parts = [part for node in nodes for part in running_part(node)]
    inside = every if parts == nodes else [inner for part in parts for inner in ast.walk(part)]
    running = [inner for node in nodes for inner in running_nodes(node)]
    reads = _names(_reads(part, inside, annotated=annotated) for part in parts)
    calls = _names(map(called_names, parts))
    is_namespace = bool(calls & _NAMESPACE_WRITERS) or any(_names_own_module(running_nodes(part)) for part in parts)
    anything = frozenset({"*"}) if is_namespace else frozenset()
    return Facts(
        text,
        binds=_names(map(_binds, parts)),
        reads=reads,
        texts=frozenset(n.value for n in inside if isinstance(n, ast.Constant) and isinstance(n.value, str)),
        reads_all=bool(reads & _NAMESPACE_READERS) or _names_own_module(inside),
        registers=frozenset(_registered(nodes)),
        is_always_needed=_is_always_needed(running),
        is_library=all(isinstance(n, ast.Import) or _is_from_standard_library(n) for n in nodes),
        is_constant=len(nodes) == 1 and isinstance(nodes[0], ast.Assign) and isinstance(nodes[0].value, ast.Constant),
        changes=_names(changed_names(part) for part in parts if not isinstance(part, _STORING)) | anything,
        stores=_names(changed_names(part) for part in parts if isinstance(part, _STORING)),
        calls=calls,
        bases=_names(map(_bases, parts)),
        rebinds=_names(inner.names for inner in every if isinstance(inner, ast.Global)),
    )


def _names(of_parts: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(name for names in of_parts for name in names)


def _parsed(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text).body


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


def _binds(part: ast.stmt) -> set[str]:
    is_text = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    return {"__doc__"} if is_text else bound_names(part)


def _reads(part: ast.stmt, inside: list[ast.AST], *, annotated: bool) -> set[str]:
    if annotated:
        return free_names(part)
    annotations = [a for node in inside for a in evaluated_annotations(node)]
    named = {n.id for a in annotations for n in ast.walk(a) if isinstance(n, ast.Name)}
    return free_names(part, annotations=False) | named


def _is_always_needed(running: Iterable[ast.AST]) -> bool:
    imports = [part for part in running if isinstance(part, ast.ImportFrom)]
    return any(node.module == "__future__" or node.names[0].name == "*" for node in imports)


def _registered(nodes: Iterable[ast.stmt]) -> set[str]:
    """Return the text constants that running statements, or decorators, hand to calls."""
    parts = [part for node in nodes if not isinstance(node, _VALUES) for part in running_nodes(node)]
    calls = [part for part in parts if isinstance(part, ast.Call)]
    arguments = [a for call in calls for a in (*call.args, *(k.value for k in call.keywords))]
    return {a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str) and len(a.value) > 1}


_VALUES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_STORING = _VALUES + _DEFINITIONS


class _Effects:
    """Works out which names the statements of one module change, also through the functions they call."""

    def __init__(self, statements: Iterable[Statement], source: str) -> None:
        self._binders: dict[str, list[Facts]] = {}
        self._rebound: set[str] = set()
        for facts in (statement.facts for statement in statements):
            self._rebound |= facts.rebinds
            for name in facts.binds:
                self._binders.setdefault(name, []).append(facts)
        self._subclasses_matter = any(word in source for word in _SUBCLASS_READERS)
        self._of_names: dict[str, frozenset[str]] = {}

    def of(self, facts: Facts) -> set[str]:
        """Return the names whose objects a statement may change; `*` stands for the whole namespace."""
        bases = facts.bases if self._subclasses_matter else frozenset()
        changed = {name for name in facts.stores if not self._is_library(name)} | facts.changes | bases
        changed |= {name for call in facts.calls | bases for name in self._of_call(call)}
        return {name for name in changed if not self._is_constant(name)}

    def _of_call(self, name: str) -> frozenset[str]:
        """Return the names that calling `name` may change, through all that it can reach in the module."""
        if name not in self._of_names:
            seen = {name}
            todo = [name]
            changed: set[str] = set()
            while todo:
                for facts in self._binders.get(todo.pop(), []):
                    changed |= _changed_by_definitions(facts.text)
                    todo += facts.reads - seen
                    seen |= facts.reads
            self._of_names[name] = frozenset(n for n in changed if not self._is_library(n))
        return self._of_names[name]

    def _is_library(self, name: str) -> bool:
        """Tell whether a name is a module, or comes from the standard library: calling it changes nothing here."""
        binders = self._binders.get(name, [])
        return bool(binders) and all(facts.is_library for facts in binders)

    def _is_constant(self, name: str) -> bool:
        """Tell whether a name is bound once, to a value that nothing can change."""
        binders = self._binders.get(name, [])
        return len(binders) == 1 and binders[0].is_constant and name not in self._rebound


def _is_from_standard_library(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.level:
        return False
    return (node.module or "").partition(".")[0] in sys.stdlib_module_names


def _bases(node: ast.stmt) -> set[str]:
    classes = [n for n in running_nodes(node) if isinstance(n, ast.ClassDef)]
    values = [v for c in classes for v in (*c.bases, *(k.value for k in c.keywords))]
    return {n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)}


@lru_cache(maxsize=2048)
def _changed_by_definitions(text: str) -> frozenset[str]:
    """The names whose objects the functions and classes that statements define may change."""
    running = (inner for node in _parsed(text) for inner in running_nodes(node))
    return _names(_changed_inside(node) for node in running if isinstance(node, _DEFINITIONS))


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
