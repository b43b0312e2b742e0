"""From nothing to a measured model, in one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cwm_check.commands.cli import main

pytest.importorskip("torch", reason="the [train] extra is not installed")
pytest.importorskip("onnx", reason="the [export] extra is not installed")


@pytest.mark.slow
def test_a_very_small_nano_is_made_and_measured(tmp_path: Path) -> None:
    assert main(["train", "smoke", str(tmp_path / "smoke"), "--minutes", "0.5"]) == 0
    scores = json.loads((tmp_path / "smoke" / "model" / "scores.json").read_text())
    assert 0 <= scores["frame_exact_match"] <= 1
    assert scores["questions"]["questions"] > 100
