"""Findings as test files for pytest, one for each module: they pass before the change and fail where it shows.

The findings and the texts before the change go in, the files come out by name. Whoever runs them runs the checked code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from cwm_check.reports.pinning import Pinned, pinned
from cwm_check.rules import RULES
from cwm_check.verdicts import Finding

HEADER = '"""Written by cwm-check'


def test_files(
    findings: Sequence[Finding], before: Mapping[str, str], is_file: Callable[[str], bool]
) -> dict[str, str]:
    """Return name and text of each file; `is_file` says where the packages begin."""
    files = {}
    findings = [finding for finding in findings if finding.call is not None and finding.before is not None]
    for path in sorted({finding.path for finding in findings}):
        root, dotted = _importable(path, is_file)
        tree = _parsed(before.get(path, ""))
        if dotted and tree:
            told = [finding for finding in findings if finding.path == path]
            tests = [pinned(finding, tree, name) for finding, name in zip(told, _names(told), strict=True)]
            files[f"test_before_{dotted.replace('.', '_')}.py"] = _text(root, dotted, tests)
    return files


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _importable(path: str, is_file: Callable[[str], bool]) -> tuple[str, str]:
    """Return the folder that must be on the path and the dotted name; no name if there is none in Python."""
    parts = path.removesuffix(".py").split("/")
    start = len(parts) - 1
    while start > 0 and is_file("/".join([*parts[:start], "__init__.py"])):
        start -= 1
    dotted = [part for part in parts[start:] if part != "__init__"]
    fits = path.endswith(".py") and dotted and all(re.fullmatch(r"[A-Za-z_]\w*", part) for part in dotted)
    return "/".join(parts[:start]) or ".", ".".join(dotted) if fits else ""


def _names(findings: Sequence[Finding]) -> list[str]:
    names: list[str] = []
    for finding in findings:
        words = f"{finding.qualname}_{RULES[finding.rule].name}".replace(".", "_").replace("-", "_")
        stem = f"test_{re.sub(r'[^0-9A-Za-z_]', '', words)}"
        names.append(stem if stem not in names else f"{stem}_{len(names)}")
    return names


def _text(root: str, dotted: str, tests: Sequence[Pinned]) -> str:
    used = {name for test in tests for name in test.imports}
    standard = "".join(f"import {name}\n" for name in sorted({"sys", *used} - {"pytest"}))
    pytest = "\nimport pytest\n" if "pytest" in used else ""
    bodies = "".join(f"\n\n{chr(10).join(test.lines)}\n" for test in tests)
    return (
        f"{HEADER}: what `{dotted}` did before a change, on calls that show another behaviour after it.\n\n"
        "Run it at the root of the repository. A test that fails shows a change; delete it if that is meant.\n"
        f'"""\n\n{standard}{pytest}\nsys.path.insert(0, {root!a})\n\n'
        f"import {dotted} as module  # noqa: E402\n{bodies}"
    )
