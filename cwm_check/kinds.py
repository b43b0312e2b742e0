"""The kinds of values that settings have: how each is checked, and how it is read from a variable's text.

In: a value of any type. Out: the value of the field, or a ValueError whose text goes on after "must be".
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cwm_check.rules import RULES
from cwm_check.vocabulary import Level

LONGEST = 1_000_000  # seconds: eleven days; timers of the system end soon after


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a question that offers the word most like `word`, empty if none is."""
    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the value of a setting is checked."""

    read: Callable[[object], object]
    """From what TOML gives to the value of the field."""
    parse: Callable[[str], object]
    """From the text of a variable to what TOML would give."""


def _read_texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"a list of texts, not {value!r}")
    return tuple(value)


def _read_rules(value: object) -> tuple[str, ...]:
    return tuple(_known_rule(rule) for rule in _read_texts(value))


def _read_levels(value: object) -> tuple[tuple[str, Level], ...]:
    if not isinstance(value, dict):
        raise ValueError(f"a table of rules and levels, not {value!r}")
    for level in value.values():
        if level not in list(Level):
            raise ValueError(f"a table with the levels {', '.join(Level)}, not {level!r}")
    return tuple((_known_rule(rule), Level(level)) for rule, level in value.items())


def _known_rule(rule: str) -> str:
    if rule not in RULES:
        raise ValueError(f"made of known rules, not {rule!r}{nearest(rule, RULES)}")
    return rule


def _read_text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a text, not {value!r}")
    return value


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"true or false, not {value!r}")
    return value


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}, not {value!r}")
        return value

    return read


def _number(most: float, words: str) -> Kind:
    def read(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
            raise ValueError(f"{words}, not {value!r}")
        return float(value)

    return Kind(read, _parse_number)


def _choice(*names: str) -> Kind:
    def read(value: object) -> str:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)}, not {value!r}")
        return str(value)

    return Kind(read, str)


def _parse_list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _parse_table(text: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in _parse_list(text)]
    return {key.strip(): value.strip() for key, _, value in pairs}


def _parse_number(text: str) -> object:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _parse_flag(text: str) -> object:
    return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)


_TEXTS = Kind(_read_texts, _parse_list)

KINDS: dict[str, Kind] = {
    "include": _TEXTS,
    "exclude": _TEXTS,
    "include_functions": _TEXTS,
    "exclude_functions": _TEXTS,
    "disable": Kind(_read_rules, _parse_list),
    "levels": Kind(_read_levels, _parse_table),
    "exceptions": _choice("type", "type+message", "any"),
    "simulate": _choice("hybrid", "neural", "both"),
    "model": Kind(_read_text, str),
    "probes": Kind(_whole(1, 10_000), _parse_number),
    "time_budget": _number(LONGEST, "a number of seconds up to 1000000"),
    "threshold": _number(1, "a number from 0 to 1"),
    "fail_on": _choice("error", "warning", "note", "never"),
    "expect": _choice("any", "none", "some"),
    "baseline": Kind(_read_text, str),
    "fail_on_skip": Kind(_read_flag, _parse_flag),
    "jobs": Kind(_whole(0, 64), _parse_number),
    "no_cache": Kind(_read_flag, _parse_flag),
    "new_code": Kind(_read_flag, _parse_flag),
}
