"""Does training text hold pieces of a benchmark? A filter of hashed n-grams answers, without any text of the benchmark.

    python -m cwm_check.training.overlap models/nano/benchmarks.bloom PATH...   (files of CRUXEval, HumanEval, QuixBugs)

An n-gram is sixteen words and signs in a row. The filter says yes wrongly about once in two thousand times, never no:
so only two n-grams in a row that it knows count as shared.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

_WORD = re.compile(r"\w+|[^\w\s]")
_LENGTH = 16
_HASHES = 8
_BITS = 1 << 21


def n_grams(text: str) -> Iterator[str]:
    """Yield every run of sixteen words and signs in `text`, layout ignored."""
    words = _WORD.findall(text)
    return (" ".join(words[i : i + _LENGTH]) for i in range(len(words) - _LENGTH + 1))


def build_filter(texts: Iterable[str]) -> bytes:
    """Return the filter that knows all n-grams of `texts`."""
    bits = bytearray(_BITS // 8)
    for text in texts:
        for gram in n_grams(text):
            for place in _places(gram):
                bits[place // 8] |= 1 << place % 8
    return bytes(bits)


def shared(text: str, known: bytes) -> list[str]:
    """Return the n-grams of `text` that the filter knows and whose successor it knows, too."""
    found = [(gram, all(known[place // 8] >> place % 8 & 1 for place in _places(gram))) for gram in n_grams(text)]
    return [gram for (gram, is_known), (_, is_next) in pairwise(found) if is_known and is_next]


def _places(gram: str) -> list[int]:
    digest = hashlib.blake2b(gram.encode(), digest_size=4 * _HASHES).digest()
    return [int.from_bytes(digest[i : i + 4], "big") % _BITS for i in range(0, len(digest), 4)]


def main(arguments: Sequence[str]) -> None:
    output, *paths = map(Path, arguments)
    # Escapes of JSON lines would hide the text.
    texts = [path.read_text(encoding="utf-8").replace("\\n", "\n").replace('\\"', '"') for path in paths]
    output.write_bytes(build_filter(texts))


if __name__ == "__main__":
    main(sys.argv[1:])
