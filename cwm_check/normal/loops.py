"""Rewrites of loops: comprehensions for loops that only collect, `any` for loops that only search, `yield from`,
code behind `break`.
"""

from __future__ import annotations

import ast

from cwm_check.normal.conditions import negated
from cwm_check.normal.expressions import may_stop, source
from cwm_check.normal.flow import Rewrite, Uses, Way, following, occurrences, used_later
from cwm_check.normal.scopes import Marker, is_local
from cwm_check.normal.trees import Function, call, clone, ends, is_true, jumps, name_of, walk
from cwm_check.normal.values import at_hand, is_builtin_call, quiet


def plain_source(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """A loop over `iter(x)` is one over `x`, a loop over `[a, b]` one over `(a, b)`."""
    statement = way[-1].block[way[-1].position]
    if not isinstance(statement, ast.For) or (plain := source(statement.iter)) is statement.iter:
        return False
    statement.iter = plain
    return True


def delegate(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """`for x in y: yield x` is `yield from y` for those who only iterate."""
    block, position = way[-1].block, way[-1].position
    match block[position]:
        case ast.For(target=ast.Name(id=x), body=[ast.Expr(value=ast.Yield(value=ast.Name(id=y)))], orelse=[]) if (
            x == y
        ):
            if isinstance(function, ast.AsyncFunctionDef) or not _is_free(way, uses, x):
                return False
            block[position] = ast.Expr(value=ast.YieldFrom(value=block[position].iter))  # type: ignore[attr-defined]
            return True
    return False


def _is_free(way: Way, uses: Uses, name: str) -> bool:
    """Tell whether nobody but the loop at the end of the way sees its variable."""
    loop = way[-1].block[way[-1].position]
    assert isinstance(loop, ast.For)
    return (
        is_local(name) and name not in uses.captured and not used_later(way, name) and not occurrences(loop.iter, name)
    )


def _targets_free(loop: ast.For, way: Way, uses: Uses) -> bool:
    names = [
        name_of(n) for n in walk(loop.target) if isinstance(n, ast.expr) and not isinstance(n, (ast.Tuple, ast.List))
    ]
    return all(_is_free(way, uses, name) for name in names)


def search(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """`for x in xs: if c: return True` and then `return False` is `return any(c for x in xs)`."""
    block, position = way[-1].block, way[-1].position
    match block[position : position + 2]:
        case [
            ast.For(
                body=[ast.If(test=test, body=[ast.Return(ast.Constant(bool(found)))], orelse=[])], orelse=[]
            ) as loop,
            ast.Return(value=ast.Constant(value=bool(otherwise))),
        ] if found is not otherwise and not may_stop(test) and not _walrus(test):
            if not _targets_free(loop, way, uses):
                return False
            generator = ast.comprehension(target=loop.target, iter=loop.iter, ifs=[], is_async=0)
            answer: ast.expr = call("any", ast.GeneratorExp(elt=test, generators=[generator]))
            block[position : position + 2] = [ast.Return(value=answer if found else negated(answer))]
            return True
    return False


def _walrus(node: ast.AST) -> bool:
    return any(isinstance(n, ast.NamedExpr) for n in walk(node))


def collect(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """`r = []` and `for x in xs: r.append(e)` is `r = [e for x in xs]`; the same for sets and dictionaries."""
    block, position = way[-1].block, way[-1].position
    match block[position : position + 2]:
        case [ast.Assign(targets=[ast.Name(id=name)], value=empty), ast.For() as loop] if is_local(name):
            generators, last = _generators(loop)
            made = _made(name, empty, last, generators) if last is not None else None
        case _:
            return False
    inner = [generator.target for generator in generators]
    after = following(way)
    visible = occurrences(block[position + 2 :], name) + 2 != uses.bound[name] + uses.read[name]
    if (
        made is None
        or visible
        or name in uses.captured
        or may_stop(loop)
        or _walrus(loop)
        or occurrences(loop, name) != 1
    ):
        return False
    if not all(_is_free(after, uses, n.id) for target in inner for n in walk(target) if isinstance(n, ast.Name)):
        return False
    if not all(isinstance(n, (ast.Name, ast.Tuple, ast.List, ast.expr_context)) for t in inner for n in walk(t)):
        return False
    block[position : position + 2] = [ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=made)]
    return True


def _generators(loop: ast.stmt) -> tuple[list[ast.comprehension], ast.stmt | None]:
    match loop:
        case ast.For(target=target, iter=items, body=[inner], orelse=[]):
            tests: list[ast.expr] = []
            while isinstance(inner, ast.If) and len(inner.body) == 1 and not inner.orelse:
                both = isinstance(inner.test, ast.BoolOp) and isinstance(inner.test.op, ast.And)
                tests += inner.test.values if both and isinstance(inner.test, ast.BoolOp) else [inner.test]
                inner = inner.body[0]
            here = ast.comprehension(target=target, iter=items, ifs=tests, is_async=0)
            generators, last = _generators(inner)
            return [here, *generators], last
        case ast.Expr() | ast.Assign():
            return [], loop
    return [], None


def _made(name: str, empty: ast.expr, last: ast.stmt, generators: list[ast.comprehension]) -> ast.expr | None:
    match last:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=attr), args=[item], keywords=[])
        ):
            if owner != name or isinstance(item, ast.Starred):
                return None
            if attr == "append" and isinstance(empty, ast.List) and not empty.elts:
                return ast.ListComp(elt=item, generators=generators)
            if attr == "add" and is_builtin_call(empty, "set") and isinstance(empty, ast.Call) and not empty.args:
                return ast.SetComp(elt=item, generators=generators)
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=owner), slice=key)], value=value):
            # The comprehension evaluates the key first, the assignment the value.
            independent = at_hand(key) or (quiet(key) and quiet(value) and not isinstance(key, ast.Slice))
            if owner == name and isinstance(empty, ast.Dict) and not empty.keys and independent:
                return ast.DictComp(key=key, value=value, generators=generators)
    return None


def leave(function: Function, way: Way, uses: Uses, marker: Marker) -> bool:
    """Put what follows a loop in the place of its `break`, where the loop has no other way to get there or a copy
    is small.
    """
    block, position = way[-1].block, way[-1].position
    loop, after = block[position], block[position + 1 :]
    if not isinstance(loop, (ast.For, ast.While)) or jumps(after, ast.Break, ast.Continue):
        return False
    if not ends(after):
        if way[-1].owner is not function:
            return False
        after = [*after, ast.Return(value=None)]
    breaks = jumps(loop.body, ast.Break)
    places = _break_places(loop.body)
    if not breaks or len(places) != len(breaks):
        return False
    small = len(after) == 1 and isinstance(after[0], ast.Return) and (after[0].value is None or at_hand(after[0].value))
    only_way = (isinstance(loop, ast.While) and is_true(loop.test)) or ends(loop.orelse)
    if not small and not (only_way and len(breaks) == 1):
        return False
    if only_way:
        del block[position + 1 :]
    for place in places:
        place[-1:] = [clone(statement) for statement in after]
    return True


def _break_places(block: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Return the blocks that end in `break`, as far as only `if` stands between them and the loop."""
    places = [block] if block and isinstance(block[-1], ast.Break) else []
    for statement in block:
        if isinstance(statement, ast.If):
            places += _break_places(statement.body) + _break_places(statement.orelse)
    return places


REWRITES: tuple[tuple[str, Rewrite], ...] = (
    ("loop", plain_source),
    ("yield from", delegate),
    ("loop", leave),
    ("any and all", search),
    ("comprehension", collect),
)
