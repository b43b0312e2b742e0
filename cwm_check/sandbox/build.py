"""Builds the sandbox: CPython with our guest in one WebAssembly component that can only `ask` and `emit`.

Used by the build hook of the project; needs componentize-py. Takes about 20 s; the component is one file for every
platform.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def build(out: Path) -> None:
    """Write the component to `out`; raises `subprocess.CalledProcessError` with the tool's own message."""
    subprocess.run(
        [
            *(sys.executable, "-c", "from componentize_py import script; script()"),
            *("-d", str(HERE / "world.wit"), "-w", "ground"),
            *("componentize", "app", "-p", str(HERE / "guest"), "--stub-wasi", "-o", str(out.absolute())),
        ],
        check=True,
        cwd=HERE / "guest",
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "ground.wasm")
