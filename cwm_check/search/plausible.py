"""Which values an unknown object may plausibly have, by the kind that is asked for; tables and one function.

Kinds are names of builtin types and of a few well-known classes. Values are Python expressions for the sandbox; nothing
is evaluated here but literals.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

STRING = frozenset(
    "startswith endswith strip lstrip rstrip lower upper split rsplit splitlines encode isdigit isalpha isalnum "
    "isspace isupper islower "
    "isidentifier isnumeric isdecimal zfill ljust rjust casefold swapcase capitalize rpartition expandtabs "
    "removeprefix removesuffix rfind rindex".split()
)
"""Methods that only texts have: an unknown object on which one is called is taken for a text. So the next three."""
LIST = frozenset("append extend sort".split())
DICT = frozenset("items keys values setdefault popitem iteritems".split())
SET = frozenset("issubset issuperset symmetric_difference discard intersection union difference_update".split())
READS = frozenset(
    "read readline readlines recv next pop popleft popitem get_nowait random randint choice shuffle fetchone fetchall "
    "input".split()
)
"""Calls that may give something else each time."""
LOGS = frozenset("debug info warning warn error exception critical log".split())
TYPES = {
    **{n: n for n in "int float str bytes bool list tuple dict set frozenset bytearray NoneType complex".split()},
    "datetime.datetime": "datetime",
    "datetime.date": "date",
    "datetime.time": "time",
    "datetime.timedelta": "timedelta",
    "decimal.Decimal": "Decimal",
    "fractions.Fraction": "Fraction",
    "collections.abc.Mapping": "dict",
    "collections.abc.MutableMapping": "dict",
    "collections.abc.Sequence": "list",
    "collections.abc.Iterable": "list",
    "collections.abc.Set": "set",
    "numbers.Number": "int",
    "numbers.Integral": "int",
    "numbers.Real": "float",
    "collections.OrderedDict": "dict",
    "datetime.tzinfo": "tzinfo",
    "_pydatetime.datetime": "datetime",
    "pathlib.PurePosixPath": "path",
    "collections.abc.Collection": "list",
    "collections.abc.MutableSequence": "list",
}
"""Classes that an unknown object may be asked to be an instance of, and the kind of value that it then gets."""
LITERALS: dict[str, tuple[str, ...]] = {
    "int": ("2", "0", "-1", "7", "100"),
    "float": ("1.5", "0.0", "-2.25", "inf", "nan"),
    "str": ("'abc'", "''", "' Ab 1 '"),
    "char": ("'a'", "' '", "'1'", "'é'"),
    "bytes": ("b'abc'", "b''", "b'\\xff'"),
    "bool": ("True", "False"),
    "NoneType": ("None",),
    "complex": ("(1+2j)",),
    "bytearray": ("bytearray(b'abc')",),
    "datetime": (
        "datetime.datetime(2020, 1, 2, 3, 4, 5)",
        "datetime.datetime(2024, 2, 29, 0, 0)",
        "datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
    ),
    "date": ("datetime.date(2020, 1, 2)",),
    "time": ("datetime.time(12, 30, 15)", "datetime.time(0, 0)", "datetime.time(23, 59, 59)"),
    "timedelta": ("datetime.timedelta(days=1, seconds=5)", "datetime.timedelta(0)", "datetime.timedelta(days=-3)"),
    "Decimal": ("Decimal('1.50')", "Decimal('0')", "Decimal('-2.675')"),
    "tzinfo": ("datetime.timezone.utc",),
    "Fraction": ("Fraction(1, 3)",),
    "path": ("PurePosixPath('a/b.txt')",),
    "encoding": ("'utf-8'", "'ascii'", "'latin-1'", "'utf-16'"),
    "errors": ("'strict'", "'ignore'", "'replace'"),
    "frozenset": ("frozenset({1, 2})", "frozenset()"),
}
"""Plausible values by kind, the plainest first."""
POOLED = {"encoding": "str", "errors": "str"}
"""Kinds of texts with a meaning, and the kind that their literals have in the source."""
OTHERS = {
    "int": ("3", "5", "7", "11", "13", "17", "19", "23"),
    "float": ("2.5", "3.5", "5.5", "7.5", "11.5", "13.5", "17.5", "19.5"),
    "str": ("'def'", "'ghi'", "'jkl'", "'mno'", "'pqr'", "'stu'", "'vwx'", "'xyz'"),
    "Decimal": tuple(f"Decimal('{n}')" for n in ("3.5", "7.25", "11.5", "13.75", "17.5", "19.25")),
    "bytes": ("b'def'", "b'ghi'", "b'jkl'", "b'mno'", "b'pqr'", "b'stu'", "b'vwx'", "b'xyz'"),
}
"""As plain as the first of `LITERALS`: where every unknown object had the same value, sets, comparisons and smallest
values would hide which of them was used."""
EMPTY = ("''", "b''")
"""What shows least of what is done with a text."""
_LARGE = 1000
SIZED = {"list": (2, 0, 1, 3), "tuple": (2, 0, 1, 3), "set": (2, 0, 1)}
"""Containers of unknown items, and the sizes to try."""


def options_for(
    kind: str,
    hints: Sequence[str],
    known: Sequence[str],
    pool: Mapping[str, tuple[str, ...]],
    named: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return at most eight values of `kind`, the most plausible first, besides those of `named`.

    `hints` are the values it is compared with, `known` what a world model says, `pool` the constants of both versions
    by kind, those of changed lines first, `named` what values of its name are compared with somewhere. Containers of
    unknown items are written `list:2` and `dict:["'key'"]`.
    """
    if kind in SIZED:
        return tuple(f"{kind}:{n}" for n in SIZED[kind])
    if kind == "dict":
        texts = pool.get("str", ())
        keys = (*(t for t in texts if t[1:-1].isidentifier()), *texts)[:3] or ("'a'", "'b'")
        return (f"dict:{_keys(keys)}", "dict:[]", f"dict:{_keys(keys[:1])}")
    pooled = {literal: rank for rank, literal in enumerate(pool.get(kind, ()))}
    ranked = sorted(hints, key=lambda h: pooled.get(h, len(pooled)))
    near = _neighbours(ranked[0]) if len(ranked) == 1 else ranked[:5]
    plain, own = LITERALS.get(kind, ()), pool.get(POOLED.get(kind, kind), ())
    said, empty = ([k for k in known if (k in EMPTY) is is_empty] for is_empty in (False, True))
    found = dict.fromkeys(
        [*named, *near[:1], *own[: 2 * bool(near)], *near[1:], *said, *plain[:1], *empty, *own[:4], *plain[1:]]
    )
    return tuple(found)[: 8 + len(named)] or ("None",)


def telling(
    hints: Sequence[str], kind: str, pool: Mapping[str, tuple[str, ...]], taken: Collection[str]
) -> tuple[str, ...]:
    """Return the hints that the program itself names: what another unknown object was given says nothing."""
    return tuple(h for h in hints if h not in taken or h in pool.get(kind, ()))


def distinct(kind: str, options: Sequence[str], taken: Collection[str]) -> tuple[str, ...]:
    """Return the options with another one in front, where the plainest is what another unknown object is already."""
    others = OTHERS.get(kind, ())
    if not others or options[0] != LITERALS[kind][0] or options[0] not in taken:
        return tuple(options)
    return tuple(dict.fromkeys((next((o for o in others if o not in taken), others[-1]), *options)))[:8]


def _keys(literals: Sequence[str]) -> str:
    return "[" + ", ".join(repr(k) for k in literals) + "]"


def _neighbours(literal: str) -> list[str]:
    """A value that a comparison names, and values beside it."""
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return [literal] if literal.startswith(("datetime.", "Decimal")) else []
    if type(value) is bool:
        return [repr(value), repr(not value)]
    if isinstance(value, int):
        return [repr(value), repr(value + 1), repr(value - 1)]
    if isinstance(value, float):
        step = 0.5 if abs(value) < _LARGE else 100.5  # of what is that large, texts and numbers are whole
        return [repr(value), repr(value + step), repr(value - step)]
    if isinstance(value, str | bytes):
        return [repr(value), repr(value + value[:1] * 2)]  # type: ignore[operator]
    return [literal]


@lru_cache(maxsize=512)
def by_kind(pool: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the literals of a pool under the names of their types."""
    found: dict[str, list[str]] = {}
    for literal in pool:
        try:
            found.setdefault(type(ast.literal_eval(literal)).__name__, []).append(literal)
        except (ValueError, SyntaxError):
            continue
    return {k: tuple(v) for k, v in found.items()}
