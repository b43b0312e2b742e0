"""Calls of the module's own functions in a predicted run: arguments to parameters, classes to instances.

In: a function or a class, the values it is called with. Out: what the call gives, after its body ran, a frame deeper.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cwm_check.neural.predicted.memory import Cell, Closure, Scope, bound_in, is_generator
from cwm_check.neural.predicted.state import Activation, Raised, Run, Unfinished, Work


def call_function(
    run: Run, closure: Closure, positional: Sequence[Cell], named: Mapping[str, Cell], depth: int
) -> Work[Cell]:
    """Return what the function returns; for a generator, the list of what it yields."""
    if depth > run.bounds.depth:
        raise Unfinished("limit: calls are too deep")
    code = closure.code
    given = [closure.receiver, *positional] if closure.receiver is not None else list(positional)
    scope = Scope({}, closure.scope, own=bound_in(code))
    yield from _bind_arguments(run, closure, given, dict(named), scope, depth)
    here = Activation(scope, depth)
    result = yield from run.enter(run, code, here)
    if is_generator(code):
        texts = tuple(cell.text for cell in here.yielded)
        return Cell(f"[{', '.join(texts)}]", yielded=texts)
    return result


def _bind_arguments(
    run: Run, closure: Closure, given: list[Cell], named: dict[str, Cell], scope: Scope, depth: int
) -> Work[None]:
    arguments = closure.code.args
    positional = [*arguments.posonlyargs, *arguments.args]
    only = {a.arg for a in arguments.posonlyargs}
    defaults = dict(zip([a.arg for a in positional][::-1], arguments.defaults[::-1], strict=False))
    defaults |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
    if len(given) > len(positional) and arguments.vararg is None:
        raise Raised("TypeError")
    taken = dict(zip((a.arg for a in positional), given, strict=False))
    for parameter in [*positional, *arguments.kwonlyargs]:
        name = parameter.arg
        if name in taken:
            cell = taken[name]
            if name in named and name not in only:
                raise Raised("TypeError")
        elif name in named and name not in only:
            cell = named.pop(name)
        elif name in defaults:
            cell = yield from run.evaluate(run, defaults[name], Activation(closure.scope, depth))
        else:
            raise Raised("TypeError")
        scope.names[name] = cell
    if arguments.vararg is not None:
        rest = [cell.text for cell in given[len(positional) :]]
        scope.names[arguments.vararg.arg] = Cell(f"({rest[0]},)" if len(rest) == 1 else f"({', '.join(rest)})")
    if arguments.kwarg is not None:
        pairs = ", ".join(f"{name!r}: {cell.text}" for name, cell in named.items())
        scope.names[arguments.kwarg.arg] = Cell(f"{{{pairs}}}")
    elif named:
        raise Raised("TypeError")


def construct(
    run: Run, owner: ast.ClassDef, positional: Sequence[Cell], named: Mapping[str, Cell], depth: int
) -> Work[Cell]:
    """Return a new instance of a class of the module."""
    made = Cell(f"<{owner.name} object>", owner=owner, fields={})
    constructor = find_method(run, owner, "__init__")
    if find_method(run, owner, "__new__") is not None:
        raise Unfinished(f"how `{owner.name}` is made is not known")
    if isinstance(constructor, ast.FunctionDef):
        yield from call_function(run, Closure(constructor, run.module, made), positional, named, depth)
    elif _is_dataclass(owner):
        yield from _fill_fields(run, owner, made, positional, named, depth)
    elif owner.bases and not _bases_are_here(run, owner):
        raise Unfinished(f"the bases of `{owner.name}` are not known")
    elif positional or named:
        raise Raised("TypeError")
    return made


def _bases_are_here(run: Run, owner: ast.ClassDef) -> bool:
    return all(ast.unparse(base) in (*run.classes, "object") for base in owner.bases)


def _is_dataclass(owner: ast.ClassDef) -> bool:
    names = [ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in owner.decorator_list]
    return len(names) == 1 and names[0].rpartition(".")[2] == "dataclass" and not owner.bases


def _fill_fields(
    run: Run, owner: ast.ClassDef, made: Cell, positional: Sequence[Cell], named: Mapping[str, Cell], depth: int
) -> Work[None]:
    """Give a dataclass its attributes: they are its constructor."""
    assert made.fields is not None
    left = dict(named)
    fields = [s for s in owner.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
    if len(positional) > len(fields):
        raise Raised("TypeError")
    for place, statement in enumerate(fields):
        assert isinstance(statement.target, ast.Name)
        name = statement.target.id
        if place < len(positional):
            made.fields[name] = positional[place]
        elif name in left:
            made.fields[name] = left.pop(name)
        elif isinstance(statement.value, ast.Call):
            raise Unfinished(f"the default of `{name}` is not known")
        elif statement.value is not None:
            made.fields[name] = yield from run.evaluate(run, statement.value, Activation(run.module, depth))
        else:
            raise Raised("TypeError")
    if left:
        raise Raised("TypeError")


def find_method(run: Run, owner: ast.ClassDef, name: str) -> ast.FunctionDef | ast.expr | None:
    """Return what a class or its bases in this module have under `name`: a method, or the value of an attribute."""
    for statement in reversed(owner.body):
        match statement:
            case ast.FunctionDef() if statement.name == name:
                return statement
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                return value
    for base in owner.bases:
        known = run.classes.get(ast.unparse(base))
        if known is not None and known is not owner:
            return find_method(run, known, name)
    return None
