"""Values worth trying for one parameter, the most useful first, each with its origin.

A parameter and the clues of both versions in, `Candidates` out: expressions of literals and builtin constructors. The
evidence, from strongest to weakest: what a changed line compares with, defaults, other comparisons, the annotation, the
use, and as a last resort the name. Without evidence there is no value: an unknown object is then the better argument.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from cwm_check.literals import constant, literal, parse_expression
from cwm_check.pairs import Parameter
from cwm_check.probing.clues import Clue
from cwm_check.probing.samples import SAMPLES, annotated_values
from cwm_check.probing.usage import boundaries, clues_about, is_object, type_of, values_from_use

_NAMES = {
    "int": "n i j k count num number index idx size length limit depth width height year month day port offset step",
    "str": "name text string s path url filename prefix suffix sep separator word line msg message title label",
    "list": "items values rows seq sequence iterable elements lines words names data",
    "bool": "flag verbose strict force quiet debug recursive reverse",
    "dict": "mapping options config settings params headers",
    "float": "seconds timeout ratio amount price rate",
}
_TYPE_NAMED = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_TEXTS = {
    "path": "'a/b.txt'", "file": "'a/b.txt'", "filename": "'a/b.txt'", "dir": "'a/b'", "directory": "'a/b'",
    "url": "'http://u:p@a.b:80/c?d=1#e'", "uri": "'http://u:p@a.b:80/c?d=1#e'",
    "version": "'1.2.3'", "email": "'a@b.c'",
}  # fmt: skip
"""Texts of the form that a name speaks of."""
_NONE = "None"
_MOST = 16


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value and where it comes from."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """The values for one parameter."""

    parameter: Parameter
    values: tuple[Candidate, ...]
    """Without repetition, the most useful first."""
    base: str | None
    """A plain value of the surest type, for probes that vary something else; None: the type is not known."""


def candidates(
    parameter: Parameter,
    clues: Sequence[Clue],
    *,
    changed: Sequence[Clue] = (),
    defaults: Iterable[str] = (),
    modules: Sequence[str] = (),
    aimed: Mapping[str, tuple[str, ...]] | None = None,
) -> Candidates:
    """Return the values worth trying; `changed` are clues of one version only, `defaults` those of both.

    `aimed` are the values that tell the changed statements apart, by kind.
    """
    name = parameter.name
    own = clues_about(name, clues)
    known = list(dict.fromkeys(text for text in map(literal, defaults) if text is not None))
    annotated = annotated_values(parameter.annotation, modules)
    used = values_from_use(name, clues)
    like_default = [value for text in known if text != _NONE for value in SAMPLES.get(type_of(text), ())]
    tested = [*_matching(own, modules), *boundaries(name, clues), *_spoken(name, [*annotated, *used])]
    sure = [*annotated, *used, *like_default, *(value for value in tested if value != _NONE)]
    guessed = () if sure or is_object(own) else SAMPLES.get(_guessed_type(name, own), ())
    telling = (v for kind in dict.fromkeys(map(type_of, sure or guessed)) for v in (aimed or {}).get(kind, ()))
    rows = (
        [Candidate(value, "boundary") for value in (*boundaries(name, changed), *_missing(name, changed, annotated))],
        [Candidate(value, "aimed") for value in telling],
        [Candidate(value, "default") for value in known if len(known) > 1],
        _alternating(
            [Candidate(value, "constant") for value in tested],
            [Candidate(value, "type") for value in annotated],
            [Candidate(value, "type") for value in like_default],
            [Candidate(value, "use") for value in used],
        ),
        [Candidate(value, "name") for value in guessed],
        [Candidate(value, "default") for value in known],
    )
    return Candidates(parameter, _distinct(chain(*rows))[:_MOST], sure[0] if sure else None)


def _missing(name: str, changed: Sequence[Clue], annotated: Sequence[str]) -> list[str]:
    """Return None for a parameter in whose place one version alone takes a value, as in `(x or 0)`."""
    is_asked = any(clue.kind == "truth" and clue.by == "Or" for clue in clues_about(name, changed))
    return [_NONE] if is_asked and (not annotated or _NONE in annotated) else []


def _alternating(*rows: Sequence[Candidate]) -> Iterator[Candidate]:
    return (item for column in zip_longest(*rows) for item in column if item is not None)


def _distinct(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    first: dict[str, Candidate] = {}
    for candidate in found:
        first.setdefault(candidate.value, candidate)
    return tuple(first.values())


def _guessed_type(name: str, own: Sequence[Clue]) -> str:
    """Return what its arithmetic or its name suggests: no proof, since dates are subtracted too."""
    if any(clue.kind == "operator" and clue.detail == "number" for clue in own):
        return "int"
    if name.startswith(("is_", "has_", "use_", "allow_", "no_", "with_", "include_")):
        return "bool"
    return _TYPE_NAMED.get(name) or _TYPE_NAMED.get(name.rpartition("_")[2], "")


def _spoken(name: str, values: Sequence[str]) -> list[str]:
    """Return the text that the name of a parameter speaks of, if it takes texts."""
    text = _TEXTS.get(name.rpartition("_")[2])
    return [text] if text and SAMPLES["str"][0] in values else []


def _matching(own: Sequence[Clue], modules: Sequence[str]) -> list[str]:
    """Return texts for the compiled patterns of the module that a name is passed to."""
    calls = [clue.detail.rpartition(".") for clue in own if clue.kind == "passed"]
    methods = {"match", "search", "fullmatch", "findall", "finditer", "sub", "split"}
    compiled = [constant(module, name) for name, _, method in calls if method in methods for module in modules]
    patterns = [Clue("", "pattern", text) for text in map(_pattern, filter(None, compiled)) if text]
    return boundaries("", patterns)


def _pattern(compiled: str) -> str | None:
    tree = parse_expression(compiled)
    if isinstance(tree, ast.Call) and re.search(r"\bcompile$", ast.unparse(tree.func)) and tree.args:
        return literal(ast.unparse(tree.args[0]))
    return None
