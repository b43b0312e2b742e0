"""Answers about comparisons: is it true, is it None, is it equal, is it less, is it an instance of a class."""

from __future__ import annotations

from cwm_check.search.answers.values import LENGTHS, bind
from cwm_check.search.choices import Restart
from cwm_check.search.compared import last_part
from cwm_check.search.plausible import TYPES
from cwm_check.search.world import Asked, Tree, World, literal, text_of

PLAIN = frozenset({"int", "str", "bytes"})
"""Kinds of values of which the interpreter keeps one each: what `is` a small number or a short text equals it."""


def on_truth(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether an object is true; where its length was asked for, that says so."""
    key = f"length of {name}"
    if key in world.overrides:
        world.choose(key, LENGTHS)
    if (size := world.choices.get(key)) is not None:
        return literal(size.taken != "0" and not world.has_waited(key, world.side.conditions))
    return literal(world.decides(name))


def on_none(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether an object is None; what is true is not."""
    known = world.choices.get(name)
    if known is not None and known.taken == "True":
        return literal(False)
    if world.decides(f"{name} is None", default=False):
        world.bindings[name] = "None"
        raise Restart
    return literal(False)


def on_compare(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether two objects are equal, the same, or in order; the other way round it is the same question."""
    operator, other = str(question["operator"]), text_of(args[0])
    if operator == ">":
        operator, name, other = "<", other, name
    if operator in ("==", "is"):
        if (asked := _type_asked(name, args[0])) is not None:
            return literal(_is_of_type(world, *asked))
        if operator == "is" and args[0].get("k") in PLAIN:
            return literal(_is_plain(world, name, other))
        name, other = sorted((name, other))
        is_equal = world.decides(f"{name} == {other}", default=False)
        if is_equal and operator == "is" and not (_is_fixed(name) or _is_fixed(other)):
            return literal(world.decides(f"{name} is {other}"))
        return literal(is_equal)
    reverse = world.choices.get(f"{other} < {name}")
    if reverse is not None:
        return literal(reverse.taken == "False")
    return literal(world.decides(f"{name} < {other}"))


def _is_plain(world: World, expression: str, value: str) -> bool:
    """Whether an object is a plain value, as in `x is 0`: if so it gets this value."""
    if world.decides(f"{expression} is {value}", default=False):
        world.bindings[expression] = value
        raise Restart
    return False


def _is_fixed(expression: str) -> bool:
    """Whether the name of an object is that of a constant, a member or a class: there is one, and it equals itself."""
    return last_part(expression)[:1].isupper() or last_part(expression)[:2].strip("_").isupper() or "(" in expression


def _type_asked(name: str, other: Tree) -> tuple[str, str] | None:
    """`type(x) is T`: the expression x and the class T."""
    if name.startswith("type(") and name.endswith(")") and other.get("k") == "type":
        return name[5:-1], str(other["x"])
    return None


def _is_of_type(world: World, expression: str, cls: str, *, is_unknown: bool = True) -> bool:
    """Whether `expression` is an instance of `cls`; if so it becomes a value of that kind."""
    kind = TYPES.get(cls)
    nested = kind in ("list", "dict", "tuple", "set") and expression.count("[") > 1  # else trees without end
    if not world.decides(f"isinstance({expression}, {cls})", default=not nested):
        return False
    if kind is not None and is_unknown:
        bind(world, expression, kind)
    return True


def on_isinstance(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether an object is an instance of a class, or a class of which nobody knows is that of a value."""
    if question.get("known") or question.get("subclass"):
        key = f"isinstance({name}, {text_of(args[0])})" if args else f"{name} is an instance"
        if question.get("given") and key not in world.choices:
            return literal(False)
        return literal(world.decides(key, default=False))
    is_unknown = isinstance(question.get("u"), dict)
    return literal(_is_of_type(world, name, text_of(args[0]), is_unknown=is_unknown))


def on_callable(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether an object can be called."""
    return literal(world.decides(f"callable({name})"))
