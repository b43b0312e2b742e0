"""The `tokenizer.json` of a CWM checkpoint: text to token ids and back, special tokens apart.

Source code that spells `<|frame_sep|>` stays ordinary text. The ids of the special tokens are looked up, not assumed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cwm_check.codecs.cwm import Piece, Special, as_tokens, from_tokens
from cwm_check.errors import AnalysisError, CwmCheckError


class CwmTokenizer:
    """An open tokenizer."""

    def __init__(self, path: Path) -> None:
        self._tokenizer: Any = _open(path)
        # Without it a text that spells a special token would become that token.
        self._tokenizer.encode_special_tokens = True
        self._ids = {special: self._id_of(special, path) for special in Special}
        self._specials = {token: special for special, token in self._ids.items()}

    def _id_of(self, special: Special, path: Path) -> int:
        token = self._tokenizer.token_to_id(special.spelling)
        if token is None:
            raise AnalysisError(f"{path} has no {special.spelling}: it is not the tokenizer of a CWM")
        return int(token)

    def id_of(self, special: Special) -> int:
        """Return the id of a special token in this tokenizer."""
        return self._ids[special]

    def encode(self, pieces: Iterable[Piece]) -> list[int]:
        """Return the token ids of pieces."""
        return as_tokens(pieces, self._encode, self.id_of)

    def decode(self, tokens: Iterable[int]) -> tuple[Piece, ...]:
        """Return the pieces of token ids."""
        return from_tokens(tokens, self._decode, self._specials)

    def _encode(self, text: str) -> Sequence[int]:
        ids: Sequence[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=False))


def _open(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise CwmCheckError(
            f"a model that speaks cwm needs tokenizers ({error}): pip install 'cwm-check[cwm]'"
        ) from error
    try:
        text = path.read_text(encoding="utf-8")
        if "model" not in json.loads(text):
            raise ValueError("it has no model")
        return Tokenizer.from_str(text)
    except Exception as error:  # what the library raises has no type of its own
        raise AnalysisError(f"{path} is no tokenizer: {str(error)[:200]}") from error
