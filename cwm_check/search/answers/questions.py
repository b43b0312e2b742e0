"""What answers each operation of the guest: one table, and the function that looks an answer up in it."""

from __future__ import annotations

from collections.abc import Callable

from cwm_check.search.answers import attributes, calls, comparisons, items, values
from cwm_check.search.choices import TooManyQuestions
from cwm_check.search.world import Asked, Tree, World

QUESTIONS = 400  # a run that asks more is stopped
ANSWERS: dict[str, Callable[[World, str, list[Tree], Asked], Tree]] = {
    "getattr": attributes.on_getattr,
    "attribute": attributes.on_attribute,
    "hasattr": attributes.on_hasattr,
    "name": attributes.on_name,
    "call": calls.on_call,
    "await": calls.on_await,
    "enter": calls.on_enter,
    "exit": calls.on_exit,
    "block": calls.on_block,
    "truth": comparisons.on_truth,
    "none": comparisons.on_none,
    "compare": comparisons.on_compare,
    "isinstance": comparisons.on_isinstance,
    "callable": comparisons.on_callable,
    "getitem": items.on_getitem,
    "length": items.on_length,
    "contains": items.on_contains,
    "next": items.on_next,
    "missing": items.on_missing,
    "empty": items.on_empty,
    "bind": values.on_bind,
    "kind": values.on_kind,
    "text": values.on_text,
    "object": values.on_object,
    "decimal": values.on_decimal,
}
"""Operation -> its answer, from a world, the object that is asked, the arguments, and the question as it was told."""


def answer(world: World, question: Asked) -> Tree:
    """The answer to one question of the guest; raises `Restart` or `TooManyQuestions`."""
    operation = str(question["op"])
    world.side.begun = world.side.begun or question.get("begun") is True
    world.side.asked += 1
    world.asked += 1
    if world.side.asked > QUESTIONS:
        raise TooManyQuestions
    target = question.get("u", "")
    name = str(target["u"] if isinstance(target, dict) else target)
    answered = ANSWERS.get(operation)
    if answered is None:
        return world.unknown(f"{operation}({name})")
    world.side.lines = tuple(map(int, question.get("lines", ())))
    return answered(world, name, list(question.get("args", ())), question)
