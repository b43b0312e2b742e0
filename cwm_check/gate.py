"""Does a change pass? A result and the settings go in, the reasons to stop it come out; none means that it passes.

Behaviour changes are mostly meant, so a finding stops nothing unless its level says so, or the author said that the
behaviour stays.
"""

from __future__ import annotations

from cwm_check.config import Config
from cwm_check.rules import NEW_CODE, SLIGHT_RULES
from cwm_check.verdicts import CheckResult
from cwm_check.vocabulary import Level, SkipReason

_AT_OR_OVER: dict[str, tuple[Level, ...]] = {
    "error": (Level.ERROR,),
    "warning": (Level.ERROR, Level.WARNING),
    "note": (Level.ERROR, Level.WARNING, Level.NOTE),
    "never": (),
}

# Nothing was left undone for these: there is no former version, or the user did not ask.
_NOT_MISSED = frozenset({SkipReason.ADDED.value, SkipReason.REMOVED.value, SkipReason.SELECTION.value})


def reasons_to_stop(result: CheckResult, config: Config) -> tuple[str, ...]:
    """Return why the change does not pass, one clause for each reason."""
    reasons = (_findings_reason(result, config), _skip_reason(result) if config.fail_on_skip else None)
    return tuple(reason for reason in reasons if reason)


def _findings_reason(result: CheckResult, config: Config) -> str | None:
    found = sum(finding.rule not in NEW_CODE | SLIGHT_RULES for finding in result.findings)
    accepted = any(one.finding.rule not in NEW_CODE for one in result.accepted)
    if config.expect == "some" and not found and not accepted:
        return "no behaviour change was found, but one was expected"
    if config.expect == "none" and found:
        return f"{_findings(found)}, but the behaviour was expected to stay"
    # Where the author said what is expected of the behaviour, levels only count for what is wrong with new code.
    counted = [f for f in result.findings if config.expect == "any" or f.rule in NEW_CODE]
    over = sum(finding.level in _AT_OR_OVER[config.fail_on] for finding in counted)
    return f"{_findings(over)} at or over --fail-on {config.fail_on}" if over else None


def _skip_reason(result: CheckResult) -> str | None:
    skipped = [verdict.reason for verdict in result.verdicts if verdict.kind == "skipped"]
    missed = [reason for reason in [*skipped, *(p.reason for p in result.problems)] if reason not in _NOT_MISSED]
    if len(missed) < 2:
        return "1 function or file was not judged" if missed else None
    return f"{len(missed)} functions or files were not judged"


def _findings(number: int) -> str:
    return "1 finding" if number == 1 else f"{number} findings"
