"""The part of a module that a function can need: the text of a module and a name come in, a shorter text goes out.

Only whole top-level statements are taken out, and blank lines take their place, so line numbers stay those of the file.
What binds a needed name stays, and what may change the object behind one: calls, stores, blocks, registrations. When in
doubt a statement stays; a module that works on its own namespace, or does not parse, stays whole.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cwm_check.effects import ModuleIndex, module_index, running_part


def slice_module(source: str, qualname: str) -> str:
    """Return `source` with the top-level statements blanked that the function `qualname` cannot need."""
    index = module_index(source)
    if index is None:
        return source
    kept = {
        line
        for number in _needed(index, qualname)
        for line in range(index.statements[number].first_line, index.statements[number].last_line + 1)
    }
    return "\n".join(text if number in kept else "" for number, text in enumerate(index.lines, start=1))


def needed_modules(source: str, qualname: str, module: str, package: bool) -> tuple[str, ...]:
    """Return the absolute names of the modules that the slice for `qualname` may import, sorted.

    `module` is the dotted name of the module, `package` whether it is an `__init__.py`. What `from` imports may be
    a module too: `from a import b` gives `a` and `a.b`.
    """
    index = module_index(source)
    if index is None:
        return ()
    nodes = [node for number in _needed(index, qualname) for node in index.statements[number].nodes]
    found = {name for node in nodes for name in _imported(node, module, package)}
    return tuple(sorted(found))


def _imported(statement: ast.stmt, module: str, package: bool) -> Iterator[str]:
    for node in _run_time_nodes(statement):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _absolute(node: ast.ImportFrom, module: str, package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parents = parts[: len(parts) - node.level + package]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _run_time_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    return (node for part in running_part(statement) for node in ast.walk(part))


def _needed(index: ModuleIndex, qualname: str) -> set[int]:
    """Return the numbers of the statements that a function needs: all of them if it is not found."""
    everything = set(range(len(index.statements)))
    todo = list(index.by_name.get(qualname.partition(".")[0], ()))
    if not todo:
        return everything
    needed: set[int] = set()
    todo += index.always
    while todo:
        number = todo.pop()
        if number not in needed:
            needed.add(number)
            statement = index.statements[number]
            if statement.reads_all:
                return everything
            todo += [n for name in statement.reads for n in index.by_name.get(name, ())]
            todo += [n for text in statement.texts for n in index.by_text.get(text, ())]
    return needed
