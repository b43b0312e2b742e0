"""Make a very small nano from nothing in a few minutes: questions, training, export, evaluation.

    python -m cwm_check.training.smoke FOLDER [--minutes 1.5]

It learns next to nothing; it shows that every part works, and how they fit together.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from cwm_check.codecs.nano import VOCABULARY
from cwm_check.training.checkpoint import export, load
from cwm_check.training.evaluate import evaluate
from cwm_check.training.harvest import harvest_all
from cwm_check.training.network import Shape
from cwm_check.training.train import Plan, train

_PACKAGES = ("shlex", "string", "textwrap")
"""The last one is held out."""
_SHAPE = Shape(len(VOCABULARY), 64, 2, 2, 2, intermediate_size=128)


def smoke(folder: Path, minutes: float) -> Path:
    """Make the model in `folder`; return the folder of its export, with `scores.json` in it."""
    questions = folder / "questions"
    harvest_all(questions, 20, _PACKAGES)
    plan = Plan(folder / "run", minutes, minutes / 3, questions, shard_size=1000, validation_size=100)
    export(train(plan, _SHAPE), folder / "model")
    scores = evaluate(load(folder / "model"), 40, questions, None)
    (folder / "model" / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return folder / "model"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Make a very small nano from nothing.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=1.5)
    options = parser.parse_args(arguments)
    print(smoke(options.folder, options.minutes))


if __name__ == "__main__":
    main()
