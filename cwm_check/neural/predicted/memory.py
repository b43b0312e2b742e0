"""Values and names of a predicted run: text that a model reads and writes, shared by all names of one object.

A `Cell` is one object: two names of it see the same change. Functions and instances of the module's own classes are
known by their parts, everything else by its `repr`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Code = ast.FunctionDef | ast.Lambda
Values = dict[str, str]


@dataclass(slots=True, eq=False)
class Cell:
    """One object of the run."""

    text: str
    """Its `repr`, as predicted."""
    function: Closure | None = None
    fields: dict[str, Cell] | None = None
    """Attributes of an instance of a class of the module."""
    owner: ast.ClassDef | None = None
    """The class itself, or that of the instance."""
    yielded: tuple[str, ...] = ()
    """The text of each item, if this is what a generator yields."""

    @property
    def is_plain(self) -> bool:
        """Whether the text says all there is to know."""
        return self.function is None and self.owner is None


@dataclass(slots=True, eq=False)
class Closure:
    """A function of the module, or one made during the run."""

    code: Code
    scope: Scope
    """Where it was defined."""
    receiver: Cell | None = None

    @property
    def name(self) -> str:
        return "<lambda>" if isinstance(self.code, ast.Lambda) else self.code.name


@dataclass(slots=True, eq=False)
class Scope:
    """The names of one activation, or of the module."""

    names: dict[str, Cell] = field(default_factory=dict)
    parent: Scope | None = None
    """The function around it; the module comes last."""
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    """Names declared `global` or `nonlocal`, and where they live."""
    own: frozenset[str] = frozenset()
    """Names that the function binds somewhere: they are its own, bound or not."""

    def find(self, name: str) -> Cell | None:
        """Return what `name` means here; None if it is not bound."""
        if name in self.elsewhere:
            return self.elsewhere[name].find(name)
        if name in self.names:
            return self.names[name]
        return None if name in self.own or self.parent is None else self.parent.find(name)

    def is_unbound(self, name: str) -> bool:
        """Whether `name` is a local variable that has no value yet."""
        return name in self.own and name not in self.names and name not in self.elsewhere

    def bind(self, name: str, cell: Cell) -> None:
        """Let `name` mean `cell`."""
        (self.elsewhere.get(name) or self).names[name] = cell

    def unbind(self, name: str) -> None:
        """Forget `name`."""
        (self.elsewhere.get(name) or self).names.pop(name, None)

    def shown(self) -> tuple[tuple[str, str], ...]:
        """Return the locals as a frame shows them."""
        return tuple((name, cell.text) for name, cell in self.names.items() if name.isidentifier())

    def enclosing(self, name: str) -> Scope | None:
        """Return the nearest scope around this one, but not the module, that has `name`."""
        scope = self.parent
        while scope is not None and scope.parent is not None:
            if name in scope.names or name in scope.own:
                return scope
            scope = scope.parent
        return None

    @property
    def module(self) -> Scope:
        return self if self.parent is None else self.parent.module


def state_of(scope: Scope) -> tuple[object, ...]:
    """Return all that code in `scope` can see: names, texts, attributes, and which names are one object."""
    places: dict[int, int] = {}
    found: list[object] = []

    def visit(cell: Cell) -> None:
        known = id(cell) in places
        found.append((places.setdefault(id(cell), len(places)), None if known else cell.text))
        for name, inner in (cell.fields or {}).items() if not known else ():
            found.append(name)
            visit(inner)
        if cell.function is not None and not known:
            look(cell.function.scope)

    def look(here: Scope | None) -> None:
        while here is not None and id(here) not in places:
            places[id(here)] = len(places)
            for name, cell in here.names.items():
                found.append(name)
                visit(cell)
            here = here.parent

    look(scope)
    return tuple(found)


def bound_in(code: Code) -> frozenset[str]:
    """Return the names that a function binds itself: its parameters and what its body assigns, imports or defines."""
    arguments = code.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {argument.arg for argument in every if argument is not None}
    declared: set[str] = set()
    for node in own_nodes(code):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str() as name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add(asname or name.partition(".")[0])
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                names.add(name)
            case ast.Global(names=some) | ast.Nonlocal(names=some):
                declared.update(some)
    return frozenset(names - declared)


def own_nodes(code: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, but not those of functions, classes and comprehensions inside it."""
    body = code.body if isinstance(code, ast.FunctionDef) else [code.body] if isinstance(code, ast.Lambda) else [code]
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


_INNER = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def is_generator(code: Code) -> bool:
    """Return whether calling the function gives a generator."""
    return isinstance(code, ast.FunctionDef) and any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(code))
