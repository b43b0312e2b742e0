"""What a function and its module promise: which failures callers must expect, which names and attributes there are.

The text of a module and a function in it in; a `Promises` out. Read from the source alone.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cwm_check.pairs import FunctionSource
from cwm_check.search.targets import parsed
from cwm_check.textlines import split_lines

_CONDITIONS = re.compile(
    r"\bassum|\bmust\b|at least|non-?\s?(empty|zero)|not (be )?empty|\brequire|guarantee|pre-?condition|\bcaller|valid",
    re.I,
)
_OPEN = re.compile(r"\bglobals\(\)|\bvars\(\)|\bexec\(|\bsetattr\(|__dict__|import \*")
_INSTALLED = frozenset(
    "_ reveal_type reveal_locals unicode basestring xrange long raw_input unichr reduce cmp file".split()
)
_HOST = re.compile(r"Mixin|Base|Abstract|Protocol|Interface|Meta")
_ENDLESS_NAMES = re.compile(r"forever|endless|infinite|main_?loop|serve|daemon", re.I)
_SEQUENCE = ("IndexError", "KeyError", "StopIteration")
_DIVIDING = frozenset("div divide mod modulo quotient remainder ratio inverse reciprocal".split())
_TAKING = frozenset("pop popleft popitem peek first last top front head tail next get dequeue index choice".split())


@dataclass(frozen=True, slots=True)
class Promises:
    """One function in its module."""

    function: FunctionSource
    module: str
    _tree: ast.Module = field(repr=False)

    @property
    def is_private(self) -> bool:
        """Whether only code that knows its conditions calls it."""
        names = self.function.qualname.split(".")
        return any(n.startswith("_") and not n.startswith("__") for n in names) or self.function.is_nested

    @property
    def is_endless(self) -> bool:
        """Whether it is meant to go on for ever: its name says so, or a loop that nothing leaves."""
        loops = [n for n in ast.walk(self._node) if isinstance(n, ast.While)]
        forever = [n for n in loops if isinstance(n.test, ast.Constant) and n.test.value]
        return bool(_ENDLESS_NAMES.search(self.function.qualname)) or any(not _is_left(n) for n in forever)

    @property
    def _node(self) -> ast.AST:
        found = (n for n in ast.walk(self._tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
        return next((n for n in found if n.lineno == self.function.def_line), ast.Pass())

    def states(self, exception: str) -> bool:
        """Whether the docstring of the function or its class speaks of the exception, or of conditions on calls."""
        texts = [t for n in self._documented() if (t := ast.get_docstring(n))]
        return any(re.search(rf"\b{exception}\b", t) or _CONDITIONS.search(t) for t in texts)

    def _documented(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ClassDef) and node.name == (self.function.owner or "").rpartition(".")[2]:
                yield node
        node = self._node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node

    def is_protocol(self, exception: str) -> bool:
        """Whether functions of that name fail so: taking from what is empty, dividing."""
        name = self.function.qualname.rpartition(".")[2]
        words = set(name.strip("_").lower().split("_"))
        if exception in _SEQUENCE and (
            name in ("__getitem__", "__delitem__", "__next__", "__missing__") or words & _TAKING
        ):
            return True
        return exception == "ZeroDivisionError" and bool(words & _DIVIDING or re.search(r"__\w*(div|mod)\w*__", name))

    def defines(self, name: str) -> bool:
        """Whether the module has a function, method or class of that name."""
        nodes = (
            n for n in ast.walk(self._tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        )
        return any(n.name == name for n in nodes)

    def never_binds(self, name: str) -> bool:
        """Whether nothing in the module can give a value to that global name."""
        if name in _INSTALLED or hasattr(builtins, name) or _OPEN.search(self.module):
            return False
        return name not in _stored(self._tree)

    def never_has(self, class_name: str, attribute: str) -> bool:
        """Whether the class is whole in this module and nothing in it makes such an attribute."""
        classes = {n.name: n for n in ast.walk(self._tree) if isinstance(n, ast.ClassDef)}
        if class_name not in classes or _HOST.search(class_name) or _OPEN.search(self.module):
            return False
        lineage = list(_lineage(class_name, classes))
        if None in lineage or any(class_name in _bases(c) for c in classes.values()):
            return False
        if any("__getattr__" in _members(c) or c.decorator_list or c.keywords for c in lineage if c):
            return False
        return attribute not in _made(self._tree) | {m for c in lineage if c for m in _members(c)}

    def is_record(self, name: str) -> bool:
        """Whether the function takes several things of that name apart by fixed places: it has a known length."""
        for node in ast.walk(self._node):
            match node:
                case ast.Subscript(value=value, slice=ast.Constant(value=int(at))) if at > 0:
                    if ast.unparse(value) == name:
                        return True
                case ast.Assign(targets=[ast.Tuple()], value=value) if ast.unparse(value) == name:
                    return True
        return False

    def text_of(self, line: int | None) -> str:
        """Return the text of a line."""
        lines = split_lines(self.module)
        return lines[line - 1] if line and line <= len(lines) else ""

    def statement_at(self, line: int | None) -> ast.AST | None:
        """Return the innermost statement that stands at a line: of a compound one, its head."""
        around = [
            n
            for n in ast.walk(self._tree)
            if isinstance(n, ast.stmt) and n.lineno <= (line or 0) <= (n.end_lineno or 0)
        ]
        found = max(around, key=lambda n: n.lineno, default=None)
        if found is None or not hasattr(found, "body"):
            return found
        heads = [n for n in ast.iter_child_nodes(found) if isinstance(n, ast.expr | ast.withitem)]
        return ast.Tuple([n for n in heads if isinstance(n, ast.expr)], ast.Load())


def promises_of(function: FunctionSource, module: str) -> Promises:
    """Return what the function and its module promise."""
    return Promises(function, module, parsed(module))


def _is_left(loop: ast.While) -> bool:
    return any(isinstance(n, ast.Break | ast.Return | ast.Raise | ast.Yield | ast.YieldFrom) for n in ast.walk(loop))


def _stored(tree: ast.Module) -> set[str]:
    """Names that anything in the module binds, at whatever place."""
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found |= {(a.asname or a.name).partition(".")[0] for a in aliases}
            case ast.Global(names=names):
                found |= set(names)
    return found


def _made(tree: ast.Module) -> set[str]:
    """Attributes that anything in the module sets, on whatever object."""
    return {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}


def _members(cls: ast.ClassDef) -> set[str]:
    """Names that the body of a class binds or declares, and texts in it: `__slots__`."""
    found = {n.id for s in cls.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found |= {s.name for s in ast.walk(cls) if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    return found | {str(n.value) for s in cls.body for n in ast.walk(s) if isinstance(n, ast.Constant)}


def _bases(cls: ast.ClassDef) -> list[str]:
    return [ast.unparse(b) for b in cls.bases]


def _lineage(name: str, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef | None]:
    """Yield a class and all that it inherits from, None for one that is elsewhere."""
    seen, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current == "object" or current in seen:
            continue
        seen.add(current)
        cls = classes.get(current)
        yield cls
        waiting += _bases(cls) if cls else []
