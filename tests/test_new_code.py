"""`check --new-code` as users meet it: real commits, the command line, reports, suppression, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from conftest import Repository

from cwm_check.commands.cli import main

EMPTY = "RATE = 1\n"
MEAN = "def mean(values: list[int]):\n    return sum(values) / len(values)\n"
ADDED = f"{EMPTY}\n\n{MEAN}"
Make = Callable[..., Repository]


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    status = main(["check", "--format", "json", "--jobs", "1", *arguments])
    report: dict[str, list[dict[str, str]]] = json.loads(capsys.readouterr().out)
    return status, report


def rules(report: dict[str, list[dict[str, str]]], kind: str = "findings") -> list[str]:
    return [one["rule"] for one in report[kind]]


def test_a_mistake_of_an_added_function_is_told_on_its_added_line(
    repo: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED})
    status, report = findings(capsys, "--new-code")
    (finding,) = report["findings"]
    assert status == 0
    assert {name: finding[name] for name in ("rule", "level", "qualname", "line", "call", "before", "after")} == {
        "rule": "CWM201",
        "level": "warning",
        "qualname": "mean",
        "line": 5,
        "call": "mean([])",
        "before": None,
        "after": "ZeroDivisionError('division by zero')",
    }
    assert finding["message"] == (
        "`mean([])` raises `ZeroDivisionError('division by zero')` at line 5, `return sum(values) / len(values)`."
    )


OFF: dict[str, tuple[dict[str, str | None], Sequence[str]]] = {
    "not asked for": ({"shop.py": ADDED}, ()),
    "the rule is disabled": (
        {"shop.py": ADDED, "pyproject.toml": '[tool.cwm-check]\ndisable = ["CWM201"]\nnew-code = true\n'},
        (),
    ),
    "the function is excluded": (
        {"shop.py": ADDED, "pyproject.toml": '[tool.cwm-check]\nexclude-functions = ["mean"]\n'},
        ("--new-code",),
    ),
    "a test": ({"tests/test_shop.py": ADDED.replace("mean", "test_mean"), "tests/help.py": ADDED}, ("--new-code",)),
    "less sure than asked for": ({"shop.py": ADDED}, ("--new-code", "--threshold", "0.95")),
    "nothing wrong": ({"shop.py": ADDED.replace("len(values)", "(len(values) or 1)")}, ("--new-code",)),
    "a function that was only moved": ({"shop.py": None, "store.py": EMPTY}, ("--new-code",)),
}


@pytest.mark.parametrize(("files", "flags"), OFF.values(), ids=OFF)
def test_it_says_nothing(
    files: dict[str, str | None], flags: Sequence[str], repo: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    repo({"shop.py": EMPTY}).write(files)
    assert rules(findings(capsys, *flags)[1]) == []


def test_the_settings_switch_it_on_and_give_it_a_level(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    settings = '[tool.cwm-check]\nnew-code = true\nlevels = { CWM201 = "error" }\n'
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED, "pyproject.toml": settings})
    status, report = findings(capsys)
    assert (status, rules(report)) == (1, ["CWM201"])


def test_what_the_comparison_tells_is_told_once(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    guarded = MEAN.replace("return", "if not values:\n        return 0\n    return")
    repo({"shop.py": guarded}).write({"shop.py": MEAN})
    assert rules(findings(capsys, "--new-code")[1]) == ["CWM002"]


def test_a_statement_that_never_runs_is_no_change_of_behaviour(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    before = "def load(n: int):\n    return n\n"
    repo({"shop.py": before}).write({"shop.py": f"{before}    print(n)\n"})
    status, report = findings(capsys, "--new-code", "--expect", "none")
    assert (status, rules(report)) == (0, ["CWM203"])
    assert report["functions"][0]["verdict"] != "changed"


def test_an_expectation_of_no_change_does_not_hide_an_error(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    settings = '[tool.cwm-check]\nlevels = { CWM201 = "error" }\n'
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED, "pyproject.toml": settings})
    assert findings(capsys, "--new-code", "--expect", "none")[0] == 1
    assert findings(capsys, "--new-code", "--expect", "some")[0] == 1


def test_a_comment_and_the_baseline_accept_it(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    made = repo({"shop.py": EMPTY})
    comment = "  # cwm: ignore[CWM201] -- callers check\n"
    made.write({"shop.py": ADDED.replace("len(values)\n", f"len(values){comment}")})
    assert rules(findings(capsys, "--new-code")[1], "findings") == []
    made.write({"shop.py": ADDED})
    assert main(["accept", "--new-code", "--reason", "callers check", "--jobs", "1"]) == 0
    capsys.readouterr()
    _, report = findings(capsys, "--new-code")
    assert (rules(report), [one["by"] for one in report["accepted"]]) == ([], ["baseline"])


def test_what_accepts_new_code_is_not_stale_where_it_is_not_looked_for(
    repo: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    comment = "  # cwm: ignore[CWM201] -- callers check\n"
    commented = MEAN.replace("len(values)\n", f"len(values){comment}")
    made = repo({"shop.py": commented})
    edited = commented.replace("sum(values)", "2 * sum(values)")
    made.write({"shop.py": edited})
    assert findings(capsys)[1]["notes"] == []
    assert findings(capsys, "--new-code")[1]["notes"] == [
        "shop.py:2: `cwm: ignore[CWM201]` is stale, there is no such finding: remove it"
    ]


def test_the_one_tells_it_in_which_it_is_made(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    caller = "\n\ndef report(values: list[int]):\n    return f'{mean(values)} %'\n"
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED + caller})
    assert [one["qualname"] for one in findings(capsys, "--new-code")[1]["findings"]] == ["mean"]


def test_a_private_function_is_told_through_its_caller(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    caller = "\n\ndef report(values: list[int]):\n    return f'{_mean(values)} %'\n"
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED.replace("mean", "_mean") + caller})
    (finding,) = findings(capsys, "--new-code")[1]["findings"]
    assert (finding["qualname"], finding["line"]) == ("report", 9)
    assert finding["message"].endswith("at line 5, `return sum(values) / len(values)`, called at line 9.")


def test_reports_show_the_run(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED})
    assert main(["check", "--new-code", "--explain", "--jobs", "1"]) == 0
    assert capsys.readouterr().out == (
        "shop.py\n"
        "  5: CWM201 crash in mean (exact)\n"
        "     call    mean([])\n"
        "     after   ZeroDivisionError('division by zero')\n"
        "     line    return sum(values) / len(values)\n"
        "          1. Line 5 `return sum(values) / len(values)` raises ZeroDivisionError('division by zero').\n"
        "          2. All of this was computed; nothing was unknown.\n"
        "\n"
        "skipped, added: there is nothing to compare with: 1 function\n"
        "1 function: 0 same, 0 unchanged, 0 changed, 1 skipped\n"
    )
    main(["check", "--new-code", "--format", "sarif", "--jobs", "1"])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    (result,) = run["results"]
    (flow,) = result["codeFlows"]
    assert (result["ruleId"], flow["message"]["text"]) == ("CWM201", "The run after the change")
    described = {rule["id"]: rule["defaultConfiguration"] for rule in run["tool"]["driver"]["rules"]}
    assert described["CWM201"] == {"level": "warning", "enabled": False}


@pytest.mark.parametrize("format", ["markdown", "html", "concise", "github", "gitlab", "junit"])
def test_every_report_takes_a_finding_without_a_version_before(
    format: str, repo: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    repo({"shop.py": EMPTY}).write({"shop.py": ADDED})
    assert main(["check", "--new-code", "--format", format, "--jobs", "1"]) == 0
    shown = capsys.readouterr().out
    assert ("CWM201" in shown, "- before: " in shown, '<dt class="before">' in shown) == (True, False, False)


def test_no_test_holds_a_version_before_that_is_not_there(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    made = repo({"shop.py": EMPTY})
    made.write({"shop.py": ADDED})
    assert main(["check", "--new-code", "--write-tests", "held", "--jobs", "1"]) == 0
    assert not (made.root / "held").exists()


def test_without_the_sandbox_only_the_source_is_read(repo: Make, capsys: pytest.CaptureFixture[str]) -> None:
    repo({"shop.py": EMPTY}).write({"shop.py": f"{ADDED}    print(values)\n"})
    status, report = findings(capsys, "--new-code", "--time-budget", "0")
    assert (status, rules(report)) == (0, ["CWM203"])
    assert [note for note in report["notes"] if "--new-code" in note] == [
        "--new-code: the time budget ended before all calls of 1 new or edited function"
    ]
