"""What the operations of one statement share: the values of the locals so far, and how a question is asked.

A question is yielded as an `Operation`; its `Effect` is sent back, and changes the values.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from cwm_check.codecs.nano_steps import Effect


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

    def __init__(self, values: Mapping[str, str]) -> None:
        self._before = values
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

    def do(self, statement: ast.stmt) -> Generator[Operation, Effect, Effect]:
        """Ask what a statement changes, let it be so, and return it; raises what the operation raises."""
        effect = yield Operation(_placed(statement), self.values)
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


def _placed(statement: ast.stmt) -> ast.stmt:
    """The statement with the positions of its own text: the codec orders names by them."""
    return ast.parse(ast.unparse(ast.fix_missing_locations(statement))).body[0]
