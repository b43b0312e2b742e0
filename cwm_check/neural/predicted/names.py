"""Names and attributes of a predicted run: an identifier and where it stands in, what it means there out.

The module's own functions, classes and constants are worked out when they are first needed; what a world model may know
by itself (builtins, Python's pure modules) is left to it; what nobody knows ends the run.
"""

from __future__ import annotations

import ast
import builtins

from cwm_check.neural.predicted.calls import call_function, find_method
from cwm_check.neural.predicted.memory import Cell, Scope, Values
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work, new_closure

PURE = frozenset("math re string itertools functools collections operator json textwrap decimal fractions".split())
"""Modules whose functions a world model may know by name."""


def named(run: Run, name: str, here: Activation) -> Work[Cell]:
    cell = here.scope.find(name)
    if cell is not None:
        return cell
    if here.scope.is_unbound(name):
        raise Raised("UnboundLocalError")
    if name in run.definitions:
        return (yield from _module_value(run, name, run.definitions[name]))
    if hasattr(builtins, name):
        return Cell(f"<built-in {name}>")
    raise Unfinished(f"`{name}` is not known")


def _module_value(run: Run, name: str, definition: ast.stmt) -> Work[Cell]:
    """A name of the module's top level: worked out when it is first needed."""
    match definition:
        case ast.FunctionDef(decorator_list=[]):
            cell = new_closure(definition, run.module)
        case ast.ClassDef():
            cell = Cell(f"<class '{name}'>", owner=definition)
        case (
            ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            if name in run._resolving:
                raise Unfinished(f"`{name}` is not known")
            run._resolving.append(name)
            cell = yield from run.evaluate(run, value, Activation(run.module, 0))
        case _:
            raise Unfinished(f"`{name}` is not known")
    run.module.names[name] = cell
    return cell


def values_for(run: Run, node: ast.AST, here: Activation) -> Work[Values]:
    """Return the text of every name that `node` reads; a name that nobody knows ends the run."""
    inside = {
        child.arg if isinstance(child, ast.arg) else child.id
        for child in ast.walk(node)
        if isinstance(child, ast.arg) or (isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Load))
    }
    values: Values = {}
    for child in ast.walk(node):
        if not isinstance(child, ast.Name) or child.id in values:
            continue
        cell = here.scope.find(child.id)
        if cell is None and (child.id in inside or _is_familiar(run, child.id, here)):
            continue
        if cell is None:
            cell = yield from named(run, child.id, here)
        values[child.id] = cell.text
    return values


def _is_familiar(run: Run, name: str, here: Activation) -> bool:
    """Whether a name means the same everywhere: a builtin, or something of a module that the model may know."""
    if here.scope.is_unbound(name):
        return False
    match run.definitions.get(name):
        case None:
            return hasattr(builtins, name)
        case ast.Import(names=names):
            return any(a.name.partition(".")[0] in PURE for a in names if name in (a.asname, a.name.partition(".")[0]))
        case ast.ImportFrom(module=str() as module, level=0):
            return module.partition(".")[0] in PURE
    return False


def needs_walk(run: Run, node: ast.AST, here: Activation) -> bool:
    """Return whether an expression has a part that the model cannot be asked about, as a call of a known function."""
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name):
                cell = here.scope.find(name)
                if cell is not None and not cell.is_plain:
                    return True
                if cell is None and not here.scope.is_unbound(name) and _is_code(run.definitions.get(name)):
                    return True
            case ast.NamedExpr() | ast.Yield() | ast.YieldFrom() | ast.Await():
                return True
    return False


def is_known(node: ast.expr) -> bool:
    """Return whether an expression needs no question: its value follows from those of names."""
    match node:
        case ast.Constant() | ast.Name() | ast.Lambda():
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.BoolOp(values=parts):
            return all(map(is_known, parts))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return is_known(test) and is_known(body) and is_known(orelse)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return is_known(operand)
        case _:
            return False


def _is_code(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def within(here: Activation, cell: Cell) -> tuple[ast.Name, Activation]:
    """Return a name for a value, and an activation in which it is bound."""
    inner = Activation(Scope(dict.fromkeys(["value"], cell), here.scope), here.depth, here.yielded, here.line)
    return ast.Name("value", ast.Load(), lineno=here.line, col_offset=0), inner


def attribute(run: Run, owner: Cell, name: str, here: Activation) -> Work[Cell]:
    """Return an attribute of an object or a class of the module."""
    if owner.fields is not None and name in owner.fields:
        return owner.fields[name]
    if owner.owner is not None:
        found = find_method(run, owner.owner, name)
        if isinstance(found, ast.FunctionDef):
            return (yield from _bound(run, found, owner, here))
        if isinstance(found, ast.expr):
            return (yield from run.evaluate(run, found, Activation(run.module, here.depth)))
        if owner.fields is not None and not owner.owner.bases:
            raise Raised("AttributeError")
    raise Unfinished(f"the attribute `{name}` is not known")


def _bound(run: Run, code: ast.FunctionDef, owner: Cell, here: Activation) -> Work[Cell]:
    decorators = [ast.unparse(d) for d in code.decorator_list]
    is_instance = owner.fields is not None
    match decorators:
        case []:
            return new_closure(code, run.module, owner if is_instance else None)
        case ["staticmethod"]:
            return new_closure(code, run.module)
        case ["classmethod"]:
            assert owner.owner is not None
            receiver = Cell(f"<class '{owner.owner.name}'>", owner=owner.owner)
            return new_closure(code, run.module, receiver)
        case ["property"] if is_instance:
            closure = new_closure(code, run.module, owner).function
            assert closure is not None
            return (yield from call_function(run, closure, [], {}, here.depth + 1))
    raise Unfinished(f"the decorators of `{code.name}` are not known")
