"""Every fuzz target, 500 cases each; `python -m tests.fuzz` runs 20,000."""

from __future__ import annotations

import pytest

from tests.fuzz.__main__ import prepared
from tests.fuzz.targets import FAST, SLOW

CASES = 500
WHOLE = 25  # each runs in the sandbox


@pytest.mark.parametrize("name", FAST)
def test_a_part_holds_whatever_it_is_given(name: str) -> None:
    prepared(FAST[name], CASES)()


@pytest.mark.parametrize("name", SLOW)
def test_every_function_of_an_edited_file_gets_a_verdict(name: str) -> None:
    prepared(SLOW[name], WHOLE)()
