"""The rows of a batch inside an open session: tokens in, logits out, the key-value cache kept between the steps.

Two kinds of graphs, told apart by their inputs. *Grouped* ones (our own) take packed tokens and their `places`: rows
are padded on the right and the cache is one buffer, written in place. *Plain* ones (optimum's) take `attention_mask`:
rows are padded on the left and the cache is copied each step. A single row is always doubled: a product with one row
runs other code in ONNX Runtime, and with two or more the logits of a row are the same bits whatever the batch is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cwm_check.inference.key_values import KeyValues, number
from cwm_check.inference.packing import LEAST, Packed, Tokens, groups, pack, pack_steps
from cwm_check.inference.prefixes import Prefix, Prefixes
from cwm_check.inference.providers import Opened

Logits = NDArray[np.float32]
"""[rows, vocabulary]"""
_Row = TypeVar("_Row")


class Rows(Protocol):
    """A batch that is being decoded."""

    is_nimble: bool
    """Whether it costs next to nothing to go on with some of the rows."""

    def step(self, tokens: Tokens) -> Logits:
        """Add one token to each row; return the logits of the next one."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only, in this order; a row may come more than once."""


def is_grouped(opened: Opened) -> bool:
    """Whether the graph is of the grouped kind."""
    return "places" in _inputs(opened)


def is_outdated(opened: Opened) -> bool:
    """Whether the graph is of a grouped kind that is not written any more."""
    return "seqlens_k" in _inputs(opened) and not is_grouped(opened)


def _inputs(opened: Opened) -> Sequence[str]:
    return [one.name for one in opened.session.get_inputs()]


def start(opened: Opened, prompts: Sequence[Tokens], limit: int, kept: Prefixes | None) -> tuple[Rows, Logits]:
    """Return rows that have read their prompts, with room for `limit` tokens, and their logits.

    With `kept`, what was read before is not read again, and what is read now is kept. Plain graphs read everything.
    """
    if not is_grouped(opened):
        return _start_plain(opened, prompts)
    return _start_grouped(opened, prompts, limit) if kept is None else _start_kept(opened, prompts, limit, kept)


def _doubled(rows: Sequence[_Row]) -> Sequence[_Row]:
    return rows if len(rows) >= LEAST else [*rows] * LEAST


# --- grouped


class _GroupedRows:
    """Rows padded on the right, of which `cache` holds the first tokens."""

    def __init__(self, opened: Opened, cache: KeyValues, lengths: Sequence[int]) -> None:
        self._opened = opened
        self._step: _Run | None = None
        self.cache = cache
        self.lengths = list(lengths)
        self.wanted = len(lengths)
        self.is_nimble = cache.is_near

    def step(self, tokens: Tokens) -> Logits:
        count = len(self.lengths)
        given = np.array([*tokens, *tokens[: count - len(tokens)]], np.int64)
        self._step = self._step or _Run(self._opened, self.cache, slice(0, count), pack_steps(given))
        self.lengths = [length + 1 for length in self.lengths]
        return self._step(given, self.lengths)[: self.wanted]

    def select(self, rows: Sequence[int]) -> None:
        kept = list(_doubled(rows))
        self.cache.select(kept, max(self.lengths))
        self.lengths = [self.lengths[row] for row in kept]
        self.wanted = len(rows)
        self._step = None


class _Run:
    """Packed tokens bound to some rows of a cache; other tokens may take their places."""

    def __init__(self, opened: Opened, cache: KeyValues, rows: slice, packed: Packed) -> None:
        (head,) = (one for one in opened.session.get_outputs() if one.name == "logits")
        self._session = opened.session
        self._binding = binding = opened.session.io_binding()
        cache.bind(binding, rows)
        binding.bind_cpu_input("places", packed.places)
        binding.bind_cpu_input("homes", packed.homes)
        wanted = np.resize(packed.ends, max(len(packed.ends), LEAST))
        binding.bind_cpu_input("logit_rows", wanted)
        self._logits = logits = np.empty((len(wanted), head.shape[1]), number(head))
        binding.bind_output("logits", "cpu", 0, logits.dtype, logits.shape, logits.ctypes.data)

    def __call__(self, tokens: NDArray[np.int64], lengths: Sequence[int]) -> Logits:
        """Read `tokens`, which makes rows as long as `lengths`; return the logits after each row."""
        self._binding.bind_cpu_input("input_ids", tokens)
        self._binding.bind_cpu_input("seqlens_k", np.array(lengths, np.int32) - 1)
        self._binding.bind_cpu_input("total_sequence_length", np.array(max(lengths), np.int32))
        self._session.run_with_iobinding(self._binding)
        return self._logits[: len(lengths)].astype(np.float32)


def _start_grouped(opened: Opened, prompts: Sequence[Tokens], limit: int) -> tuple[Rows, Logits]:
    doubled = _doubled(prompts)
    lengths = [len(prompt) for prompt in doubled]
    cache = KeyValues(opened, len(doubled), max(lengths) + limit)
    logits = [_read(opened, cache, some, doubled[some], lengths[some]) for some in groups(lengths)]
    rows = _GroupedRows(opened, cache, lengths)
    rows.wanted = len(prompts)
    return rows, np.concatenate(logits)[: len(prompts)]


def _read(opened: Opened, cache: KeyValues, rows: slice, tokens: Sequence[Tokens], lengths: Sequence[int]) -> Logits:
    """Read new `tokens` of some rows, which makes them as long as `lengths`."""
    packed = pack(tokens)
    return _Run(opened, cache, rows, packed)(packed.tokens, lengths)


def _start_kept(opened: Opened, prompts: Sequence[Tokens], limit: int, kept: Prefixes) -> tuple[Rows, Logits]:
    """Prompts are read one by one: after a past, the operator takes several new tokens of one row only."""
    lengths = [len(prompt) for prompt in prompts]
    parts = [_read_after(opened, kept, prompt, max(lengths) + limit) for prompt in prompts]
    joined = [np.concatenate(arrays) for arrays in zip(*(cache.arrays() for cache, _ in parts), strict=True)]
    rows = _GroupedRows(opened, KeyValues(opened, len(prompts), 0, joined), lengths)
    if len(prompts) < LEAST:
        rows.select(range(len(prompts)))
    return rows, np.concatenate([logits for _, logits in parts])


def _read_after(opened: Opened, kept: Prefixes, prompt: Tokens, capacity: int) -> tuple[KeyValues, Logits]:
    prefix = kept.longest(prompt)
    # At least two tokens at once; those of the prefix that are read again leave what was there.
    new = prompt[-max(len(prompt) - len(prefix.tokens), LEAST) :]
    room = capacity - len(prefix.tokens)
    arrays = [np.pad(array, ((0, 0), (0, 0), (0, room), (0, 0))) for array in prefix.cache]
    cache = KeyValues(opened, 1, capacity, arrays)
    logits = _read(opened, cache, slice(0, 1), [new], [len(prompt)])
    # Copied: a view would outlive its buffer.
    kept.keep(Prefix(tuple(prompt), tuple(array[:, :, : len(prompt)].copy() for array in cache.arrays())))
    return cache, logits


# --- plain


class _PlainRows:
    """Rows padded on the left; the cache is what the last step gave."""

    def __init__(self, opened: Opened, prompts: Sequence[Tokens]) -> None:
        self._session = opened.session
        self._past = [one for one in opened.session.get_inputs() if one.name.startswith("past_key_values.")]
        width = max(map(len, prompts))
        self._mask = np.array([[0] * (width - len(p)) + [1] * len(p) for p in prompts], np.int64)
        self._cache = [np.zeros((len(prompts), one.shape[1], 0, one.shape[3]), number(one)) for one in self._past]
        self.wanted = len(prompts)
        self.is_nimble = False

    def feed(self, tokens: NDArray[np.int64]) -> Logits:
        positions = np.maximum(self._mask.cumsum(axis=1) - 1, 0)[:, -tokens.shape[1] :]
        given = {"input_ids": tokens, "attention_mask": self._mask, "position_ids": positions}
        given |= {one.name: array for one, array in zip(self._past, self._cache, strict=True)}
        names = ["logits", *(one.name.replace("past_key_values", "present") for one in self._past)]
        logits, *self._cache = self._session.run(names, given)
        last: Logits = logits[:, -1].astype(np.float32, copy=False)
        return last

    def step(self, tokens: Tokens) -> Logits:
        new = np.array([*tokens, *tokens[: len(self._mask) - len(tokens)]], np.int64)[:, None]
        self._mask = np.pad(self._mask, ((0, 0), (0, 1)), constant_values=1)
        return self.feed(new)[: self.wanted]

    def select(self, rows: Sequence[int]) -> None:
        kept = list(_doubled(rows))
        self._cache = [array[kept] for array in self._cache]
        self._mask = self._mask[kept]
        self.wanted = len(rows)


def _start_plain(opened: Opened, prompts: Sequence[Tokens]) -> tuple[Rows, Logits]:
    doubled = _doubled(prompts)
    width = max(map(len, doubled))
    rows = _PlainRows(opened, doubled)
    logits = rows.feed(np.array([[0] * (width - len(prompt)) + list(prompt) for prompt in doubled], np.int64))
    rows.select(range(len(prompts)))
    return rows, logits[: len(prompts)]
