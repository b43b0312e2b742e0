"""The fingerprint that GitHub's `upload-sarif` computes for each line of a file, so that ours are the same.

The hash of a line is over the 100 UTF-16 units from its start on, blanks and tabs left out, as a polynomial in 37
modulo 2^64; `:n` numbers the lines with the same hash. See fingerprints.ts in github/codeql-action.
"""

from __future__ import annotations

import struct
from collections import Counter

_BLOCK, _FACTOR, _MASK = 100, 37, (1 << 64) - 1
_NEWLINE, _END = 10, 0xFFFF


def line_hashes(text: str) -> tuple[str, ...]:
    """Return the hash of each line, the first line first; text that ends with a line end has one more line."""
    units = (*_units(text), _END)
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == _NEWLINE)]
    seen: Counter[str] = Counter()
    hashes = []
    for start in starts:
        digits = format(_hash(units[start : start + _BLOCK]), "x")
        seen[digits] += 1
        hashes.append(f"{digits}:{seen[digits]}")
    return tuple(hashes)


def _units(text: str) -> tuple[int, ...]:
    kept = text.replace("\r\n", "\n").replace("\r", "\n").translate({ord(" "): None, ord("\t"): None})
    raw = kept.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(raw) // 2}H", raw)


def _hash(units: tuple[int, ...]) -> int:
    value = 0
    for unit in units:
        value = (value * _FACTOR + unit) & _MASK
    return value * pow(_FACTOR, _BLOCK - len(units), 1 << 64) & _MASK
