"""Python source in, the same source with its calls, attributes, items and conditions reported to an observer out.

This is how questions are harvested: what real code asks of objects, with what arguments, and what it gets. The observer
is the global `__observe__` of the instrumented module; the behaviour of the code stays the same.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from cwm_check.codecs.nano import TYPES, type_of_literal
from cwm_check.simulations import Question

_UNTOUCHED = {"super", "locals", "globals", "vars", "dir", "eval", "exec", "print", "type", "property", "cast"}
_LITERAL_TYPES = {type(None), *(getattr(builtins, name) for name in TYPES if name != "NoneType")}
_LONGEST_TARGET, _LONGEST_VALUE, _MOST_ARGUMENTS = 60, 48, 4
_PER_SITE = 10


def instrument(source: str) -> ast.Module:
    """Return the tree of `source` with every question reported."""
    tree = _Reporter().visit(ast.parse(source))
    assert isinstance(tree, ast.Module)
    return ast.fix_missing_locations(tree)


class _Reporter(ast.NodeTransformer):
    """Wraps expressions that are read; annotations, decorators and patterns stay as they are."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        target = ast.unparse(node.func)
        called = node.func
        if isinstance(called, ast.Attribute):
            called.value = self.visit(called.value)
        texts = [ast.unparse(argument)[:_LONGEST_TARGET] for argument in node.args]
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        if target in _UNTOUCHED or len(target) > _LONGEST_TARGET or any(isinstance(a, ast.Starred) for a in node.args):
            return node
        node.args = [called, ast.Constant(target), ast.Constant("\x00".join(texts)), *node.args]
        node.func = ast.Attribute(ast.Name("__observe__", ast.Load()), "call", ast.Load())
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        target = ast.unparse(node.value)
        node = self._visited(node)
        return self._value("getattr", target, repr(node.attr), node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        target, index = ast.unparse(node.value), ast.unparse(node.slice)
        node = self._visited(node)
        is_read = isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice)
        return self._value("getitem", target, index, node) if is_read else node

    def visit_If(self, node: ast.If) -> ast.AST:
        asks = isinstance(node.test, ast.Name | ast.Attribute | ast.Call)
        target = ast.unparse(node.test)
        node = self._visited(node)
        if asks:
            node.test = self._value("truth", target, "", node.test)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [
            self.visit(statement) if isinstance(statement, ast.FunctionDef) else statement for statement in node.body
        ]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return node

    def visit_Match(self, node: ast.Match) -> ast.AST:
        return node

    def _visited(self, node: Any) -> Any:
        return self.generic_visit(node)

    def _value(self, operation: str, target: str, argument: str, node: ast.expr) -> ast.expr:
        if len(target) > _LONGEST_TARGET or len(argument) > _LONGEST_TARGET:
            return node
        observed = ast.Attribute(ast.Name("__observe__", ast.Load()), "value", ast.Load())
        labels: list[ast.expr] = [ast.Constant(text) for text in (operation, target, argument)]
        return ast.Call(observed, [*labels, node], [])


class Observer:
    """Collects questions and what was answered; each place in the code at most a few times."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._answers: dict[tuple[Question, str | None], None] = {}

    def answers(self) -> Iterator[tuple[Question, str | None]]:
        yield from self._answers

    def value(self, operation: Any, target: str, argument: str, value: Any) -> Any:
        if self._is_wanted(operation, target, argument):
            answer = bool(value) if operation == "truth" and type(value) in _LITERAL_TYPES else value
            arguments = (argument,) if argument else ()
            self._add(Question(operation, target, arguments, target), literal(answer))
        return value

    def call(self, called: Callable[..., Any], target: str, texts: str, *arguments: Any, **keywords: Any) -> Any:
        if not self._is_wanted("call", target, texts) or len(arguments) + len(keywords) > _MOST_ARGUMENTS:
            return called(*arguments, **keywords)
        shown = [literal(value) or text for value, text in zip(arguments, texts.split("\x00"), strict=False)]
        shown += [f"{name}={literal(value) or 'value'}" for name, value in keywords.items()]
        result = called(*arguments, **keywords)
        if target == "len":
            self._add(Question("length", texts, (), texts), literal(result))
        else:
            self._add(
                Question("isinstance" if target == "isinstance" else "call", target, tuple(shown), target),
                literal(result),
            )
        return result

    def _is_wanted(self, *place: str) -> bool:
        self._seen[place] += 1
        return self._seen[place] <= _PER_SITE

    def _add(self, question: Question, answer: str | None) -> None:
        self._answers[question, answer] = None


def literal(value: object) -> str | None:
    """Return the `repr` of a short builtin value, None for any other object."""
    if type(value) not in _LITERAL_TYPES:
        return None
    if isinstance(value, list | tuple | dict | set) and len(value) > 8:
        return None
    try:
        text = repr(value)
    except Exception:
        return None
    return text if len(text) <= _LONGEST_VALUE and type_of_literal(text) else None
