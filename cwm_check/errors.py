"""What a user can cause, as exceptions; caught once, in `cli.main`.

    CwmCheckError           exit 2: usage, configuration, git
    └── AnalysisError       exit 3: the tool itself could not work (sandbox or model missing or broken)

"This function cannot be judged" is no error: it is the verdict `skipped` with a `SkipReason`.
"""

from __future__ import annotations


class CwmCheckError(Exception):
    """A user's mistake; the message is one line that says what happened, where, and what to do."""

    exit_code = 2


class AnalysisError(CwmCheckError):
    """The tool could not analyse at all: no sandbox, a broken model, no memory."""

    exit_code = 3


UNUSABLE = (ImportError, OSError, RuntimeError)
"""What importing a library raises where it is missing, lacks a part, or was made for another machine."""


def first_words(error: BaseException) -> str:
    """Return what an exception of a library says, as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
