"""`cwm-check model`: list, info, verify, bench, export. Arguments in, one call each, lines on standard output.

Part of every start of the command line, so that the commands import what they need themselves.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cwm_check.errors import CwmCheckError

if TYPE_CHECKING:
    from cwm_check.commands.bench import Speed
    from cwm_check.inference.providers import Device
    from cwm_check.onnx_export.export import Codec, Precision, Writer
    from cwm_check.store import Model

_DEVICES = ("auto", "cpu", "cuda", "tensorrt")
_PRECISIONS: dict[str, Precision] = {"none": "float32", "fp16": "float16", "int8": "int8", "int4": "int4"}


@click.group()
def model() -> None:
    """Look at world models, and make them."""


@model.command("list")
def list_models() -> None:
    """List the models on this machine."""
    from cwm_check.store import models

    for one in models():
        manifest = one.manifest
        click.echo(
            f"{manifest.name:<12} {manifest.precision:<8} {_megabytes(one)}  {manifest.licence:<12} {one.folder}"
        )


@model.command()
@click.argument("name", default="nano")
def info(name: str) -> None:
    """Print what is known of a model, as JSON. NAME is a name or a folder."""
    from cwm_check.store import find_model

    found = find_model(name)
    click.echo(json.dumps({"folder": str(found.folder), **asdict(found.manifest)}, indent=2))


@model.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> int:
    """Compare the files of models with their manifests.

    Without a name: of all models.
    """
    from cwm_check.store import find_model, models, problems

    chosen = [find_model(name) for name in names] if names else models()
    found = [problem for one in chosen for problem in problems(one)]
    for problem in found:
        click.echo(problem, err=True)
    if not found:
        click.echo(f"{len(chosen)} intact: {', '.join(one.manifest.name for one in chosen)}")
    return 3 if found else 0


@model.command()
@click.argument("name", default="nano")
@click.option("--device", type=click.Choice(_DEVICES), default="auto", show_default=True)
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, metavar="ROWS")
@click.option("--limit", type=click.IntRange(1), default=40, show_default=True, metavar="TOKENS", help="Of a row.")
@click.option("--threads", type=click.IntRange(0), default=0, metavar="N", help="Default: one for each core.")
@click.option("--optimum", type=click.Path(path_type=Path), metavar="FOLDER", help="Optimum's export, to compare with.")
def bench(name: str, device: Device, batch: int, limit: int, threads: int, optimum: Path | None) -> None:
    """Measure how quick a model is here."""
    from cwm_check.commands.bench import measure
    from cwm_check.store import find_model

    speed = measure(find_model(name), device, batch, limit, threads=threads, reference=optimum)
    for line in _speed_lines(speed, batch):
        click.echo(line)


def _speed_lines(speed: Speed, rows: int) -> list[str]:
    lines = [
        f"device   {speed.device}",
        f"load     {speed.load:.3f} s",
        f"first    {speed.first:.3f} s",
        f"batch    {speed.batch:.3f} s for {rows} rows, {speed.tokens / speed.batch:.0f} tokens/s",
    ]
    if speed.reference is not None:
        ratio = speed.reference / speed.batch
        lines.append(f"optimum  {speed.reference:.3f} s, {ratio:.2f} times as long; {speed.agreeing} rows say the same")
    return lines


@model.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", help="Name of the model; default: that of the folder.")
@click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="Default: the cache, under its name.")
@click.option("--codec", type=click.Choice(["nano", "cwm"]), help="What the model speaks; default: by its tokenizer.")
@click.option("--quantize", type=click.Choice(list(_PRECISIONS)), default="none", show_default=True)
@click.option("--half", is_flag=True, help="Activations in float16, as GPUs want them.")
@click.option("--via", type=click.Choice(["writer", "optimum"]), default="writer", show_default=True)
@click.option("--licence", default="", help="SPDX identifier of the weights' licence; only a CWM has its own.")
@click.option("--source", "origin", help="Where the checkpoint comes from; default: the name of its folder.")
def export(
    source: Path,
    name: str | None,
    to: Path | None,
    codec: Codec | None,
    quantize: str,
    half: bool,
    via: str,
    licence: str,
    origin: str | None,
) -> None:
    """Turn a Hugging Face checkpoint in the folder SOURCE into a model.

    Llama and CWM checkpoints are written as our own graph, a weight at a time; `--via optimum` takes other
    architectures, slower ones.
    """
    from cwm_check.onnx_export.export import Label, export_model, notice_of
    from cwm_check.store import cache_folder

    notice = notice_of(source)
    if not licence and not notice:
        raise CwmCheckError("--licence is missing: the SPDX identifier of the weights' licence")
    if notice:
        click.echo(notice, err=True)
    label = Label(name or source.resolve().name, licence, origin or source.resolve().name)
    target, precision = to or cache_folder() / label.name, _PRECISIONS[quantize]
    made = export_model(source, target, label, precision, _writer(via, half), codec=codec)
    click.echo(f"{made.folder}: {made.manifest.name}, {precision}, {_megabytes(made).strip()}")


def _writer(via: str, half: bool) -> Writer:
    if via == "writer":
        from cwm_check.onnx_export.export import write_graph

        return partial(write_graph, half=half)
    if half:
        raise CwmCheckError("--half goes with --via writer only")
    from cwm_check.onnx_export.optimum import write_graph as write_by_optimum

    return write_by_optimum


def _megabytes(one: Model) -> str:
    return f"{one.size / 1e6:8.1f} MB"
