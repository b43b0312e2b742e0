"""The harness itself: edits land where they should, labels are true, and the tables count."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import history
import pytest
from judge import judge
from mutants import mutants
from pairs import Pair, labelled, read, write
from pieces import Source, applied
from rewrites import rewrites
from scores import Judged, coverage_line, evidence_table, insert, reliability_table, score_table

from cwm_check.config import Config

TEXT = '''import math


def total(items, discount=0):
    """The sum."""
    result = 0
    for item in items:
        if item > 3:
            result = result + 1
    if not (result == 1 or discount):
        return "{} of {}".format(result, discount)
    elif result > 7:
        return math.floor(result)
    return result - discount
'''


def edits(kind: str, text: str = TEXT, qualname: str = "total") -> list[str]:
    source = Source(text, qualname)
    return [
        t for e in (*mutants(source), *rewrites(source)) if e.kind == kind and (t := applied(source, e)) is not None
    ]


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("comparison", "item > 3", "item >= 3"),
        ("operator", "result - discount", "result + discount"),
        ("default", "discount=0", "discount=1"),
        ("name", "x.lower()", "x.upper()"),
        ("De Morgan", "not (result == 1 or discount)", "(result != 1 and (not discount))"),
        ("f-string", '"{} of {}".format(result, discount)', "f'{result} of {discount}'"),
        ("augmented", "result = result + 1", "result += 1"),
        ("import moved", "    result = 0\n", "    import math\n    result = 0\n"),
    ],
)
def test_an_edit_changes_one_place_and_leaves_the_rest_as_written(kind: str, old: str, new: str) -> None:
    text = TEXT if old in TEXT else f"def total(x):\n    return {old}\n"
    assert text.replace(old, new) in edits(kind, text)


@pytest.mark.parametrize(
    ("kind", "body", "new"),
    [
        ("early return", "if a:\n    return 1\nelse:\n    b = 2\n    return b", "if a:\n    return 1\nb = 2\nreturn b"),
        ("branches swapped", "if a:\n    b = 1\nelse:\n    b = 2", "if not a:\n    b = 2\nelse:\n    b = 1"),
        ("ternary", "if a:\n    return 1\nelse:\n    return 2", "return 1 if a else 2"),
        ("comprehension", "b = []\nfor x in a:\n    b.append(x + 1)", "b = [x + 1 for x in a]"),
        ("loop", "return any(x > 1 for x in a)", "for x in a:\n    if x > 1:\n        return True\nreturn False"),
        ("unpacking", "b = a\nc = 1", "b, c = (a, 1)"),
        (
            "guard clause",
            "for x in a:\n    if x:\n        print(x)",
            "for x in a:\n    if not x:\n        continue\n    print(x)",
        ),
        ("temporary", "return len(a)", "result = len(a)\nreturn result"),
    ],
)
def test_a_rewrite_of_statements(kind: str, body: str, new: str) -> None:
    before, after = (f"def f(a):\n    {text.replace(chr(10), chr(10) + '    ')}\n" for text in (body, new))
    assert after in edits(kind, before, "f")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("unpacking", "b = a\nc = b"),  # the second needs the first
        ("comprehension", "b = []\nfor x in a:\n    b.append(len(b))"),
        ("rename local", "exec('b = 1')\nb = 2\nreturn b"),
        ("branches swapped", "if a:\n    b = 1\nelif c:\n    b = 2"),
        ("f-string", "return '{:>4}'.format(a)"),
        ("membership", "return a in (1, b)"),
    ],
)
def test_what_would_not_keep_the_behaviour_is_no_rewrite(kind: str, body: str) -> None:
    before = f"def f(a, c):\n    {body.replace(chr(10), chr(10) + '    ')}\n"
    assert edits(kind, before, "f") == []


def test_labels_are_proved_by_running_both_versions(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(TEXT)
    pairs = labelled(tmp_path, tmp_path / "shop.py", "total", seed=1)
    assert {p.label for p in pairs if p.family == "rewrite"} == {"preserved"}
    assert {p.label for p in pairs if p.family in ("mutant", "slip")} == {"changed"}
    assert min(p.equal for p in pairs if p.family == "rewrite") >= 25
    for pair in pairs:
        if pair.witness:
            call, before, after = pair.witness
            assert before != after
            assert _shown(TEXT, call) != _shown(pair.after, call)


def _shown(text: str, call: str) -> str:
    """What a call prints in a process of its own."""
    ending = f"\ntry:\n    print(repr({call}))\nexcept Exception as error:\n    print(repr(error))\n"
    return subprocess.run([sys.executable, "-c", text + ending], capture_output=True, text=True, check=True).stdout


def _row(label: str, verdict: str, confidence: float = 1.0) -> Judged:
    return Judged("mutant", "constant", "p", "p.py", "f", label, verdict, "exact", confidence, 0.5)  # type: ignore[arg-type]


def test_a_skipped_change_is_a_miss_and_a_skipped_rewrite_is_none() -> None:
    rows = [
        _row("changed", "changed"),
        _row("changed", "skipped"),
        _row("preserved", "skipped"),
        _row("preserved", "same"),
    ]
    assert [*score_table(rows)][-1] == "| all | 4 | 1 | 0 | 1 | 0 | 1 | 1.000 | 0.500 | 0.667 | 0.500 | 0.50 / 0.50 |"


def test_false_verdicts_are_counted_by_evidence_and_confidence() -> None:
    rows = [_row("changed", "changed", 0.85), _row("preserved", "changed", 0.85), _row("changed", "unchanged", 0.5)]
    assert [*evidence_table(rows)][2:] == [
        "| changed | exact | 2 | 1 | 0.500 |",
        "| unchanged | exact | 1 | 0 | 0.000 |",
    ]
    assert [*reliability_table(rows)][2:] == [
        "| changed | 0.8 to 0.9 | 2 | 0.85 | 0.500 |",
        "| unchanged | 0.5 to 0.6 | 1 | 0.50 | 0.000 |",
    ]


def test_coverage_counts_where_a_probe_ran() -> None:
    rows = [
        replace(_row("changed", "changed"), coverage=c, probes=p) for c, p in ((1.0, 3), (0.5, 1), (1.0, 2), (0.0, 0))
    ]
    told = "Changed lines reached, where a probe ran (3 pairs): median 1.00, all of them in 0.667."
    assert coverage_line(rows) == told


def test_pairs_survive_the_file(tmp_path: Path) -> None:
    pair = Pair("p", "p.py", "f", "slip", "temporary and name", "pass\n", "changed", ("f()", "1", "2"), 3)
    write([pair], tmp_path / "pairs.jsonl")
    assert read(tmp_path / "pairs.jsonl") == [pair]
    assert json.loads((tmp_path / "pairs.jsonl").read_text())["family"] == "slip"


def test_the_tool_judges_a_pair_inside_its_package(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(TEXT)
    pairs = [("rewrite", "temporary", "preserved"), ("mutant", "operator", "changed")]
    told = [
        judge(Pair("shop", "shop.py", "total", family, kind, edits(kind)[0], label), tmp_path, Config())  # type: ignore[arg-type]
        for family, kind, label in pairs
    ]
    assert [(j.verdict, j.is_wrong) for j in told] == [("same", False), ("changed", False)]


def test_tables_go_between_the_markers_of_a_document(tmp_path: Path) -> None:
    document = tmp_path / "quality.md"
    document.write_text("# Title\n<!-- quality: begin -->\nformer\n<!-- quality: end -->\nrest\n")
    insert(document, "| table |")
    assert document.read_text() == "# Title\n<!-- quality: begin -->\n| table |\n<!-- quality: end -->\nrest\n"


def test_commits_of_a_history_are_judged_by_what_they_say(tmp_path: Path) -> None:
    def commit(text: str, subject: str) -> None:
        (tmp_path / "m.py").write_text(text)
        subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
        author = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *author, "commit", "--quiet", "--message", subject], cwd=tmp_path, check=True)

    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    commit("def f(n):\n    m = n\n    return m\n", "begin")
    commit("def f(n):\n    number = n\n    return number\n", "rename a local")
    commit("def f(n):\n    number = n\n    return number + 1\n", "count from one")
    rows = list(history.judged(tmp_path, seed=1, each=5, seconds=60))

    assert [(row.kind, row.subject, row.verdicts) for row in rows] == [
        ("tidy", "rename a local", {"same": 1}),
        ("other", "count from one", {"changed": 1}),
    ]
    assert [line.split(" | ")[:4] for line in history.table(rows)][2:] == [
        ["| tidy", "1", "0", "1"],
        ["| other", "1", "1", "0"],
    ]
