"""One finding as a pytest function that holds the behaviour before: it passes on the version before and fails after.

The finding and the module's text before go in, lines of Python come out. Names and values are taken apart and written
anew, never copied: text of the checked code stays text. What needs objects that nobody knows is written as skipped.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding
from cwm_check.wording import printable, shorten

_WIDTH = 200
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_MAKERS = frozenset({"set", "frozenset", "float", "complex", "bytearray", "range", "tuple", "list", "dict"})
_RETURNS = frozenset({"CWM001", "CWM002"})
_RAISES = frozenset({"CWM003", "CWM004", "CWM005"})
_FORMS = _RETURNS | _RAISES | {"CWM006", "CWM007", "CWM009"}


class Unpinned(Exception):
    """Why no test can hold this finding."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """One test."""

    lines: tuple[str, ...]
    imports: frozenset[str] = frozenset()
    skipped: bool = False


def pinned(finding: Finding, module: ast.Module, name: str) -> Pinned:
    """Return the test `name`; one that is skipped, with the reason, if the call cannot be repeated."""
    try:
        return _test(finding, module, name)
    except Unpinned as error:
        what = f"{error}: {shorten(printable(finding.call or finding.message), _WIDTH)}"
        lines = (f"@pytest.mark.skip(reason={what!a})", f"def {name}():", "    pass")
        return Pinned(lines, frozenset({"pytest"}), skipped=True)


def _test(finding: Finding, module: ast.Module, name: str) -> Pinned:
    if finding.call is None or finding.rule not in _FORMS:
        raise Unpinned("no value of a call to hold")
    if finding.evidence is not Evidence.EXACT:
        raise Unpinned(f"{finding.evidence.value}, it rests on values that nobody knows")
    call = _repeatable(finding.call, module)
    body, imports = list(_body(finding, call)), {call.needs} if call.needs else set()
    given = "capsys" if finding.rule == "CWM007" else ""
    if any("pytest." in line for line in body):
        imports.add("pytest")
    return Pinned((f"def {name}({given}):", *(f"    {line}" for line in body)), frozenset(imports))


def _body(finding: Finding, call: _Call) -> Iterator[str]:
    before, after = finding.before or "", finding.after or ""
    if finding.rule in _RETURNS:
        yield _equal(call.text, before, after if finding.rule == "CWM001" else "")
    elif finding.rule in _RAISES:
        yield from _raises(finding.rule, call.text, before)
    elif finding.rule == "CWM007":
        yield call.text
        yield f'assert "".join(capsys.readouterr()) == {_literal(before)!a}'
    elif finding.rule == "CWM009":
        yield _equal(f"list({call.text})", before, after)
    else:
        yield from _mutates(call, before)


def _equal(expression: str, before: str, after: str) -> str:
    """Return the assertion: `==` where that tells the values apart, else by their texts, as for 1 and True."""
    try:
        one = _literal(before)
    except Unpinned:
        if re.search(r"[<>]| object", before):
            raise
        return f"assert repr({expression}) == {before!a}"
    if one is None:
        return f"assert {expression} is None"
    try:
        differs = _literal(after) != one
    except Unpinned:
        differs = True
    return f"assert {expression} == {one!a}" if differs else f"assert repr({expression}) == {before!a}"


def _raises(rule: str, call: str, before: str) -> Iterator[str]:
    kind, _, message = before.partition("(")
    known = kind if isinstance(getattr(builtins, kind, None), type) else "Exception"
    yield f"with pytest.raises({known}) as caught:"
    yield f"    {call}"
    yield f"assert type(caught.value).__name__ == {kind.rpartition('.')[2]!a}"
    if rule == "CWM005":
        yield f"assert str(caught.value) == {_literal(message[:-1]) if message else ''!a}"


def _mutates(call: _Call, before: str) -> Iterator[str]:
    name, _, state = before.removesuffix(" as it was").partition(" = ")
    if name not in call.arguments:
        raise Unpinned("the state of an object")
    given = call.arguments[name]
    yield f"{name} = {given}"
    yield call.with_name(name)
    yield f"assert {name} == {ascii(_literal(state)) if state else given}"


def _literal(text: str) -> object:
    try:
        return set() if text == "set()" else ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unpinned("a value without a literal") from None


# --- calls


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that anybody can repeat."""

    node: ast.expr
    wrapper: str
    arguments: dict[str, str]
    """Source text of the arguments, by parameter."""

    @property
    def text(self) -> str:
        return self._wrapped(ast.unparse(self.node))

    @property
    def needs(self) -> str:
        return "asyncio" if self.wrapper else ""

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


def _repeatable(text: str, module: ast.Module) -> _Call:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unpinned("the call is shown in words") from None
    if not isinstance(node, ast.Call):
        raise Unpinned("the call is shown in words")
    owner, function, path = _target(node.func, module)
    for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
        _check_known(value)
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
    return _Call(called, wrapper, named)


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
    """Refuse what is no literal, nor made of literals by a builtin type."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id not in _MAKERS:
            raise Unpinned("it needs objects that nobody knows")
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


def _yields(function: _AnyFunction) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
