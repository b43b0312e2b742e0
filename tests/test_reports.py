"""What holds for every report, and each one whole: `pytest --accept` renews `tests/golden`."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from examples import EXAMPLES, HOSTILE_PATH

from cwm_check.reports import REPORTS

SUFFIXES = {
    "text": "txt",
    "concise": "concise.txt",
    "json": "json",
    "sarif": "sarif",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "junit": "xml",
    "markdown": "md",
    "html": "html",
}


def rendered(format: str, example: str) -> str:
    out = io.StringIO()
    REPORTS[format](EXAMPLES[example](), out)
    return out.getvalue()


@pytest.mark.parametrize("format", REPORTS)
@pytest.mark.parametrize("example", ["plain", "hostile", "empty"])
def test_a_report_is_as_it_was_accepted(format: str, example: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{example}.{SUFFIXES[format]}", rendered(format, example))


@pytest.mark.parametrize("format", REPORTS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_same_result_gives_the_same_bytes(format: str, example: str) -> None:
    first, second = (rendered(format, example).encode("utf-8") for _ in range(2))

    assert first == second
    assert first.endswith(b"\n")


@pytest.mark.parametrize("format", REPORTS)
def test_control_characters_of_the_checked_code_are_escaped(format: str) -> None:
    text = rendered(format, "hostile")

    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert HOSTILE_PATH not in text
