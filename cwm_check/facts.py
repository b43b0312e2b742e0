"""What a changed function's source alone proves: signature, defaults, decorators, kind of function, raised types.

A `ChangedFunction` in, facts with certainty 1 out. A fact is left out whenever another part of the source may make up
for it (arguments that `*args` swallows, a default that the body replaces); the simulation decides such cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

import libcst as cst

from cwm_check.decorators import BINDINGS, decorator_facts
from cwm_check.pairs import ChangedFunction, Fact, FunctionSource
from cwm_check.raises import raised_types
from cwm_check.signatures import signature_facts
from cwm_check.syntax import body_of, changed_line, dotted, walk
from cwm_check.vocabulary import ParameterKind

_PLAIN = (cst.BaseList, cst.BaseDict, cst.BaseSet, cst.Tuple, cst.BaseNumber, cst.BaseString, cst.Comparison)
_PLAIN_CALLS = {"list", "tuple", "dict", "set", "frozenset", "sorted", "str", "bytes", "len", "int", "bool"}


def find_facts(function: ChangedFunction) -> tuple[Fact, ...]:
    """Return what the source proves about a change, in the order of the rules."""
    facts = [
        *signature_facts(function),
        *_async(function),
        *_generator(function),
        *decorator_facts(function),
        *_raises(function),
        *_binding(function),
    ]
    return tuple(sorted(facts, key=lambda fact: fact.rule))


def removed_fact(function: FunctionSource) -> Fact:
    """Return the fact that a function is gone; its line is that of the version before."""
    return Fact("CWM114", function.qualname, _header(function), None, function.def_line)


def _header(function: FunctionSource) -> str:
    stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}
    return f"{function.qualname}({', '.join(stars.get(p.kind, '') + p.name for p in function.parameters)})"


def _async(function: ChangedFunction) -> Iterator[Fact]:
    if function.before.is_async != function.after.is_async:
        texts = ["async def" if version.is_async else "def" for version in (function.before, function.after)]
        yield Fact("CWM110", function.after.qualname, texts[0], texts[1], function.after.def_line)


def _generator(function: ChangedFunction) -> Iterator[Fact]:
    if function.before.is_generator == function.after.is_generator:
        return
    plain = body_of(function.after if function.before.is_generator else function.before)
    if plain is not None and not _may_return_iterator(plain):
        texts = ["generator" if version.is_generator else "function" for version in (function.before, function.after)]
        yield Fact("CWM111", function.after.qualname, texts[0], texts[1], changed_line(function, "yield", "return"))


def _may_return_iterator(tree: cst.FunctionDef) -> bool:
    values = [node.value for node in walk(tree.body, nested=False) if isinstance(node, cst.Return) and node.value]
    return bool(values) and not any(_is_plain_value(value) for value in values)


def _is_plain_value(value: cst.BaseExpression) -> bool:
    match value:
        case cst.Call(func=function):
            return dotted(function) in _PLAIN_CALLS
        case cst.Name(value=name):
            return name in {"None", "True", "False"}
    return isinstance(value, _PLAIN)


def _raises(function: ChangedFunction) -> Iterator[Fact]:
    if "raise" not in function.before.source and "raise" not in function.after.source:
        return
    lost, gained = raised_types(function)
    before, after = _rest(function.before), _rest(function.after)
    lost = [name for name in lost if name != "TypeError" or before <= after]
    gained = [name for name in gained if name != "TypeError" or after <= before]
    if len(lost) == len(gained) == 1:
        yield Fact("CWM113", gained[0], lost[0], gained[0], changed_line(function, gained[0]))
        return
    for name in lost:
        yield Fact("CWM113", name, name, None, changed_line(function, "raise"))
    for name in gained:
        yield Fact("CWM113", name, None, name, changed_line(function, name))


def _rest(version: FunctionSource) -> Set[ParameterKind]:
    """Which kinds of arguments without a name of their own it takes; others the call itself refuses (`TypeError`)."""
    stars = {ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD}
    return stars & {parameter.kind for parameter in version.parameters}


def _binding(function: ChangedFunction) -> Iterator[Fact]:
    before, after = function.before, function.after
    if before.binding != after.binding and before.owner is not None and after.owner is not None:
        yield Fact("CWM115", after.qualname, before.binding, after.binding, changed_line(function, *BINDINGS))
