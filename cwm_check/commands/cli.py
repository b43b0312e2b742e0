"""The command line: arguments in, one call for each command, exit code out.

Exit codes: 0 the change passes, 1 it does not, 2 usage, configuration or git, 3 the tool could not analyse. Reports
go to standard output, all else to standard error. Commands import what is heavy themselves: `--help` must be quick.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from cwm_check import __version__
from cwm_check.commands.debug import debug, trace
from cwm_check.commands.model import model
from cwm_check.commands.output import FORMATS, complain, reader_may_leave, say, wants_color
from cwm_check.commands.train import train
from cwm_check.config import Config
from cwm_check.errors import CwmCheckError
from cwm_check.kinds import nearest
from cwm_check.rule_texts import evidence, example, page, plain
from cwm_check.rules import RULES, Rule

_HOOK_DEFAULTS = Config(time_budget=5.0)  # people stop committing through a hook that takes longer

_Command = TypeVar("_Command", bound=Callable[..., Any])

_BLOCKING = (
    click.option(
        "--fail-on", type=click.Choice(["error", "warning", "note", "never"]), help="Lowest level that blocks."
    ),
    click.option(
        "--expect",
        type=click.Choice(["any", "none", "some"]),
        help="Block if there is a finding (none), or if there is none (some).",
    ),
    click.option("--fail-on-skip", is_flag=True, help="Block if a function could not be judged."),
)
_JUDGING = (
    click.option("--time-budget", type=float, metavar="SECONDS", help="For all functions together."),
    click.option(
        "--simulate",
        type=click.Choice(["hybrid", "neural", "both"]),
        help="Who runs both versions.",
    ),
    click.option("--model", metavar="NAME", help="World model that predicts: name, folder, or openai:URL#NAME."),
    click.option("--probes", type=int, metavar="N", help="Calls to make up for each function, at most."),
    click.option("--baseline", metavar="FILE", help="Known findings: of `accept`, or a former JSON or SARIF report."),
    click.option("-j", "--jobs", type=int, metavar="N", help="Processes at once; default: one for each core."),
    click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier checks."),
    click.option("--new-code", is_flag=True, help="Look for mistakes of added and edited functions, too."),
    click.option("--threshold", type=float, metavar="0..1", help="Hide findings of less confidence."),
)
_COMPARING = (
    click.option("--staged", is_flag=True, help="The index against HEAD."),
    click.option("--from-ref", metavar="A", help="From the merge base with A, or `A..B` for exactly A to B."),
    click.option("--to-ref", metavar="B", help="With --from-ref; default: HEAD."),
    click.option("--diff", metavar="FILE|-", help="A patch."),
    click.option("--base", metavar="REV", help="With --diff: the revision the patch applies to."),
    click.option("--before", type=click.Path(path_type=Path), metavar="FILE"),
    click.option("--after", type=click.Path(path_type=Path), metavar="FILE", help="Two versions of one file."),
)
_REPORTING = (
    click.option("--format", "formats", multiple=True, metavar="FMT[:PATH]", help=f"{', '.join(FORMATS)}. Repeatable."),
    click.option("--sarif-suppressed", is_flag=True, help="Write accepted findings into SARIF, too."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
    click.option("--no-color", "color", flag_value="never", help="Same as --color never."),
)


def _with(options: Sequence[Callable[[_Command], _Command]]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="cwm-check")
def commands() -> None:
    """Tell what a change to Python code does, before it runs.

    `cwm-check --staged` is short for `cwm-check check --staged`.
    """


@commands.command()
@click.argument("paths", nargs=-1)
@_with(_COMPARING)
@click.option("--write-tests", type=click.Path(path_type=Path), metavar="DIR", help="Write findings as pytest files.")
@click.option("--explain", is_flag=True, help="Tell each finding step by step, in the text report.")
@click.option("--exit-zero", is_flag=True, help="Never exit with 1.")
@click.option("-q", "--quiet", is_flag=True, help="No text and no progress if the change passes.")
@click.option("-v", "--verbose", is_flag=True, help="Name the functions that did not change, too.")
@_with(_BLOCKING)
@_with(_JUDGING)
@_with(_REPORTING)
@click.pass_obj
def check(begun: float | None, /, paths: tuple[str, ...], exit_zero: bool, **options: Any) -> int:
    """Judge the functions that a change touches.

    Without a flag: HEAD against the work tree. PATHS narrow the change to files and folders.
    """
    from cwm_check.commands.run import run, wanted_from

    status = run(wanted_from(options), paths, options, defaults=Config(), begun=begun)
    return 0 if exit_zero else status


@commands.command()
@click.argument("paths", nargs=-1)
@click.option("--commit-msg", type=click.Path(path_type=Path), metavar="FILE", help="Hold the change to this message.")
@click.option("-v", "--verbose", is_flag=True, help="Print findings that do not block, too.")
@_with(_BLOCKING)
@_with(_JUDGING)
@_with(_REPORTING)
@click.pass_obj
def hook(begun: float | None, /, paths: tuple[str, ...], commit_msg: Path | None, **options: Any) -> int:
    """Judge what pre-commit asks for; silent if it passes.

    Takes the revisions from pre-commit's environment, else the index. With a commit message: `refactor:`, `style:`,
    `perf:` and `docs:` say that the behaviour stays, so that any finding blocks.
    """
    from cwm_check.commands.run import run, run_on_message
    from cwm_check.git import hook_source

    shown = {"quiet": not options["verbose"], "verbose": False}
    if commit_msg:
        return run_on_message(commit_msg, options | shown, defaults=_HOOK_DEFAULTS, begun=begun)
    return run(hook_source(os.environ), paths, options | shown, defaults=_HOOK_DEFAULTS, begun=begun)


@commands.command()
@click.argument("paths", nargs=-1)
@click.option("--reason", required=True, help="Why the new behaviour is meant.")
@click.option("--only", multiple=True, metavar="WHAT", help="A function, a rule or a finding's id. Repeatable.")
@_with(_COMPARING)
@_with(_JUDGING)
def accept(paths: tuple[str, ...], reason: str, only: tuple[str, ...], **options: Any) -> None:
    """Write the findings of a change into the baseline, with a reason.

    Without a flag: HEAD against the work tree. PATHS narrow the change to files and folders.
    """
    from cwm_check.commands.accept import accept_findings
    from cwm_check.commands.run import wanted_from

    accept_findings(wanted_from(options), paths, options, reason=reason, only=only)


@commands.command()
@click.option("--format", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
def rules(format: str) -> None:
    """List the kinds of behaviour change."""
    if format == "markdown":
        say([page().removesuffix("\n")])
        return
    say(f"{rule.id}  {rule.name:<24}  {rule.level:<7}  {rule.summary}" for rule in RULES.values())


@commands.command()
@click.argument("rule")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(rule: str, format: str) -> None:
    """Explain one RULE, by id or name."""
    found = _find_rule(rule)
    told = asdict(found) | {"evidence": evidence(found), "example": example(found)}
    say([json.dumps(told, indent=2) if format == "json" else plain(found)])


@commands.command()
def config() -> None:
    """Print the settings in force here, and where each comes from."""
    from cwm_check.commands.judging import settings_here

    settings = settings_here()
    origins = dict(settings.origins)
    values = (asdict(settings.config) | {"levels": dict(settings.config.levels)}).items()
    say(f"{name.replace('_', '-')} = {_toml(value)}  # {origins[name]}" for name, value in values)


@commands.command()
def doctor() -> int:
    """Say what works on this machine."""
    from cwm_check.commands.doctor import examine

    parts = examine()
    say(f"{'ok ' if part.works else 'off'}  {part.subject}: {part.detail}" for part in parts)
    return 0 if all(part.works or not part.needed for part in parts) else 3


@commands.command()
def demo() -> None:
    """Check a small history in a temporary folder."""
    from cwm_check.commands.demo import run

    with reader_may_leave():
        run(sys.stdout, color=wants_color("auto", sys.stdout, os.environ))


commands.add_command(model)
commands.add_command(trace)
commands.add_command(debug)
commands.add_command(train)


def main(argv: Sequence[str] | None = None, *, begun: float | None = None) -> int:
    """Run the command line and return the exit code; time budgets count from `begun`, a monotonic time, or from now."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = _with_default_command(sys.argv[1:] if argv is None else argv)
    status = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of the checked code: for who runs it
            status = commands.main(arguments, prog_name="cwm-check", standalone_mode=False, obj=begun) or 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except click.Abort:
        status = 130
    except CwmCheckError as error:
        complain([str(error)])
        status = error.exit_code
    except Exception as error:
        complain([f"internal error, please report: {type(error).__name__}: {error}"])
        if os.environ.get("CWM_CHECK_DEBUG"):
            traceback.print_exc()
        status = 3
    return status


def _with_default_command(arguments: Sequence[str]) -> list[str]:
    # Only what cannot be a mistyped command stands for `check`: an option of it, or a file that exists.
    first = arguments[0] if arguments else "--help"
    own = first in commands.commands or first in ("-h", "--help", "--version")
    return [*([] if own or not (first.startswith("-") or Path(first).exists()) else ["check"]), *arguments]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _find_rule(text: str) -> Rule:
    named = {rule.name: rule for rule in RULES.values()} | RULES
    rule = named.get(text.upper()) or named.get(text.lower())
    if not rule:
        raise CwmCheckError(f"{text} is no rule{nearest(text, named) or '; `cwm-check rules` lists them'}")
    return rule
