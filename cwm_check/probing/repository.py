"""How the repository calls functions: the texts of its files in, calls that can be made again out, its tests' first.

What stands there with literal arguments is found by searching; files of tests are parsed, too, for what they say by
name: rows of tables, constants.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from cwm_check.probing.calls import literal_calls
from cwm_check.probing.written import written_calls

LITERAL = 20  # calls of one function that are kept, of those with literal arguments
WRITTEN = 200  # and of those that tests make by name
_CALLED = re.compile(r"(\w+)\(")
PARSED = 1_000_000  # characters of tests that are parsed: about a second


def find_calls(texts: Iterable[tuple[str, str]], names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the calls of each name found in `texts` of (path, text).

    First those with literal arguments, of tests before others, the shortest first; then what tests say by name.
    """
    literal: dict[str, dict[str, bool]] = {name: {} for name in names}
    written: dict[str, dict[str, None]] = {name: {} for name in names}
    parsed = 0
    for path, text in sorted(texts, key=lambda item: (not _is_test(item[0]), item[0])):
        called = sorted(literal.keys() & set(_CALLED.findall(text)))
        for name in called:
            for call in literal_calls(text, name):
                literal[name].setdefault(call, not _is_test(path))
        if called and _is_test(path) and path.endswith(".py") and parsed + len(text) <= PARSED:
            parsed += len(text)
            for name, call in written_calls(text, called):
                written[name][call] = None
    return {name: calls for name in names if (calls := _kept(literal[name], written[name]))}


def _kept(literal: dict[str, bool], written: dict[str, None]) -> tuple[str, ...]:
    """Both kinds of calls of one name, each once."""
    first = sorted(literal, key=lambda call: (literal[call], len(call), call))[:LITERAL]
    return (*first, *[call for call in written if call not in literal][:WRITTEN])


def _is_test(path: str) -> bool:
    return re.search(r"(^|/)(tests?/|test_|conftest)|_test\.py$", path) is not None
