"""Calls as tests write them: arguments by name, from tables of `parametrize`, loops, constants and assignments.

The text of a file in, call texts out, as from `calls`. Nothing is executed: a name is replaced by what it is bound to.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, product

from cwm_check.literals import parse_expression
from cwm_check.probing.calls import LONGEST_CALL
from cwm_check.probing.scopes import Row, Scope, names_in, row_of

MOST = 400  # calls read off one file
ROWS = 60  # of one table


def written_calls(text: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, call) for the calls of `names` in a Python file whose arguments come to literals, in order."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
        found = list(islice(_calls(body, Scope(), names), MOST))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for name, call in dict.fromkeys(found):
        tree = parse_expression(call)
        if tree is not None and len(call) <= LONGEST_CALL:
            yield name, ast.unparse(tree)


def _calls(body: Sequence[ast.stmt], scope: Scope, names: Collection[str]) -> Iterator[tuple[str, str]]:
    for statement in body:
        for part in ast.iter_child_nodes(statement):
            if not isinstance(part, ast.stmt | ast.excepthandler):
                yield from _calls_in(part, scope, names)
        match statement:
            case ast.Import() | ast.ImportFrom():
                scope.bind(dict.fromkeys(name for name, _ in _imported(statement)))
                scope.origins.update(_imported(statement))
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
                scope.assign(target, value)
            case ast.AugAssign(target=target):
                scope.assign(target, None)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                rows = _rows(statement, scope) if _mentions(statement, names) else ()
                for row, _ in zip(rows, scope.left, strict=False):
                    yield from _calls(statement.body, scope.inside(row, _parameters(statement)), names)
            case ast.For(target=target, iter=table) | ast.AsyncFor(target=target, iter=table):
                items = islice(scope.items(table) or (), ROWS)
                bound = [row_of(target, item, scope) or {} for item in items] or [{}]
                for row, _ in zip(bound, scope.left, strict=False):
                    yield from _calls(statement.body, scope.inside(row, names_in(target)), names)
            case _:
                for block in ("body", "orelse", "finalbody"):
                    yield from _calls(getattr(statement, block, ()), scope, names)


def _calls_in(part: ast.AST, scope: Scope, names: Collection[str]) -> Iterator[tuple[str, str]]:
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and (name := _last_name(node.func)) in names:
            arguments = scope.arguments(node)
            known = [text for text in arguments if text is not None]
            if len(known) == len(arguments):
                yield name, f"{name}({', '.join(known)})"


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _mentions(statement: ast.stmt, names: Collection[str]) -> bool:
    return any(isinstance(node, ast.Call) and _last_name(node.func) in names for node in ast.walk(statement))


def _imported(statement: ast.Import | ast.ImportFrom) -> list[tuple[str, str]]:
    if isinstance(statement, ast.Import):
        return [
            (a.asname or a.name.partition(".")[0], a.name if a.asname else a.name.partition(".")[0])
            for a in statement.names
        ]
    return [(a.asname or a.name, f"{statement.module or ''}.{a.name}") for a in statement.names]


def _parameters(statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[str]:
    if isinstance(statement, ast.ClassDef):
        return []
    given = statement.args
    return [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def _rows(statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope) -> Iterator[Row]:
    """Yield what the tables above a test bind: one empty row if there is none."""
    tables = [list(_table(d, statement, scope)) for d in statement.decorator_list if isinstance(d, ast.Call)]
    for rows in islice(product(*(table for table in tables if table)), ROWS):
        yield {name: node for row in rows for name, node in row.items()}


def _table(
    decorator: ast.Call, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope
) -> Iterator[Row]:
    """Yield the rows of `pytest.mark.parametrize(names, rows)`, or of `parameterized.expand(rows)`."""
    match _last_name(decorator.func), decorator.args:
        case "parametrize", [columns, table, *_]:
            names = _columns(columns)
        case "expand", [table, *_]:
            names = _parameters(statement)[1:]
        case _:
            return
    for item in islice(scope.items(table) or (), ROWS):
        values: Sequence[ast.expr] | None = [item] if len(names) == 1 else scope.items(item)
        if isinstance(item, ast.Call) and _last_name(item.func) == "param":
            values = item.args
        if values is not None and len(values) == len(names):
            yield dict(zip(names, values, strict=True))


def _columns(node: ast.expr) -> list[str]:
    """The names of a table's columns: a text with commas, or a list of texts."""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]
