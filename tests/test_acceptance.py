"""Which findings are set aside: the whole matrix, by real commits and the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from conftest import Repository
from examples import plain

from cwm_check.accepted.acceptance import Grounds, accept
from cwm_check.accepted.baseline import entry_of
from cwm_check.accepted.intent import declarations_in
from cwm_check.commands.cli import main
from cwm_check.findings import fingerprint

BEFORE = "def total(prices, discount=0):\n    amount = sum(prices)\n    return amount - discount\n"
FINGERPRINT = fingerprint("CWM106", "shop.py", "total", ("discount", "0", "1"))

# A change: the line of the `def` after it, where {} is the comment.
CHANGES = {
    "changed": "def total(prices, discount=1):{}\n    amount = sum(prices)\n    return amount - discount\n",
    "same": "def total(prices, discount=0):{}\n    all = sum(prices)\n    return all - discount\n",
}
COMMENTS = {
    "comment": "  # cwm: ignore[CWM106] -- meant",
    "no reason": "  # cwm: ignore[CWM106]",
    "other rule": "  # cwm: ignore[CWM101] -- meant",
}
TRAILERS = {"trailer": "\n\nBehaviour-Change: shop.total -- meant", "bare trailer": "\n\nBehaviour-Change: shop.total"}
# Settings of the base and of the head.
OFF = '[tool.cwm-check]\ndisable = ["CWM106"]\n'
SETTINGS = {"default": ("", ""), "off in the base": (OFF, OFF), "off in the head": ("", OFF)}

# Who accepts the finding (`-`: it is shown, `.`: there is none); notes: `!` something accepts nothing, `~` it is stale.
MATRIX = """
change   settings         suppression   no baseline  holds it     holds another
changed  default          none          -            baseline     -
changed  default          comment       comment      comment      comment
changed  default          no_reason     -!           baseline!    -!
changed  default          other_rule    -~           baseline~    -~
changed  default          trailer       commit       commit       commit
changed  default          bare_trailer  -!           baseline!    -!
changed  off_in_the_base  none          .            .            .
changed  off_in_the_base  comment       .            .            .
changed  off_in_the_base  trailer       .            .            .
changed  off_in_the_head  none          -            baseline     -
changed  off_in_the_head  comment       comment      comment      comment
changed  off_in_the_head  trailer       commit       commit       commit
same     default          none          .            .~           .
same     default          comment       .~           .~~          .~
same     default          no_reason     .!           .!~          .!
same     default          trailer       .~           .~~          .~
same     off_in_the_head  none          .            .~           .
"""


def rows() -> list[tuple[str, ...]]:
    cells = []
    for line in MATRIX.strip().splitlines()[1:]:
        change, settings, suppression, *expected = line.split()
        for baseline, cell in zip(("none", "it", "other"), expected, strict=True):
            cells.append((change, settings.replace("_", " "), suppression.replace("_", " "), baseline, cell))
    return cells


def told(report: dict[str, list[dict[str, str]]]) -> str:
    """Return the outcome as the matrix writes it."""
    by = "".join(accepted["by"] for accepted in report["accepted"])
    notes = [note for note in report["notes"] if "settings of the base" not in note]
    marks = "".join("!" if "accepts nothing" in note else "~" for note in notes)
    return ("-" if report["findings"] else by or ".") + "".join(sorted(marks))


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CWM_CHECK_") and name != "CWM_CHECK_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CWM_CHECK_TIME_BUDGET", "0")  # facts only, for speed
    monkeypatch.setenv("CWM_CHECK_NO_CACHE", "true")  # another test may have run the same functions


@pytest.mark.parametrize(("change", "settings", "suppression", "baseline", "expected"), rows())
def test_the_matrix(
    clean: None,
    repo: Callable[..., Repository],
    capsys: pytest.CaptureFixture[str],
    change: str,
    settings: str,
    suppression: str,
    baseline: str,
    expected: str,
) -> None:
    base, head = SETTINGS[settings]
    made = repo({"shop.py": BEFORE, "pyproject.toml": base})
    entry = {"path": "shop.py", "function": "total" if baseline == "it" else "other", "rule": "CWM106", "reason": "x"}
    known = json.dumps({**entry, "id": FINGERPRINT if baseline == "it" else "0" * 32}) + "\n"
    files = {"shop.py": CHANGES[change].format(COMMENTS.get(suppression, "")), "pyproject.toml": head}
    made.stage({**files, **({} if baseline == "none" else {"cwm-accepted.jsonl": known})})
    made.git("commit", "--quiet", "--message", f"change{TRAILERS.get(suppression, '')}")

    status = main(["check", "--from-ref", "HEAD~1..HEAD", "--fail-on", "note", "--format", "json"])

    report = json.loads(capsys.readouterr().out)
    assert (told(report), status) == (expected, int(expected.startswith("-")))


# --- the rest, on hand-made results


def grounds(message: str = "", **more: object) -> Grounds:
    return replace(Grounds(declarations=declarations_in(message, "commit 1a2b3c4")), **more)  # type: ignore[arg-type]


def test_what_is_accepted_is_no_finding_and_its_function_stays_changed() -> None:
    result = plain()
    known = tuple(entry_of(finding, "meant") for finding in result.findings if finding.rule == "CWM106")
    accepted = accept(result, grounds(entries=known, baseline="known.jsonl"))

    assert [one.finding.rule for one in accepted.accepted if one not in result.accepted] == ["CWM106"]
    assert {finding.rule for finding in result.findings} - {finding.rule for finding in accepted.findings} == {"CWM106"}
    assert [verdict.kind for verdict in accepted.verdicts] == [verdict.kind for verdict in result.verdicts]


def test_nothing_said_changes_nothing() -> None:
    assert accept(plain(), Grounds()) == plain()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total", ["CWM001", "CWM106"]),
        ("prices.total", ["CWM001", "CWM106"]),
        ("shop.prices.total", ["CWM001", "CWM106"]),
        ("src.shop.prices.total", []),
        ("web.total", []),
        ("tal", []),
        ("old", ["CWM114"]),
    ],
)
def test_a_trailer_names_a_function_with_a_part_of_its_module(name: str, expected: list[str]) -> None:
    accepted = accept(plain(), grounds(f"fix: x\n\nBehaviour-Change: {name} -- meant"))

    assert sorted(one.finding.rule for one in accepted.accepted if one not in plain().accepted) == expected


@pytest.mark.parametrize(
    ("message", "complete", "expected"),
    [
        ("Behaviour-Change: totla -- x", True, ("totla is no function that changed; did you mean total?",)),
        ("Behaviour-Change: totla -- x", False, ()),
        ("Behaviour-Change: Cart.sum -- x", True, ("no change of behaviour was found in Cart.sum",)),
        ("Behaviour-Change: load -- it was skipped", True, ()),
        ("Behaviour-Change: total -- x", True, ()),
    ],
)
def test_a_trailer_that_accepts_nothing_is_told(message: str, complete: bool, expected: tuple[str, ...]) -> None:
    notes = accept(plain(), grounds(message, complete=complete)).notes

    assert notes == (*plain().notes, *(f"commit 1a2b3c4: Behaviour-Change: {note}" for note in expected))
