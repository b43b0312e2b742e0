"""Real functions of installed packages, and mutants of them, on synthesized inputs: steps of code that people wrote.

A function is taken from its source alone, if it needs no more than builtins; its parameters get random values.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from random import Random

from cwm_check.training import values
from cwm_check.training.isolation import OutOfTimeError, time_limit
from cwm_check.training.steps import Example, operation_examples
from cwm_check.training.tracer import Bounds, trace_call

MODULES = """
    textwrap string shlex difflib calendar argparse html posixpath ntpath fnmatch colorsys statistics heapq
    copy base64 quopri mimetypes urllib.parse json.decoder email.utils email.quoprimime stringprep tokenize
    keyword locale gettext optparse pprint boltons.strutils boltons.iterutils boltons.mathutils boltons.listutils
    more_itertools.more more_itertools.recipes toolz.itertoolz inflection networkx.utils.misc
    sympy.utilities.iterables sympy.ntheory.factor_ sympy.core.numbers pygments.util idna.core werkzeug.utils
    werkzeug.http humanize.filesize humanize.number tabulate docutils.utils.roman jinja2.utils cachetools.keys
"""
_NAMES = {
    "str": "text s string name path p line value key",
    "int": "n i x",
    "ints": "seq a lst iterable",
    "strs": "words",
}
_KIND_OF_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_KINDS = ("str", "int", "ints", "strs", "str", "counts")
_PAIRS: tuple[tuple[type, type], ...] = (
    (ast.Add, ast.Sub),
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
)
_SWAPS = dict(_PAIRS) | {after: before for before, after in _PAIRS} | {ast.Mult: ast.Add}
_SECONDS = 2.0


@functools.cache
def sources() -> tuple[str, ...]:
    """Return the sources of all pure-looking functions of `MODULES`, normalised to one statement a line."""
    found = {
        ast.unparse(node): None for module in MODULES.split() for node in _functions(module) if _is_self_contained(node)
    }
    return tuple(found)


def _functions(module: str) -> Iterator[ast.FunctionDef]:
    path = _path(module)
    if path is None:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def _path(module: str) -> Path | None:
    """The source file of `module`, found without importing the packages that hold it."""
    package, *inner = module.split(".")
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent.joinpath(*inner).with_suffix(".py") if inner else Path(spec.origin)
    return path if path.suffix == ".py" and path.exists() else None


def _is_self_contained(node: ast.FunctionDef) -> bool:
    """True if the function reads builtins and its own variables alone, and neither yields nor has decorators."""
    if node.decorator_list or any(
        isinstance(child, ast.Yield | ast.YieldFrom | ast.Global | ast.Await) for child in ast.walk(node)
    ):
        return False
    bound = {
        child.id for child in ast.walk(node) if isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Load)
    }
    bound |= {child.arg for child in ast.walk(node) if isinstance(child, ast.arg)} | {node.name}
    bound |= {child.name for child in ast.walk(node) if isinstance(child, ast.ExceptHandler) and child.name}
    read = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    unsafe = {"open", "input", "exec", "eval", "__import__", "print", "breakpoint", "self", "cls"}
    return read <= bound | set(dir(builtins)) and not read & unsafe and 2 < len(node.body) < 40


def examples(random: Random) -> Iterator[Example]:
    """Yield examples of steps of real functions and of their mutants, without end."""
    known = sources()
    while known:
        source = random.choice(known)
        if random.random() < 0.5:
            source = mutate(source, random)
        node = ast.parse(source).body[0]
        assert isinstance(node, ast.FunctionDef)
        for _ in range(4):
            yield from _steps_of_call(source, _call(node, random), random)


def _call(node: ast.FunctionDef, random: Random) -> str:
    required = len(node.args.args) - len(node.args.defaults)
    kinds = (_KIND_OF_NAME.get(argument.arg, random.choice(_KINDS)) for argument in node.args.args[:required])
    return f"{node.name}({', '.join(repr(values.value(random, kind)) for kind in kinds)})"


def _steps_of_call(source: str, call: str, random: Random) -> list[Example]:
    try:
        with time_limit(_SECONDS):
            trace = trace_call(source, call, Bounds(frames=60, repr_length=90))
    except (OutOfTimeError, Exception):
        return []
    made = [step for step in operation_examples(trace) if step.type != "object"]
    if len(made) < 2:
        return []
    return random.sample(made, min(10, len(made)))


def mutate(source: str, random: Random) -> str:
    """Return `source` with one operator swapped or one small number changed; itself if it has none."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    random.shuffle(nodes)
    for node in nodes:
        match node:
            case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in _SWAPS:
                node.op = _SWAPS[type(operator)]()
            case ast.Compare(ops=[operator]) if type(operator) in _SWAPS:
                node.ops = [_SWAPS[type(operator)]()]
            case ast.Constant(value=int() as number) if not isinstance(number, bool):
                node.value = number + random.choice((-1, 1))
            case _:
                continue
        return ast.unparse(tree)
    return source
