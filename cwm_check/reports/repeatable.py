"""A call of a finding as anybody can make it who imports the module: text and the module in, a `Call` out.

It is taken apart and written anew, never copied; what needs objects that nobody knows is refused.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_MAKERS = frozenset({"set", "frozenset", "float", "complex", "bytearray", "range", "tuple", "list", "dict"})
_LIBRARY = {"datetime": "datetime", "Decimal": "decimal.Decimal", "Fraction": "fractions.Fraction"}


class Unpinned(Exception):
    """Why no test can hold this finding."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that anybody can repeat."""

    node: ast.expr
    wrapper: str
    arguments: dict[str, str]
    """Source text of the arguments, by parameter."""

    @property
    def text(self) -> str:
        return self._wrapped(ast.unparse(self.node))

    @property
    def needs(self) -> frozenset[str]:
        """The modules of the library that it names."""
        names = {node.id for node in ast.walk(self.node) if isinstance(node, ast.Name)}
        modules = {dotted.partition(".")[0] for dotted in _LIBRARY.values()}
        return frozenset(names & modules | ({"asyncio"} if self.wrapper else set()))

    def with_name(self, name: str) -> str:
        """Return the call with a variable in the place of the argument of that name."""
        assert isinstance(self.node, ast.Call)
        place = list(self.arguments).index(name)
        count = len(self.node.args)
        args: list[ast.expr] = [ast.Name(name) if i == place else a for i, a in enumerate(self.node.args)]
        keywords = [
            ast.keyword(k.arg, ast.Name(name) if count + i == place else k.value)
            for i, k in enumerate(self.node.keywords)
        ]
        return self._wrapped(ast.unparse(ast.Call(self.node.func, args, keywords)))

    def _wrapped(self, text: str) -> str:
        return f"{self.wrapper}({text})" if self.wrapper else text


def repeatable(text: str, module: ast.Module) -> Call:
    """Return a call as anybody can write it who imports the `module`; raises `Unpinned` if nobody can."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unpinned("the call is shown in words") from None
    if not isinstance(node, ast.Call):
        raise Unpinned("the call is shown in words")
    owner, function, path = _target(node.func, module)
    for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
        _check_known(value)
    node.args = [_dotted(value) for value in node.args]
    node.keywords = [ast.keyword(k.arg, _dotted(k.value)) for k in node.keywords]
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in function.decorator_list}
    on_object = owner is not None and not decorators & {"staticmethod", "classmethod"}
    if owner is not None and on_object:
        path = _on_object(owner, path)
    called: ast.expr = ast.Call(path, node.args, node.keywords)
    if decorators & {"property", "cached_property"}:
        called = path
    parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][
        on_object or "classmethod" in decorators :
    ]
    named = dict(zip(parameters, map(ast.unparse, node.args), strict=False))
    named |= {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg}
    is_async = isinstance(function, ast.AsyncFunctionDef)
    if is_async and _yields(function):
        raise Unpinned("an asynchronous generator")
    wrapper = "asyncio.run" if is_async else ""
    return Call(called, wrapper, named)


def _on_object(owner: ast.ClassDef, path: ast.expr) -> ast.expr:
    """Return how to reach a method on an object; one of a plain class without an initializer can be made here."""
    assert isinstance(path, ast.Attribute)
    makers = {"__init__", "__new__"} & {node.name for node in owner.body if isinstance(node, _FUNCTION)}
    if isinstance(path.value, ast.Call):
        return path
    if makers or owner.bases or owner.keywords or owner.decorator_list:
        raise Unpinned("it needs an object of the class")
    return ast.Attribute(ast.Call(path.value, [], []), path.attr)


_AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


def _target(called: ast.expr, module: ast.Module) -> tuple[ast.ClassDef | None, _AnyFunction, ast.expr]:
    """Return the class, the function and how to reach it from `module`."""
    top = {node.name: node for node in module.body if isinstance(node, (*_FUNCTION, ast.ClassDef))}
    match called:
        case ast.Name(name) if isinstance(found := top.get(name), _FUNCTION):
            return None, found, _of_module(name)
        case ast.Attribute(ast.Name(owner), name):
            path: ast.expr = _of_module(owner)
        case ast.Attribute(ast.Call(ast.Name(owner), args, keywords), name):
            for value in [*args, *(keyword.value for keyword in keywords)]:
                _check_known(value)
            path = ast.Call(_of_module(owner), args, keywords)
        case _:
            raise Unpinned("it is inside another function")
    holder = top.get(owner)
    methods = holder.body if isinstance(holder, ast.ClassDef) else []
    method = next((node for node in methods if isinstance(node, _FUNCTION) and node.name == name), None)
    if not isinstance(holder, ast.ClassDef) or method is None:
        raise Unpinned("it is inside another function")
    return holder, method, ast.Attribute(path, name)


def _of_module(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("module"), name)


def _check_known(value: ast.expr) -> None:
    """Refuse what is no literal, nor made of literals by a builtin type, or one of the library that is known."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id not in _MAKERS | _LIBRARY.keys():
            raise Unpinned("it needs objects that nobody knows")
        if isinstance(node, ast.Attribute) and re.fullmatch(r"datetime\.\w+(\.utc)?", ast.unparse(node)):
            continue
        if not isinstance(
            node,
            ast.Constant
            | ast.Name
            | ast.Call
            | ast.List
            | ast.Tuple
            | ast.Set
            | ast.Dict
            | ast.UnaryOp
            | ast.unaryop
            | ast.BinOp
            | ast.operator
            | ast.expr_context
            | ast.keyword,
        ):
            raise Unpinned("it needs objects that nobody knows")


def _dotted(value: ast.expr) -> ast.expr:
    """Name what is of the library with its module: `Decimal('1')` is `decimal.Decimal('1')`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name):
            node.id = _LIBRARY.get(node.id, node.id)
    return ast.parse(ast.unparse(value), mode="eval").body


def _yields(function: _AnyFunction) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
