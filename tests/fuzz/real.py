"""`python -m tests.fuzz.real [--files N]`: real files of installed packages against themselves with faults in them.

Each file is checked as a change of its package: static tiers only, or with runs in the sandbox or by the world model.
What must hold: no crash, no hang, exactly one verdict for each function, a reason for each that is skipped, and
reports in every format. Exit code 1 and the file where something does not hold; verdicts and the slowest files else.
"""

from __future__ import annotations

import argparse
import ast
import io
import keyword
import random
import signal
import sys
import sysconfig
import time
import tokenize
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from cwm_check import trials
from cwm_check.changes import FileChange
from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.errors import AnalysisError
from cwm_check.extraction.functions import pair_functions
from cwm_check.extraction.slices import slice_module
from cwm_check.git import ChangeSet
from cwm_check.layout import same_text
from cwm_check.literals import parse_expression
from cwm_check.probing.probes import synthesize
from cwm_check.reports import REPORTS
from cwm_check.sources.texts import decode, file_change
from cwm_check.sources.trees import Tree
from cwm_check.verdicts import CheckResult

MOST = 120  # processor seconds of one file, besides what its runs may take: more is a hang
EDITS = (1, 8)  # faults in one file
TRIES = 4  # to make faults with which it parses
Place = tuple[int, int, int, str]
"""Line, columns, and what else could be there."""
OTHER = {
    **{"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "//", "/": "*"},
    **{"and": "or", "or": "and", "True": "False", "False": "True", "None": "0", "if": "while", "is": "==", "in": "=="},
    **{"return": "yield", "break": "continue", "continue": "break", "def": "async def", "raise": "return", "not": ""},
    **{"min": "max", "len": "sum", "str": "repr", "list": "tuple", "self": "cls", "not in": "in", "=": "+="},
}


class Hang(BaseException):
    """A file took more processor time than any may."""


def files(seed: int, largest: int) -> list[tuple[Path, Path]]:
    """Return folder and file of all modules of this installation, shuffled."""
    folders = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
    found = {file: folder for folder in sorted(folders) for file in folder.rglob("*.py")}  # the deepest folder wins
    pairs = [(folder, file) for file, folder in sorted(found.items()) if 100 < file.stat().st_size < largest]
    random.Random(seed).shuffle(pairs)
    return pairs


def faulty(text: str, chance: random.Random) -> str:
    """Return the text with some tokens or lines changed; it mostly parses still."""
    places = list(_places(text))
    for _ in range(TRIES):
        changed = _with_faults(text, places, chance)
        if _parses(changed) or not _parses(text):
            break
    return changed


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _with_faults(text: str, places: Sequence[Place], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    edits: dict[int, tuple[int, int, str]] = {}
    for _ in range(chance.randint(*EDITS)):
        if places:
            row, start, end, other = chance.choice(places)
            edits[row] = start, end, other
    for row, (start, end, other) in edits.items():
        line = lines[row]
        if chance.random() < 0.15:
            indent = line[: len(line) - len(line.lstrip())]
            lines[row] = chance.choice((f"{indent}pass\n", "", line + line, f"{indent}return None\n"))
        else:
            lines[row] = line[:start] + other + line[end:]
    return "".join(lines)


def _places(text: str) -> Iterator[Place]:
    """Yield tokens that can be something else."""
    names = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            (row, start), (last, end) = token.start, token.end
            if row != last:
                continue
            if token.string in OTHER:
                yield row - 1, start, end, OTHER[token.string]
            elif token.type == tokenize.NUMBER:
                yield row - 1, start, end, f"{token.string}0" if token.string.isdigit() else "0"
            elif token.type == tokenize.STRING and len(token.string) > 3:
                yield row - 1, start, end, token.string[:-2] + token.string[-1]
            elif token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                names.append(token.string)
                if len(names) % 5 == 0:
                    yield row - 1, start, end, names[len(names) // 2]
    except (tokenize.TokenError, SyntaxError):
        return


def change_of(folder: Path, file: Path, chance: random.Random) -> tuple[FileChange, ChangeSet] | None:
    """Return a file against itself with faults, in its package; None if it is as it was or no text."""
    path = file.relative_to(folder).as_posix()
    before = decode(file.read_bytes())
    if before.text is None:
        return None
    after = decode(faulty(before.text, chance).encode("utf-8", "surrogatepass"))
    change = file_change(path, path, before, after)
    if change is None:
        return None
    top = folder / file.relative_to(folder).parts[0]
    beside = {f.relative_to(folder).as_posix(): str(f) for f in top.rglob("*.py")} if top.is_dir() else {}
    sides = (Tree(lambda: beside, lambda key: Path(key).read_bytes(), {path: text.text}) for text in (before, after))
    return change, ChangeSet((change,), *sides)


def judged(change: FileChange, changes: ChangeSet, config: Config) -> CheckResult:
    """Return what the check says, after all that must hold of it was looked at."""
    result = check(changes, config)
    found = pair_functions(change)
    expected = Counter(f.qualname for f in (*found.changed, *found.added, *found.removed))
    told = Counter(v.qualname for v in result.verdicts)
    if same_text(change.before or "", change.after or ""):
        expected = Counter()
    if not [p for p in result.problems if found.problem is None]:  # else the time was over before its functions
        assert told == expected, f"verdicts: {told - expected} too many, {expected - told} missing"
    assert all(v.kind != "skipped" or v.reason for v in result.verdicts), "skipped without a reason"
    changed = {v.qualname: v for v in result.verdicts if v.kind == "changed"}
    told_elsewhere = {v.reason.removeprefix("told of ") for v in changed.values() if not v.findings}
    assert told_elsewhere <= changed.keys(), "changed without a finding"
    assert not result.broken, result.broken
    for function in found.changed:
        slice_module(function.after_module, function.qualname)
        for probe in synthesize(function, (), 12):
            for argument in probe.arguments:
                assert argument.value is None or parse_expression(argument.value) is not None, argument
    for name, render in REPORTS.items():
        out = io.StringIO()
        render(result, out)
        out.getvalue().encode("utf-8")
        assert out.getvalue() or name == "concise" or name == "github", name
    return result


def _off(announce: object) -> str:
    raise AnalysisError("static tiers only")


def _over(signum: int, frame: object) -> None:
    raise Hang(f"more than {MOST} s")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.real", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="how many files of that seed to leave out")
    parser.add_argument("--largest", type=int, default=400_000, help="bytes of a file")
    parser.add_argument("--simulate", choices=("none", "hybrid", "neural"), default="none")
    parser.add_argument("--seconds", type=float, default=10, help="for the runs of one file")
    parser.add_argument("--most", type=float, help="seconds for all")
    options = parser.parse_args()
    is_static = options.simulate == "none"
    if is_static:
        trials.native_code = _off
    config = Config(
        simulate="hybrid" if is_static else options.simulate,
        model="assumed" if is_static else "nano",
        probes=4,
        time_budget=10**6 if is_static else options.seconds,
        jobs=1,
        no_cache=True,
    )
    signal.signal(signal.SIGPROF, _over)
    warnings.simplefilter("ignore")  # of what is parsed
    kinds: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    checked = failed = 0
    begun = time.monotonic()
    for number, (folder, file) in enumerate(files(options.seed, options.largest)[options.start :], options.start):
        if checked == options.files or (options.most and time.monotonic() - begun > options.most):
            break
        used = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, MOST + options.seconds)
        try:
            made = change_of(folder, file, random.Random(f"{options.seed} {number}"))
            if made is None:
                continue
            checked += 1
            result = judged(*made, config)
            kinds.update(v.kind if v.kind != "skipped" else f"skipped: {v.reason}" for v in result.verdicts)
            kinds.update(f"file: {p.reason}" for p in result.problems)
        except (Exception, Hang) as error:
            failed += 1
            told = traceback.format_exception_only(error)[-1].strip()
            print(f"FAILED {file} (--largest {options.largest} --start {number} --files 1): {told}", flush=True)
            traceback.print_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        slowest.append((time.process_time() - used, f"{file.relative_to(folder)} ({number})"))
    seconds = f"{time.process_time():.0f} s of a processor, {time.monotonic() - begun:.0f} s"
    print(f"{checked} files, {sum(kinds.values())} verdicts, {failed} failed, {seconds}")
    for kind, count in kinds.most_common():
        print(f"  {count:6} {kind}")
    for used, name in sorted(slowest, reverse=True)[:5]:
        print(f"  {used:6.1f} s {name}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
