"""Single operations on containers: items, slices, members, changes in place, loops."""

from __future__ import annotations

import string
from random import Random
from typing import Any

from cwm_check.training.operands import (
    Single,
    index_in,
    item_maker,
    key_of,
    member_of,
    part_of,
    some_comparable,
    some_counts,
    some_dict,
    some_items,
    some_sequence,
    some_size,
    some_string,
    some_word,
)
from cwm_check.training.values import fraction, integer


def subscripted(random: Random) -> Single:
    whole = some_sequence(random)
    return f"return {whole!r}[{index_in(random, len(whole))}]", {}


def found_by_key(random: Random) -> Single:
    known = some_dict(random)
    return f"return {known!r}[{key_of(random, known, 0.9)!r}]", {}


def looked_up(random: Random) -> Single:
    known = some_dict(random)
    default = random.choice(("", "", ", 0", ", ''", f", {item_maker(random)()!r}"))
    return f"return {known!r}.get({key_of(random, known, 0.6)!r}{default})", {}


def cut(random: Random) -> Single:
    whole = some_sequence(random)
    a, b = index_in(random, len(whole)), index_in(random, len(whole))
    step = random.choice((2, 3, -1, -2))
    shape = random.choice((f"{a}:", f":{b}", f"{a}:{b}", f"{a}:{b}", "::-1", f"::{step}", f"{a}::{step}", "1:", ":-1"))
    return f"return {whole!r}[{shape}]", {}


def appended(random: Random) -> Single:
    make = item_maker(random)
    return f"v.append({make()!r})", {"v": [make() for _ in range(some_size(random))]}


def list_changed(random: Random) -> Single:
    make = item_maker(random)
    whole = [make() for _ in range(some_size(random))]
    at = index_in(random, len(whole))
    statement = random.choice(
        (
            f"v.insert({random.choice((0, at))}, {make()!r})",
            f"v.insert({at}, {make()!r})",
            f"v.remove({member_of(random, whole, 0.93)!r})",
            f"v.remove({member_of(random, whole, 0.93)!r})",
            f"x = v.pop({random.choice(('', '0', '-1', at))})",
            f"v.pop({random.choice(('', '0', '-1', at))})",
            f"v[{at}] = {make()!r}",
            f"v[{at}] = {make()!r}",
            f"v[{at}] = {make()!r}",
            f"v += [{make()!r}]",
            f"v.extend({[make() for _ in range(random.randint(0, 4))]!r})",
            f"del v[{at}]",
            "v.reverse()",
            f"v[{at}:] = {[make()]!r}",
            f"v[:{at}] = {[make() for _ in range(random.randint(0, 3))]!r}",
            f"v[{at}:{at + 2}] = {[make() for _ in range(random.randint(0, 3))]!r}",
            f"v[{random.choice((':', '::-1'))}] = {[make() for _ in whole]!r}",
            "v.reverse()",
            "v.clear()",
        )
    )
    return statement, {"v": whole}


def item_searched(random: Random) -> Single:
    """What looks for an item by its value or place and changes the list there."""
    make = item_maker(random)
    whole = [make() for _ in range(random.choice((2, 3, 4, 5, 6, 8, 10, 14, 20, 30)))]
    member, at = member_of(random, whole, 0.95), index_in(random, len(whole))
    statement = random.choice(
        (
            f"v.remove({member!r})",
            f"v.remove({member!r})",
            f"return {whole!r}.index({member!r})",
            f"return {whole!r}.count({member!r})",
            f"v.insert({at}, {random.choice((member, make()))!r})",
            f"x = v.pop({random.choice(('', '0', at, at))})",
            f"v[{at}] = {random.choice((member, make()))!r}",
            f"v.pop({random.choice(('', '0', at, at))})",
            f"return {whole!r}[{at}]",
            "v.reverse()",
            f"return {whole!r}[::-1]",
        )
    )
    return statement, {"v": whole}


def dict_changed(random: Random) -> Single:
    make = item_maker(random)
    known = {key: make() for key in some_dict(random)}
    counts = some_counts(random)
    key, value = key_of(random, known), make()
    increments = f"v[{key_of(random, counts, 0.9)!r}] += {random.choice((1, 1, 1, 2, 5))}"
    statement, whole = random.choice(
        (
            (f"v[{key_of(random, known, 0.4)!r}] = {value!r}", known),
            (f"v[{key!r}] = {value!r}", known),
            (increments, counts),
            (increments, counts),
            (f"x = v.pop({key!r})", known),
            (f"v.pop({key!r}, None)", known),
            ("x = v.popitem()", known),
            (f"v.update({dict([(key, value)])!r})", known),
            (f"x = v.setdefault({key!r}, {value!r})", known),
            (f"del v[{key!r}]", known),
            (f"v.update({ {make_key: value for make_key in (key, 'k')}!r})", known),
        )
    )
    return statement, {"v": whole}


def ordered(random: Random) -> Single:
    """Two items of those that are sorted: what sorting asks."""
    left, right = random.choice((_two_numbers, _two_characters, _two_items))(random)
    operator = random.choice(("<", "<", "<", ">", ">", "<=", ">="))
    return f"return {left!r} {operator} {right!r}", {}


def _two_numbers(random: Random) -> tuple[Any, Any]:
    left = random.choice((integer(random), random.randint(-99, 99), random.randint(-999, 9999)))
    near = left + random.choice((-1, 1)) * random.choice((1, 2, 5, 10, 30, 100))
    return left, random.choice((near, near, integer(random), random.randint(-99, 999), -left))


def _two_characters(random: Random) -> tuple[Any, Any]:
    """Mostly letters; sometimes all that can be typed, or what few type."""
    characters = random.choice((string.ascii_lowercase,) * 3 + (string.ascii_letters, string.printable[:95]))
    if random.random() < 0.03:
        characters = "aZ0 äöüßé日本ñ_\n\t"
    left, right = random.sample(characters, 2)
    return left, right


def _two_items(random: Random) -> tuple[Any, Any]:
    items = some_comparable(random)
    left, right = random.sample(items, 2) if len(items) > 1 else (integer(random), fraction(random))
    return left, right


def changed_set(random: Random) -> Single:
    """Sets: made of items, changed, combined, searched."""
    make = random.choice((lambda: integer(random), lambda: random.randint(0, 9), lambda: some_word(random)))
    first, second = ([make() for _ in range(random.choice((0, 1, 2, 2, 3, 3, 4, 5, 6, 8)))] for _ in range(2))
    second += random.sample(first, min(len(first), random.randint(0, 3)))
    left, right = set(first), set(second)
    member = member_of(random, first, 0.6)
    name = random.choice(("union", "intersection", "difference", "symmetric_difference"))
    change = random.choice(("update", "update", "difference_update", "intersection_update"))
    statement = random.choice(
        (
            f"return set({first + second!r})",
            f"return set({first!r})",
            f"return set({some_string(random)[:12]!r})",
            f"return {left or {0}!r} {random.choice('|&-^')} {right or {1}!r}",
            f"v {random.choice('|&-^')}= {right or {1}!r}",
            f"return {left!r}.{name}({second!r})",
            f"v.{change}({second!r})",
            f"v.{random.choice(('add', 'add', 'discard'))}({member!r})",
            f"v.{random.choice(('add', 'remove'))}({make()!r})",
            f"return len({left!r})",
            f"return {left!r}.{random.choice(('issubset', 'issuperset', 'isdisjoint'))}({second!r})",
            f"return {left!r} {random.choice(('<=', '==', '<', '>='))} {right!r}",
        )
    )
    return statement, {"v": left}


def counted(random: Random) -> Single:
    whole = random.choice((some_sequence, some_sequence, some_sequence, some_dict))(random)
    return f"return len({whole!r})", {}


def contained(random: Random) -> Single:
    operator = random.choice(("in", "in", "not in"))
    if random.random() < 0.5:
        whole: Any = (
            some_string(random) if random.random() < 0.7 else random.choice(("aeiou", "AEIOUaeiou", "0123456789"))
        )
        part = part_of(random, whole) if random.random() < 0.6 else some_word(random)[:1]
        return f"return {part!r} {operator} {whole!r}", {}
    whole = random.choice((some_items, some_items, some_dict))(random)
    return f"return {member_of(random, whole, 0.5)!r} {operator} {whole!r}", {}


def list_asked(random: Random) -> Single:
    whole = some_items(random)
    member = member_of(random, whole, 0.9)
    call = random.choice((f"count({member!r})", f"index({member!r})", f"index({member!r})", "copy()"))
    return f"return {whole!r}.{call}", {}
