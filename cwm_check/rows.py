"""The rows of a batch inside an open session: tokens in, logits out, the key-value cache kept between the steps.

Two kinds of graphs, told apart by their inputs. *Grouped* ones (our own) take `seqlens_k`: rows are padded on the
right and the cache is one buffer, written in place. *Plain* ones (optimum's) take `attention_mask`: rows are padded on
the left and the cache is copied each step. A single row is always doubled: a product with one row runs other code in
ONNX Runtime, and with two or more the logits of a row are the same bits whatever the batch is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cwm_check.prefixes import Prefix, Prefixes
from cwm_check.providers import Opened

Logits = NDArray[np.float32]
"""[rows, vocabulary]"""
Tokens = Sequence[int]
_Row = TypeVar("_Row")
_LEAST = 2  # rows of a step
_TOGETHER = 8  # prompts that are read at once


class Rows(Protocol):
    """A batch that is being decoded."""

    def step(self, tokens: Tokens) -> Logits:
        """Add one token to each row; return the logits of the next one."""

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only, in this order; a row may come more than once."""


def is_grouped(opened: Opened) -> bool:
    """Whether the graph is of the grouped kind."""
    return "seqlens_k" in (one.name for one in opened.session.get_inputs())


def start(opened: Opened, prompts: Sequence[Tokens], limit: int, kept: Prefixes | None) -> tuple[Rows, Logits]:
    """Return rows that have read their prompts, with room for `limit` tokens, and their logits.

    With `kept`, what was read before is not read again, and what is read now is kept. Plain graphs read everything.
    """
    if not is_grouped(opened):
        return _start_plain(opened, prompts)
    return _start_grouped(opened, prompts, limit) if kept is None else _start_kept(opened, prompts, limit, kept)


def _doubled(rows: Sequence[_Row]) -> Sequence[_Row]:
    return rows if len(rows) >= _LEAST else [*rows] * _LEAST


# --- grouped


class _GroupedRows:
    """Rows padded on the right; `cache` are device buffers [rows, heads, capacity, head size] with free room."""

    def __init__(self, opened: Opened, rows: int, capacity: int, cache: Sequence[Any] = ()) -> None:
        self._session = opened.session
        self._device = "cpu" if opened.device == "cpu" else "cuda"
        self._past = [one for one in opened.session.get_inputs() if one.name.startswith("past_key_values.")]
        self._present = [one.name.replace("past_key_values", "present") for one in self._past]
        (self._logits,) = (one for one in opened.session.get_outputs() if one.name == "logits")
        self.wanted = rows
        self.lengths: list[int] = [0] * rows
        self.cache = [self._value(array) for array in cache] or [
            self._value(np.zeros((rows, one.shape[1], capacity, one.shape[3]), _number(one))) for one in self._past
        ]

    def _value(self, array: NDArray[Any]) -> Any:
        from onnxruntime import OrtValue

        return OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array), self._device, 0)

    def feed(self, tokens: NDArray[np.int64], lengths: Sequence[int], wanted: Sequence[int]) -> Logits:
        """Read `tokens` [rows, new], which makes rows as long as `lengths`; return the logits at `wanted`."""
        binding = self._session.io_binding()
        binding.bind_cpu_input("input_ids", tokens)
        binding.bind_cpu_input("seqlens_k", np.array(lengths, np.int32) - 1)
        binding.bind_cpu_input("total_sequence_length", np.array(max(lengths), np.int32))
        binding.bind_cpu_input("logit_rows", np.array(wanted, np.int64))
        for past, present, value in zip(self._past, self._present, self.cache, strict=True):
            binding.bind_ortvalue_input(past.name, value)
            binding.bind_ortvalue_output(present, value)  # the same buffer: nothing is copied
        logits = np.empty((len(wanted), self._logits.shape[1]), _number(self._logits))
        binding.bind_output("logits", "cpu", 0, logits.dtype, logits.shape, logits.ctypes.data)
        self._session.run_with_iobinding(binding)
        self.lengths = list(lengths)
        return logits.astype(np.float32, copy=False)

    def step(self, tokens: Tokens) -> Logits:
        new = np.array([*tokens, *tokens[: len(self.lengths) - len(tokens)]], np.int64)[:, None]
        logits = self.feed(new, [length + 1 for length in self.lengths], range(len(new)))
        return logits[: self.wanted]

    def select(self, rows: Sequence[int]) -> None:
        kept = list(_doubled(rows))
        self.cache = [self._value(value.numpy()[kept]) for value in self.cache]
        self.lengths = [self.lengths[row] for row in kept]
        self.wanted = len(rows)


def _start_grouped(opened: Opened, prompts: Sequence[Tokens], limit: int) -> tuple[Rows, Logits]:
    """Neighbours are read together: with prompts in order of length, little of the work is padding."""
    capacity = max(map(len, prompts)) + limit
    parts = [_read_together(opened, prompts[i : i + _TOGETHER], capacity) for i in range(0, len(prompts), _TOGETHER)]
    return _joined(opened, parts)


def _read_together(opened: Opened, prompts: Sequence[Tokens], capacity: int) -> tuple[_GroupedRows, Logits]:
    doubled = _doubled(prompts)
    lengths = [len(prompt) for prompt in doubled]
    tokens = np.zeros((len(doubled), max(lengths)), np.int64)
    for row, prompt in enumerate(doubled):
        tokens[row, : len(prompt)] = prompt
    rows = _GroupedRows(opened, len(doubled), capacity)
    ends = [row * max(lengths) + length - 1 for row, length in enumerate(lengths)]
    logits = rows.feed(tokens, lengths, ends)
    rows.wanted = len(prompts)
    return rows, logits[: len(prompts)]


def _start_kept(opened: Opened, prompts: Sequence[Tokens], limit: int, kept: Prefixes) -> tuple[Rows, Logits]:
    """Prompts are read one by one: after a past, the operator takes several new tokens of one row only."""
    capacity = max(map(len, prompts)) + limit
    return _joined(opened, [_read_after(opened, kept, prompt, capacity) for prompt in prompts])


def _joined(opened: Opened, parts: Sequence[tuple[_GroupedRows, Logits]]) -> tuple[Rows, Logits]:
    """One batch of the wanted rows of all parts, which have the same capacity."""
    caches = zip(*([value.numpy()[: part.wanted] for value in part.cache] for part, _ in parts), strict=True)
    count = sum(part.wanted for part, _ in parts)
    rows = _GroupedRows(opened, count, 0, [np.concatenate(arrays) for arrays in caches])
    rows.lengths = [length for part, _ in parts for length in part.lengths[: part.wanted]]
    if count < _LEAST:
        rows.select(range(count))
    return rows, np.concatenate([logits for _, logits in parts])


def _read_after(opened: Opened, kept: Prefixes, prompt: Tokens, capacity: int) -> tuple[_GroupedRows, Logits]:
    if len(prompt) < _LEAST:
        return _read_together(opened, [prompt], capacity)
    prefix = kept.longest(prompt)
    # At least two tokens at once; those of the prefix that are read again leave what was there.
    new = prompt[-max(len(prompt) - len(prefix.tokens), _LEAST) :]
    room = capacity - len(prefix.tokens)
    arrays = [np.pad(array, ((0, 0), (0, 0), (0, room), (0, 0))) for array in prefix.cache]
    rows = _GroupedRows(opened, 1, capacity, arrays)
    logits = rows.feed(np.array([new], np.int64), [len(prompt)], [len(new) - 1] * _LEAST)
    # Copied: a view would outlive its buffer.
    kept.keep(Prefix(tuple(prompt), tuple(value.numpy()[:, :, : len(prompt)].copy() for value in rows.cache)))
    return rows, logits[:1]


# --- plain


class _PlainRows:
    """Rows padded on the left; the cache is what the last step gave."""

    def __init__(self, opened: Opened, prompts: Sequence[Tokens]) -> None:
        self._session = opened.session
        self._past = [one for one in opened.session.get_inputs() if one.name.startswith("past_key_values.")]
        width = max(map(len, prompts))
        self._mask = np.array([[0] * (width - len(p)) + [1] * len(p) for p in prompts], np.int64)
        self._cache = [np.zeros((len(prompts), one.shape[1], 0, one.shape[3]), _number(one)) for one in self._past]
        self.wanted = len(prompts)

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


def _number(value: Any) -> Any:
    return np.float16 if value.type == "tensor(float16)" else np.float32
