"""Records of what a world of answers decides, and of what one run asks of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


class Restart(Exception):
    """An expression got a value: both versions must run again, from the start, with it."""


class TooManyQuestions(Exception):
    """The run asks without end."""


class Unmade(Exception):
    """The run reads of an object that nobody made what the constructor sets only since the change."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision of a world: which of the plausible answers it gives to a question."""

    key: str
    options: tuple[str, ...]
    taken: str
    lines: tuple[int, ...]
    """1-based lines that were running when it was asked first, innermost first; empty before the call began."""
    side: str = ""
    """`before` or `after`: the version that asked first."""
    again: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Versions and lines that asked it once more, at other lines: there it may decide something else."""
    foreseen: bool = False
    """Whether a world model predicted the option that was taken."""


@dataclass(slots=True)
class Side:
    """What one run asked and did."""

    name: str
    handlers: Mapping[int, tuple[str, ...]]
    """Lines -> exceptions that the program waits for there."""
    aliases: Mapping[str, str]
    loops: frozenset[int] = frozenset()
    """Lines of `while` loops."""
    conditions: frozenset[int] = frozenset()
    """Lines of their conditions."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the object that the method belongs to -> names that they go by."""
    families: Mapping[str, str] = field(default_factory=dict)
    """How names of its methods begin that the program may compose -> how they began before."""
    of_constructor: frozenset[str] = frozenset()
    """Attributes that the constructor sets in this version and that the one before it does not know."""
    cleaned: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Lines after which a changed `finally` clause runs -> what may be raised there."""
    held: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Lines -> what an exception that is raised there may hold instead of a text."""
    begun: bool = False
    lines: tuple[int, ...] = ()
    asked: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    expressions: dict[str, None] = field(default_factory=dict)

    def earlier(self, attribute: str) -> str:
        """The name that an attribute of the object that the method belongs to goes by."""
        if attribute in self.attributes:
            return self.attributes[attribute]
        known = ((now, was) for now, was in self.families.items() if attribute.startswith(now))
        return next((was + attribute.removeprefix(now) for now, was in known), attribute)
