"""Edits of one function inside its module: where nodes stand in the text, and the text with some of them replaced.

Unlike printing the whole tree again, this leaves everything else as it was written, as a person's diff does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent

Function = ast.FunctionDef | ast.AsyncFunctionDef
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Piece:
    """Text for a part of the module; several make one edit."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a function, not applied yet."""

    kind: str
    pieces: tuple[Piece, ...]


class Source:
    """A module's text and the tree of one of its functions."""

    def __init__(self, text: str, qualname: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.function = find(self.tree, qualname)
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = text.splitlines(keepends=True)

    def start(self, node: ast.stmt | ast.expr | ast.arg | ast.excepthandler) -> int:
        return self._place(node.lineno, node.col_offset)

    def end(self, node: ast.stmt | ast.expr | ast.arg | ast.excepthandler) -> int:
        return self._place(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def get(self, node: ast.expr | ast.stmt) -> str:
        return self.text[self.start(node) : self.end(node)]

    def over(self, node: ast.expr | ast.stmt, text: str) -> Piece:
        """The piece that puts an expression or one statement in the place of `node`."""
        return Piece(self.start(node), self.end(node), text)

    def block(self, first: ast.stmt, last: ast.stmt, body: Sequence[ast.stmt]) -> Piece:
        """The piece that puts the statements `body` in the place of those from `first` to `last`."""
        lead = " " * first.col_offset
        lines = indent("\n".join(map(ast.unparse, body)), lead)
        return Piece(self.start(first), self.end(last), lines.removeprefix(lead))

    def statements(self) -> Iterator[tuple[list[ast.stmt], int]]:
        """Each statement of the function, as its list and its place in it; docstrings and `elif` are left out."""
        for node in ast.walk(self.function):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    yield from ((block, n) for n, s in enumerate(block) if not (_is_docstring(s) or self._is_elif(s)))

    def expressions(self) -> Iterator[ast.expr]:
        """The expressions of the body that stand where the tree says: not those inside f-strings, nor annotations."""
        todo: list[ast.AST] = [s for s in self.function.body if not _is_docstring(s)]
        while todo:
            node = todo.pop(0)
            if isinstance(node, ast.expr):
                yield node
            hidden = {id(n) for n in (getattr(node, "annotation", None), getattr(node, "returns", None))}
            if not isinstance(node, ast.JoinedStr):
                todo += [child for child in ast.iter_child_nodes(node) if id(child) not in hidden]

    def _is_elif(self, node: ast.stmt) -> bool:
        return self.text.startswith("elif", self.start(node))

    def _place(self, line: int, column: int) -> int:
        before = self._lines[line - 1].encode()[:column]
        return self._starts[line - 1] + len(before.decode())


def applied(source: Source, edit: Edit) -> str | None:
    """The module after the edit; None if it does not parse, or says the same."""
    text = source.text
    for piece in sorted(edit.pieces, key=lambda p: -p.start):
        text = text[: piece.start] + piece.text + text[piece.end :]
    try:
        changed = ast.dump(ast.parse(text)) != ast.dump(source.tree)
    except (SyntaxError, ValueError):
        return None
    return text if changed else None


def find(tree: ast.Module, qualname: str) -> Function:
    """The function of that name: `f` or `Class.f`."""
    body = tree.body
    *classes, name = qualname.split(".")
    for part in classes:
        body = next(n.body for n in body if isinstance(n, ast.ClassDef) and n.name == part)
    return next(n for n in body if isinstance(n, Function) and n.name == name)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
