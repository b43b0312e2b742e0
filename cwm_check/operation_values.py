"""An expression in, its operations out in the order of their evaluation, and in the end its value.

One operator, call or subscript each, over values that are constants, locals or temporaries.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping, Sequence

from cwm_check.codecs import value_texts
from cwm_check.codecs.nano_steps import Effect
from cwm_check.codecs.value_texts import value_of
from cwm_check.operation_arithmetic import taken_apart
from cwm_check.operation_items import (
    MOST_ITEMS,
    as_generator,
    dictionary_of,
    displayed,
    entries_of,
    is_outside,
    shown,
    takes_items,
    terms_of,
    text_of,
)
from cwm_check.operation_orders import Ordering, are_comparable, compared, in_order, most, ordering_of
from cwm_check.operation_state import MUTATING, Asking, Operation, RaisedError, State, UnsupportedError

_CHANGING_FUNCTIONS = frozenset({"next", "setattr", "delattr", "print"})
_OBJECTS = frozenset("map zip enumerate reversed filter range iter type open".split())
_OBJECT_METHODS = frozenset("items keys values match search fullmatch finditer".split())
"""Calls whose values have no literal: they stay inside the operation that uses them."""
_Comprehension = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
_STOPPING: Mapping[str, Callable[[str], bool]] = {
    "next": lambda _: True,
    "any": lambda text: _known_truth(text),
    "all": lambda text: not _known_truth(text),
}
"""Functions that take items as long as none is enough, and what is."""
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def operand_of(state: State, node: ast.expr, *, is_lazy: bool = False) -> Generator[Operation, Effect, ast.expr]:
    """Return what stands for `node` inside an operation: a constant, a local, a name from outside, or a temporary."""
    match node:
        case ast.Constant() | ast.Name() | ast.Lambda():
            return node
        case ast.GeneratorExp() if is_lazy:
            raise UnsupportedError
        case ast.Call() if not is_lazy and (rounds := as_generator(state, node)):
            return state.temporary((yield from evaluate(state, rounds)))
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
        case ast.Call(func=ast.Name(id=name)) if name in _OBJECTS and name not in state.values:
            return (yield from _reduced(state, node))
        case ast.Call(func=ast.Attribute(attr=name)) if name in _OBJECT_METHODS:
            return (yield from _reduced(state, node))
        case _:
            return state.temporary((yield from evaluate(state, node)))


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
            return (yield from evaluate(state, body if (yield from truth_of(state, test)) == "True" else orelse))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return "False" if (yield from truth_of(state, operand)) == "True" else "True"
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
        case ast.Set(elts=elements) if not _is_starred(elements):
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
            return (yield from _comprehension(state, node))
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
        if number < len(operands) and ((yield from _is_true(state, text)) == "True") == is_or:
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


def truth_of(state: State, node: ast.expr) -> Asking:
    """Return `True` or `False`, as text, for an expression."""
    return (yield from _is_true(state, (yield from evaluate(state, node))))


def _is_true(state: State, text: str) -> Asking:
    known = value_of(text)
    if known is not None:
        return str(bool(known[0]))
    return (yield from state.result(ast.Call(ast.Name("bool", ast.Load()), [state.temporary(text)], [])))


def _known_truth(text: str) -> bool:
    known = value_texts.truth_of(text)
    if known is None:
        raise UnsupportedError
    return known


def call(state: State, node: ast.Call, *, is_discarded: bool = False) -> Asking:
    """Return the `repr` of what a call returns, or `None` as text if nobody uses it."""
    if isinstance(node.func, ast.Name) and node.func.id in _STOPPING and node.func.id not in state.values:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp() as rounds, *default], keywords=[]):
                return (yield from _stopped(state, name, rounds, default))
    call = yield from _reduced(state, node)
    if (made := displayed(state, call)) is not None:
        return made
    match call:
        case ast.Call(func=ast.Name(id="divmod"), args=[left, right], keywords=[]) if "divmod" not in state.values:
            quotient = yield from evaluate(state, ast.BinOp(left, ast.FloorDiv(), right))
            return f"({quotient}, {(yield from evaluate(state, ast.BinOp(left, ast.Mod(), right)))})"
    if (terms := terms_of(state, call)) is not None:
        return (yield from _sum(state, terms))
    if (ordering := ordering_of(state, call)) and (made := (yield from _ordered(state, ordering))) is not None:
        return made
    match call.func:
        case ast.Attribute(value=receiver, attr=name):
            is_changing = name in MUTATING and not is_outside(state, receiver)
        case ast.Name(id=name):
            is_changing = name in _CHANGING_FUNCTIONS
        case _:
            raise UnsupportedError
    if is_changing and is_discarded:
        yield from state.do(ast.Expr(call))
        return "None"
    return (yield from (state.changing(call) if is_changing else state.result(call)))


def _sum(state: State, terms: Sequence[str]) -> Asking:
    total = terms[0] if terms else "0"
    for term in terms[1:]:
        total = yield from state.result(ast.BinOp(state.temporary(total), ast.Add(), state.temporary(term)))
    return total


def _ordered(state: State, ordering: Ordering) -> Generator[Operation, Effect, str | None]:
    """What an ordering gives, as text; None if its items have no keys that can be compared one by one."""
    items, keys = ordering.items, ordering.items
    if ordering.key is not None:
        source = state.temporary(f"[{', '.join(items)}]")
        rounds = as_generator(state, ast.Call(ast.Name("map", ast.Load()), [ordering.key, source], []))
        if rounds is None:
            return None
        keys = value_texts.items_of((yield from evaluate(state, rounds))) or ()
    if len(keys) != len(items) or not are_comparable(keys):
        return None
    if ordering.function in ("max", "min"):
        return items[(yield from most(state, keys, ast.Gt() if ordering.function == "max" else ast.Lt()))]
    order = yield from in_order(state, keys, is_reversed=ordering.is_reversed)
    made = f"[{', '.join(items[place] for place in order)}]"
    if not ordering.place:
        return made
    state.values[ordering.place] = made
    return "None"


def _reduced(state: State, node: ast.Call) -> Generator[Operation, Effect, ast.Call]:
    """The call with its receiver and arguments as operands."""
    function: ast.expr = node.func
    match node.func:
        case ast.Attribute(value=receiver, attr=name) if name in MUTATING and not is_outside(state, receiver):
            function = ast.Attribute((yield from place_of(state, receiver)), name, ast.Load())
        case ast.Attribute(value=receiver, attr=name):
            function = ast.Attribute((yield from operand_of(state, receiver)), name, ast.Load())
    if _is_starred(node.args) or any(keyword.arg is None for keyword in node.keywords):
        raise UnsupportedError
    arguments, keywords = [], []
    is_lazy = isinstance(function, ast.Name) and function.id in _CHANGING_FUNCTIONS
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


# --- items


def items_of(state: State, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
    """Return the `repr` of each item that a loop over `node` meets; what gives them and has no literal is asked."""
    match node:
        case ast.Call() if rounds := as_generator(state, node):
            return list(value_texts.items_of((yield from evaluate(state, rounds))) or ())
        case ast.Call(func=ast.Name(id=name)) if name in _OBJECTS and name not in state.values:
            return (yield from _items_of_call(state, (yield from _reduced(state, node))))
        case ast.Call(func=ast.Attribute(attr=name)) if name in _OBJECT_METHODS:
            return (yield from _items_of_call(state, (yield from _reduced(state, node))))
    text = yield from evaluate(state, node)
    items = value_texts.items_of(text)
    return (yield from _asked_items(state, state.temporary(text))) if items is None else list(items)


def _items_of_call(state: State, node: ast.Call) -> Generator[Operation, Effect, list[str]]:
    items = shown(state, node)
    return (yield from _asked_items(state, node)) if items is None else list(items)


def _asked_items(state: State, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
    head = ast.For(ast.Name("_", ast.Store()), node, [ast.Pass()], [])
    effect = yield from state.do(head)
    items = value_texts.items_of(effect.value or "")
    if items is None:
        raise UnsupportedError
    return list(items)


def _comprehension(state: State, node: _Comprehension) -> Asking:
    made = yield from _all_rounds(state, node)
    match node:
        case ast.DictComp():
            return dictionary_of([(key, value) for key, _, value in (pair.partition("\0") for pair in made)])
        case ast.SetComp():
            items = state.temporary(f"[{', '.join(dict.fromkeys(made))}]")
            return (yield from state.result(ast.Call(ast.Name("set", ast.Load()), [items], [])))
        case _:
            return f"[{', '.join(made)}]"


def _stopped(state: State, name: str, node: ast.GeneratorExp, default: Sequence[ast.expr]) -> Asking:
    """`next`, `any` or `all` of a generator expression, which goes no further than it has to."""
    other = (yield from evaluate(state, default[0])) if default else None
    made = yield from _all_rounds(state, node, _STOPPING[name])
    if name != "next":
        return str(bool(made and _STOPPING[name](made[-1])) == (name == "any"))
    if not made and other is None:
        raise RaisedError("StopIteration")
    return made[0] if made else str(other)


def _all_rounds(
    state: State, node: _Comprehension, is_enough: Callable[[str], bool] = lambda _: False
) -> Generator[Operation, Effect, list[str]]:
    """What the rounds of a comprehension give, up to the first that is enough; its names are gone after it."""
    kept, bound = dict(state.values), set(state.bound)
    made: list[str] = []
    yield from _rounds(state, node, node.generators, made, is_enough)
    for name in state.bound - bound:
        state.values.pop(name)
        state.values |= {name: kept[name]} if name in kept else {}
    state.bound = bound
    return made


def _rounds(
    state: State,
    node: _Comprehension,
    generators: Sequence[ast.comprehension],
    made: list[str],
    is_enough: Callable[[str], bool],
) -> Generator[Operation, Effect, bool]:
    """The rounds of the first of `generators`, and in each those of the others; whether one was enough."""
    if not generators:
        if isinstance(node, ast.DictComp):
            key = yield from evaluate(state, node.key)
            made.append(f"{key}\0{(yield from evaluate(state, node.value))}")
        else:
            made.append((yield from evaluate(state, node.elt)))
        return is_enough(made[-1])
    first, *others = generators
    if first.is_async:
        raise UnsupportedError
    items = yield from items_of(state, first.iter)
    if len(items) > MOST_ITEMS:
        raise UnsupportedError
    for item in items:
        yield from assign(state, first.target, item)
        for condition in first.ifs:
            if (yield from truth_of(state, condition)) == "False":
                break
        else:
            if (yield from _rounds(state, node, others, made, is_enough)):
                return True
    return False


def _is_starred(nodes: Sequence[ast.expr]) -> bool:
    return any(isinstance(node, ast.Starred) for node in nodes)


# --- targets


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
