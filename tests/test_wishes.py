"""The fifteen things that users of such tools ask for most, each tried once through the command line, with real git.

What stands behind each in detail is in the tests of its part: git, hooks, findings, reports, the sandbox, the Action.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Repository
from examples import crowded, plain

from cwm_check.commands.cli import main
from cwm_check.reports import REPORTS

PROJECT = Path(__file__).parent.parent
BEFORE = """\
def total(prices: list[int], discount: int = 0):
    # What customers pay.
    amount = sum(prices)
    return amount - discount


def label(name: str):
    if not name:
        raise ValueError("no name")
    return name.title()
"""
AFTER = BEFORE.replace("return amount - discount", "return max(amount - discount, 0)")

Output = pytest.CaptureFixture[str]
Make = Callable[..., Repository]


@pytest.fixture
def shop(repo: Make, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in [name for name in os.environ if name.startswith("CWM_CHECK_") and name != "CWM_CHECK_CACHE"]:
        monkeypatch.delenv(name)
    return repo({"shop.py": BEFORE})


def report(capsys: Output, *arguments: str, format: str = "json", status: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*arguments, "--format", format]) == status
    return dict(json.loads(capsys.readouterr().out))


def sarif(capsys: Output, *arguments: str) -> list[dict[str, Any]]:
    (run,) = report(capsys, *arguments, format="sarif")["runs"]
    return list(run["results"])


def test_01_a_finding_is_on_a_line_that_i_changed(shop: Repository, capsys: Output) -> None:
    shop.stage({"shop.py": AFTER})

    (result,) = sarif(capsys, "--staged")

    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 4}


def test_02_there_are_few_findings_and_sure_ones(shop: Repository, capsys: Output) -> None:
    asks = "def rate(shop):\n    return shop.rate + 1\n"
    shop.commit({"rate.py": asks})
    shop.stage({"shop.py": AFTER, "rate.py": asks.replace("1", "2")})

    found = report(capsys, "--staged")["findings"]
    sure = report(capsys, "--staged", "--threshold", "1.0")["findings"]

    assert sorted(finding["qualname"] for finding in found) == ["rate", "total"]  # one each, of many calls that differ
    assert "rate" not in [finding["qualname"] for finding in sure]  # nobody knows the rate


def test_03_nothing_is_claimed_that_was_not_checked(shop: Repository, capsys: Output) -> None:
    broken = "def f(:\n"
    shop.stage({"shop.py": AFTER + "\n\ndef new():\n    return 1\n", "broken.py": broken})
    told = report(capsys, "--staged", "--time-budget", "0")

    assert {f["qualname"]: (f["verdict"], f["reason"]) for f in told["functions"]} == {
        "total": ("skipped", "the time budget was used up"),
        "new": ("skipped", "added: there is nothing to compare with"),
    }
    assert told["problems"] == [{"path": "broken.py", "reason": "the source does not parse as Python 3"}]


def test_04_a_commit_that_only_formats_costs_next_to_nothing(shop: Repository) -> None:
    shop.stage({"shop.py": BEFORE.replace("amount = sum(prices)", "amount = (sum(prices))  # all of them")})
    program = (
        "import sys; from cwm_check.commands.cli import main\n"
        "print(main(['hook']), {'libcst', 'wasmtime'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=shop.root, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("0 set()\n", "")


def test_05_it_fits_where_there_is_no_network_and_little_room(
    shop: Repository, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    shop.stage({"shop.py": AFTER})
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout.split(b"\0")
    tracked = [PROJECT / os.fsdecode(name) for name in listed if name]

    assert len(report(capsys, "--staged", "--jobs", "1")["findings"]) == 1
    assert sum(path.lstat().st_size for path in tracked if path.exists()) < 50 * 2**20
    assert not (PROJECT / ".gitmodules").exists()


def test_06_a_range_starts_where_the_branch_left(shop: Repository, capsys: Output) -> None:
    shop.git("switch", "-qc", "branch")
    shop.commit({"shop.py": AFTER})
    shop.git("switch", "-q", "main")
    shop.commit({"other.py": "def f():\n    return 1\n"})
    shop.commit({"shop.py": BEFORE.replace("name.title()", "name.upper()")})

    told = report(capsys, "check", "--from-ref", "main", "--to-ref", "branch")

    assert [f["qualname"] for f in told["functions"]] == ["total"]


@pytest.mark.parametrize("environ", [{}, {"PRE_COMMIT_FROM_REF": "HEAD~1", "PRE_COMMIT_TO_REF": "HEAD"}])
def test_07_the_refs_of_pre_commit_are_read_and_may_be_missing(
    shop: Repository, capsys: Output, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    shop.stage({"shop.py": AFTER})
    if environ:
        shop.commit({})
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert len(report(capsys, "hook", "shop.py")["findings"]) == 1


def test_08_what_is_staged_is_judged_in_a_dirty_tree(shop: Repository, capsys: Output) -> None:
    shop.stage({"shop.py": AFTER})
    shop.write({"shop.py": "this is no Python\n", "untracked.py": "nor this\n"})
    before = shop.git("status", "--porcelain")

    assert len(report(capsys, "--staged")["findings"]) == 1
    assert (shop.git("status", "--porcelain"), shop.git("stash", "list")) == (before, "")


def test_09_one_run_gives_several_formats(shop: Repository, capsys: Output) -> None:
    shop.stage({"shop.py": AFTER})
    files = {name: shop.root / f"out.{name}" for name in REPORTS if name != "json"}
    wanted = [part for name, path in files.items() for part in ("--format", f"{name}:{path}")]

    assert len(report(capsys, "--staged", *wanted)["findings"]) == 1
    assert [name for name, path in files.items() if "total" not in path.read_text()] == []


def test_10_fingerprints_stay_and_accepted_findings_are_not_uploaded(shop: Repository, capsys: Output) -> None:
    shop.stage({"shop.py": AFTER})
    (here,) = sarif(capsys, "--staged")
    shop.stage({"shop.py": '"""Moved by a docstring."""\n\n\n' + AFTER})
    (moved,) = sarif(capsys, "--staged")
    own = [result["partialFingerprints"]["cwmBehaviour/v1"] for result in (here, moved)]

    assert own[0] == own[1]
    assert "primaryLocationLineHash" in here["partialFingerprints"]
    assert main(["accept", "--staged", "--reason", "meant"]) == 0
    shop.git("add", "cwm-accepted.jsonl")
    assert sarif(capsys, "--staged") == []


def test_11_one_finding_is_suppressed_with_a_reason_and_a_stale_one_is_told(shop: Repository, capsys: Output) -> None:
    line = "    return max(amount - discount, 0)"
    shop.stage({"shop.py": AFTER.replace(line, f"{line}  # cwm: ignore[CWM001, CWM002] -- never below nothing")})

    told = report(capsys, "--staged")

    assert (told["findings"], [one["reason"] for one in told["accepted"]]) == ([], ["never below nothing"])
    assert told["notes"] == ["shop.py:4: `cwm: ignore[CWM002]` is stale, there is no such finding: remove it"]


@pytest.mark.parametrize(
    ("after", "equality", "expected"),
    [
        ('KeyError("no name")', "type+message", ["CWM004", "CWM113"]),
        ('KeyError("no name")', "any", ["CWM113"]),
        ('ValueError("a name is missing")', "type+message", ["CWM005"]),
        ('ValueError("a name is missing")', "type", []),
    ],
)
def test_12_exceptions_compare_as_i_choose(
    shop: Repository, capsys: Output, monkeypatch: pytest.MonkeyPatch, after: str, equality: str, expected: list[str]
) -> None:
    monkeypatch.setenv("CWM_CHECK_EXCEPTIONS", equality)
    shop.stage({"shop.py": BEFORE.replace('ValueError("no name")', after)})

    assert [finding["rule"] for finding in report(capsys, "--staged")["findings"]] == expected


def test_13_my_code_is_not_run(shop: Repository, capsys: Output) -> None:
    mark = shop.root / "mark"
    acts = f"open({str(mark)!r}, 'w').write('ran')\n\n\n"
    shop.stage({"shop.py": acts + AFTER, "sitecustomize.py": acts, "conftest.py": acts})

    assert main(["--staged"]) == 0
    assert not mark.exists()


def test_14_traces_are_in_sarif_the_run_after_first_with_values(shop: Repository, capsys: Output) -> None:
    shop.stage({"shop.py": AFTER})

    (result,) = sarif(capsys, "--staged")

    sides = [flow["threadFlows"][0]["id"] for flow in result["codeFlows"]]
    last = [flow["threadFlows"][0]["locations"][-1]["location"]["message"]["text"] for flow in result["codeFlows"]]
    assert sides == ["after", "before"]
    assert [text.partition(" ")[0] for text in last] == ["return", "return"]
    assert last == [f"return {result['properties'][side]}" for side in sides]
    assert any("amount" in step["state"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"])


def test_15_annotations_keep_below_githubs_caps_and_never_say_line_0() -> None:
    def lines(example: Any) -> list[str]:
        out = io.StringIO()
        REPORTS["github"](example, out)
        return out.getvalue().splitlines()

    many = lines(crowded(25))
    assert [line.startswith("::warning ") for line in many] == [True] * 10 + [False] * 2
    assert many[10] == "and 15 more in the summary".replace("15 more", "15 findings more")
    assert [line for line in [*many, *lines(plain())] if "line=0" in line] == []
