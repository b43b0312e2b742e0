"""An ONNX file in the making: nodes and weights in, `model.onnx` and `model.onnx.data` out.

Weights go to the data file as they come, a slice at a time, so that memory stays flat however large the model is. Knows
operators and files; what a decoder is, `export` knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from cwm_check.onnx_export.blocks import BLOCK, quantize

ORT = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""
Array = NDArray[Any]
Shape = Sequence[int | str]

_PAGE = 4096  # bytes: ONNX Runtime maps tensors that begin on a page
_SLICE = 4096  # rows of a weight that are in memory at once
_OPSET, _IR_VERSION = 21, 10


class Graph:
    """A graph that is being written to `path`; use it in a `with` statement and end with `save`."""

    def __init__(self, path: Path, number: Any) -> None:
        self.path = path
        self.number: np.dtype[Any] = np.dtype(number)
        """The type of weights that are not quantized, and of all activations."""
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._data = path.with_name(path.name + ".data").open("wb")

    def __enter__(self) -> Graph:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()

    def input(self, name: str, shape: Shape, number: Any = None) -> str:
        """Declare an input."""
        self._inputs.append(self._value(name, shape, number))
        return name

    def output(self, name: str, shape: Shape) -> str:
        """Declare an output; a node must make it."""
        self._outputs.append(self._value(name, shape, None))
        return name

    def _value(self, name: str, shape: Shape, number: Any) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, _code(number or self.number), shape)

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str] = (), *, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node and return the name of its first output."""
        names = list(outputs) or [f"{kind}.{len(self._nodes)}"]
        self._nodes.append(helper.make_node(kind, list(inputs), names, names[0], domain=domain, **attributes))
        return names[0]

    def constant(self, name: str, values: Sequence[int]) -> str:
        """Add a small tensor of integers to the graph itself."""
        if all(weight.name != name for weight in self._weights):
            self._weights.append(onnx.numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def weight(self, name: str, array: Array) -> str:
        """Add `array`, not quantized; it is used in the graph's type of number."""
        stored = self._kept(array)
        return self._used(self._store(name, array.shape, stored, _slices(array, stored)), stored)

    def _kept(self, array: Array) -> Any:
        """The type in the file: half numbers stay half there; ONNX Runtime widens them once, at loading."""
        return np.float16 if array.dtype == np.float16 else self.number

    def _used(self, name: str, stored: Any) -> str:
        return name if stored == self.number else self.node("Cast", [name], [f"{name}.wide"], to=_code(self.number))

    def linear(self, x: str, name: str, parts: Sequence[Array], bits: int | None, outputs: Sequence[str] = ()) -> str:
        """Multiply `x` with the rows of all `parts`, stacked; `bits` None: not quantized."""
        rows, columns = sum(part.shape[0] for part in parts), parts[0].shape[1]
        if bits is None:
            kept = self._kept(parts[0])
            stacked = np.concatenate([np.asarray(part).astype(kept) for part in parts])
            stored = self._store(name, (columns, rows), kept, [stacked.T])
            return self.node("MatMul", [x, self._used(stored, kept)], outputs)
        return self._blocks(x, name, parts, bits, (rows, columns), outputs)

    def _blocks(
        self, x: str, name: str, parts: Sequence[Array], bits: int, shape: tuple[int, int], outputs: Sequence[str]
    ) -> str:
        rows, columns = shape
        scales: list[Array] = []

        def packed() -> Iterator[Array]:
            for part in parts:
                for some in _slices(part, np.float32):
                    blocks, scale = quantize(some, bits)
                    scales.append(scale)
                    yield blocks

        count = -(-columns // BLOCK)
        stored = self._store(f"{name}.blocks", (rows, count, BLOCK * bits // 8), np.uint8, packed())
        scale = self._store(f"{name}.scales", (rows, count), self.number, scales)
        # Level 4: activations are rounded to int8 for the product, which is what makes it quick.
        attributes = {"K": columns, "N": rows, "bits": bits, "block_size": BLOCK, "accuracy_level": 4}
        return self.node("MatMulNBits", [x, stored, scale], outputs, domain=ORT, **attributes)

    def _store(self, name: str, shape: Sequence[int], number: Any, slices: Iterable[Array]) -> str:
        self._data.write(bytes(-self._data.tell() % _PAGE))
        start = self._data.tell()
        for some in slices:
            self._data.write(np.ascontiguousarray(some, number).tobytes())
        place = {"location": f"{self.path.name}.data", "offset": start, "length": self._data.tell() - start}
        tensor = TensorProto(name=name, data_type=_code(number), dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._weights.append(tensor)
        return name

    def save(self, properties: Mapping[str, str]) -> None:
        """Write the graph; `properties` can be read from an open session."""
        graph = helper.make_graph(self._nodes, "decoder", self._inputs, self._outputs, self._weights)
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(ORT, 1)]
        model = helper.make_model(graph, opset_imports=domains, ir_version=_IR_VERSION, producer_name="cwm-check")
        helper.set_model_props(model, dict(properties))
        onnx.save(model, self.path)


def _code(number: Any) -> int:
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(number)))


def _slices(array: Array, number: Any) -> Iterator[Array]:
    for start in range(0, len(array), _SLICE):
        yield np.asarray(array[start : start + _SLICE]).astype(number)
