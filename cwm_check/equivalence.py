"""Prove that a changed function behaves as before: a `ChangedFunction` comes in, the names of the rewrites that show it go out, or None.

Both versions are brought into one normal form (package `normal`) with their global names resolved in their own module, and compared. What the module
defines and the function uses is compared in the same way. Nothing is executed, and what cannot be proved is not the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from cwm_check.normal.functions import Form, definition_form, function_form
from cwm_check.normal.modules import Module, find_function, read_module
from cwm_check.normal.scopes import bound_names, parameters
from cwm_check.normal.trees import FUNCTIONS, Function, key
from cwm_check.types import ChangedFunction, FunctionSource

_NO_PROOF = (SyntaxError, ValueError, RecursionError, MemoryError)


def same_text(before: str, after: str) -> bool:
    """Tell whether two versions of a module differ in layout, comments, quotes and redundant parentheses only."""
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except _NO_PROOF:
        return False


def prove_same(function: ChangedFunction) -> tuple[str, ...] | None:
    """Return the names of the rewrites that turn one version into the other, None if that is not proved."""
    try:
        before = _located(function.before, read_module(function.before_module, function.before_path))
        after = _located(function.after, read_module(function.after_module, function.path))
        return None if before is None or after is None else _proof(before, after, function)
    except _NO_PROOF:
        return None


@dataclass(frozen=True)
class _Place:
    """One version of the function in its module."""

    function: Function
    around: tuple[ast.AST, ...]
    """The definitions around it, outermost first."""
    module: Module
    owner: str
    """Name of the class it is a method of; dotted for a class inside something else."""

    @property
    def enclosing(self) -> frozenset[str]:
        """The locals of the functions around it."""
        functions = [node for node in self.around if isinstance(node, FUNCTIONS)]
        return frozenset(name for outer in functions for name in _locals(outer))


def _locals(function: Function) -> set[str]:
    return bound_names(function.body) | {parameter.arg for parameter in parameters(function.args)}


def _located(source: FunctionSource, module: Module) -> _Place | None:
    way = find_function(module, source.qualname.rpartition(".")[2], source.def_line)
    if not way or not isinstance(way[-1], FUNCTIONS):
        return None
    around = tuple(node for node in way[:-1] if isinstance(node, (*FUNCTIONS, ast.ClassDef)))
    return _Place(way[-1], around, module, source.owner or "")


def _proof(before: _Place, after: _Place, function: ChangedFunction) -> tuple[str, ...] | None:
    forms = _form(before), _form(after)
    if before.owner != after.owner or not _same_surroundings(before, after):
        return None
    if not _outside_is_read(function, after):
        return None
    pairs = _paired(forms, before.module, after.module)
    if pairs is None or not _same_definitions(pairs, before, after):
        return None
    return _rewrites(forms)


def _form(place: _Place) -> Form:
    return function_form(place.function, place.module, place.enclosing, _class_of(place))


def _class_of(place: _Place) -> str:
    """Return the module's class that the function is a method of: one that no decorator can have replaced."""
    match place.around:
        case (ast.ClassDef(name=name, decorator_list=[]) as owner,) if place.module.bindings.get(name) == (owner,):
            return name
    return ""


def _same_surroundings(before: _Place, after: _Place) -> bool:
    """Tell whether the locals of enclosing functions that a nested function may see are bound alike."""
    outer = [[node for node in place.around if isinstance(node, FUNCTIONS)] for place in (before, after)]
    if not outer[0] and not outer[1]:
        return True
    forms = [
        function_form(nodes[0], place.module) for nodes, place in zip(outer, (before, after), strict=True) if nodes
    ]
    return len(forms) == 2 and forms[0].text == forms[1].text


def _outside_is_read(function: ChangedFunction, place: _Place) -> bool:
    """Tell whether each name that changed outside is a global that the function reads, so that it gets compared."""
    names = {node.id for node in ast.walk(place.function) if isinstance(node, ast.Name)}
    return set(function.because) <= names


def _paired(forms: tuple[Form, Form], before: Module, after: Module) -> dict[str, str] | None:
    """Return which definition before is which after, if the two forms are equal then: definitions may have been renamed."""
    first, second = forms
    pairs = {name: name for name in first.uses & second.uses}
    text = first.text
    for name in sorted(first.uses - second.uses):
        matching = [other for other in sorted(second.uses - first.uses) if _same_value(name, other, before, after)]
        if len(matching) != 1 or name in after.bindings or matching[0] in before.bindings:
            return None
        pairs[name] = matching[0]
        text = text.replace(f"'§{name}'", f"'§{matching[0]}'")
    return pairs if text == second.text else None


def _same_value(name: str, other: str, before: Module, after: Module) -> bool:
    return _value(name, before) == _value(other, after)


def _value(name: str, module: Module) -> str:
    """Return the normal form of a definition without its name."""
    return ";".join(definition_form(s, module).text.replace(f"'~{name}'", "''") for s in module.bindings.get(name, ()))


def _same_definitions(pairs: Mapping[str, str], before: _Place, after: _Place) -> bool:
    """Tell whether all that the function uses, directly or not, is defined alike; the function and its class are taken for granted."""
    granted = {getattr(node, "name", "") for node in (*before.around, before.function)}
    pending, seen = list(pairs.items()), set(granted)
    while pending:
        name, other = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if _value(name, before.module) != _value(other, after.module):
            return False
        for statement in before.module.bindings.get(name, ()):
            pending += [(used, used) for used in definition_form(statement, before.module).uses]
    return True


def _rewrites(forms: tuple[Form, Form]) -> tuple[str, ...]:
    """Return the names of the rewrites that fired on one side more often than on the other, or else all that fired."""
    before, after = (form.rewrites for form in forms)
    differing = {name for name in before | after if before[name] != after[name]}
    return tuple(sorted(differing or {name for name, count in before.items() if count}))
