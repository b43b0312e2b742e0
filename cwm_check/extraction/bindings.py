"""How the decorators of a method bind it: the last words of their names in, the binding out."""

from __future__ import annotations

from collections.abc import Iterable

from cwm_check.vocabulary import Binding

_BINDINGS: dict[str, Binding] = {
    "classmethod": "classmethod",
    "staticmethod": "staticmethod",
    "reify": "property",
    "setter": "property",
    "deleter": "property",
}


def bound_by(words: Iterable[str]) -> Binding | None:
    """Return the binding of the first decorator that has one: `["lru_cache", "memoized_property"]` -> `property`.

    Whatever is called a property is read as one, wherever it comes from; that of a class is not known.
    """
    return next((_BINDINGS.get(word, "property") for word in words if word in _BINDINGS or _is_property(word)), None)


def _is_property(word: str) -> bool:
    return word.lower().endswith("property") and not word.lower().startswith(("class", "static"))
