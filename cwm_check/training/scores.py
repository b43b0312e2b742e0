"""How single predictions went, and the share of right ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cwm_check.training.steps import Example

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """How one example went."""

    example: Example
    is_exact: bool
    is_first_right: bool
    """The first token: the type, for a question."""
    confidence: float
    """Product of the probabilities of the target's tokens if they are all the likeliest, else of the likeliest ones."""


def share_exact(scores: Iterable[Score]) -> float:
    """Return the share of exact ones, 0 for none."""
    listed = [score.is_exact for score in scores]
    return sum(listed) / len(listed) if listed else 0.0


class Judged(Protocol):
    """What is right or wrong."""

    @property
    def is_exact(self) -> bool: ...


_Judged = TypeVar("_Judged", bound=Judged)


def split(scores: Iterable[_Judged], key: Callable[[_Judged], str]) -> Table:
    """Return the share of exact ones and their number by group."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for one in scores:
        groups[key(one)].append(one.is_exact)
    return {name: counted(rights) for name, rights in sorted(groups.items())}


def counted(rights: Sequence[bool]) -> list[float]:
    """Return the share of right ones, and how many there are."""
    return [rounded(mean(rights)), len(rights)]


def mean(rights: Sequence[bool]) -> float:
    """Return the share of right ones, 0 for none."""
    return sum(rights) / len(rights) if rights else 0.0


def rounded(value: float) -> float:
    """Return a share as tables show it."""
    return round(value, 4)
