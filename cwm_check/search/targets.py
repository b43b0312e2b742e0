"""What is called in order to run a changed function: itself, the property it belongs to, or the function around it.

In: a version of the function and its module's text. Out: a `Target`, and the probes for a function around a nested one.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cwm_check.extraction.bindings import bound_by
from cwm_check.pairs import FunctionSource
from cwm_check.simulations import Argument, Probe


@dataclass(frozen=True, slots=True)
class Target:
    """The function that is called: the changed one, or the one around it."""

    qualname: str
    binding: str
    accessor: str = "getter"


def target_of(function: FunctionSource, module: str) -> Target:
    """Return what to call in order to run `function`: itself, or the outermost function around it."""
    qualname, accessor = function.qualname, "getter"
    for word in ("setter", "deleter"):
        if function.binding == "property" and qualname.endswith("." + word):
            qualname, accessor = qualname.removesuffix("." + word), word
    if not function.is_nested:
        return Target(qualname, function.binding, accessor)
    parts = qualname.split(".")
    body: Sequence[ast.stmt] = parsed(module).body if parsed(module) else []
    owner = False
    for i, part in enumerate(parts):
        found = next(
            (
                s
                for s in ast.walk(ast.Module(list(body), []))
                if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and s.name == part
            ),
            None,
        )
        if found is None:
            break
        if not isinstance(found, ast.ClassDef):
            return Target(".".join(parts[: i + 1]), _binding_of(found, owner))
        body, owner = found.body, True
    return Target(qualname, function.binding)


def outer_probes(target: Target, module: str) -> tuple[Probe, ...]:
    """Return probes for the function around a changed one: arguments unknown, with and without the optional ones."""
    node = next(
        (
            n
            for n in nodes(module)
            if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == target.qualname.rpartition(".")[2]
        ),
        None,
    )
    if node is None:
        return ()
    positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if target.binding in ("method", "property", "classmethod"):
        positional = positional[1:]
    required = positional[: len(positional) - len(node.args.defaults)]
    keywords = [
        Argument(a.arg, None, keyword=True)
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if d is None
    ]
    probes = [Probe((*(Argument(n, None) for n in names), *keywords), "unknown") for names in (required, positional)]
    return tuple(dict.fromkeys(probes))


def _binding_of(node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> str:
    if not in_class:
        return "function"
    words = [ast.unparse(d).partition("(")[0].rpartition(".")[2] for d in node.decorator_list]
    return bound_by(words) or "method"


@lru_cache(maxsize=16)
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Return all nodes of the tree of a module's text: many ask for those of some type."""
    return tuple(ast.walk(parsed(module)))


@lru_cache(maxsize=16)
def parsed(module: str) -> ast.Module:
    """Return the tree of a module's text; of what does not parse, an empty one."""
    try:
        return ast.parse(module)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
