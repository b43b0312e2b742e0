"""One finding as a pytest function that holds the behaviour before: it passes on the version before and fails after.

The finding and the module's text before go in, lines of Python come out. Names and values are taken apart and written
anew, never copied: text of the checked code stays text. What needs objects that nobody knows is written as skipped.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cwm_check.reports.repeatable import Call, Unpinned, repeatable
from cwm_check.trace import Evidence
from cwm_check.verdicts import Finding
from cwm_check.wording import printable, shorten

_WIDTH = 200
_RETURNS = frozenset({"CWM001", "CWM002"})
_RAISES = frozenset({"CWM003", "CWM004", "CWM005"})
_FORMS = _RETURNS | _RAISES | {"CWM006", "CWM007", "CWM009"}


@dataclass(frozen=True, slots=True)
class Pinned:
    """One test."""

    lines: tuple[str, ...]
    imports: frozenset[str] = frozenset()
    skipped: bool = False


def pinned(finding: Finding, module: ast.Module, name: str) -> Pinned:
    """Return the test `name`; one that is skipped, with the reason, if the call cannot be repeated."""
    try:
        return _test(finding, module, name)
    except Unpinned as error:
        what = f"{error}: {shorten(printable(finding.call or finding.message), _WIDTH)}"
        lines = (f"@pytest.mark.skip(reason={what!a})", f"def {name}():", "    pass")
        return Pinned(lines, frozenset({"pytest"}), skipped=True)


def _test(finding: Finding, module: ast.Module, name: str) -> Pinned:
    if finding.call is None or finding.rule not in _FORMS:
        raise Unpinned("no value of a call to hold")
    if finding.evidence is not Evidence.EXACT:
        raise Unpinned(f"{finding.evidence.value}, it rests on values that nobody knows")
    call = repeatable(finding.call, module)
    body, imports = list(_body(finding, call)), set(call.needs)
    given = "capsys" if finding.rule == "CWM007" else ""
    if any("pytest." in line for line in body):
        imports.add("pytest")
    return Pinned((f"def {name}({given}):", *(f"    {line}" for line in body)), frozenset(imports))


def _body(finding: Finding, call: Call) -> Iterator[str]:
    before, after = finding.before or "", finding.after or ""
    if finding.rule in _RETURNS:
        yield _equal(call.text, before, after if finding.rule == "CWM001" else "")
    elif finding.rule in _RAISES:
        yield from _raises(finding.rule, call.text, before)
    elif finding.rule == "CWM007":
        yield call.text
        yield f'assert "".join(capsys.readouterr()) == {_literal(before)!a}'
    elif finding.rule == "CWM009":
        yield _equal(f"list({call.text})", before, after)
    else:
        yield from _mutates(call, before)


def _equal(expression: str, before: str, after: str) -> str:
    """Return the assertion: `==` where that tells the values apart, else by their texts, as for 1 and True."""
    try:
        one = _literal(before)
    except Unpinned:
        if re.search(r"[<>]| object", before):
            raise
        return f"assert repr({expression}) == {before!a}"
    if one is None:
        return f"assert {expression} is None"
    try:
        differs = _literal(after) != one
    except Unpinned:
        differs = True
    return f"assert {expression} == {one!a}" if differs else f"assert repr({expression}) == {before!a}"


def _raises(rule: str, call: str, before: str) -> Iterator[str]:
    kind, _, message = before.partition("(")
    known = kind if isinstance(getattr(builtins, kind, None), type) else "Exception"
    yield f"with pytest.raises({known}) as caught:"
    yield f"    {call}"
    yield f"assert type(caught.value).__name__ == {kind.rpartition('.')[2]!a}"
    if rule == "CWM005":
        yield f"assert str(caught.value) == {_literal(message[:-1]) if message else ''!a}"


def _mutates(call: Call, before: str) -> Iterator[str]:
    name, _, state = before.removesuffix(" as it was").partition(" = ")
    if name not in call.arguments:
        raise Unpinned("the state of an object")
    given = call.arguments[name]
    yield f"{name} = {given}"
    yield call.with_name(name)
    yield f"assert {name} == {ascii(_literal(state)) if state else given}"


def _literal(text: str) -> object:
    try:
        return set() if text == "set()" else ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unpinned("a value without a literal") from None
