"""From checkpoints to model folders, by both roads; what cannot be exported is said by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

from checkpoints import CWM, LLAMA, Config, next_logits, safetensors, weights_of, write_checkpoint

from cwm_check.errors import CwmCheckError
from cwm_check.inference.engine import Engine, Request
from cwm_check.onnx_export.architecture import read_architecture
from cwm_check.onnx_export.export import Label, export_model, write_graph
from cwm_check.onnx_export.weights import read_weights
from cwm_check.store import problems, read_model

LABEL = Label("tiny", "MIT", "a test")
PROMPT = (5, 17, 3, 44, 8, 60, 9, 10, 11, 12, 13, 14)


def best(folder: Path) -> int:
    ((made,),) = Engine(folder / "model.onnx", "cpu", 1).generate([Request(PROMPT, 1)], stop=())
    return made.tokens[0]


def test_a_model_is_its_graph_its_tokenizer_and_a_manifest(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", LLAMA)
    made = export_model(source, tmp_path / "made" / "tiny", LABEL, "int8", write_graph)
    assert made == read_model(tmp_path / "made" / "tiny")
    assert list(problems(made)) == []
    manifest = made.manifest
    assert (manifest.name, manifest.codec, manifest.licence, manifest.source) == ("tiny", "nano", "MIT", "a test")
    assert (manifest.precision, manifest.slope, manifest.offset) == ("int8", 1.0, 0.0)
    assert [file.name for file in manifest.files] == ["model.onnx", "model.onnx.data", "nano_tokenizer.json"]
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["tiny"]


def test_the_manifest_takes_the_calibration_of_the_scores(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", LLAMA)
    (source / "scores.json").write_text(json.dumps({"questions calibrated": {"slope": 0.5, "offset": -1.0, "ece": 0}}))
    manifest = export_model(source, tmp_path / "made", LABEL, "float32", write_graph).manifest
    assert (manifest.slope, manifest.offset) == (0.5, -1.0)


def test_an_export_leaves_the_other_files_of_its_folder_alone(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", LLAMA)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "README.md").write_text("card")
    export_model(source, tmp_path / "made", LABEL, "int8", write_graph)
    made = export_model(source, tmp_path / "made", LABEL, "float32", write_graph)
    assert (tmp_path / "made" / "README.md").read_text() == "card"
    assert (made.manifest.precision, list(problems(made))) == ("float32", [])


def test_an_export_that_fails_leaves_the_former_model(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", LLAMA)
    made = export_model(source, tmp_path / "made", LABEL, "float32", write_graph)
    (source / "model-1-of-1.safetensors").write_bytes(b"")
    with pytest.raises(CwmCheckError):
        export_model(source, tmp_path / "made", LABEL, "int8", write_graph)
    assert (read_model(tmp_path / "made"), list(problems(made))) == (made, [])


def test_the_same_checkpoint_gives_the_same_bytes(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", CWM)
    made = [export_model(source, tmp_path / name, LABEL, "int4", write_graph) for name in ("one", "two")]
    assert made[0].manifest == made[1].manifest


@pytest.mark.parametrize(
    ("config", "shards", "kind"),
    [(LLAMA, 1, "F32"), (LLAMA, 3, "F32"), (CWM, 2, "F16"), (CWM, 1, "BF16")],
    ids=["one shard, tied head", "shards", "half, own head", "bfloat16"],
)
def test_shards_and_types_are_read_alike(config: Config, shards: int, kind: str, tmp_path: Path) -> None:
    write_graph(write_checkpoint(tmp_path / "x", config, shards=shards, kind=kind), tmp_path, "float32")
    assert best(tmp_path) == next_logits(config, PROMPT).argmax()


def test_positions_written_by_transformers_4_are_those_of_5(tmp_path: Path) -> None:
    rotary = dict(CWM["rope_parameters"])
    older: dict[str, Any] = {name: value for name, value in CWM.items() if name != "rope_parameters"}
    older |= {"rope_theta": rotary.pop("rope_theta"), "rope_scaling": rotary}
    shapes = [
        read_architecture(write_checkpoint(tmp_path / name, config)) for name, config in (("4", older), ("5", CWM))
    ]
    assert shapes[0] == shapes[1]


def test_windows_are_those_of_the_config_or_of_cwm(tmp_path: Path) -> None:
    kinds = ["sliding_attention", "full_attention", "sliding_attention", "full_attention", "full_attention"]
    configs = {"llama": LLAMA, "cwm": CWM, "own": CWM | {"layer_types": kinds}}
    windows = {name: read_architecture(write_checkpoint(tmp_path / name, c)).windows for name, c in configs.items()}
    assert windows == {"llama": (None, None), "cwm": (None, 8, 8, 8, None), "own": (8, None, 8, None, None)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "qwen2"}, "model_type 'qwen2'"),
        ({"attention_bias": True}, "attention_bias"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"hidden_act": "gelu"}, "hidden_act 'gelu'"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "rope_type 'yarn'"),
        ({"head_dim": 24}, "head_dim 24, no multiple of 16"),
    ],
    ids=["architecture", "attention bias", "mlp bias", "activation", "rotary", "head size"],
)
def test_what_the_graph_writer_does_not_know_is_refused(change: Config, message: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA | change))
    with pytest.raises(CwmCheckError) as error:
        read_architecture(tmp_path)
    wanted = f"{tmp_path / 'config.json'}: {message}: the graph writer does not know it, try --via optimum"
    assert str(error.value) == wanted


SHARD = safetensors({"a": np.ones((4, 4), np.float32)})


CUT = "is no safetensors file, or is cut short; get it again"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1", " is a Git LFS pointer, not the file: run `git lfs pull`"),
        (b"", f" {CUT}"),
        (SHARD[:20], f" {CUT}"),
        (SHARD[:-1], f" is cut short: a should end at byte {len(SHARD)} of {len(SHARD) - 1}; get it again"),
        (SHARD.replace(b"F32", b"I32"), ": a is of type I32; only floating-point weights are exported"),
    ],
    ids=["pointer", "empty", "header cut", "data cut", "integers"],
)
def test_weights_that_cannot_be_read_are_named(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(CwmCheckError) as error:
        read_weights(tmp_path)
    assert str(error.value) == f"{tmp_path / 'model.safetensors'}{message}"


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(CwmCheckError) as error:
        read_weights(tmp_path)
    assert (
        str(error.value) == f"{tmp_path} has no .safetensors file; pickled checkpoints are not read, convert them first"
    )


def test_a_checkpoint_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "source", LLAMA, tokenizer="vocab.txt")
    with pytest.raises(CwmCheckError, match=r"has no tokenizer \(nano_tokenizer\.json or tokenizer\.json\)"):
        export_model(source, tmp_path / "made", LABEL, "float32", write_graph)


@pytest.mark.parametrize("config", [LLAMA, CWM], ids=["llama", "cwm"])
def test_transformers_computes_the_same(config: Config, tmp_path: Path) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    known = {"llama": transformers.LlamaForCausalLM, "cwm": getattr(transformers, "CwmForCausalLM", None)}
    if known[config["model_type"]] is None:
        pytest.skip("this transformers has no CWM")
    source = write_checkpoint(tmp_path / "x", config)
    network = known[config["model_type"]](known[config["model_type"]].config_class(**config))
    loaded = network.load_state_dict({k: torch.tensor(w) for k, w in weights_of(config).items()}, strict=False)
    assert loaded.unexpected_keys == []
    tokens = list(PROMPT)
    for _ in range(64):
        with torch.no_grad():
            tokens.append(int(network.eval()(torch.tensor([tokens])).logits[0, -1].argmax()))
    write_graph(source, tmp_path, "float32")
    ((made,),) = Engine(tmp_path / "model.onnx", "cpu", 1).generate([Request(PROMPT, 64)], stop=())
    assert made.tokens == tuple(tokens[len(PROMPT) :])


@pytest.mark.parametrize("config", [LLAMA, CWM], ids=["llama", "cwm"])
@pytest.mark.filterwarnings("ignore")  # of transformers, about its own defaults
def test_transformers_generates_the_same_in_a_ragged_batch(config: Config, tmp_path: Path) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    kind = {"llama": "LlamaForCausalLM", "cwm": "CwmForCausalLM"}[config["model_type"]]
    if not hasattr(transformers, kind):
        pytest.skip("this transformers has no CWM")
    network = getattr(transformers, kind)(getattr(transformers, kind).config_class(**config)).eval()
    network.load_state_dict({k: torch.tensor(w) for k, w in weights_of(config).items()}, strict=False)
    prompts = [PROMPT[:length] for length in (1, 3, 12, 7)]
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(p)) + list(p) for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    options = {"max_new_tokens": 64, "do_sample": False, "pad_token_id": 0, "eos_token_id": None}
    wanted = network.generate(ids, attention_mask=mask, **options)[:, width:].tolist()
    write_graph(write_checkpoint(tmp_path / "x", config), tmp_path, "float32")
    engine = Engine(tmp_path / "model.onnx", "cpu", 1)
    made = engine.generate([Request(prompt, 64) for prompt in prompts], stop=())
    assert [list(one.tokens) for (one,) in made] == wanted


@pytest.mark.parametrize("precision", ["float16", "int8", "int4"])
def test_smaller_weights_load_and_say_much_the_same(precision: Any, tmp_path: Path) -> None:
    write_graph(write_checkpoint(tmp_path / "x", CWM), tmp_path, precision)
    engine = Engine(tmp_path / "model.onnx", "cpu", 1)
    requests = [Request(PROMPT[:length], 64) for length in (1, 12)]
    made = engine.generate(requests, stop=())
    assert [len(one.tokens) for (one,) in made] == [64, 64]
    assert made == engine.generate(requests, stop=())
    if precision != "int4":  # of random weights 4 bits keep too little
        assert made[1][0].tokens[0] in np.argsort(-next_logits(CWM, PROMPT))[:12]


def test_memory_stays_flat_while_a_large_checkpoint_is_written(tmp_path: Path) -> None:
    """What is held at once is a part of one weight, not the model."""
    import tracemalloc

    big = LLAMA | {"vocab_size": 40_000, "hidden_size": 128, "num_hidden_layers": 1, "tie_word_embeddings": False}
    source = write_checkpoint(tmp_path / "x", big, shards=2)
    size = sum(path.stat().st_size for path in source.glob("*.safetensors"))
    tracemalloc.start()
    write_graph(source, tmp_path, "int4")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 40_000_000
    assert peak < size / 3


@pytest.mark.parametrize("config", [LLAMA, CWM], ids=["llama", "cwm"])
@pytest.mark.filterwarnings("ignore")  # optimum and its transformers are frozen
def test_optimum_computes_the_same(config: Config, tmp_path: Path) -> None:
    pytest.importorskip("optimum.exporters.onnx")
    from cwm_check.onnx_export.optimum import write_graph as write_by_optimum

    source = write_checkpoint(tmp_path / "x", config, shards=1)
    (source / "model-1-of-1.safetensors").rename(source / "model.safetensors")
    requests = [Request(PROMPT[:length], 64) for length in (1, 5, 12)]
    said = []
    for name, write in (("own", write_graph), ("optimum", write_by_optimum)):
        (tmp_path / name).mkdir()
        write(source, tmp_path / name, "float32")
        engine = Engine(tmp_path / name / "model.onnx", "cpu", 1)
        said.append([one.tokens for (one,) in engine.generate(requests, stop=())])
        assert said[-1] == [engine.generate([request], stop=())[0][0].tokens for request in requests]
    assert said[0] == said[1]
