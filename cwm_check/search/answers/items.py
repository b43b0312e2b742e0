"""Answers about containers: items, lengths, members, and what goes round over them."""

from __future__ import annotations

from dataclasses import replace

from cwm_check.search.answers.raising import exception, raises, waiting
from cwm_check.search.answers.values import ASKED, LENGTHS, bind
from cwm_check.search.choices import Choice, Restart
from cwm_check.search.plausible import options_for
from cwm_check.search.world import Asked, Tree, World, literal, text_of

DEPTH = 2  # so many objects in a row (`x`, `x['items'][0]`) have an item of one name, by default
EMPTY = ("[]", "{}", "()", "set()")
"""Texts of containers that are made anew wherever they stand."""
_ITEM_ERRORS = ("KeyError", "IndexError", "LookupError", "TypeError")


def on_getitem(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """An item; whether there is one was perhaps asked before."""
    key = text_of(args[0])
    expression = f"{name}[{key}]"
    if args[0].get("k") == "slice":
        kind = world.choose(f"kind of {name}", ("list", "str", "object"))
        if kind != "object":
            bind(world, name, kind)
    held = world.choices.get(f"{key} in {name}")
    if held is not None and held.taken == "True":
        return world.unknown(expression)
    lacking = waiting(world, ("KeyError", "LookupError")) if held is not None else []
    raised = lacking[0] if lacking else raises(world, expression, _ITEM_ERRORS)
    if f"{expression} raises" in world.choices:
        _settle_got(world, name, key)
    return exception(world, expression, raised, key) if raised else world.unknown(expression)


def got(world: World, name: str, args: list[Tree]) -> Tree | None:
    """What `x.get(key)` gives where a version asks whether there is such a key: the item, or the default."""
    key, default = text_of(args[0]), _answer_of((*args, {"r": "None"})[1])
    held = world.choices.get(f"{key} in {name}")
    raised = world.choices.get(f"{name}[{key}] raises")
    known = held.taken == "True" if held else raised.taken == "nothing" if raised else None
    if known is None:
        world.got.add((name, key))
        return None
    return world.unknown(f"{name}[{key}]") if known else default


def _answer_of(argument: Tree) -> Tree | None:
    """An argument as an answer; none of what is known by its text alone."""
    if "u" in argument or "r" in argument:
        return {kind: argument[kind] for kind in ("u", "r") if kind in argument}
    return {"r": str(argument["x"])} if argument.get("x") in EMPTY else None


def _settle_got(world: World, name: str, key: str) -> None:
    """Begin again where one version has taken from a table by `get` what the other one asks whether it is there."""
    if (name, key) in world.got:
        world.got.remove((name, key))
        raise Restart


def on_length(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """How many items there are: some in what is true, none in what is not, and as many as are unpacked."""
    if isinstance(wanted := question.get("wanted"), int):
        return {"r": _size_unpacked(world, name, str(wanted))}
    truth = world.choices.get(name)
    options = LENGTHS if truth is None else (("2", "1", "3") if truth.taken == "True" else ("0",))
    _settle_members(world, name)
    if (asked := ASKED.search(name)) is not None and options != ("0",):
        options = tuple(dict.fromkeys((asked["count"], *options)))
    if (unpacked := world.unpacked.get(name)) is not None:
        options = tuple(dict.fromkeys((unpacked, *options)))
    size = world.choose(f"length of {name}", options)
    return {"r": "0" if world.has_waited(f"length of {name}", world.side.conditions) else size}


def _size_unpacked(world: World, name: str, wanted: str) -> str:
    """The number of items of what is unpacked into `wanted` names: as many, unless this world says otherwise."""
    key = f"length of {name}"
    known = world.choices.get(key)
    if known is None or known.taken == wanted or (name in world.unpacked and key not in world.overrides):
        world.unpacked.setdefault(name, wanted)
        return wanted
    if key in world.overrides:
        return known.taken
    world.unpacked[name] = wanted
    del world.choices[key]
    raise Restart


def on_contains(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether something is among the items; of an object whose items the other version went over, one equals it."""
    key = text_of(args[0])
    raised = world.choices.get(f"{name}[{key}] raises")
    if raised is not None:
        return literal(raised.taken == "nothing")
    size = world.choices.get(f"length of {name}")
    is_asked = f"{key} in {name}" in world.choices
    if size is not None and not is_asked and "u" in args[0] and _is_of_other(world, size):
        pairs = (sorted((f"{name}[{i}]", key)) for i in range(int(size.taken)))
        return literal(any(world.decides(f"{one} == {other}", default=False) for one, other in pairs))
    is_there = world.decides(f"{key} in {name}", default=not _is_deep(world, key, name))
    _settle_got(world, name, key)
    return literal(is_there)


def _is_deep(world: World, key: str, name: str) -> bool:
    """Whether it was among the items of so many objects that this one came of that a recursion ends here."""
    asked = f"{key} in "
    holders = (k[len(asked) :] for k, c in world.choices.items() if c.taken == "True" and k.startswith(asked))
    return sum(holder in name for holder in holders if holder != name) >= DEPTH


def _is_of_other(world: World, choice: Choice) -> bool:
    """Whether the other version alone has asked something of an object, as far as it is noted."""
    here = world.side.name
    return choice.side not in ("", here) and all(side != here for side, _ in choice.again)


def _settle_members(world: World, name: str) -> None:
    """What the other version asked whether it is among the items hangs on these, where this one goes over them."""
    asked = [key for key, c in world.choices.items() if key.endswith(f" in {name}") and _is_of_other(world, c)]
    unknown = [key for key in asked if not key.startswith(("'", '"', "b'", "(", "None")) and not key[0].isdigit()]
    if unknown and f"length of {name}" not in world.choices:
        world.choose(f"length of {name}", LENGTHS)
        for key in unknown:
            del world.choices[key]
        raise Restart


def on_next(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The next item, as long as there is one."""
    world.side.counts[f"next {name}"] += 1
    at = world.side.counts[f"next {name}"] - 1
    if at >= int(world.choose(f"length of {name}", LENGTHS)):
        return {"e": "StopIteration", "m": ""}
    return world.unknown(f"{name}[{at}]")


def on_missing(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """A table has no such key: an unknown object that was given this value by default is given a key instead."""
    keys = [str(a["r"]) for a in args if "r" in a]
    for expression, bound in world.bindings.items():
        key = f"value of {expression}"
        choice = world.choices.get(key)
        if bound == name and choice is not None and key not in world.overrides and bound not in keys and keys:
            ranked = options_for("str" if bound[:1] in "'\"" else "int", keys, (), world.pool)
            world.choices[key] = replace(choice, options=tuple(dict.fromkeys((*ranked, bound))), taken=ranked[0])
            world.bindings[expression] = ranked[0]
            raise Restart
    return literal(None)


def on_empty(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """The program reads an item of an empty list or table of the module."""
    keys = {str(a["r"]) for a in args if "r" in a}
    known = world.filled.get(name)
    if (known is None or keys - known) and world.decides(f"{name} was filled before"):
        world.filled[name] = (known or set()) | keys
        raise Restart
    return literal(None)
