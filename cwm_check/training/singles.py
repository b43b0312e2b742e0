"""Single operations on random values, drawn directly: the frequent ones of Python as often as programs meet them.

Programs and drills cover the language; what they seldom give is many different values for the few operations of which
most code is made: an index, a slice, `len`, `append`, `in`, `==`, `join`. A `Random` in, a statement with values out.
Arguments are taken from the value they are for, so that indexes hit, parts are found and keys are there.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from cwm_check.training.operands import (
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
from cwm_check.training.steps import Example, examples_of
from cwm_check.training.values import integer

_Single = tuple[str, dict[str, Any]]
"""A statement and the values of its locals."""
_IS = "isdigit isalpha isupper islower isalnum isspace istitle isnumeric isdecimal isidentifier isascii".split()
_CASES = "upper lower title capitalize swapcase casefold".split()


def examples(random: Random) -> Iterator[Example]:
    """Yield examples of single operations, without end."""
    makers, weights = zip(*_MAKERS.items(), strict=True)
    while True:
        statement, values = random.choices(makers, weights)[0](random)
        texts = {name: repr(value) for name, value in values.items()}
        yield from examples_of(ast.parse(statement).body[0], texts)


def _subscript(random: Random) -> _Single:
    whole = some_sequence(random)
    return f"return {whole!r}[{index_in(random, len(whole))}]", {}


def _lookup(random: Random) -> _Single:
    known = some_dict(random)
    return f"return {known!r}[{key_of(random, known, 0.9)!r}]", {}


def _get(random: Random) -> _Single:
    known = some_dict(random)
    default = random.choice(("", "", ", 0", ", ''", f", {item_maker(random)()!r}"))
    return f"return {known!r}.get({key_of(random, known, 0.6)!r}{default})", {}


def _slice(random: Random) -> _Single:
    whole = some_sequence(random)
    a, b = index_in(random, len(whole)), index_in(random, len(whole))
    step = random.choice((2, 3, -1, -2))
    shape = random.choice((f"{a}:", f":{b}", f"{a}:{b}", f"{a}:{b}", "::-1", f"::{step}", f"{a}::{step}", "1:", ":-1"))
    return f"return {whole!r}[{shape}]", {}


def _append(random: Random) -> _Single:
    make = item_maker(random)
    return f"v.append({make()!r})", {"v": [make() for _ in range(some_size(random))]}


def _change_list(random: Random) -> _Single:
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
            "v.clear()",
        )
    )
    return statement, {"v": whole}


def _sort(random: Random) -> _Single:
    whole = some_comparable(random)
    way = random.choice(("", "", "reverse=True", "key=len" if whole and isinstance(whole[0], str) else ""))
    if random.random() < 0.3:
        return f"v.sort({way})", {"v": whole}
    source: Any = random.choice((whole, whole, whole, some_string(random)[:16], set(whole), some_counts(random)))
    return f"return sorted({source!r}{', ' + way if way and way != 'key=len' else ''})", {}


def _change_dict(random: Random) -> _Single:
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


def _add(random: Random) -> _Single:
    if random.random() < 0.7:
        whole = some_string(random)
        more = random.choice((some_word(random), part_of(random, whole), " ", random.choice(string.ascii_letters)))
        made = f"v += {more!r}" if random.random() < 0.6 else f"return {whole!r} + {more!r}"
        return made, {"v": whole}
    left, right = some_items(random), some_items(random)[:5]
    return (f"v += {right!r}", {"v": left}) if random.random() < 0.4 else (f"return {left!r} + {right!r}", {})


def _length(random: Random) -> _Single:
    whole = random.choice((some_sequence, some_sequence, some_sequence, some_dict))(random)
    return f"return len({whole!r})", {}


def _membership(random: Random) -> _Single:
    operator = random.choice(("in", "in", "not in"))
    if random.random() < 0.5:
        whole: Any = (
            some_string(random) if random.random() < 0.7 else random.choice(("aeiou", "AEIOUaeiou", "0123456789"))
        )
        part = part_of(random, whole) if random.random() < 0.6 else some_word(random)[:1]
        return f"return {part!r} {operator} {whole!r}", {}
    whole = random.choice((some_items, some_items, some_dict))(random)
    return f"return {member_of(random, whole, 0.5)!r} {operator} {whole!r}", {}


def _comparison(random: Random) -> _Single:
    operator = random.choice(("<", ">", "<=", ">=", "==", "!=", "==", "!="))
    kind = random.random()
    if kind < 0.6:
        left: Any = random.randint(0, 20) if random.random() < 0.6 else integer(random)
        right: Any = left + random.choice((0, 0, 1, -1, 2)) if random.random() < 0.4 else random.randint(-5, 30)
    elif kind < 0.85:
        left = some_word(random)
        right = (
            left if random.random() < 0.4 else random.choice((some_word(random), left[::-1], left.upper(), left[:-1]))
        )
    else:
        left = some_items(random)
        right = list(left) if random.random() < 0.5 else left[1:] or [0]
        operator = random.choice(("==", "!="))
    return f"return {left!r} {operator} {right!r}", {}


def _arithmetic(random: Random) -> _Single:
    left = random.choice((random.randint(0, 20), random.randint(0, 100), integer(random)))
    operator = random.choice(("+", "+", "+", "-", "-", "*", "//", "%", "%", "**", "/", "&", "|"))
    right = random.choice((1, 1, 2, 2, 3, random.randint(1, 10), random.randint(0, 100), integer(random)))
    if operator == "**":
        left, right = random.randint(-3, 12), random.randint(0, 4)
    if operator in "+-*" and random.random() < 0.35:
        return f"v {operator}= {right}", {"v": left}
    return f"return {left!r} {operator} {right!r}", {}


def _repeat(random: Random) -> _Single:
    whole = some_word(random) if random.random() < 0.7 else some_items(random)[:3]
    return f"return {whole!r} * {random.choice((0, 1, 2, 2, 3, 3, 4, 5, 7))}", {}


def _join(random: Random) -> _Single:
    words = [some_word(random) for _ in range(some_size(random))]
    words = list(some_string(random)) if random.random() < 0.35 else words
    return f"return {random.choice(('', '', ' ', ',', ', ', '-', some_word(random)))!r}.join({words!r})", {}


def _convert(random: Random) -> _Single:
    number, word = integer(random), some_string(random)[:24]
    kind = random.choice(("int", "str", "list", "dict"))
    source: Any = random.choice((word, word, some_items(random), some_dict(random)))
    known = some_dict(random)
    return (
        "return "
        + random.choice(
            (
                f"list({source!r})",
                f"list({source!r})",
                f"tuple({some_items(random)!r})",
                f"set({some_comparable(random)!r})",
                f"list({known!r}.{random.choice(('keys', 'values', 'items'))}())",
                f"list(reversed({some_sequence(random)!r}))",
                f"list(range({random.randint(0, 12)}))",
                f"str({number})",
                f"str({some_items(random)[:5]!r})",
                f"int({str(number)!r})",
                f"int({word[:3]!r})",
                f"ord({(word or 'a')[0]!r})",
                f"chr({random.randint(33, 122)})",
                f"abs({number})",
                f"bool({random.choice((number, word, source))!r})",
                f"dict({[(key, value) for key, value in known.items()]!r})",
                f"isinstance({random.choice((number, word, source))!r}, {kind})",
                f"dict.fromkeys({some_comparable(random)[:5]!r}, {random.randint(0, 3)})",
            )
        ),
        {},
    )


def _reduce(random: Random) -> _Single:
    whole = some_comparable(random)
    numbers = [integer(random) for _ in range(some_size(random))]
    return (
        "return "
        + random.choice(
            (
                f"sum({[random.randint(0, 9) for _ in range(some_size(random))]!r})",
                f"sum({numbers[:5]!r})",
                f"max({whole!r})",
                f"min({whole!r})",
                f"max({integer(random)}, {integer(random)})",
                f"min({integer(random)}, {integer(random)})",
                f"max({some_counts(random)!r}.values())",
                f"sum({some_counts(random)!r}.values())",
                f"any({[random.random() < 0.3 for _ in range(some_size(random))]!r})",
                f"all({[random.random() < 0.7 for _ in range(some_size(random))]!r})",
            )
        ),
        {},
    )


def _loop(random: Random) -> _Single:
    """The items of a `for`."""
    a, b = random.randint(0, 6), random.randint(0, 14)
    word, whole = some_string(random)[:20], some_items(random)[:8]
    head = random.choice(
        (
            f"range({b})",
            f"range({b})",
            f"range({a}, {b})",
            f"range({a}, {b}, {random.choice((1, 2, 3))})",
            f"range({b}, {a}, -1)",
            f"range({b}, -1, {random.choice((-1, -1, -2))})",
            f"enumerate({word[:12]!r})",
            f"enumerate({whole!r})",
            f"zip({word[:8]!r}, {whole!r})",
            f"zip({whole!r}, {some_items(random)[:8]!r})",
            f"{some_dict(random)!r}.items()",
            f"{some_dict(random)!r}.values()",
            f"{some_dict(random)!r}.keys()",
            f"reversed({word!r})",
            f"reversed({whole!r})",
            f"sorted({some_comparable(random)[:10]!r})",
            f"sorted({some_dict(random)!r})",
            f"{word!r}.{random.choice(_CASES)}()",
            f"{word!r}.split({random.choice(('', repr(part_of(random, word))))})",
            f"{word!r}.encode('utf-8')",
        )
    )
    return f"for _ in {head}: pass", {}


def _of_string(random: Random) -> _Single:
    """A method of `str`, each about as likely as code calls it."""
    whole, count = some_string(random), random.randint(0, 3)
    part, other = part_of(random, whole), random.choice(("", "x", "-", "*", " ", some_word(random)))
    ends = random.choice((whole[:2], whole[-2:], whole[-1:], part))
    at = random.randint(0, max(1, len(whole)))
    width, fill = random.randint(1, 20), random.choice(("", "", ", '0'", ", '*'", ", ' '", f", {part[:1] or '-'!r}"))
    separator = random.choice((part[:1] or " ", part or " ", " ", ",", "-", "\n"))
    call = random.choice(
        (
            f"replace({part!r}, {other!r})",
            f"replace({part!r}, {other!r})",
            f"replace({part[:1]!r}, {other!r})",
            f"replace({part[:1]!r}, {other!r}, {count})",
            "split()",
            f"split({separator!r})",
            f"split({separator!r})",
            f"rsplit({separator!r}, {max(1, count)})",
            f"split({separator!r}, {max(1, count)})",
            f"{random.choice(('partition', 'rpartition'))}({separator!r})",
            "splitlines()",
            f"{random.choice(('find', 'rfind', 'index', 'rindex'))}({part!r})",
            f"{random.choice(('find', 'rfind', 'index', 'rindex'))}({part[:1] or 'a'!r})",
            f"find({part!r}, {at})",
            f"count({part!r})",
            f"count({part[:1] or 'a'!r})",
            f"{random.choice(('strip', 'lstrip', 'rstrip'))}()",
            f"{random.choice(('strip', 'lstrip', 'rstrip'))}({ends!r})",
            f"{random.choice(_CASES)}()",
            f"{random.choice(_CASES)}()",
            f"{random.choice(_CASES)}()",
            f"{random.choice(('startswith', 'endswith'))}({ends!r})",
            f"{random.choice(('removeprefix', 'removesuffix'))}({ends!r})",
            f"{random.choice(('ljust', 'rjust', 'center'))}({width}{fill})",
            f"zfill({width})",
            "encode('utf-8')",
            "expandtabs()",
        )
    )
    return f"return {whole!r}.{call}", {}


def _is_kind(random: Random) -> _Single:
    whole = random.choice(
        (some_word(random), some_word(random)[:1], some_string(random), str(integer(random)), " ", "Ab cd")
    )
    return f"return {whole!r}.{random.choice(_IS)}()", {}


def _of_list(random: Random) -> _Single:
    whole = some_items(random)
    member = member_of(random, whole, 0.9)
    call = random.choice((f"count({member!r})", f"index({member!r})", f"index({member!r})", "copy()"))
    return f"return {whole!r}.{call}", {}


def _formatted(random: Random) -> _Single:
    word, number = some_word(random), integer(random)
    return (
        "return "
        + random.choice(
            (
                f"'{{}} {{}}'.format({word!r}, {number})",
                f"'{{0}}{{1}}'.format({word!r}, {number})",
                f"'%s: %d' % ({word!r}, {number})",
                f"'%s' % {word!r}",
                f"'%0{random.randint(1, 5)}d' % {number}",
                f"format({number}, '0{random.randint(1, 5)}d')",
                f"{word!r}.translate(str.maketrans({'abc'!r}, {'xyz'!r}))",
                f"divmod({number}, {random.randint(1, 10)})",
                f"round({random.uniform(-20, 20):.2f}, {random.randint(0, 2)})",
                f"bin({random.randint(0, 40)})",
            )
        ),
        {},
    )


_MAKERS: dict[Callable[[Random], _Single], int] = {
    _subscript: 12,
    _lookup: 4,
    _get: 3,
    _slice: 8,
    _append: 8,
    _change_list: 10,
    _sort: 3,
    _change_dict: 8,
    _add: 8,
    _length: 6,
    _membership: 8,
    _comparison: 8,
    _arithmetic: 8,
    _repeat: 2,
    _join: 5,
    _convert: 7,
    _reduce: 3,
    _loop: 8,
    _of_string: 18,
    _is_kind: 5,
    _of_list: 3,
    _formatted: 3,
}
"""How often each is drawn, by judgement of what Python code is made of."""
