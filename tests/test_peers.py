"""Thirty small changes that were tried on other tools: one is a refactoring, 29 change behaviour.

CrossHair missed nine of these, and called five of the nine "likely the same". Each file of `tests/peers` is one pair:
the module before, a marker line, the module after.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from changes import PATIENT

from cwm_check.check import check
from cwm_check.git import Pair, read_changes

PAIRS = Path(__file__).parent / "peers"
MARKER = "=== after ===\n"

CHANGED = {
    "argument_sorted": {"ordered": ["CWM006"]},
    "arithmetic_untyped": {"final_price": ["CWM001"]},
    "async_body": {"fetch": ["CWM001"]},
    "boundary_clamp": {"clamp": ["CWM001"]},
    "boundary_discount": {"discount": ["CWM001"]},
    "default_changed": {"add": ["CWM001", "CWM106"]},
    "file_read": {"read_token": ["CWM001"]},
    "float_rounding": {"to_cents": ["CWM001"]},
    "generator_yields": {"count": ["CWM009"]},
    "global_constant": {"tax": ["CWM001"]},
    "guard_removed": {"mean": ["CWM004", "CWM113"]},
    "helper": {"_step": ["CWM001"], "advance": ["CWM001"]},
    "loop_bound": {"triangle": ["CWM001"]},
    "magic_number": {"double": ["CWM001"]},
    "magic_string": {"is_admin": ["CWM001"]},
    "message_only": {"positive": ["CWM005"]},
    "method_boundary": {"Account.can_pay": ["CWM001"]},
    "missing_key": {"stock_of": ["CWM001"]},
    "nested_dict": {"city_of": ["CWM001"]},
    "optional_none": {"greet": ["CWM002"]},
    "parameter_added": {"add": ["CWM108"]},
    "parameter_renamed": {"twice": ["CWM103"]},
    "partition": {"extension": ["CWM001"]},
    "printed_upper": {"shout": ["CWM007"]},
    "random_bound": {"roll": ["CWM001"]},
    "regex": {"is_number": ["CWM001"]},
    "separator_untyped": {"join_items": ["CWM001", "CWM106"]},
    "strip_removed": {"slug": ["CWM001"]},
    "subprocess_return": {"revision": ["CWM001"]},
}


def verdicts(name: str, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Return the kind of each verdict on a pair, and the rules of its findings."""
    files = folder / "before.py", folder / "after.py"
    for file, text in zip(files, (PAIRS / f"{name}.txt").read_text().split(MARKER), strict=True):
        file.write_text(text)
    result = check(read_changes(Pair(*files), None, ()), PATIENT)
    return {v.qualname: (v.kind, sorted(f.rule for f in v.findings)) for v in result.verdicts}


@pytest.mark.parametrize(("name", "rules"), CHANGED.items(), ids=CHANGED)
def test_a_change_of_behaviour_is_found(name: str, rules: dict[str, list[str]], tmp_path: Path) -> None:
    assert {qualname: ("changed", found) for qualname, found in rules.items()} == verdicts(name, tmp_path)


def test_a_refactoring_is_not_reported(tmp_path: Path) -> None:
    assert verdicts("sum_refactored", tmp_path) == {"total": ("unchanged", [])}


def test_every_pair_is_expected_to_be_something() -> None:
    assert sorted([*CHANGED, "sum_refactored"]) == sorted(file.stem for file in PAIRS.iterdir())
