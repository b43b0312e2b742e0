"""In which order the items of a set are said: that in which the question shows them.

A set has no order, and the one that Python shows hangs on hashes. So an answer keeps the order of what it was made of:
`set([10, 1, 848])` is `{10, 1, 848}`. Texts in, texts out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from cwm_check.codecs.value_texts import in_sorted_order, items_of, value_of

_LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set)


def met(node: ast.AST, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the items of what a question shows, the values that it reads first; none if there is no set in it."""
    literals = list(_literals(node))
    is_of_sets = any(isinstance(literal, ast.Set) for literal in literals) or any(
        isinstance(child, ast.Name) and child.id in ("set", "frozenset") for child in ast.walk(node)
    )
    if not is_of_sets and not any(map(_is_set, values.values())):
        return ()
    texts = [*values.values(), *map(ast.unparse, literals)]
    return tuple(dict.fromkeys(item for text in texts for item in items_of(text) or ()))


def _is_set(text: str) -> bool:
    """Whether the value is a set; a text that cannot be one is not read: every question comes by here."""
    value = value_of(text) if text.startswith(("{", "set(")) else None
    return value is not None and isinstance(value[0], set)


def _literals(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the outermost literals, from left to right."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _LITERALS):
            yield child
        else:
            yield from _literals(child)


def in_met_order(text: str, met: Sequence[str]) -> str:
    """Return a set with its items in the order of those `met`, the others after them in theirs; all else as it is."""
    value = value_of(text)
    if value is None or not isinstance(value[0], set) or not value[0]:
        return text
    places = {item: place for place, item in enumerate(met)}
    items = items_of(in_sorted_order(text)) or ()
    return f"{{{', '.join(sorted(items, key=lambda item: places.get(item, len(places))))}}}"
