"""What the user points at, `FILE::QUALNAME` and `f(3, "a")`, as records: the function with its module, and a probe.

Text in, a `Subject` and `Probe` records out. Nothing is run or imported here.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cwm_check.changes import FileChange
from cwm_check.errors import CwmCheckError
from cwm_check.extraction.functions import pair_functions
from cwm_check.git import find_root
from cwm_check.kinds import nearest
from cwm_check.pairs import ChangedFunction, FunctionSource
from cwm_check.probing.calls import bind, called_name, called_names
from cwm_check.probing.repository import find_calls
from cwm_check.simulations import Argument, Probe
from cwm_check.sources.texts import decode
from cwm_check.sources.trees import Tree, work_tree
from cwm_check.syntax import own_parameters

_FILES_READ, _LARGEST = 500, 200_000  # files that are searched for calls, characters of one
_CALLABLE = frozenset(
    "abs bool bytearray bytes chr complex dict divmod float frozenset int len list max min ord pow range repr reversed "
    "round set sorted str sum tuple zip True False None".split()
)


@dataclass(frozen=True, slots=True)
class Subject:
    """One function as it stands, or two versions of it."""

    function: ChangedFunction
    read_before: Callable[[str], str | None]
    read_after: Callable[[str], str | None]
    """Text of another file of the repository, or None."""
    tree: Tree
    """The files in which calls are looked for."""

    @property
    def calls(self) -> tuple[str, ...]:
        """Calls of the function, and of its class, in the repository."""
        names = called_names(self.function.after.qualname)
        paths = sorted(self.tree.paths(), key=lambda p: ("test" not in p, p))[:_FILES_READ]
        texts = ((p, t) for p in paths if (t := self.tree.read(p)) is not None and len(t) < _LARGEST)
        found = find_calls(texts, names)
        return tuple(call for name in names for call in found.get(name, ()))


def subject_at(text: str, folder: Path) -> Subject:
    """Return the function that `FILE::QUALNAME` names, as it stands in the work tree."""
    name, colons, qualname = text.partition("::")
    if not colons or not name or not qualname:
        raise CwmCheckError(f"{text}: expected FILE::QUALNAME, for instance shop.py::Cart.total")
    path = folder / name
    try:
        module = decode(path.read_bytes()).text
    except OSError as error:
        raise CwmCheckError(f"cannot read {name}: {error.strerror}") from error
    if module is None:
        raise CwmCheckError(f"cannot read {name}: not a text file")
    label, tree = _place(path, name, folder)
    function = _function(FileChange(label, label, None, module), qualname)
    tree = tree.with_texts({label: module})
    same = ChangedFunction(label, label, qualname, function, function, module, module, (), ())
    return Subject(same, tree.read, tree.read, tree)


def _place(path: Path, name: str, folder: Path) -> tuple[str, Tree]:
    """The path inside the repository, and its files; the name as it was given where there is none."""
    try:
        root = find_root(folder)
        return path.resolve().relative_to(root.resolve()).as_posix(), work_tree(root)
    except (CwmCheckError, ValueError):
        return Path(name).as_posix(), Tree()


def _function(change: FileChange, qualname: str) -> FunctionSource:
    found = pair_functions(change)
    if found.problem is not None:
        raise CwmCheckError(f"{change.path}: {found.problem}")
    known = {f.qualname: f for f in found.added}
    if qualname not in known:
        outer = [name for name in known if qualname.startswith(f"{name}.")]
        hint = f"; it is inside {outer[0]}: name that one" if outer else nearest(qualname, known)
        raise CwmCheckError(f"{change.path} has no function {qualname}{hint}")
    return known[qualname]


def pick(functions: Sequence[ChangedFunction], wanted: str | None) -> ChangedFunction:
    """Return the changed function that `wanted` names, as `FILE::QUALNAME` or `QUALNAME`, or the only one."""
    if not functions:
        raise CwmCheckError("no function changed")
    names = {f"{f.path}::{f.qualname}": f for f in functions}
    found = [f for n, f in names.items() if wanted is None or wanted in (n, f.qualname)]
    if wanted is not None and not found:
        raise CwmCheckError(f"no changed function is called {wanted}{nearest(wanted, names)}")
    edited = [f for f in found if not f.because] or found
    if len(edited) > 1:
        raise CwmCheckError(f"{len(edited)} functions changed, name one: {', '.join(_named(edited))}")
    return edited[0]


def _named(functions: Iterable[ChangedFunction]) -> list[str]:
    names = [f"{f.path}::{f.qualname}" for f in functions]
    return [*names[:8], *(["..."] if len(names) > 8 else [])]


def probe_from(call: str, function: FunctionSource) -> Probe:
    """Return the probe that a call as one would type it asks for; a bare name stands for an unknown value.

    `Account(10).pay(3, note=x)` -> receiver `Account(10)`, the arguments 3 and an unknown `note`.
    """
    tree = _parsed(call)
    name = called_name(function.qualname)
    if not isinstance(tree, ast.Call) or _called(tree.func) != name:
        raise CwmCheckError(f"--call {call}: expected a call of {name}, such as {name}({_example(function)})")
    if any(isinstance(a, ast.Starred) for a in tree.args) or any(k.arg is None for k in tree.keywords):
        raise CwmCheckError(f"--call {call}: write the arguments out, without * and **")
    for value in (*tree.args, *(k.value for k in tree.keywords)):
        _check(value)
    arguments = bind(ast.unparse(ast.Call(ast.Name(name), tree.args, tree.keywords)), own_parameters(function))
    if arguments is None:
        raise CwmCheckError(f"--call {call}: the arguments do not fit {name}({_example(function)})")
    owner = tree.func.value if isinstance(tree.func, ast.Attribute) else None
    receiver = ast.unparse(owner) if isinstance(owner, ast.Call) else None
    return Probe(tuple(_unknown_name(a) for a in arguments), "given", receiver)


def _parsed(call: str) -> ast.expr:
    try:
        return ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise CwmCheckError(f"--call {call}: not a Python expression") from error


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _check(value: ast.expr) -> None:
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    if not isinstance(value, ast.Name) and names - _CALLABLE:
        strange = min(names - _CALLABLE)
        raise CwmCheckError(
            f"--call: {ast.unparse(value)} uses {strange}; only literals and builtin functions make a value, "
            "and a bare name stands for an unknown one"
        )


def _unknown_name(argument: Argument) -> Argument:
    is_name = (argument.value or "").isidentifier() and not hasattr(builtins, argument.value or "")
    return Argument(argument.name, None, argument.keyword) if is_name else argument


def _example(function: FunctionSource) -> str:
    return ", ".join(p.name for p in own_parameters(function))
