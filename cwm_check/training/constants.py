"""Questions that source code answers without being run: constants, defaults and annotations of an installed package.

`self.timeout = 30` answers what `timeout` of some object is; `def is_ready(self) -> bool` the type of a call.
Weak evidence, but there is much of it, and names carry over between packages.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from cwm_check.codecs.nano import TYPES, type_of_literal
from cwm_check.simulations import Question

_LONGEST = 48
_MOST_FILES = 150

Known = tuple[Question, str | None, str | None]
"""A question, its value if that is known, its type if only that is known."""


def constants(package: str) -> Iterator[Known]:
    """Yield what the sources of `package` say, each thing once."""
    seen: set[Known] = set()
    for path in _sources(package):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for known in known_in(tree):
            if known not in seen:
                seen.add(known)
                yield known


def _sources(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return []
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py"))[:_MOST_FILES] if spec.submodule_search_locations else [origin]


def known_in(tree: ast.Module) -> Iterator[Known]:
    """Yield what one module says."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[target], value=ast.Constant() | ast.UnaryOp() | ast.List() | ast.Dict() | ast.Tuple() as value
            ):
                yield from _assigned(target, value)
            case ast.AnnAssign(target=target, value=ast.Constant() as value):
                yield from _assigned(target, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _signature(node)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Known]:
    text = ast.unparse(value)
    if len(text) > _LONGEST or type_of_literal(text) is None:
        return
    match target:
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            yield Question("getattr", owner, (repr(name),), f"{owner}.{name}"), text, None
        case ast.Name(id=name):
            yield Question("value", name, (), name), text, None


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Known]:
    arguments = [*node.args.posonlyargs, *node.args.args]
    defaults = node.args.defaults
    pairs = [
        *zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        text = ast.unparse(default) if default is not None else ""
        if 0 < len(text) <= _LONGEST and text != "None" and type_of_literal(text):
            yield Question("value", argument.arg, (), argument.arg), text, None
    for argument in [*arguments, *node.args.kwonlyargs]:
        if kind := _type_of(argument.annotation):
            yield Question("value", argument.arg, (), argument.arg), None, kind
    if (kind := _type_of(node.returns)) and not isinstance(node, ast.AsyncFunctionDef):
        is_method = bool(arguments) and arguments[0].arg in ("self", "cls")
        target = f"{arguments[0].arg}.{node.name}" if is_method else node.name
        shown = tuple(argument.arg for argument in (arguments[1:] if is_method else arguments) if argument.arg)
        yield Question("call", target, shown, f"{target}()"), None, kind


def _type_of(annotation: ast.expr | None) -> str | None:
    """The builtin type that an annotation names; None if it names several or another one."""
    if annotation is None:
        return None
    name = ast.unparse(annotation).strip("'\"").partition("[")[0].rpartition(".")[2]
    name = {"None": "NoneType", "List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "Text": "str"}.get(
        name, name
    )
    return name if name in TYPES else None
