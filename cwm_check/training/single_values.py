"""Single operations on strings and numbers: arithmetic, comparisons, methods, conversions."""

from __future__ import annotations

import string
from random import Random
from typing import Any

from cwm_check.training.operands import (
    Single,
    member_of,
    part_of,
    some_comparable,
    some_dict,
    some_items,
    some_size,
    some_string,
    some_word,
)
from cwm_check.training.values import fraction, integer

_IS = "isdigit isalpha isupper islower isalnum isspace istitle isnumeric isdecimal isidentifier isascii".split()
_CASES = "upper lower title capitalize swapcase casefold".split()


def compared(random: Random) -> Single:
    operator = random.choice(("<", ">", "<=", ">=", "==", "!=", "==", "!=", "==", "!="))
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


def calculated(random: Random) -> Single:
    left = random.choice((random.randint(0, 20), random.randint(0, 100), integer(random), random.randint(-50, 2000)))
    operator = random.choice(("+",) * 10 + ("-",) * 6 + ("*",) * 2 + ("**", "/", "&", "|", "^"))
    right = random.choice((1, 1, 2, 3, random.randint(1, 10), random.randint(0, 100), integer(random), left))
    if operator == "**":
        left, right = random.randint(-3, 12), random.randint(0, 10)
    if random.random() < 0.4:
        return f"v {operator}= {right}", {"v": left}
    return f"return {left!r} {operator} {right!r}", {}


def calculated_by_digits(random: Random) -> Single:
    """The rows of a product and of a division, and what they are added up from."""
    kind = random.random()
    if kind < 0.35:
        return f"return {random.randint(2, 10 ** random.randint(1, 4) + 1)} * {random.randint(2, 9)}", {}
    if kind < 0.45:
        rows = random.randint(10, 9999), 10 * random.randint(10, 9999)
        return f"return {rows[0]} + {rows[1]}", {}
    right = random.choice((2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 15, 16, 24, 60, 100, random.randint(2, 999)))
    left = random.randint(0, 10 * right - 1)
    if random.random() < 0.1:
        left, right = random.choice(((-left, right), (left, -right)))
    operator = random.choice(("//", "%"))
    if random.random() < 0.3:
        return f"v {operator}= {right}", {"v": left}
    return f"return {left} {operator} {right}", {}


def added(random: Random) -> Single:
    if random.random() < 0.7:
        whole = some_string(random)
        more = random.choice((some_word(random), part_of(random, whole), " ", random.choice(string.ascii_letters)))
        made = f"v += {more!r}" if random.random() < 0.6 else f"return {whole!r} + {more!r}"
        return made, {"v": whole}
    left, right = some_items(random), some_items(random)[:5]
    return (f"v += {right!r}", {"v": left}) if random.random() < 0.4 else (f"return {left!r} + {right!r}", {})


def joined(random: Random) -> Single:
    words = [some_word(random) for _ in range(some_size(random))]
    words = list(some_string(random)) if random.random() < 0.35 else words
    if random.random() < 0.1:
        return f"return {random.choice((' ', ',', '', '-'))!r}.join({some_string(random)[:24]!r})", {}
    return f"return {random.choice(('', '', ' ', ',', ', ', '-', some_word(random)))!r}.join({words!r})", {}


def string_asked(random: Random) -> Single:
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


def searched(random: Random) -> Single:
    """A method of `str` that looks for a part: what is found once, more than once, at an end, or not at all."""
    whole = some_string(random)
    part = part_of(random, whole) or random.choice(" ,a")
    if random.random() < 0.2:
        part = part[:-1] + random.choice(string.ascii_letters + " .,-")
    one = part[0]
    if random.random() < 0.3:
        whole = random.choice((whole + part, part + whole, whole + part + whole[:5], part.join(whole[:12].split("a"))))
    other = random.choice(("", "", "x", "-", "*", " ", "_", some_word(random), one * 2))
    where = random.choice(("find", "rfind", "index", "rindex"))
    call = random.choice(
        (
            f"replace({part!r}, {other!r})",
            f"replace({one!r}, {other!r})",
            f"replace({one!r}, {other!r}{random.choice(('', '', ', 1', ', 2'))})",
            f"{random.choice(('split', 'split', 'rsplit'))}({one!r})",
            f"split({part!r})",
            f"{random.choice(('split', 'rsplit'))}({one!r}, {random.randint(1, 3)})",
            "split()",
            f"{random.choice(('partition', 'rpartition'))}({random.choice((one, part))!r})",
            f"{where}({one!r})",
            f"{where}({part!r})",
            f"find({one!r}, {random.randint(0, len(whole))})",
            f"count({one!r})",
            f"count({part!r})",
            f"{random.choice(('strip', 'lstrip', 'rstrip'))}({random.choice(('', repr(one), repr(part)))})",
            f"{random.choice(('startswith', 'removeprefix'))}({_near(random, whole[: len(part)], part)!r})",
            f"{random.choice(('endswith', 'removesuffix'))}({_near(random, whole[-len(part) :], part)!r})",
        )
    )
    return f"return {whole!r}.{call}", {}


def _near(random: Random, part: str, other: str) -> str:
    """The part, or one that is like it, or another."""
    return random.choice((part, part, part[:-1] + random.choice("ab "), part[::-1], other))


def padded(random: Random) -> Single:
    """A string made wider: mostly by a few characters, sometimes by none."""
    whole = some_string(random)[:30]
    width = max(0, len(whole) + random.choice((-2, 0, 1, 1, 2, 3, 4, 5, 7, 10)))
    fill = random.choice(("", "", f", {random.choice('0*-_ #xz')!r}", f", {(whole or 'a')[-1]!r}"))
    call = random.choice(
        (f"ljust({width}{fill})", f"rjust({width}{fill})", f"center({width}{fill})", f"zfill({width})")
    )
    return f"return {whole!r}.{call}", {}


def kind_told(random: Random) -> Single:
    whole = random.choice(
        (some_word(random), some_word(random)[:1], some_string(random), str(integer(random)), " ", "Ab cd")
    )
    return f"return {whole!r}.{random.choice(_IS)}()", {}


def formatted(random: Random) -> Single:
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
                f"'%{random.choice(('', '-'))}{random.randint(2, 8)}s|' % {word!r}",
                f"round({random.uniform(-20, 20):.2f}, {random.randint(0, 2)})",
                f"{random.choice(('bin', 'oct', 'hex'))}({random.choice((random.randint(0, 40), number))})",
                f"({number}).bit_length()",
            )
        ),
        {},
    )


def formatted_alone(random: Random) -> Single:
    """One value of an f-string."""
    if random.random() < 0.5:
        spec = random.choice(("02d", "03d", "04d", "b", "x", "o", ",", "+d", ">4", "<4", "^6", ">6", "5", "d"))
        return f"return f'{{v:{spec}}}'", {"v": integer(random)}
    if random.random() < 0.3:
        spec = random.choice((".1f", ".2f", ".2f", ".3f", ".0f", "g"))
        return f"return f'{{v:{spec}}}'", {"v": round(random.uniform(-20, 20), random.randint(0, 2))}
    spec = random.choice((">4", "<4", "^6", "*^7", ">10", "<8", "-<6", "s", "!r", "^9", ".3"))
    return f"return f'{{v{spec if spec == '!r' else ':' + spec}}}'", {"v": some_string(random)[:12]}


def converted(random: Random) -> Single:
    number, word = integer(random), some_string(random)[:24]
    kind = random.choice(("int", "str", "list", "dict", "(str, list)", "(int, float)", "(list, tuple)"))
    source: Any = random.choice((word, word, some_items(random), some_dict(random)))
    known = some_dict(random)
    return (
        "return "
        + random.choice(
            (
                f"list({source!r})",
                f"list({source!r})",
                f"tuple({some_items(random)!r})",
                f"list({known!r}.{random.choice(('keys', 'values', 'items'))}())",
                f"str({number})",
                f"str({some_items(random)[:5]!r})",
                f"int({str(number)!r})",
                f"int({word[:3]!r})",
                f"ord({(word or 'a')[0]!r})",
                f"chr({random.randint(33, 122)})",
                f"abs({number})",
                f"bool({random.choice((number, word, source))!r})",
                f"isinstance({random.choice((number, word, source))!r}, {kind})",
            )
        ),
        {},
    )


def reduced(random: Random) -> Single:
    whole = some_comparable(random)
    return (
        "return "
        + random.choice(
            (
                f"{whole!r}.count({member_of(random, whole, 0.8)!r})",
                f"{whole!r}.count({member_of(random, whole, 0.4)!r})",
                f"{[random.choice('abc') for _ in range(some_size(random))]!r}.count('a')",
                f"sum({[fraction(random) for _ in range(some_size(random))]!r})",
                f"max({[fraction(random), True, integer(random)]!r})",
            )
        ),
        {},
    )


def substituted(random: Random) -> Single:
    """The patterns of `re` that code is full of."""
    whole, other = some_string(random)[:40], random.choice(("", "x", "-", "*", " ", "#", some_word(random)))
    pattern = random.choice(
        ("[aeiou]", "[aeiou]", r"\d+", r"\d", r"\s+", r"\s", r"\W+", r"\w+", "[^a-z]", "[A-Z]", "a")
    )
    call = random.choice(
        (
            f"re.sub({pattern!r}, {other!r}, {whole!r})",
            f"re.sub({pattern!r}, {other!r}, {whole!r})",
            f"re.findall({pattern!r}, {whole!r})",
            f"re.split({pattern!r}, {whole!r})",
            f"bool(re.search({pattern!r}, {whole!r}))",
            f"bool(re.match({pattern!r}, {whole!r}))",
        )
    )
    return f"return {call}", {}
