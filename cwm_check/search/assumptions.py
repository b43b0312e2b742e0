"""Typed default answers, where no world model answers. Findings that hang on them say `assumed`."""

from __future__ import annotations

from cwm_check.simulations import Answer, Question
from cwm_check.trace import Evidence

_BY_NAME = {
    "url": "'http://example.com/a?b=c'",
    "uri": "'http://example.com/a'",
    "path": "'dir/file.txt'",
    "filename": "'file.txt'",
    "host": "'example.com'",
    "email": "'user@example.com'",
    "encoding": "'utf-8'",
    "charset": "'utf-8'",
    "method": "'GET'",
    "mode": "'r'",
    "version": "'1.2.3'",
    "date": "'2020-01-02'",
    "scheme": "'http'",
    "line": "'a = 1'",
}


class TypedDefaults:
    """A world model that knows nothing but types and a few conventional names."""

    name = "assumed"

    def answers(self, question: Question, count: int) -> tuple[Answer, ...]:
        """Return one value of the kind that is asked for, or an unknown object."""
        leaf = question.target.rpartition(".")[2].lower()
        value = (
            next((v for n, v in _BY_NAME.items() if leaf.endswith(n)), None) if "str" in question.arguments else None
        )
        return (Answer(value, 0.0, Evidence.ASSUMED),)
