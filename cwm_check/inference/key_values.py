"""The cache of a batch: keys and values of all layers on a device, bound to a session by their addresses.

Past and present are one memory, written in place. Neighbouring rows can be bound by themselves: parts of a batch are
read into one cache, and the last rows leave it, without a copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cwm_check.inference.providers import Opened

_PAST, _PRESENT = "past_key_values.", "present."

Arrays = Sequence[NDArray[Any]]
"""[rows, heads, capacity, head size] for the keys and for the values of each layer."""


class KeyValues:
    """Rows with room for `capacity` tokens; begins with zeros, or with `arrays`."""

    def __init__(self, opened: Opened, rows: int, capacity: int, arrays: Arrays = ()) -> None:
        past = [one for one in opened.session.get_inputs() if one.name.startswith(_PAST)]
        self._names = [(one.name, one.name.replace(_PAST, _PRESENT)) for one in past]
        self._device = "cpu" if opened.device == "cpu" else "cuda"
        self._put(arrays or [np.zeros((rows, one.shape[1], capacity, one.shape[3]), number(one)) for one in past])

    def _put(self, arrays: Arrays) -> None:
        self._memory = [self._value(np.ascontiguousarray(array)) for array in arrays]
        self._shape, self._number = arrays[0].shape[1:], arrays[0].dtype
        self._row = math.prod(self._shape) * self._number.itemsize

    def _value(self, array: NDArray[Any]) -> Any:
        from onnxruntime import OrtValue

        return array if self.is_near else OrtValue.ortvalue_from_numpy(array, self._device, 0)

    @property
    def is_near(self) -> bool:
        """Whether rows are moved without a transfer."""
        return self._device == "cpu"

    def arrays(self) -> Arrays:
        """Return what is in it; on the CPU the memory itself."""
        return self._memory if self.is_near else [value.numpy() for value in self._memory]

    def bind(self, binding: Any, rows: slice) -> None:
        """Make a run read and write these rows only; the cache must live as long as `binding`."""
        shape, start = (rows.stop - rows.start, *self._shape), rows.start * self._row
        for (past, present), one in zip(self._names, self._memory, strict=True):
            address = start + (one.ctypes.data if self.is_near else one.data_ptr())
            binding.bind_input(past, self._device, 0, self._number, shape, address)
            binding.bind_output(present, self._device, 0, self._number, shape, address)

    def select(self, rows: Sequence[int], used: int) -> None:
        """Make `rows` the first ones, in this order, with `used` tokens; a row may come more than once."""
        moved = [(to, row) for to, row in enumerate(rows) if to != row]
        if not self.is_near or any(row < len(rows) for _, row in moved):
            self._put([array[list(rows)] for array in self.arrays()])
            return
        for array in self._memory:
            for to, row in moved:
                array[to, :, :used] = array[row, :, :used]


def number(value: Any) -> Any:
    """Return the type of an input's or output's numbers."""
    return np.float16 if value.type == "tensor(float16)" else np.float32
