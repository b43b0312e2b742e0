"""Rewrites of single expressions: a marked and resolved expression goes in, an equal and simpler one comes out.

Each rule is a function of one node that returns the new node, or None if it does not apply. A name without a prefix is
a builtin.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from cwm_check.normal.conditions import choice, condition, known_test, negation
from cwm_check.normal.membership import membership, type_identity, type_tests, type_tuple
from cwm_check.normal.scopes import parameter_mark
from cwm_check.normal.strings import text_form
from cwm_check.normal.trees import LAZY, equal, key, load, name_of, walk
from cwm_check.normal.values import Kinds, is_builtin_call, kind_of

Rule: TypeAlias = Callable[[ast.expr, Kinds], ast.expr | None]


def _text(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    form = text_form(node, kinds)
    return None if form is None or equal(form, node) else form


def _constructor(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`dict()` is `{}`, `set([a])` is `{a}`, `list(x for ..)` is `[x for ..]`, `dict(a=1)` is `{"a": 1}`."""
    match node:
        case ast.Call(args=[], keywords=[]):
            return _EMPTY[name_of(node.func)]() if name_of(node.func) in _EMPTY else None
        case ast.Call(args=[], keywords=keywords) if is_builtin_call(node, "dict") and all(k.arg for k in keywords):
            names: list[ast.expr | None] = [ast.Constant(value=k.arg) for k in keywords]
            return ast.Dict(keys=names, values=[k.value for k in keywords])
        case ast.Call(args=[argument], keywords=[]):
            return _filled_constructor(name_of(node.func), argument)
    return None


_EMPTY: dict[str, Callable[[], ast.expr]] = {
    "dict": lambda: ast.Dict(keys=[], values=[]),
    "list": lambda: ast.List(elts=[], ctx=ast.Load()),
    "tuple": lambda: ast.Tuple(elts=[], ctx=ast.Load()),
}


def _filled_constructor(name: str, argument: ast.expr) -> ast.expr | None:
    match argument:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _literal(name, items)
        case ast.GeneratorExp(elt=element, generators=generators) | ast.ListComp(elt=element, generators=generators):
            return _comprehension(name, argument, element, generators)
        case ast.Call(args=[inner], keywords=[]) if name in ("sorted", "set", "tuple") and is_builtin_call(
            argument, "list"
        ):
            return ast.Call(func=load(name), args=[inner], keywords=[])
    return None


def _literal(name: str, items: list[ast.expr]) -> ast.expr | None:
    if name == "set":
        return ast.Set(elts=items) if items else None
    if name == "list":
        return ast.List(elts=items, ctx=ast.Load())
    if name == "tuple":
        return ast.Tuple(elts=items, ctx=ast.Load())
    pairs = [item.elts for item in items if isinstance(item, ast.Tuple) and len(item.elts) == 2]
    if name == "dict" and len(pairs) == len(items):
        return ast.Dict(keys=[pair[0] for pair in pairs], values=[pair[1] for pair in pairs])
    return None


def _comprehension(
    name: str, argument: ast.expr, element: ast.expr, generators: list[ast.comprehension]
) -> ast.expr | None:
    if may_stop(argument):
        return None
    if name == "list":
        return ast.ListComp(elt=element, generators=generators)
    if name == "set":
        return ast.SetComp(elt=element, generators=generators)
    if name == "dict" and isinstance(element, ast.Tuple) and len(element.elts) == 2:
        return ast.DictComp(key=element.elts[0], value=element.elts[1], generators=generators)
    if name in ("tuple", "sorted", "frozenset") and isinstance(argument, ast.ListComp):
        return ast.Call(func=load(name), args=[ast.GeneratorExp(elt=element, generators=generators)], keywords=[])
    return None


def may_stop(node: ast.AST) -> bool:
    """Tell whether the expression might raise StopIteration, which a generator turns into another error."""
    return any(
        isinstance(n, (ast.Await, ast.Yield, ast.YieldFrom))
        or is_builtin_call(n, "next")
        or (isinstance(n, ast.Attribute) and n.attr in ("__next__", "send", "throw"))
        for n in walk(node)
    )


def _join(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    match node:
        case ast.Call(
            func=ast.Attribute(value=value, attr="join") as method, args=[ast.ListComp() as items], keywords=[]
        ):
            if kind_of(value, kinds) == "str" and not may_stop(items):
                generator = ast.GeneratorExp(elt=items.elt, generators=items.generators)
                return ast.Call(func=method, args=[generator], keywords=[])
    return None


def _mapped(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`list(map(lambda x: e, xs))` is `[e for x in xs]`; the same for `filter`, and for the other consumers."""
    match node:
        case ast.Call(func=func, args=[ast.Call(args=[ast.Lambda() as function, items], keywords=[]) as source, *rest]):
            consumer = name_of(func) in ("list", "set", "dict", "tuple", "sorted", "frozenset")
            generator = _generator(source, function, items) if consumer and not may_stop(function) else None
            return generator and ast.Call(func=func, args=[generator, *rest], keywords=node.keywords)
    return None


def _generator(source: ast.Call, function: ast.Lambda, items: ast.expr) -> ast.expr | None:
    arguments = function.args
    if len(arguments.args) != 1 or arguments.defaults or arguments.posonlyargs or arguments.kwonlyargs:
        return None
    if arguments.vararg or arguments.kwarg or isinstance(items, ast.Starred):
        return None
    # Each call of the function has variables of its own, the rounds of a comprehension share them.
    if any(isinstance(node, LAZY) for node in walk(function.body)):
        return None
    mark = parameter_mark(arguments.args[0])
    target = ast.Name(id=mark, ctx=ast.Store())
    if is_builtin_call(source, "map"):
        generator = ast.comprehension(target=target, iter=items, ifs=[], is_async=0)
        return ast.GeneratorExp(elt=function.body, generators=[generator])
    if is_builtin_call(source, "filter"):
        generator = ast.comprehension(target=target, iter=items, ifs=[function.body], is_async=0)
        return ast.GeneratorExp(elt=load(mark), generators=[generator])
    return None


def _defaults(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """Arguments that say what the default says: `range(0, n)`, `open(f, "r")`, `print("")`, `"x".encode("utf-8")`."""
    match node:
        case ast.Call(args=[ast.Constant(value=0), stop], keywords=[]) if is_builtin_call(node, "range"):
            return ast.Call(func=node.func, args=[stop], keywords=[]) if not isinstance(stop, ast.Starred) else None
        case ast.Call(args=[start, stop, ast.Constant(value=1)], keywords=[]) if is_builtin_call(node, "range"):
            return ast.Call(func=node.func, args=[start, stop], keywords=[])
        case ast.Call(args=[file, ast.Constant(value="r" | "rt" | "tr")]) if is_builtin_call(node, "open"):
            return ast.Call(func=node.func, args=[file], keywords=node.keywords)
        case ast.Call(args=[ast.Constant(value="")], keywords=[]) if is_builtin_call(node, "print"):
            return ast.Call(func=node.func, args=[], keywords=[])
        case ast.Call(
            func=ast.Attribute(value=value, attr="encode"), args=[ast.Constant(value=str(name))], keywords=[]
        ):
            if kind_of(value, kinds) == "str" and name.lower() in ("utf-8", "utf8"):
                return ast.Call(func=node.func, args=[], keywords=[])
    return None


def _uncast(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """`cast(T, x)` and `assert_type(x, T)` are `x`."""
    match node:
        case ast.Call(func=ast.Name(id=":typing.cast" | ":typing_extensions.cast"), args=[_, value], keywords=[]):
            return value
        case ast.Call(
            func=ast.Name(id=":typing.assert_type" | ":typing_extensions.assert_type"), args=[value, _], keywords=[]
        ):
            return value
    return None


def _comprehended(node: ast.expr, kinds: Kinds) -> ast.expr | None:
    """The parts of a comprehension: conditions count by their truth, `iter(x)` and a fresh list add nothing to a
    source.
    """
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    before = key(generators)
    for generator in generators:
        generator.iter = source(generator.iter)
        tests = [condition(test, kinds) for test in generator.ifs]
        generator.ifs = [flat for test in tests for flat in _conjuncts(test)]
    return node if generators and key(generators) != before else None


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    return list(test.values) if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def source(node: ast.expr) -> ast.expr:
    """Return what a loop runs over, without a detour: `iter(x)` is `x`, `[a, b]` is `(a, b)`."""
    if isinstance(node, ast.Call) and is_builtin_call(node, "iter") and len(node.args) == 1:
        return node.args[0]
    return ast.Tuple(elts=node.elts, ctx=ast.Load()) if isinstance(node, ast.List) else node


RULES: dict[type[ast.expr], tuple[tuple[str, Rule], ...]] = {
    ast.JoinedStr: (("format", _text),),
    ast.BinOp: (("format", _text),),
    ast.Call: (
        ("annotations", _uncast),
        ("format", _text),
        ("literal", _constructor),
        ("comprehension", _join),
        ("comprehension", _mapped),
        ("isinstance", type_tuple),
        ("default argument", _defaults),
        ("condition", choice),
    ),
    ast.ListComp: (("comprehension", _comprehended),),
    ast.SetComp: (("comprehension", _comprehended),),
    ast.DictComp: (("comprehension", _comprehended),),
    ast.GeneratorExp: (("comprehension", _comprehended),),
    ast.BoolOp: (("isinstance", type_tests), ("version", known_test)),
    ast.Compare: (("type test", type_identity), ("membership", membership), ("version", known_test)),
    ast.Subscript: (("version", known_test),),
    ast.Name: (("version", known_test),),
    ast.IfExp: (("condition", choice),),
    ast.UnaryOp: (("condition", negation),),
}


class _Rewriter(ast.NodeTransformer):
    """Applies the rules to every expression, inner ones first, and counts which of them fired."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.fired: Counter[str] = Counter()

    def visit(self, node: ast.AST) -> ast.AST:
        node = self.generic_visit(node)
        if isinstance(node, ast.FormattedValue):
            return node
        while isinstance(node, ast.expr) and (changed := self._apply(node)) is not None:
            node = changed
        return node

    def _apply(self, node: ast.expr) -> ast.expr | None:
        for name, rule in RULES.get(type(node), ()):
            if (changed := rule(node, self.kinds)) is not None:
                self.fired[name] += 1
                return changed
        return None


def rewrite_expressions(root: ast.AST, kinds: Kinds) -> Counter[str]:
    """Bring every expression below `root` into its normal form, in place; return how often each rewrite fired."""
    rewriter = _Rewriter(kinds)
    rewriter.visit(root)
    return rewriter.fired
