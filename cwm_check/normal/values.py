"""What is known of an expression without running it: the type of its value, whether it has effects, what it evaluates
first.

Assumed throughout: reading an attribute or an item, and operators, may fail but change nothing; a name that is read is
bound.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, TypeAlias

from cwm_check.normal.scopes import COMPREHENSIONS
from cwm_check.normal.trees import name_of, walk

Kind: TypeAlias = Literal["str", "int", "bool", "float", "bytes", "none", "type"]
Kinds: TypeAlias = Mapping[str, Kind]

BUILTINS = frozenset(vars(builtins))
TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type))
EXCEPTIONS = frozenset(name for name in TYPES if issubclass(getattr(builtins, name), BaseException))

_RESULTS: dict[str, Kind] = {
    "str": "str", "repr": "str", "ascii": "str", "format": "str", "chr": "str", "hex": "str", "bin": "str",
    "oct": "str",
    "int": "int", "len": "int", "ord": "int", "id": "int", "hash": "int", "float": "float",
    "bool": "bool", "isinstance": "bool", "issubclass": "bool", "callable": "bool", "hasattr": "bool",
    "any": "bool", "all": "bool",
}  # fmt: skip
_TEXT_METHODS = frozenset([
    "capitalize", "center", "format", "join", "ljust", "lower", "lstrip", "replace", "rjust", "rstrip", "strip",
    "title", "upper", "zfill",
])  # fmt: skip
_PURE_CALLS = frozenset([*_RESULTS, "type", "abs", "range", "tuple", "round"]) - {"any", "all"}
_CONSTANTS: dict[type, Kind] = {
    str: "str",
    int: "int",
    bool: "bool",
    float: "float",
    bytes: "bytes",
    type(None): "none",
}
_SILENT = (ast.Attribute, ast.Subscript, ast.BinOp, ast.Compare, ast.JoinedStr, ast.FormattedValue)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)


def is_builtin_call(node: ast.AST, *names: str) -> bool:
    """Tell whether the node calls one of the named builtins (a resolved builtin is the only name without a prefix)."""
    return isinstance(node, ast.Call) and name_of(node.func) in names


def kind_of(node: ast.expr, kinds: Kinds) -> Kind | None:
    """Return the exact type of the value, if the source alone proves it."""
    match node:
        case ast.Constant(value=value):
            return _CONSTANTS.get(type(value))
        case ast.JoinedStr():
            return "str"
        case ast.Name(id=name):
            return kinds.get(name) or ("type" if name in TYPES else None)
        case ast.Call():
            return _kind_of_call(node, kinds)
        case ast.BinOp(left=left, op=op, right=right):
            return _kind_of_operation(left, op, right, kinds)
        case ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.Compare(ops=ops) if all(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in ops):
            return "bool"
        case ast.BoolOp(values=values):
            return _common(values, kinds)
        case ast.IfExp(body=first, orelse=second):
            return _common([first, second], kinds)
    return None


def _common(nodes: list[ast.expr], kinds: Kinds) -> Kind | None:
    found = {kind_of(node, kinds) for node in nodes}
    return found.pop() if len(found) == 1 else None


def _kind_of_call(node: ast.Call, kinds: Kinds) -> Kind | None:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
        return "str" if kind_of(node.func.value, kinds) == "str" else None
    if is_builtin_call(node, "type") and len(node.args) == 1:
        return "type"
    return _RESULTS.get(name_of(node.func))


def _kind_of_operation(left: ast.expr, op: ast.operator, right: ast.expr, kinds: Kinds) -> Kind | None:
    first, second = kind_of(left, kinds), kind_of(right, kinds)
    if first == "str":
        return "str" if isinstance(op, ast.Mod) or (isinstance(op, ast.Add) and second == "str") else None
    if {first, second} <= {"int", "float"} and isinstance(op, _ARITHMETIC):
        return "int" if first == second == "int" else "float"
    return None


def local_kinds(root: ast.AST) -> dict[str, Kind]:
    """Return the types of the locals that only ever hold values of one immutable type."""
    bindings = _bindings(root)
    kinds: dict[str, Kind] = {}
    for name, values in bindings.items():
        known = {kind_of(value, {}) for value in values if isinstance(value, ast.expr)} - {None}
        if len(known) == 1:
            kinds[name] = known.pop()  # type: ignore[assignment]
    # An optimistic start, then what does not hold is taken back until nothing changes.
    while wrong := [name for name in kinds if not all(kind_of(v, kinds) == kinds[name] for v in bindings[name])]:
        for name in wrong:
            del kinds[name]
    return kinds


def _bindings(root: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what each local is bound to; a name is no expression of a known type, so it stands for any value."""
    found: dict[str, list[ast.expr]] = {}
    unknown = ast.Name(id="@")
    for node in walk(root):
        for name, value in _assignments(node):
            found.setdefault(name, []).append(value or unknown)
    return found


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            yield from (
                (name, None) for target in targets if not isinstance(target, ast.Name) for name in _stored(target)
            )
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            yield name, ast.BinOp(left=ast.Name(id=name), op=op, right=value)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.For(target=ast.Name(id=name), iter=source) | ast.comprehension(target=ast.Name(id=name), iter=source):
            yield name, ast.Constant(value=0) if is_builtin_call(source, "range") else None
        case ast.For(target=target) | ast.AsyncFor(target=target) | ast.comprehension(target=target):
            yield from ((name, None) for name in _stored(target))
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from ((name, None) for name in _stored(target))
        case ast.Delete(targets=targets):
            yield from ((name, None) for target in targets for name in _stored(target))
        case ast.arg(arg=name):
            yield name.rpartition("=")[2], None
        case ast.alias(asname=str(name)):
            yield name.removeprefix("="), None
        case ast.MatchMapping(rest=str(name)):
            yield name, None
        case _ if isinstance(bound := getattr(node, "name", None), str):
            yield bound.rpartition("=")[2], None


def _stored(target: ast.expr) -> list[str]:
    return [n.id for n in walk(target) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)]


def quiet(node: ast.expr) -> bool:
    """Tell whether evaluating the expression changes nothing: it may fail, but nobody else can notice that it ran."""
    for inner in walk(node):
        if isinstance(inner, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, *COMPREHENSIONS)):
            return False
        if isinstance(inner, ast.Call) and not _quiet_call(inner):
            return False
    return True


def _quiet_call(node: ast.Call) -> bool:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
        return kind_of(node.func.value, {}) == "str"
    return name_of(node.func) in _PURE_CALLS


def at_hand(node: ast.expr) -> bool:
    """Tell whether the value is just there: evaluating it neither does anything nor fails, whatever ran before."""
    if isinstance(node, ast.Tuple):
        return all(at_hand(item) for item in node.elts)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and not node.id.startswith(("?", "~")))


def safe(node: ast.expr) -> bool:
    """Tell whether evaluating the expression neither changes anything nor fails: texts made of names and constants."""
    kinds = (ast.Constant, ast.Name, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List, ast.expr_context)
    return all(
        isinstance(n, kinds) and not name_of(n).startswith(("?", "~")) for n in walk(node) if not _is_text(n)
    ) and quiet(node)


def _is_text(node: ast.AST) -> bool:
    return is_builtin_call(node, "str", "repr", "ascii")


def reaches_first(node: ast.AST, name: str, value: ast.expr, captured: Collection[str]) -> bool:
    """Tell whether `value` may be evaluated where `node` reads a local, instead of before all of `node`.

    Nothing may happen before that place, except what has nothing to do with the value.
    """
    loose, silent = safe(value), quiet(value)
    for step in _evaluation(node):
        if name_of(step) == name:
            return True
        if isinstance(step, ast.Name):
            changing = step.id in captured or step.id.startswith(("^", "~"))
            if step.id.startswith("?") or (changing and not silent):
                return False
        elif not isinstance(step, (ast.Constant, ast.Tuple, ast.List)) and not (loose and isinstance(step, _SILENT)):
            return False
    return False


def _evaluation(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the steps of an evaluation in their order; what is not an expression stands for "anything may happen"."""
    match node:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first) | ast.NamedExpr(value=first):
            yield from _evaluation(first)
            yield ast.Pass()
        case ast.Compare(left=left, comparators=[first, *rest]):
            yield from _evaluation(left)
            yield from _evaluation(first)
            yield ast.Pass() if rest else node
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            yield from _evaluation(node.generators[0].iter)
            yield ast.Pass()
        case ast.Dict(keys=keys, values=values):
            for entry, value in zip(keys, values, strict=True):
                yield from _evaluation(entry) if entry else ()
                yield from _evaluation(value)
            yield node
        case ast.Lambda():
            yield ast.Pass()
        case ast.Constant() | ast.Name():
            yield node
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.expr, ast.keyword)):
                    yield from _evaluation(child)
            if isinstance(node, ast.expr):
                yield node
