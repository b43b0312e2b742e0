"""What the text of each top-level statement of a module tells: what it binds, reads, calls and changes by itself.

The lines of a module come in, its statements go out. What calls change through other functions is not followed here.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable, Sequence
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

NAMESPACE_READERS = frozenset({"globals", "eval", "exec"})
_NAMESPACE_WRITERS = frozenset({"globals", "eval", "exec", "vars", "locals"})
_VALUES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_STORING = _VALUES + DEFINITIONS


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


def statements_of(lines: Sequence[str], *, annotated: bool) -> tuple[Statement, ...]:
    """Return the top-level statements of a module; `annotated`: what annotations name is looked up, too.

    Raises SyntaxError, ValueError or RecursionError if the module, or a statement of it alone, does not parse.
    """
    body = parsed("\n".join(lines))
    return tuple(_statement(nodes, lines, annotated=annotated) for nodes in _grouped(body))


def _statement(nodes: tuple[ast.stmt, ...], lines: Sequence[str], *, annotated: bool) -> Statement:
    first, last = min(map(_first_line, nodes)), max(node.end_lineno or node.lineno for node in nodes)
    return Statement(first, last, _facts("\n".join(lines[first - 1 : last]), annotated=annotated))


@lru_cache(maxsize=2048)
def _facts(text: str, *, annotated: bool) -> Facts:
    """What the text of statements tells; `annotated`: what annotations name is looked up, too.

    Kept by text, since versions of one module share most of their statements.
    """
    nodes = parsed(text)
    every = [inner for node in nodes for inner in ast.walk(node)]
    parts = [part for node in nodes for part in _running_part(node)]
    inside = every if parts == nodes else [inner for part in parts for inner in ast.walk(part)]
    running = [inner for node in nodes for inner in running_nodes(node)]
    reads = names_of(_reads(part, inside, annotated=annotated) for part in parts)
    calls = names_of(map(called_names, parts))
    is_namespace = bool(calls & _NAMESPACE_WRITERS) or any(_names_own_module(running_nodes(part)) for part in parts)
    anything = frozenset({"*"}) if is_namespace else frozenset()
    return Facts(
        text,
        binds=names_of(map(_binds, parts)),
        reads=reads,
        texts=frozenset(n.value for n in inside if isinstance(n, ast.Constant) and isinstance(n.value, str)),
        reads_all=bool(reads & NAMESPACE_READERS) or _names_own_module(inside),
        registers=frozenset(_registered(nodes)),
        is_always_needed=_is_always_needed(running),
        is_library=all(isinstance(n, ast.Import) or _is_from_standard_library(n) for n in nodes),
        is_constant=len(nodes) == 1 and isinstance(nodes[0], ast.Assign) and isinstance(nodes[0].value, ast.Constant),
        changes=names_of(changed_names(part) for part in parts if not isinstance(part, _STORING)) | anything,
        stores=names_of(changed_names(part) for part in parts if isinstance(part, _STORING)),
        calls=calls,
        bases=names_of(map(_bases, parts)),
        rebinds=names_of(inner.names for inner in every if isinstance(inner, ast.Global)),
    )


def names_of(of_parts: Iterable[Iterable[str]]) -> frozenset[str]:
    """Return the names of all parts."""
    return frozenset(name for names in of_parts for name in names)


def parsed(text: str) -> list[ast.stmt]:
    """Return the statements of a text, without what Python warns of in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text).body


def _running_part(statement: ast.stmt) -> list[ast.stmt]:
    """Return a top-level statement as a list; of a block for type checkers or for scripts only what else runs."""
    if isinstance(statement, ast.If):
        test = ast.unparse(statement.test)
        if test in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'", "'__main__' == __name__"):
            return statement.orelse
    return [statement]


def _grouped(body: list[ast.stmt]) -> list[tuple[ast.stmt, ...]]:
    groups: list[tuple[ast.stmt, ...]] = []
    for statement in filter(_running_part, body):
        if groups and _first_line(statement) <= (groups[-1][-1].end_lineno or 0):
            groups[-1] += (statement,)
        else:
            groups.append((statement,))
    return groups


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.ClassDef | FunctionNode) else []
    return min([node.lineno, *(d.lineno for d in decorators)])


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


def _is_from_standard_library(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.level:
        return False
    return (node.module or "").partition(".")[0] in sys.stdlib_module_names


def _bases(node: ast.stmt) -> set[str]:
    classes = [n for n in running_nodes(node) if isinstance(n, ast.ClassDef)]
    values = [v for c in classes for v in (*c.bases, *(k.value for k in c.keywords))]
    return {n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)}


def _names_own_module(nodes: Iterable[ast.AST]) -> bool:
    """Tell whether some code may take its own module out of `sys.modules`."""
    parts = list(nodes)
    looked_up = any(isinstance(n, ast.Attribute) and n.attr == "modules" for n in parts)
    return looked_up and any(isinstance(n, ast.Name) and n.id == "__name__" for n in parts)
