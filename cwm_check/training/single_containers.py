"""Single operations on containers: items, slices, members, changes in place, loops."""

from __future__ import annotations

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
from cwm_check.training.values import integer

_CASES = "upper lower title capitalize swapcase casefold".split()


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
    whole = some_comparable(random)
    way = random.choice(("", "", "reverse=True", "key=len" if whole and isinstance(whole[0], str) else ""))
    if random.random() < 0.25:
        return f"v.sort({way})", {"v": whole}
    if random.random() < 0.25:
        return _ordered_by_key(random)
    source: Any = random.choice((whole, whole, whole, some_string(random)[:24], set(whole), some_counts(random)))
    return f"return sorted({source!r}{', ' + way if way and way != 'key=len' else ''})", {}


def _ordered_by_key(random: Random) -> Single:
    pairs = [(some_word(random), integer(random)) for _ in range(random.randint(0, 6))]
    key = random.choice(
        ("lambda p: p[1]", "lambda p: p[1]", "lambda x: x[1]", "lambda p: -p[1]", "lambda p: (-p[1], p[0])")
    )
    way = random.choice(("", "", ", reverse=True"))
    if random.random() < 0.4:
        return f"v.sort(key={key}{way})", {"v": pairs}
    return f"return sorted({random.choice((repr(pairs), f'{dict(pairs)!r}.items()'))}, key={key}{way})", {}


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


def looped(random: Random) -> Single:
    """The items of a `for`, where they are not to be read off."""
    a, b = random.randint(0, 6), random.randint(0, 14)
    word = some_string(random)[:20]
    head = random.choice(
        (
            f"range({b})",
            f"range({random.randint(0, 40)})",
            f"range({-a}, {random.choice((0, 0, b))})",
            f"range({a}, {b})",
            f"range({a}, {b}, {random.choice((1, 2, 3))})",
            f"range({b}, {a}, -1)",
            f"range({b}, -1, {random.choice((-1, -1, -2))})",
            f"reversed(range({b}))",
            f"range({random.randint(0, 30)}, {random.choice((-1, 0, a))}, -1)",
            f"sorted({some_comparable(random)[:10]!r})",
            f"sorted({some_dict(random)!r})",
            f"{word!r}.{random.choice(_CASES)}()",
            f"{word!r}.split({random.choice(('', repr(part_of(random, word))))})",
            f"{word!r}.encode('utf-8')",
        )
    )
    return f"for _ in {head}: pass", {}
