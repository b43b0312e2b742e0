"""Help for the tests of the normal form: make a `ChangedFunction` of two texts, prove it, and run both versions to
see whether the proof is right.
"""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
from collections.abc import Iterator
from textwrap import dedent

from cwm_check.equivalence import prove_same
from cwm_check.pairs import ChangedFunction, FunctionSource

POOL = (0, 3, -1, 2.5, True, None, "", "ab", "x%s", (), (1, 2), ("a",), [3, 1, 2], ["b", "a"], {"a": 1}, b"b")


def proof(before: str, after: str, name: str = "f", because: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """Prove that the function `name` of two modules is the same."""
    texts = dedent(before), dedent(after)
    first, second = (_source(text, name) for text in texts)
    return prove_same(ChangedFunction("pkg/m.py", "pkg/m.py", name, first, second, *texts, (), (), because))


def _source(text: str, name: str) -> FunctionSource:
    node: ast.AST = ast.parse(text)
    owner = None
    for part in name.split("."):
        owner = node.name if isinstance(node, ast.ClassDef) else None
        node = [
            n
            for n in ast.walk(node)
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and n.name == part
        ][-1]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return FunctionSource(name, "", node.lineno, node.lineno, node.end_lineno or 0, "function", owner, ())


def outcomes(text: str, count: int = 60) -> list[str]:
    """Run `f` of a module on values of many types and tell what can be observed of each call."""
    scope: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(dedent(text), "module", "exec"), scope)
    function = scope["f"]
    assert callable(function)
    return [_outcome(function, arguments) for arguments in _arguments(function.__code__.co_argcount, count)]


def _arguments(arity: int, count: int) -> Iterator[list[object]]:
    step = max(1, len(POOL) ** arity // count)
    for values in itertools.islice(itertools.product(POOL, repeat=arity), 0, None, step):
        yield [list(v) if isinstance(v, list) else dict(v) if isinstance(v, dict) else v for v in values]


def _outcome(function: object, arguments: list[object]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            result = function(*arguments)  # type: ignore[operator]
            text = repr(list(itertools.islice(result, 20)) if hasattr(result, "__next__") else result)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
    return f"{text} {arguments!r} {printed.getvalue()!r}"
