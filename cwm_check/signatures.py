"""What a change of parameters means for callers: added, removed, renamed, moved, other kind, other default.

Two versions of a function in, facts out, in the order of the parameters. `self` and `cls` do not count; what `*args` or
`**kwargs` still accept is no fact, and neither is a default that the body replaces.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

import libcst as cst

from cwm_check.literals import value_of
from cwm_check.pairs import ChangedFunction, Fact, Parameter
from cwm_check.syntax import body_of, changed_line, code, own_parameters, walk
from cwm_check.vocabulary import BY_POSITION, ParameterKind

_BY_NAME = (ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)
_VARIADIC = (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)
_Pair: TypeAlias = tuple[Parameter, Parameter]
_FALSE = {"None", "False", "0", "0.0", "''", "b''", "()", "[]", "{}", "set()", "frozenset()"}


def signature_facts(function: ChangedFunction) -> Iterator[Fact]:
    """Yield a fact for each way in which existing calls bind otherwise, fail, or may now be written."""
    before, after = own_parameters(function.before), own_parameters(function.after)
    renamed = _renames(before, after)
    yield from _removed(function, before, after, renamed)
    yield from _added(function, before, after, renamed)
    for first, second in renamed:
        yield from _renamed(function, first, second, after)
    yield from _moved(function, before, after, renamed)
    for first, second in _kept(before, after):
        yield from _kind(function, first, second)
        yield from _default(function, first, second)


def _kept(before: Sequence[Parameter], after: Sequence[Parameter]) -> list[_Pair]:
    single = [[p for p in side if p.kind not in _VARIADIC] for side in (before, after)]
    return [(p, q) for p in single[0] for q in single[1] if p.name == q.name]


def _accepts(parameters: Sequence[Parameter], kind: ParameterKind) -> bool:
    return any(p.kind is kind for p in parameters)


def _positions(parameters: Sequence[Parameter]) -> list[str]:
    return [p.name for p in parameters if p.kind in BY_POSITION]


def _gone(before: Sequence[Parameter], after: Sequence[Parameter]) -> list[Parameter]:
    """Return the parameters of `before` that `after` has not under that name; a variadic one counts by its stars."""
    names = {(p.name, p.kind in _VARIADIC) for p in after}
    return [p for p in before if not (_accepts(after, p.kind) if p.kind in _VARIADIC else (p.name, False) in names)]


def _renames(before: Sequence[Parameter], after: Sequence[Parameter]) -> list[_Pair]:
    """Pair what is gone with what is new at the same position, of the same kind and with the same default."""
    gone, new = _gone(before, after), _gone(after, before)
    places, new_places = _positions(before), _positions(after)
    pairs = [(p, q) for p in gone for q in new if p.kind in BY_POSITION and q.kind in BY_POSITION
             and p.default == q.default and places.index(p.name) == new_places.index(q.name)]  # fmt: skip
    lone, new_lone = ([p for p in side if p.kind is ParameterKind.KEYWORD_ONLY] for side in (gone, new))
    if len(lone) == len(new_lone) == 1 and lone[0].default == new_lone[0].default:
        pairs.append((lone[0], new_lone[0]))
    return pairs


def _removed(
    function: ChangedFunction, before: Sequence[Parameter], after: Sequence[Parameter], renamed: Sequence[_Pair]
) -> Iterator[Fact]:
    paired = [first for first, _ in renamed]
    for gone in _gone(before, after):
        if gone in paired:
            continue
        if gone.kind in _VARIADIC:
            if not any(_takes_over(new, gone.kind) for new in _gone(after, before)):
                yield _fact("CWM102", function, gone, None)
            continue
        swallowed = _swallowed_ways(gone, after)
        if not swallowed:
            yield _fact("CWM102", function, gone, None)
        elif swallowed != _ways(gone):
            only = "only " + " and ".join(sorted(swallowed))
            yield Fact("CWM105", gone.name, gone.kind.value, only, changed_line(function, gone.name))


def _added(
    function: ChangedFunction, before: Sequence[Parameter], after: Sequence[Parameter], renamed: Sequence[_Pair]
) -> Iterator[Fact]:
    paired = [second for _, second in renamed]
    for new in _gone(after, before):
        if new in paired or _swallowed_ways(new, before):
            continue
        required = new.default is None and new.kind not in _VARIADIC
        yield _fact("CWM101" if required else "CWM108", function, None, new)


def _renamed(
    function: ChangedFunction, first: Parameter, second: Parameter, after: Sequence[Parameter]
) -> Iterator[Fact]:
    if _is_protocol(function.qualname) or "by name" not in _ways(first) - _swallowed_ways(first, after):
        return
    if second.kind in _BY_NAME:
        yield Fact("CWM103", second.name, first.name, second.name, changed_line(function, second.name))
    else:
        yield Fact("CWM105", second.name, first.kind.value, second.kind.value, changed_line(function, second.name))


def _is_protocol(qualname: str) -> bool:
    """Say whether the interpreter calls it, and by position: `__exit__`, `__eq__`."""
    name = qualname.rpartition(".")[2]
    return name.startswith("__") and name.endswith("__") and name not in {"__init__", "__new__", "__call__"}


def _moved(
    function: ChangedFunction, before: Sequence[Parameter], after: Sequence[Parameter], renamed: Sequence[_Pair]
) -> Iterator[Fact]:
    names = {first.name: second.name for first, second in renamed}
    # A name that stands twice, which Python refuses and libcst reads, counts once.
    positions = list(dict.fromkeys(names.get(name, name) for name in _positions(before)))
    new_positions = list(dict.fromkeys(_positions(after)))
    kept, new_kept = ([n for n in side if n in positions and n in new_positions] for side in (positions, new_positions))
    moved = next((a for a, b in zip(kept, new_kept, strict=True) if a != b), None) or _displaced(positions, after)
    if moved is not None:
        yield Fact(
            "CWM104", moved, ", ".join(_positions(before)), ", ".join(new_positions), changed_line(function, moved)
        )


def _displaced(positions: Sequence[str], after: Sequence[Parameter]) -> str | None:
    """Return the first parameter that stands after a new optional one."""
    inserted = False
    for parameter in after:
        if inserted and parameter.name in positions and parameter.kind in BY_POSITION:
            return parameter.name
        inserted = inserted or (parameter.name not in positions and parameter.default is not None)
    return None


def _ways(parameter: Parameter) -> set[str]:
    """Return how an argument may be passed to it."""
    ways = {"by position"} if parameter.kind in BY_POSITION else set()
    if parameter.kind in _BY_NAME and not parameter.name.startswith("__"):
        ways.add("by name")
    return ways


def _swallowed_ways(parameter: Parameter, others: Sequence[Parameter]) -> set[str]:
    """Return the ways of passing it that another signature's `*args` or `**kwargs` accept."""
    open_ways = {"by position": ParameterKind.VAR_POSITIONAL, "by name": ParameterKind.VAR_KEYWORD}
    return {way for way in _ways(parameter) if _accepts(others, open_ways[way])}


def _takes_over(parameter: Parameter, kind: ParameterKind) -> bool:
    return parameter.kind in (BY_POSITION if kind is ParameterKind.VAR_POSITIONAL else _BY_NAME)


def _kind(function: ChangedFunction, first: Parameter, second: Parameter) -> Iterator[Fact]:
    if _ways(first) - _ways(second):
        yield Fact("CWM105", second.name, first.kind.value, second.kind.value, changed_line(function, second.name))


def _default(function: ChangedFunction, first: Parameter, second: Parameter) -> Iterator[Fact]:
    line = changed_line(function, second.name)
    match first.default, second.default:
        case str(before), None:
            yield Fact("CWM107", second.name, before, None, line)
        case None, str(after):
            yield Fact("CWM109", second.name, None, after, line)
        case str(before), str(after):
            values = value_of(function.before_module, before), value_of(function.after_module, after)
            if None not in values and values[0] != values[1] and _default_counts(function, first, second, values):
                yield Fact("CWM106", second.name, *((before, after) if before != after else values), line)


def _default_counts(
    function: ChangedFunction, first: Parameter, second: Parameter, values: Collection[str | None]
) -> bool:
    """Say whether the body uses the default as it is: another test of it may make up for the new value."""
    trees = [(body_of(function.before), first.name), (body_of(function.after), second.name)]
    uses, tests = zip(*[_uses(tree, name) if tree else (0, frozenset()) for tree, name in trees], strict=True)
    both_false = _FALSE.issuperset(values)
    return all(uses) and tests[0] == tests[1] and not (both_false and tests[0])


def _uses(tree: cst.FunctionDef, name: str) -> tuple[int, frozenset[str]]:
    """Return how often the body names a parameter, and every test or new value of it, with its name left out."""
    nodes = list(walk(tree.body))
    count = sum(isinstance(node, cst.Name) and node.value == name for node in nodes)
    tests = [code(test) for node in nodes for test in _tests(node)]
    return count, frozenset(re.sub(rf"\b{name}\b", "_", text) for text in tests if re.search(rf"\b{name}\b", text))


def _tests(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    match node:
        case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test) | cst.Assert(test=test):
            yield test
        case cst.Comparison() | cst.BooleanOperation() | cst.UnaryOperation(operator=cst.Not()):
            yield node
        case cst.Assign(targets=targets):
            yield from targets


def _fact(rule: str, function: ChangedFunction, before: Parameter | None, after: Parameter | None) -> Fact:
    parameter = after or before
    if parameter is None:
        raise AssertionError("unreachable: a fact about no parameter")
    texts = [None if p is None else _text(p) for p in (before, after)]
    return Fact(rule, parameter.name, texts[0], texts[1], changed_line(function, parameter.name))


def _text(parameter: Parameter) -> str:
    stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    return f"{stars}{parameter.name}" if parameter.default is None else f"{parameter.name}={parameter.default}"
