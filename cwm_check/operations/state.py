"""What the operations of one statement share: the values of the locals so far, and how a question is asked.

A question is yielded as an `Operation`; its `Effect` is sent back, and changes the values.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import dataclass

from cwm_check.codecs.nano_steps import Effect
from cwm_check.codecs.value_texts import value_of

MUTATING = frozenset(
    """append insert pop remove sort reverse extend setdefault update clear popitem add discard appendleft popleft
    rotate difference_update intersection_update symmetric_difference_update send write""".split()
)
"""Methods that may change what they are called on."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One question: what `statement` does when its locals have `values` (`repr` by name)."""

    statement: ast.stmt
    values: Mapping[str, str]


Asking = Generator[Operation, Effect, str]
"""Yields operations, is sent their effects, returns the `repr` of a value."""


class RaisedError(Exception):
    """An operation raises; the text is the name of the type."""


class UnsupportedError(Exception):
    """The statement has a part that is no operation on values."""


class State:
    """The values of the locals while a statement is performed, and names for what is in between."""

    def __init__(self, values: Mapping[str, str], evaluate: Callable[[State, ast.expr], Asking]) -> None:
        """`evaluate` yields the operations of an expression; `operation_values` has it."""
        self._before = values
        self._evaluate = evaluate
        self.values = dict(values)
        self.bound: set[str] = set()
        self._temporaries: set[str] = set()

    def changed(self) -> Iterator[tuple[str, str]]:
        """Yield the locals that were bound or have another value, with it."""
        for name, value in self.values.items():
            if name not in self._temporaries and (name in self.bound or self._before.get(name) != value):
                yield name, value

    def bind(self, name: str, text: str) -> None:
        """Give a local a value."""
        self.values[name] = text
        self.bound.add(name)

    def evaluate(self, node: ast.expr) -> Asking:
        """Return the `repr` of an expression."""
        return self._evaluate(self, node)

    def truth_of(self, node: ast.expr) -> Asking:
        """Return `True` or `False`, as text, for an expression."""
        return (yield from self.truth((yield from self.evaluate(node))))

    def truth(self, text: str) -> Asking:
        """Return `True` or `False`, as text, for a value."""
        known = value_of(text)
        if known is not None:
            return str(bool(known[0]))
        return (yield from self.result(ast.Call(ast.Name("bool", ast.Load()), [self.temporary(text)], [])))

    def do(self, statement: ast.stmt) -> Generator[Operation, Effect, Effect]:
        """Ask what a statement changes, let it be so, and return it; raises what the operation raises."""
        effect = yield Operation(_inlined(statement, self.values), self.values)
        if effect.raised is not None:
            raise RaisedError(effect.raised)
        self.values |= dict(effect.assigned)
        return effect

    def result(self, node: ast.expr) -> Asking:
        """Ask for the value of an expression that changes nothing, and return it."""
        effect = yield from self.do(ast.Return(node))
        if effect.value is None:
            raise UnsupportedError
        return effect.value

    def changing(self, node: ast.expr) -> Asking:
        """Ask for the value of an expression that may change locals, too, and return it."""
        name = self._new_name()
        effect = yield from self.do(ast.Assign([ast.Name(name, ast.Store())], node))
        value = dict(effect.assigned).get(name)
        if value is None:
            raise UnsupportedError
        return value

    def _new_name(self) -> str:
        number = len(self._temporaries)
        while (name := f"t{number}") in self.values:
            number += 1
        self._temporaries.add(name)
        return name

    def temporary(self, text: str) -> ast.expr:
        """Return a new name that stands for a value."""
        name = self._new_name()
        self.values[name] = text
        return ast.Name(name, ast.Load())


def _inlined(statement: ast.stmt, values: Mapping[str, str]) -> ast.stmt:
    """The statement with literals for the locals that it only reads: `t0[i]` is asked as `'abc'[1]`.

    A name that is changed in place stays, as does one in a lambda, a comprehension or an f-string. Positions are those
    of the text that is asked: the codec orders names by them.
    """
    placed = _Inliner(values, _changed(statement)).visit(ast.parse(ast.unparse(ast.fix_missing_locations(statement))))
    (only,) = ast.parse(ast.unparse(placed)).body
    return only


class _Inliner(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, str], changed: Collection[str]) -> None:
        self._values = values
        self._changed = changed

    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = self._values.get(node.id)
        if text is None or node.id in self._changed or not isinstance(node.ctx, ast.Load) or value_of(text) is None:
            return node
        return ast.parse(text, mode="eval").body

    def visit_JoinedStr(self, node: ast.expr) -> ast.expr:
        return node

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_JoinedStr


def _changed(statement: ast.stmt) -> set[str]:
    """The locals that `statement` may change in place: roots of targets, receivers of `MUTATING` methods."""
    found = set()
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                root: ast.expr = node
            case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in MUTATING:
                root = receiver
            case _:
                continue
        while isinstance(root, ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name):
            found.add(root.id)
    return found
