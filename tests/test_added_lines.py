"""A finding points at a line that the diff adds, as code hosts see it: over random edits, with git as the judge."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Repository
from examples import comparison
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cwm_check.changes import FileChange
from cwm_check.extraction.functions import pair_functions
from cwm_check.facts import find_facts
from cwm_check.findings import findings_for
from cwm_check.reports import sarif
from cwm_check.simulations import Difference
from cwm_check.sources.lines import changed_lines, only_added
from cwm_check.sources.plumbing import added_lines
from cwm_check.trace import Evidence
from cwm_check.verdicts import CheckResult, Verdict

# Few different lines, many times: that is where two right diffs differ.
STATEMENTS = (
    "x = 1",
    "x = 2",
    "",
    "if x:\n        x = 1",
    "return x",
    "'''text\n    over lines'''",
    "# comment",
    "x += 1",
)
FUNCTION = st.tuples(
    st.sampled_from(("def f(x=1):", "def f(x=2):", "@d\ndef f(\n    x=1,\n):", "def g(x, y):", "def g(x):")),
    st.lists(st.sampled_from(STATEMENTS), max_size=8),
)
MODULE = st.lists(FUNCTION, min_size=1, max_size=4)


def text_of(functions: list[tuple[str, list[str]]]) -> str:
    """Return a module; each name stands once."""
    named = {head.partition("(")[0][-1]: (head, body) for head, body in functions}
    lines = [
        line for head, body in named.values() for line in (head, *(f"    {part}" for part in body), "    pass", "")
    ]
    return "\n".join(lines) + "\n"


def hosted(folder: Path, before: str, after: str) -> set[int]:
    """Return the lines that a whole diff of two files marks with a plus, counted by hand."""
    for name, text in (("before.py", before), ("after.py", after)):
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["git", "diff", "--no-index", "before.py", "after.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    found, number = set(), 0
    for line in done.stdout.split("\n"):
        if start := re.match(r"@@ -\S+ \+(\d+)", line):
            number = int(start[1]) - 1
        elif number >= 0 and line[:1] in ("+", " ") and not line.startswith("+++"):
            number += 1
            found |= {number} if line[0] == "+" else set()
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def blob(folder: Path, text: str) -> str:
    command = ["git", "hash-object", "-w", "--stdin"]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=True).stdout.strip()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=MODULE, after=MODULE, wanted=st.integers(0, 40))
def test_a_region_is_an_added_line_or_the_finding_says_that_it_is_not(
    store: Path, before: list[tuple[str, list[str]]], after: list[tuple[str, list[str]]], wanted: int
) -> None:
    texts = text_of(before), text_of(after)
    shown = added_lines(store, *(blob(store, text) for text in texts))
    removed, added = changed_lines(*texts)
    pairs = pair_functions(FileChange("a.py", "a.py", *texts, added, removed))
    truth = hosted(store, *texts)
    assert set(shown) == truth
    for function in pairs.changed:
        told = [comparison(Difference("return", "", "1", "2"), after_line=wanted)]
        findings = findings_for(function, find_facts(function), told, shown, threshold=0)
        verdict = Verdict("a.py", function.qualname, "changed", Evidence.EXACT, 1.0, 1, findings=findings)
        out = io.StringIO()
        sarif.render(CheckResult((verdict,), sources=(("a.py", texts[1]),)), out)
        inside = range(function.after.first_line, function.after.last_line + 1)
        for result in json.loads(out.getvalue())["runs"][0]["results"]:
            region = result["locations"][0]["physicalLocation"]["region"]
            assert set(region) == {"startLine"}
            assert region["startLine"] in inside
            assert result["properties"]["onAddedLine"] == (region["startLine"] in truth) == bool(truth & set(inside))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=MODULE, place=st.integers(0, 40), cut=st.integers(0, 3), new=st.lists(st.sampled_from("abc"), max_size=3))
def test_where_one_diff_alone_is_right_it_is_gits(
    store: Path, before: list[tuple[str, list[str]]], place: int, cut: int, new: list[str]
) -> None:
    lines = text_of(before).splitlines(keepends=True)
    lines[place : place + cut] = [f"    {name} = new\n" for name in new]
    texts = text_of(before), "".join(lines)
    known = only_added(*(text.encode() for text in texts))
    assert known in (None, added_lines(store, *(blob(store, text) for text in texts)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("a\nb\nc\n", "a\nx\ny\nc\n", (2, 3), id="two new lines in the place of one"),
        pytest.param("a\nc\n", "a\nb\nc\n", (2,), id="a new line"),
        pytest.param("a\nb\nc\n", "a\nc\n", (), id="a line less"),
        pytest.param("a\nc\n", "a\na\nc\n", None, id="either could be the new one"),
        pytest.param("a\na\nc\n", "a\nc\n", None, id="either could have gone"),
        pytest.param("a\nb\nc\n", "x\nb\ny\n", None, id="two places: git may join them"),
        pytest.param("a\nb\n", "b\na\n", None, id="moved"),
        pytest.param("a\nb", "a\nc\n", None, id="no end of the last line"),
        pytest.param("a\r\nb\r\n", "a\r\nc\r\n", (2,), id="a line feed alone ends a line"),
    ],
)
def test_lines_that_every_diff_adds(before: str, after: str, expected: tuple[int, ...] | None) -> None:
    assert only_added(before.encode(), after.encode()) == expected


def test_the_diff_of_a_range_is_gits_own_whatever_its_configuration(repo: Callable[..., Repository]) -> None:
    from cwm_check.git import Range, Staged, WorkTree, read_changes

    made = repo({"a.py": "a = 1\nb = 1\n\n\nc = 1\n", "b.py": "x = 1\n"})
    for name, value in (("algorithm", "patience"), ("noprefix", "true"), ("context", "9"), ("interHunkContext", "99")):
        made.git("config", f"diff.{name}", value)
    made.git("config", "color.ui", "always")
    made.commit({"a.py": "a = 2\nb = 1\n\n\nc = 2\nd = 3\n", "new.py": "x = 1\n"})
    made.write({"b.py": "x = 2\n"})

    ranged = read_changes(Range("HEAD~1", "HEAD", three_dot=False), made.root, ()).shown_lines
    assert [ranged(name) for name in ("a.py", "new.py", "b.py")] == [(1, 5, 6), None, None]
    assert read_changes(WorkTree(), made.root, ()).shown_lines("b.py") is None
    made.git("add", "b.py")
    assert read_changes(Staged(), made.root, ()).shown_lines("b.py") == (1,)
