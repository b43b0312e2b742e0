"""Quantized blocks, and the files of a graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

from cwm_check.onnx_export.blocks import Array, quantize
from cwm_check.onnx_export.graph import Graph


def dequantize(packed: Array, scales: Array, bits: int, k: int) -> Array:
    """The rows that MatMulNBits computes with."""
    if bits == 4:
        packed = np.stack((packed & 15, packed >> 4), axis=-1).reshape(*packed.shape[:2], -1)
    rows = (packed.astype(np.float32) - (1 << (bits - 1))) * scales[..., None]
    whole: Array = rows.reshape(len(rows), -1)[:, :k]
    return whole


ROWS = np.random.default_rng(0).normal(0, 1, (5, 70)).astype(np.float32)


@pytest.mark.parametrize(("bits", "step"), [(8, 1 / 128), (4, 1 / 8)], ids=["int8", "int4"])
def test_a_weight_is_at_most_half_a_step_off_or_a_whole_one_at_the_end_of_the_range(bits: int, step: float) -> None:
    packed, scales = quantize(ROWS, bits)
    assert (packed.shape, scales.shape, packed.dtype) == ((5, 3, 4 * bits), (5, 3), np.uint8)
    blocks = np.pad(ROWS, ((0, 0), (0, 26))).reshape(5, 3, 32)
    peaks = np.abs(blocks).max(axis=-1)
    off = np.abs(np.pad(dequantize(packed, scales, bits, 70) - ROWS, ((0, 0), (0, 26)))).reshape(5, 3, 32).max(axis=-1)
    assert (off <= peaks * step * 1.001).all()
    assert np.allclose(np.abs(scales), peaks * step)


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize(
    "row",
    [[0.0] * 32, [1.0] * 32, [-1.0] * 32, [-2.0, *[0.0] * 30, 1.0]],
    ids=["zeros", "ones", "minus ones", "largest is negative"],
)
def test_what_fits_the_steps_is_exact(bits: int, row: list[float]) -> None:
    rows = np.array([row], np.float32)
    assert dequantize(*quantize(rows, bits), bits, 32).tolist() == rows.tolist()


@pytest.mark.parametrize("bits", [None, 8, 4])
def test_a_product_is_that_of_the_stacked_rows(bits: int | None, tmp_path: Path) -> None:
    import onnxruntime

    path = tmp_path / "model.onnx"
    with Graph(path, np.float32) as graph:
        graph.input("x", ["n", 70])
        graph.output("y", ["n", 10])
        graph.linear("x", "w", [ROWS, -2 * ROWS], bits, ["y"])
        graph.save({"made": "here"})
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).normal(0, 1, (3, 70)).astype(np.float32)
    (y,) = session.run(["y"], {"x": x})
    wanted = x @ np.concatenate([ROWS, -2 * ROWS]).T
    assert np.abs(y - wanted).max() < {None: 1e-4, 8: 0.5, 4: 6.0}[bits]
    assert session.get_modelmeta().custom_metadata_map == {"made": "here"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.onnx", "model.onnx.data"]


def test_half_weights_take_half_the_room_and_give_the_same(tmp_path: Path) -> None:
    import onnxruntime

    half, x, made = ROWS.astype(np.float16), np.ones((2, 70), np.float32), []
    for name, array in (("half", half), ("single", half.astype(np.float32))):
        with Graph(tmp_path / name, np.float32) as graph:
            graph.input("x", ["n", 70])
            graph.output("y", ["n", 5])
            graph.linear("x", "w", [array], None, ["y"])
            graph.save({})
        session = onnxruntime.InferenceSession(str(tmp_path / name), providers=["CPUExecutionProvider"])
        made.append((session.run(["y"], {"x": x})[0].tolist(), (tmp_path / f"{name}.data").stat().st_size))
    assert made == [(made[1][0], 700), (made[1][0], 1400)]
