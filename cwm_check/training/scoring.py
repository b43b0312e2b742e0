"""A network and examples in, for each example whether its whole target would be said greedily, and how sure of it, out.

Exact match under teacher forcing is exact match of greedy decoding: the first wrong token fails both.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch

from cwm_check.training.batches import batches
from cwm_check.training.network import Network
from cwm_check.training.scores import Score
from cwm_check.training.steps import Example

_TOKENS = 8192


@torch.no_grad()
def score(network: Network, examples: Sequence[Example], temperature: float = 1.0) -> list[Score]:
    """Return a score for each of `examples`, in no particular order."""
    scores = []
    for batch in batches(examples, _TOKENS, Random(0)):
        hidden = network(batch.tokens).flatten(0, 1)[batch.at]
        logs = torch.log_softmax(network.logits(hidden) / temperature, dim=-1)
        best, said = logs.max(dim=-1)
        right = said == batch.wanted
        rows = len(batch.examples)
        wrong = torch.zeros(rows, dtype=torch.long).index_add_(0, batch.row_of, (~right).long())
        sure = torch.zeros(rows).index_add_(0, batch.row_of, best).exp()
        first = right[torch.searchsorted(batch.row_of, torch.arange(rows))]
        for row, made in enumerate(batch.examples):
            scores.append(Score(made, bool(wrong[row] == 0), bool(first[row]), float(sure[row])))
    return scores
