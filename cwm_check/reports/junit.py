"""The report as JUnit XML: every changed function is a test case, that fails when its behaviour changed.

Times are left out, so that the same result gives the same bytes.
"""

from __future__ import annotations

from typing import TextIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from cwm_check.reports.summary import counts, in_order
from cwm_check.rules import RULES
from cwm_check.verdicts import CheckResult, Verdict
from cwm_check.wording import printable


def render(result: CheckResult, out: TextIO) -> None:
    """Write the report."""
    skipped = counts(result)["skipped"] + len(result.problems)
    failed = sum(bool(verdict.findings) for verdict in result.verdicts)
    suite = Element("testsuite", name="cwm-check", tests=str(len(result.verdicts) + len(result.problems)))
    suite.set("failures", str(failed))
    suite.set("errors", "0")
    suite.set("skipped", str(skipped))
    for verdict in in_order(result):
        _add_case(suite, verdict)
    for problem in result.problems:
        case = SubElement(suite, "testcase", classname=printable(problem.path), name="(file)")
        SubElement(case, "skipped", message=problem.reason.value)
    root = Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    out.write("<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(root, encoding="unicode") + "\n")


def _add_case(suite: Element, verdict: Verdict) -> None:
    case = SubElement(suite, "testcase", classname=printable(verdict.path), name=printable(verdict.qualname))
    case.set("file", printable(verdict.path))
    case.set("line", str(verdict.line))
    if verdict.kind == "skipped":
        SubElement(case, "skipped", message=printable(verdict.reason))
    if verdict.findings:
        failure = SubElement(case, "failure", message=verdict.findings[0].message)
        failure.set("type", f"{verdict.findings[0].rule} {RULES[verdict.findings[0].rule].name}")
        failure.text = "\n".join(f"{finding.line}: {finding.rule} {finding.message}" for finding in verdict.findings)
