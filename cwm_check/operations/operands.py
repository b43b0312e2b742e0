"""Parts of an expression in, what stands for them inside an operation out; and a value in, what a target does with it.

An operand is a constant, a local, a name from outside, or a temporary; a target is a name or an item of a local.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Sequence

from cwm_check.codecs import value_texts
from cwm_check.codecs.nano_steps import Effect
from cwm_check.codecs.value_texts import value_of
from cwm_check.operations.items import as_generator, is_outside, shown, takes_items, text_of
from cwm_check.operations.state import MUTATING, Operation, RaisedError, State, UnsupportedError

CHANGING_FUNCTIONS = frozenset({"next", "setattr", "delattr", "print"})
OBJECTS = frozenset("map zip enumerate reversed filter range iter type open".split())
OBJECT_METHODS = frozenset("items keys values match search fullmatch finditer".split())
"""Calls whose values have no literal: they stay inside the operation that uses them."""


def operand_of(state: State, node: ast.expr, *, is_lazy: bool = False) -> Generator[Operation, Effect, ast.expr]:
    """Return what stands for `node` inside an operation: a constant, a local, a name from outside, or a temporary."""
    match node:
        case ast.Constant() | ast.Name() | ast.Lambda():
            return node
        case ast.GeneratorExp() if is_lazy:
            raise UnsupportedError
        case ast.Call() if not is_lazy and (rounds := as_generator(state, node)):
            return state.temporary((yield from state.evaluate(rounds)))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return node
        case ast.Attribute(value=ast.Name(id=name)) if name not in state.values:
            return node  # `str.upper`, `math.pi`
        case ast.Tuple(elts=elements) if elements and all(is_outside(state, element) for element in elements):
            return node  # types, for `isinstance`
        case ast.Slice(lower=lower, upper=upper, step=step):
            parts = []
            for part in (lower, upper, step):
                parts.append((yield from operand_of(state, part)) if part else None)
            return ast.Slice(*parts)
        case ast.Call(func=ast.Name(id=name)) if name in OBJECTS and name not in state.values:
            return (yield from reduced(state, node))
        case ast.Call(func=ast.Attribute(attr=name)) if name in OBJECT_METHODS:
            return (yield from reduced(state, node))
        case _:
            return state.temporary((yield from state.evaluate(node)))


def place_of(state: State, node: ast.expr) -> Generator[Operation, Effect, ast.expr]:
    """Return a target or receiver that is changed where it is: a local, or a path of subscripts into one."""
    match node:
        case ast.Name():
            return node
        case ast.Subscript(value=value, slice=index):
            place = yield from place_of(state, value)
            return ast.Subscript(place, (yield from operand_of(state, index)), node.ctx)
        case ast.Attribute():
            raise UnsupportedError
        case _:
            return (yield from operand_of(state, node))


def reduced(state: State, node: ast.Call) -> Generator[Operation, Effect, ast.Call]:
    """Return the call with its receiver and arguments as operands."""
    function: ast.expr = node.func
    match node.func:
        case ast.Attribute(value=receiver, attr=name) if name in MUTATING and not is_outside(state, receiver):
            function = ast.Attribute((yield from place_of(state, receiver)), name, ast.Load())
        case ast.Attribute(value=receiver, attr=name):
            function = ast.Attribute((yield from operand_of(state, receiver)), name, ast.Load())
    if is_starred(node.args) or any(keyword.arg is None for keyword in node.keywords):
        raise UnsupportedError
    arguments, keywords = [], []
    is_lazy = isinstance(function, ast.Name) and function.id in CHANGING_FUNCTIONS
    for argument in node.args:
        operand = yield from operand_of(state, argument, is_lazy=is_lazy)
        items = shown(state, operand) if takes_items(state, function, text_of(state, operand)) else None
        arguments.append(operand if items is None else state.temporary(f"[{', '.join(items)}]"))
    for keyword in node.keywords:
        is_method = keyword.arg == "key" and isinstance(keyword.value, ast.Attribute)
        keywords.append(
            ast.keyword(keyword.arg, keyword.value if is_method else (yield from operand_of(state, keyword.value)))
        )
    return ast.Call(function, arguments, keywords)


def is_starred(nodes: Sequence[ast.expr]) -> bool:
    """Return whether one of `nodes` is `*x`."""
    return any(isinstance(node, ast.Starred) for node in nodes)


def assign(state: State, target: ast.expr, text: str) -> Generator[Operation, Effect, None]:
    """Give a value to a target."""
    match target:
        case ast.Name(id=name):
            state.bind(name, text)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for one, item in zip(targets, _unpacked(targets, text), strict=True):
                yield from assign(state, one, item)
        case ast.Subscript():
            place = yield from place_of(state, target)
            yield from state.do(ast.Assign([place], state.temporary(text)))
        case _:
            raise UnsupportedError


def _unpacked(targets: Sequence[ast.expr], text: str) -> tuple[str, ...]:
    """The texts that unpacking gives to `targets`; raises what Python raises."""
    items = value_texts.items_of(text)
    if items is None:
        if value_of(text) is not None:
            raise RaisedError("TypeError")
        raise UnsupportedError
    starred = [i for i, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if starred:
        raise UnsupportedError
    if len(items) != len(targets):
        raise RaisedError("ValueError")
    return items
