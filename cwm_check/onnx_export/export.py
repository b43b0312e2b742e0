"""A checkpoint folder in, a model folder out: the graph of a Llama-like decoder, its tokenizer and its manifest.

The graph is written with ONNX Runtime's operators (GroupQueryAttention, MatMulNBits), without torch, a weight at a
time. Tokens come packed, each beginning of the prompts once; only attention sees rows, padded on the right. Of the last
layer, what follows attention is computed for the tokens that `logit_rows` names alone.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cwm_check.errors import CwmCheckError
from cwm_check.onnx_export.architecture import Architecture, read_architecture
from cwm_check.onnx_export.graph import ORT, Array, Graph
from cwm_check.onnx_export.weights import read_weights
from cwm_check.store import Manifest, Model, describe_files, install

Precision = Literal["float32", "float16", "int8", "int4"]
_GRAPH = "model.onnx"
Codec = Literal["nano", "cwm"]
_TOKENIZERS: Mapping[Codec, str] = {"nano": "nano_tokenizer.json", "cwm": "tokenizer.json"}
"""The file that turns text into tokens."""
CWM_LICENCE = "FAIR-noncommercial-research"
CWM_NOTICE = (
    "facebook/cwm and what is made of it is licensed by Meta for non-commercial research only (FAIR Noncommercial"
    " Research License): not for any product or service"
)
_BITS: Mapping[Precision, int] = {"int8": 8, "int4": 4}
_HEAD_BITS = 8
"""The head of a quantized model: its errors go straight into the probabilities."""

Writer = Callable[[Path, Path, Precision], None]
"""Writes the graph of a checkpoint, in a precision, into a folder."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the files do not say about a model."""

    name: str
    licence: str
    source: str


@dataclass(frozen=True, slots=True)
class _Decoder:
    """What all parts of the graph need."""

    shape: Architecture
    weights: Mapping[str, Array]
    graph: Graph
    bits: int | None


def export_model(
    source: Path, target: Path, label: Label, precision: Precision, write: Writer, *, codec: Codec | None = None
) -> Model:
    """Make a model folder of the checkpoint in `source`; a failure leaves `target` as it was.

    `codec` None: the one whose tokenizer is there.
    """
    spoken = codec or next((one for one, name in _TOKENIZERS.items() if (source / name).is_file()), None)
    if spoken is None:
        raise CwmCheckError(f"{source} has no tokenizer ({' or '.join(_TOKENIZERS.values())})")
    tokenizer = _TOKENIZERS[spoken]
    _require_tokenizer(source / tokenizer, spoken)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as aside:
        built = Path(aside)
        write(source, built, precision)
        shutil.copyfile(source / tokenizer, built / tokenizer)
        files, (slope, offset, *steps) = describe_files(built), _calibration(source / "scores.json")
        notice = notice_of(source)
        licence = label.licence or (CWM_LICENCE if notice else "")
        manifest = Manifest(label.name, spoken, licence, label.source, precision, files, slope, offset)
        manifest = replace(manifest, step_slope=steps[0], step_offset=steps[1], notice=notice)
        return install(built, target, manifest)


def notice_of(source: Path) -> str:
    """Return the notice that goes with the weights of a checkpoint: Meta's, if it is a CWM."""
    try:
        config: Any = json.loads((source / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # whoever reads the sizes says what is wrong with it
        return ""
    return CWM_NOTICE if isinstance(config, dict) and config.get("model_type") == "cwm" else ""


def _require_tokenizer(path: Path, codec: Codec) -> None:
    if not path.is_file():
        raise CwmCheckError(f"{path.parent} has no {path.name}, which --codec {codec} needs")
    if codec == "cwm" and '"<|trace_context_start|>"' not in path.read_text(encoding="utf-8"):
        raise CwmCheckError(f"{path} has no <|trace_context_start|>: it is not the tokenizer of a CWM")


def _calibration(scores: Path) -> tuple[float, ...]:
    """Slope and offset of the model's confidence in answers to questions, then to steps, if it was evaluated."""
    known: Any = json.loads(scores.read_text(encoding="utf-8")) if scores.is_file() else {}
    fitted = (known.get(f"{kind} calibrated", {}) for kind in ("questions", "steps"))
    return tuple(value for one in fitted for value in (one.get("slope", 1.0), one.get("offset", 0.0)))


def write_graph(source: Path, target: Path, precision: Precision, *, half: bool = False) -> None:
    """Write our own graph of the checkpoint in `source` into the folder `target`.

    `half`: activations are float16, which GPUs need, whatever the weights are.
    """
    shape, weights = read_architecture(source), read_weights(source)
    number = np.float16 if half or precision == "float16" else np.float32
    with Graph(target / _GRAPH, number) as graph:
        _write(_Decoder(shape, weights, graph, _BITS.get(precision)))
        graph.save({"positions": str(shape.positions), "precision": precision})


def _write(decoder: _Decoder) -> None:
    graph, weights = decoder.graph, decoder.weights
    graph.input("input_ids", ["tokens"], np.int64)
    graph.input("places", ["rows", "new"], np.int64)  # which of the tokens stands there
    graph.input("homes", ["tokens"], np.int64)  # a place of each token, counted over all rows
    graph.input("seqlens_k", ["rows"], np.int32)  # tokens of each row, new ones included, minus one
    graph.input("total_sequence_length", [], np.int32)
    graph.input("logit_rows", ["wanted"], np.int64)  # tokens whose successor is wanted
    embedding = graph.weight("embedding", weights["model.embed_tokens.weight"])
    _angles(decoder)
    x = graph.node("Gather", [embedding, "input_ids"])
    delta = None
    for layer in range(len(decoder.shape.windows)):
        x, delta = _layer(decoder, layer, x, delta)
    final, _ = _norm(decoder, "model.norm.weight", x, delta)
    _head(decoder, final, embedding)


def _angles(decoder: _Decoder) -> None:
    """Cosines and sines of all positions: `[positions, head size / 2]`."""
    shape = decoder.shape
    # Rounded to float32 before the product, as the reference implementation does.
    turns = np.array(shape.rotary.frequencies(shape.head_size), np.float32)
    angles = np.outer(np.arange(shape.positions, dtype=np.float32), turns)
    decoder.graph.weight("cos", np.cos(angles))
    decoder.graph.weight("sin", np.sin(angles))


def _layer(decoder: _Decoder, layer: int, x: str, delta: str | None) -> tuple[str, str]:
    """Add a layer; return the stream before its last addition, and what is to be added to it."""
    name = f"model.layers.{layer}."
    seen, x = _norm(decoder, f"{name}input_layernorm.weight", x, delta)
    homes = "homes"
    if layer == len(decoder.shape.windows) - 1:
        x, homes = (decoder.graph.node("Gather", [one, "logit_rows"]) for one in (x, homes))
    delta = _attention(decoder, layer, seen, homes)
    seen, x = _norm(decoder, f"{name}post_attention_layernorm.weight", x, delta)
    return x, _feed_forward(decoder, f"{name}mlp.", seen)


def _norm(decoder: _Decoder, name: str, x: str, delta: str | None) -> tuple[str, str]:
    """Add `delta` to the stream and normalize: the normalized stream, and the stream."""
    scale = decoder.graph.weight(name, decoder.weights[name])
    epsilon = decoder.shape.epsilon
    if delta is None:
        normal = decoder.graph.node("SimplifiedLayerNormalization", [x, scale], axis=-1, epsilon=epsilon, stash_type=1)
        return normal, x
    outputs = [f"{name}.normal", "", "", f"{name}.stream"]
    decoder.graph.node("SkipSimplifiedLayerNormalization", [x, delta, scale], outputs, domain=ORT, epsilon=epsilon)
    return outputs[0], outputs[3]


def _attention(decoder: _Decoder, layer: int, x: str, homes: str) -> str:
    """Add attention of all tokens; what it gives is for the tokens that live at `homes`."""
    shape, graph = decoder.shape, decoder.graph
    name = f"model.layers.{layer}.self_attn."
    joined = graph.linear(
        x, f"{name}qkv", [decoder.weights[f"{name}{part}_proj.weight"] for part in "qkv"], decoder.bits
    )
    size = (shape.shared_heads, shape.head_size)
    past = [
        graph.input(f"past_key_values.{layer}.{part}", ["rows", size[0], "past", size[1]]) for part in ("key", "value")
    ]
    present = [
        graph.output(f"present.{layer}.{part}", ["rows", size[0], "total", size[1]]) for part in ("key", "value")
    ]
    mixed = graph.node(
        "GroupQueryAttention",
        [graph.node("Gather", [joined, "places"]), "", "", *past, "seqlens_k", "total_sequence_length", "cos", "sin"],
        [f"{name}mixed", *present],
        domain=ORT,
        num_heads=shape.heads,
        kv_num_heads=shape.shared_heads,
        scale=shape.head_size**-0.5,
        do_rotary=1,
        local_window_size=shape.windows[layer] or -1,
    )
    flat = graph.node("Reshape", [mixed, graph.constant("flat", [-1, shape.heads * shape.head_size])])
    packed = graph.node("Gather", [flat, homes])
    return graph.linear(packed, f"{name}o", [decoder.weights[f"{name}o_proj.weight"]], decoder.bits)


def _feed_forward(decoder: _Decoder, name: str, x: str) -> str:
    graph, inner = decoder.graph, decoder.shape.inner
    parts = [decoder.weights[f"{name}{part}_proj.weight"] for part in ("gate", "up")]
    joined = graph.linear(x, f"{name}gate_up", parts, decoder.bits)
    gate, up = f"{name}gate", f"{name}up"
    graph.node("Split", [joined, graph.constant("halves", [inner, inner])], [gate, up], axis=-1)
    gated = graph.node("Mul", [graph.node("Mul", [gate, graph.node("Sigmoid", [gate])]), up])
    return graph.linear(gated, f"{name}down", [decoder.weights[f"{name}down_proj.weight"]], decoder.bits)


def _head(decoder: _Decoder, x: str, embedding: str) -> None:
    graph = decoder.graph
    logits = graph.output("logits", ["wanted", decoder.shape.vocabulary])
    if decoder.shape.tied and decoder.bits is None:
        graph.node("Gemm", [x, embedding], [logits], transB=1)
        return
    name = "model.embed_tokens.weight" if decoder.shape.tied else "lm_head.weight"
    graph.linear(x, "head", [decoder.weights[name]], decoder.bits and _HEAD_BITS, [logits])
