"""Results of earlier checks: used when nothing that they hang on changed, and never else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from changes import changed

from cwm_check import results
from cwm_check.config import Config
from cwm_check.search.explore import Budget
from cwm_check.trace import Evidence
from cwm_check.trial import Trial
from cwm_check.verdicts import Tried
from cwm_check.vocabulary import SkipReason

FUNCTION = changed("def f(x):\n    return x\n", "def f(x):\n    return -x\n")
TRIAL = Trial((), 1, 1.0, None, Evidence.EXACT, (Tried("f(1)", "1", "-1", True),))
KEY = results.key_of(FUNCTION, (), Config(), Budget())
READS = ({"a.py": results._digest("a = 1\n")}, {"b.py": None})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CWM_CHECK_CACHE", str(tmp_path))
    return tmp_path / "results"


def found(before: Callable[[str], str | None] = {"a.py": "a = 1\n"}.get, after: object = {}.get) -> Trial | None:
    return results.find(KEY, before, after)  # type: ignore[arg-type]


def test_a_result_comes_back() -> None:
    results.store(KEY, TRIAL, READS)
    assert found() == TRIAL


def test_what_was_never_kept_is_not_there() -> None:
    assert found() is None


def test_a_module_that_was_read_and_changed_makes_it_void() -> None:
    results.store(KEY, TRIAL, READS)
    assert found(before={"a.py": "a = 2\n"}.get) is None
    assert found(before={}.get) is None


def test_a_module_that_was_not_there_and_now_is_makes_it_void() -> None:
    results.store(KEY, TRIAL, READS)
    assert found(after={"b.py": ""}.get) is None


OTHERS = {
    "the calls": lambda: results.key_of(FUNCTION, ("f(2)",), Config(), Budget()),
    "the probes": lambda: results.key_of(FUNCTION, (), Config(probes=2), Budget()),
    "the exceptions": lambda: results.key_of(FUNCTION, (), Config(exceptions="any"), Budget()),
    "the model": lambda: results.key_of(FUNCTION, (), Config(model="another"), Budget()),
    "the pairs": lambda: results.key_of(FUNCTION, (), Config(), Budget(pairs=1)),
    "the cost": lambda: results.key_of(FUNCTION, (), Config(), Budget(cost=1)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_a_trial_hangs_on_is_in_its_name(name: str) -> None:
    assert OTHERS[name]() != KEY


def test_the_text_around_the_function_is_in_its_name() -> None:
    other = changed("A = 1\ndef f(x):\n    return x\n", "A = 1\ndef f(x):\n    return -x\n")
    assert results.key_of(other, (), Config(), Budget()) != KEY


@pytest.mark.parametrize("setting", [{"jobs": 2}, {"time_budget": 1.0}, {"fail_on": "never"}, {"disable": ("CWM001",)}])
def test_what_a_trial_does_not_hang_on_is_not_in_its_name(setting: dict[str, object]) -> None:
    assert results.key_of(FUNCTION, (), Config(**setting), Budget()) == KEY  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"was_cut": True}, {"problem": SkipReason.CRASHED}, {"problem": SkipReason.SANDBOX_OFF}]
)
def test_what_another_time_would_give_more_is_not_kept(change: dict[str, object], folder: Path) -> None:
    results.store(KEY, Trial((), **change), READS)  # type: ignore[arg-type]
    assert not folder.exists()


HOSTILE = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "no trial": '{"reads": [{}, {}]}',
    "no reads": '{"trial": []}',
    "reads of other kinds": '{"reads": [[1], 2], "trial": []}',
    "one side": '{"reads": [{}], "trial": []}',
    "a trial of other kinds": '{"reads": [{}, {}], "trial": [[], "1", null, null, "exact", [], [], false]}',
    "an evidence of its own": '{"reads": [{}, {}], "trial": [[], 1, null, null, "certain", [], [], false]}',
    "deep": '{"reads": [{}, {}], "trial": ' + "[" * 90_000 + "]" * 90_000 + "}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_entry_is_no_entry(text: str, folder: Path) -> None:
    results.store(KEY, TRIAL, READS)
    (entry,) = folder.iterdir()
    entry.write_text(text)
    assert found() is None


def test_an_entry_that_others_can_write_is_no_entry(folder: Path) -> None:
    results.store(KEY, TRIAL, READS)
    (entry,) = folder.iterdir()
    assert json.loads(entry.read_text())["reads"][1] == {"b.py": None}
    entry.chmod(0o666)
    assert found() is None


def test_the_folder_stays_within_its_bounds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FILES", 3)
    for number in range(6):
        results.store(f"{number}", TRIAL, READS)
    results.tidy()
    assert len(list(folder.iterdir())) == 3


def test_the_name_holds_our_sources_wherever_they_are_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "PACKAGE", folder / "training" / "cwm_check")
    source = results.PACKAGE / "compare.py"
    source.parent.mkdir(parents=True)
    names = set()
    for text in ("first", "second"):
        source.write_text(text)
        results.fingerprint.cache_clear()
        names.add(results.fingerprint())
    results.fingerprint.cache_clear()  # that of the real sources is wanted again
    assert len(names) == 2
