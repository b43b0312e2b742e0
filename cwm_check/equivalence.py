"""Prove that a changed function behaves as before: a `ChangedFunction` comes in, the names of the rewrites used go
out, or None.

Both versions are brought into one normal form (package `normal`), their global names resolved in their own module, and
compared. What the function uses of its module and class is compared in the same way. Nothing is executed; what is not
proved is not `same`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cwm_check.normal.functions import Form, definition_form, function_form
from cwm_check.normal.modules import Module, meaning, read_module
from cwm_check.normal.places import Place, located
from cwm_check.normal.scopes import bound_names
from cwm_check.normal.trees import FUNCTIONS, equal, name_of, walk
from cwm_check.pairs import ChangedFunction

_NO_PROOF = (SyntaxError, ValueError, RecursionError, MemoryError)


def prove_same(function: ChangedFunction) -> tuple[str, ...] | None:
    """Return the names of the rewrites that turn one version into the other, None if that is not proved."""
    try:
        before = located(function.before, read_module(function.before_module, function.before_path))
        after = located(function.after, read_module(function.after_module, function.path))
        return None if before is None or after is None else _proof(before, after, function)
    except _NO_PROOF:
        return None


def _proof(before: Place, after: Place, function: ChangedFunction) -> tuple[str, ...] | None:
    if before.owner != after.owner or not _same_surroundings(before, after):
        return None
    for quick in (True, False):
        forms = _form(before, quick=quick), _form(after, quick=quick)
        pairs = _paired(forms, before.module, after.module)
        if pairs is not None:
            alike = _same_definitions(pairs, before, after) and _same_members(before, after)
            if not alike or not _same_context(function.because, before, after):
                return None
            names = set() if pairs.keys() == set(pairs.values()) else {"renamed definition"}
            return tuple(sorted(names | _rewrites(forms))) or _plain_reason(before, after)
    return None


def _form(place: Place, *, quick: bool) -> Form:
    return function_form(place.function, place.module, place.enclosing, place.method_of, quick=quick)


def _same_surroundings(before: Place, after: Place) -> bool:
    """Tell whether the locals of enclosing functions that a nested function may see are bound alike."""
    outer = [[node for node in place.around if isinstance(node, FUNCTIONS)] for place in (before, after)]
    if not outer[0] and not outer[1]:
        return True
    forms = [
        function_form(nodes[0], place.module) for nodes, place in zip(outer, (before, after), strict=True) if nodes
    ]
    return len(forms) == 2 and forms[0].text == forms[1].text


def _paired(forms: tuple[Form, Form], before: Module, after: Module) -> dict[str, str] | None:
    """Return which definition before is which after, if the two forms are equal then: definitions may have been
    renamed.
    """
    first, second = forms
    pairs = {name: name for name in first.uses & second.uses}
    text = first.text
    for name in sorted(first.uses - second.uses):
        matching = [other for other in sorted(second.uses - first.uses) if _same_value(name, other, before, after)]
        if len(matching) != 1 or name in after.bindings or matching[0] in before.bindings:
            return None
        pairs[name] = matching[0]
        text = text.replace(f"'§{name}'", f"'§{matching[0]}'")
    return pairs if text == second.text and len(set(pairs.values())) == len(pairs) else None


def _same_value(name: str, other: str, before: Module, after: Module) -> bool:
    return _value(name, before) == _value(other, after)


def _value(name: str, module: Module) -> str:
    """Return the normal form of a definition without its name."""
    return ";".join(definition_form(s, module).text.replace(f"'~{name}'", "''") for s in module.bindings.get(name, ()))


def _same_definitions(pairs: Mapping[str, str], before: Place, after: Place) -> bool:
    """Tell whether all globals that the function uses, directly or not, are defined alike; it and its class are
    taken for granted.
    """
    pending, seen = list(pairs.items()), {before.outermost}
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


def _same_members(before: Place, after: Place) -> bool:
    """Tell whether what a method reads of its own class, through `self` or by name, is defined alike."""
    pending, seen = (
        _own_attributes(before.function, before) | _own_attributes(after.function, after),
        {before.function.name},
    )
    while pending:
        name = pending.pop()
        statements = [_of_class(place.around[-1:], name) for place in (before, after)]
        if name in seen or not any(statements):
            continue
        seen.add(name)
        if not _same_statements(statements[0], statements[1], before, after):
            return False
        pending |= {attribute for statement in statements[0] for attribute in _own_attributes(statement, before)}
    return True


def _own_attributes(root: ast.AST, place: Place) -> set[str]:
    """Return the attributes that are read of `self`, `cls` or the class by name."""
    owners = {"self", "cls", getattr(place.around[-1], "name", "") if place.around else ""}
    if isinstance(root, FUNCTIONS):
        owners |= {parameter.arg for parameter in root.args.args[:1]}
    return {node.attr for node in walk(root) if isinstance(node, ast.Attribute) and name_of(node.value) in owners}


def _same_context(because: Sequence[str], before: Place, after: Place) -> bool:
    """Tell whether the names that changed outside the function, `LIMIT` or `Class.method`, mean the same all the
    same.
    """
    for name in because:
        first, second = (meaning(name, place.module) for place in (before, after))
        resolved = "." not in name and not name_of(first).startswith(("§", "~", "?"))
        if resolved and equal(first, second):
            continue
        members = [_members(name.split("."), place.module) for place in (before, after)]
        if not all(members) or not _same_statements(members[0], members[1], before, after):
            return False
    return True


def _members(path: Sequence[str], module: Module) -> tuple[ast.stmt, ...]:
    """Return the statements that define `Class.method`."""
    found: tuple[ast.stmt, ...] = module.bindings.get(path[0], ())
    for name in path[1:]:
        found = _of_class(found, name)
    return found


def _of_class(owners: Sequence[ast.AST], name: str) -> tuple[ast.stmt, ...]:
    bodies = [owner.body for owner in owners if isinstance(owner, ast.ClassDef)]
    return tuple(statement for body in bodies for statement in body if name in bound_names([statement]))


def _same_statements(first: Sequence[ast.stmt], second: Sequence[ast.stmt], before: Place, after: Place) -> bool:
    forms = [definition_form(statement, before.module) for statement in first]
    if [form.text for form in forms] != [definition_form(statement, after.module).text for statement in second]:
        return False
    return _same_definitions({used: used for form in forms for used in form.uses}, before, after)


def _rewrites(forms: tuple[Form, Form]) -> set[str]:
    """Return the names of the rewrites that fired on one side more often than on the other, or else all that fired."""
    before, after = (form.rewrites for form in forms)
    differing = {name for name in before | after if before[name] != after[name]}
    return differing or {name for name, count in before.items() if count}


def _plain_reason(before: Place, after: Place) -> tuple[str, ...]:
    return ("layout",) if equal(before.function, after.function) else ("names",)
