"""Comments that accept a finding: the text of a module goes in, `# cwm: ignore[CWM001, CWM106] -- reason` comes out.

A comment is about the statement that it stands in, or before which it stands on a line of its own; before or on a `def`
(or its decorators) it is about the whole function. What it lacks (a rule, a reason) is said; then it accepts nothing.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cwm_check.kinds import nearest
from cwm_check.rules import RULES

_ANY = re.compile(r"#\s*cwm:\s*ignore(?![\w-])(.*)", re.IGNORECASE)
_WHOLE = re.compile(r"\[([^\[\]]*)\]\s*(?:--(.*))?")
_FORM = "write `# cwm: ignore[CWM001] -- reason`"
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError)
_LAYOUT = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


@dataclass(frozen=True, slots=True)
class Comment:
    """One such comment."""

    line: int
    first: int
    """First and last line of the statement that it is about."""
    last: int
    rules: tuple[str, ...]
    reason: str
    problem: str = ""
    """Why it accepts nothing."""


def comments_in(text: str) -> tuple[Comment, ...]:
    """Return the comments of a module, by line; none of one that cannot be read."""
    if not _ANY.search(text):
        return ()
    try:
        return tuple(_comments(list(tokenize.generate_tokens(io.StringIO(text).readline))))
    except _UNREADABLE:
        return ()


def _comments(tokens: list[tokenize.TokenInfo]) -> Iterator[Comment]:
    waiting: list[Comment] = []
    start, decorates = 0, False
    for token in tokens:
        if token.type == tokenize.COMMENT:
            waiting += _comment(token)
        elif token.type == tokenize.NEWLINE:
            if not decorates:
                yield from (replace(comment, first=start, last=token.start[0]) for comment in waiting)
                waiting = []
            start = 0
        elif token.type not in _LAYOUT and not start:
            start, decorates = token.start[0], token.string == "@"


def _comment(token: tokenize.TokenInfo) -> list[Comment]:
    found = _ANY.search(token.string)
    if not found:
        return []
    line = token.start[0]
    whole = _WHOLE.match(found[1])
    if not whole:
        return [Comment(line, line, line, (), "", f"it names no rule: {_FORM}")]
    rules = tuple(rule.strip() for rule in whole[1].split(",") if rule.strip())
    reason = re.split(r"\s#\s", whole[2] or "")[0].strip()
    return [Comment(line, line, line, rules, reason, _problem(rules, reason))]


def _problem(rules: tuple[str, ...], reason: str) -> str:
    strange = [rule for rule in rules if rule not in RULES]
    if not rules:
        return f"it names no rule: {_FORM}"
    if strange:
        return f"{strange[0]} is no rule{nearest(strange[0], RULES)}"
    return "" if reason else f"it gives no reason: {_FORM}"


def function_lines(text: str) -> Mapping[int, range]:
    """Return all lines of each function of a module, decorators included, by its `def` line."""
    try:
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    except _UNREADABLE:
        return {}
    firsts = [min([node.lineno, *(d.lineno for d in node.decorator_list)]) for node in nodes]
    return {n.lineno: range(first, (n.end_lineno or n.lineno) + 1) for n, first in zip(nodes, firsts, strict=True)}
