"""Examples in, tensors out: rows of like length together, so that hardly any token is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

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


def batches(examples: Sequence[Example], most_tokens: int, random: Random) -> Iterator[Batch]:
    """Yield `examples` in batches of about `most_tokens` tokens, in random order."""
    groups: list[list[Example]] = []
    for made in sorted(examples, key=_length):
        if not groups or (len(groups[-1]) + 1) * _length(made) > most_tokens:
            groups.append([])
        groups[-1].append(made)
    random.shuffle(groups)
    yield from map(batch, groups)


def _length(made: Example) -> int:
    return len(made.prompt) + len(made.target)


def batch(examples: Sequence[Example]) -> Batch:
    """Return `examples` as one batch; the loss is asked of the targets alone."""
    length = max(map(_length, examples))
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
