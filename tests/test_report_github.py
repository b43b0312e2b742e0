from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from examples import crowded, hostile, plain

from cwm_check.reports import github, markdown
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.verdicts import CheckResult, Verdict
from cwm_check.vocabulary import Level


def annotations(result: CheckResult) -> list[str]:
    out = io.StringIO()
    github.render(result, out)
    return out.getvalue().splitlines()


def summary(result: CheckResult, limit: int = markdown.LIMIT) -> str:
    out = io.StringIO()
    markdown.render(result, out, limit=limit)
    return out.getvalue()


def test_the_worst_ten_are_shown_and_the_rest_is_counted() -> None:
    lines = annotations(crowded(25))

    assert [line.startswith("::warning file=shop/m") for line in lines[:10]] == [True] * 10
    assert lines[10:] == [
        "and 15 findings more in the summary",
        "25 functions: 0 same, 0 unchanged, 25 changed, 0 skipped",
    ]


@pytest.mark.parametrize("count", [0, 1, 10])
def test_ten_and_fewer_are_all_shown(count: int) -> None:
    assert len(annotations(crowded(count))) == count + 1


@pytest.mark.parametrize(
    ("level", "command"), [(Level.ERROR, "::error "), (Level.WARNING, "::warning "), (Level.NOTE, "::notice ")]
)
def test_levels_are_those_of_the_runner(level: Level, command: str) -> None:
    result = crowded(1)
    findings = tuple(replace(finding, level=level) for finding in result.findings)

    line = annotations(CheckResult((replace(result.verdicts[0], findings=findings),)))[0]

    assert line.startswith(command)


def test_the_checked_code_cannot_give_commands_to_the_runner() -> None:
    lines = annotations(hostile())

    assert [line.split(" ")[0] for line in lines] == ["::warning", "::warning", "::warning", "2"]
    for line in lines[:3]:
        properties, _, message = line.removeprefix("::warning ").partition("::")
        assert [part.split("=")[0] for part in properties.split(",")] == ["file", "line", "title"]
        assert "%0A" not in message


def test_a_table_row_has_five_cells_whatever_is_in_them() -> None:
    rows = [line for line in summary(hostile()).splitlines() if line.startswith("| ")]

    assert [row.replace("\\|", "").count("|") for row in rows] == [6] * 4


def test_html_stays_in_code_spans() -> None:
    prose = re.sub(r"^(`{3,})diff\n.*?^\1\n", "", summary(hostile()), flags=re.DOTALL | re.MULTILINE)
    outside = [part for line in prose.splitlines() for part in _outside_code(line)]

    assert [part for part in outside if "<script" in part or "<b>" in part] == []


def test_a_trace_cannot_leave_its_fence() -> None:
    (finding,) = [finding for finding in plain().findings if finding.rule == "CWM001"]
    frame = Frame(Event.LINE, 7, "x = '````'\n```\n# escaped", ())
    runs = [Trace("", (frame, Frame(Event.RETURN, 8, "", value=value))) for value in ("1", "2")]
    spoiled = replace(finding, before_trace=runs[0], after_trace=runs[1])
    text = summary(CheckResult((Verdict("a.py", "f", "changed", Evidence.EXACT, 1.0, 4, findings=(spoiled,)),)))

    assert text.partition("`````diff\n")[2].partition("`````\n")[0] == (
        "     7  x = '````'\\n```\\n# escaped\n-    8  return 1\n+    8  return 2\n"
    )


def _outside_code(line: str) -> list[str]:
    """Return what is left of a line of Markdown without its code spans."""
    kept, rest = [], line
    while "`" in rest:
        head, _, tail = rest.partition("`")
        fence = "`" * (1 + len(tail) - len(tail.lstrip("`")))
        kept.append(head)
        body = tail[len(fence) - 1 :]
        rest = body[body.index(fence) :].removeprefix(fence)
    return [*kept, rest]


def test_a_long_summary_is_cut_at_a_whole_block() -> None:
    whole, cut = summary(crowded(200)), summary(crowded(200), limit=10_000)
    kept, _, closing = cut.rstrip("\n").rpartition("\n\n")

    assert whole.startswith(kept)
    assert len(kept.encode()) <= 10_000
    assert closing.startswith("_Cut here: ")
    assert closing.endswith(" blocks more in the other reports._")


def test_a_short_summary_is_not_cut() -> None:
    assert "_Cut here" not in summary(plain())
