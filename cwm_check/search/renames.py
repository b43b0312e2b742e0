"""Attributes and classes that only got another name: texts of two modules in, name after -> name before out."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from cwm_check.search.targets import nodes, parsed

LINES_COMPARED = 1500  # of a class: matching takes longer than linear
PLACES = 2  # where an attribute must stand to be known by them
OWN = re.compile(r"(?<=\bself\.)\w+")


def renamed_classes(before: str, after: str) -> dict[str, str]:
    """Classes of a module that only got another name: name after -> name before; told by what is defined in them."""
    old, new = _classes(before), _classes(after)
    gone = {members: name for name, members in old.items() if name not in new}
    come = {members: name for name, members in new.items() if name not in old}
    is_clear = len(gone) == len(old.keys() - new.keys()) and len(come) == len(new.keys() - old.keys())
    return {name: gone[members] for members, name in come.items() if members in gone} if is_clear else {}


def _classes(source: str) -> dict[str, frozenset[str]]:
    """The names of the classes at the top of a module, and those of the functions in each that has any."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {
        node.name: frozenset(part.name for part in node.body if isinstance(part, functions))
        for node in parsed(source).body
        if isinstance(node, ast.ClassDef)
    }
    return {name: members for name, members in found.items() if members}


def renamed_attributes(before: str, after: str, owner: str) -> dict[str, str]:
    """Attributes of the class `owner` that have another name now: name after -> name before.

    Only what the methods of one version set, and those of the other no more, was renamed: to a public or a private
    name, to one that is set with the same annotation and value, or to what the same call gives, as no other is; or to
    one that stands wherever it stood, in lines that are the same but for it.
    """
    old, new = (set_attributes(source, owner) for source in (before, after))
    gone, come = ({n: how for n, how in one.items() if n not in other} for one, other in ((old, new), (new, old)))
    renamed = {}
    for name, how in come.items():
        alike = [n for n in gone if n.strip("_") == name.strip("_")] or [n for n in gone if _is_alike(gone[n], how)]
        is_only = sum(_is_alike(other, how) for other in come.values()) == 1
        if len(alike) == 1 and (alike[0].strip("_") == name.strip("_") or is_only):
            renamed[name] = alike[0]
    if gone.keys() - renamed.values() and come.keys() - renamed.keys():
        renamed = _in_the_same_places(before, after, owner, gone.keys(), come.keys()) | renamed
    return renamed


def renamed_families(before: str, after: str, owner: str) -> dict[str, str]:
    """How the names of methods of the class `owner` begin now that have all got another beginning: -> how they did.

    `{"output_": "parse_"}` where two or more `parse_x` are `output_x` now, and there is no `parse_x` any more: the
    program may compose such names.
    """
    old, new = (_methods(source, owner) for source in (before, after))
    seen = Counter(pair for one in old - new for two in new - old if all(pair := _beginnings(one, two)))
    found: dict[str, str] = {}
    for (was, now), count in seen.most_common():
        is_taken = any(name.startswith(was) for name in new) or any(name.startswith(now) for name in old)
        if count >= PLACES and not is_taken and now not in found and was not in found.values():
            found[now] = was
    return found


def _methods(source: str, owner: str) -> frozenset[str]:
    classes = with_bases(source, owner.rpartition(".")[2])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(part.name for cls in classes for part in cls.body if isinstance(part, functions))


def _beginnings(one: str, two: str) -> tuple[str, str]:
    """What two names begin with that end alike after an underscore: `parse_`, `output_`; nothing if they do not."""
    ends = (one[at + 1 :] for at, sign in enumerate(one[:-1]) if sign == "_")
    end = next((end for end in ends if two.endswith(f"_{end}")), "")
    return (one.removesuffix(end), two.removesuffix(end)) if end else ("", "")


def _in_the_same_places(before: str, after: str, owner: str, gone: Set[str], come: Set[str]) -> dict[str, str]:
    """Attributes of `come` that stand where one of `gone` stood: name after -> name before."""
    old, new = _lines(before, owner), _lines(after, owner)
    if max(len(old), len(new)) > LINES_COMPARED:
        return {}
    masked = [[OWN.sub("", line) for line in lines] for lines in (old, new)]
    seen: Counter[tuple[str, str]] = Counter()
    for i, j, size in SequenceMatcher(None, masked[0], masked[1], autojunk=False).get_matching_blocks():
        for one, two in zip(old[i : i + size], new[j : j + size], strict=True):
            seen.update(zip(OWN.findall(one), OWN.findall(two), strict=True))
    pairs = [(one, two) for one, two in seen if one in gone or two in come]
    olds, news = (Counter(names) for names in zip(*pairs, strict=True)) if pairs else (Counter(), Counter())
    return {
        two: one
        for one, two in pairs
        if one in gone and two in come and olds[one] == news[two] == 1 and seen[one, two] >= PLACES
    }


def _lines(source: str, owner: str) -> list[str]:
    """The statements of a class and of its bases in the module, a line each."""
    return [line for cls in with_bases(source, owner.rpartition(".")[2]) for line in ast.unparse(cls).split("\n")]


@dataclass(frozen=True, slots=True)
class HowSet:
    """How an attribute is set first."""

    annotated: str = ""
    """Annotation and value, if it has both."""
    value: str = ""
    """The value, if it is made by a call."""


def _is_alike(one: HowSet, other: HowSet) -> bool:
    return bool(one.annotated and one.annotated == other.annotated) or bool(one.value and one.value == other.value)


@lru_cache(maxsize=32)
def set_attributes(source: str, owner: str) -> dict[str, HowSet]:
    """Return the attributes that the methods of a class and of its bases in the module set, and how."""
    found: dict[str, HowSet] = {}
    for cls in with_bases(source, owner.rpartition(".")[2]):
        for method in cls.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                found = _set_on(method) | found
    return found


def with_bases(source: str, name: str) -> list[ast.ClassDef]:
    """Return the class of that name, and those of its bases that are in the module."""
    classes = [node for node in nodes(source) if isinstance(node, ast.ClassDef)]
    names, found = [name], []
    for wanted in names:  # grows on the way
        for cls in classes:
            if cls.name == wanted and cls not in found:
                found.append(cls)
                names += [part.id for base in cls.bases for part in ast.walk(base) if isinstance(part, ast.Name)]
    return found


def _set_on(method: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, HowSet]:
    found: dict[str, HowSet] = {}
    rest = {a.arg: name for a, name in ((method.args.vararg, "args"), (method.args.kwarg, "kwargs")) if a is not None}
    for node in ast.walk(method):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
            match target:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == method.args.args[0].arg:
                    found.setdefault(attribute, _how(node, rest))
    return found


def _how(node: ast.Assign | ast.AnnAssign, rest: Mapping[str, str]) -> HowSet:
    annotated = ast.unparse(node).partition(":")[2] if isinstance(node, ast.AnnAssign) else ""
    if node.value is None or not any(isinstance(part, ast.Call) for part in ast.walk(node.value)):
        return HowSet(annotated)
    value = ast.parse(ast.unparse(node.value), mode="eval")
    for part in ast.walk(value):
        if isinstance(part, ast.Name):
            part.id = rest.get(part.id, part.id)
    return HowSet(annotated, ast.unparse(value))
