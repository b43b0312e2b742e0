"""Rewrites of local variables: temporaries, copies, values that nobody reads, two uses of one name.

Each rewrite takes a function, changes one place of it and returns True, or returns False where it does not apply.
"""

from __future__ import annotations

import ast

from cwm_check.normal.assignments import first_expression, local_assignment
from cwm_check.normal.flow import Rewrite, Uses, Way, following, handled, occurrences, used_later
from cwm_check.normal.scopes import Marker, is_local, parameter_mark, parameters
from cwm_check.normal.trees import LOOPS, TRIES, Function, name_of, rename, substitute, walk
from cwm_check.normal.values import at_hand, reaches_first


def inline(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Put a value that the next statement reads first, and nobody else, in the place where it is read."""
    block, position = way[-1].block, way[-1].position
    found = local_assignment(block[position])
    if found is None or position + 1 == len(block) or found[0] in uses.captured:
        return False
    name, value = found
    user = block[position + 1]
    head = first_expression(user)
    if head is None or occurrences(user, name) != 1 or not reaches_first(head, name, value, uses.captured):
        return False
    if any(isinstance(node, ast.NamedExpr) for node in walk(value)) or _changes_captured(user, uses):
        return False
    if occurrences(value, name) and any(isinstance(step.owner, LOOPS) for step in way):
        return False
    if _read_after(user, following(way), name, 2 + occurrences(value, name)):
        return False
    substitute(user, name, value)
    del block[position]
    return True


def _changes_captured(user: ast.stmt, uses: Uses) -> bool:
    return isinstance(user, ast.AugAssign) and (
        name_of(user.target) in uses.captured or not is_local(name_of(user.target))
    )


def _read_after(user: ast.stmt, way: Way, name: str, own: int) -> bool:
    """Tell whether a local is used after the statement that reads it."""
    if isinstance(user, ast.Return) and name_of(user.value) == name:
        # Nothing can fail between the assignment and the return: only `finally` still runs.
        return any(isinstance(s.owner, TRIES) and occurrences(s.owner.finalbody, name) for s in way)
    return used_later(way, name, own)


def propagate(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Replace a local that is bound once, to a constant or to a name that always means the same, by that."""
    block, position = way[-1].block, way[-1].position
    found = local_assignment(block[position])
    if found is None or uses.bound[found[0]] != 1 or not _lasting(found[1], function, uses):
        return False
    name, value = found
    rest = block[position + 1 :]
    if occurrences(rest, name) != uses.read[name]:
        return False
    for statement in rest:
        substitute(statement, name, value)
    del block[position]
    return True


def _lasting(value: ast.expr, function: Function, uses: Uses) -> bool:
    name = name_of(value)
    if is_local(name):
        return uses.bound[name] == 1 and name in map(parameter_mark, parameters(function.args))
    return at_hand(value) and not isinstance(value, ast.Tuple) and not name.startswith(("§", "^"))


def forget(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Remove an assignment of a constant or a name that nobody reads."""
    found = local_assignment(way[-1].block[way[-1].position])
    if found is None or found[0] in uses.captured or not at_hand(found[1]):
        return False
    if used_later(way, found[0]):
        return False
    del way[-1].block[way[-1].position]
    return True


def split_variable(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Give a local a new name from an assignment on after which only this block runs: two uses of one name are two
    variables.
    """
    found = local_assignment(way[-1].block[way[-1].position])
    if found is None or found[0] in uses.captured or not _is_last(function, way):
        return False
    name, value = found
    rest = way[-1].block[way[-1].position + 1 :]
    inside = occurrences(rest, name) + 1
    if inside == uses.bound[name] + uses.read[name]:
        return False
    fresh = marker.fresh(name)
    target = ast.Name(id=fresh, ctx=ast.Store())
    way[-1].block[way[-1].position] = ast.Assign(targets=[target], value=value)
    for statement in rest:
        rename(statement, name, fresh)
    return True


def _is_last(function: Function, way: Way) -> bool:
    """Tell whether nothing but the rest of its own block runs after a statement."""
    return all(step.owner is function or isinstance(step.owner, ast.If) for step in way) and all(
        step.position == len(step.block) - 1 for step in way[:-1]
    )


def split_loop(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Give the variable of a loop a name of its own if only the loop uses it."""
    statement = way[-1].block[way[-1].position]
    if not isinstance(statement, ast.For) or statement.orelse:
        return False
    for node in walk(statement.target):
        name = name_of(node)
        if not is_local(name) or name in uses.captured or occurrences(statement.iter, name):
            continue
        if occurrences(statement, name) == uses.bound[name] + uses.read[name]:
            continue  # the name is the loop's own already
        if not used_later(way, name) and not handled(way, name):
            rename(statement, name, marker.fresh(name))
            return True
    return False


REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("renamed locals", split_variable),
    ("renamed locals", split_loop),
    ("temporary", propagate),
    ("temporary", inline),
    ("unused value", forget),
)
