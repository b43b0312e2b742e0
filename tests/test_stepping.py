"""Stepping through the prediction against `pdb` itself, stepping through the program in this process.

The same commands, drawn at random, must stop at the same events, lines and functions.
"""

from __future__ import annotations

import io
import random
import re
import sys
from pathlib import Path
from pdb import Pdb

import pytest
from debugged import PROGRAMS

from cwm_check.debugging.debugger import Debugger, statement_lines
from cwm_check.debugging.session import open_session
from cwm_check.debugging.subject import subject_at
from cwm_check.sandbox.component import Sandbox
from cwm_check.trace import Event, Evidence

COMMANDS = ("step", "next", "until", "out", "continue")
PLANS = 10  # for each program
LENGTH = 25  # commands of a plan
SEEN = re.compile(r"^> (?P<file>.*)\((?P<line>\d+)\)(?P<function>[^()]+)\(\)(->.*)?$")
EVENTS = {"--Call--": Event.CALL, "--Return--": Event.RETURN}

Stop = tuple[Event, int, str]
Plan = tuple[tuple[int, ...], tuple[str, ...]]
"""Lines of breakpoints, commands."""


def plans_of(source: str, seed: int) -> list[Plan]:
    """The plain ones first: each command again and again."""
    draw = random.Random(seed)
    tree_lines = sorted(line for line in statement_lines(source) if source.splitlines()[line - 1].startswith(" "))
    plans: list[Plan] = [((), (command,) * 200) for command in COMMANDS[:4]]
    while len(plans) < PLANS:
        breaks = tuple(sorted(draw.sample(tree_lines, min(len(tree_lines), draw.randrange(3)))))
        plans.append((breaks, tuple(draw.choice(COMMANDS) for _ in range(LENGTH))))
    return plans


class Recorder(Pdb):
    """`pdb` with a script; one that runs out of it ends the run."""

    def sigint_handler(self, *arguments: object) -> None: ...


def stops_of_pdb(path: Path, source: str, call: str, plan: Plan) -> list[Stop]:
    """Where `pdb` stops, in the file at `path`."""
    breaks, commands = plan
    script = [f"break {path}:{line}" for line in breaks] + [{"out": "return"}.get(c, c) for c in commands]
    out = io.StringIO()
    debugger = Recorder(stdin=io.StringIO("\n".join([*script, "quit", ""])), stdout=out, nosigint=True, readrc=False)
    debugger.prompt = ""
    space: dict[str, object] = {"__name__": "program"}
    exec(compile(source, str(path), "exec"), space)
    space["f"], tracing = space["f"], sys.gettrace()
    arguments = eval(f"(lambda *a, **k: (a, k)){call[1:]}", space)
    try:
        debugger.runcall(space["f"], *arguments[0], **arguments[1])
    except BaseException as error:  # what the program raised, or BdbQuit
        assert not isinstance(error, KeyboardInterrupt)  # noqa: PT017
    finally:
        sys.settrace(tracing)
        debugger.clear_all_breaks()
    return list(stops_in(out.getvalue(), path))


def stops_in(text: str, path: Path) -> list[Stop]:
    """The stops that `pdb` printed, up to the first outside of the file."""
    stops: list[Stop] = []
    event = Event.LINE
    for line in text.splitlines():
        found = SEEN.match(line)
        if found and found["file"] != str(path):
            break
        if found:
            stops.append((event, int(found["line"]), found["function"]))
            event = Event.LINE
        elif line in EVENTS:
            event = EVENTS[line]
        elif re.match(r"^(Internal )?\w+(Error|Iteration|Exit)\b", line):
            event = Event.EXCEPTION
    return stops


def stops_of_prediction(debugger: Debugger, plan: Plan) -> list[Stop]:
    breaks, commands = plan
    debugger.rewind()
    debugger.clear()
    for line in breaks:
        debugger.add_breakpoint(line)
    stops = [stop_at(debugger)]
    for command in commands:
        if not debugger.move(command):
            break
        stops.append(stop_at(debugger))
    return stops


def stop_at(debugger: Debugger) -> Stop:
    return debugger.frame.event, debugger.frame.line, debugger.path.owner(debugger.index).name


def debugger_of(sandbox: Sandbox, path: Path, source: str, call: str) -> Debugger:
    path.write_text(source, encoding="utf-8")
    subject = subject_at(f"{path.name}::f", path.parent)
    session = open_session(subject, print, call=call, sandbox=sandbox)
    debugger = Debugger(session.replay(session.begin(call)))
    assert debugger.prediction.evidence is Evidence.EXACT
    return debugger


def test_there_are_fifty_functions() -> None:
    assert len(PROGRAMS) >= 50


@pytest.mark.parametrize(("source", "call"), [pytest.param(p, c, id=n) for n, p, c in PROGRAMS])
def test_it_stops_where_pdb_stops(source: str, call: str, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    debugger = debugger_of(sandbox, path, source, call)
    for plan in plans_of(source, len(source)):
        assert (plan, stops_of_prediction(debugger, plan)) == (plan, stops_of_pdb(path, source, call, plan))


@pytest.mark.parametrize(("source", "call"), [pytest.param(p, c, id=n) for n, p, c in PROGRAMS])
def test_back_then_step_returns_to_the_same_frame(source: str, call: str, sandbox: Sandbox, tmp_path: Path) -> None:
    debugger = debugger_of(sandbox, tmp_path / "program.py", source, call)
    for index in range(1, len(debugger.path.frames)):
        debugger.index = index
        assert debugger.move_back()
        assert debugger.index == index - 1
        debugger.move("step")
        is_end = debugger.path.owner(index).is_generator and debugger.path.frames[index].event is Event.EXCEPTION
        assert debugger.index == index + is_end  # pdb does not stop at the end of a generator that is exhausted inside
