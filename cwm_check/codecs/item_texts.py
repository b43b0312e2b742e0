"""The `repr` of a value in, its parts out: what is known of a value from its text alone. Nothing is evaluated."""

from __future__ import annotations

import ast


def value_of(text: str) -> tuple[object] | None:
    """Return the value of a literal, in a tuple; None if the text is none."""
    if text == "set()":
        return (set(),)
    try:
        return (ast.literal_eval(text),)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def split_items(text: str) -> list[str] | None:
    """Return the `repr` of each item of a list, tuple, set, dict (its keys) or string, as written; None for others."""
    known = value_of(text)
    match known and known[0]:
        case str() as characters:
            return [repr(character) for character in characters]
        case dict() | list() | tuple() | set():
            match ast.parse(text, mode="eval").body:
                case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(keys=parts):
                    return [repr(ast.literal_eval(part)) for part in parts if part is not None]
            return []  # `set()`
        case _:
            return None
