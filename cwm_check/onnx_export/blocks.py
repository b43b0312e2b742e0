"""Rows of a weight matrix in, the blocks of ONNX Runtime's MatMulNBits out: int8 or int4, symmetric, 32 to a scale.

Rounding to nearest; the weight of the largest magnitude of a block is exact at the end of the range.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32

Array = NDArray[Any]


def quantize(rows: Array, bits: int) -> tuple[Array, Array]:
    """Return packed blocks `[n, blocks, BLOCK * bits / 8]` and scales `[n, blocks]` of `rows` `[n, k]`."""
    n, k = rows.shape
    blocks = np.pad(rows, ((0, 0), (0, -k % BLOCK))).astype(np.float32).reshape(n, -1, BLOCK)
    half = 1 << (bits - 1)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1)[..., None], axis=-1)
    scales = largest / -half  # its sign makes the largest weight the integer -half, which has no positive twin
    steps = np.divide(blocks, scales, out=np.zeros_like(blocks), where=scales != 0)
    stored = np.clip(np.rint(steps) + half, 0, 2 * half - 1).astype(np.uint8)
    return (_pairs(stored) if bits == 4 else stored), scales[..., 0]


def _pairs(stored: Array) -> Array:
    """Two weights to a byte, the first in the low half."""
    packed: Array = stored[..., 0::2] | (stored[..., 1::2] << 4)
    return packed
