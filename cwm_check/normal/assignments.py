"""Rewrites of assignments: several in one, assignment expressions, defaults, `x += 1`, local imports.

Each rewrite takes a function, changes one place of it and returns True, or returns False where it does not apply.
"""

from __future__ import annotations

import ast
import sys

from cwm_check.normal.flow import Rewrite, Uses, Way, handled, occurrences
from cwm_check.normal.imports import known_object
from cwm_check.normal.modules import fold_attributes
from cwm_check.normal.scopes import Marker, is_local
from cwm_check.normal.trees import Function, call, clone, load, name_of, substitute, walk
from cwm_check.normal.values import at_hand, local_kinds, reaches_first

_IMMUTABLE = frozenset(["str", "int", "float", "bool", "bytes"])
_NOT_EVERYWHERE = frozenset([
    "_winapi", "curses", "dbm", "fcntl", "grp", "imp", "lib2to3", "msvcrt", "nis", "nt", "ossaudiodev", "posix",
    "pwd", "readline", "resource", "spwd", "syslog", "termios", "tkinter", "winreg", "winsound",
])  # fmt: skip


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


def local_assignment(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_local(name):
            return name, value
    return None


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
    found = local_assignment(block[position])
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
    ("default value", join_default),
)
