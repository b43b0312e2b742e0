"""Prompts in, the tokens that have to be read out: prompts that begin alike share their beginning.

What a token's weights give depends on the tokens before it only, so each beginning is computed once, whatever the
number of rows that have it. Attention alone works on rows, padded on the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 2
"""Rows of a product: with one, ONNX Runtime runs other code, whose last bits differ."""
_MOST_PADDING = 128  # places of a group; a group more costs about as much
_MOST_PLACES = 8192  # of a group; memory grows with them

Integers = NDArray[np.int64]
Tokens = Sequence[int]


@dataclass(frozen=True, slots=True)
class Packed:
    """Tokens without repetition, and where they stand in the rows."""

    tokens: Integers
    """At least `LEAST`; what fills up repeats the first."""
    places: Integers
    """[rows, width]: which of the tokens stands there; the first one where there is none."""
    homes: Integers
    """A place of each token, counted over all rows."""
    ends: Integers
    """The last token of each row."""


def pack(prompts: Sequence[Tokens]) -> Packed:
    """Return the tokens of `prompts`, each beginning once.

    `(5, 6, 7)` and `(5, 6, 8)` are the tokens 5, 6, 7, 8 in the places [[0, 1, 2], [0, 1, 3]].
    """
    width = max(map(len, prompts))
    places = np.zeros((len(prompts), width), np.int64)
    known: dict[tuple[int, int], int] = {}
    tokens: list[int] = []
    homes: list[int] = []
    ends: list[int] = []
    for row, prompt in enumerate(prompts):
        number = -1
        for at, token in enumerate(prompt):
            number = known.setdefault((number, token), len(tokens))
            if number == len(tokens):
                tokens.append(token)
                homes.append(row * width + at)
            places[row, at] = number
        ends.append(number)
    missing = max(LEAST - len(tokens), 0)
    return Packed(
        _integers(tokens + tokens[:1] * missing), places, _integers(homes + homes[:1] * missing), _integers(ends)
    )


def pack_steps(tokens: Integers) -> Packed:
    """Return one token for each row, none shared: what stands before them differs."""
    rows = np.arange(len(tokens))
    return Packed(tokens, rows[:, None], rows, rows)


def groups(lengths: Sequence[int]) -> Iterator[slice]:
    """Neighbours that are read together, in order: with prompts in order of length, little of it is padding."""
    first = 0
    for at in range(1, len(lengths) + 1):
        some = lengths[first : at + 1]
        places = max(some) * len(some)
        if at == len(lengths) or places > _MOST_PLACES or places - sum(some) > _MOST_PADDING:
            yield slice(first, at)
            first = at


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, np.int64)
