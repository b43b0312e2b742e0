"""A runner of composite actions, small enough for ours: expressions are looked up, `run:` scripts run in real bash."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
_NAME = re.compile(r"\b(?:inputs|steps|github|runner)\.[\w.-]+")


def value_of(expression: str, contexts: Mapping[str, Any]) -> str:
    """Return what a dotted name such as `steps.base.outputs.range` stands for; what is missing is empty."""
    found: Any = contexts
    for part in expression.split("."):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return "" if found == {} else str(found)


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """Return `text` with all its `${{ }}` replaced."""
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: value_of(match[1], contexts), text)


def holds(condition: str, contexts: Mapping[str, Any]) -> bool:
    """Return whether an `if:` of names, texts, `==`, `!=`, `&&` and `||` holds."""
    python = _NAME.sub(lambda match: repr(value_of(match[0], contexts)), condition)
    return bool(eval(python.replace("&&", " and ").replace("||", " or "), {"__builtins__": {}}))


@dataclass
class Job:
    """One job: its checkout, what the event says, and what its steps have left behind."""

    checkout: Path
    temp: Path
    event: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    log: str = ""

    @property
    def contexts(self) -> dict[str, Any]:
        """The contexts that expressions read."""
        defaults = {name: wanted["default"] for name, wanted in ACTION["inputs"].items()}
        steps = {name: {"outputs": outputs} for name, outputs in self.outputs.items()}
        return {"inputs": defaults | dict(self.given), "steps": steps, "github": self.event, "runner": {"os": "Linux"}}

    def run(self) -> int:
        """Run the steps that are scripts, up to the first that fails, and return its exit code."""
        for step in STEPS:
            if "run" not in step or not holds(step.get("if", "'yes'"), self.contexts):
                continue
            if status := self._run(step):
                return status
        return 0

    def _run(self, step: Mapping[str, Any]) -> int:
        written = self.temp / "output"
        written.write_text("", encoding="utf-8")
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(script, cwd=self.checkout, env=self._environment(step), capture_output=True, text=True)
        self.log += done.stdout + done.stderr
        lines = written.read_text(encoding="utf-8").splitlines()
        self.outputs[step.get("id", step["name"])] = dict(line.split("=", 1) for line in lines)
        return done.returncode

    def _environment(self, step: Mapping[str, Any]) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in os.environ if not name.startswith(("CWM_CHECK", "GITHUB_"))}
        runner = {
            "GITHUB_ACTION_PATH": str(PROJECT),
            "GITHUB_BASE_REF": value_of("github.base_ref", self.contexts),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "RUNNER_TEMP": str(self.temp),
        }
        return inherited | runner | {name: filled(text, self.contexts) for name, text in step.get("env", {}).items()}
