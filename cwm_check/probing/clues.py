"""What a function's source tells about the values of its names: comparisons, methods, subscripts, loops, tests.

One parsed version in, flat `Clue` records out, in source order. A clue that only one version has is about the change.
Types and values are made from clues in `values.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from cwm_check.literals import literal
from cwm_check.syntax import code, dotted, walk

ClueKind = Literal[
    "compare", "length", "item", "contains", "against", "method", "argument", "attribute", "key", "index", "passed",
    "isinstance", "pattern", "iterates", "operator", "format", "alias", "truth", "called", "unpacked",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing the source does with a name."""

    name: str
    kind: ClueKind
    detail: str
    """A literal, a type, a method, a function or another name, by kind."""
    by: str = ""
    """The operator, method or position that goes with it."""


_TELLING = {
    cst.Comparison, cst.Call, cst.Attribute, cst.Subscript, cst.For, cst.CompFor, cst.BinaryOperation, cst.AugAssign,
    cst.FormattedStringExpression, cst.Assign, cst.NamedExpr, cst.If, cst.IfExp, cst.While, cst.UnaryOperation,
    cst.BooleanOperation, cst.Match,
}  # fmt: skip
"""Asked first: matching a node against class patterns is slow, and most nodes are names."""


_BY_KEY = {"get", "pop", "setdefault"}
"""Methods that take a key, and what to give where there is none."""


def find_clues(tree: cst.FunctionDef) -> tuple[Clue, ...]:
    """Return the clues about every name in a function, each once."""
    telling = (node for node in walk(tree.body) if type(node) in _TELLING)
    return tuple(dict.fromkeys(clue for node in telling for clue in _clues(node)))


def _clues(node: cst.CSTNode) -> Iterator[Clue]:
    match node:
        case cst.Comparison():
            yield from _comparisons(node)
        case cst.Call():
            yield from _calls(node)
        case cst.Attribute(value=cst.Name(value=name), attr=attribute):
            yield Clue(name, "attribute", attribute.value)
        case cst.Subscript(value=cst.Name(value=name)):
            yield from _subscripts(name, node)
        case cst.For(target=target, iter=source) | cst.CompFor(target=target, iter=source):
            yield from _loops(target, source)
        case cst.BinaryOperation() | cst.AugAssign():
            yield from _operators(node)
        case cst.FormattedStringExpression(expression=cst.Name(value=name), format_spec=spec) if spec:
            yield Clue(name, "format", "".join(code(part) for part in spec))
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            yield from (Clue(source, "alias", name) for source in _sources(value) if source != name)
        case cst.NamedExpr(target=cst.Name(value=name), value=value):
            yield from (Clue(source, "alias", name) for source in _sources(value) if source != name)
        case (
            cst.If(test=test)
            | cst.IfExp(test=test)
            | cst.While(test=test)
            | cst.UnaryOperation(operator=cst.Not(), expression=test)
        ):
            yield from _truth(test)
        case cst.BooleanOperation(left=left, right=right):
            yield from (*_truth(left), *_truth(right))
            if isinstance(node.operator, cst.Or) and isinstance(left, cst.Name) and _literals(right, single=True):
                yield Clue(left.value, "truth", "", "Or")
        case cst.Match(subject=cst.Name(value=name), cases=cases):
            yield from (clue for case in cases for clue in _patterns(name, case.pattern))


def _comparisons(node: cst.Comparison) -> Iterator[Clue]:
    left = node.left
    for target in node.comparisons:
        sign = type(target.operator).__name__
        yield from _comparison(left, sign, target.comparator)
        yield from _comparison(target.comparator, f"Reverse{sign}" if "In" in sign else sign, left)
        left = target.comparator


def _comparison(subject: cst.BaseExpression, sign: str, other: cst.BaseExpression) -> Iterator[Clue]:
    values = _literals(other) if sign in {"In", "NotIn"} else _literals(other, single=True)
    match subject:
        case cst.Name(value=name) if sign in {"ReverseIn", "ReverseNotIn"}:
            yield from (Clue(name, "contains", value, sign) for value in values)
        case cst.Name(value=name):
            yield from (Clue(name, "compare", value, sign) for value in values)
            if isinstance(other, cst.Name) and not values and not sign.startswith("Reverse"):
                yield Clue(name, "against", other.value, sign)
        case cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=cst.Name(value=name))]):
            yield from (Clue(name, "length", value, sign) for value in values)
            if isinstance(other, cst.Name):
                yield Clue(other.value, "operator", "int", sign)
        case cst.Call(func=cst.Name(value="type"), args=[cst.Arg(value=cst.Name(value=name))]):
            yield from (Clue(name, "isinstance", word) for word in _names(other))
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name))):
            yield from (Clue(name, "compare", value, sign) for value in values if value[0] in "'\"")
        case cst.Subscript(value=cst.Name(value=name), slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            yield from (Clue(name, "item", value, code(key)) for value in values)
        case cst.Subscript(value=cst.Name(value=name)):
            yield from (Clue(name, "contains", value, sign) for value in values)
        case cst.BinaryOperation(left=cst.Name(value=name), operator=cst.Modulo()):
            yield Clue(name, "operator", "int", "Modulo")


def _literals(node: cst.BaseExpression, *, single: bool = False) -> list[str]:
    """Return the canonical literals that a comparison is with; of a container its items, unless `single`."""
    elements = node.elements if isinstance(node, cst.Tuple | cst.List | cst.Set) and not single else None
    nodes = [element.value for element in elements] if elements is not None else [node]
    return [value for value in (literal(code(item)) for item in nodes if not isinstance(item, cst.Name | cst.Call) or
                                code(item) in {"None", "True", "False"}) if value]  # fmt: skip


def _names(node: cst.BaseExpression) -> list[str]:
    if isinstance(node, cst.Tuple):
        return [dotted(element.value) for element in node.elements]
    if isinstance(node, cst.BinaryOperation):
        return [*_names(node.left), *_names(node.right)]
    return [dotted(node)]


def _calls(node: cst.Call) -> Iterator[Clue]:
    function = dotted(node.func)
    match node.func:
        case cst.Name(value=name):
            yield Clue(name, "called", "")
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=method)):
            yield Clue(name, "method", method)
            for argument in node.args[: 1 if method in _BY_KEY else None]:
                yield from (Clue(name, "argument", value, method) for value in _literals(argument.value))
        case cst.Attribute(value=value, attr=cst.Name(value="join")) if isinstance(value, cst.BaseString):
            function = "str.join"
    for place, argument in enumerate(node.args):
        if isinstance(argument.value, cst.Name):
            yield from _passed(argument, function, place, node)


def _passed(argument: cst.Arg, function: str, place: int, node: cst.Call) -> Iterator[Clue]:
    name = code(argument.value)
    if argument.star:
        yield Clue(name, "unpacked", argument.star)
    elif function == "isinstance" and place == 0 and len(node.args) == 2:
        yield from (Clue(name, "isinstance", word) for word in _names(node.args[1].value) if word)
    elif function in {"min", "max"} and len(node.args) > 1:
        yield Clue(name, "operator", "number", function)
    else:
        yield Clue(name, "passed", function, argument.keyword.value if argument.keyword else str(place))
        if function.startswith("re.") and place > 0:
            yield from (Clue(name, "pattern", pattern) for pattern in _literals(node.args[0].value))


def _subscripts(name: str, node: cst.Subscript) -> Iterator[Clue]:
    for element in node.slice:
        if not isinstance(element.slice, cst.Index):
            yield Clue(name, "index", "slice")
            continue
        values = _literals(element.slice.value, single=True)
        yield from (Clue(name, "key" if value[0] in "'\"b" else "index", value) for value in values)


def _loops(target: cst.BaseExpression, source: cst.BaseExpression) -> Iterator[Clue]:
    match source:
        case cst.Name(value=name):
            yield Clue(name, "iterates", code(target))
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=cst.Name(value=name)), *_]):
            inner = target.elements[-1].value if isinstance(target, cst.Tuple) else target
            yield Clue(name, "iterates", code(inner))
        case cst.Call(
            func=cst.Name(value="sorted" | "reversed" | "set" | "list"), args=[cst.Arg(value=cst.Name(value=name)), *_]
        ):
            yield Clue(name, "iterates", code(target))
        case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="values"))):
            yield Clue(name, "iterates", code(target), "values")


def _operators(node: cst.BinaryOperation | cst.AugAssign) -> Iterator[Clue]:
    left = node.target if isinstance(node, cst.AugAssign) else node.left
    right = node.value if isinstance(node, cst.AugAssign) else node.right
    sign = type(node.operator).__name__.removesuffix("Assign")
    for subject, other in ((left, right), (right, left)):
        if not isinstance(subject, cst.Name) or (sign == "Modulo" and isinstance(left, cst.BaseString)):
            continue
        values = _literals(other, single=True)
        kind = type(_plain(values[0])).__name__ if values else ""
        if kind == "str" and sign == "Multiply":
            kind = "int"
        if kind or sign not in {"Add", "BitOr", "BitAnd", "Multiply", "Modulo", "MatrixMultiply"}:
            yield Clue(subject.value, "operator", kind or "number", sign)


def _plain(value: str) -> object:
    opening = {"'": "", '"': "", "b": b"", "[": [], "(": (), "{": {}, "T": True, "F": True, "N": None}
    return opening.get(value[0], 0.5 if "." in value or "e" in value else 1)


def _sources(value: cst.BaseExpression) -> list[str]:
    """Return the names whose value, or a cleaned copy of it, an assignment hands on."""
    match value:
        case cst.Name(value=name):
            return [name]
        case cst.BooleanOperation(left=left, right=right):
            return [*_sources(left), *_sources(right)]
        case cst.Call(
            func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="strip" | "lower" | "upper" | "copy"))
        ):
            return [name]
    return []


def _truth(test: cst.BaseExpression) -> Iterator[Clue]:
    if isinstance(test, cst.Name):
        yield Clue(test.value, "truth", "")


def _patterns(name: str, pattern: cst.MatchPattern) -> Iterator[Clue]:
    for node in walk(pattern):
        match node:
            case cst.MatchValue(value=value):
                yield from (Clue(name, "compare", text, "Equal") for text in _literals(value, single=True))
            case cst.MatchSingleton(value=value):
                yield Clue(name, "compare", value.value, "Is")
            case cst.MatchClass(cls=kind):
                yield Clue(name, "isinstance", dotted(kind))
