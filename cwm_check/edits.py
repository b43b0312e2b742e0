"""Other edits of changed lines, of which a caller who looks would notice each: a condition fixed, a value exchanged.

In: the text of a module, and the changed lines of one function. Out: texts of the module with one such edit. Which of
them the runs of the function tell from the module as it is says how much equal runs mean. Constants stay: there is
always a number next to one that no call needs.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass
from textwrap import dedent

from cwm_check.pairs import FunctionSource
from cwm_check.textlines import split_lines

_Part = ast.expr | ast.stmt
MOST = 16
_OTHER = '("another value", 7)'
_SAME = ("keys", "copy")  # methods without which an object is much the same
# What stands in place of what; `tests/quality` makes its mutants of the same.
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
}
NAMES = {
    "strip": "lstrip", "lstrip": "rstrip", "rstrip": "strip", "startswith": "endswith", "endswith": "startswith",
    "lower": "upper", "upper": "lower", "find": "rfind", "split": "rsplit", "rsplit": "split", "keys": "values",
    "partition": "rpartition", "min": "max", "max": "min", "any": "all", "all": "any", "append": "extend",
    "match": "search", "search": "match", "sorted": "list", "values": "keys", "int": "float",
    "ValueError": "TypeError", "KeyError": "IndexError", "TypeError": "ValueError", "IndexError": "KeyError",
    "isdigit": "isalnum", "isalpha": "isalnum",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """The module with one edit, and the lines of the statement that has it."""

    module: str
    lines: frozenset[int]


def edits_of(module: str, version: FunctionSource, changed: Collection[int], other: FunctionSource) -> tuple[Edit, ...]:
    """Return edits of the statements on the lines `changed` of a function, without those that make it the `other` one.

    Of more than a few only some, evenly spread.
    """
    try:
        tree = ast.parse(module)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    text, wanted = split_lines(module), {*changed} & {*range(version.first_line, version.last_line + 1)}
    found: dict[str, Edit] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and (lines := _lines_of(node)) & wanted:
            for part, new in _edits(node, wanted):
                edited = _with(text, part, new)
                found.setdefault("\n".join(edited), Edit("\n".join((*edited, "")), lines))
    size, there = len(text), _shape(other.source)
    own = [e for e in found.values() if _shape(_function_in(e.module, version, size)) != there]
    return tuple(own[:: max(1, -(-len(own) // MOST))])


def _function_in(module: str, version: FunctionSource, size: int) -> str:
    """The text of the function in an edited module that had `size` lines."""
    lines = split_lines(module)
    return dedent("\n".join(lines[version.first_line - 1 : version.last_line + len(lines) - size]))


def _shape(source: str) -> str:
    """What a function says, without statements that say nothing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return source
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [s for s in body if not isinstance(s, ast.Pass)] or body[:1]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _lines_of(node: ast.stmt) -> frozenset[int]:
    """The lines of a statement, of a compound one those of its header."""
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.match_case)]
    starts = [child.pattern.lineno if isinstance(child, ast.match_case) else child.lineno for child in inner]
    end = min(starts, default=(node.end_lineno or node.lineno) + 1)
    return frozenset(range(node.lineno, max(end, node.lineno + 1)))


def _edits(node: ast.stmt, wanted: Set[int]) -> Iterator[tuple[_Part, str]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case ast.If(test=test):
            yield from ((test, fixed) for fixed in ("True", "False"))
        case ast.While(test=test):
            yield test, "False"
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            yield from ((value, _OTHER), (node, "pass"))
        case ast.Return(value=ast.Constant(value=None) as value):  # without it the end may return as much
            yield value, _OTHER
        case ast.Return(value=value):
            yield from ([] if value is None else [(value, _OTHER)])
            yield node, "pass"
        case ast.Expr(value=ast.Constant()):
            return
        case ast.AugAssign() | ast.Expr() | ast.Raise() | ast.Continue() | ast.Break():
            yield node, "pass"
    for part in _expressions(node):
        if wanted & {*range(part.lineno, (part.end_lineno or part.lineno) + 1)}:
            yield from _operands(part, wanted)
        if part.lineno in wanted:
            yield from ((part, f"({ast.unparse(ast.fix_missing_locations(other))})") for other in _others(part))


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a statement that stand where the tree says: not those inside f-strings, nor its annotation."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.AnnAssign) and child is node.annotation:
            continue
        if isinstance(child, ast.expr):
            yield child
        if not isinstance(child, ast.stmt | ast.JoinedStr | ast.excepthandler | ast.match_case):
            yield from _expressions(child)


def _operands(part: ast.expr, wanted: Set[int]) -> Iterator[tuple[_Part, str]]:
    match part:
        case ast.BoolOp(values=tests):
            pass
        case ast.IfExp(test=test):
            tests = [test]
        case _:
            return
    for test in tests:
        if wanted & {*range(test.lineno, (test.end_lineno or test.lineno) + 1)}:
            yield from ((test, fixed) for fixed in ("True", "False"))


def _others(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=[op]):
            yield from (ast.Compare(node.left, [kind()], node.comparators) for kind in COMPARISONS.get(type(op), ()))
        case ast.BinOp(op=op) if type(op) in OPERATORS and not isinstance(node.left, ast.Constant | ast.JoinedStr):
            yield ast.BinOp(node.left, OPERATORS[type(op)](), node.right)
        case ast.BoolOp(values=values):
            yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.Call():
            yield from _calls(node)
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMES:
            yield ast.Name(NAMES[name], ast.Load())
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in NAMES:
            yield ast.Attribute(node.value, NAMES[name], ast.Load())


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    other = ast.parse(_OTHER, mode="eval").body
    if len(node.args) > 1:
        first, second, *rest = node.args
        yield ast.Call(node.func, [second, first, *rest], node.keywords)
        yield ast.Call(node.func, [*node.args[:-1], other], node.keywords)
    if node.keywords:
        *some, last = node.keywords
        yield ast.Call(node.func, node.args, [*some, ast.keyword(last.arg, other)] if last.arg else some)
    if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords and node.func.attr not in _SAME:
        yield node.func.value


def _with(lines: list[str], part: _Part, text: str) -> list[str]:
    """The lines of a module with another text in the place of a part of it."""
    first, last = part.lineno - 1, (part.end_lineno or part.lineno) - 1
    head = lines[first].encode()[: part.col_offset].decode()
    tail = lines[last].encode()[part.end_col_offset :].decode()
    return [*lines[:first], f"{head}{text}{tail}", *lines[last + 1 :]]
