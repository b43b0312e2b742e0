"""Values that source text alone gives: literals, module constants, and where an imported name comes from.

Expressions and module text in; canonical literals (as `repr` writes them) and dotted origins out. Nothing is
evaluated beyond literals, empty builtin constructors and integer arithmetic of bounded size. A name that is assigned
twice has no known value.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable

_EMPTY = {
    "dict": "{}", "list": "[]", "tuple": "()", "set": "set()", "frozenset": "frozenset()",
    "str": "''", "bytes": "b''", "int": "0", "float": "0.0", "bool": "False",
}  # fmt: skip
_FROM_IMPORT = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]*)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#;]*)", re.MULTILINE)
_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
_LINES_OF_A_CONSTANT = 60


def literal(text: str) -> str | None:
    """Return the value of `text` in canonical form (`1_000` and `1000` are equal), or None if it is no literal.

    `ast.literal_eval` reads the form back, but for an empty frozenset; what has none (`1e999`) is no literal here.
    """
    tree = parse_expression(text)
    try:
        made = None if tree is None else _canonical(tree)
        if made is not None and made != "frozenset()":
            ast.literal_eval(made)
    except (ValueError, TypeError, ZeroDivisionError, RecursionError):
        return None
    return made


def parse_expression(text: str) -> ast.expr | None:
    """Return the tree of one expression, or None if `text` is not one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _canonical(node: ast.expr) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return _EMPTY.get(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _folded(left, op, right)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            parts = [_canonical(item) for item in items]
            return None if None in parts else _bracketed(node, [part for part in parts if part is not None])
    value = ast.literal_eval(node)
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(repr, value))) + "}" if value else "set()"
    return "..." if value is ... else repr(value)


def _bracketed(node: ast.expr, parts: list[str]) -> str:
    inner = ", ".join(parts)
    if isinstance(node, ast.List):
        return f"[{inner}]"
    return f"({inner},)" if len(parts) == 1 else f"({inner})"


def _folded(left: ast.expr, op: ast.operator, right: ast.expr) -> str | None:
    sides = _canonical(left), _canonical(right)
    if any(side is None or not re.fullmatch(r"-?\d{1,18}", side) for side in sides):
        return None
    first, second = (int(side or 0) for side in sides)
    return repr(_ARITHMETIC[type(op)](first, second))


def constant(module: str, name: str) -> str | None:
    """Return the source text that `module` assigns to `name` at its top level, or None unless there is exactly one."""
    if f"\n{name}" not in module and not module.startswith(name):
        return None
    found = list(re.finditer(rf"^{re.escape(name)}[ \t]*(?::[^=\n]*)?(?:[-+*/|&]|//)?=(?!=)", module, re.MULTILINE))
    if len(found) != 1 or found[0].group().rstrip("=")[-1:] in set("-+*/|&"):
        return None
    lines = module[found[0].end() :].split("\n", _LINES_OF_A_CONSTANT)[:_LINES_OF_A_CONSTANT]
    for count in range(1, len(lines) + 1):
        text = "\n".join(lines[:count])
        if parse_expression(text) is not None:
            return text.strip()
    return None


def value_of(module: str, text: str) -> str | None:
    """Return the canonical literal of an expression that is a literal or a name that `module` binds to one."""
    known = literal(text)
    if known is None and text.isidentifier():
        assigned = constant(module, text)
        known = None if assigned is None else literal(assigned)
    return known


def imports(module: str) -> dict[str, str]:
    """Return what each imported name of `module` stands for: `{"wraps": "functools.wraps", "np": "numpy"}`."""
    origins: dict[str, str] = {}
    for source, names in _FROM_IMPORT.findall(module):
        for name, alias in re.findall(r"(\w+)(?:[ \t]+as[ \t]+(\w+))?", re.sub(r"#.*", "", names)):
            origins[alias or name] = f"{source}.{name}"
    for names in _IMPORT.findall(module):
        for name, alias in re.findall(r"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?", names):
            origins[alias or name.split(".")[0]] = name if alias else name.split(".")[0]
    return origins


def origin(module_imports: dict[str, str], name: str) -> str:
    """Return a dotted name with its first part replaced by what it was imported from."""
    head, dot, rest = name.partition(".")
    return module_imports.get(head, head) + dot + rest
