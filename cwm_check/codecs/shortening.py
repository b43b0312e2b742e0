"""The answer to an operation on marked values, in short: spans in place of what it copies. A text in, a text out.

What `restore` in `spans` gives back is the text. Only training needs this: a model is asked with marks and says spans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from cwm_check.codecs.spans import (
    LEAST_CHARACTERS,
    LEAST_ITEMS,
    MARKS,
    PLACES,
    Whole,
    escaped,
    places_of,
    whole_of,
)
from cwm_check.codecs.value_texts import value_of


def shorten(
    text: str,
    marked: Sequence[str],
    *,
    is_place: bool = False,
    start: int | None = None,
    picked: Sequence[int] | None = None,
    is_sum: bool = False,
) -> str:
    """Return `text` with spans of the `marked` values, given without marks, in place of long enough equal runs.

    A number that `is_place` in the first of them is its mark. What is kept of the first from `start` on, in its order,
    is written as spans however short; so are the elements at the places `picked`, where the text is made of them. Of a
    sum the marked values are one span each.
    """
    if is_place and marked and text.isdigit() and int(text) <= places_of(marked[0]):
        return MARKS[int(text)]
    made = whole_of(text)
    wholes = [whole for one in marked if (whole := whole_of(one))]
    if made is None or not wholes or (made.text[0] == "(" and len(made.pieces) == 1):
        return text
    if start is not None:
        return _kept(made, wholes[0], start)
    if picked and made.pieces == tuple(wholes[0].pieces[at] for at in picked):
        return _picked(made, picked)
    if is_sum and (parts := _added(made, wholes)):
        return f"{text[0]}{('' if made.is_string else ', ').join(parts)}{text[-1]}"
    strings = [_Source(whole.contents) for whole in wholes]
    if made.is_string:
        return _shortened(text, strings)
    items = [_Source(() if whole.is_string else whole.pieces, are_whole=True) for whole in wholes]
    is_sequence = made.text[0] != "{"
    parts = [
        span or (_shortened(piece, strings) if is_sequence else piece)
        for piece, span in _aligned(made.pieces, items, LEAST_ITEMS)
    ]
    return f"{text[0]}{', '.join(parts)}{text[-1]}"


def joined(text: str, marked: str) -> str:
    """Return `text`, a string that is made of the items of `marked`, with spans in place of them."""
    made, source = whole_of(text), whole_of(marked)
    if made is None or source is None or not made.is_string:
        return text
    return _written(_joined("".join(made.pieces), source.contents), text[0])


def _kept(made: Whole, source: Whole, start: int) -> str:
    """The text of what is made of parts of `source` that stay in their order."""
    if made.is_string and source.is_string:
        return _written(_in_order(made.pieces, source.pieces, start), made.text[0])
    if made.is_string or (made.text[0] == "{") != (source.text[0] == "{"):
        return made.text
    if source.is_string:
        items = _strings_in_order(made.pieces, source.pieces)
    else:
        items = (span or piece for piece, span in _in_order(made.pieces, source.pieces, start))
    return f"{made.text[0]}{', '.join(items)}{made.text[-1]}"


def _added(made: Whole, wholes: Sequence[Whole]) -> list[str]:
    """The parts of one value after another, as spans where they are marked; none if it is not made so."""
    whole = [MARKS[number * PLACES] + MARKS[number * PLACES + len(one.pieces)] for number, one in enumerate(wholes)]
    for first, second in ((0, 1), (1, 0)) if len(wholes) > 1 else ():
        if made.pieces == wholes[first].pieces + wholes[second].pieces:
            return [whole[first], whole[second]]
    size, quote = len(wholes[0].pieces), made.text[0]
    written = [escaped(piece, quote) if made.is_string else piece for piece in made.pieces]
    if len(wholes) == 1 and made.pieces[:size] == wholes[0].pieces:
        return [whole[0], *written[size:]]
    if len(wholes) == 1 and made.pieces[-size:] == wholes[0].pieces:
        return [*written[:-size], whole[0]]
    return []


def _picked(made: Whole, places: Sequence[int]) -> str:
    """The text of what is made of elements at `places`: one span backwards if each is before the last, or one each."""
    first, last = places[0], places[-1]
    is_backwards = len(places) > 1 and list(places) == list(range(first, last - 1, -1))
    spans = [MARKS[first + 1] + MARKS[last]] if is_backwards else [MARKS[at] + MARKS[at + 1] for at in places]
    return f"{made.text[0]}{('' if made.is_string else ', ').join(spans)}{made.text[-1]}"


def _written(parts: Iterable[tuple[str, str]], quote: str) -> str:
    return f"{quote}{''.join(span or escaped(piece, quote) for piece, span in parts)}{quote}"


def _strings_in_order(texts: Sequence[str], elements: Sequence[str]) -> Iterator[str]:
    """Yield the texts of items, those of strings with spans, each of what is after the last."""
    place = 0
    for text in texts:
        known = value_of(text)
        if known and isinstance(known[0], str):
            parts, place = _runs(known[0], elements, place)
            yield _written(parts, text[0])
        else:
            yield text


def _in_order(wanted: Sequence[str], elements: Sequence[str], start: int) -> list[tuple[str, str]]:
    """What is written, an element at a time, and the spans: what both begin with, runs, what both end with."""
    begin = _common(wanted, elements[start:])
    end = _common(wanted[begin:][::-1], elements[start + begin :][::-1])
    first = [("", MARKS[start] + MARKS[start + begin])] if begin else []
    last = [("", MARKS[len(elements) - end] + MARKS[len(elements)])] if end else []
    between = wanted[begin : len(wanted) - end]
    return [*first, *_runs(between, elements[: len(elements) - end], start + begin)[0], *last]


def _joined(text: str, contents: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield one span for all items, or one for each that is not empty, and the characters between them."""
    if text == "".join(contents):
        yield "", MARKS[0] + MARKS[len(contents)] if text else ""
        return
    items = [(place, item) for place, item in enumerate(contents) if item][::-1]
    position = 0
    while position < len(text):
        if items and text.startswith(items[-1][1], position):
            place, item = items.pop()
            yield "", MARKS[place] + MARKS[place + 1]
            position += len(item)
        else:
            yield text[position], ""
            position += 1


def _runs(wanted: Sequence[str], elements: Sequence[str], place: int) -> tuple[list[tuple[str, str]], int]:
    """What is written, and spans from `place` on, the longest each time, of equal ones the first; where they end."""
    parts: list[tuple[str, str]] = []
    position = 0
    while position < len(wanted):
        left = wanted[position:]
        length, at = max(((_common(left, elements[at:]), -at) for at in range(place, len(elements))), default=(0, 0))
        if length:
            place = length - at
            parts.append(("", MARKS[-at] + MARKS[place]))
        else:
            parts.append((wanted[position], ""))
        position += length or 1
    return parts, place


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many elements both begin with."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _shortened(text: str, strings: Sequence[_Source]) -> str:
    known = value_of(text)
    if known is None or not isinstance(known[0], str):
        return text
    return _written(_aligned(tuple(known[0]), strings, LEAST_CHARACTERS), text[0])


class _Source:
    """What can be copied from one value, and where its marks are in it."""

    def __init__(self, pieces: Sequence[str], *, are_whole: bool = False) -> None:
        """Pieces `are_whole`, or are copied character by character."""
        self.elements = tuple(pieces) if are_whole else tuple("".join(pieces))
        self.bounds = [0]
        for piece in pieces:
            self.bounds.append(self.bounds[-1] + (1 if are_whole else len(piece)))

    def run(self, place: int, wanted: Sequence[str], position: int) -> tuple[int, int]:
        """The mark where a run from `place` that equals what is `wanted` ends, and its length in elements."""
        start = self.bounds[place]
        length = 0
        for mine, theirs in zip(self.elements[start:], wanted[position:], strict=False):
            if mine != theirs:
                break
            length += 1
        end = bisect_right(self.bounds, start + length) - 1
        return end, self.bounds[end] - start


def _aligned(wanted: Sequence[str], sources: Sequence[_Source], least: int) -> Iterator[tuple[str, str]]:
    """Yield what is written, an element at a time, and the spans that stand for `least` or more, the longest first.

    Of equally long runs the one is taken that is not before the last span, and of those the first.
    """
    position = 0
    last = [0] * len(sources)
    while position < len(wanted):
        best = (least - 1, False, 0, 0, 0)
        for number, source in enumerate(sources):
            for place in range(len(source.bounds) - 1):
                end, length = source.run(place, wanted, position)
                best = max(best, (length, place >= last[number], -place, -number, end))
        length, _, place, number, end = best[0], best[1], -best[2], -best[3], best[4]
        if length < least:
            yield wanted[position], ""
            position += 1
            continue
        last[number] = end
        yield "", MARKS[number * PLACES + place] + MARKS[number * PLACES + end]
        position += length
