"""An expression in, its operations out in the order of their evaluation, and in the end its value.

One operator, call or subscript each, over values that are constants, locals or temporaries.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Sequence

from cwm_check.codecs.nano_steps import Effect
from cwm_check.codecs.value_texts import value_of
from cwm_check.operations.arithmetic import taken_apart
from cwm_check.operations.calls import call
from cwm_check.operations.items import dictionary_of, entries_of, text_of
from cwm_check.operations.operands import is_starred, operand_of
from cwm_check.operations.orders import compared
from cwm_check.operations.rounds import comprehension, items_of
from cwm_check.operations.state import Asking, Operation, State, UnsupportedError

_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def evaluate(state: State, node: ast.expr) -> Asking:
    """Return the `repr` of an expression."""
    match node:
        case ast.Constant(value=value):
            return repr(value)
        case ast.Name(id=name) if name in state.values:
            return state.values[name]
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            state.bind(name, (yield from evaluate(state, value)))
            return state.values[name]
        case ast.BoolOp(op=operator, values=operands):
            return (yield from _either(state, isinstance(operator, ast.Or), operands))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return (yield from evaluate(state, body if (yield from state.truth_of(test)) == "True" else orelse))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return "False" if (yield from state.truth_of(operand)) == "True" else "True"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return repr(-number)
        case ast.UnaryOp(op=unary, operand=operand):
            return (yield from state.result(ast.UnaryOp(unary, (yield from operand_of(state, operand)))))
        case ast.BinOp(left=left, op=binary, right=right):
            first = yield from operand_of(state, left)
            second = yield from operand_of(state, right)
            smaller = taken_apart(state, text_of(state, first) or "", binary, text_of(state, second) or "")
            return (yield from (smaller or state.result(ast.BinOp(first, binary, second))))
        case ast.Compare():
            return (yield from _compare(state, node))
        case ast.Subscript(value=value, slice=index):
            whole = yield from operand_of(state, value)
            part = ast.Subscript(whole, (yield from operand_of(state, index)), ast.Load())
            return (yield from state.result(part))
        case ast.Attribute(value=value, attr=name):
            return (yield from state.result(ast.Attribute((yield from operand_of(state, value)), name, ast.Load())))
        case ast.Call():
            return (yield from call(state, node))
        case ast.Await() | ast.Yield() | ast.YieldFrom():
            raise UnsupportedError
        case _:
            return (yield from _display(state, node))


def _display(state: State, node: ast.expr) -> Asking:
    match node:
        case ast.List(elts=elements):
            return f"[{', '.join((yield from _all(state, elements)))}]"
        case ast.Tuple(elts=elements):
            texts = yield from _all(state, elements)
            return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
        case ast.Set(elts=elements) if not is_starred(elements):
            operands = []
            for element in elements:
                operands.append((yield from operand_of(state, element)))
            return (yield from state.result(ast.Set(operands)))
        case ast.Dict(keys=keys, values=values):
            pairs: list[tuple[str, str]] = []
            for key, value in zip(keys, values, strict=True):
                if key is None:
                    pairs += entries_of((yield from evaluate(state, value)))
                else:
                    name = yield from evaluate(state, key)
                    pairs.append((name, (yield from evaluate(state, value))))
            return dictionary_of(pairs)
        case ast.JoinedStr(values=pieces):
            return (yield from _joined(state, pieces))
        case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
            return (yield from comprehension(state, node))
        case _:
            return (yield from state.result(node))


def _all(state: State, nodes: Sequence[ast.expr]) -> Generator[Operation, Effect, list[str]]:
    texts = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            texts += yield from items_of(state, node.value)
        else:
            texts.append((yield from evaluate(state, node)))
    return texts


def _either(state: State, is_or: bool, operands: Sequence[ast.expr]) -> Asking:
    text = ""
    for number, operand in enumerate(operands, 1):
        text = yield from evaluate(state, operand)
        if number < len(operands) and ((yield from state.truth(text)) == "True") == is_or:
            break
    return text


def _compare(state: State, node: ast.Compare) -> Asking:
    left = yield from operand_of(state, node.left)
    text = "True"
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = yield from operand_of(state, comparator)
        texts = text_of(state, left), text_of(state, right)
        if isinstance(operator, _ORDERS) and texts[0] and texts[1]:
            text = yield from compared(state, texts[0], operator, texts[1])
        else:
            text = yield from state.result(ast.Compare(left, [operator], [right]))
        if text == "False":
            break
        left = right
    return text


def _joined(state: State, pieces: Sequence[ast.expr]) -> Asking:
    """An f-string: only values with a format of their own are asked for."""
    made = ""
    for piece in pieces:
        match piece:
            case ast.Constant(value=str() as text):
                made += text
                continue
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                text = yield from evaluate(state, value)
                known = value_of(text)
                made += known[0] if known and isinstance(known[0], str) else text
                continue
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                operand = yield from operand_of(state, value)
                alone = ast.JoinedStr([ast.FormattedValue(operand, conversion, spec)])
                known = value_of((yield from state.result(alone)))
        if known is None or not isinstance(known[0], str):
            raise UnsupportedError
        made += known[0]
    return repr(made)
