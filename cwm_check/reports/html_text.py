"""Foreign text as HTML: escaped, on one line, cut; and two values with the part in which they differ marked."""

from __future__ import annotations

import re
from html import escape
from itertools import takewhile

from cwm_check.wording import printable, shorten, shorten_pair

WIDTH = 400
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def text(raw: str) -> str:
    """Return `raw` escaped, with control characters written out."""
    return escape(printable(raw))


def value(raw: str) -> str:
    """Return `raw` as code, cut to a readable length."""
    return f"<code>{text(shorten(raw, WIDTH))}</code>"


def sentence(markdown: str) -> str:
    """Return a sentence with its code spans as HTML; no other Markdown is read."""
    parts, end = [], 0
    for span in _SPAN.finditer(markdown):
        inner = span[2]
        padded = inner.startswith(" `") or inner.endswith("` ")
        parts += [text(markdown[end : span.start()]), f"<code>{text(inner[1:-1] if padded else inner)}</code>"]
        end = span.end()
    return "".join(parts) + text(markdown[end:])


def both_values(before: str, after: str) -> tuple[str, str]:
    """Return both values as code, with what is not common to them marked; nothing if nothing is common."""
    one, other = (printable(cut) for cut in shorten_pair(before, after, WIDTH))
    head = _common(one, other)
    tail = min(_common(one[::-1], other[::-1]), len(one) - head, len(other) - head)
    if not head and not tail:
        return f"<code>{escape(one)}</code>", f"<code>{escape(other)}</code>"
    return _marked(one, head, tail), _marked(other, head, tail)


def _common(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _marked(shown: str, head: int, tail: int) -> str:
    end = len(shown) - tail
    middle = f"<mark>{escape(shown[head:end])}</mark>" if head < end else ""
    return f"<code>{escape(shown[:head])}{middle}{escape(shown[end:])}</code>"
