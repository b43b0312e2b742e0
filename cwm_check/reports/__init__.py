"""The reports: each writes a whole `CheckResult` to the stream it is given, the same bytes for the same result.

A report is imported when it is first written: a check writes one or two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

from cwm_check.verdicts import CheckResult


def _write(format: str, result: CheckResult, out: TextIO, **options: Any) -> None:
    """Write the report called `format`."""
    _renderer(format)(result, out, **options)


def _renderer(format: str) -> Callable[..., None]:
    match format:
        case "text":
            from cwm_check.reports import text

            return text.render
        case "concise":
            from cwm_check.reports import concise

            return concise.render
        case "json":
            from cwm_check.reports import json

            return json.render
        case "sarif":
            from cwm_check.reports import sarif

            return sarif.render
        case "github":
            from cwm_check.reports import github

            return github.render
        case "gitlab":
            from cwm_check.reports import gitlab

            return gitlab.render
        case "junit":
            from cwm_check.reports import junit

            return junit.render
        case "markdown":
            from cwm_check.reports import markdown

            return markdown.render
        case "html":
            from cwm_check.reports import html

            return html.render
    raise AssertionError(f"unreachable: {format!r}")


REPORTS: dict[str, Callable[..., None]] = {
    name: partial(_write, name)
    for name in ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "html")
}
