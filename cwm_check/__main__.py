"""`cwm-check` and `python -m cwm_check`: the command line as a process of its own."""

from __future__ import annotations

import gc
import os
import sys
import time
from contextlib import suppress

from cwm_check.alarm import process_age
from cwm_check.commands.cli import main

GARBAGE = 50_000  # objects more than before: what a process this short makes is mostly there until its end


def command() -> None:
    """Run the command line, then end at once: to take the interpreter apart in good order would only cost time."""
    gc.set_threshold(GARBAGE)
    status = main(begun=time.monotonic() - process_age())
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    command()
