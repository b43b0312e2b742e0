"""The `config.json` of a Hugging Face checkpoint in, the sizes of a Llama-like decoder out.

Llama and CWM are known: grouped heads, rotary positions (plain or Llama 3's), full or sliding attention by layer, tied
or own head. What would need another graph (biases, other activations or rotary scalings) is refused by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cwm_check.errors import CwmCheckError

_FULL_EVERY = 4
"""CWM's layers 0, 4, 8, ... attend to everything, unless its config says otherwise."""
_HEAD_MULTIPLE = 16
"""GroupQueryAttention takes no other head sizes."""
_KINDS = ("llama", "cwm")


@dataclass(frozen=True, slots=True)
class Rotary:
    """How positions turn into angles."""

    theta: float
    factor: float = 1.0
    """Of Llama 3's scaling; 1: none."""
    low: float = 1.0
    high: float = 4.0
    original_positions: int = 8192

    def frequencies(self, head_size: int) -> tuple[float, ...]:
        """Return the angle per position of each pair of channels."""
        plain = [self.theta ** (-i / head_size) for i in range(0, head_size, 2)]
        return tuple(plain) if self.factor == 1.0 else tuple(map(self._scaled, plain))

    def _scaled(self, frequency: float) -> float:
        """Slow turns are stretched by `factor`, quick ones stay, those between are blended."""
        turns = self.original_positions * frequency / (2 * math.pi)
        kept = min(max((turns - self.low) / (self.high - self.low), 0.0), 1.0)
        return frequency * (kept + (1 - kept) / self.factor)


@dataclass(frozen=True, slots=True)
class Architecture:
    """The sizes that a graph is built from."""

    vocabulary: int
    width: int
    inner: int
    heads: int
    shared_heads: int
    """Key-value heads."""
    head_size: int
    positions: int
    windows: tuple[int | None, ...]
    """For each layer how many keys a token sees, itself included; None: all."""
    rotary: Rotary
    epsilon: float
    tied: bool
    """The head is the embedding."""


def read_architecture(folder: Path) -> Architecture:
    """Return the architecture of the checkpoint in `folder`."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CwmCheckError(f"{path} cannot be read: {error}") from error
    if problem := _unsupported(config):
        raise CwmCheckError(f"{path}: {problem}: the graph writer does not know it, try --via optimum")
    heads = config["num_attention_heads"]
    return Architecture(
        vocabulary=config["vocab_size"],
        width=config["hidden_size"],
        inner=config["intermediate_size"],
        heads=heads,
        shared_heads=config.get("num_key_value_heads") or heads,
        head_size=_head_size(config),
        positions=config["max_position_embeddings"],
        windows=_windows(config),
        rotary=_rotary(config),
        epsilon=config["rms_norm_eps"],
        tied=bool(config.get("tie_word_embeddings")),
    )


def _unsupported(config: Mapping[str, Any]) -> str | None:
    if config.get("model_type") not in _KINDS:
        return f"model_type {config.get('model_type')!r}"
    if config.get("hidden_act", "silu") != "silu":
        return f"hidden_act {config['hidden_act']!r}"
    biased = [name for name in ("attention_bias", "mlp_bias") if config.get(name)]
    if biased:
        return biased[0]
    if _head_size(config) % _HEAD_MULTIPLE:
        return f"head_dim {_head_size(config)}, no multiple of {_HEAD_MULTIPLE}"
    scaling = _rotary_settings(config)
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    return None if kind in ("default", "llama3") else f"rope_type {kind!r}"


def _head_size(config: Mapping[str, Any]) -> int:
    size: int = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    return size


def _windows(config: Mapping[str, Any]) -> tuple[int | None, ...]:
    layers: int = config["num_hidden_layers"]
    if config["model_type"] != "cwm":
        return (None,) * layers
    usual = ["sliding_attention" if i % _FULL_EVERY else "full_attention" for i in range(layers)]
    kinds = config.get("layer_types") or usual
    return tuple(config["sliding_window"] if kind == "sliding_attention" else None for kind in kinds)


def _rotary_settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """One mapping, whether transformers 4 (`rope_scaling` and `rope_theta`) or 5 (`rope_parameters`) wrote it."""
    theta = config.get("rope_theta") or (1_000_000.0 if config["model_type"] == "cwm" else 10_000.0)
    return {"rope_theta": theta, **(config.get("rope_parameters") or config.get("rope_scaling") or {})}


def _rotary(config: Mapping[str, Any]) -> Rotary:
    settings = _rotary_settings(config)
    theta = float(settings["rope_theta"])
    if (settings.get("rope_type") or settings.get("type")) != "llama3":
        return Rotary(theta)
    return Rotary(
        theta,
        settings["factor"],
        settings["low_freq_factor"],
        settings["high_freq_factor"],
        settings["original_max_position_embeddings"],
    )
