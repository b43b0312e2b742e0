"""Calls near those that people wrote: with an option apart from its default, or with parts that all differ.

Arguments of real calls in, arguments out. `(0, 0, 128)` and `'#fff'` hide which part is used where: `(0, 1, 126)` and
`'#abc'` show it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from cwm_check.literals import literal, parse_expression
from cwm_check.simulations import Argument

Arguments = tuple[Argument, ...]

_LETTERS = "abcdef"  # of a number written with letters, too
_RUN = re.compile(r"([A-Za-z])\1\1")


def with_options(arguments: Arguments, options: Mapping[str, str | None], free: Collection[str]) -> Iterator[Arguments]:
    """Yield the call with each of the `options` that it leaves out, of those that are `free` to go by name."""
    given = {argument.name for argument in arguments}
    for name, value in options.items():
        if name in free and name not in given:
            yield (*arguments, Argument(name, value, keyword=True))


def varied(arguments: Arguments) -> Iterator[Arguments]:
    """Yield the call with texts of all different digits, and numbers that all differ, if it has other ones."""
    values = [argument.value if argument.value is None else _apart(argument.value) for argument in arguments]
    made = tuple(replace(a, value=v) for a, v in zip(arguments, values, strict=True))
    if made != arguments:
        yield made


def _apart(text: str) -> str:
    tree = parse_expression(text)
    if tree is None:
        return text
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    numbers = [node.value for node in constants if type(node.value) is int]
    if len(numbers) > len(set(numbers)):
        _numbers_apart([node for node in constants if type(node.value) is int])
    for node in constants:
        if isinstance(node.value, str):
            node.value = _text_apart(node.value)
    return literal(ast.unparse(tree)) or text


def _numbers_apart(nodes: Sequence[ast.Constant]) -> None:
    for step, node in enumerate(nodes):
        assert isinstance(node.value, int)
        node.value += step if node.value == 0 else -step


def _text_apart(text: str) -> str:
    number = count()
    if any(digit.isdecimal() for digit in text):
        return re.sub(r"[0-9]", lambda _: str(next(number) % 9 + 1), text)
    return re.sub(r"[A-Za-z]", lambda _: _LETTERS[next(number) % len(_LETTERS)], text) if _RUN.search(text) else text
