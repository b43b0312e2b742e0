"""Constructor calls for the object that a method is called on: those of the repository, or what annotations tell.

A changed method and calls in, calls such as `Account(3)` out; none: then the object is one with unknown attributes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from cwm_check.pairs import ChangedFunction
from cwm_check.probing.samples import annotated_values
from cwm_check.probing.variations import ends_first
from cwm_check.syntax import block_at, code, parse_function

_MAKERS = {"__init__", "__new__"}
_BOUND = {"method", "property"}
MOST = 4


def receivers(function: ChangedFunction, calls: Sequence[str]) -> tuple[str, ...]:
    """Return constructor calls that make different objects: of `calls`, then what the text of both modules shows."""
    owner = function.before.owner
    is_maker = function.before.qualname.rpartition(".")[2] in _MAKERS
    if owner is None or owner != function.after.owner or is_maker or function.before.binding not in _BOUND:
        return ()
    real = calls_of_owner(function, calls)
    made = {_construction(module, owner) for module in (function.before_module, function.after_module)}
    found = [*(real[i] for i in ends_first(len(real))), *(made if len(made) == 1 else ())]
    return tuple(call for call in dict.fromkeys(found) if call is not None)[:MOST]


def calls_of_owner(function: ChangedFunction, calls: Sequence[str]) -> list[str]:
    """Return those of `calls` that make an object with the method."""
    owner = (function.before.owner or "").rpartition(".")[2]
    is_maker = function.before.qualname.rpartition(".")[2] in _MAKERS
    return [] if is_maker or not owner else [call for call in calls if call.startswith(f"{owner}(")]


def _construction(module: str, owner: str) -> str | None:
    name = owner.rpartition(".")[2]
    found = list(re.finditer(rf"^((?:[ \t]*@.*\n)*)[ \t]*class {re.escape(name)}\b(\([^)]*\))?:", module, re.MULTILINE))
    if len(found) != 1:
        return None
    decorators, bases = found[0].group(1), (found[0].group(2) or "").strip("()")
    text = block_at(module, found[0].end(1))
    initializer = re.search(r"^[ \t]+def __init__\(", text, re.MULTILINE)
    if initializer is None:
        return f"{owner}()" if not decorators and bases in {"", "object"} else None
    tree = parse_function(block_at(text, initializer.start()))
    arguments = None if tree is None else _arguments(tree.params, module)
    return None if arguments is None else f"{owner}({', '.join(arguments)})"


def _arguments(parameters: cst.Parameters, module: str) -> list[str] | None:
    """Return values for the required parameters after `self`, or None if one has no annotation that gives a value."""
    positional = [*parameters.posonly_params, *parameters.params][1:]
    required = [p for p in (*positional, *parameters.kwonly_params) if p.default is None]
    values = [_value(p, module) for p in required]
    names = [f"{p.name.value}=" if p in parameters.kwonly_params else "" for p in required]
    return None if None in values else [f"{name}{value}" for name, value in zip(names, values, strict=True)]


def _value(parameter: cst.Param, module: str) -> str | None:
    annotation = code(parameter.annotation.annotation) if parameter.annotation else None
    return next(iter(annotated_values(annotation, (module,))), None)
