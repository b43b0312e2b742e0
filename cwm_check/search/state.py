"""What objects keep in one version alone: texts of two modules in, names of private attributes out.

Where a class keeps its state in other attributes (`self._parts`, now `self._major`), an object that nobody made tells
nothing: what its attributes would be in one version and in the other does not fit together by chance.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from cwm_check.search.renames import OWN, renamed_attributes, renamed_classes, set_attributes, with_bases
from cwm_check.search.targets import parsed

Methods = Mapping[str, frozenset[str]]
"""The methods of a class, and what each names of its object; `super().x` is what its bases have by the name `x`."""
OF_BASE = re.compile(r"\bsuper\([^()]*\)\.(\w+)")


@lru_cache(maxsize=16)
def other_state(before: str, after: str) -> frozenset[str]:
    """Return the private attributes that only one version has, of classes of which either version has such."""
    earlier = renamed_classes(before, after)
    names = {node.name for node in parsed(after).body if isinstance(node, ast.ClassDef)}
    return frozenset(n for name in names for n in _of_class(before, after, earlier.get(name, name), name))


def _of_class(before: str, after: str, old: str, new: str) -> frozenset[str]:
    methods = methods_of(before, old), methods_of(after, new)
    private = [{n for names in m.values() for n in names - m.keys() if n.startswith("_")} for m in methods]
    gone, come = private[0] - private[1], private[1] - private[0]
    if gone and come:
        renamed = renamed_attributes(before, after, new)
        gone, come = gone - set(renamed.values()), come - renamed.keys()
    return frozenset(gone | come) if gone and come else frozenset()


def of_constructor(source: str, other: str, owner: str, renamed: Collection[str]) -> frozenset[str]:
    """Return the attributes that a constructor sets, of which the class knows nothing in the `other`, earlier version.

    What an object that nobody made would hold there is anyone's guess, and no caller has asked for anything yet. An
    attribute that is gone is another thing: what callers had put there is lost. Not those that were only `renamed`.
    """
    methods, known = methods_of(source, owner), methods_of(other, owner)
    if not known:
        return frozenset()
    own = methods.get("__init__", frozenset()) & set_attributes(source, owner).keys()
    return own - known.keys() - frozenset().union(*known.values()) - frozenset(renamed)


@lru_cache(maxsize=32)
def methods_of(source: str, owner: str) -> Methods:
    """Return the methods of a class and of its bases in the module."""
    found: dict[str, frozenset[str]] = {}
    for number, cls in enumerate(with_bases(source, owner.rpartition(".")[2])):
        for method in cls.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                names = _named_in(ast.unparse(method))
                found.setdefault(method.name, names)
                if number:
                    place = f"super().{method.name}"
                    found[place] = found.get(place, frozenset()) | names
    return found


def _named_in(method: str) -> frozenset[str]:
    return frozenset((*OWN.findall(method), *(f"super().{name}" for name in OF_BASE.findall(method))))


def reached(methods: Methods, name: str) -> frozenset[str]:
    """Return what a method names of its object, and what the methods among these do."""
    names, todo = {name}, [name]
    while todo:
        found = methods.get(todo.pop(), frozenset()) - names
        names |= found
        todo += found
    return frozenset(names)
