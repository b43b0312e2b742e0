from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
from examples import EXAMPLES, plain

from cwm_check.reports import junit
from cwm_check.verdicts import CheckResult


def suite_of(result: CheckResult) -> ElementTree.Element:
    out = io.StringIO()
    junit.render(result, out)
    (suite,) = ElementTree.fromstring(out.getvalue().encode())
    return suite


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_counts_are_those_of_the_cases(example: str) -> None:
    suite = suite_of(EXAMPLES[example]())

    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": str(len(suite)),
        "failures": str(len(suite.findall("testcase/failure"))),
        "errors": "0",
        "skipped": str(len(suite.findall("testcase/skipped"))),
    }


def test_each_function_is_a_case() -> None:
    cases = [(case.get("name"), *(child.tag for child in case)) for case in suite_of(plain())]

    assert cases == [
        ("total", "failure"),
        ("Cart.add",),
        ("Cart.sum",),
        ("load", "skipped"),
        ("fetch", "failure"),
        ("old", "failure"),
        ("(file)", "skipped"),
    ]


def test_a_failure_tells_all_findings() -> None:
    failure = suite_of(plain()).find("testcase/failure")

    assert failure is not None
    assert (failure.get("type"), failure.text) == (
        "CWM001 return-value",
        "7: CWM001 `total(items=[1], discount=6)` returns `0` instead of `-5`.\n"
        "4: CWM106 `total` called without `discount` now uses `6` instead of `5`.",
    )
