"""`python -m benchmarks [PART ...]`: measures parts and prints JSON; default: all but `peers`, `functions`, slow sizes.

    python -m benchmarks                                  # a few minutes
    python -m benchmarks scale --sizes 1,10,100,1000
    python -m benchmarks functions --pairs pairs.jsonl --limit 30
    python -m benchmarks peers --peers-python VENV/bin/python

Runs the package that is installed for this Python, its bytecode compiled as `pip install` leaves it. Progress goes to
standard error.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import cwm_check
from benchmarks import commands, engine, functions, peers, sandbox, scale, stages

Part = Callable[[argparse.Namespace, Path], object]
PARTS: dict[str, Part] = {
    "commands": lambda options, folder: commands.measure(folder, options.rounds),
    "scale": lambda options, folder: scale.measure(folder, options.sizes, options.options),
    "stages": lambda options, folder: stages.measure(folder),
    "functions": lambda options, folder: functions.measure(options.pairs, options.limit, options.seconds),
    "sandbox": lambda options, folder: sandbox.measure(),
    "engine": lambda options, folder: engine.measure(),
    "peers": lambda options, folder: peers.measure(folder, options.peers_python),
}
USUAL = ("commands", "scale", "stages", "sandbox", "engine")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--sizes", type=lambda text: tuple(map(int, text.split(","))), default=(1, 10, 100))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=Path, metavar="JSONL", help="labelled pairs for `functions`")
    parser.add_argument("--limit", type=int, metavar="N", help="so many of the pairs")
    parser.add_argument("--seconds", type=float, default=600.0, help="after which `functions` begins no further pair")
    parser.add_argument("--option", dest="options", action="append", default=[], help="an option for each check")
    parser.add_argument(
        "--peers-python", default=sys.executable, help="a Python with crosshair-tool, griffe, hypothesis"
    )
    options = parser.parse_args()
    compileall.compile_dir(Path(cwm_check.__file__).parent, quiet=2)  # an editable install may not keep its own
    found: dict[str, object] = {"machine": machine()}
    for name in options.parts or USUAL:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            found[name] = PARTS[name](options, Path(folder))
    print(json.dumps(found, indent=2))


def machine() -> dict[str, object]:
    """Return what the figures depend on; the load says how far to trust them."""
    names = ("cwm-check", "libcst", "wasmtime")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": [round(x, 1) for x in os.getloadavg()],
    } | {name: version(name) for name in names}


if __name__ == "__main__":
    main()
