"""Rewrites of local variables: temporaries, copies, values that nobody reads, assignments that say the same in one step.

Each rewrite takes a function, changes one place of it and returns True, or returns False when there is nothing left to do.
"""

from __future__ import annotations

import ast
import sys

from cwm_check.normal.flow import Rewrite, Uses, Way, following, handled, occurrences, used_later
from cwm_check.normal.modules import fold_attributes, known_object
from cwm_check.normal.scopes import Marker, is_local, parameter_mark, parameters
from cwm_check.normal.trees import LOOPS, TRIES, Function, call, clone, load, name_of, rename, substitute, walk
from cwm_check.normal.values import at_hand, local_kinds, reaches_first

_IMMUTABLE = frozenset(["str", "int", "float", "bool", "bytes"])
_NOT_EVERYWHERE = frozenset(
    [
        "_winapi",
        "curses",
        "dbm",
        "fcntl",
        "grp",
        "imp",
        "lib2to3",
        "msvcrt",
        "nis",
        "nt",
        "ossaudiodev",
        "posix",
        "pwd",
        "readline",
        "resource",
        "spwd",
        "syslog",
        "termios",
        "tkinter",
        "winreg",
        "winsound",
    ]
)


def first_expression(statement: ast.stmt) -> ast.expr | None:
    """Return the expression that a statement evaluates before it does anything else."""
    match statement:
        case ast.Return(value=value) | ast.Expr(value=value) | ast.Assign(value=value):
            return value
        case ast.AugAssign(target=ast.Name(), value=value):
            return value
        case ast.Raise(exc=value) | ast.If(test=value) | ast.For(iter=value) | ast.AsyncFor(iter=value):
            return value
        case ast.With(items=[first, *_]) | ast.AsyncWith(items=[first, *_]):
            return first.context_expr
        case ast.Match(subject=value):
            return value
    return None


def _local(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_local(name):
            return name, value
    return None


def inline(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Put a value that the next statement reads first, and nobody else, in the place where it is read."""
    block, position = way[-1].block, way[-1].position
    found = _local(block[position])
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
    found = _local(block[position])
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
    found = _local(way[-1].block[way[-1].position])
    if found is None or found[0] in uses.captured or not at_hand(found[1]):
        return False
    if used_later(way, found[0]):
        return False
    del way[-1].block[way[-1].position]
    return True


def split_variable(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Give a local a new name from an assignment on after which only this block runs: two uses of one name are two variables."""
    found = _local(way[-1].block[way[-1].position])
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
        if (
            is_local(name)
            and name not in uses.captured
            and not used_later(way, name)
            and not occurrences(statement.iter, name)
        ):
            if occurrences(statement, name) < uses.bound[name] + uses.read[name] and not handled(way, name):
                rename(statement, name, marker.fresh(name))
                return True
    return False


def assign_plainly(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Split `a = b = 0` and `a, b = 0, 1`; write `x += 1` as `x = x + 1` where `x` is a number or a text."""
    block, position = way[-1].block, way[-1].position
    match block[position]:
        case ast.Assign(targets=[_, _, *_] as targets, value=ast.Constant() as value):
            plain = all(is_local(name_of(target)) for target in targets)
            parts = [ast.Assign(targets=[target], value=clone(value)) for target in targets]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            names = {name_of(target) for target in targets}
            plain = all(map(is_local, names)) and len(names) == len(targets)
            plain = plain and all(at_hand(value) and name_of(value) not in names for value in values)
            parts = [ast.Assign(targets=[t], value=v) for t, v in zip(targets, values, strict=True)]
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            plain = local_kinds(function).get(name) in _IMMUTABLE
            parts = [ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=ast.BinOp(load(name), op, value))]
        case _:
            return False
    if plain:
        block[position : position + 1] = parts
    return plain


def join_default(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """`x = 0` before `if c: x = a` is `x = a if c else 0`."""
    block, position = way[-1].block, way[-1].position
    found = _local(block[position])
    if found is None or not at_hand(found[1]) or found[0] in uses.captured or position + 1 == len(block):
        return False
    name, default = found
    match block[position + 1]:
        case ast.If(test=test, body=[ast.Assign(targets=[ast.Name(id=target)], value=value)], orelse=[]):
            if target != name or occurrences([test, value], name) or handled(way, name):
                return False
            choice = ast.IfExp(test=test, body=value, orelse=default)
            block[position : position + 2] = [ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=choice)]
            return True
    return False


def hoist_walrus(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Put an assignment expression that is evaluated first on a line of its own."""
    block, position = way[-1].block, way[-1].position
    head = first_expression(block[position])
    for node in list(walk(head)) if head is not None else ():
        if isinstance(node, ast.NamedExpr) and is_local(node.target.id):
            place = load("@first")
            _Replaced(node, place).visit(block[position])
            if _is_first(block[position], node, uses):
                place.id = node.target.id
                block.insert(position, ast.Assign(targets=[node.target], value=node.value))
                return True
            _Replaced(place, node).visit(block[position])
    return False


def _is_first(statement: ast.stmt, walrus: ast.NamedExpr, uses: Uses) -> bool:
    head = first_expression(statement)
    # What is read before must not be what the assignment expression binds.
    captured = uses.captured | {walrus.target.id}
    return head is not None and reaches_first(head, "@first", call("", walrus.value), captured)


class _Replaced(ast.NodeTransformer):
    def __init__(self, before: ast.AST, after: ast.expr) -> None:
        self.before, self.after = before, after

    def visit(self, node: ast.AST) -> ast.AST:
        return self.after if node is self.before else self.generic_visit(node)


def resolve_imports(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Replace what a local import binds by what it means; the import itself stays, unless it cannot fail."""
    block, position = way[-1].block, way[-1].position
    statement = block[position]
    if not isinstance(statement, (ast.Import, ast.ImportFrom)) or len(statement.names) != 1:
        return False
    alias = statement.names[0]
    mark, dotted = (alias.asname or "").removeprefix("="), _dotted(statement, alias)
    rest = block[position + 1 :]
    if dotted is None or uses.bound[mark] != 1 or occurrences(rest, mark) != uses.read[mark]:
        return False
    for later in rest:
        substitute(later, mark, known_object(dotted))
        fold_attributes(later)
    module = alias.name if isinstance(statement, ast.Import) else statement.module or ""
    safe = module.partition(".")[0] in sys.stdlib_module_names - _NOT_EVERYWHERE
    block[position : position + 1] = [] if safe else [ast.Import(names=[ast.alias(name=f":{dotted}", asname=None)])]
    return True


def _dotted(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str | None:
    if not is_local(alias.asname or ""):
        return None
    if isinstance(statement, ast.ImportFrom):
        return f"{statement.module}.{alias.name}" if not statement.level and statement.module else None
    return alias.name.partition(".")[0] if (alias.asname or "").startswith("=") else alias.name


REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("local import", resolve_imports),
    ("assignment expression", hoist_walrus),
    ("plain assignment", assign_plainly),
    ("renamed locals", split_variable),
    ("renamed locals", split_loop),
    ("default value", join_default),
    ("temporary", propagate),
    ("temporary", inline),
    ("unused value", forget),
)
