"""What a commit message says of the behaviour: its type (`refactor:` stays, `fix:` changes) and its trailers.

    Behaviour-Change: shop.prices.total -- a discount never gives money away

A message goes in. Whether what it says is true is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cwm_check.textlines import split_lines

Intent = Literal["stays", "changes", "open"]

_STAYS = frozenset({"refactor", "style", "perf", "docs"})
_CHANGES = frozenset({"fix"})
_SUBJECT = re.compile(r"(\w+)(?:\([^)]*\))?:")
_TRAILER = re.compile(r"behaviou?r-change:[ \t]*(.*)", re.IGNORECASE)
_VALUE = re.compile(r"([\w.]+)\s+--\s+(\S.*)")
_SCISSORS = "# ------------------------ >8 ------------------------"
_FORM = "write `Behaviour-Change: total -- reason`"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One trailer: a function of which the author says that its new behaviour is meant."""

    name: str
    """`total`, `Cart.add`, or with its module: `shop.prices.total`."""
    reason: str
    place: str
    """The commit."""
    problem: str = ""
    """Why it accepts nothing."""

    def names(self, path: str, qualname: str) -> bool:
        """Say whether the function is meant; a part of the dotted name of its module may stand before."""
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        whole = f".{'.'.join(parts)}.{qualname}"
        return len(self.name) >= len(qualname) and whole.endswith(f".{self.name}")


def written(message: str) -> str:
    """Return a message as git will keep it: without the comments of the editor."""
    kept = split_lines(message.partition(_SCISSORS)[0])
    return "\n".join(line for line in kept if not line.startswith("#")).strip()


def intent_of(message: str) -> Intent:
    """Return what the type of a message says; a `!` after it, or another type, leaves it open."""
    subject = _SUBJECT.match(message)
    kind = subject[1] if subject else ""
    return "stays" if kind in _STAYS else "changes" if kind in _CHANGES else "open"


def declarations_in(message: str, place: str) -> tuple[Declaration, ...]:
    """Return the trailers of a message."""
    values = [found[1].strip() for line in split_lines(message) if (found := _TRAILER.fullmatch(line.strip()))]
    return tuple(_declaration(value, place) for value in values)


def _declaration(value: str, place: str) -> Declaration:
    whole = _VALUE.fullmatch(value)
    if whole:
        return Declaration(whole[1], whole[2].strip(), place)
    return Declaration(value.partition(" ")[0], "", place, f"it needs a function and a reason: {_FORM}")
