"""One consistent set of answers to the sandbox's questions, shared by both versions.

An unknown object is named by the expression that made it (`session.get(url).json()['items']`), so the same operation on
either side is the same object. Whatever the program must know to go on (is it true? how long? which value? does it
raise?) is a `Choice` with a few plausible options, kept in the memo under a canonical key; a world with other
`overrides` takes other options. When C code needs a real value, the choice binds one to the expression and both
versions start again with it (`Restart`). Which options are plausible is left to the modules of `answers`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cwm_check.search.choices import Choice, Side
from cwm_check.search.plausible import SIZED, by_kind
from cwm_check.simulations import WorldModel

Asked = Mapping[str, Any]  # a question as the guest tells it
Tree = dict[str, Any]  # an answer, or an argument of a question, as the guest reads it
ROUNDS = 5  # so often an object of a `while` loop answers the same; then what is waited for has come
LINKS = 3  # so many objects in a row (`x`, `x.next`, `x.next.next`) keep a `while` loop going, by default
PLACES = 6  # at which one choice is noted to be asked again


class World:
    """One consistent set of answers.

    `decided` are choices that a world made before, which had these `bindings` in the end. `compared` says what the
    program compares values of some name with, `declared` of which kind its parameters are, `aimed` which values of a
    kind tell the versions apart, `given` which values the call itself passes, `constants` what some expressions are in
    every world.
    """

    def __init__(
        self,
        model: WorldModel,
        pool: Sequence[str] = (),
        overrides: Mapping[str, str] | None = None,
        bindings: Mapping[str, str] | None = None,
        decided: Sequence[Choice] = (),
        compared: Mapping[str, tuple[str, ...]] | None = None,
        declared: Mapping[str, str] | None = None,
        aimed: Mapping[str, tuple[str, ...]] | None = None,
        given: Sequence[str] = (),
        constants: Mapping[str, str] | None = None,
    ) -> None:
        self.model = model
        self.pool = by_kind(tuple(pool))
        self.overrides = dict(overrides or {})
        self.compared = compared or {}
        self.declared = declared or {}
        self.aimed = aimed or {}
        self.given_texts = tuple(literal for literal in given if literal[:1] in "'\"")
        self._constants = constants or {}
        self.bindings: dict[str, str] = dict(bindings or {})
        """Expression -> what it was bound to: a literal, or `kind:size` for containers of unknown items."""
        self.is_decimal = False
        """Whether guessed numbers are decimal ones."""
        self.objects: set[str] = set()
        """Expressions that are no plain values, whatever they are compared with."""
        self.filled: dict[str, set[str]] = {}
        """Lists and tables of the module that others filled before the call -> keys of a table."""
        self.unpacked: dict[str, str] = {}
        """Expressions that are unpacked into names -> into how many."""
        self.got: set[tuple[str, str]] = set()
        """Tables and keys of which `x.get(key)` was answered while nobody had asked whether there is such a key."""
        self.choices: dict[str, Choice] = {choice.key: choice for choice in decided}
        self.side = Side("", {}, {})
        self.asked = 0
        """Questions of all runs."""

    def begin_side(self, side: Side) -> None:
        """Answer the questions of another run from now on; the memo stays."""
        self.side = side

    def unknown(self, expression: str) -> Tree:
        """The tree of the object that `expression` names: bound to a value, or unknown."""
        if expression in self._constants:
            return {"r": self._constants[expression]}
        bound = self.bindings.get(expression)
        if bound is not None:
            return self._value(expression, bound)
        return {"u": expression}

    @property
    def bound(self) -> dict[str, Tree]:
        """The trees of all expressions that have a value."""
        return {expression: self.unknown(expression) for expression in (*self._constants, *self.bindings)}

    def _value(self, expression: str, bound: str) -> Tree:
        kind, _, rest = bound.partition(":")
        if kind in SIZED and rest.isdigit():
            return {kind: [self.unknown(f"{expression}[{i}]") for i in range(int(rest))], "n": expression}
        if kind == "dict" and bound.startswith("dict:"):
            items = [[{"r": k}, self.unknown(f"{expression}[{k}]")] for k in ast.literal_eval(rest)]
            return {"dict": items, "n": expression}
        return {"r": bound, "n": expression}

    def choose(self, key: str, options: Iterable[str]) -> str:
        """The option this world takes, by default the first; asked again, the same one."""
        options = tuple(options)
        choice = self.choices.get(key)
        if choice is None:
            told = self._told_as(key)
            taken = self.overrides.get(told, options[0])
            choice = Choice(
                key,
                tuple(dict.fromkeys((*options, taken))),
                taken,
                self.side.lines if self.side.begun else (),
                self.side.name,
            )
            self.choices[key] = choice
            if told != key:  # it stays an option of this world, for those that come of it
                self.choices.setdefault(told, replace(choice, key=told, lines=()))
        elif self.side.begun and len(choice.again) < PLACES:
            place = self.side.name, self.side.lines
            if place not in ((choice.side, choice.lines), *choice.again):
                self.choices[key] = replace(choice, again=(*choice.again, place))
        return choice.taken

    def _told_as(self, key: str) -> str:
        """The key under which this world takes an option, if it does so of an object that has a value since then."""
        if key in self.overrides:
            return key
        texts = ((expression, bound) for expression, bound in self.bindings.items() if bound[:1] in "'\"b")
        told = (key.replace(bound, expression) for expression, bound in texts if bound in key)
        return next((other for other in told if other in self.overrides), key)

    def decides(self, key: str, *, default: bool = True) -> bool:
        """Whether `key` holds in this world; what a `while` loop waits for has come at last."""
        if key not in self.choices and self._is_past_chain():
            default = not default
        first, second = ("True", "False") if default else ("False", "True")
        is_true = self.choose(key, (first, second)) == "True"
        return is_true if not self.has_waited(key, self.side.loops) else not is_true

    def _is_past_chain(self) -> bool:
        """Whether the condition of a `while` loop asked of so many objects that the chain of them ends here."""
        line = self.side.lines[0] if self.side.lines else 0
        if line not in self.side.conditions:
            return False
        self.side.counts[f"{line}: links"] += 1
        return self.side.counts[f"{line}: links"] > LINKS

    def has_waited(self, key: str, lines: Collection[int]) -> bool:
        """Whether one of the lines of a loop has asked the same so often that the answer is another one now."""
        line = self.side.lines[0] if self.side.lines else 0
        if line not in lines:
            return False
        self.side.counts[f"{line}: {key}"] += 1
        return self.side.counts[f"{line}: {key}"] > ROUNDS


def text_of(tree: Tree) -> str:
    """An argument of a question as text."""
    return str(tree.get("u", tree.get("r", tree.get("x", "?"))))


def literal(value: object) -> Tree:
    """The answer that is a plain value."""
    return {"r": repr(value)}
