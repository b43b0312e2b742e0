"""The engine against a full recompute in numpy, and against itself in other batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cwm_check.errors import AnalysisError
from cwm_check.inference.engine import Engine, Generation, Request

pytest.importorskip("onnx")

from checkpoints import CWM, LLAMA, Config, next_logits, write_checkpoint

from cwm_check.onnx_export.export import Precision, write_graph

RANDOM = np.random.default_rng(1)
PROMPTS = [tuple(map(int, RANDOM.integers(2, 96, length))) for length in (1, 2, 9, 17, 40)]
PRECISIONS: tuple[Precision, ...] = ("float32", "float16", "int8", "int4")
CONFIGS = {"llama": LLAMA, "cwm": CWM}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Engine]:
    """An engine for each kind of model and precision."""
    folder = tmp_path_factory.mktemp("models")
    return {
        (kind, precision): engine_of(folder / kind / precision, kind, precision)
        for kind in CONFIGS
        for precision in PRECISIONS
    }


def engine_of(folder: Path, kind: str, precision: Precision) -> Engine:
    write_graph(write_checkpoint(folder, CONFIGS[kind]), folder, precision)
    return Engine(folder / "model.onnx", "cpu", threads=1)


def recomputed(config: Config, prompt: tuple[int, ...], count: int) -> Generation:
    said: list[int] = []
    logs: list[float] = []
    for _ in range(count):
        logits = next_logits(config, (*prompt, *said))
        said.append(int(logits.argmax()))
        logs.append(float(logits.max() - np.log(np.exp(logits).sum())))
    return Generation(tuple(said), tuple(logs), ended=False)


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_ragged_batch_says_what_a_full_recompute_says(engines: dict[tuple[str, str], Engine], kind: str) -> None:
    made = engines[kind, "float32"].generate([Request(prompt, 24) for prompt in PROMPTS], stop=())
    wanted = [recomputed(CONFIGS[kind], prompt, 24) for prompt in PROMPTS]
    assert [one.tokens for (one,) in made] == [one.tokens for one in wanted]
    logs = [
        np.array(one.log_probabilities) - other.log_probabilities for (one,), other in zip(made, wanted, strict=True)
    ]
    assert np.abs(logs).max() < 1e-4


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", CONFIGS)
def test_a_row_says_the_same_bits_alone_and_in_any_batch(
    engines: dict[tuple[str, str], Engine], kind: str, precision: str
) -> None:
    engine = engines[kind, precision]
    alike = [PROMPTS[4][:30], (*PROMPTS[4][:30], 7, 7), (*PROMPTS[4][:5], 7)]
    requests = [Request(prompt, 12) for prompt in [*PROMPTS * 2, *alike]]
    alone = [engine.generate([request], stop=())[0] for request in requests]
    assert list(engine.generate(requests, stop=())) == alone
    assert list(engine.generate(requests[::-1], stop=()))[::-1] == alone


@pytest.mark.parametrize(
    ("precision", "least"), [("float16", 0.9), ("int8", 0.7), ("int4", 0.15)], ids=["float16", "int8", "int4"]
)
def test_fewer_bits_agree_as_far_as_random_weights_let_them(
    engines: dict[tuple[str, str], Engine], precision: str, least: float
) -> None:
    prompts = [tuple(map(int, row)) for row in np.random.default_rng(2).integers(2, 96, (60, 12))]
    requests = [Request(prompt, 1) for prompt in prompts]
    made = [engines["cwm", kind].generate(requests, stop=()) for kind in ("float32", precision)]
    assert np.mean([one.tokens == other.tokens for (one,), (other,) in zip(*made, strict=True)]) >= least


def test_a_row_ends_with_the_token_that_stops_it(engines: dict[tuple[str, str], Engine]) -> None:
    engine = engines["llama", "float32"]
    ((free,),) = engine.generate([Request(PROMPTS[2], 10)], stop=())
    at = free.tokens.index(free.tokens[4])
    made = engine.generate([Request(PROMPTS[2], 10), Request(PROMPTS[1], 3)], stop=(free.tokens[4],))
    assert made[0] == (Generation(free.tokens[: at + 1], free.log_probabilities[: at + 1], ended=True),)


@pytest.mark.parametrize("branches", [1, 3])
def test_rows_that_end_leave_and_the_others_say_the_same_bits(
    engines: dict[tuple[str, str], Engine], branches: int
) -> None:
    engine = engines["llama", "float32"]
    prompts = [tuple(map(int, row)) for row in np.random.default_rng(4).integers(2, 96, (24, 9))]
    requests = [Request(prompt, 30, branches) for prompt in prompts]
    stop = range(0, 96, 6)
    made = engine.generate(requests, stop=stop)
    assert len({len(one.tokens) for some in made for one in some}) > 8
    assert made == tuple(engine.generate([request], stop=stop)[0] for request in requests)


def test_one_allowed_token_is_a_forced_one_and_others_are_masked(engines: dict[tuple[str, str], Engine]) -> None:
    def allowed(said: tuple[int, ...]) -> tuple[int, ...] | None:
        return {0: (11,), 1: (12, 13), 2: None}[len(said)]

    engine = engines["llama", "float32"]
    ((made,),) = engine.generate([Request(PROMPTS[2], 3, allowed=allowed)], stop=())
    second = next_logits(LLAMA, (*PROMPTS[2], 11))
    begin = (11, 12 if second[12] > second[13] else 13)
    assert made.tokens == (*begin, int(next_logits(LLAMA, (*PROMPTS[2], *begin)).argmax()))


def test_branches_are_the_likeliest_first_tokens_each_continued(engines: dict[tuple[str, str], Engine]) -> None:
    engine = engines["llama", "float32"]
    made = engine.generate([Request(PROMPTS[3], 4, branches=3), Request(PROMPTS[2], 4)], stop=())
    firsts = np.argsort(-next_logits(LLAMA, PROMPTS[3]))[:3]
    continued = [recomputed(LLAMA, (*PROMPTS[3], int(first)), 3).tokens for first in firsts]
    assert [one.tokens for one in made[0]] == [
        (int(first), *rest) for first, rest in zip(firsts, continued, strict=True)
    ]
    assert [one.tokens for one in made[1]] == [recomputed(LLAMA, PROMPTS[2], 4).tokens]


@pytest.mark.parametrize(
    ("prompt", "limit", "message"),
    [((), 1, "a prompt must not be empty"), ((5,) * 250, 7, "257 tokens do not fit the model's 256 positions")],
    ids=["empty", "too long"],
)
def test_what_cannot_be_computed_is_refused(
    engines: dict[tuple[str, str], Engine], prompt: tuple[int, ...], limit: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        engines["llama", "float32"].generate([Request(prompt, limit)], stop=())


def test_no_requests_give_no_answers(engines: dict[tuple[str, str], Engine]) -> None:
    assert engines["llama", "float32"].generate([], stop=()) == ()


def test_a_prompt_may_fill_all_positions(engines: dict[tuple[str, str], Engine]) -> None:
    ((made,),) = engines["llama", "float32"].generate([Request((5,) * 250, 6)], stop=())
    assert made.tokens == recomputed(LLAMA, (5,) * 250, 6).tokens


def test_rows_of_other_limits_do_not_push_a_row_out_of_its_room(engines: dict[tuple[str, str], Engine]) -> None:
    requests = [Request((5,) * 250, 6), Request((7,), 120), Request((8,), 120)]
    engine = engines["llama", "float32"]
    assert engine.generate(requests, stop=()) == tuple(engine.generate([one], stop=())[0] for one in requests)


def test_a_device_that_is_not_there_is_an_error_and_auto_takes_the_cpu(
    engines: dict[tuple[str, str], Engine], tmp_path: Path
) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("ONNX Runtime was built with CUDA")
    write_graph(write_checkpoint(tmp_path / "x", LLAMA), tmp_path, "float32")
    with pytest.raises(
        AnalysisError,
        match=r"^device cuda is not usable: install 'cwm-check\[gpu\]' in place of \[cpu\]; or say --device cpu$",
    ):
        Engine(tmp_path / "model.onnx", "cuda")
    opened = Engine(tmp_path / "model.onnx")
    assert (opened.device, opened.note) == ("cpu", "")


def test_a_graph_of_an_earlier_writer_is_named(tmp_path: Path) -> None:
    from cwm_check.onnx_export.graph import Graph

    with Graph(tmp_path / "model.onnx", np.float32) as graph:
        graph.input("seqlens_k", ["rows"])
        graph.output("logits", ["rows"])
        graph.node("Identity", ["seqlens_k"], ["logits"])
        graph.save({})
    with pytest.raises(AnalysisError, match=r"model\.onnx is of an earlier cwm-check: export the model again$"):
        Engine(tmp_path / "model.onnx", "cpu")


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n"], ids=["empty", "pointer"])
def test_a_broken_graph_is_named(content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(
        AnalysisError, match=r"model\.onnx cannot be opened: .*`cwm-check model verify` checks the files"
    ):
        Engine(tmp_path / "model.onnx", "cpu")
    assert capfd.readouterr() == ("", "")
