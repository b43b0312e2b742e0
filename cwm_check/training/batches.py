"""Examples in, tensors out: rows of like length together, so that hardly any token is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from cwm_check.training.shards import LENGTHS
from cwm_check.training.steps import Example


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one length."""

    tokens: Tensor
    """[rows, length], padded with 0."""
    at: Tensor
    """Flat positions in [rows * length] whose next token is asked."""
    wanted: Tensor
    """The next token at each of `at`."""
    row_of: Tensor
    """The row of each of `at`."""
    examples: tuple[Example, ...]


def batches(
    examples: Sequence[Example], most_tokens: int, random: Random, *, is_fixed: bool = False
) -> Iterator[Batch]:
    """Yield `examples` in batches of about `most_tokens` tokens, in random order.

    With `is_fixed` only of as many rows as fit into `most_tokens` and of the lengths `LENGTHS`; the rest of each length
    is left out.
    """
    groups: list[list[Example]] = []
    for made in sorted(examples, key=_length):
        length = _fixed(made) if is_fixed else _length(made)
        is_other = is_fixed and groups and _fixed(groups[-1][0]) != length
        if not groups or is_other or (len(groups[-1]) + 1) * length > most_tokens:
            groups.append([])
        groups[-1].append(made)
    random.shuffle(groups)
    for group in groups:
        if not is_fixed:
            yield batch(group, _length(group[-1]))
        elif len(group) == most_tokens // _fixed(group[0]):
            yield batch(group, _fixed(group[0]))


def _fixed(made: Example) -> int:
    return next(length for length in LENGTHS if length >= _length(made))


def _length(made: Example) -> int:
    return len(made.prompt) + len(made.target)


def batch(examples: Sequence[Example], length: int) -> Batch:
    """Return `examples` as one batch with rows of `length`; the loss is asked of the targets alone."""
    tokens = torch.zeros(len(examples), length, dtype=torch.long)
    at: list[int] = []
    wanted: list[int] = []
    row_of: list[int] = []
    for row, made in enumerate(examples):
        whole = made.prompt + made.target
        tokens[row, : len(whole)] = torch.tensor(whole)
        first = row * length + len(made.prompt) - 1
        at += range(first, first + len(made.target))
        wanted += made.target
        row_of += [row] * len(made.target)
    return Batch(tokens, torch.tensor(at), torch.tensor(wanted), torch.tensor(row_of), tuple(examples))
