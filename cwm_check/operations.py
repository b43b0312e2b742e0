"""A statement and the values it reads in, the single operations it is made of out, in the order of their evaluation.

`sep.join(w.upper() for w in ws)` is asked as `ws[0].upper()`, `ws[1].upper()`, ... and one `join`: each question has
one operator, call or subscript, over values. What follows from the texts of values alone is not asked: the truth of a
literal, displays, unpacking, the items of a list, which operand of `and` is evaluated. A lambda, or what is not known
here, stays in its operation as written. Nothing is executed. Two locals that are one object are not known to be one.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cwm_check.codecs.item_texts import split_items, value_of
from cwm_check.codecs.nano_steps import Effect, step_head

MOST_ITEMS = 64
"""Rounds of a comprehension; one with more is a single operation."""
MUTATING = frozenset(
    """append insert pop remove sort reverse extend setdefault update clear popitem add discard appendleft popleft
    difference_update intersection_update symmetric_difference_update send write""".split()
)
"""Methods that may change what they are called on."""
_CHANGING_FUNCTIONS = frozenset({"next", "setattr", "delattr", "print"})
_OBJECTS = frozenset("map zip enumerate reversed filter range iter type open".split())
_OBJECT_METHODS = frozenset("items keys values match search fullmatch finditer".split())
"""Calls whose values have no literal: they stay inside the operation that uses them."""
_BUILTINS = frozenset(dir(builtins))
_SUSPENDING = (ast.Await, ast.Yield, ast.YieldFrom)


@dataclass(frozen=True, slots=True)
class Operation:
    """One question: what `statement` does when its locals have `values` (`repr` by name)."""

    statement: ast.stmt
    values: Mapping[str, str]


Asking = Generator[Operation, Effect, str]
"""Yields operations, is sent their effects, returns the `repr` of a value."""


class _RaisedError(Exception):
    """An operation raises; the text is the name of the type."""


class _UnsupportedError(Exception):
    """The statement has a part that is no operation on values."""


def operations(statement: ast.stmt, values: Mapping[str, str]) -> Generator[Operation, Effect, Effect | None]:
    """Yield the operations of `statement`, wait for the effect of each, and return that of the whole.

    Compound statements are asked by their head, as in `nano_steps.step_head`: a truth value, or the list of items. What
    cannot be taken apart (a starred argument, an attribute that is set) is one operation as it stands. Returns None for
    what cannot be asked: `yield`, `await`, a bare `raise`.
    """
    state = _State(values)
    try:
        value = yield from state.perform(statement)
    except _RaisedError as error:
        return Effect(raised=str(error))
    except _UnsupportedError:
        is_bare = isinstance(statement, ast.Raise) and statement.exc is None
        is_suspending = any(isinstance(node, _SUSPENDING) for node in ast.walk(statement))
        if is_bare or is_suspending or step_head(statement) is None:
            return None
        return (yield Operation(statement, values))
    return Effect(value=value) if value is not None else Effect(tuple(state.changed()))


class _State:
    """The values of the locals while a statement is performed, and names for what is in between."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._before = values
        self._values = dict(values)
        self._bound: set[str] = set()
        self._temporaries: set[str] = set()

    def changed(self) -> Iterator[tuple[str, str]]:
        for name, value in self._values.items():
            if name not in self._temporaries and (name in self._bound or self._before.get(name) != value):
                yield name, value

    # --- statements

    def perform(self, node: ast.stmt) -> Generator[Operation, Effect, str | None]:
        match node:
            case ast.If(test=test) | ast.While(test=test):
                return (yield from self._truth(test))
            case ast.Assert(test=test):
                if (yield from self._truth(test)) == "False":
                    raise _RaisedError("AssertionError")
                return "True"
            case ast.For(iter=iterable):
                return f"[{', '.join((yield from self._items(iterable)))}]"
            case ast.Return(value=ast.expr() as value):
                return (yield from self._value(value))
            case ast.Raise(exc=ast.expr() as error):
                yield from self._raise(error)
            case ast.Assign(targets=targets, value=value):
                text = yield from self._value(value)
                for target in targets:
                    yield from self._assign(target, text)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assign(target, (yield from self._value(value)))
            case ast.AugAssign(target=target, op=operator, value=value):
                place = yield from self._place(target)
                assert isinstance(place, ast.Name | ast.Subscript)  # what a target can be
                yield from self._do(ast.AugAssign(place, operator, (yield from self._operand(value))))
                if isinstance(target, ast.Name):
                    self._bound.add(target.id)
            case ast.Expr(value=ast.Call() as call):
                yield from self._call(call, is_discarded=True)
            case ast.Expr(value=value):
                yield from self._value(value)
            case ast.Delete(targets=targets):
                for target in targets:
                    yield from self._delete(target)
            case _:
                raise _UnsupportedError
        return None

    def _raise(self, error: ast.expr) -> Generator[Operation, Effect, None]:
        match error:
            case ast.Name(id=name) if name in self._values:
                raise _RaisedError(self._values[name].partition("(")[0])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                for argument in arguments:
                    yield from self._value(argument)
                raise _RaisedError(name)
            case ast.Name(id=name):
                raise _RaisedError(name)
        raise _UnsupportedError

    def _assign(self, target: ast.expr, text: str) -> Generator[Operation, Effect, None]:
        match target:
            case ast.Name(id=name):
                self._bind(name, text)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for one, item in zip(targets, _unpacked(targets, text), strict=True):
                    yield from self._assign(one, item)
            case ast.Subscript():
                place = yield from self._place(target)
                yield from self._do(ast.Assign([place], self._temporary(text)))
            case _:
                raise _UnsupportedError

    def _delete(self, target: ast.expr) -> Generator[Operation, Effect, None]:
        match target:
            case ast.Name(id=name):
                self._values.pop(name, None)
            case ast.Subscript():
                place = yield from self._place(target)
                yield from self._do(ast.Delete([place]))
            case _:
                raise _UnsupportedError

    def _bind(self, name: str, text: str) -> None:
        self._values[name] = text
        self._bound.add(name)

    # --- questions

    def _do(self, statement: ast.stmt) -> Generator[Operation, Effect, Effect]:
        """Ask what a statement changes."""
        effect = yield Operation(_placed(statement), self._values)
        if effect.raised is not None:
            raise _RaisedError(effect.raised)
        self._values |= dict(effect.assigned)
        return effect

    def _result(self, node: ast.expr) -> Asking:
        """Ask for the value of an expression that changes nothing."""
        effect = yield from self._do(ast.Return(node))
        if effect.value is None:
            raise _UnsupportedError
        return effect.value

    def _changing(self, node: ast.expr) -> Asking:
        """Ask for the value of an expression that may change locals, too."""
        name = self._new_name()
        effect = yield from self._do(ast.Assign([ast.Name(name, ast.Store())], node))
        value = dict(effect.assigned).get(name)
        if value is None:
            raise _UnsupportedError
        return value

    def _new_name(self) -> str:
        number = len(self._temporaries)
        while (name := f"t{number}") in self._values:
            number += 1
        self._temporaries.add(name)
        return name

    def _temporary(self, text: str) -> ast.expr:
        name = self._new_name()
        self._values[name] = text
        return ast.Name(name, ast.Load())

    # --- expressions

    def _operand(self, node: ast.expr, *, is_lazy: bool = False) -> Generator[Operation, Effect, ast.expr]:
        """What stands for `node` inside an operation: a constant, a local, a name from outside, or a temporary."""
        match node:
            case ast.Constant() | ast.Name() | ast.Lambda():
                return node
            case ast.GeneratorExp() if is_lazy:
                raise _UnsupportedError
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return node
            case ast.Attribute(value=ast.Name(id=name)) if name not in self._values:
                return node  # `str.upper`, `math.pi`
            case ast.Slice(lower=lower, upper=upper, step=step):
                parts = []
                for part in (lower, upper, step):
                    parts.append((yield from self._operand(part)) if part else None)
                return ast.Slice(*parts)
            case ast.Call(func=ast.Name(id=name)) if name in _OBJECTS and name not in self._values:
                return (yield from self._reduced(node))
            case ast.Call(func=ast.Attribute(attr=name)) if name in _OBJECT_METHODS:
                return (yield from self._reduced(node))
            case _:
                return self._temporary((yield from self._value(node)))

    def _place(self, node: ast.expr) -> Generator[Operation, Effect, ast.expr]:
        """A target or receiver that is changed where it is: a local, or a path of subscripts into one."""
        match node:
            case ast.Name():
                return node
            case ast.Subscript(value=value, slice=index):
                place = yield from self._place(value)
                return ast.Subscript(place, (yield from self._operand(index)), node.ctx)
            case ast.Attribute():
                raise _UnsupportedError
            case _:
                return (yield from self._operand(node))

    def _value(self, node: ast.expr) -> Asking:
        match node:
            case ast.Constant(value=value):
                return repr(value)
            case ast.Name(id=name) if name in self._values:
                return self._values[name]
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self._bind(name, (yield from self._value(value)))
                return self._values[name]
            case ast.BoolOp(op=operator, values=operands):
                return (yield from self._either(isinstance(operator, ast.Or), operands))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return (yield from self._value(body if (yield from self._truth(test)) == "True" else orelse))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return "False" if (yield from self._truth(operand)) == "True" else "True"
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return repr(-number)
            case ast.UnaryOp(op=unary, operand=operand):
                return (yield from self._result(ast.UnaryOp(unary, (yield from self._operand(operand)))))
            case ast.BinOp(left=left, op=binary, right=right):
                first = yield from self._operand(left)
                return (yield from self._result(ast.BinOp(first, binary, (yield from self._operand(right)))))
            case ast.Compare():
                return (yield from self._compare(node))
            case ast.Subscript(value=value, slice=index):
                whole = yield from self._operand(value)
                part = ast.Subscript(whole, (yield from self._operand(index)), ast.Load())
                return (yield from self._result(part))
            case ast.Attribute(value=value, attr=name):
                return (yield from self._result(ast.Attribute((yield from self._operand(value)), name, ast.Load())))
            case ast.Call():
                return (yield from self._call(node))
            case ast.Await() | ast.Yield() | ast.YieldFrom():
                raise _UnsupportedError
            case _:
                return (yield from self._display(node))

    def _display(self, node: ast.expr) -> Asking:
        match node:
            case ast.List(elts=elements) if not _is_starred(elements):
                return f"[{', '.join((yield from self._all(elements)))}]"
            case ast.Tuple(elts=elements) if not _is_starred(elements):
                texts = yield from self._all(elements)
                return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
            case ast.Set(elts=elements) if not _is_starred(elements):
                operands = []
                for element in elements:
                    operands.append((yield from self._operand(element)))
                return (yield from self._result(ast.Set(operands)))
            case ast.Dict(keys=keys, values=values) if None not in keys:
                pairs: dict[str, str] = {}
                for key, value in zip(keys, values, strict=True):
                    assert key is not None
                    name = yield from self._value(key)
                    pairs[name] = yield from self._value(value)
                return f"{{{', '.join(f'{key}: {value}' for key, value in pairs.items())}}}"
            case ast.JoinedStr(values=pieces):
                return (yield from self._joined(pieces))
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return (yield from self._comprehension(node))
            case _:
                return (yield from self._result(node))

    def _all(self, nodes: Sequence[ast.expr]) -> Generator[Operation, Effect, list[str]]:
        texts = []
        for node in nodes:
            texts.append((yield from self._value(node)))
        return texts

    def _either(self, is_or: bool, operands: Sequence[ast.expr]) -> Asking:
        text = ""
        for number, operand in enumerate(operands, 1):
            text = yield from self._value(operand)
            if number < len(operands) and ((yield from self._is_true(text)) == "True") == is_or:
                break
        return text

    def _compare(self, node: ast.Compare) -> Asking:
        left = yield from self._operand(node.left)
        text = "True"
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            right = yield from self._operand(comparator)
            text = yield from self._result(ast.Compare(left, [operator], [right]))
            if text == "False":
                break
            left = right
        return text

    def _truth(self, node: ast.expr) -> Asking:
        return (yield from self._is_true((yield from self._value(node))))

    def _is_true(self, text: str) -> Asking:
        known = value_of(text)
        if known is not None:
            return str(bool(known[0]))
        return (yield from self._result(ast.Call(ast.Name("bool", ast.Load()), [self._temporary(text)], [])))

    def _call(self, node: ast.Call, *, is_discarded: bool = False) -> Asking:
        call = yield from self._reduced(node)
        match call.func:
            case ast.Attribute(value=receiver, attr=name):
                is_changing = name in MUTATING and not self._is_outside(receiver)
            case ast.Name(id=name):
                is_changing = name in _CHANGING_FUNCTIONS
            case _:
                raise _UnsupportedError
        if is_changing and is_discarded:
            yield from self._do(ast.Expr(call))
            return "None"
        return (yield from (self._changing(call) if is_changing else self._result(call)))

    def _reduced(self, node: ast.Call) -> Generator[Operation, Effect, ast.Call]:
        """The call with its receiver and arguments as operands."""
        function: ast.expr = node.func
        match node.func:
            case ast.Attribute(value=receiver, attr=name) if name in MUTATING and not self._is_outside(receiver):
                function = ast.Attribute((yield from self._place(receiver)), name, ast.Load())
            case ast.Attribute(value=receiver, attr=name):
                function = ast.Attribute((yield from self._operand(receiver)), name, ast.Load())
        if _is_starred(node.args) or any(keyword.arg is None for keyword in node.keywords):
            raise _UnsupportedError
        arguments, keywords = [], []
        is_lazy = isinstance(function, ast.Name) and function.id in _CHANGING_FUNCTIONS
        for argument in node.args:
            arguments.append((yield from self._operand(argument, is_lazy=is_lazy)))
        for keyword in node.keywords:
            keywords.append(ast.keyword(keyword.arg, (yield from self._operand(keyword.value))))
        return ast.Call(function, arguments, keywords)

    def _is_outside(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id not in self._values

    def _joined(self, pieces: Sequence[ast.expr]) -> Asking:
        """An f-string: only values with a format of their own are asked for."""
        made = ""
        for piece in pieces:
            match piece:
                case ast.Constant(value=str() as text):
                    made += text
                    continue
                case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                    text = yield from self._value(value)
                    known = value_of(text)
                    made += known[0] if known and isinstance(known[0], str) else text
                    continue
                case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                    operand = yield from self._operand(value)
                    alone = ast.JoinedStr([ast.FormattedValue(operand, conversion, spec)])
                    known = value_of((yield from self._result(alone)))
            if known is None or not isinstance(known[0], str):
                raise _UnsupportedError
            made += known[0]
        return repr(made)

    # --- items

    def _items(self, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
        """The `repr` of each item that a loop over `node` meets; `range(n)` and `d.items()` are one question."""
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _BUILTINS and name not in self._values:
                return (yield from self._asked_items((yield from self._reduced(node))))
            case ast.Call(func=ast.Attribute()):
                return (yield from self._asked_items((yield from self._reduced(node))))
        text = yield from self._value(node)
        items = split_items(text)
        return (yield from self._asked_items(self._temporary(text))) if items is None else items

    def _asked_items(self, node: ast.expr) -> Generator[Operation, Effect, list[str]]:
        head = ast.For(ast.Name("_", ast.Store()), node, [ast.Pass()], [])
        effect = yield from self._do(head)
        items = split_items(effect.value or "")
        if items is None:
            raise _UnsupportedError
        return items

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp) -> Asking:
        kept, bound = dict(self._values), set(self._bound)
        made: list[str] = []
        yield from self._rounds(node, node.generators, made)
        for name in self._bound - bound:
            self._values.pop(name)
            self._values |= {name: kept[name]} if name in kept else {}
        self._bound = bound
        match node:
            case ast.DictComp():
                pairs = dict(pair.split("\0", 1) for pair in made)
                return f"{{{', '.join(f'{key}: {value}' for key, value in pairs.items())}}}"
            case ast.SetComp():
                items = self._temporary(f"[{', '.join(dict.fromkeys(made))}]")
                return (yield from self._result(ast.Call(ast.Name("set", ast.Load()), [items], [])))
            case _:
                return f"[{', '.join(made)}]"

    def _rounds(
        self,
        node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp,
        generators: Sequence[ast.comprehension],
        made: list[str],
    ) -> Generator[Operation, Effect, None]:
        """The rounds of the first of `generators`, and in each those of the others."""
        if not generators:
            if isinstance(node, ast.DictComp):
                key = yield from self._value(node.key)
                made.append(f"{key}\0{(yield from self._value(node.value))}")
            else:
                made.append((yield from self._value(node.elt)))
            return
        first, *others = generators
        if first.is_async:
            raise _UnsupportedError
        items = yield from self._items(first.iter)
        if len(items) > MOST_ITEMS:
            raise _UnsupportedError
        for item in items:
            yield from self._assign(first.target, item)
            for condition in first.ifs:
                if (yield from self._truth(condition)) == "False":
                    break
            else:
                yield from self._rounds(node, others, made)


def _is_starred(nodes: Sequence[ast.expr]) -> bool:
    return any(isinstance(node, ast.Starred) for node in nodes)


def _placed(statement: ast.stmt) -> ast.stmt:
    """The statement with the positions of its own text: the codec orders names by them."""
    return ast.parse(ast.unparse(ast.fix_missing_locations(statement))).body[0]


def _unpacked(targets: Sequence[ast.expr], text: str) -> list[str]:
    """The texts that unpacking gives to `targets`; raises what Python raises."""
    items = split_items(text)
    if items is None:
        if value_of(text) is not None:
            raise _RaisedError("TypeError")
        raise _UnsupportedError
    starred = [i for i, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if starred:
        raise _UnsupportedError
    if len(items) != len(targets):
        raise _RaisedError("ValueError")
    return items
