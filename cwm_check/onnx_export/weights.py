"""A folder of safetensors shards in, its tensors out, memory-mapped: a shard of 5 GB costs no memory until it is read.

Nothing is unpickled: a folder that has only `pytorch_model.bin` is refused.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from cwm_check.errors import CwmCheckError

Array = NDArray[Any]

_TYPES: Mapping[str, Any] = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16}
_LONGEST_HEADER = 100 << 20  # bytes; safetensors allows no more


def read_weights(folder: Path) -> dict[str, Array]:
    """Return all tensors of the checkpoint in `folder`, by name."""
    shards = sorted(folder.glob("*.safetensors"))
    if not shards:
        raise CwmCheckError(f"{folder} has no .safetensors file; pickled checkpoints are not read, convert them first")
    return {name: array for shard in shards for name, array in _tensors(shard)}


def _tensors(shard: Path) -> Iterator[tuple[str, Array]]:
    size, start, header = shard.stat().st_size, *_header(shard)
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        if start + last > size:
            raise CwmCheckError(
                f"{shard} is cut short: {name} should end at byte {start + last} of {size}; get it again"
            )
        if entry["dtype"] not in _TYPES:
            raise CwmCheckError(
                f"{shard}: {name} is of type {entry['dtype']}; only floating-point weights are exported"
            )
        kind = np.dtype(_TYPES[entry["dtype"]])
        yield name, np.memmap(shard, kind, "r", start + first, tuple(entry["shape"]))


def _header(shard: Path) -> tuple[int, dict[str, Any]]:
    """Where the data begins, and what says where each tensor is: a length, then JSON."""
    with shard.open("rb") as file:
        begin = file.read(8)
        length = struct.unpack("<Q", begin)[0] if len(begin) == 8 else _LONGEST_HEADER + 1
        if begin == b"version ":
            raise CwmCheckError(f"{shard} is a Git LFS pointer, not the file: run `git lfs pull`")
        text = file.read(length) if length <= _LONGEST_HEADER else b""
    try:
        header = json.loads(text)
    except ValueError as error:
        raise CwmCheckError(f"{shard} is no safetensors file, or is cut short; get it again") from error
    return 8 + length, header
