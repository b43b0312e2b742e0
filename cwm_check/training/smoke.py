"""Make a very small nano from nothing in a few minutes: questions, training, export, evaluation of the exported graph.

    cwm-check train smoke FOLDER [--minutes 1.5]

It learns next to nothing; it shows that every part works, and how they fit together.
"""

from __future__ import annotations

import json
from pathlib import Path

from cwm_check.codecs.nano import VOCABULARY
from cwm_check.onnx_export.export import Label, export_model, write_graph
from cwm_check.training.checkpoint import export
from cwm_check.training.evaluate import evaluate
from cwm_check.training.harvest import harvest_all
from cwm_check.training.network import Shape
from cwm_check.training.statements import watch_all
from cwm_check.training.train import Plan, train

_PACKAGES = ("shlex", "string", "textwrap")
"""The last one is held out."""
_SHAPE = Shape(len(VOCABULARY), 64, 2, 2, 2, intermediate_size=128)


def smoke(folder: Path, minutes: float) -> Path:
    """Make the model in `folder`; return the folder of its export, with `scores.json` in it."""
    questions = folder / "questions"
    harvest_all(questions, 20, _PACKAGES)
    watch_all(questions / "statements", 20, _PACKAGES)
    plan = Plan(folder / "run", minutes, minutes / 3, questions, shard_size=1000, validation_size=100)
    export(train(plan, _SHAPE), folder / "model")
    label = Label("smoke", "Apache-2.0", "trained from nothing by cwm_check.training.smoke")
    export_model(folder / "model", folder / "model", label, "float32", write_graph)
    scores = evaluate(str(folder / "model"), 40, questions, None)
    (folder / "model" / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return folder / "model"
