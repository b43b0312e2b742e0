"""Build hook: put the sandbox component and the bundled models into the wheel.

The component is CPython compiled to WebAssembly: one file for every platform, too large for git, so it is made here, by
componentize-py, which is why that is a build requirement. It is made again only when its sources are newer, and in the
tree, so that an editable install has it, too. Of a model, the files of its manifest are packed; an editable install
finds them where they are.
"""

from __future__ import annotations

import json
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
        if version == "standard":
            build_data["force_include"].update(_model_files(root))


def _model_files(root: Path) -> dict[str, str]:
    """Where each file of a bundled model is, and its place in the wheel."""
    found = {}
    for manifest in sorted((root / "models").glob("*/manifest.json")):
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        for name in (manifest.name, *(file["name"] for file in files)):
            found[str(manifest.parent / name)] = f"cwm_check/models/{manifest.parent.name}/{name}"
    return found


def _is_stale(root: Path) -> bool:
    component = root / COMPONENT
    sources = [path for path in (root / SANDBOX).rglob("*") if path.suffix in (".py", ".wit")]
    return not component.exists() or component.stat().st_mtime < max(path.stat().st_mtime for path in sources)
