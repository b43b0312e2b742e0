from __future__ import annotations

from pathlib import Path

import pytest

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.git import Pair, read_changes
from cwm_check.rule_texts import EXAMPLES, markdown, page, plain
from cwm_check.rules import NEW_CODE, RULES

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"


def test_every_rule_has_an_example() -> None:
    assert list(EXAMPLES) == list(RULES)


@pytest.mark.parametrize("rule", EXAMPLES)
def test_the_example_of_a_rule_gives_its_finding(rule: str, tmp_path: Path) -> None:
    paths = tmp_path / "before.py", tmp_path / "after.py"
    for path, text in zip(paths, EXAMPLES[rule], strict=True):
        path.write_text(text, encoding="utf-8")

    result = check(read_changes(Pair(*paths), None, ()), Config(threshold=0.0, new_code=rule in NEW_CODE))

    assert rule in {finding.rule for finding in result.findings}


def test_the_page_is_that_of_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_told_the_same_everywhere(rule: str) -> None:
    parts = [part for part in plain(RULES[rule]).split("\n\n")[1:] if part != "Example:"]

    assert [part for part in parts if part not in markdown(RULES[rule])] == []
