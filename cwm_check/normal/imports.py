"""What import statements bind: a statement goes in, the dotted name of the object comes out; objects with several
names have one.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from cwm_check.normal.trees import clone
from cwm_check.normal.values import BUILTINS

_RENAMED = {
    "io.open": "open",
    "six.text_type": "str",
    "six.binary_type": "bytes",
    "six.string_types": "(str,)",
    "six.integer_types": "(int,)",
    "six.class_types": "(type,)",
    "six.PY2": "False",
    "six.PY3": "True",
    "six.unichr": "chr",
    "six.moves.range": "range",
    "six.moves.xrange": "range",
    "six.moves.zip": "zip",
    "six.moves.map": "map",
    "six.moves.filter": "filter",
    "six.moves.input": "input",
    "socket.error": "OSError",
    "socket.timeout": "TimeoutError",
    "select.error": "OSError",
    "asyncio.TimeoutError": "TimeoutError",
    "typing.TYPE_CHECKING": "False",
    "typing_extensions.TYPE_CHECKING": "False",
}
_SAME_OBJECTS = {"EnvironmentError": "OSError", "IOError": "OSError"}


def import_base(node: ast.ImportFrom, path: str) -> str:
    """Return the module of a `from` import, a relative one made absolute: `from ..b import c` in `x/y/z.py` gives
    `x.b`.
    """
    if not node.level:
        return node.module or ""
    folder = PurePosixPath(path).parts[: -node.level]
    if folder[:1] in (("src",), ("lib",)):
        folder = folder[1:]
    dots = "." * max(0, node.level - len(PurePosixPath(path).parts) + 1)
    return dots + ".".join([*folder, *([node.module] if node.module else [])])


def imported(node: ast.stmt, name: str, path: str) -> str | None:
    """Return the dotted name of what an import statement binds to `name`, None for any other statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname == name:
                return alias.name
            if alias.asname is None and alias.name.partition(".")[0] == name:
                return name
    if isinstance(node, ast.ImportFrom) and node.module != "__future__":
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                return f"{import_base(node, path)}.{alias.name}"
    return None


def known_object(dotted: str) -> ast.expr:
    """Return the expression for an imported object; objects with several names have one."""
    dotted = dotted.removeprefix("builtins.") if dotted.count(".") == 1 else dotted
    if dotted in BUILTINS:
        return ast.Name(id=_SAME_OBJECTS.get(dotted, dotted), ctx=ast.Load())
    if dotted in _RENAMED:
        return clone(ast.parse(_RENAMED[dotted], mode="eval").body)
    return ast.Name(id=f":{dotted}", ctx=ast.Load())
