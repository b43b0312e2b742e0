"""Closed lists of the words that travel between the stages; users read most of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class SkipReason(StrEnum):
    """Why a function or a file could not be judged: a closed list; the value is what users read."""

    ADDED = "added: there is nothing to compare with"
    REMOVED = "removed: it was private, and its file names it no more"
    SYNTAX = "the source does not parse as Python 3"
    BINARY = "not a text file"
    ENCODING = "the source cannot be decoded"
    HUGE = "the file is too large"
    SUBMODULE = "a submodule, not a file"
    NO_BASE = "the patch does not apply to any known version of the file"
    SANDBOX_OFF = "the sandbox is not available"
    LIMIT = "every probe met a resource limit"
    NO_RUN = "no probe ran to an end on both versions"
    NOT_REACHED = "no probe reached some of the changed lines"
    UNNOTICED = "its runs would hardly show it if the changed lines did something else"
    UNSURE = "the world model is not sure enough"
    MODEL_OFF = "the world model does not work"
    TIME = "the time budget was used up"
    STEPS = "the steps that it may take were used up after a few runs"
    CRASHED = "its runs ended the process that ran them"
    CALLEE = "what differs may come from a function that it calls, whose parameters changed with it"
    SELECTION = "excluded by configuration"


class ParameterKind(StrEnum):
    POSITIONAL_ONLY = "positional-only"
    POSITIONAL_OR_KEYWORD = "positional-or-keyword"
    VAR_POSITIONAL = "*args"
    KEYWORD_ONLY = "keyword-only"
    VAR_KEYWORD = "**kwargs"


BY_POSITION = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
"""Parameters that one argument fills by its place."""


Binding = Literal["function", "method", "classmethod", "staticmethod", "property"]


ExceptionEquality = Literal["type", "type+message", "any"]
"""What of two exceptions must be equal; `any`: only that there is one."""


DifferenceKind = Literal[
    "return",
    "new-exception",
    "lost-exception",
    "other-exception",
    "message",
    "held",
    "cause",
    "order",
    "yield",
    "mutation",
    "print",
    "calls",
    "log",
    "warning",
    "ending",
]


SLIGHT: frozenset[DifferenceKind] = frozenset({"cause", "order"})
"""What most callers cannot notice."""


class Level(StrEnum):
    """SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


VerdictKind = Literal["same", "unchanged", "changed", "skipped"]
