"""The rules and the notices of our SARIF report, made from `rules.py`, with the properties that GitHub sorts by."""

from __future__ import annotations

from cwm_check.rule_texts import markdown, plain
from cwm_check.rules import NEW_CODE, RULES, Rule
from cwm_check.vocabulary import Level

_SEVERITIES = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "recommendation"}


def rules() -> list[dict[str, object]]:
    """Return all rules; a security severity is left out on purpose: it would make each result a security alert."""
    return [_rule(rule) for rule in RULES.values()]


def _rule(rule: Rule) -> dict[str, object]:
    proved = rule.id.startswith(("CWM1", "CWM203"))
    topic = "new-code" if rule.id in NEW_CODE else "signature" if proved else "simulation"
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.explanation}"},
        "help": {"text": plain(rule), "markdown": markdown(rule)},
        "defaultConfiguration": {"level": rule.level.value} | ({"enabled": False} if rule.id in NEW_CODE else {}),
        "properties": {
            "precision": "high" if proved else "medium",
            "problem.severity": _SEVERITIES[rule.level],
            "tags": ["behaviour", topic],
        },
    }


def _notice(id: str, name: str, summary: str, explanation: str) -> dict[str, object]:
    return {
        "id": id,
        "name": name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": f"{summary} {explanation}"},
        "help": {"text": explanation, "markdown": f"**{summary}**\n\n{explanation}"},
    }


NOTIFICATIONS = [
    _notice(
        "function-skipped",
        "FunctionSkipped",
        "A changed function was not judged.",
        "Nothing is claimed about it: neither that it is the same nor that it changed. The message says why.",
    ),
    _notice(
        "file-skipped",
        "FileSkipped",
        "A changed file was not judged.",
        "It could not be read as Python 3 source. The message says why.",
    ),
]
