"""Exceptions of a predicted run: the names of all that Python has, and which clauses take which."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping

EXCEPTIONS: Mapping[str, type[BaseException]] = {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


def ancestors(name: str, classes: Mapping[str, ast.ClassDef]) -> frozenset[str]:
    """Return the names of an exception class and all its bases, those of the module included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().rpartition(".")[2]
        if one in found:
            continue
        found.add(one)
        if one in classes:
            waiting += [ast.unparse(base) for base in classes[one].bases]
        elif one in EXCEPTIONS:
            found.update(base.__name__ for base in EXCEPTIONS[one].__mro__)
    return frozenset(found)
