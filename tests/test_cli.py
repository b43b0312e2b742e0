from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cwm_check.commands.cli import main
from cwm_check.commands.demo import FILE, make_history
from cwm_check.commands.output import FORMATS
from cwm_check.config import Config
from cwm_check.rules import RULES

STYLE = ["--from-ref", "HEAD~3..HEAD~2"]
FIX = ["--from-ref", "HEAD~2..HEAD~1"]
REFACTOR = ["--from-ref", "HEAD~1..HEAD"]

Output = pytest.CaptureFixture[str]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository of the demo, as current folder, without settings from outside, and facts only, for speed."""
    make_history(tmp_path)
    for name in [name for name in os.environ if name.startswith(("PRE_COMMIT", "CWM_CHECK_"))]:
        if name != "CWM_CHECK_CACHE":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CWM_CHECK_TIME_BUDGET", "0")
    monkeypatch.setenv("CWM_CHECK_NO_CACHE", "true")  # another test may have run the same functions
    monkeypatch.chdir(tmp_path)
    return tmp_path


def git(*arguments: str) -> str:
    person = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *person, *arguments], capture_output=True, text=True, check=True).stdout


def settle(text: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.cwm-check]\n{text}\n", encoding="utf-8")


def verdicts(capsys: Output) -> list[tuple[str, str]]:
    return [
        (function["qualname"], function["verdict"]) for function in json.loads(capsys.readouterr().out)["functions"]
    ]


# --- what is compared


def test_a_range_is_judged(history: Path, capsys: Output) -> None:
    assert main(["check", *STYLE, "--format", "json"]) == 0
    assert verdicts(capsys) == [("total", "same")]
    assert main(["check", *REFACTOR, "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


def test_with_time_the_versions_are_run(history: Path, capsys: Output) -> None:
    def report() -> str:
        assert main(["check", *FIX, "--time-budget", "3600", "--format", "json"]) == 0
        return capsys.readouterr().out

    first = report()
    assert [finding["rule"] for finding in json.loads(first)["findings"]] == ["CWM001"]
    assert report() == first


def test_without_a_flag_the_work_tree_is_judged(history: Path, capsys: Output) -> None:
    text = Path(FILE).read_text()
    Path(FILE).write_text(text.replace('separator: str = ", ', 'separator: str = "; '))
    assert main(["check", "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


def test_staged_means_the_index_and_not_the_work_tree(history: Path, capsys: Output) -> None:
    text = Path(FILE).read_text()
    Path(FILE).write_text(text.replace('separator: str = ", ', 'separator: str = "; '))
    git("add", FILE)
    Path(FILE).write_text(text)
    assert main(["--staged", "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


def test_a_patch_is_judged_from_a_file_and_from_standard_input(
    history: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = Path("fix.patch")
    patch.write_text(git("diff", "HEAD~1", "HEAD"))
    assert main(["check", "--diff", "fix.patch", "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]
    with patch.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(["check", "--diff", "-", "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--model", "nona"], "no model 'nona'; there is: "),
        (["--model", "./nona"], "nona is no model: it has no readable manifest.json"),
        (["--model", "nano"], ""),
        (["--model", "assumed"], ""),
    ],
)
def test_a_model_that_is_not_there_is_refused_at_once(
    history: Path, capsys: Output, flags: list[str], complaint: str
) -> None:
    assert main(["check", *STYLE, *flags]) == (2 if complaint else 0)
    err = capsys.readouterr().err
    assert err.startswith(f"cwm-check: {complaint}") if complaint else err == ""


def test_two_files_need_no_repository(tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text("def f(x=1):\n    return x\n")
    Path("b.py").write_text("def f(x=2):\n    return x\n")
    assert main(["check", "--before", "a.py", "--after", "b.py", "--time-budget", "0", "--format", "json"]) == 0
    assert verdicts(capsys) == [("f", "changed")]


def test_paths_narrow_the_change(history: Path, capsys: Output) -> None:
    Path("elsewhere").mkdir()
    assert main(["check", *REFACTOR, "--format", "json", "elsewhere"]) == 0
    assert verdicts(capsys) == []
    assert main(["check", *REFACTOR, "--format", "json", FILE]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--staged", "--from-ref", "HEAD"], "--staged and --from-ref cannot be combined"),
        (["--from-ref", "HEAD", "--diff", "x"], "--from-ref and --diff cannot be combined"),
        (["--to-ref", "HEAD"], "--to-ref needs --from-ref"),
        (["--base", "HEAD"], "--base needs --diff"),
        (["--before", "a.py"], "--before needs --after"),
        (["--after", "a.py"], "--after needs --before"),
        (["--from-ref", "A..B", "--to-ref", "C"], "--from-ref A..B names both revisions; leave --to-ref out"),
        (["--diff", "none.patch"], "cannot read the patch none.patch: No such file or directory"),
        (
            ["--before", FILE, "--after", FILE, FILE],
            "paths narrow a change; with --before and --after there is one file: leave them out",
        ),
    ],
)
def test_sources_that_do_not_fit_are_a_usage_error(
    history: Path, capsys: Output, arguments: list[str], complaint: str
) -> None:
    assert main(["check", *arguments]) == 2
    assert capsys.readouterr() == ("", f"cwm-check: {complaint}\n")


# --- what stops a change


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        pytest.param([*REFACTOR], 0, "", id="a finding informs"),
        pytest.param([*REFACTOR, "--fail-on", "warning"], 1, "1 finding at or over --fail-on warning", id="level"),
        pytest.param([*STYLE, "--fail-on", "note"], 0, "", id="level, nothing found"),
        pytest.param(
            [*REFACTOR, "--fail-on", "warning", "--exit-zero"], 0, "1 finding at or over --fail-on warning", id="zero"
        ),
        pytest.param(
            [*REFACTOR, "--expect", "none"], 1, "1 finding, but the behaviour was expected to stay", id="stays"
        ),
        pytest.param([*STYLE, "--expect", "none"], 0, "", id="stays, and does"),
        pytest.param([*REFACTOR, "--expect", "some"], 0, "", id="changes, and does"),
        pytest.param(
            [*STYLE, "--expect", "some"], 1, "no behaviour change was found, but one was expected", id="changes"
        ),
    ],
)
def test_the_exit_code_says_whether_the_change_passes(
    history: Path, capsys: Output, arguments: list[str], status: int, complaint: str
) -> None:
    assert main(["check", *arguments]) == status
    assert capsys.readouterr().err == (f"cwm-check: {complaint}\n" if complaint else "")


def test_settings_of_the_repository_count(history: Path, capsys: Output) -> None:
    settle('fail-on = "warning"')
    Path(FILE).write_text(Path(FILE).read_text().replace('separator: str = ", ', 'separator: str = "; '))
    assert main(["check"]) == 1
    settle('exclude = ["*.py"]')
    assert main(["check", "--fail-on", "note"]) == 0


def test_a_range_is_judged_by_the_settings_of_its_base(history: Path, capsys: Output) -> None:
    settle('fail-on = "warning"')
    git("add", "pyproject.toml")
    git("commit", "-qm", "settings")
    settle('fail-on = "never"')
    Path(FILE).write_text(Path(FILE).read_text().replace('separator: str = ", ', 'separator: str = "; '))
    git("commit", "-qam", "silence")
    assert main(["check", "--from-ref", "HEAD~1"]) == 1
    note = "note: pyproject.toml changes [tool.cwm-check]; the settings of the base were used"
    assert note in capsys.readouterr().out.splitlines()


def test_a_wrong_setting_is_one_line_and_exit_2(history: Path, capsys: Output) -> None:
    settle("probe = 3")
    assert main(["check"]) == 2
    complaint = "cwm-check: pyproject.toml: tool.cwm-check.probe is no setting; did you mean probes?\n"
    assert capsys.readouterr() == ("", complaint)


# --- the hook


def stage_a_change() -> None:
    Path(FILE).write_text(Path(FILE).read_text().replace('separator: str = ", ', 'separator: str = "; '))
    git("add", FILE)


def test_the_hook_is_silent_about_what_passes(history: Path, capsys: Output) -> None:
    stage_a_change()
    assert main(["hook", FILE]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_hook_tells_what_does_not_block_when_asked(history: Path, capsys: Output) -> None:
    stage_a_change()
    assert main(["hook", "-v", FILE]) == 0
    assert FILE in capsys.readouterr().out.splitlines()


def test_the_hook_blocks_and_says_why(history: Path, capsys: Output) -> None:
    stage_a_change()
    assert main(["hook", "--fail-on", "warning", FILE]) == 1
    told = capsys.readouterr()
    assert FILE in told.out.splitlines()
    assert told.err == "cwm-check: 1 finding at or over --fail-on warning\n"


def test_the_hook_takes_its_range_from_pre_commit(
    history: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    assert main(["hook", "--format", "json", FILE]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


def test_a_flag_takes_back_what_the_settings_expect(history: Path, capsys: Output) -> None:
    settle('expect = "none"')
    stage_a_change()
    assert main(["check", "--staged"]) == 1
    assert main(["check", "--staged", "--expect", "any"]) == 0


# --- accepting


@pytest.mark.parametrize("flag", ["--fail-on=note", "--expect=none", "--fail-on-skip"])
def test_accepting_takes_no_flag_about_what_blocks(history: Path, capsys: Output, flag: str) -> None:
    assert main(["accept", "--reason", "x", flag]) == 2
    assert f"No such option '{flag.partition('=')[0]}'" in capsys.readouterr().err


def test_what_is_accepted_passes_until_it_changes_again(history: Path, capsys: Output) -> None:
    stage_a_change()
    assert main(["accept", "--staged", "--reason", "wider labels"]) == 0
    assert capsys.readouterr() == (
        "accepted CWM106 in shelf_label\n",
        "cwm-check: cwm-accepted.jsonl is part of the change: add it to the commit\n",
    )
    git("add", "cwm-accepted.jsonl")
    assert main(["--staged", "--fail-on", "note", "--format", "json"]) == 0
    (accepted,) = json.loads(capsys.readouterr().out)["accepted"]
    assert (accepted["by"], accepted["place"], accepted["reason"]) == ("baseline", "cwm-accepted.jsonl", "wider labels")
    Path(FILE).write_text(Path(FILE).read_text().replace('separator: str = "; ', 'separator: str = "! '))
    git("add", FILE)
    assert main(["--staged", "--fail-on", "note"]) == 1


@pytest.mark.parametrize("only", ["shelf_label", "CWM106"])
def test_only_what_is_named_is_accepted(history: Path, capsys: Output, only: str) -> None:
    assert main(["accept", *REFACTOR, "--reason", "x", "--only", only]) == 0
    assert Path("cwm-accepted.jsonl").exists()


@pytest.mark.parametrize(
    ("only", "hint"), [("CWM001", "; did you mean CWM106?"), ("label", "; did you mean shelf_label?"), ("", "")]
)
def test_what_names_no_finding_is_told_and_nothing_is_accepted(
    history: Path, capsys: Output, only: str, hint: str
) -> None:
    assert main(["accept", *REFACTOR, "--reason", "x", "--only", "shelf_label", "--only", only]) == 2
    complaint = f"cwm-check: --only {only} names no finding of this change{hint}"
    assert capsys.readouterr().err.splitlines()[-1] == complaint
    assert not Path("cwm-accepted.jsonl").exists()


def test_a_former_report_is_a_baseline_and_is_never_overwritten(history: Path, capsys: Output) -> None:
    assert main(["check", *REFACTOR, "--format", "sarif:former.sarif"]) == 0
    former = Path("former.sarif").read_text()
    assert main(["check", *REFACTOR, "--baseline", "former.sarif", "--fail-on", "note"]) == 0
    assert "1 finding accepted" in capsys.readouterr().out
    assert main(["accept", *FIX, "--time-budget", "3600", "--baseline", "former.sarif", "--reason", "x"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "cwm-check: former.sarif is a report: set `baseline` to a name that ends with .jsonl"
    )
    assert Path("former.sarif").read_text() == former


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "--baseline", "."], "cannot read the baseline .: [Errno 21] Is a directory: '.'"),
        (["check", "--baseline", FILE], f"{FILE}: line 1 is no JSON object: mend it, or accept again"),
        (["accept", "--reason", " "], "--reason is empty: say why the new behaviour is meant"),
        (["hook", "--commit-msg", "none"], "cannot read the message none: No such file or directory"),
    ],
)
def test_what_cannot_be_accepted_is_one_line(
    history: Path, capsys: Output, arguments: list[str], complaint: str
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", f"cwm-check: {complaint}\n")


# --- output


def test_one_run_writes_several_reports(history: Path, capsys: Output) -> None:
    others = [name for name in FORMATS if name != "concise"]
    arguments = [text for name in others for text in ("--format", f"{name}:report.{name}")]
    assert main(["check", *REFACTOR, "--format", "concise", *arguments]) == 0
    assert capsys.readouterr().out.startswith(f"{FILE}:")
    assert [name for name in others if not Path(f"report.{name}").read_text()] == []


def test_the_formats_of_the_help_are_those_there_are() -> None:
    from cwm_check.reports import REPORTS

    assert sorted(FORMATS) == sorted(REPORTS)


def test_quiet_leaves_out_the_text_of_what_passes_and_no_other_report(history: Path, capsys: Output) -> None:
    assert main(["check", "-q", *REFACTOR]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["check", "-q", *REFACTOR, "--format", "json"]) == 0
    assert verdicts(capsys) == [("shelf_label", "changed")]


def test_verbose_names_what_did_not_change(history: Path, capsys: Output) -> None:
    assert main(["check", "-v", *STYLE]) == 0
    assert capsys.readouterr().err.split(" (")[0] == "cwm-check: shop.py:4 total: same"


@pytest.mark.parametrize(
    ("flags", "colored"),
    [([], False), (["--color", "always"], True), (["--color", "always", "--no-color"], False)],
)
def test_colour_is_for_those_who_ask(history: Path, capsys: Output, flags: list[str], colored: bool) -> None:
    main(["check", *REFACTOR, *flags])
    assert ("\x1b[" in capsys.readouterr().out) == colored


# --- other commands, and what goes wrong


def test_rules_lists_every_rule(capsys: Output) -> None:
    assert main(["rules"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RULES)


@pytest.mark.parametrize("name", ["CWM106", "cwm106", "default-changed"])
def test_explain_takes_an_id_or_a_name(name: str, capsys: Output) -> None:
    assert main(["explain", name, "--format", "json"]) == 0
    rule = RULES["CWM106"]
    assert json.loads(capsys.readouterr().out) == {
        "id": rule.id,
        "name": rule.name,
        "level": "warning",
        "summary": rule.summary,
        "explanation": rule.explanation,
        "evidence": "The source alone (`static`): no call was needed.",
        "example": "- def join(parts, by=','):\n+ def join(parts, by=', '):\n      return by",
    }


def test_explain_offers_the_nearest_rule(capsys: Output) -> None:
    assert main(["explain", "default-change"]) == 2
    complaint = "cwm-check: default-change is no rule; did you mean default-changed?\n"
    assert capsys.readouterr() == ("", complaint)


def test_config_tells_values_and_origins(history: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    settle('fail-on = "note"\nlevels = { CWM001 = "error" }')
    monkeypatch.setenv("CWM_CHECK_PROBES", "3")
    assert main(["config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(Config.__dataclass_fields__)
    assert {
        'fail-on = "note"  # pyproject.toml',
        'levels = {CWM001 = "error"}  # pyproject.toml',
        "probes = 3  # CWM_CHECK_PROBES",
        "threshold = 0.5  # default",
    } <= set(lines)


def test_doctor_names_every_part(capsys: Output) -> None:
    assert main(["doctor"]) == 0
    subjects = [line.split(":")[0].split()[1] for line in capsys.readouterr().out.splitlines()]
    assert subjects[:7] == ["python", "git", "libcst", "sandbox", "onnxruntime", "cuda", "tensorrt"]
    assert set(subjects[7:]) == {"model", "server"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param([], 2, id="nothing"),
        pytest.param(["chekc"], 2, id="mistyped command"),
        pytest.param(["--stagde"], 2, id="mistyped option"),
        pytest.param(["--help"], 0, id="help"),
        pytest.param(["check", "--from-ref", "nowhere"], 2, id="unknown revision"),
        pytest.param(["check", "--format", "docx"], 2, id="unknown format"),
        pytest.param(["check", "--probes", "0"], 2, id="wrong value"),
        pytest.param(["--staged"], 0, id="check is the default command"),
        pytest.param([FILE], 0, id="check is the default command for a file"),
    ],
)
def test_exit_codes(history: Path, capsys: Output, arguments: list[str], status: int) -> None:
    assert main(arguments) == status


def test_outside_a_repository_is_one_line_and_exit_2(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_what_python_warns_of_in_the_checked_code_is_not_told(tmp_path: Path) -> None:
    """In a process of its own: warnings of `ast.parse` go where no `capsys` sees them."""
    source = "def f(y):\n    x = 1if y else 2\n    return '\\d' if y is 'a' else x\n"
    (tmp_path / "a.py").write_text(source)
    (tmp_path / "b.py").write_text(source.replace("else 2", "else 3"))
    command = [sys.executable, "-m", "cwm_check", "check", "--before", "a.py", "--after", "b.py"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "CWM_CHECK_NO_CACHE": "1"}
    told = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    assert "1 changed" in told.stdout


def test_a_bug_of_ours_is_exit_3_and_one_line(capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.commands.doctor.examine", lambda: 1 // 0)
    monkeypatch.delenv("CWM_CHECK_DEBUG", raising=False)
    assert main(["doctor"]) == 3
    complaint = "cwm-check: internal error, please report: ZeroDivisionError: integer division or modulo by zero\n"
    assert capsys.readouterr() == ("", complaint)
    monkeypatch.setenv("CWM_CHECK_DEBUG", "1")
    assert main(["doctor"]) == 3
    assert capsys.readouterr().err.startswith(complaint + "Traceback ")
