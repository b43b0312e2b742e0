"""`cwm-check debug --dap` as an editor drives it: a real process, the protocol over its standard streams.

Every message that comes back is read by the models of `dap-types`, which are made from the protocol's own schema.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_debug_terminal import LETTERS

from cwm_check.cache import cache_folder
from cwm_check.commands.cli import main
from cwm_check.sandbox.component import Sandbox

dap_types = pytest.importorskip("dap_types")
pydantic = pytest.importorskip("pydantic")

RESPONSES = {
    "initialize": "InitializeResponse", "launch": "LaunchResponse", "setBreakpoints": "SetBreakpointsResponse",
    "threads": "ThreadsResponse", "stackTrace": "StackTraceResponse", "scopes": "ScopesResponse",
    "variables": "VariablesResponse", "evaluate": "EvaluateResponse", "setVariable": "SetVariableResponse",
    "disconnect": "DisconnectResponse", "configurationDone": "ConfigurationDoneResponse", "next": "NextResponse",
    "stepIn": "StepInResponse", "stepOut": "StepOutResponse", "continue": "ContinueResponse",
    "stepBack": "StepBackResponse", "reverseContinue": "ReverseContinueResponse",
}  # fmt: skip
EVENTS = {
    "initialized": "InitializedEvent",
    "stopped": "StoppedEvent",
    "output": "OutputEvent",
    "terminated": "TerminatedEvent",
    "invalidated": "InvalidatedEvent",
}


class Editor:
    """A client of the protocol: as little as VS Code needs to step through a run."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self.seq = 0

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and return its response; events that come first are kept."""
        self.seq += 1
        request = {"seq": self.seq, "type": "request", "command": command, "arguments": arguments}
        data = json.dumps(request).encode()
        assert self.process.stdin
        self.process.stdin.write(f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
        self.process.stdin.flush()
        while (message := self.read())["type"] == "event":
            self.events.append(message)
        assert (message["request_seq"], message["command"]) == (self.seq, command)
        return message

    def body(self, command: str, **arguments: Any) -> dict[str, Any]:
        message = self.ask(command, **arguments)
        assert message["success"], message
        return dict(message["body"])

    def event(self, name: str) -> dict[str, Any]:
        """Return the body of the next event of that name; those before it are dropped."""
        while True:
            message = self.events.pop(0) if self.events else self.read()
            if message.get("event") == name:
                return dict(message["body"])

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        header = self.process.stdout.readline()
        assert header.startswith(b"Content-Length: ")
        assert self.process.stdout.readline() == b"\r\n"
        message: dict[str, Any] = json.loads(self.process.stdout.read(int(header.split(b":")[1])))
        if message["type"] == "event":
            model = EVENTS[message["event"]]
        else:
            model = RESPONSES[message["command"]] if message["success"] else "ErrorResponse"
        pydantic.TypeAdapter(getattr(dap_types, model)).validate_python(message)
        return message

    def where(self) -> tuple[str, int]:
        """Return name and line of the innermost frame, after a stop."""
        self.event("stopped")
        frame = self.body("stackTrace", threadId=1)["stackFrames"][0]
        return frame["name"], frame["line"]

    def locals(self) -> dict[str, str]:
        (scope,) = self.body("scopes", frameId=1)["scopes"]
        found = self.body("variables", variablesReference=scope["variablesReference"])["variables"]
        return {one["name"]: one["value"] for one in found}


@pytest.fixture
def editor(tmp_path: Path, sandbox: Sandbox) -> Iterator[Editor]:
    (tmp_path / "letters.py").write_text(LETTERS, encoding="utf-8")
    environment = os.environ | {"CWM_CHECK_CACHE": str(cache_folder())}
    command = [sys.executable, "-m", "cwm_check", "debug", "--dap"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **streams) as process:  # type: ignore[call-overload]
        yield Editor(process)
        process.kill()


def launched(editor: Editor, folder: Path, *lines: tuple[int, str], **settings: Any) -> None:
    editor.body("initialize", adapterID="cwm-check", linesStartAt1=True)
    editor.body("launch", target="letters.py::f", call="f('r')", cwd=str(folder), **settings)
    editor.event("initialized")
    points = [{"line": line, "condition": condition} for line, condition in lines]
    found = editor.body("setBreakpoints", source={"path": str(folder / "letters.py")}, breakpoints=points)
    assert [one["verified"] for one in found["breakpoints"]] == [True] * len(lines)
    editor.body("configurationDone")


def test_a_session_from_the_first_line_to_the_end_and_back(editor: Editor, tmp_path: Path) -> None:
    launched(editor, tmp_path)
    assert editor.body("threads") == {"threads": [{"id": 1, "name": "f('r')"}]}
    assert editor.where() == ("f", 19)
    editor.body("next", threadId=1)
    assert editor.where() == ("f", 20)
    editor.body("stepIn", threadId=1)
    assert editor.where() == ("count_letters --Call--", 1)
    frames = editor.body("stackTrace", threadId=1)["stackFrames"]
    assert [(f["name"], f["line"]) for f in frames] == [("count_letters --Call--", 1), ("f", 20)]
    assert frames[0]["source"] == {"name": "letters.py", "path": str(tmp_path / "letters.py")}
    assert editor.locals() == {"s": "'strawberry'", "letter": "'r'"}
    outer = editor.body("variables", variablesReference=2)["variables"]
    assert {one["name"]: one["value"] for one in outer} == {"c": "'r'", "word": "'strawberry'"}
    editor.body("stepOut", threadId=1)
    assert editor.where() == ("count_letters --Return--", 5)
    assert editor.locals()["(return)"] == "3"
    editor.body("stepBack", threadId=1)
    assert editor.where() == ("count_letters", 5)
    editor.body("continue", threadId=1)
    assert editor.event("output")["output"] == "returns 'Found 0003 occurrences of the letter r in strawberry'\n"
    assert editor.event("stopped")["description"] == "The end: step back, or continue to leave."
    editor.body("reverseContinue", threadId=1)
    assert editor.where() == ("f", 19)
    editor.body("continue", threadId=1)
    editor.event("stopped")
    editor.body("continue", threadId=1)
    editor.event("terminated")
    editor.body("disconnect")
    assert editor.process.wait(30) == 0


def test_breakpoints_expressions_and_changes(editor: Editor, tmp_path: Path) -> None:
    launched(editor, tmp_path, (4, "c == 'r' and n"), stopOnEntry=False)
    assert editor.where() == ("count_letters", 4)
    assert editor.body("evaluate", expression="n, s[2]", frameId=1, context="watch")["result"] == "(1, 'r')"
    assert editor.body("setVariable", variablesReference=1, name="n", value="40")["value"] == "40"
    assert editor.body("evaluate", expression="letter = 's'", frameId=1, context="repl")["result"] == ""
    editor.event("invalidated")
    source = {"path": str(tmp_path / "letters.py")}
    editor.body("setBreakpoints", source=source, breakpoints=[{"line": 5}])
    editor.body("continue", threadId=1)
    assert editor.where() == ("count_letters", 5)
    assert editor.locals()["n"] == "40"


REFUSED = [
    ("evaluate", {"expression": "nowhere", "frameId": 1}, "NameError: name 'nowhere' is not defined"),
    ("evaluate", {"expression": "c", "frameId": 2}, "expressions are computed in the innermost function"),
    ("variables", {"variablesReference": 9}, "no such frame: the run has moved on"),
    ("pause", {"threadId": 1}, "pause is not supported: the run is predicted, not attached to"),
    ("launch", {"target": "letters.py::g"}, "letters.py has no function g"),
    ("launch", {"target": "letters.py"}, "letters.py: expected FILE::QUALNAME, for instance shop.py::Cart.total"),
]


def test_what_cannot_be_done_is_refused_in_one_line(editor: Editor, tmp_path: Path) -> None:
    assert editor.ask("threads")["message"] == "nothing is launched yet"
    assert editor.ask("launch")["message"] == 'which function? set "target": "shop.py::total" in launch.json'
    launched(editor, tmp_path)
    for command, arguments, message in REFUSED:
        answer = editor.ask(command, **arguments)
        assert (answer["success"], answer["message"]) == (False, message)
    other = editor.body("setBreakpoints", source={"path": "/other.py"}, breakpoints=[{"line": 1}])
    assert other == {"breakpoints": [{"verified": False, "message": "not in letters.py"}]}
    source = {"path": str(tmp_path / "letters.py")}
    blank = editor.body("setBreakpoints", source=source, breakpoints=[{"line": 6}, {"line": 4, "condition": "x = 1"}])
    assert [one["message"] for one in blank["breakpoints"]] == ["line 6 begins no statement", "x = 1: invalid syntax"]


FLAGS = [
    (("--dap", "--diff"), "--dap shows one version: leave --diff out"),
    (("--dap", "--simulate", "both"), "--dap shows one run: take --simulate hybrid or --simulate neural with it"),
]


@pytest.mark.parametrize(("arguments", "message"), FLAGS)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["debug", *arguments]) == 2
    assert capsys.readouterr().err == f"cwm-check: {message}\n"


def test_what_is_no_message_ends_the_session_in_one_line(editor: Editor) -> None:
    _, told = editor.process.communicate(b"hello\r\n\r\n", timeout=60)
    assert editor.process.returncode == 2
    assert told.decode() == "cwm-check: --dap: expected messages with a Content-Length, as editors send them\n"
