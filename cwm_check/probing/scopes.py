"""What names stand for at one place of a file, as far as the text tells: imports, constants, rows of tables.

Expressions in, texts without names out, made of literals and of what the sandbox can make: `datetime.timedelta(1)`.
Nothing is executed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cwm_check.probing.calls import CONSTRUCTORS, LONGEST_CALL

ROWS_OF_A_FILE = 5_000
_MADE = {f"datetime.{name}": f"datetime.{name}" for name in ("timedelta", "datetime", "date", "time", "timezone")} | {
    "decimal.Decimal": "Decimal",
    "fractions.Fraction": "Fraction",
}
_VALUES = {
    "datetime.timezone.utc": "datetime.timezone.utc",
    "datetime.UTC": "datetime.timezone.utc",
    "math.inf": "float('inf')",
    "math.nan": "float('nan')",
}
_SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.USub: "-", ast.UAdd: "+",
}  # fmt: skip

Row = Mapping[str, ast.expr]
"""What the names of a table's columns are bound to in one row of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names stand for at one place of the file."""

    texts: dict[str, str] = field(default_factory=dict)
    """Of names that come to literals."""
    nodes: dict[str, ast.expr] = field(default_factory=dict)
    """What names were bound to, as written: tables."""
    origins: dict[str, str] = field(default_factory=dict)
    """Where imported names come from, dotted."""
    left: Iterator[int] = field(default_factory=lambda: iter(range(ROWS_OF_A_FILE)))
    """One for each row that may still be read, in whatever scope: tables in tables would never end."""

    def inside(self, row: Row, shadowed: Sequence[str] = ()) -> Scope:
        """Return a scope in this one, where a row is bound and what the names in `shadowed` were is not known."""
        inner = Scope(dict(self.texts), dict(self.nodes), dict(self.origins), self.left)
        inner.bind({**dict.fromkeys(shadowed), **{name: (node, self.text(node)) for name, node in row.items()}})
        return inner

    def bind(self, values: Mapping[str, tuple[ast.expr, str | None] | None]) -> None:
        """Bind names to what is written and to its text; None: it is not known."""
        for name, value in values.items():
            for known in (self.texts, self.nodes, self.origins):
                known.pop(name, None)
            if value is not None:
                self.nodes[name], text = value
                if text is not None:
                    self.texts[name] = text

    def assign(self, target: ast.expr, value: ast.expr | None) -> None:
        """Bind the names of an assignment."""
        row = row_of(target, value, self) or {}
        self.bind({**dict.fromkeys(names_in(target)), **{name: (node, self.text(node)) for name, node in row.items()}})

    def text(self, node: ast.expr) -> str | None:
        """Return an expression as text without names, or None if it does not come to such, or to a long one."""
        text = self._text(node)
        return text if text is not None and len(text) <= LONGEST_CALL else None

    def _text(self, node: ast.expr) -> str | None:
        match node:
            case ast.Constant(value=value):
                return None if value is ... else repr(value)
            case ast.Name(id=name) if name in self.texts:
                return self.texts[name]
            case ast.Name() | ast.Attribute():
                return _VALUES.get(self._origin(node))
            case ast.Tuple(elts=items):
                return self._joined("({},)" if items else "()", self.texts_of(items))
            case ast.List(elts=items):
                return self._joined("[{}]", self.texts_of(items))
            case ast.Set(elts=items):
                return self._joined("{{{}}}", self.texts_of(items))
            case ast.Dict(keys=keys, values=values):
                pairs = [self._pair(key, value) for key, value in zip(keys, values, strict=True)]
                return self._joined("{{{}}}", pairs)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
                return self._joined(f"({_SIGNS[type(op)]}{{}})", [self.text(operand)])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                return self._joined("({})", [self.text(left), self.text(right)], f" {_SIGNS[type(op)]} ")
            case ast.Call(func=func) if maker := self._maker(func):
                return self._joined(f"{maker}({{}})", self.arguments(node))
        return None

    def _pair(self, key: ast.expr | None, value: ast.expr) -> str | None:
        return None if key is None else self._joined("{}", [self.text(key), self.text(value)], ": ")

    @staticmethod
    def _joined(form: str, texts: Sequence[str | None], between: str = ", ") -> str | None:
        known = [text for text in texts if text is not None]
        return form.format(between.join(known)) if len(known) == len(texts) else None

    def texts_of(self, items: Sequence[ast.expr]) -> list[str | None]:
        """Return the texts of items, those behind a star among them; None for what does not come to literals."""
        found: list[str | None] = []
        for item in items:
            behind = self.items(item.value) if isinstance(item, ast.Starred) else [item]
            found += [None] if behind is None else [self.text(part) for part in behind]
        return found

    def arguments(self, call: ast.Call) -> list[str | None]:
        """Return what stands between the parentheses of a call; None for what does not come to literals."""
        found = self.texts_of(call.args)
        for keyword in call.keywords:
            found += [name and (text := self.text(value)) and f"{name}={text}" for name, value in self._named(keyword)]
        return found

    def _named(self, keyword: ast.keyword) -> Iterator[tuple[str | None, ast.expr]]:
        table = self.nodes.get(keyword.value.id) if isinstance(keyword.value, ast.Name) else keyword.value
        if keyword.arg is not None or not isinstance(table, ast.Dict):
            yield keyword.arg, keyword.value
            return
        for key, value in zip(table.keys, table.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            yield name if isinstance(name, str) and name.isidentifier() else None, value

    def items(self, node: ast.expr | None) -> Sequence[ast.expr] | None:
        """Return the items of a list or a tuple that is written there, or that the name there is bound to."""
        node = self.nodes.get(node.id) if isinstance(node, ast.Name) else node
        return node.elts if isinstance(node, ast.List | ast.Tuple) else None

    def _maker(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name) and node.id in CONSTRUCTORS and node.id not in self.nodes:
            return node.id
        return _MADE.get(self._origin(node))

    def _origin(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return self.origins.get(name, "")
            case ast.Attribute(value=value, attr=name) if owner := self._origin(value):
                return f"{owner}.{name}"
        return ""


def names_in(target: ast.expr) -> list[str]:
    """Return the names that a target binds."""
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def row_of(target: ast.expr, value: ast.expr | None, scope: Scope) -> Row | None:
    """Return what the names of a target are bound to, or None if that is not written down."""
    if isinstance(target, ast.Name) and value is not None:
        return {target.id: value}
    items = scope.items(value)
    if not isinstance(target, ast.Tuple | ast.List) or items is None or len(items) != len(target.elts):
        return None
    rows = [row_of(one, item, scope) for one, item in zip(target.elts, items, strict=True)]
    return {name: node for row in rows for name, node in (row or {}).items()}
