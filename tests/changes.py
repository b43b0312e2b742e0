"""A changed function made from two texts, as the stages before would hand it on."""

from __future__ import annotations

from cwm_check.changes import FileChange
from cwm_check.config import Config
from cwm_check.extraction.functions import pair_functions
from cwm_check.pairs import ChangedFunction

PATIENT = Config(time_budget=3600)
"""Settings under which no verdict hangs on how busy the machine is."""


def changed(before: str, after: str, qualname: str = "f") -> ChangedFunction:
    """Return the function of that name from two versions of a module, in which every line counts as changed."""
    change = FileChange("m.py", "m.py", before, after, _lines(after), _lines(before))
    return next(function for function in pair_functions(change).changed if function.qualname == qualname)


def _lines(text: str) -> tuple[int, ...]:
    return tuple(range(1, text.count("\n") + 2))
