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
