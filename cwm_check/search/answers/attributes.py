"""Answers about attributes and names: whether there is such a one, and what an object is that has a certain method."""

from __future__ import annotations

import ast

from cwm_check.search.answers.raising import exception, raises
from cwm_check.search.answers.values import ASKED, bind
from cwm_check.search.choices import Unmade
from cwm_check.search.plausible import DICT, LIST, SET, STRING
from cwm_check.search.world import Asked, Tree, World, literal

_METHODS = (("str", STRING), ("list", LIST), ("dict", DICT), ("set", SET))
_DOCSTRINGS = {
    "one line": "{}",
    "indented after the first line": "{}\n\n    More of it.\n        Yet more.\n    ",
    "indented lines": "\n    {}\n\n    More of it.\n    ",
}


def on_getattr(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """An attribute; where a method is called that only some kind of value has, the object becomes one."""
    leaf = ast.literal_eval(args[0]["r"])
    if question.get("method"):
        for kind, names in _METHODS:
            if leaf in names:
                _settle_kind(world, name, kind, leaf)
        if leaf == "decode" and world.choose(f"kind of {name}", ("bytes", "object")) == "bytes":
            bind(world, name, "bytes")
    return _attribute(world, name, leaf)


def _settle_kind(world: World, name: str, kind: str, method: str) -> None:
    """Make a value of an object that has a method of `kind`, unless this world says that it is something else."""
    if world.declared.get(name) == kind:
        bind(world, name, kind)
    kinds = (kind, "bytes") if kind == "str" and method != "encode" else (kind,)
    if "bytes" in world.pool and ASKED.search(name) is not None:
        kinds = kinds[::-1]
    if (taken := world.choose(f"kind of {name}", (*kinds, "object"))) != "object":
        bind(world, name, taken)


def on_attribute(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """An attribute of the object that the method belongs to: in the other version it may have another name.

    What the constructor sets only since the change this object would have if it had been made.
    """
    leaf = ast.literal_eval(args[0]["r"])
    if name == "self" and leaf in world.side.of_constructor:
        raise Unmade
    return _attribute(world, name, world.side.earlier(leaf))


def _attribute(world: World, name: str, leaf: str) -> Tree:
    key, expression = f"hasattr({name}, {leaf!r})", f"{name}.{leaf}"
    if (key in world.choices and not world.decides(key)) or raises(world, expression, ("AttributeError",)):
        return exception(world, expression, "AttributeError", leaf)
    return world.unknown(expression)


def on_hasattr(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """Whether there is such an attribute; the object that the method belongs to may have it under another name."""
    leaf = str(ast.literal_eval(args[0]["r"]))
    leaf = leaf if isinstance(question.get("u"), dict) else world.side.earlier(leaf)
    return literal(world.decides(f"hasattr({name}, {leaf!r})"))


def on_name(world: World, name: str, args: list[Tree], question: Asked) -> Tree:
    """`x.__module__`, or `x.__doc__`: a text, or none."""
    leaf, text = args[0]["r"].strip("'"), args[1]["r"]
    if world.decides(f"{name}.{leaf} is None", default=False):
        return literal(None)
    if leaf != "__doc__":
        return {"r": text}
    form = _DOCSTRINGS[world.choose(f"form of {name}.{leaf}", _DOCSTRINGS)]
    return literal(form.format(ast.literal_eval(text)))
