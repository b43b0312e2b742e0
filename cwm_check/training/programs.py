"""A seeded random typed program with calls to trace: drills of one template, or functions of several statements.

Everything is made from the templates of `grammar`. Programs may raise (that is behaviour, too) but always parse.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from random import Random

from cwm_check.training import grammar, values

_HOLE = re.compile(r"(?P<mark>[@$#~])(?P<name>[a-z]+)")
_COMPOUND = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.UnaryOp, ast.Lambda, ast.GeneratorExp, ast.Starred)
_NAMES = {
    "str": "text s string word value line msg prefix t",
    "int": "n i count num k index total size m",
    "bool": "flag found ok done",
    "float": "rate price ratio score",
    "ints": "nums arr values numbers xs data",
    "strs": "words items parts lst tokens lines",
    "counts": "d counts mapping scores",
    "names": "names dct labels lookup",
    "table": "table by_id index_of",
    "intset": "seen group unique",
    "tuple": "point dims shape",
    "pair": "pair entry best",
    "pairs": "pairs rows entries",
    "matrix": "matrix grid board",
}


@dataclass(frozen=True, slots=True)
class Program:
    """Source of one function `f` and calls of it."""

    source: str
    calls: tuple[str, ...]


def drill(random: Random, calls: int = 3) -> Program:
    """Return a function of one statement, each template of the grammar as likely as any other of its kind."""
    builder = _Builder(random, depth=1, literals=0.15)
    if random.random() < 0.2:
        _, template = random.choice(grammar.STATEMENTS)
        builder.line(1, builder.fill(template))
        builder.line(1, f"return {builder.variable() or 0}")
    else:
        templates = grammar.EXPRESSIONS[random.choice(tuple(grammar.EXPRESSIONS))]
        builder.line(1, f"{random.choice(('return', 'result =', 'result ='))} {builder.fill(random.choice(templates))}")
        builder.line(1, "pass")
    return builder.program(calls)


def program(random: Random, calls: int = 3) -> Program:
    """Return a function with assignments, mutations, branches, loops, sometimes `try`."""
    builder = _Builder(random, depth=2, literals=0.3)
    for _ in range(random.choice((1, 1, 2, 2, 3))):
        builder.parameter(random.choice(grammar.PARAMETERS))
    most = random.randint(2, 9)
    while builder.size < most:
        builder.statement(1, loops=0)
    kind = random.choice(grammar.PARAMETERS)
    returned = builder.variable() if random.random() < 0.6 else builder.expression(kind, 2)
    builder.line(1, f"return {returned or builder.expression('int', 1)}")
    return builder.program(calls)


class _Builder:
    """A function under construction: its lines and the type of each variable that is surely bound."""

    def __init__(self, random: Random, depth: int, literals: float) -> None:
        self.size = 0
        self._random = random
        self._depth = depth
        self._literals = literals
        self._lines: list[str] = []
        self._pool: list[object] = []
        self._types: dict[str, str] = {}
        self._parameters: dict[str, str] = {}

    def program(self, calls: int) -> Program:
        imports = "import re\n" if any("re." in line for line in self._lines) else ""
        source = f"{imports}def f({', '.join(self._parameters)}):\n" + "\n".join(self._lines)
        return Program(ast.unparse(ast.parse(source)), tuple(self._call() for _ in range(calls)))

    def _call(self) -> str:
        pool = list(self._pool)
        arguments = []
        for kind in self._parameters.values():
            made = values.related(self._random, kind, pool)
            pool += values.parts(made)
            arguments.append(repr(made))
        return f"f({', '.join(arguments)})"

    def line(self, indent: int, text: str) -> None:
        self._lines.append("    " * indent + text)
        self.size += 1

    def parameter(self, kind: str) -> str:
        name = self._new_name(kind)
        self._parameters[name] = self._types[name] = kind
        return name

    def _new_name(self, kind: str) -> str:
        free = [name for name in _NAMES[kind].split() if name not in self._types]
        return self._random.choice(free) if free else f"{self._random.choice(_NAMES[kind].split())}{self.size}"

    def variable(self, kind: str | None = None) -> str | None:
        """A bound variable, of `kind` if given."""
        known = [name for name, its in self._types.items() if kind in (None, its)]
        return self._random.choice(known) if known else None

    def expression(self, kind: str, depth: int) -> str:
        """An expression of `kind` that parses, nested at most `depth` times."""
        if depth <= 0 or self._random.random() < 0.25:
            return self._atom(kind)
        text = self.fill(self._random.choice(grammar.EXPRESSIONS[kind]), depth - 1)
        return text if _parses(text) else self._atom(kind)

    def _atom(self, kind: str) -> str:
        name = self.variable(kind)
        if name is not None and self._random.random() > self._literals:
            return name
        return self._literal(kind)

    def _literal(self, kind: str) -> str:
        if kind == "int" and self._random.random() < 0.6:
            return self._random.choice(grammar.CHOICES["small"])
        made = values.related(self._random, kind, self._pool) if self._depth > 1 else values.value(self._random, kind)
        made = made[:7] if isinstance(made, str) else made
        self._pool += values.parts(made)
        return repr(made)

    def fill(self, template: str, depth: int | None = None) -> str:
        """`template` with its holes filled."""
        inner = self._depth - 1 if depth is None else depth
        return _HOLE.sub(lambda hole: self._filled(hole["mark"], hole["name"], inner), template)

    def _filled(self, mark: str, name: str, depth: int) -> str:
        if mark == "~":
            return self._random.choice(grammar.CHOICES[name])
        if mark == "#":
            return self._literal(name)
        if mark == "$":
            return self.variable(name) or (self.parameter(name) if len(self._parameters) < 4 else self._literal(name))
        text = self.expression(name, depth)
        return f"({text})" if _is_compound(text) else text

    def statement(self, indent: int, loops: int) -> None:
        """Add one statement, with its block if it has one."""
        kind = self._random.random()
        if kind < 0.45:
            self._assignment(indent)
        elif kind < 0.65:
            self._mutation(indent)
        elif kind < 0.80 and indent < 4:
            self._branch(indent, loops)
        elif kind < 0.94 and indent < 3 and loops < 2:
            self._loop(indent, loops)
        elif kind < 0.96 and indent < 3:
            self._attempt(indent, loops)
        elif loops and indent > 1:
            self.line(indent, f"if {self.expression('bool', 1)}:")
            self.line(indent + 1, self._random.choice(("break", "continue", "return " + self.expression("int", 1))))
        else:
            self._assignment(indent)

    def _assignment(self, indent: int) -> None:
        kind = self._random.choice(grammar.PARAMETERS)
        name = (self.variable(kind) if self._random.random() < 0.4 else None) or self._new_name(kind)
        empty = {"ints": "[]", "strs": "[]", "counts": "{}", "str": "''", "int": "0"}.get(kind)
        plain = empty and self._random.random() < 0.15
        self.line(indent, f"{name} = {empty if plain else self.expression(kind, self._random.choice((1, 1, 2)))}")
        self._types[name] = kind

    def _mutation(self, indent: int) -> None:
        fitting = [
            template
            for kind, template in grammar.STATEMENTS
            if kind in self._types.values() and "raise" not in template
        ]
        text = self.fill(self._random.choice(fitting), 1) if fitting else ""
        if text and _parses(text, "exec"):
            self.line(indent, text)
        else:
            self._assignment(indent)

    def _branch(self, indent: int, loops: int) -> None:
        self.line(indent, f"if {self.expression('bool', 2)}:")
        self._block(indent + 1, loops)
        kind = self._random.random()
        if kind < 0.1:
            self.line(indent, f"elif {self.expression('bool', 1)}:")
            self._block(indent + 1, loops)
        if kind < 0.35:
            self.line(indent, "else:")
            self._block(indent + 1, loops)

    def _loop(self, indent: int, loops: int) -> None:
        if self._random.random() < 0.15:
            name = self.variable("int")
            if name is not None:
                self.line(indent, f"while {name} {self._random.choice(('<', '<='))} {self._random.randint(1, 8)}:")
                self._block(indent + 1, loops + 1)
                self.line(indent + 1, f"{name} += {self._random.randint(1, 3)}")
                return
        head, targets = self._random.choice(grammar.LOOPS)
        names = [name if name not in self._types else f"{name}{indent}{self.size}" for name, _ in targets]
        head = self.fill(head.format(*names), 1)
        self.line(indent, f"{head}:")
        inside = dict(zip(names, (kind for _, kind in targets), strict=True))
        outside = dict(self._types)
        self._types |= inside
        self._block(indent + 1, loops + 1)
        self._types = {name: kind for name, kind in self._types.items() if name in outside}

    def _attempt(self, indent: int, loops: int) -> None:
        self.line(indent, "try:")
        self._block(indent + 1, loops)
        caught = self._random.choice(("Exception", "ValueError", "(KeyError, IndexError)", "TypeError"))
        self.line(indent, f"except {caught}:")
        self._block(indent + 1, loops)

    def _block(self, indent: int, loops: int) -> None:
        """One or two statements; what only they bind is forgotten."""
        outside = dict(self._types)
        for _ in range(self._random.choice((1, 1, 2))):
            self.statement(indent, loops)
        self._types = {name: kind for name, kind in self._types.items() if name in outside and kind == outside[name]}


def _parses(text: str, mode: str = "eval") -> bool:
    try:
        ast.parse(text, mode=mode)
    except SyntaxError:
        return False
    return True


def _is_compound(text: str) -> bool:
    """True for what needs parentheses as an operand; negative numbers do, too."""
    return not _parses(text) or isinstance(ast.parse(text, mode="eval").body, _COMPOUND)
