"""What is typed at the debugger, taken apart: a line in; a command, a number, a range of lines or a breakpoint out."""

from __future__ import annotations

import re

from cwm_check.errors import CwmCheckError

ALIASES = {
    "s": "step", "n": "next", "o": "out", "r": "out", "return": "out", "unt": "until", "c": "continue",
    "cont": "continue", "b": "break", "cl": "clear", "p": "print", "w": "where", "bt": "where", "l": "list",
    "ll": "longlist", "q": "quit", "exit": "quit", "EOF": "quit", "h": "help", "?": "help", "bk": "back",
    "a": "locals", "run": "reset", "restart": "reset",
}  # fmt: skip
_ASSIGNMENT = re.compile(r"^\s*[A-Za-z_]\w*\s*(=(?!=)|[-+*/%&|^@]=|//=|\*\*=|<<=|>>=|:)")
_AROUND = 5  # lines of a list, before and after


def command_of(line: str) -> str:
    """Return the line as a command: aliases in full, assignments as `set`."""
    text = line.strip()
    if text.startswith("!"):
        return f"set {text[1:]}"
    word, _, rest = text.partition(" ")
    if _ASSIGNMENT.match(text) and not text.startswith(("print ", "set ")):
        return f"set {text}"
    return f"{ALIASES.get(word, word)} {rest}".strip()


def number_in(text: str) -> int:
    """Return the number that a text is."""
    if not text.strip().isdecimal():
        raise CwmCheckError(f"{text.strip() or 'nothing'} is no number")
    return int(text)


def point_in(text: str) -> tuple[int, str]:
    """Return line and condition of a breakpoint: `4 if c == 'r'` -> `(4, "c == 'r'")`."""
    line, _, condition = (part.strip() for part in re.sub(r"[\s,]+if\s+", "\0", text, count=1).partition("\0"))
    return number_in(line), condition


def range_in(text: str, here: int, listed: int | None) -> tuple[int, int]:
    """Return the lines that `list` is to show: those asked for, those after the last one `listed`, or around `here`."""
    if text and text != ".":
        first, _, last = text.partition(",")
        low = number_in(first) if last else max(1, number_in(first) - _AROUND)
        high = number_in(last) if last else low + 2 * _AROUND
        return low, low + high if last and high < low else high
    low = listed + 1 if listed is not None and not text else max(1, here - _AROUND)
    return low, low + 2 * _AROUND
