"""An example text for a simple regular expression.

A pattern's text in, a text that it should match out. The pattern is read, never run: a hostile one may take for ever.
Look-around and back references are passed over, so the example is a good guess and no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle

_TOKEN = re.compile(
    r"""
    \\(?P<class>[dwsDWS]) | \\[bBAZ1-9] | [\^$] | \\(?P<escaped>.) | (?P<look>\(\?(?:<?[=!]|[#]))
    | \[(?P<set>\^?\]?(?:\\.|[^\]\\])*)\] | (?P<open>\((?:\?(?::|P<\w+>))?) | (?P<close>\)) | (?P<bar>\|)
    | \{(?P<times>\d+)(?:,\d*)?\}\?? | [*+?]\?? | (?P<dot>\.) | (?P<char>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FLAGS = re.compile(r"^\(\?[aiLmsux]+\)")
_DIGIT = "\ue000"  # stands for any digit until the text is whole
_OF_CLASS = {"d": _DIGIT, "w": "a", "s": " ", "D": "x", "W": "-", "S": "x"}
_LONGEST = 40
_READ = 300  # characters of a pattern: what is nested deeper than that, or repeated, must not cost the reader anything


def example(pattern: str) -> str:
    """Return a short text for the first alternative of `pattern`, with each repetition taken once."""
    text = _first_alternative(_TOKEN.finditer(_FLAGS.sub("", pattern[:_READ])))[:_LONGEST]
    digits = cycle("123456789")  # one after the other: what reads two numbers may want the second to be greater
    return "".join(next(digits) if character == _DIGIT else character for character in text)


def _first_alternative(tokens: Iterator[re.Match[str]]) -> str:
    """Read up to the end of the group that `tokens` is in, and return the text of its first alternative."""
    alternatives: list[list[str]] = [[]]
    last: re.Match[str] | None = None
    for token in tokens:
        if token["close"]:
            break
        if token["bar"]:
            alternatives.append([])
        elif token["look"]:
            _first_alternative(tokens)
        elif token["open"]:
            alternatives[-1].append(_first_alternative(tokens))
        elif token["times"] and alternatives[-1]:
            times = int(token["times"]) if len(token["times"]) < len(str(_READ)) else _LONGEST
            several = _several(alternatives[-1][-1], last["set"] if last else None)
            alternatives[-1][-1] = (several * min(times, _LONGEST))[: min(len(alternatives[-1][-1]) * times, _LONGEST)]
        else:
            alternatives[-1].append(_character(token))
        last = token
    return "".join(alternatives[0])


def _several(text: str, members: str | None) -> str:
    """The text to repeat; of a set that begins with a range, the characters from its first one on."""
    span = re.match(r"(\w)-(\w)", members or "", re.ASCII)
    if span is None or len(text) != 1 or text == _DIGIT:
        return text
    return "".join(map(chr, range(ord(span[1]), ord(span[2]) + 1))) or text


def _character(token: re.Match[str]) -> str:
    if token["class"]:
        return _OF_CLASS[token["class"]]
    if token["set"]:
        return _member(token["set"])
    if token["dot"]:
        return "a"
    return {"n": "\n", "t": "\t"}.get(token["escaped"] or "", token["escaped"] or token["char"] or "")


def _member(members: str) -> str:
    """Return a character of a set such as `a-z` or `^,;`."""
    if members.startswith(("0-9", "1-9")):
        return _DIGIT
    if members.startswith("^"):
        return next(c for c in "a1 -_~" if c not in members)
    first = _TOKEN.match(members)
    return "" if first is None else _OF_CLASS.get(first["class"] or "", (first["escaped"] or first.group())[:1])
