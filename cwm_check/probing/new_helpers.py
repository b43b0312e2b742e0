"""Functions that came or went with a change: what a changed function calls in one version of its module alone.

Two modules and the names that the function uses in, definitions out: what they compare with tells the versions apart.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from functools import lru_cache

from cwm_check.pairs import ChangedFunction


def new_helpers(function: ChangedFunction, used: Set[str]) -> tuple[ast.AST, ...]:
    """Return the definitions of functions and methods in `used` that one version of the module has alone."""
    modules = definitions(function.before_module), definitions(function.after_module)
    pairs = modules, modules[::-1]
    return tuple(node for own, other in pairs for name, node in own.items() if name in used and name not in other)


@lru_cache(maxsize=8)
def definitions(module: str) -> Mapping[str, ast.AST]:
    """Return the functions of a module and the methods of its classes by their last names."""
    found: dict[str, ast.AST] = {}
    try:
        body = ast.parse(module).body
    except (SyntaxError, ValueError, RecursionError):
        return found
    for statement in body:
        for node in statement.body if isinstance(statement, ast.ClassDef) else [statement]:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, node)
    return found
