"""`python -m tests.fuzz [TARGET ...] [--cases N]`: the long run; 1 and the failing input where one fails.

nice python -m tests.fuzz --cases 20000               # every night
python -m tests.fuzz settings --seed 7 --seconds 600  # again from that seed, and for so long at most
python -m tests.fuzz patches --atheris --seconds 600  # guided by coverage; needs `pip install atheris`
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings

from tests.fuzz.targets import FAST, SLOW

SHARE = 20  # a case of the whole flow costs as much as this many of another target
SHARD = 500  # cases of one seed


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
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(FAST | SLOW))
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--seconds", type=int, help="the most for one target")
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args()
    if unknown := [name for name in options.targets if name not in FAST | SLOW]:
        parser.error(f"no target is called {unknown[0]}")
    if options.atheris:
        (name,) = options.targets
        return _guided(prepared((FAST | SLOW)[name], options.cases), options.seconds or 300)
    failed = 0
    for name in options.targets or (FAST | SLOW):
        failed += not _held(name, options)
    return int(failed > 0)


def _held(name: str, options: argparse.Namespace) -> bool:
    """Run one target, shard by shard, and tell how that went."""
    cases = options.cases if name in FAST else options.cases // SHARE
    target, done, told = prepared((FAST | SLOW)[name], min(cases, SHARD)), 0, "ok"
    begun, used = time.monotonic(), time.process_time()
    for number in range(0, cases, SHARD):
        if options.seconds and time.monotonic() - begun > options.seconds:
            break
        try:
            seed(options.seed + number)(target)()
        except Exception as error:
            told = f"FAILED {type(error).__name__}: {error}"
            print("\n".join(getattr(error, "__notes__", ())), file=sys.stderr)
            break
        done = min(number + SHARD, cases)
    seconds = f"{time.process_time() - used:.0f} s of a processor, {time.monotonic() - begun:.0f} s"
    print(f"{name}: {done} cases, {seconds}, seed {options.seed}, {told}", flush=True)
    return told == "ok"


def _guided(target: Any, seconds: int) -> int:
    import atheris

    for thing in gc.get_objects():  # instrumenting all that is loaded would take minutes
        if isinstance(thing, FunctionType) and str(thing.__module__).startswith("cwm_check."):
            atheris.instrument_func(thing)
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}"], target.hypothesis.fuzz_one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
