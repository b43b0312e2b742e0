"""`cwm-check trace` and `cwm-check debug`: arguments in, one call each.

Part of every start of the command line, so that the commands import what they need themselves.
"""

from __future__ import annotations

from pathlib import Path

import click

from cwm_check.output import complain, say


@click.command()
@click.argument("target", metavar="FILE::QUALNAME")
@click.option("--call", metavar="'F(3, X)'", help="The call to trace; a bare name stands for an unknown value.")
@click.option("--frames", type=click.IntRange(1), default=2000, show_default=True, metavar="N", help="At most.")
@click.option("--format", type=click.Choice(["table", "json"]), default="table", show_default=True)
def trace(target: str, call: str | None, frames: int, format: str) -> None:
    """Print the predicted execution of one call, frame by frame.

    Nothing of the file runs on this machine. Without --call, a call is made up.
    """
    from cwm_check.listing import as_json, table
    from cwm_check.session import open_session
    from cwm_check.subject import subject_at

    subject = subject_at(target, Path.cwd())
    session = open_session(subject, lambda what: complain([what]), call=call)
    found = session.replay(session.begin(call), frames=frames).simulated()
    function = subject.function
    if format == "json":
        say([as_json(function.path, function.qualname, found.call, found.before, found.assumptions)])
    else:
        say(table(f"{function.path}::{function.qualname}  {found.call}", found.before, found.assumptions))
