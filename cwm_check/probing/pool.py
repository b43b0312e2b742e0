"""Literals of a function and of the module constants that it reads: a pool of values for what is unknown.

A `ChangedFunction` in, at most 40 canonical literals out, those of changed statements first, then those of the
conditions around them. Docstrings and long texts are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

import libcst as cst

from cwm_check.literals import constant, literal, parse_expression
from cwm_check.pairs import ChangedFunction
from cwm_check.probing.new_helpers import new_helpers
from cwm_check.syntax import body_of, code, walk

_MOST = 40
_LONGEST = 40
_ASSIGNED = re.compile(r"^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.MULTILINE)


def constants(function: ChangedFunction) -> tuple[str, ...]:
    """Return the distinct literals of both versions and of the constants they read.

    Those that only one version has come first, then those of conditions around changed statements, then those of
    other changed statements.
    """
    return ranked_constants(function)[0]


def ranked_constants(function: ChangedFunction) -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Return the literals as `constants` does, those that only one version has, and those of conditions around changed
    statements.
    """
    trees = [tree for tree in (body_of(function.after), body_of(function.before)) if tree is not None]
    parts = [[(code(part), part) for part in _parts(tree)] for tree in trees]
    versions = [dict(version) for version in parts]
    shared = set.intersection(*map(set, versions)) if versions else set()
    every = {text: part for version in versions for text, part in version.items()}
    ordered = sorted(every, key=lambda text: text in shared)
    written = [value for text in ordered for value in _literals(every[text])]
    names = {node.value for part in every.values() for node in walk(part) if isinstance(node, cst.Name)}
    helpers = new_helpers(function, names)
    written += [value for helper in helpers for value in _plain_items(helper)]
    names |= {node.id for helper in helpers for node in ast.walk(helper) if isinstance(node, ast.Name)}
    modules = (function.after_module, function.before_module)
    read = [v for module in modules for v in _module_literals(module, names)]
    read += [v for module in modules for v in _class_literals(module, function.after.owner, names)]
    in_both = (
        set.intersection(*({v for part in version.values() for v in _literals(part)} for version in versions))
        if versions
        else set()
    )
    changed = {id(part) for version in parts for text, part in version if text not in shared}
    guarding = {value for tree in trees for test in _around(tree, changed) for value in _literals(test)}
    found = sorted(dict.fromkeys([*written, *read]), key=lambda value: (value in in_both, value not in guarding))
    kept = tuple(value for value in found if len(value) <= _LONGEST)[:_MOST]
    return kept, frozenset(value for value in kept if value not in in_both), frozenset(guarding)


def _parts(tree: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Yield the pieces of a function that can change on their own: the parameters, statements, conditions, sources."""
    yield tree.params
    for node in walk(tree.body):
        match node:
            case cst.Expr(value=cst.BaseString()):
                continue
            case cst.BaseSmallStatement() | cst.WithItem() | cst.MatchCase() | cst.ExceptHandler():
                yield node
            case cst.If(test=part) | cst.While(test=part) | cst.For(iter=part):
                yield part


def _around(tree: cst.FunctionDef, changed: Collection[int]) -> Iterator[cst.CSTNode]:
    """Yield the conditions of the blocks that hold one of the parts `changed`, given by their ids."""
    for node in walk(tree.body):
        if isinstance(node, cst.If | cst.While) and any(id(inner) in changed for inner in walk(node.body)):
            yield node.test


def _literals(part: cst.CSTNode) -> Iterator[str]:
    for node in walk(part):
        is_negative = isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus)
        if is_negative or isinstance(node, cst.BaseNumber | cst.SimpleString):
            value = literal(code(node))
            if value is not None:
                yield value


def _class_literals(module: str, owner: str | None, names: Collection[str]) -> Iterator[str]:
    """Yield the literals that the class `owner` binds to attributes called like one of `names`."""
    if owner is None or f"class {owner.rpartition('.')[2]}" not in module:
        return
    for cls in ast.walk(_tree(module)):
        if isinstance(cls, ast.ClassDef) and cls.name == owner.rpartition(".")[2]:
            for statement in cls.body:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                )
                if any(isinstance(t, ast.Name) and t.id in names for t in targets) and getattr(
                    statement, "value", None
                ):
                    yield from _plain_items(statement.value)  # type: ignore[attr-defined]


@lru_cache(maxsize=8)
def _tree(module: str) -> ast.Module:
    try:
        return ast.parse(module)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _plain_items(tree: ast.AST) -> Iterator[str]:
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.UnaryOp))
    yield from (value for value in (literal(ast.unparse(node)) for node in nodes) if value not in (None, "None"))


def _module_literals(module: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the literals that a module binds to some of `names`: a value, or the plain items of a container."""
    for name in sorted(set(_ASSIGNED.findall(module)) & set(names)):
        text = constant(module, name)
        tree = parse_expression(text) if text else None
        if isinstance(tree, ast.Constant | ast.UnaryOp | ast.List | ast.Tuple | ast.Set | ast.Dict):
            yield from _plain_items(tree)
