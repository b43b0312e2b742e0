"""One side of a world: what the texts of two versions say of the runs of one of them.

Two versions in, a `Side` out: which exceptions are waited for where, what goes by another name now, what is new.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cwm_check.search.choices import Side
from cwm_check.search.handlers import cleaned_at, condition_lines, handlers_of, held_at, waiting_lines
from cwm_check.search.jobs import Version
from cwm_check.search.renames import renamed_attributes, renamed_classes, renamed_families
from cwm_check.search.state import of_constructor
from cwm_check.search.transplants import moved_imports


def side_of(name: str, version: Version, other: Version) -> Side:
    """Return one side of a world; what only moved or was renamed goes by the name of the version before it."""
    owner = version.target.qualname.rpartition(".")[0]
    return Side(name, *_read_off(version.source, other.source, owner, is_later=name == "after"))


@lru_cache(maxsize=16)
def _read_off(source: str, other: str, owner: str, *, is_later: bool) -> tuple[Any, ...]:
    """What the text of a module says of each run of it, in the order in which a `Side` takes it."""
    is_method = bool(owner) and is_later
    renamed = renamed_attributes(other, source, owner) if is_method else {}
    return (
        handlers_of(source),
        moved_imports(other, source) | renamed_classes(other, source) if is_later else {},
        waiting_lines(source),
        condition_lines(source),
        renamed,
        renamed_families(other, source, owner) if is_method else {},
        of_constructor(source, other, owner, renamed) if is_method else frozenset(),
        cleaned_at(source, other),
        held_at(source, other),
    )


def added(before: Version, after: Version) -> frozenset[str]:
    """Return the private attributes that only the constructor after sets: nobody outside knows of them."""
    side = side_of("after", after, before)
    return frozenset(name for name in side.of_constructor if name.startswith("_"))
