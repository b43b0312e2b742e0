"""`cwm-check trace` and `cwm-check debug`: arguments in, one call each.

Part of every start of the command line, so that the commands import what they need themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cwm_check.commands.output import complain, reader_may_leave, say
from cwm_check.errors import CwmCheckError


@click.command()
@click.argument("target", metavar="FILE::QUALNAME")
@click.option("--call", metavar="'F(3, X)'", help="The call to trace; a bare name stands for an unknown value.")
@click.option("--frames", type=click.IntRange(1), default=2000, show_default=True, metavar="N", help="At most.")
@click.option("--format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--codec-text", is_flag=True, help="As text in the format of facebook/cwm.")
@click.option(
    "--simulate",
    type=click.Choice(["hybrid", "neural", "both"]),
    default="hybrid",
    show_default=True,
    help="Compute what is known, let the world model alone predict, or compare the two.",
)
@click.option("--model", default="nano", show_default=True, metavar="NAME", help="World model that predicts.")
def trace(target: str, call: str | None, frames: int, format: str, codec_text: bool, simulate: str, model: str) -> None:
    """Print the predicted execution of one call, frame by frame.

    Nothing of the file runs on this machine. Without --call, a call is made up.
    """
    from cwm_check.debugging.listing import as_json, parting, table
    from cwm_check.debugging.session import open_session
    from cwm_check.debugging.subject import subject_at

    if simulate == "both" and (codec_text or format == "json"):
        raise CwmCheckError("--simulate both compares in a table: leave --format and --codec-text out")
    subject = subject_at(target, Path.cwd())
    session = open_session(subject, lambda what: complain([what]), call=call)
    setting, function = session.begin(call), subject.function
    runs = [session.replay(setting, frames=frames).simulated()] if simulate != "neural" else []
    if simulate != "hybrid":
        from cwm_check.neural.opening import open_neural

        runs.append(session.foresight(open_neural(model), setting).simulated())
    for found in runs:
        if codec_text:
            from cwm_check.codecs.cwm import as_text, render
            from cwm_check.debugging.activations import levelled

            say([as_text(render(levelled(found.before.trace)))] if found.before.trace else [])
        elif format == "json":
            say([as_json(function.path, function.qualname, found.call, found.before, found.assumptions)])
        else:
            say(table(f"{function.path}::{function.qualname}  {found.call}", found.before, found.assumptions))
    if simulate == "both" and format == "table" and not codec_text:
        say([parting(runs[0].before, runs[1].before)])


@click.command()
@click.argument("target", required=False, metavar="[FILE::QUALNAME]")
@click.option("--call", metavar="'F(3, X)'", help="The call to begin with; a bare name stands for an unknown value.")
@click.option("--diff", "is_diff", is_flag=True, help="Both versions of a changed function, in step.")
@click.option("--staged", is_flag=True, help="With --diff: the index against HEAD.")
@click.option("--from-ref", metavar="A", help="With --diff: from the merge base with A, or `A..B`.")
@click.option("--to-ref", metavar="B", help="With --from-ref; default: HEAD.")
@click.option("--patch", metavar="FILE", help="With --diff: a patch.")
@click.option("--before", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--after", type=click.Path(path_type=Path), metavar="FILE", help="With --diff: two versions of one file.")
@click.option(
    "--simulate",
    type=click.Choice(["hybrid", "neural", "both"]),
    default="hybrid",
    show_default=True,
    help="Step through the computed run, the predicted one, or both side by side.",
)
@click.option("--model", default="nano", show_default=True, metavar="NAME", help="World model that predicts.")
@click.option("--dap", "is_dap", is_flag=True, help="Serve an editor, by the Debug Adapter Protocol on standard input.")
def debug(
    target: str | None, call: str | None, is_diff: bool, simulate: str, model: str, is_dap: bool, **sources: Any
) -> None:
    """Step through the predicted execution, forwards and backwards.

    Nothing of the file runs on this machine: expressions, conditions and changes are carried out in the sandbox. With
    --diff and no other flag: HEAD against the work tree.
    """
    import sys

    from cwm_check.cache import cache_folder
    from cwm_check.debugging.shell import run
    from cwm_check.debugging.shell_session import opened

    if not is_diff:
        given = [name for name, value in sources.items() if value]
        if given:
            raise CwmCheckError(f"--{given[0].replace('_', '-')} goes with --diff")
        if is_dap:
            _serve(target, call, simulate, model)
            return
        if target is None:
            raise CwmCheckError("which function? cwm-check debug FILE::QUALNAME, or --diff for the changed one")
    elif is_dap:
        raise CwmCheckError("--dap shows one version: leave --diff out")
    if is_diff and simulate == "both":
        raise CwmCheckError("--diff compares two versions: take --simulate hybrid or --simulate neural with it")
    shell = opened(
        target,
        call,
        sources if is_diff else None,
        lambda what: complain([what]),
        model=None if simulate == "hybrid" else model,
        is_both=simulate == "both",
    )
    history = cache_folder() / "debug-history" if sys.stdin.isatty() else None
    with reader_may_leave():
        run(shell, history=history, stdout=sys.stdout)


def _serve(target: str | None, call: str | None, simulate: str, model: str) -> None:
    import sys

    from cwm_check.debugging.adapter import Adapter
    from cwm_check.debugging.dap import Channel
    from cwm_check.debugging.shell_session import for_editor

    if simulate == "both":
        raise CwmCheckError("--dap shows one run: take --simulate hybrid or --simulate neural with it")
    opened = for_editor(lambda what: complain([what]), model if simulate == "neural" else None)
    Adapter(Channel(sys.stdin.buffer, sys.stdout.buffer), opened, target, call).serve()
