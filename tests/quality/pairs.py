"""Labelled pairs from installed packages: functions are picked, edited, and both versions run in a limited subprocess.

A mutant (or a slip: a refactoring with a mutant in it) is kept when some call proved a difference, a rewrite when many
calls ended the same way and some of them reached every statement that it touched.
"""

from __future__ import annotations

import ast
import difflib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from mutants import mutants
from pieces import Edit, Function, Source, applied
from rewrites import rewrites

HERE = Path(__file__).parent
SECONDS = 6  # for the calls of one function
EQUAL, RETURNED = 25, 8  # calls of a rewrite that must end the same, and those of them that return
COMMON = ("temporary", "rename local", "condition named", "helper extracted", "statement")
LEAST, MOST = 4, 60  # lines of a function
Family = Literal["mutant", "rewrite", "slip"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One function before and after a change, with the truth about it."""

    package: str
    path: str
    """Of the module, below the folder of the packages."""
    qualname: str
    family: Family
    kind: str
    after: str
    """The whole module; before, it is the file of the package."""
    label: Literal["changed", "preserved"]
    witness: tuple[str, str, str] | None = None
    """A call, what it did before, and what it does after."""
    equal: int = 0
    """Calls that ended the same."""


def write(pairs: Sequence[Pair], file: Path) -> None:
    file.write_text("".join(json.dumps(asdict(pair)) + "\n" for pair in pairs), encoding="utf-8")


def read(file: Path) -> list[Pair]:
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Pair(**row | {"witness": row["witness"] and tuple(row["witness"])}) for row in rows]


def functions(package: Path) -> Iterator[tuple[Path, str]]:
    """Modules of a package, or the one module, and the functions and methods in them that are worth a change."""
    files = sorted(package.rglob("*.py")) if package.is_dir() else [package]
    for file in files:
        if not {"tests", "tests.py", "test", "__main__.py", "_version.py"} & set(file.parts):
            for qualname, node in _defined(ast.parse(file.read_text(encoding="utf-8"))):
                size = (node.end_lineno or 0) - node.body[0].lineno + 1
                if isinstance(node, ast.FunctionDef) and LEAST <= size <= MOST and not _is_odd(node):
                    yield file, qualname


def _defined(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{n.name}", n) for n in node.body if isinstance(n, Function))


def _is_odd(node: Function) -> bool:
    """Whether the name does not stand for what was written: overloads, setters, other decorators."""
    known = {"staticmethod", "classmethod", "property"}
    return any(ast.unparse(d) not in known for d in node.decorator_list) or node.name in (
        "__new__",
        "__init_subclass__",
    )


def edited(text: str, qualname: str, random: Random) -> list[tuple[Family, str, str]]:
    """Versions of a module with the function changed: family, kind, text; no two of a kind."""
    source = Source(text, qualname)
    kept = _texts("rewrite", source, rewrites(source), random)
    broken = _texts("mutant", source, mutants(source), random)
    slips: list[tuple[Family, str, str]] = []
    for _, kind, other in kept[:2]:
        inside = Source(other, qualname)
        slips += [("slip", f"{kind} and {k}", t) for _, k, t in _texts("slip", inside, mutants(inside), random)[:1]]
    more: list[tuple[Family, str, str]] = []
    for _, kind, other in kept[:1]:
        inside = Source(other, qualname)
        twice = [r for r in _texts("rewrite", inside, rewrites(inside), random) if r[1] != kind and r[2] != text][:1]
        more += [("rewrite", f"{kind}, {k}", t) for _, k, t in twice]
    return [*broken[:4], *slips, *kept[:4], *more]


def _texts(family: Family, source: Source, edits: Iterator[Edit], random: Random) -> list[tuple[Family, str, str]]:
    """One edit of each kind that can be applied, in chance order, but the kinds that fit nearly everywhere last."""
    shuffled = list(edits)
    random.shuffle(shuffled)
    found: dict[str, str] = {}
    for edit in shuffled:
        if edit.kind not in found and (text := applied(source, edit)) is not None:
            found[edit.kind] = text
    kinds = sorted(found, key=lambda kind: kind in COMMON)
    return [(family, kind, found[kind]) for kind in kinds]


def labelled(folder: Path, file: Path, qualname: str, seed: int) -> list[Pair]:
    """The pairs of one function that running them could label."""
    text = file.read_text(encoding="utf-8")
    variants = edited(text, qualname, Random(seed))
    path = file.relative_to(folder)
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    job = {
        "folder": str(folder), "module": module, "qualname": qualname, "texts": [text, *(v[2] for v in variants)],
        "seed": seed, "seconds": SECONDS,
    }  # fmt: skip
    pairs = []
    for (family, kind, after), answer in zip(variants, _observed(job), strict=False):
        witness, equal = answer.get("differs"), answer.get("equal", 0)
        pair = Pair(path.parts[0].removesuffix(".py"), path.as_posix(), qualname, family, kind, after, "changed")
        if family != "rewrite" and witness:
            pairs.append(_with(pair, witness=tuple(witness), equal=equal))
        elif family == "rewrite" and "equal" in answer and not witness and _is_sound(text, after, answer):
            pairs.append(_with(pair, label="preserved", equal=equal))
    return pairs


def _with(pair: Pair, **fields: Any) -> Pair:
    return Pair(**asdict(pair) | fields)


def _observed(job: dict[str, object]) -> list[dict[str, Any]]:
    command = [sys.executable, "-W", "ignore", str(HERE / "observe.py")]
    try:
        run = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        lines = (output if isinstance(output, str) else output.decode()).splitlines()
    else:
        lines = run.stdout.splitlines()
    rows = []
    for line in lines:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def _is_sound(before: str, after: str, answer: dict[str, Any]) -> bool:
    """Whether enough calls ended the same, and every edited line that can be reached on its own was."""
    if answer["equal"] < EQUAL or answer["returned"] < RETURNED:
        return False
    old, new = before.splitlines(), after.splitlines()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            if not _ran(before, range(i + 1, j + 1), answer["before_reached"]):
                return False
            if not _ran(after, range(k + 1, m + 1), answer["reached"]):
                return False
    return True


def _ran(text: str, lines: range, reached: Sequence[int]) -> bool:
    """Whether every simple statement that begins in `lines` ran; imports and definitions count as such."""
    for node in ast.walk(ast.parse(text)):
        simple = isinstance(node, ast.stmt) and not isinstance(
            node, Function | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Try | ast.With | ast.Pass | ast.Global
        )
        if simple and node.lineno in lines and not {*range(node.lineno, _head(node) + 1)} & {*reached}:
            return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return True


def _head(node: ast.stmt) -> int:
    """The last line of a statement before its block."""
    body = getattr(node, "body", None)
    return body[0].lineno - 1 if body else node.end_lineno or node.lineno
