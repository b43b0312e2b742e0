"""What the sandbox is told about one run: the text of a version, the function in it, its arguments as trees.

In: a `Version`, a probe, a world with the values of unknown objects. Out: the job as a dictionary of plain values.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cwm_check.search.targets import Target, nodes, parsed
from cwm_check.search.world import World
from cwm_check.simulations import Argument, Probe

Reader = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the function under test, ready to run."""

    module: str
    """The text that runs: the slice of the module that the function needs, with the line numbers of the file."""
    source: str
    """The whole module."""
    path: str
    target: Target
    read: Reader
    """Text of another file of the repository, or None."""
    earlier_path: str = ""
    """Where the version before it is, if that is another file: the module goes by that name in both."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Names of other modules, and the values that the other version has under such names."""
    absent: set[str] = field(default_factory=set, compare=False)
    """Modules that runs asked for and the repository does not have: later runs are told."""
    hidden: frozenset[str] = frozenset()
    """Private attributes that objects have in one version alone, in place of others: they are not compared."""
    is_made: bool = False
    """Its object must be one that its constructor made: it keeps its state in such attributes."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a debugger asks of a run, at one frame or each time before a line runs: to look, or to change something."""

    text: str
    """An expression to look at; a statement to carry out."""
    frame: int | None = None
    """Index of the frame; None: at each line frame of `line`."""
    line: int = 0
    changes: bool = False


def visits_told(visits: Sequence[Visit]) -> list[list[object]]:
    """Return the visits as the guest reads them."""
    return [[-1 if v.frame is None else v.frame, v.line, v.text, v.changes] for v in visits]


def job(version: Version, probe: Probe, world: World) -> dict[str, Any]:
    """Return the job that runs `probe` on one version."""
    known = version.earlier_path or version.path
    package, earlier_package = package_of(version.path), package_of(known)
    names, star = _bound_names(version.source)
    target = version.target
    return {
        "module": module_name(known)[0],
        "package": package,
        "moved": [] if package == earlier_package else [package, earlier_package],
        "qualname": target.qualname,
        "binding": target.binding,
        "accessor": target.accessor,
        "arguments": _arguments(probe.arguments, world),
        "receiver": probe.receiver or "lazy",
        "made": version.is_made,
        "hidden": sorted(version.hidden),
        "free": sorted(names),
        "open": star,
        "bound": world.bound,
        "objects": sorted(world.objects),
        "absent": sorted(version.absent),
        "filled": {name: sorted(keys) for name, keys in world.filled.items()},
    }


def _arguments(arguments: Sequence[Argument], world: World) -> list[dict[str, Any]]:
    """The arguments as trees; what `*args` takes goes by `args`, `args[1]`, ..."""
    seen: Counter[str] = Counter()
    made = []
    for a in arguments:
        name = f"{a.name}[{seen[a.name]}]" if seen[a.name] else a.name
        seen[a.name] += 1
        tree = world.unknown(name) if a.value is None else {"r": a.value}
        made.append({"name": a.name if a.keyword else name, "tree": tree, "keyword": a.keyword})
    return made


def package_of(path: str) -> str:
    """The dotted name of the package that relative imports of the module at `path` start from."""
    name, is_package = module_name(path)
    return name if is_package else name.rpartition(".")[0] or "program"


def module_name(path: str) -> tuple[str, bool]:
    """The dotted name of the module at `path`, and whether it is a package.

    `src/pkg/mod.py` -> `("pkg.mod", False)`
    """
    inside = path.removeprefix(source_root(path)).removesuffix(".py")
    package = inside.endswith("/__init__") or inside == "__init__"
    inside = inside.removesuffix("__init__").rstrip("/")
    return inside.replace("/", ".") or "program", package


def source_root(path: str) -> str:
    """The folder that imports start from, with a slash: `src/`, `lib/` or nothing."""
    head, _, rest = path.partition("/")
    return f"{head}/" if rest and head in ("src", "lib", "python") else ""


@lru_cache(maxsize=64)
def _bound_names(source: str) -> tuple[frozenset[str], bool]:
    """Names that the top level of a module binds, and whether it imports `*`."""
    names: set[str] = set()
    star = False
    for node in _top_level(parsed(source).body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            star = star or any(a.name == "*" for a in node.names)
            names.update((a.asname or a.name).partition(".")[0] for a in node.names)
        else:
            names.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    for inner in nodes(source):
        if isinstance(inner, ast.Global):
            names.update(inner.names)
    return frozenset(names), star


def _top_level(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in body:
        found.append(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for part in ("body", "orelse", "finalbody"):
            found += _top_level(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", []):
            found += _top_level(handler.body)
    return found
