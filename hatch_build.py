"""Build hook: put the sandbox component into the wheel, and into the tree of an editable install.

The component is CPython compiled to WebAssembly: one file for every platform, too large for git, so it is made here, by
componentize-py, which is why that is a build requirement. It is made again only when its sources are newer.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SANDBOX = Path("cwm_check", "sandbox")
COMPONENT = SANDBOX / "ground.wasm"


class SandboxBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Called by hatchling before it packs a wheel or writes an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the component if it is missing or stale. Named as an artifact it is packed although git ignores it."""
        root = Path(self.root)
        if _is_stale(root):
            self.app.display_info("cwm-check: building the sandbox (up to a minute)")
            runpy.run_path(str(root / SANDBOX / "build.py"))["build"](root / COMPONENT)
        build_data["artifacts"].append(COMPONENT.as_posix())


def _is_stale(root: Path) -> bool:
    component = root / COMPONENT
    sources = [path for path in (root / SANDBOX).rglob("*") if path.suffix in (".py", ".wit")]
    return not component.exists() or component.stat().st_mtime < max(path.stat().st_mtime for path in sources)
