"""Gives an unknown object a value where the program cannot go on without one, or takes a guess back.

A world, an expression and a kind in; the value is bound to the expression and both versions start again (`Restart`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cwm_check.probing.patterns import example
from cwm_check.search.answers.raising import waiting
from cwm_check.search.choices import Restart
from cwm_check.search.compared import last_part
from cwm_check.search.plausible import POOLED, READS, SIZED, by_kind, distinct, options_for, telling
from cwm_check.search.world import Asked, Tree, World, literal
from cwm_check.simulations import Answer, Question
from cwm_check.trace import Evidence

LENGTHS = ("2", "0", "1", "3")
ASKED = re.compile(r"\.(?:read|recv|recv_into|peek|readexactly)\((?P<count>[1-9]\d{0,2})\)(#\d+)?$")
"""What is read from a source that was asked for so many of it: by default they are there."""
_PIECE = re.compile(rf"\.({'|'.join(sorted(READS))})\([^()]*\)#([3-9]|\d\d)$")
"""What a source gives when it is read from for the third time, or later: by default its end."""
_NUMBERS = frozenset({"int", "float", "Decimal"})
_INDEX = re.compile(r"\[-?\d+\]")
"""What tells items of one list from one another: the same of each is a number of its own."""
_NUMERAL = re.compile(r"-?\d+(\.\d+)?")
_FILLER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DATES = frozenset({"datetime", "date", "time", "timedelta"})
_LARGEST = 12  # items of a container
_END = {"str": "''", "bytes": "b''"}


def bind(
    world: World,
    expression: str,
    kind: str,
    hints: Sequence[str] = (),
    others: Sequence[str] = (),
    *,
    is_computed: bool = False,
) -> None:
    """Choose a value of `kind` for an expression, and raise `Restart`.

    `hints` are the values it is compared with (`is_computed`: none of them is that of an unknown object), `others`
    what else it may be.
    """
    kind = _kind_left(world, expression, kind)
    answers = _predicted(world, expression, kind)
    known = [a.value for a in answers if a.value is not None]
    options = _options(world, expression, kind, hints if is_computed else _telling(world, kind, hints), known)
    if f"length of {expression}" in world.choices and kind in _END:
        hints = ()
    key = f"value of {expression}"
    taken = world.choose(key, dict.fromkeys((*options, *hints, *others)))
    foreseen = {a.value for a in answers if a.evidence is Evidence.PREDICTED}
    world.bindings[expression] = taken
    world.choices[key] = replace(world.choices[key], foreseen=taken in foreseen)
    raise Restart


def _kind_left(world: World, expression: str, kind: str) -> str:
    """The kind, or the next one to it where this world denied that the object is of it."""
    denied = world.choices.get(f"isinstance({expression}, {kind})")
    if denied is not None and denied.taken == "False":
        kind = {"str": "path", "int": "float", "list": "tuple"}.get(kind, kind)
    return "Decimal" if world.is_decimal and kind in ("int", "float") else kind


def _predicted(world: World, expression: str, kind: str) -> Sequence[Answer]:
    """What the world model says; of containers only the size or the keys are chosen, and it is not asked."""
    is_plain = kind not in SIZED and kind != "dict"
    return world.model.answers(Question("value", expression, (kind,), expression), 2) if is_plain else ()


def _telling(world: World, kind: str, hints: Sequence[str]) -> Sequence[str]:
    return telling(hints, kind, world.pool, world.bindings.values())


def _options(world: World, expression: str, kind: str, hints: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The values to choose from, the most plausible first."""
    named = by_kind(world.compared.get(last_part(expression), ())).get(POOLED.get(kind, kind), ())
    options = distinct(kind, options_for(kind, hints, known, world.pool, named), world.bindings.values())
    options = tuple(dict.fromkeys((*_equals(world, expression), *options, *_sizes(world, expression, kind))))
    options = tuple(dict.fromkeys((*options[:2], *world.aimed.get(kind, ()), *options[2:])))
    if (size := world.choices.get(f"length of {expression}")) is not None and kind in _END:
        options = tuple(dict.fromkeys(_of_length(option, int(size.taken)) for option in options))
    if kind == "dict" and world.given_texts:
        keys = ", ".join(map(repr, world.given_texts))
        options = tuple(dict.fromkeys((*options[:1], f"dict:[{keys}]", *options[1:])))
    if kind in _NUMBERS:
        alike = _INDEX.sub("[]", expression)
        of_others = {b for e, b in world.bindings.items() if _INDEX.sub("[]", e) == alike}
        options = tuple(sorted(options, key=lambda option: option in of_others))
    if kind in _END and _PIECE.search(expression):
        options = tuple(dict.fromkeys((_END[kind], *options)))
    return options


def _equals(world: World, expression: str) -> Iterator[str]:
    """Yield the values of what equals the expression in this world."""
    for key, choice in world.choices.items():
        pair = key.split(" == ")
        if choice.taken == "True" and len(pair) == 2 and expression in pair:
            other = pair[pair.index(expression) - 1]
            if (value := world.bindings.get(other)) is not None:
                yield value


def _sizes(world: World, expression: str, kind: str) -> Iterator[str]:
    """Yield containers of the sizes that the program compares the length of such a one with, and one more."""
    told = world.compared.get(f"len({last_part(expression)})", ()) if kind in SIZED else ()
    yield from (f"{kind}:{int(size) + more}" for size in told if 1 < int(size) <= _LARGEST for more in (0, 1))


def _of_length(text: str, size: int) -> str:
    """A text, or bytes, that begins as `text` does and has the length that was told of it."""
    value = ast.literal_eval(text)
    filler = _FILLER * (size // len(_FILLER) + 1)
    return repr((value + (filler if isinstance(value, str) else filler.encode()))[:size])


def on_bind(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """C code needs a value of a kind."""
    kind = str(question["kind"])
    pattern = question.get("pattern")
    matching = _matching(pattern, kind) if isinstance(pattern, str) and kind in ("str", "bytes") else ()
    known = [_written(a) for a in args if "r" in a or a.get("k") in _DATES]
    others = [str(int(value == "True")) for value in known] if question.get("same") else []
    if question.get("made"):
        expected = waiting(world, ("ValueError", "TypeError"))
        others = [value for name, value in (("ValueError", "'a'"), ("TypeError", "None")) if name in expected]
    bind(world, name, kind, [*matching, *known], others, is_computed=question.get("computed") is True)
    raise AssertionError("unreachable: bind raises")


def _written(argument: Tree) -> str:
    """The literal of a plain value, or of a date."""
    return str(argument["r"] if "r" in argument else argument.get("x"))


def _matching(pattern: str, kind: str) -> tuple[str, ...]:
    """Texts, or bytes, that a regular expression should match, and one among other lines."""
    text = example(pattern)
    texts = (text, f"{text}\nabc", f"abc\n{text}") if text else ()
    return tuple(repr(t if kind == "str" else t.encode("latin-1", "replace")) for t in texts)


def on_kind(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The other operand leaves few kinds."""
    kinds = [str(a["r"]).strip("'") for a in args if "r" in a]
    if (taken := world.choose(f"kind of {name}", (*kinds, "object"))) != "object":
        bind(world, name, taken)
    return literal(None)


def on_text(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The program looks into `str(x)`: then x has a text."""
    if world.choose(f"kind of {name}", ("str", "object")) == "str":
        bind(world, name, "str")
    return literal(None)


def on_object(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The program reads attributes of what was given a plain value since it is compared with one."""
    key = f"value of {name}"
    is_guess = key in world.choices and name in world.bindings
    if is_guess and name not in world.objects:
        del world.bindings[name], world.choices[key]
        world.objects.add(name)
        raise Restart
    return literal(None)


def on_decimal(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The program wants of a number what only a `Decimal` has: then those that were guessed are such."""
    numbers = [e for e, b in world.bindings.items() if _NUMERAL.fullmatch(b) and f"value of {e}" in world.choices]
    if world.is_decimal or not numbers:
        return literal(None)
    world.is_decimal = True
    for expression in numbers:
        del world.bindings[expression], world.choices[f"value of {expression}"]
    raise Restart
