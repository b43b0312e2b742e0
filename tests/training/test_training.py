"""The network, the optimizer, the loop and the export; need torch."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

torch = pytest.importorskip("torch", reason="the [train] extra is not installed")
pytest.importorskip("safetensors", reason="the [train] extra is not installed")

from cwm_check.codecs.nano import VOCABULARY  # noqa: E402
from cwm_check.training.batches import batch, batches  # noqa: E402
from cwm_check.training.checkpoint import export, load  # noqa: E402
from cwm_check.training.muon import orthogonalise  # noqa: E402
from cwm_check.training.network import Network, Shape  # noqa: E402
from cwm_check.training.scoring import score  # noqa: E402
from cwm_check.training.shards import make_shard  # noqa: E402
from cwm_check.training.steps import Example  # noqa: E402
from cwm_check.training.train import Plan, Trainer, train  # noqa: E402

torch.set_num_threads(1)  # more only wait for each other on matrices this small
SMALL = Shape(len(VOCABULARY), 32, 2, 2, 2, intermediate_size=48)


def network() -> Network:
    """A small one that is not the identity."""
    torch.manual_seed(1)
    made = Network(SMALL)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return made


def example(prompt: tuple[int, ...], target: tuple[int, ...]) -> Example:
    return Example(prompt, target, "do", "int")


ROWS = [example((5, 6, 7), (8, 1)), example((5,), (9, 9, 1)), example((4, 4, 4, 4), (1,))]


def test_a_batch_asks_for_the_targets_alone() -> None:
    made = batch(ROWS, 5)
    assert made.tokens.tolist() == [[5, 6, 7, 8, 1], [5, 9, 9, 1, 0], [4, 4, 4, 4, 1]]
    assert made.at.tolist() == [2, 3, 5, 6, 7, 13]
    assert made.wanted.tolist() == [8, 1, 9, 9, 1, 1]
    assert made.row_of.tolist() == [0, 0, 1, 1, 1, 2]


def test_batches_hold_every_example_once() -> None:
    made = list(batches(ROWS * 5, 12, Random(0)))
    assert sorted(e.prompt for b in made for e in b.examples) == sorted(e.prompt for e in ROWS * 5)
    assert max(b.tokens.numel() for b in made) <= 12


def test_fixed_batches_are_full_and_of_few_lengths() -> None:
    made = list(batches(ROWS * 5, 48, Random(0), is_fixed=True))
    assert {b.tokens.shape for b in made} == {(3, 16)}
    assert len(made) == 5


def test_a_step_of_two_parts_is_a_step_of_the_whole(tmp_path: Path) -> None:
    plan = Plan(tmp_path, minutes=1, cooldown=0.5)
    weights = []
    for parts in ([batch(ROWS, 5)], [batch(ROWS[:1], 5), batch(ROWS[1:], 5)]):
        torch.manual_seed(0)
        trainer = Trainer(Network(SMALL), plan)
        trainer.step(parts, 1.0)
        weights.append(torch.cat([p.flatten() for p in trainer.network.parameters()]))
    assert torch.allclose(*weights, atol=1e-4)


def test_logits_are_those_of_hugging_face(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    ours = network()
    export(ours, tmp_path)
    theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    tokens = torch.randint(0, len(VOCABULARY), (3, 17))
    with torch.no_grad():
        reread = load(tmp_path)
        assert torch.allclose(reread.logits(reread(tokens)), theirs(tokens).logits, atol=1e-4)


def test_an_exported_network_comes_back(tmp_path: Path) -> None:
    ours = network()
    export(ours, tmp_path)
    back = load(tmp_path)
    assert back.shape == SMALL
    assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(ours.parameters(), back.parameters(), strict=True))
    assert json.loads((tmp_path / "nano_tokenizer.json").read_text())["tokens"] == list(VOCABULARY)


@pytest.mark.parametrize("size", [(4, 8, 8), (2, 6, 12), (3, 12, 6)], ids=["square", "wide", "tall"])
def test_singular_values_move_to_about_one(size: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalise(torch.randn(size)))
    assert values.min() > 0.3
    assert values.max() < 1.6


def test_training_learns_and_a_checkpoint_goes_on(tmp_path: Path) -> None:
    plan = Plan(tmp_path, minutes=1, cooldown=0.5)
    torch.manual_seed(0)
    trainer = Trainer(Network(SMALL), plan)
    made = batch(ROWS, 5)
    for _ in range(140):
        trainer.step([made], 1.0)
    trainer.save(tmp_path / "state.pt")
    again = Trainer(Network(SMALL), plan)
    again.load(tmp_path / "state.pt")
    trainer.step([made], 1.0)
    again.step([made], 1.0)
    assert again.progress == trainer.progress
    assert [s.is_exact for s in score(again.network, ROWS)] == [True] * 3


def test_the_confidence_of_a_score_is_the_product_of_probabilities() -> None:
    ours = network()
    (one,) = score(ours, ROWS[:1])
    with torch.no_grad():
        logits = ours.logits(ours(torch.tensor([[5, 6, 7, 8]])))[0]
    best = torch.softmax(logits[2:], -1).max(-1).values
    assert one.confidence == pytest.approx(float(best.prod()), rel=1e-4)


def test_a_shard_depends_on_its_seed_alone() -> None:
    assert make_shard(5, 30, None) == make_shard(5, 30, None)
    assert make_shard(5, 30, None) != make_shard(6, 30, None)


def test_a_short_run_ends_with_a_model(tmp_path: Path) -> None:
    plan = Plan(tmp_path, minutes=0.05, cooldown=0.03, shard_size=40, validation_size=10, tokens_per_step=512)
    train(plan, SMALL)
    assert load(tmp_path / "model.pt").shape == SMALL
    assert "exact" in json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
