"""Marks before the elements of a value, and spans between marks in place of what an answer copies.

An operation that picks or keeps parts of a value (`s[2:5]`, `xs.append(1)`, `s.replace('a', '')`) is asked with a mark
before each character, item or entry of the value and one after the last. Its answer points at what it copies: two marks
stand for all that is between them, in reverse if the later one comes first; a position (an index, a length, what `find`
gives) is written as the mark that stands there. So positions are read, not counted, and a long value is copied in two
tokens
(pointers into the input: Vinyals et al. 2015, arXiv:1506.03134; copying spans: Zhou et al. 2018, arXiv:1807.02301).

The digits of numbers that are added, subtracted or multiplied have marks, too, those of their places, and so have the
digits of the answer, which begins with the last one, as carries go (index hints: Zhou et al. 2023, arXiv:2310.16028;
the order: Lee et al. 2023, arXiv:2307.03381).

A mark is one character of Unicode's private area: a `repr` escapes those, so no value shows one. Texts in, texts out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cwm_check.codecs.value_texts import value_of

VALUES, PLACES = 2, 100
"""How many values of a question can be marked, and how many places each has."""
_FIRST = 0xE000
MARKS: Final = tuple(chr(_FIRST + number) for number in range(VALUES * PLACES))
_INTEGER = re.compile(r"(-?)([0-9]+)")
LEAST_CHARACTERS, LEAST_ITEMS = 4, 2
"""What a value needs to be marked, and, where parts may move, what is equal to be a span."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A marked value."""

    text: str
    pieces: tuple[str, ...]
    """Its characters, or the texts of its items or entries."""
    contents: tuple[str, ...]
    """What each piece gives to a string: a character, or the content of an item; empty if an item is no string."""

    @property
    def is_string(self) -> bool:
        return self.text[0] in "'\""


def mark(text: str, number: int) -> str | None:
    """Return the literal `text` with the marks of the value `number`; None if it is too short, too long, or no literal
    with parts."""
    whole = whole_of(text)
    least = LEAST_CHARACTERS if whole and whole.is_string else LEAST_ITEMS
    if whole is None or not least <= len(whole.pieces) < PLACES:
        return None
    marks = MARKS[number * PLACES :]
    if whole.is_string:
        quote = text[0]
        inner = "".join(marks[i] + escaped(piece, quote) for i, piece in enumerate(whole.pieces))
        return f"{quote}{inner}{marks[len(whole.pieces)]}{quote}"
    items = (_marked_item(piece, marks[i]) for i, piece in enumerate(whole.pieces))
    return f"{text[0]}{', '.join(items)}{marks[len(whole.pieces)]}{text[-1]}"


def _marked_item(text: str, mark: str) -> str:
    """The mark stands inside an opening quote, so that the quotes between two strings stay together."""
    return f"{text[0]}{mark}{text[1:]}" if text[0] in "'\"" else mark + text


def placed(number: str) -> str | None:
    """Return an integer with a mark before each digit, that of its place from the end; None for what is none."""
    found = _INTEGER.fullmatch(number)
    if found is None or len(found[2]) > PLACES:
        return None
    return found[1] + "".join(MARKS[len(found[2]) - 1 - at] + digit for at, digit in enumerate(found[2]))


def from_last_digit(number: str) -> str:
    """Return an integer from its last digit, each after the mark of its place, the sign first; all else as it is."""
    found = _INTEGER.fullmatch(number)
    if found is None or len(found[2]) > PLACES:
        return number
    return found[1] + "".join(MARKS[place] + digit for place, digit in enumerate(reversed(found[2])))


def from_first_digit(text: str) -> str | None:
    """Return the integer that `from_last_digit` wrote so; None for what it did not write."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    number = sign + digits[1::2][::-1]
    return number if digits and from_last_digit(number) == text and _INTEGER.fullmatch(number) else None


def places_of(text: str) -> int:
    """Return how many elements the value has: the place of its last mark."""
    whole = whole_of(text)
    return len(whole.pieces) if whole else 0


def place(number: int, at: int) -> str:
    """Return the mark at a place of the value `number`."""
    return MARKS[number * PLACES + at]


def _is_mark(character: str) -> bool:
    return _FIRST <= ord(character) < _FIRST + len(MARKS)


def escaped(character: str, quote: str) -> str:
    """Return a character as it is written in a string with `quote`."""
    if character in "'\"":
        return "\\" + character if character == quote else character
    return repr(character)[1:-1]


def whole_of(text: str) -> Whole | None:
    """Return a literal that has parts; None for what is none, or not written as `repr` writes it."""
    known = value_of(text)
    if known is None or repr(known[0]) != text:
        return None
    match known[0]:
        case str() as value:
            return Whole(text, tuple(value), tuple(value))
        case list() | tuple() as value:
            are_strings = all(isinstance(item, str) for item in value)
            return Whole(text, tuple(map(repr, value)), tuple(value) if are_strings else ())
        case dict() as value:
            return Whole(text, tuple(f"{key!r}: {item!r}" for key, item in value.items()), ())
        case _:
            return None


def restore(text: str, marked: Sequence[str], *, is_place: bool = False) -> str:
    """Return `text` with what its spans stand for; raises `ValueError` for a span that stands for nothing there.

    One mark alone, where the answer `is_place`, is the number of its place in the first of them.
    """
    if is_place and marked and text in MARKS[: places_of(marked[0]) + 1]:
        return str(MARKS.index(text))
    wholes = [whole_of(one) for one in marked]
    made: list[str] = []
    quote = ""
    position = 0
    while position < len(text):
        character = text[position]
        if _is_mark(character):
            made.append(_spanned(wholes, text[position : position + 2], quote))
            position += 2
            continue
        if quote and character == "\\":
            character = text[position : position + 2]
        elif character in "'\"":
            quote = character if not quote else "" if character == quote else quote
        made.append(character)
        position += len(character)
    return "".join(made)


def _spanned(wholes: Sequence[Whole | None], span: str, quote: str) -> str:
    """What a span stands for inside a string with `quote`, or between the items of a container."""
    if len(span) < 2 or not _is_mark(span[1]):
        raise ValueError("half a span")
    (number, start), (other, end) = (divmod(ord(one) - _FIRST, PLACES) for one in span)
    whole = wholes[number] if number < len(wholes) else None
    pieces = () if whole is None else whole.contents if quote else () if whole.is_string else whole.pieces
    if number != other or start == end or max(start, end) > len(pieces):
        raise ValueError("a span of nothing")
    parts = pieces[start:end] if start < end else pieces[end:start][::-1]
    return "".join(escaped(character, quote) for part in parts for character in part) if quote else ", ".join(parts)
