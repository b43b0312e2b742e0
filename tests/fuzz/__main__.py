"""`python -m tests.fuzz [TARGET ...] [--cases N]`: the long run; 1 and the failing input where one fails.

nice python -m tests.fuzz --cases 20000              # every night
python -m tests.fuzz patches --atheris --seconds 600  # guided by coverage; needs `pip install atheris`
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from tests.fuzz.targets import FAST, SLOW

SHARE = 20  # a case of the whole flow costs as much as this many of another target


def prepared(target: Callable[[], None], cases: int) -> Any:
    """Return the target with `cases` examples, however long they take."""
    return settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )(target)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(FAST | SLOW))
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("--seconds", type=int, default=300)
    options = parser.parse_args()
    failed = 0
    for name in options.targets or (FAST | SLOW):
        cases = options.cases if name in FAST else options.cases // SHARE
        target = prepared((FAST | SLOW)[name], cases)
        if options.atheris:
            return _guided(target, options.seconds)
        begun = time.monotonic()
        try:
            target()
            told = "ok"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed, told = 1, f"FAILED {type(error).__name__}: {error}"
            notes = "\n".join(getattr(error, "__notes__", ()))
            print(notes, file=sys.stderr)
        print(f"{name}: {cases} cases, {time.monotonic() - begun:.0f} s, {told}", flush=True)
    return failed


def _guided(target: Any, seconds: int) -> int:
    import atheris

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}"], target.hypothesis.fuzz_one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
