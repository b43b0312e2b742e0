"""What the guest says to the host: JSON text comes in, values of the promised shape go out.

The guest runs foreign code, and that code can reach `ask`, `emit` and the guest's own JSON: a message may be forged.
What does not have the shape of a message is `Garbled`, and ends the run. That a message is well formed does not make
it true: a false one only harms the run that said it.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

LONGEST = 4 << 20  # characters of one message

_WITH_NAME = frozenset({"getattr", "attribute", "hasattr"})
_WITH_OPERAND = frozenset({"getitem", "contains", "compare", "isinstance"})
_TEXTS = {"compare": "operator", "bind": "kind", "source": "name"}
_NUMBER = re.compile(r"\(?[-+.\deinfaj]{3,60}\)?")  # `inf` and `nan` are no literals


class Garbled(Exception):
    """The guest said what no message looks like."""


def question(text: str) -> dict[str, Any]:
    """Return the question in `text`; the fields that answering it needs are there and of the right kinds."""
    said: dict[str, Any] = _read(text, dict)
    operation, target = said.get("op"), said.get("u", "")
    arguments = _list(said.get("args", []))
    _require(isinstance(operation, str), isinstance(target, str) or (_is_tree(target) and "u" in target))
    _require(all(map(_is_tree, arguments)), all(map(_is_int, _list(said.get("lines", [])))))
    keywords = said.get("kw") or {}
    _require(isinstance(keywords, dict) and all(map(_is_tree, keywords.values())))
    if operation in _TEXTS:
        _require(isinstance(said.get(_TEXTS[operation]), str))
    if operation in _WITH_NAME | _WITH_OPERAND:
        _require(bool(arguments))
    if operation in _WITH_NAME:
        _require(isinstance(_literal(arguments[0].get("r", "0")), str))
    if operation == "name":
        _require(len(arguments) == 2, all(isinstance(argument.get("r"), str) for argument in arguments))
    return said


def frames(text: str) -> list[list[Any]]:
    """Return the frames in `text`: event, line, locals, value, depth, questions asked so far; what visits saw too."""
    said: list[list[Any]] = _read(text, list)
    for frame in said:
        _require(isinstance(frame, list) and len(frame) == 6)
        event, line, variables, value, depth, asked = frame
        _require(event in ("call", "line", "return", "exception", "seen"), all(map(_is_int, (line, depth, asked))))
        _require(isinstance(variables, dict), value is None or isinstance(value, str))
    return said


def result(text: str) -> dict[str, Any]:
    """Return what a run ended with."""
    said: dict[str, Any] = _read(text, dict)
    _require(isinstance(said.get("kind"), str), all(map(_is_int, _list(said.get("covered", [])))))
    for name in ("yielded", "warned", "order"):
        _list(said.get(name, []))
    _require(all(isinstance(pair, list) and len(pair) == 2 for pair in _list(said.get("arguments", []))))
    for name in ("registered", "given"):
        _require(all(isinstance(text, str) for text in _list(said.get(name, []))))
    for pair in _list(said.get("handed", [])):
        _require(isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair))
    return said


def _read(text: str, kind: type) -> Any:
    _require(len(text) <= LONGEST)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"no JSON: {error}") from error
    _require(isinstance(said, kind))
    return said


def _is_tree(tree: object) -> bool:
    """Whether `tree` is a value of the guest, `{"u": "f(x)"}`, `{"r": "1"}` or `{"x": "a:b", "k": "slice"}`."""
    if not isinstance(tree, dict):
        return False
    if "u" in tree:
        return isinstance(tree["u"], str)
    if "r" in tree:
        _literal(tree["r"])
        return True
    return isinstance(tree.get("x", ""), str)


def _literal(text: object) -> object:
    _require(isinstance(text, str))
    try:
        return ast.literal_eval(str(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        _require(_NUMBER.fullmatch(str(text)) is not None)
        return error


def _list(value: object) -> list[Any]:
    _require(isinstance(value, list))
    return value  # type: ignore[return-value]


def _is_int(value: object) -> bool:
    return type(value) is int


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise Garbled("not the shape of a message")
