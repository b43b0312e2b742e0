"""`cwm-check train`: evaluate and smoke. Arguments in, one call each, lines on standard output.

Part of every start of the command line, so that the commands import what they need themselves.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from cwm_check.errors import CwmCheckError

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def train() -> None:
    """Make world models, and measure them."""


@train.command()
@click.argument("model", default="nano")
@click.option("--programs", type=click.IntRange(1), default=300, show_default=True, help="Held-out programs.")
@click.option("--questions", type=_FOLDER, help="Folder of harvested questions.")
@click.option("--cruxeval", type=_FILE, metavar="FILE", help="A cruxeval.jsonl.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write all numbers there, as JSON.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def evaluate(
    model: str, programs: int, questions: Path | None, cruxeval: Path | None, output: Path | None, format: str
) -> None:
    """Measure what a model predicts. MODEL is a name or a folder. CRUXEval's programs run on this machine."""
    from cwm_check.training.evaluate import evaluate as measure

    table = measure(model, programs, questions, cruxeval)
    text = json.dumps(table, indent=1)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    if format == "json":
        click.echo(text)
        return
    for name, value in table.items():
        if isinstance(value, float):
            click.echo(f"{name:<20} {value:.4f}")


@train.command()
@click.argument("folder", type=_FOLDER)
@click.option("--minutes", type=float, default=1.5, show_default=True, help="Of training.")
def smoke(folder: Path, minutes: float) -> None:
    """Make a very small world model in FOLDER, to show that every part of the training works."""
    try:
        from cwm_check.training.smoke import smoke as make
    except ImportError as error:
        raise CwmCheckError(f"training needs more packages ({error}): pip install 'cwm-check[train,export]'") from None
    click.echo(make(folder, minutes))
