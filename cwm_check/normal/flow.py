"""Where locals are read and bound: counts, captures by functions that run later, and whether a value is still read after a statement."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cwm_check.normal.scopes import Marker, is_local
from cwm_check.normal.trees import FUNCTIONS, LAZY, LOOPS, Function, ends, jumps, own_blocks


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


def uses_of(root: ast.AST, outermost: ast.AST) -> Uses:
    """Count how often each local of a function is bound and read; `outermost` is the function around all others."""
    everywhere = Counter(_occurrences(outermost))
    total = Counter(_occurrences(root))
    read = Counter(
        n.id for n in ast.walk(root) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and is_local(n.id)
    )
    captured = {name for name, count in total.items() if count < everywhere[name]}
    for node in ast.walk(root):
        if isinstance(node, LAZY) and node is not root:
            captured |= {name for name, count in Counter(_occurrences(node)).items() if count < total[name]}
    return Uses(total - read, read, frozenset(captured))


def _occurrences(root: ast.AST) -> Iterator[str]:
    for node in ast.walk(root):
        for field in ("id", "name", "asname", "rest", "arg"):
            value = getattr(node, field, None)
            if isinstance(value, str) and is_local(value):
                yield value.rpartition("=")[2]


def occurrences(nodes: Sequence[ast.AST] | ast.AST, name: str) -> int:
    """Count how often a local occurs below some nodes."""
    return sum(list(_occurrences(node)).count(name) for node in ([nodes] if isinstance(nodes, ast.AST) else nodes))


def ways(owner: ast.AST, block: list[ast.stmt], way: Way = ()) -> Iterator[Way]:
    """Yield the way to each statement of a function, nested functions left out, inner statements first."""
    for position, statement in enumerate(block):
        here = (*way, Step(block, position, owner))
        if not isinstance(statement, (*LAZY, ast.ClassDef)):
            for inner in own_blocks(statement):
                yield from ways(statement, inner, here)
        yield here


def handled(way: Way, name: str) -> bool:
    """Tell whether code that runs after a failure of the statement uses a local: a handler, `finally`, what follows a `with`."""
    for depth, step in enumerate(way):
        if isinstance(step.owner, ast.Try) and occurrences(_other_parts(step, step.owner), name):
            return True
        if isinstance(step.owner, (ast.With, ast.AsyncWith)):
            # The context manager may swallow the error.
            outer = way[:depth]
            if any(isinstance(s.owner, LOOPS) or occurrences(s.block[s.position + 1 :], name) for s in outer):
                return True
    return False


def used_later(way: Way, name: str, own: int | None = None) -> bool:
    """Tell whether a local may be read or bound again once the statement at the end of the way is done.

    `own` is how often the local occurs where it is bound first and read then: these places do not count when a loop comes back to them.
    """
    here = way[-1].block[way[-1].position]
    own = occurrences(here, name) if own is None else own
    falls_through = not _returns([here])
    for step in reversed(way):
        rest = step.block[step.position + 1 :]
        if falls_through and occurrences(rest, name):
            return True
        falls_through = falls_through and not _returns(rest)
        if isinstance(step.owner, LOOPS) and occurrences(step.owner, name) > own:
            return True
        if isinstance(step.owner, ast.Try) and occurrences(_other_parts(step, step.owner), name):
            return True
    return False


def _returns(block: list[ast.stmt]) -> bool:
    return ends(block) and not jumps(block, ast.Break, ast.Continue)


def _other_parts(step: Step, owner: ast.Try) -> list[ast.AST]:
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
    functions = [node for node in ast.walk(root) if isinstance(node, FUNCTIONS)]
    for name, rewrite in rewrites:
        for function in reversed(functions):
            while _once(function, root, rewrite, marker):
                fired[name] += 1
    return fired


def _once(function: Function, root: Function, rewrite: Rewrite, marker: Marker) -> bool:
    uses = uses_of(function, root)
    return any(rewrite(function, way, uses, marker) for way in ways(function, function.body))
