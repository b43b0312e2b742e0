"""Train nano: fresh examples in, checkpoints out, until the time is up; run again to go on from the last checkpoint.

    python -m cwm_check.training.train runs/nano --minutes 90 --cooldown 10 [--questions runs/questions] [--threads 1]

The learning rate warms up, stays, and falls to zero over the last `--cooldown` minutes. `state.pt` is the checkpoint to
go on from (the last one is written before the cooldown), `model.pt` the weights of the cooldown, in the end the cooled
ones. Curves go to `log.jsonl`.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch.nn import functional

from cwm_check.codecs.nano import VOCABULARY
from cwm_check.training.batches import Batch, batches
from cwm_check.training.checkpoint import load
from cwm_check.training.muon import Muon
from cwm_check.training.network import Network, Shape
from cwm_check.training.scores import share_exact
from cwm_check.training.scoring import score
from cwm_check.training.shards import held_out_seed, make_shard, shard_stream
from cwm_check.training.steps import Example

_WARM_UP_STEPS = 60
_AVERAGING = 0.98
_PART = 4096
"""Tokens that go through the network together: more do not fit into the cache of a core."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is given."""

    folder: Path
    minutes: float
    cooldown: float
    questions: Path | None = None
    threads: int = 1
    tokens_per_step: int = 4096
    shard_size: int = 8000
    matrix_rate: float = 0.012
    other_rate: float = 0.002
    checkpoint_minutes: float = 10.0
    validation_size: int = 1000
    rate: float = 1.0
    """Share of the learning rates; less than 1 to go on from weights that were cooled."""
    initial: Path | None = None
    """Weights to begin with where there is no checkpoint."""
    is_half: bool = False
    """Compute in bfloat16 and compile: five times faster on a CPU with AMX, much slower on one without."""


@dataclass(slots=True)
class Progress:
    """How far a run is; saved with the weights."""

    step: int = 0
    tokens: int = 0
    shard: int = 0
    seconds: float = 0.0
    loss: float = 0.0


class Trainer:
    """A network, its two optimizers and its progress: what a checkpoint holds.

    The optimizers move `network`, in float32. With `is_half` both passes are those of a bfloat16 copy.
    """

    def __init__(self, network: Network, plan: Plan) -> None:
        self.network = network
        self.progress = Progress()
        self._plan = plan
        named = list(self.network.named_parameters())
        self._others = [parameter for name, parameter in named if "_proj" not in name]
        matrices = [parameter for name, parameter in named if "_proj" in name]
        half = torch.bfloat16 if plan.is_half else torch.float32
        self._muon = Muon(matrices, plan.matrix_rate, dtype=half)
        self._adam = torch.optim.AdamW(self._others, plan.other_rate, betas=(0.85, 0.97), weight_decay=0.0)
        self._worker = copy.deepcopy(network).bfloat16() if plan.is_half else network
        if plan.is_half:
            for layer in self._worker.model.layers:
                layer.compile(dynamic=False)  # one program for all layers, for each length of rows

    def step(self, parts: Sequence[Batch], rate: float) -> None:
        """Move the weights by a batch in `parts`; `rate` scales the planned learning rates."""
        self._set_rates(self._plan.rate * rate * min(1.0, (self.progress.step + 1) / _WARM_UP_STEPS))
        self._worker.zero_grad(set_to_none=True)
        asked = sum(len(part.wanted) for part in parts)
        loss = sum(self._backward(part, asked) for part in parts)
        self._take_gradients()
        torch.nn.utils.clip_grad_norm_(self._others, 1.0)
        self._muon.step()
        self._adam.step()
        self._give_weights()
        progress = self.progress
        progress.loss = _AVERAGING * progress.loss + (1 - _AVERAGING) * loss if progress.step else loss
        progress.step += 1
        progress.tokens += sum(part.tokens.numel() for part in parts)

    def _backward(self, part: Batch, asked: int) -> float:
        """Add to the gradients what `part` has of a batch of `asked` tokens, and return its share of the loss."""
        hidden = self._worker(part.tokens).flatten(0, 1)[part.at]
        logits = self._worker.logits(hidden).float()
        loss = functional.cross_entropy(logits, part.wanted, reduction="sum") / asked
        loss.backward()  # type: ignore[no-untyped-call]
        value: float = loss.item()
        return value

    def _take_gradients(self) -> None:
        if self._worker is not self.network:
            for parameter, half in zip(self.network.parameters(), self._worker.parameters(), strict=True):
                parameter.grad = None if half.grad is None else half.grad.float()

    @torch.no_grad()
    def _give_weights(self) -> None:
        if self._worker is not self.network:
            for parameter, half in zip(self.network.parameters(), self._worker.parameters(), strict=True):
                half.copy_(parameter)

    def _set_rates(self, rate: float) -> None:
        for optimizer, planned in ((self._muon, self._plan.matrix_rate), (self._adam, self._plan.other_rate)):
            for group in optimizer.param_groups:
                group["lr"] = planned * rate

    def save(self, path: Path) -> None:
        """Write the checkpoint; a crash leaves the former one."""
        state: dict[str, Any] = {"shape": asdict(self.network.shape), "progress": asdict(self.progress)}
        state |= {
            "network": self.network.state_dict(),
            "muon": self._muon.state_dict(),
            "adam": self._adam.state_dict(),
        }
        _write(path, state)

    def save_weights(self, path: Path) -> None:
        """Write the weights alone."""
        _write(path, {"shape": asdict(self.network.shape), "network": self.network.state_dict()})

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._give_weights()
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])
        self.progress = Progress(**state["progress"])


def _write(path: Path, state: object) -> None:
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def train(plan: Plan, shape: Shape) -> Network:
    """Train for `plan.minutes` from the checkpoint in its folder, or from nothing; return the cooled network."""
    torch.set_num_threads(plan.threads)
    torch.manual_seed(0)
    plan.folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(load(plan.initial) if plan.initial else Network(shape), plan)
    checkpoint = plan.folder / "state.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    validation = make_shard(held_out_seed(0), plan.validation_size, plan.questions)
    with shard_stream(trainer.progress.shard, plan.shard_size, plan.questions) as shards:
        _run(trainer, plan, shards, validation, checkpoint)
    trainer.save_weights(plan.folder / "model.pt")
    return trainer.network


def _run(
    trainer: Trainer, plan: Plan, shards: Iterable[list[Example]], validation: Sequence[Example], checkpoint: Path
) -> None:
    """Train on `shards` until the time is up."""
    begun = saved = time.monotonic()
    earlier = trainer.progress.seconds
    is_cooling = False
    for shard in shards:
        random = Random(trainer.progress.shard)
        for batch in _grouped(batches(shard, _PART, random, is_fixed=plan.is_half), plan.tokens_per_step):
            now = time.monotonic()
            left = plan.minutes * 60 - (now - begun)
            trainer.progress.seconds = earlier + now - begun
            is_due = now - saved > plan.checkpoint_minutes * 60
            if is_due or (not is_cooling and left < plan.cooldown * 60):
                trainer.save_weights(plan.folder / "model.pt") if is_cooling else trainer.save(checkpoint)
                _log(trainer, plan, validation)
                saved = now
            is_cooling = left < plan.cooldown * 60
            if left <= 0:
                _log(trainer, plan, validation)
                return
            trainer.step(batch, max(0.01, left / (plan.cooldown * 60)) if is_cooling else 1.0)
            if trainer.progress.step % 50 == 0:
                _append(plan, asdict(trainer.progress))
        trainer.progress.shard += 1


def _grouped(parts: Iterable[Batch], tokens: int) -> Iterator[list[Batch]]:
    """Yield as many parts together as make about `tokens`; the rest at the end is left out, unless it is all."""
    group: list[Batch] = []
    is_first = True
    for part in parts:
        group.append(part)
        if sum(one.tokens.numel() for one in group) > tokens - _PART // 2:
            yield group
            group, is_first = [], False
    if group and is_first:
        yield group


def _log(trainer: Trainer, plan: Plan, validation: Sequence[Example]) -> None:
    scores = score(trainer.network, validation)
    by_kind = {
        kind: round(share_exact(s for s in scores if s.example.kind == kind), 4)
        for kind in sorted({s.example.kind for s in scores})
    }
    _append(plan, {**asdict(trainer.progress), "exact": by_kind})


def _append(plan: Plan, row: dict[str, Any]) -> None:
    with (plan.folder / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train nano until the time is up.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--cooldown", type=float, default=10.0)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--initial", type=Path, help="an exported folder to begin with")
    parser.add_argument("--rate", type=float, default=1.0, help="share of the learning rates, to go on gently")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--inner", type=int, default=704)
    parser.add_argument("--tokens", type=int, default=4096, help="tokens of a step")
    parser.add_argument("--half", action="store_true", help="bfloat16 and torch.compile, for a CPU with AMX")
    options = parser.parse_args(arguments)
    shape = Shape(len(VOCABULARY), options.width, options.layers, intermediate_size=options.inner)
    plan = Plan(options.folder, options.minutes, options.cooldown, options.questions, options.threads, options.tokens)
    train(replace(plan, rate=options.rate, initial=options.initial, is_half=options.half), shape)


if __name__ == "__main__":
    main()
