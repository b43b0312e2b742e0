"""What was read is not read again, and what is said stays the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from cwm_check.inference.prefixes import Prefix, Prefixes

pytest.importorskip("onnx")

from checkpoints import CWM, LLAMA, Config, write_checkpoint
from test_neural import probe, version
from test_neural_frames import FrameOracle

from cwm_check.inference.engine import Engine, Request
from cwm_check.neural.frame_model import FrameModel
from cwm_check.neural.frames import on_frames
from cwm_check.onnx_export.export import Precision, write_graph

TOKENS = tuple(map(int, np.random.default_rng(3).integers(2, 96, 60)))


def read(*tokens: int) -> Prefix:
    """A prompt whose cache says where each token stood; 8 bytes a token."""
    return Prefix(tokens, (np.array(tokens, np.int64)[None, None, :, None],))


def engines(folder: Path, config: Config, precision: Precision = "float32") -> tuple[Engine, Engine]:
    """One that keeps what it reads, and one that does not."""
    write_graph(write_checkpoint(folder / "checkpoint", config), folder, precision)
    return Engine(folder / "model.onnx", "cpu", 1, keeps=True), Engine(folder / "model.onnx", "cpu", 1)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param((1, 2, 3, 4), (1, 2, 3), id="a longer prompt"),
        pytest.param((1, 2, 3), (1, 2), id="the same: the last token is read"),
        pytest.param((1, 2, 9, 9), (1, 2), id="parts early"),
        pytest.param((5, 6, 7, 8, 9), (5, 6, 7, 8), id="another one"),
        pytest.param((9, 2, 3), (), id="nothing in common"),
        pytest.param((1,), (), id="one token"),
    ],
)
def test_the_longest_beginning_is_found(prompt: tuple[int, ...], expected: tuple[int, ...]) -> None:
    kept = Prefixes()
    for one in (read(1, 2), read(1, 2, 3), read(5, 6, 7, 8)):
        kept.keep(one)
    found = kept.longest(prompt)
    assert found.tokens == expected
    assert [array.ravel().tolist() for array in found.cache] == ([list(expected)] if expected else [])
    assert kept.spared == len(expected)


def test_the_least_recently_used_go_first() -> None:
    kept = Prefixes(most=5 * 8)
    kept.keep(read(1, 2))
    kept.keep(read(3, 4))
    kept.longest((1, 2, 0))
    kept.keep(read(5, 6))
    assert [kept.longest((*tokens, 0)).tokens for tokens in ((1, 2), (3, 4), (5, 6))] == [(1, 2), (), (5, 6)]


def test_a_prompt_takes_the_place_of_its_beginnings() -> None:
    kept = Prefixes(most=5 * 8)
    for length in (1, 2, 3, 4):
        kept.keep(read(*range(length)))
    kept.keep(read(9))  # there is room for it: of the others the longest alone is left
    assert [kept.longest((*tokens, 7)).tokens for tokens in ((0, 1, 2, 3), (9,))] == [(0, 1, 2, 3), (9,)]


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("config", [LLAMA, CWM], ids=["llama", "cwm, past its window"])
def test_prompts_that_grow_say_the_same_bits(config: Config, precision: Precision, tmp_path: Path) -> None:
    keeping, fresh = engines(tmp_path, config, precision)
    for length in (1, 2, 3, 30, 31, 31, 60, 25):
        requests = [Request(TOKENS[:length], 12, 2), Request((*TOKENS[:length], 7), 12), Request((5, 6), 3)]
        assert keeping.generate(requests, stop=()) == fresh.generate(requests, stop=())
    assert (keeping.prefilled, fresh.prefilled) == (79, 390)


def test_a_run_of_frames_reads_each_frame_once(tokenizer_file: Path, tmp_path: Path) -> None:
    """The prompts of a true run; a random model's answers to them are the same with and without what was kept."""
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer

    oracle, tokenizer = FrameOracle(), CwmTokenizer(tokenizer_file)
    source = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return total\n"
    on_frames(oracle).predict_all([(version(source), probe("3")), (version(source), probe("2"))])
    random = CWM | {"vocab_size": 400, "max_position_embeddings": 4096}
    made = engines(tmp_path, random)
    keeping, fresh = (FrameModel("random", one, tokenizer, longest=4) for one in made)
    for ask in oracle.asked:
        ((one,), (other,)) = keeping.said([ask]), fresh.said([ask])
        assert (one.pieces, one.confidence) == (other.pieces, pytest.approx(other.confidence, rel=1e-4))
    prompts = {tuple(tokenizer.encode(ask.pieces)) for ask in oracle.asked}
    assert [one.prefilled for one in made] == [new_tokens(prompts), sum(map(len, prompts))]
    assert made[0].prefilled < made[1].prefilled / 8


def new_tokens(prompts: Iterable[tuple[int, ...]]) -> int:
    """How many tokens there are of which no prompt before had the same beginning; a last one is always read."""
    beginnings = {prompt[:length] for prompt in prompts for length in range(1, len(prompt) + 1)}
    return len(beginnings)
