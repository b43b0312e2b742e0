"""The code of a module as logical lines of tokens, in which comments, blank lines and layout do not exist.

The text of a module comes in; its logical lines go out, and for two runs of them the physical lines on which their
tokens differ. Bare strings (docstrings) are kept apart: they are text, but no line of code.
"""

from __future__ import annotations

import io
import token
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_LARGEST_DIFF = 4_000_000
"""Pairs of tokens that are compared one by one; beyond that whole logical lines are."""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One logical line: its depth of indentation, its tokens and the 1-based physical line of each."""

    depth: int
    tokens: tuple[str, ...]
    lines: tuple[int, ...]
    is_text: bool
    """A bare string."""

    def relative_to(self, depth: int) -> tuple[int, tuple[str, ...]]:
        """Return what makes two logical lines equal."""
        return self.depth - depth, self.tokens


def tokens_of(source: str) -> list[tokenize.TokenInfo]:
    """Return the tokens of a module that parses."""
    return list(tokenize.generate_tokens(io.StringIO(source).readline))


def code_lines(tokens: Iterable[tokenize.TokenInfo]) -> tuple[CodeLine, ...]:
    """Return the logical lines of a module."""
    found: list[CodeLine] = []
    depth = 0
    line: list[tokenize.TokenInfo] = []
    for item in tokens:
        depth += (item.type == tokenize.INDENT) - (item.type == tokenize.DEDENT)
        if item.type not in _LAYOUT:
            line.append(item)
        elif item.type in (tokenize.NEWLINE, tokenize.ENDMARKER) and line:
            found.append(_code_line(depth, line))
            line = []
    return tuple(found)


def _code_line(depth: int, tokens: list[tokenize.TokenInfo]) -> CodeLine:
    is_text = all(t.type == tokenize.STRING and t.string[0] not in "fF" for t in tokens)
    return CodeLine(depth, tuple(t.string for t in tokens), tuple(t.start[0] for t in tokens), is_text)


def lines_inside_strings(tokens: Iterable[tokenize.TokenInfo]) -> frozenset[int]:
    """Return the 1-based lines that begin inside a string, and so must not be indented otherwise."""
    found: set[int] = set()
    starts: list[int] = []
    for item in tokens:
        kind = token.tok_name[item.type]
        if kind.endswith("STRING_START"):
            starts.append(item.start[0])
        elif kind.endswith("STRING_END"):
            found.update(range(starts.pop() + 1, item.end[0] + 1))
        elif kind == "STRING":
            found.update(range(item.start[0] + 1, item.end[0] + 1))
    return frozenset(found)


def normal_form(code: Sequence[CodeLine]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return what is equal for two pieces of code that differ in layout, comments and place only."""
    return tuple(line.relative_to(code[0].depth) for line in code)


def differing_lines(before: Sequence[CodeLine], after: Sequence[CodeLine]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the physical lines of each side whose tokens differ; bare strings do not count.

    A token removed inside a statement marks the line it was on and the line after that it is missing from.
    """
    left = [line for line in before if not line.is_text]
    right = [line for line in after if not line.is_text]
    marked: tuple[set[int], set[int]] = (set(), set())
    matcher = SequenceMatcher(None, normal_form(left), normal_form(right), autojunk=False)
    for operation, i, i_end, j, j_end in matcher.get_opcodes():
        if operation != "equal":
            _mark(_tokens(left[i:i_end], left[0].depth), _tokens(right[j:j_end], right[0].depth), marked)
    return tuple(sorted(marked[0])), tuple(sorted(marked[1]))


Token = tuple[str, int]
"""Text and physical line; a logical line begins with a token for its indentation, which starts with a line feed."""


def _tokens(code: Sequence[CodeLine], depth: int) -> list[Token]:
    return [item for line in code for item in _line_tokens(line, depth)]


def _line_tokens(line: CodeLine, depth: int) -> Iterator[Token]:
    yield f"\n{line.depth - depth}", line.lines[0]
    yield from zip(line.tokens, line.lines, strict=True)


def _mark(before: list[Token], after: list[Token], marked: tuple[set[int], set[int]]) -> None:
    if len(before) * len(after) > _LARGEST_DIFF:
        marked[0].update(line for _, line in before)
        marked[1].update(line for _, line in after)
        return
    matcher = SequenceMatcher(None, [t for t, _ in before], [t for t, _ in after], autojunk=False)
    for operation, i, i_end, j, j_end in matcher.get_opcodes():
        if operation != "equal":
            marked[0].update(_touched(before, i, i_end, after[j:j_end]))
            marked[1].update(_touched(after, j, j_end, before[i:i_end]))


def _touched(tokens: list[Token], start: int, end: int, other: list[Token]) -> Iterator[int]:
    yield from (line for _, line in tokens[start:end])
    if start == end and start > 0 and not _is_line_start(other[0]):
        yield tokens[start - 1][1]


def _is_line_start(token_: Token) -> bool:
    return token_[0].startswith("\n")
