"""Calls of one meaning in one spelling: the names of encodings, what is the default, and copies.

The name of a call and its arguments in, as the guest tells them; the same out, as they are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from encodings import normalize_encoding
from encodings.aliases import aliases

from cwm_check.search.world import Tree, literal, text_of

Call = tuple[str, list[Tree], Mapping[str, Tree]]
CODERS = frozenset({"encode", "decode"})
"""Methods that take the name of an encoding, and what is done with errors."""
OPENERS = frozenset(
    "open fdopen read_text write_text TextIOWrapper NamedTemporaryFile TemporaryFile SpooledTemporaryFile".split()
)
"""What takes the name of an encoding and does not keep it."""
_DEFAULTS = {"encoding": "'utf-8'", "errors": "'strict'"}
_NAMES = frozenset(aliases.values())


def spelled(name: str, args: list[Tree], keywords: Mapping[str, Tree]) -> Call:
    """Return a call in its one spelling: `x.decode('UTF8')` is `x.decode()`, and `x.copy()` is `copy.copy(x)`."""
    owner, _, leaf = name.rpartition(".")
    if leaf == "copy" and owner and not args and not keywords:
        return "copy.copy", [{"u": owner}], {}
    if leaf in OPENERS and "encoding" in keywords:
        return name, args, {**keywords, "encoding": _encoding(keywords["encoding"])}
    if leaf in CODERS and len(args) <= len(_DEFAULTS) and keywords.keys() <= _DEFAULTS.keys():
        return name, _coding({**dict(zip(_DEFAULTS, args, strict=False)), **keywords}), {}
    return name, args, keywords


def _coding(given: Mapping[str, Tree]) -> list[Tree]:
    """The encoding and what is done with errors, by position, as far as they are not the default."""
    told = [_encoding(given.get("encoding", literal("utf-8"))), given.get("errors", literal("strict"))]
    while told and text_of(told[-1]) == list(_DEFAULTS.values())[len(told) - 1]:
        told.pop()
    return told


def _encoding(argument: Tree) -> Tree:
    """The name of an encoding as its module is called, with hyphens; what is none stays as it is."""
    text = str(argument.get("r")).strip("'") if argument.get("k") == "str" else ""
    known = normalize_encoding(text).lower() if text.isascii() else ""
    known = aliases.get(known, known)
    return literal(known.replace("_", "-")) if known in _NAMES else argument
