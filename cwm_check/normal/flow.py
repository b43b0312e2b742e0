"""Where locals are read and bound: counts, captures by functions that run later, and whether a value is still read
after a statement.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cwm_check.normal.scopes import Marker, is_local
from cwm_check.normal.trees import FUNCTIONS, LAZY, LOOPS, NAME_FIELDS, TRIES, Function, ends, jumps, own_blocks, walk


@dataclass(frozen=True)
class Uses:
    """How often each local of a function is bound and read."""

    bound: Counter[str]
    read: Counter[str]
    captured: frozenset[str]
    """Locals that a nested function, lambda or generator expression shares with the code around it."""


@dataclass(frozen=True)
class Step:
    """A place on the way from a function down to a statement: the block, the position in it, and whose block it is."""

    block: list[ast.stmt]
    position: int
    owner: ast.AST


Way: TypeAlias = tuple[Step, ...]
Rewrite: TypeAlias = Callable[[Function, Way, "Uses", Marker], bool]
"""Changes one place of a function and returns True, or returns False where it does not apply."""


def uses_of(function: Function, root: Function) -> Uses:
    """Count how often each local of a function is bound and read; `root` is the outermost function."""
    bound, read, captured = _counted(function)
    if function is not root:
        outer_bound, outer_read, _ = _counted(root)
        captured |= {name for name in bound | read if outer_bound[name] + outer_read[name] > bound[name] + read[name]}
    return Uses(bound, read, frozenset(captured))


def _counted(root: ast.AST) -> tuple[Counter[str], Counter[str], set[str]]:
    bound: Counter[str] = Counter()
    read: Counter[str] = Counter()
    captured: set[str] = set()
    homes: dict[str, ast.AST] = {}
    pending = [(root, root)]
    while pending:
        node, home = pending.pop()
        home = node if isinstance(node, LAZY) else home
        if name := _mark_of(node):
            reads = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            (read if reads else bound)[name] += 1
            if homes.setdefault(name, home) is not home:
                captured.add(name)
        pending += [(child, home) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context)]
    return bound, read, captured


def _mark_of(node: ast.AST) -> str:
    field = NAME_FIELDS.get(type(node))
    value = getattr(node, field) if field else None
    return value.rpartition("=")[2] if value and is_local(value) else ""


def occurrences(nodes: Sequence[ast.AST] | ast.AST, name: str) -> int:
    """Count how often a local occurs below some nodes."""
    return sum(_mark_of(n) == name for node in ([nodes] if isinstance(nodes, ast.AST) else nodes) for n in walk(node))


def ways(owner: ast.AST, block: list[ast.stmt], way: Way = ()) -> Iterator[Way]:
    """Yield the way to each statement of a function, nested functions left out, inner statements first."""
    for position, statement in enumerate(block):
        here = (*way, Step(block, position, owner))
        if not isinstance(statement, (*LAZY, ast.ClassDef)):
            for inner in own_blocks(statement):
                yield from ways(statement, inner, here)
        yield here


def handled(way: Way, name: str) -> bool:
    """Tell whether code that runs after a failure of the statement uses a local: a handler, `finally`, what follows
    a `with`.
    """
    for depth, step in enumerate(way):
        if isinstance(step.owner, TRIES) and occurrences(_other_parts(step, step.owner), name):
            return True
        if isinstance(step.owner, (ast.With, ast.AsyncWith)):
            # The context manager may swallow the error.
            outer = way[:depth]
            if any(isinstance(s.owner, LOOPS) or occurrences(s.block[s.position + 1 :], name) for s in outer):
                return True
    return False


def used_later(way: Way, name: str, own: int | None = None) -> bool:
    """Tell whether a local may be read or bound again once the statement at the end of the way is done.

    `own` is how often the local occurs where it is bound first and read then: these places do not count when a loop
    comes back to them.
    """
    here = way[-1].block[way[-1].position]
    own = occurrences(here, name) if own is None else own
    falls_through = not _returns([here])
    for step in reversed(way):
        rest = step.block[step.position + 1 :]
        if falls_through and occurrences(rest, name):
            return True
        falls_through = falls_through and not _returns(rest)
        if falls_through and isinstance(step.owner, LOOPS) and occurrences(step.owner, name) > own:
            return True
        if isinstance(step.owner, TRIES) and occurrences(_other_parts(step, step.owner), name):
            return True
    return False


def _returns(block: list[ast.stmt]) -> bool:
    return ends(block) and not jumps(block, ast.Break, ast.Continue)


def _other_parts(step: Step, owner: ast.Try | ast.TryStar) -> list[ast.AST]:
    """Return the parts of a `try` that may run after a block of it."""
    parts: list[ast.AST] = [handler for handler in owner.handlers if handler.body is not step.block]
    for block in (owner.orelse, owner.finalbody):
        parts += block if block is not step.block else []
    return parts


def following(way: Way) -> Way:
    """Return the way to the next statement of the same block."""
    last = way[-1]
    return (*way[:-1], Step(last.block, last.position + 1, last.owner))


def rewrite_everywhere(root: Function, rewrites: Sequence[tuple[str, Rewrite]], marker: Marker) -> Counter[str]:
    """Apply rewrites to a function and the functions in it until none fires, in place; return how often each did."""
    fired: Counter[str] = Counter()
    functions = [node for node in walk(root) if isinstance(node, FUNCTIONS)]
    for function in reversed(functions):
        while name := _once(function, root, rewrites, marker):
            fired[name] += 1
    return fired


def _once(function: Function, root: Function, rewrites: Sequence[tuple[str, Rewrite]], marker: Marker) -> str | None:
    uses = uses_of(function, root)
    for way in ways(function, function.body):
        for name, rewrite in rewrites:
            if rewrite(function, way, uses, marker):
                return name
    return None
