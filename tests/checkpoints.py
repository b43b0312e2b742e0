"""Tiny random checkpoints as Hugging Face writes them, and what they compute: plain numpy, no cache, no batches."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cwm_check.codecs.nano import VOCABULARY

Array = NDArray[Any]
Config = dict[str, Any]

LLAMA: Config = {
    "model_type": "llama",
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "rope_theta": 10000.0,
}
CWM: Config = LLAMA | {
    "model_type": "cwm",
    "num_hidden_layers": 5,  # two with full attention, three with a window
    "sliding_window": 8,
    "tie_word_embeddings": False,
    "rope_parameters": {
        "rope_type": "llama3",
        "rope_theta": 1e6,
        "factor": 16.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    },
}
NANO: Config = LLAMA | {"vocab_size": len(VOCABULARY)}


def weights_of(config: Config) -> dict[str, Array]:
    """Random weights, large enough for attention to matter; bfloat16 and float16 hold them exactly."""
    random = np.random.default_rng(0)
    width, inner, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    heads, shared = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    shapes = {
        "self_attn.q_proj": (heads, width),
        "self_attn.k_proj": (shared, width),
        "self_attn.v_proj": (shared, width),
        "self_attn.o_proj": (width, heads),
        "mlp.gate_proj": (inner, width),
        "mlp.up_proj": (inner, width),
        "mlp.down_proj": (width, inner),
        "input_layernorm": (width,),
        "post_attention_layernorm": (width,),
    }
    named = {"model.embed_tokens.weight": (config["vocab_size"], width), "model.norm.weight": (width,)}
    for layer in range(config["num_hidden_layers"]):
        named |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in shapes.items()}
    if not config["tie_word_embeddings"]:
        named["lm_head.weight"] = (config["vocab_size"], width)
    return {name: _short(random.normal(0, 0.3, shape) + (len(shape) == 1)) for name, shape in named.items()}


def _short(array: Array) -> Array:
    """Cut to the upper half of a float32, which is a bfloat16."""
    return (array.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)


def write_checkpoint(
    folder: Path, config: Config, *, shards: int = 1, kind: str = "F32", tokenizer: str = "nano_tokenizer.json"
) -> Path:
    """Write the checkpoint of `config` to `folder`."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / tokenizer).write_text(json.dumps({"codec": "nano", "tokens": VOCABULARY}), encoding="utf-8")
    weights = weights_of(config)
    for number in range(shards):
        some = dict(list(weights.items())[number::shards])
        (folder / f"model-{number + 1}-of-{shards}.safetensors").write_bytes(safetensors(some, kind))
    return folder


def safetensors(weights: Mapping[str, Array], kind: str = "F32") -> bytes:
    """The bytes of a shard."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, array in weights.items():
        raw = _raw(array, kind)
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": (len(data), len(data) + len(raw))}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _raw(array: Array, kind: str) -> bytes:
    if kind == "BF16":
        return (array.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return array.astype({"F32": np.float32, "F16": np.float16}[kind]).tobytes()


def next_logits(config: Config, tokens: Sequence[int]) -> Array:
    """What the checkpoint of `config` thinks of the token after `tokens`."""
    weights = {name: array.astype(np.float64) for name, array in weights_of(config).items()}
    x = weights["model.embed_tokens.weight"][list(tokens)]
    for layer in range(config["num_hidden_layers"]):
        own = {k.removeprefix(f"model.layers.{layer}.").removesuffix(".weight"): w for k, w in weights.items()}
        window = config["sliding_window"] if config["model_type"] == "cwm" and layer % 4 else None
        x = x + _attention(config, own, _norm(x, own["input_layernorm"]), window)
        seen = _norm(x, own["post_attention_layernorm"])
        gate = seen @ own["mlp.gate_proj"].T
        x = x + (gate / (1 + np.exp(-gate)) * (seen @ own["mlp.up_proj"].T)) @ own["mlp.down_proj"].T
    head = weights.get("lm_head.weight", weights["model.embed_tokens.weight"])
    logits: Array = _norm(x[-1], weights["model.norm.weight"]) @ head.T
    return logits


def _norm(x: Array, scale: Array) -> Array:
    normal: Array = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * scale
    return normal


def _attention(config: Config, weights: Mapping[str, Array], x: Array, window: int | None) -> Array:
    length, size = len(x), config["head_dim"]
    q, k, v = ((x @ weights[f"self_attn.{part}_proj"].T).reshape(length, -1, size) for part in "qkv")
    angles = np.outer(np.arange(length), _turns(config))[:, None]
    q, k = _rotate(q, angles), _rotate(k, angles)
    ago = np.arange(length)[:, None] - np.arange(length)
    hidden = (ago < 0) | (ago >= (window or length))
    mixed = []
    for head in range(config["num_attention_heads"]):
        shared = head * config["num_key_value_heads"] // config["num_attention_heads"]
        scores = np.where(hidden, -np.inf, q[:, head] @ k[:, shared].T / np.sqrt(size))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed.append(shares / shares.sum(axis=-1, keepdims=True) @ v[:, shared])
    whole: Array = np.concatenate(mixed, axis=-1) @ weights["self_attn.o_proj"].T
    return whole


def _rotate(x: Array, angles: Array) -> Array:
    first, second = np.split(x, 2, axis=-1)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.concatenate((first * cos - second * sin, second * cos + first * sin), axis=-1)


def _turns(config: Config) -> Array:
    """Angles per position; Llama 3's scaling by wave length, as its paper has it."""
    rotary = config.get("rope_parameters") or {"rope_theta": config["rope_theta"]}
    plain: Array = 1 / rotary["rope_theta"] ** (np.arange(0, config["head_dim"], 2) / config["head_dim"])
    if "factor" not in rotary:
        return plain
    waves, known = 2 * np.pi / plain, rotary["original_max_position_embeddings"]
    low, high = rotary["low_freq_factor"], rotary["high_freq_factor"]
    smooth = (known / waves - low) / (high - low)
    blended = (1 - smooth) * plain / rotary["factor"] + smooth * plain
    return np.where(
        waves > known / low, plain / rotary["factor"], np.where(waves < known / high, plain, blended)
    ).astype(np.float64)
