"""Where a function stands: its `FunctionSource` and its module go in, its tree and the definitions around it come
out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cwm_check.normal.modules import Module
from cwm_check.normal.scopes import bound_names, parameters
from cwm_check.normal.trees import FUNCTIONS, Function
from cwm_check.pairs import FunctionSource


@dataclass(frozen=True)
class Place:
    """One version of the function in its module."""

    function: Function
    around: tuple[ast.AST, ...]
    """The definitions around it, outermost first."""
    module: Module
    owner: str
    """Name of the class it is a method of; dotted for a class inside something else."""

    @property
    def enclosing(self) -> frozenset[str]:
        """The locals of the functions around it."""
        functions = [node for node in self.around if isinstance(node, FUNCTIONS)]
        return frozenset(name for outer in functions for name in _locals(outer))

    @property
    def method_of(self) -> str:
        """The module's class that the function is a method of: one that no decorator can have replaced."""
        match self.around:
            case (ast.ClassDef(name=name, decorator_list=[]) as owner,) if self.module.bindings.get(name) == (owner,):
                return name
        return ""

    @property
    def outermost(self) -> str:
        """Name of the module's own definition in which the function stands."""
        outer = (*self.around, self.function)[0]
        assert isinstance(outer, (*FUNCTIONS, ast.ClassDef))
        return outer.name


def _locals(function: Function) -> set[str]:
    return bound_names(function.body) | {parameter.arg for parameter in parameters(function.args)}


def located(source: FunctionSource, module: Module) -> Place | None:
    way = _find_function(module, source.qualname.rpartition(".")[2], source.def_line)
    if not way or not isinstance(way[-1], FUNCTIONS):
        return None
    around = tuple(node for node in way[:-1] if isinstance(node, (*FUNCTIONS, ast.ClassDef)))
    return Place(way[-1], around, module, source.owner or "")


def _find_function(module: Module, name: str, line: int) -> list[ast.AST]:
    """Return the way from the module down to the function whose `def` stands on `line`; empty if there is none."""
    return next(_ways([module.tree], name, line), [])


def _ways(way: list[ast.AST], name: str, line: int) -> Iterator[list[ast.AST]]:
    for child in ast.iter_child_nodes(way[-1]):
        if isinstance(child, FUNCTIONS) and child.name == name and child.lineno == line:
            yield [*way, child]
        elif (isinstance(child, ast.stmt) and child.lineno <= line <= (child.end_lineno or line)) or isinstance(
            child, (ast.ExceptHandler, ast.match_case)
        ):
            yield from _ways([*way, child], name, line)
