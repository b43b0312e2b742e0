"""What each top-level statement of a module may change when the module is imported, and who needs it.

The text of a module comes in, a `ModuleIndex` goes out; it is made once for each text. A call counts with what the
called functions of the module change, and what those call. Changes made inside other modules are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cwm_check.extraction.names import changed_names, free_names, running_nodes
from cwm_check.extraction.statements import (
    DEFINITIONS,
    NAMESPACE_READERS,
    Facts,
    Statement,
    names_of,
    parsed,
    statements_of,
)

_ANNOTATION_READERS = ("get_type_hints", "__annotations__", "get_annotations")
_SUBCLASS_READERS = ("__init_subclass__", "__subclasses__", "metaclass")


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
        statements = statements_of(lines, annotated=annotated)
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


def _numbers(keys: Iterable[Iterable[str]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, names in enumerate(keys):
        for name in names:
            found[name] = (*found.get(name, ()), number)
    return found


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


@lru_cache(maxsize=2048)
def _changed_by_definitions(text: str) -> frozenset[str]:
    """The names whose objects the functions and classes that statements define may change."""
    running = (inner for node in parsed(text) for inner in running_nodes(node))
    return names_of(_changed_inside(node) for node in running if isinstance(node, DEFINITIONS))


def _changed_inside(node: ast.AST) -> set[str]:
    declared = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
    free = free_names(node, annotations=False)
    everything = {"*"} if free & NAMESPACE_READERS else set()
    return declared | everything | (changed_names(node, deep=True) & free)
