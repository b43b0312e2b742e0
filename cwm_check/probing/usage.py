"""Values for a name from what the code does with it: types from use, and the values on both sides of its tests.

The clues of both versions in, literal texts out. Names that a value flows to (`x = x.strip()`, `for item in items`)
count for it, a few steps deep. A name with attributes that no builtin type has is an object: it gets no value.
"""

from __future__ import annotations

from collections.abc import Sequence

from cwm_check.probing.boundaries import LETTERS, LONGEST, around, evaluated
from cwm_check.probing.clues import Clue
from cwm_check.probing.samples import SAMPLES, mapping_of, sequences_of

_ATTRIBUTES = {kind.__name__: frozenset(dir(kind)) for kind in (str, list, dict, set, bytes, int, float)}
_PASSED = {
    "str": """
        ord open getattr hasattr json.loads urlparse urlsplit unquote quote shlex.split textwrap.dedent Path re.match
        re.search re.fullmatch re.sub re.split re.findall re.compile re.escape os.path.join os.path.exists os.listdir
        os.path.basename os.path.dirname os.path.splitext os.path.isdir os.path.isfile importlib.import_module
    """,
    "list": """
        len sum sorted any all min max list tuple set frozenset enumerate reversed zip iter map filter join chain
        Counter extend
    """,
    "int": "range chr bin hex oct timedelta math.factorial math.gcd math.isqrt",
    "float": "round abs float math.floor math.ceil math.sqrt math.isnan math.log math.isfinite divmod",
    "dict": "dict update",
    "bytes": "hashlib.md5 hashlib.sha1 hashlib.sha256 base64.b64encode",
}
_TYPE_PASSED = {function: kind for kind, functions in _PASSED.items() for function in functions.split()}
_WEIGHT = {
    "isinstance": 5,
    "format": 4,
    "compare": 4,
    "operator": 3,
    "key": 3,
    "pattern": 4,
    "iterates": 2,
    "unpacked": 4,
}
_ADDED_TO = {
    "int": "int",
    "float": "float",
    "str": "str",
    "bytes": "bytes",
    "list": "list",
    "tuple": "tuple",
}
_FORMATTED = {**dict.fromkeys("feg%", "float"), **dict.fromkeys("dxob,", "int")}
_COLUMNS = (["'a'", "'b'"], ["2", "1"])
"""What the first and the other parts of a tuple are, if the code does not tell: like `for name, count in rows`."""
_OFLETTERS = ("['b', 'a']", "{'b': 2, 'a': 1}", "{'a', 'b'}")
_DEEPEST = 3


def clues_about(name: str, clues: Sequence[Clue]) -> list[Clue]:
    """Return the clues about a name and about the names that its value is handed on to."""
    names, waiting = [name], [name]
    while waiting:
        current = waiting.pop()
        for clue in clues:
            if clue.name == current and clue.kind == "alias" and clue.detail not in names:
                names.append(clue.detail)
                waiting.append(clue.detail)
    return [clue for clue in clues if clue.name in names]


def is_object(own: Sequence[Clue]) -> bool:
    """Say whether no builtin type can do all that the code does: another attribute is read, or it is called."""
    return any(clue.kind == "called" for clue in own) or not _builtin_types(own)


def _builtin_types(own: Sequence[Clue]) -> list[str]:
    attributes = {clue.detail for clue in own if clue.kind == "attribute"}
    return [kind for kind, known in _ATTRIBUTES.items() if attributes <= known]


def types_from_use(own: Sequence[Clue]) -> list[str]:
    """Return the builtin types that the clues speak for, the likeliest first."""
    votes: dict[str, int] = {}
    for clue in own:
        for kind in _voted(clue):
            votes[kind] = votes.get(kind, 0) + _WEIGHT.get(clue.kind, 1)
    possible = _builtin_types(own)
    if len(possible) < len(_ATTRIBUTES) and possible:
        votes.setdefault(possible[0], 1)
    asked = {clue.detail for clue in own if clue.kind == "isinstance"}
    fitting = [kind for kind in votes if kind in asked or (kind in (*possible, "tuple", "bool") and not is_object(own))]
    return sorted(fitting, key=lambda kind: -votes[kind])


def _voted(clue: Clue) -> tuple[str, ...]:
    match clue.kind:
        case "isinstance" if clue.detail in SAMPLES:
            return (clue.detail,)
        case "compare":
            return tuple(kind for kind in (type_of(clue.detail),) if kind not in {"None", "ellipsis"})
        case "operator":
            return (_ADDED_TO[clue.detail],) if clue.detail in _ADDED_TO else ()
        case "format":
            return (_FORMATTED.get(clue.detail[-1:], "str"),)
        case "key":
            return ("dict",)
        case "index" | "length":
            return ("list", "str")
        case "iterates":
            return ("dict",) if clue.by == "values" else ("list",)
        case "contains":
            return ("str", "list") if len(clue.detail) == 3 else ("list", "dict", "str")
        case "pattern":
            return ("str",)
        case "unpacked":
            return ("dict",) if clue.detail == "**" else ("list",)
        case "passed":
            return _voted_by_call(clue)
    return ()


def _voted_by_call(clue: Clue) -> tuple[str, ...]:
    if clue.detail in {"getattr", "hasattr"}:
        return ("str",) if clue.by == "1" else ()
    if clue.detail in {"int", "float"}:
        return ("str", clue.detail)
    kind = _TYPE_PASSED.get(clue.detail) or _TYPE_PASSED.get(clue.detail.rpartition(".")[2])
    return (kind,) if kind else ()


def type_of(value: str) -> str:
    """Return the type name of a canonical literal."""
    return "None" if value == "None" else type(evaluated(value)).__name__


def values_from_use(name: str, clues: Sequence[Clue], depth: int = _DEEPEST) -> list[str]:
    """Return values of the types that the use of `name` speaks for, shaped as the code takes them apart."""
    own = clues_about(name, clues)
    if any(is_object(clues_about(item, clues)) for targets in _loop_targets(own) for item in targets):
        return []
    shaped = [_shaped(kind, own, clues, depth) for kind in types_from_use(own)]
    return [values[0] for values in shaped] + [value for values in shaped for value in values[1:]]


def _shaped(kind: str, own: Sequence[Clue], clues: Sequence[Clue], depth: int) -> list[str]:
    if kind in {"list", "tuple", "set"}:
        items = _items(own, clues, depth)
        return sequences_of(kind, items) if items else list(SAMPLES[kind])
    if kind == "dict":
        return _dicts(own)
    if kind == "str" and any(clue.kind == "passed" and clue.detail in {"int", "float"} for clue in own):
        return ["'12'", "' 7 '", *SAMPLES["str"]]
    return list(SAMPLES[kind])


def _items(own: Sequence[Clue], clues: Sequence[Clue], depth: int) -> list[str]:
    """Return items for a container, from the names that loops bind them to; none if nothing tells about them."""
    found = [clue.detail for clue in own if clue.kind == "contains"]
    for targets in _loop_targets(own) if depth > 0 else ():
        each = [_all_values(name, clues, depth - 1) for name in targets]
        if len(targets) == 1:
            found += each[0]
        else:
            columns = [values or _COLUMNS[min(place, 1)] for place, values in enumerate(each)]
            found += [f"({', '.join(row)})" for row in zip(*columns, strict=False)]
    return list(dict.fromkeys(found))


def _loop_targets(own: Sequence[Clue]) -> list[list[str]]:
    targets = [clue.detail for clue in own if clue.kind == "iterates" and clue.by == ""]
    return [[name for part in target.split(",") if (name := part.strip(" ()"))] for target in targets]


def _all_values(name: str, clues: Sequence[Clue], depth: int) -> list[str]:
    return list(dict.fromkeys([*boundaries(name, clues), *values_from_use(name, clues, depth)]))[:3]


def items_from_use(name: str, clues: Sequence[Clue]) -> list[str]:
    """Return values for the items of a container, for instance of `*args`."""
    return _items(clues_about(name, clues), clues, _DEEPEST)


def keys_from_use(name: str, clues: Sequence[Clue]) -> list[str]:
    """Return the keys that the code reads from a mapping."""
    return _keys(clues_about(name, clues))


def _keys(own: Sequence[Clue]) -> list[str]:
    reads = {"get", "pop", "setdefault"}
    keys = [c.detail for c in own if c.kind in {"key", "contains"} or (c.kind == "argument" and c.by in reads)]
    return [key for key in dict.fromkeys(keys) if type_of(key) == "str"]


def _dicts(own: Sequence[Clue]) -> list[str]:
    keys = _keys(own)
    if not keys:
        return list(SAMPLES["dict"])
    items = {clue.by: clue.detail for clue in own if clue.kind == "item"}
    pairs = [(key, items.get(key, "1")) for key in keys]
    texts = [(key, items.get(key, repr(LETTERS[: n % LONGEST + 1]))) for n, key in enumerate(keys)]
    return [mapping_of(pairs), mapping_of(texts), "{}", *(mapping_of([pair]) for pair in pairs[:3])]


def container_from_use(name: str, clues: Sequence[Clue]) -> str | None:
    """Return a container of `a` and `b` that has what the code does with a name; None if there is none."""
    possible = _builtin_types(clues_about(name, clues))
    return next((value for value in _OFLETTERS if type_of(value) in possible), None)


def boundaries(name: str, clues: Sequence[Clue]) -> list[str]:
    """Return values on both sides of the tests of a name, in the order of the tests."""
    own = clues_about(name, clues)
    kinds = types_from_use(own)
    values = [value for clue in own for value in around(clue, kinds)]
    return list(dict.fromkeys(value for value in values if len(value) <= 8 * LONGEST))
