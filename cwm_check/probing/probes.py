"""Calls to try on both versions of a function, the most useful first, aimed at what changed.

A `ChangedFunction` and literal calls found in the repository in, `Probe` records out: real calls, doctests, calls near
these, a base call with the surest types, unknown objects, then one parameter at a time around the base, both sides of
changed tests first; options that changed statements name are also given values apart from their defaults, all together.
Nothing is evaluated here, and the order is always the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, combinations, cycle, islice, product, zip_longest

from cwm_check.literals import literal
from cwm_check.pairs import ChangedFunction, Parameter
from cwm_check.probing.aimed import aimed, changed_names
from cwm_check.probing.calls import fits
from cwm_check.probing.clues import Clue, find_clues
from cwm_check.probing.pool import constants, ranked_constants
from cwm_check.probing.receivers import calls_of_owner, receivers
from cwm_check.probing.usage import container_from_use, items_from_use, keys_from_use
from cwm_check.probing.values import Candidates, candidates
from cwm_check.probing.variations import Written, real_calls, varied, with_options
from cwm_check.simulations import Argument, Probe
from cwm_check.syntax import body_of, own_parameters
from cwm_check.vocabulary import BY_POSITION, ParameterKind

__all__ = ["constants", "ranked_constants", "synthesize"]

_BOUNDARIES_TAKEN = 4
_APART_TAKEN = 6
_VARIED = 2
_BEFORE_VARIED = 6  # plans that come before calls whose parts all differ: most changes show without these
_UNKNOWN = "unknown"
_ORDERS = (("1", "2"), ("2", "1"), ("2", "2"))
_MEMBERS = ("'a'", "'c'")
_REQUIRED = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD, ParameterKind.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The values of one probe, before they are arguments."""

    values: Mapping[str, str | None]
    """By parameter; an optional one that is not in it is left out; None: unknown."""
    origin: str
    rest: tuple[str | None, ...] = ()
    """What `*args` gets."""
    extra: tuple[tuple[str, str | None], ...] = ()
    """What `**kwargs` gets."""
    on_unknown: bool = False
    """Call it on an unknown object even if one can be made."""


def synthesize(function: ChangedFunction, calls: Sequence[str] = (), budget: int = 24) -> tuple[Probe, ...]:
    """Return distinct calls that the version before accepts: at most `budget`, and as many again that people wrote."""
    parameters = own_parameters(function.before)
    makers = calls_of_owner(function, calls)
    constructor, *others = receivers(function, calls) or (None,)
    real, more = real_calls(function, parameters, [call for call in calls if call not in makers], budget)
    apart, plans = _plans(function, parameters)
    near = [(made, "varied") for arguments, _ in real[:_VARIED] for made in varied(arguments)]
    real += _with_options(real, parameters, apart)
    made = (_probe(plan, parameters, constructor) for plan in plans)
    written, beside = ([Probe(a, origin, constructor) for a, origin in calls] for calls in (real, near))
    first = list(islice(made, _BEFORE_VARIED))
    on_others = [replace(p, origin="object", receiver=o) for p in (*written[:2], *first[:1]) for o in others]
    found: dict[tuple[tuple[Argument, ...], str | None], Probe] = {}
    for probe in chain(written, first, on_others, beside, made):
        if fits(probe.arguments, parameters):
            found.setdefault((probe.arguments, probe.receiver), probe)
    probes = dict(islice(found.items(), budget))
    for arguments, origin in more:
        probes.setdefault((arguments, constructor), Probe(arguments, origin, constructor))
    return tuple(probes.values())


def _with_options(
    real: Sequence[Written], parameters: Sequence[Parameter], apart: Mapping[str, str | None]
) -> Iterator[Written]:
    """Yield the first call that people wrote with each option that it leaves out apart from its default."""
    free = {p.name for p in parameters if p.kind in _REQUIRED and p.kind is not ParameterKind.POSITIONAL_ONLY}
    for arguments, _ in real[:1]:
        yield from ((made, "apart") for made in with_options(arguments, apart, free))


def _plans(function: ChangedFunction, parameters: Sequence[Parameter]) -> tuple[dict[str, str | None], Iterator[_Plan]]:
    """Return values of options apart from their defaults, and what to try, the most useful first."""
    clues, changed = _clues(function)
    telling = aimed(function)
    choices = [_choices(function, p, clues, changed, telling) for p in parameters if p.kind in _REQUIRED]
    apart = _apart(choices, changed_names(function))
    return apart, _ranked(parameters, choices, clues, changed, apart)


def _ranked(
    parameters: Sequence[Parameter],
    choices: Sequence[Candidates],
    clues: Sequence[Clue],
    changed: Sequence[Clue],
    apart: dict[str, str | None],
) -> Iterator[_Plan]:
    required = [choice for choice in choices if choice.parameter.default is None]
    base = _base(required, parameters, clues)
    unknown = dict.fromkeys((choice.parameter.name for choice in required), None)
    yield base
    yield replace(base, on_unknown=True)
    yield replace(base, values=unknown, origin=_UNKNOWN, on_unknown=True)
    yield from _variadic(base, parameters, clues)
    yield from _one_at_a_time(base, choices, {"boundary"}, _BOUNDARIES_TAKEN)
    yield from _pairs(base, choices, clues, changed)
    if apart:
        others = replace(base, values={**base.values, **apart}, origin="apart")
        yield others
        yield from islice(_one_at_a_time(others, required, set(), None), _APART_TAKEN)
    yield replace(base, values={**base.values, **_guesses(required)}, origin="name")
    for choice in choices:
        if choice.parameter.default == "None":
            yield replace(base, values={**base.values, choice.parameter.name: None}, origin=_UNKNOWN)
    yield replace(
        base, values=dict.fromkeys((c.parameter.name for c in choices), None), origin=_UNKNOWN, on_unknown=True
    )
    yield from _one_at_a_time(base, choices, {"aimed"}, None)
    yield from _one_at_a_time(base, choices, {"default"}, _BOUNDARIES_TAKEN)
    yield from _one_at_a_time(base, choices, set(), None)


def _clues(function: ChangedFunction) -> tuple[list[Clue], list[Clue]]:
    """Return the clues of both versions, and those that only one of them has."""
    trees = (body_of(function.after), body_of(function.before))
    after, before = (find_clues(tree) if tree else () for tree in trees)
    every = list(dict.fromkeys([*after, *before]))
    return every, [clue for clue in every if (clue in after) != (clue in before)]


def _choices(
    function: ChangedFunction,
    parameter: Parameter,
    clues: Sequence[Clue],
    changed: Sequence[Clue],
    telling: Mapping[str, tuple[str, ...]],
) -> Candidates:
    defaults = [
        p.default for p in (*function.before.parameters, *function.after.parameters) if p.name == parameter.name
    ]
    modules = (function.before_module, function.after_module)
    return candidates(
        parameter, clues, changed=changed, defaults=filter(None, defaults), modules=modules, aimed=telling
    )


def _base(required: Sequence[Candidates], parameters: Sequence[Parameter], clues: Sequence[Clue]) -> _Plan:
    """Return the call that passes what must be passed, each with a plain value of its surest type."""
    rest = next((p for p in parameters if p.kind is ParameterKind.VAR_POSITIONAL), None)
    values = {choice.parameter.name: choice.base for choice in required}
    return _Plan(values, "type", rest=_some(rest, clues, 2) if rest and not required else ())


def _some(parameter: Parameter, clues: Sequence[Clue], count: int) -> tuple[str | None, ...]:
    """Return `count` items for `*args`, unknown ones if nothing is known about them."""
    items = items_from_use(parameter.name, clues)
    return tuple(islice(cycle(items), count)) if items else (None,) * count


def _variadic(base: _Plan, parameters: Sequence[Parameter], clues: Sequence[Clue]) -> Iterator[_Plan]:
    for parameter in parameters:
        if parameter.kind is ParameterKind.VAR_POSITIONAL:
            yield from (replace(base, rest=_some(parameter, clues, n), origin="variadic") for n in (1, 2, 0))
        if parameter.kind is ParameterKind.VAR_KEYWORD:
            taken = {repr(p.name) for p in parameters}
            keys = [key for key in keys_from_use(parameter.name, clues) if key not in taken]
            values: dict[str, str | None] = {key.strip("'"): None for key in keys[:_BOUNDARIES_TAKEN]} or {"a": "2"}
            if len(values) > 1:
                together = dict.fromkeys((key.strip("'") for key in keys), None)
                yield replace(base, extra=tuple(together.items()), origin="variadic")
            yield from (replace(base, extra=(pair,), origin="variadic") for pair in values.items())


def _one_at_a_time(base: _Plan, choices: Sequence[Candidates], origins: Set[str], most: int | None) -> Iterator[_Plan]:
    """Yield the base with one value changed: the first of each parameter, the second of each, and so on."""
    rows = [
        [
            (choice.parameter.name, c)
            for c in islice((c for c in choice.values if not origins or c.origin in origins), most)
        ]
        for choice in choices
    ]
    for name, candidate in (item for column in zip_longest(*rows) for item in column if item is not None):
        yield replace(base, values={**base.values, name: candidate.value}, origin=candidate.origin)


def _pairs(
    base: _Plan, choices: Sequence[Candidates], clues: Sequence[Clue], changed: Sequence[Clue]
) -> Iterator[_Plan]:
    """Yield values in every order for two parameters that a changed test compares with each other, or tests both."""
    names = [choice.parameter.name for choice in choices]
    for clue in changed:
        if clue.kind == "against" and clue.name in names and clue.detail in names:
            container = container_from_use(clue.detail, clues)
            members = [(member, container) for member in _MEMBERS if container is not None]
            for first, second in members if clue.by in {"In", "NotIn"} else _ORDERS:
                values = {**base.values, clue.name: first, clue.detail: second}
                yield replace(base, values=values, origin="boundary")
    tested = [[(c.parameter.name, v.value) for v in c.values if v.origin == "boundary"][:2] for c in choices]
    for one, other in combinations(filter(None, tested), 2):
        for pair in product(one, other):
            yield replace(base, values={**base.values, **dict(pair)}, origin="boundary")


def _apart(choices: Sequence[Candidates], names: Set[str]) -> dict[str, str | None]:
    """Return a value of its own, and not the default, for each optional parameter among the `names`.

    With defaults alone a change that forgets one of them, or takes one for another, shows nothing.
    """
    taken: dict[str, str | None] = {}
    for choice in choices:
        if choice.parameter.default is not None and choice.parameter.name in names:
            used = {literal(choice.parameter.default), *taken.values()}
            taken[choice.parameter.name] = next((c.value for c in choice.values if c.value not in used), None)
    return taken


def _guesses(required: Sequence[Candidates]) -> dict[str, str]:
    """Return the likeliest value of each required parameter without sure evidence."""
    return {c.parameter.name: c.values[0].value for c in required if c.base is None and c.values}


def _probe(plan: _Plan, parameters: Sequence[Parameter], constructor: str | None) -> Probe:
    """Return the plan as one would write the call: required values by position, optional ones by name."""
    found: list[Argument] = []
    by_name = False
    for parameter in parameters:
        name = parameter.name
        if parameter.kind in _REQUIRED and name in plan.values:
            is_free = parameter.default is not None and parameter.kind is not ParameterKind.POSITIONAL_ONLY
            by_name = by_name or (is_free and not plan.rest) or parameter.kind is ParameterKind.KEYWORD_ONLY
            found.append(Argument(name, plan.values[name], keyword=by_name))
        elif parameter.kind in BY_POSITION and plan.rest:
            found.append(Argument(name, literal(parameter.default or "")))
        elif parameter.kind is ParameterKind.VAR_POSITIONAL:
            found += [Argument(name, value) for value in plan.rest]
        elif parameter.kind in BY_POSITION:
            by_name = True
    found += [Argument(name, value, keyword=True) for name, value in plan.extra]
    return Probe(tuple(found), plan.origin, None if plan.on_unknown else constructor)
