"""Whether an operation on an unknown object raises what the program waits for, and what that exception holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cwm_check.search.handlers import TEXT
from cwm_check.search.world import Tree, World


def raises(world: World, expression: str, allowed: Sequence[str] | None) -> str | None:
    """Return the exception that an operation raises in this world, of those that the program waits for at this line."""
    expected = waiting(world, allowed)
    key = f"{expression} raises"
    if not expected and key not in world.overrides:  # what one version waits for, the other one meets too
        return None
    taken = world.choose(key, ("nothing", *expected))
    known = world.choices[key]
    world.choices[key] = replace(known, options=tuple(dict.fromkeys((*known.options, *expected))))
    return None if taken == "nothing" else taken


def exception(world: World, expression: str, name: str, text: str) -> Tree:
    """Return an exception with a text, or with what this world has it hold where the program looks into it."""
    key = f"what {expression} raises holds"
    others = tuple(dict.fromkeys(o for line in world.side.lines for o in world.side.held.get(line, ())))
    if others or key in world.overrides:
        told = (TEXT, *others)
        if f"{expression} raises" in world.overrides:  # it is raised to see what a changed handler does
            told = (*others[:1], TEXT, *others[1:])
        held = world.choose(key, told)
        if held != TEXT:
            return {"e": name, "m": text, "a": held}
    return {"e": name, "m": text}


def waiting(world: World, allowed: Sequence[str] | None) -> list[str]:
    """Return what the program waits for at the running lines; only exceptions of `allowed`, if it is given."""
    sources = world.side.handlers, world.side.cleaned
    names = dict.fromkeys(name for line in world.side.lines for told in sources for name in told.get(line, ()))
    return [name for name in names if allowed is None or name in allowed]
