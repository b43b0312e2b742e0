"""The reports: each writes a whole `CheckResult` to the stream it is given, the same bytes for the same result."""

from __future__ import annotations

from collections.abc import Callable

from cwm_check.reports import concise, github, gitlab, html, json, junit, markdown, sarif, text

REPORTS: dict[str, Callable[..., None]] = {
    "text": text.render,
    "concise": concise.render,
    "json": json.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "html": html.render,
}
