"""What a logger would write: the arguments of a log call put into its message.

Texts of arguments in and out: `["'took %s s'", "t"]` becomes `["'took <t> s'"]`, as an f-string would have it. What
cannot be done for sure is left as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

_FIELD = re.compile(r"%(?:(?P<kind>[sr%])|(?P<other>.|$))", re.DOTALL)


def rendered(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a log call, those that its message takes put into it."""
    message = _literal(arguments[0]) if arguments else None
    if not isinstance(message, str):
        return list(arguments)
    fields = [field for field in _FIELD.finditer(message) if field["kind"] != "%"]
    given = [text for text in arguments[1 : len(fields) + 1] if not re.match(r"\w+=", text)]
    if not fields or len(given) != len(fields) or any(field["other"] is not None for field in fields):
        return list(arguments)
    values = iter(given)

    def filled(field: re.Match[str]) -> str:
        return "%" if field["kind"] == "%" else _shown(next(values), field["kind"])

    return [repr(_FIELD.sub(filled, message)), *arguments[len(fields) + 1 :]]


def _shown(argument: str, kind: str) -> str:
    """The text of an argument, as the guest formats it: an unknown object is its expression."""
    value = _literal(argument)
    if value is None and argument != "None":
        return f"<{argument}>" if kind == "s" else f"<{argument}!r>"
    return str(value) if kind == "s" else repr(value)


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
