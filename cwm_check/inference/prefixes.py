"""What an engine has read lately: a prompt in, its longest part that need not be read again out, with its cache.

A run that is predicted frame by frame asks with the same prompt again and again, a frame longer each time; both
versions and all probes of a function begin alike. Keys and values depend on the tokens before them only, so any
beginning of what was read will do. The least recently used go first.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prefix:
    """Tokens that were read, and the cache that they left."""

    tokens: tuple[int, ...]
    cache: tuple[NDArray[Any], ...] = ()
    """Arrays [1, heads, tokens, head size]."""

    @property
    def size(self) -> int:
        """Bytes of the cache."""
        return sum(array.nbytes for array in self.cache)


class Prefixes:
    """The prompts that were read, within `most` bytes."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most if most is not None else _memory() // 4
        self._kept: OrderedDict[tuple[int, ...], Prefix] = OrderedDict()
        self.spared = 0
        """Tokens that were not read again."""

    def longest(self, prompt: Sequence[int]) -> Prefix:
        """Return the longest beginning of `prompt` that was read; at least the last token is left to read."""
        wanted = np.array(prompt[:-1], np.int64)
        shared = {tokens: _shared(wanted, tokens) for tokens in self._kept}
        best = max(shared, key=lambda tokens: shared[tokens], default=())
        length = shared.get(best, 0)
        if not length:
            return Prefix(())
        self._kept.move_to_end(best)
        self.spared += length
        return Prefix(best[:length], tuple(array[:, :, :length] for array in self._kept[best].cache))

    def keep(self, read: Prefix) -> None:
        """Remember a prompt in place of those that it begins with."""
        for tokens in [tokens for tokens in self._kept if tokens == read.tokens[: len(tokens)]]:
            del self._kept[tokens]
        self._kept[read.tokens] = read
        while sum(one.size for one in self._kept.values()) > self._most:
            self._kept.popitem(last=False)


def _shared(wanted: NDArray[np.int64], tokens: tuple[int, ...]) -> int:
    """How many tokens both begin with."""
    most = min(len(wanted), len(tokens))
    differs = wanted[:most] != np.array(tokens[:most], np.int64)
    return int(differs.argmax()) if differs.any() else most


def _memory() -> int:
    """Bytes of memory of this machine; where it does not say, 16 GiB."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 16 * 2**30
