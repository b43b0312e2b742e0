"""A trained network to the folder that the exporters read, and back: a stock Hugging Face Llama.

    config.json           LlamaConfig
    model.safetensors     float16
    nano_tokenizer.json   {"codec": "nano", "tokens": [text of each id]}

`python -m cwm_check.training.checkpoint runs/nano/model.pt models/nano` exports what the training loop left.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from cwm_check.codecs.nano import TOKEN, VOCABULARY
from cwm_check.codecs.spans import MARKS, PLACES
from cwm_check.training.network import Network, Shape

_EMBEDDINGS = "model.embed_tokens.weight"


def export(network: Network, folder: Path) -> None:
    """Write `network` to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.detach().half().contiguous() for name, tensor in network.state_dict().items()}
    (folder / "model.safetensors").write_bytes(save(weights, metadata={"format": "pt"}))
    _write(folder / "config.json", {**network.shape.as_llama_config(), "dtype": "float16"})
    _write(folder / "nano_tokenizer.json", {"codec": "nano", "tokens": VOCABULARY})


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


def load(path: Path) -> Network:
    """Return the network of an exported folder, or of a `model.pt` of the training loop, in float32.

    Marks, if the vocabulary has got them since then, begin as the numbers that they are.
    """
    if path.is_dir():
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        shape = Shape(**{name: config[name] for name in Shape.__dataclass_fields__})
        weights = {name: tensor.float() for name, tensor in load_file(path / "model.safetensors").items()}
    else:
        state = torch.load(path, weights_only=True)
        shape, weights = Shape(**state["shape"]), state["network"]
    network = Network(replace(shape, vocab_size=len(VOCABULARY)))
    embeddings = network.state_dict()[_EMBEDDINGS]
    embeddings[: shape.vocab_size] = weights[_EMBEDDINGS]
    if shape.vocab_size < len(VOCABULARY):
        _begin_marks(embeddings)
    network.load_state_dict({**weights, _EMBEDDINGS: embeddings})
    return network


def _begin_marks(embeddings: Tensor) -> None:
    """Each mark is the sum of its two digits, that of the tens backwards, and of a vector for its value."""
    digits = embeddings[[TOKEN[str(digit)] for digit in range(10)]]
    for number, mark in enumerate(MARKS):
        value, place = divmod(number, PLACES)
        own = torch.randn(digits.shape[1], generator=torch.Generator().manual_seed(value)) * digits.std() / 2
        embeddings[TOKEN[mark]] = 0.7 * (digits[place % 10] + digits[place // 10].flip(0)) + own


def main(arguments: Sequence[str]) -> None:
    source, folder = map(Path, arguments)
    export(load(source), folder)


if __name__ == "__main__":
    main(sys.argv[1:])
