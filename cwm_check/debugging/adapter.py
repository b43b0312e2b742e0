"""The debugger for editors: requests of the Debug Adapter Protocol in, its responses and events out.

One call of one function, forwards and backwards, as in `shell`; the rules are in `debugger`. The program never runs on
this machine, so there is nothing to pause or to attach to: the end of the run is a stop, from which one can go back.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cwm_check.debugging.dap import Channel, Request
from cwm_check.debugging.debugger import Debugger
from cwm_check.debugging.listing import ending, surety
from cwm_check.errors import CwmCheckError
from cwm_check.trace import Event, Evidence, Frame
from cwm_check.wording import printable

CAPABILITIES = (
    "supportsConfigurationDoneRequest", "supportsConditionalBreakpoints", "supportsStepBack", "supportsSetVariable",
    "supportsEvaluateForHovers", "supportsTerminateRequest",
)  # fmt: skip
THREAD = 1
_FORWARDS = {"next": "next", "stepIn": "step", "stepOut": "out", "continue": "continue"}
_BACKWARDS = {"stepBack": "next", "reverseContinue": "continue"}
Opened = tuple[Debugger, Path, str, tuple[str, ...]]
"""A run at its first line, the file of the function, the call, what it assumes."""
Open = Callable[[str, str | None, Mapping[str, Any]], Opened]
"""Opens what `FILE::QUALNAME` and a call name, with the other settings of the launch."""


class Adapter:
    """One session with an editor."""

    def __init__(self, channel: Channel, opened: Open, target: str | None, call: str | None) -> None:
        """Take what opens the run; `target` and `call` are used where the editor names none."""
        self._channel = channel
        self._open = opened
        self._target, self._call = target, call
        self._run: Opened | None = None
        self._stops_on_entry = True
        self._handlers: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any] | None]] = {
            "initialize": lambda _: dict.fromkeys(CAPABILITIES, True),
            "launch": self._launch,
            "setBreakpoints": self._set_breakpoints,
            "setExceptionBreakpoints": lambda _: {},
            "threads": lambda _: {"threads": [{"id": THREAD, "name": self._opened()[2]}]},
            "stackTrace": self._stack,
            "scopes": self._scopes,
            "variables": self._variables,
            "evaluate": self._evaluate,
            "setVariable": self._set_variable,
        }

    def serve(self) -> None:
        """Answer requests until the editor leaves."""
        while (request := self._channel.read()) is not None:
            try:
                self._answer(request)
            except CwmCheckError as error:
                self._channel.refuse(request, str(error))
            if request.command in ("disconnect", "terminate"):
                return

    def _answer(self, request: Request) -> None:
        """Respond; what follows from the request is told after its response."""
        command = request.command
        if command in _FORWARDS or command in _BACKWARDS:
            self._opened()
            self._channel.respond(request, {"allThreadsContinued": True} if "ontinue" in command else None)
            self._move(command)
        elif command == "configurationDone":
            self._opened()
            self._channel.respond(request)
            self._begin()
        elif command in ("disconnect", "terminate"):
            self._channel.respond(request)
            self._channel.tell("terminated")
        elif command in self._handlers:
            self._channel.respond(request, self._handlers[command](request.arguments))
            if command == "launch":
                self._channel.tell("initialized")
        else:
            raise CwmCheckError(f"{command} is not supported: the run is predicted, not attached to")

    # --- the run

    def _launch(self, arguments: Mapping[str, Any]) -> None:
        target = arguments.get("target") or self._target
        if not isinstance(target, str):
            raise CwmCheckError('which function? set "target": "shop.py::total" in launch.json')
        call = arguments.get("call") or self._call
        self._stops_on_entry = arguments.get("stopOnEntry", True) is not False
        self._run = self._open(target, None if call is None else str(call), arguments)

    def _opened(self) -> Opened:
        if self._run is None:
            raise CwmCheckError("nothing is launched yet")
        return self._run

    @property
    def _debugger(self) -> Debugger:
        return self._opened()[0]

    def _begin(self) -> None:
        _, _, call, assumptions = self._opened()
        for line in (call, *(f"if {text}" for text in assumptions)):
            self._say(line)
        if self._stops_on_entry:
            self._stop("entry")
        else:
            self._move("continue")

    def _move(self, command: str) -> None:
        debugger = self._debugger
        is_running = command in ("continue", "reverseContinue")
        if command in _BACKWARDS:
            debugger.move_back(_BACKWARDS[command])
            is_held = debugger.index in debugger.breaks()
            if is_running and not is_held:
                debugger.rewind()
            self._stop("step" if not is_running else "breakpoint" if is_held else "entry")
        elif debugger.is_at_end:
            self._channel.tell("terminated")
        elif debugger.move(_FORWARDS[command], None):
            self._stop("breakpoint" if is_running else "step")
        else:
            outcome, evidence = debugger.prediction.outcome, debugger.prediction.evidence
            self._say(ending(outcome) + ("" if evidence is Evidence.EXACT else f" ({evidence})"))
            self._stop("step", "The end: step back, or continue to leave.")

    def _stop(self, reason: str, description: str = "") -> None:
        told = {"description": description} if description else {}
        self._channel.tell("stopped", {"reason": reason, "threadId": THREAD, "allThreadsStopped": True, **told})

    def _say(self, line: str) -> None:
        self._channel.tell("output", {"category": "console", "output": f"{printable(line)}\n"})

    # --- breakpoints

    def _set_breakpoints(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        debugger, path = self._opened()[:2]
        wanted = arguments.get("breakpoints") or []
        source = (arguments.get("source") or {}).get("path")
        if source is None or Path(source).resolve() != path.resolve():
            return {"breakpoints": [{"verified": False, "message": f"not in {path.name}"} for _ in wanted]}
        debugger.clear()
        return {"breakpoints": [_added(debugger, one) for one in wanted]}

    # --- what is seen

    def _frames(self) -> list[tuple[str, Frame]]:
        """The functions that are running, the innermost first."""
        return list(reversed(self._debugger.stack()))

    def _stack(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        path = self._opened()[1]
        frames = self._frames()
        first = int(arguments.get("startFrame") or 0)
        last = first + int(arguments.get("levels") or len(frames))
        source = {"name": path.name, "path": str(path)}
        shown = [
            {"id": number + 1, "name": _titled(name, frame), "source": source, "line": frame.line, "column": 1}
            for number, (name, frame) in enumerate(frames)
        ]
        return {"stackFrames": shown[first:last], "totalFrames": len(frames)}

    def _scopes(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        number = self._number(arguments.get("frameId"))
        return {"scopes": [{"name": "Locals", "variablesReference": number, "expensive": False}]}

    def _variables(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        number = self._number(arguments.get("variablesReference"))
        frame = self._frames()[number - 1][1]
        known = self._debugger.locals() if number == 1 else frame.locals
        value = [] if frame.value is None or number > 1 else [(f"({frame.event})", frame.value)]
        shown = [*value, *known]
        return {"variables": [{"name": n, "value": printable(v), "variablesReference": 0} for n, v in shown]}

    def _number(self, given: object) -> int:
        if not isinstance(given, int) or not 1 <= given <= len(self._frames()):
            raise CwmCheckError("no such frame: the run has moved on")
        return given

    def _evaluate(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        text = str(arguments.get("expression", "")).strip()
        if arguments.get("frameId", 1) != 1:
            raise CwmCheckError("expressions are computed in the innermost function")
        if arguments.get("context") == "repl" and not _is_expression(text):
            self._debugger.change(text)
            self._channel.tell("invalidated", {"areas": ["all"]})
            return {"result": "", "variablesReference": 0}
        seen = self._debugger.value(text)
        if seen.failed:
            raise CwmCheckError(printable(seen.text))
        return {"result": printable(seen.text), "variablesReference": 0}

    def _set_variable(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._number(arguments.get("variablesReference")) != 1:
            raise CwmCheckError("only the innermost function can be changed")
        name = str(arguments.get("name", ""))
        self._debugger.change(f"{name} = {arguments.get('value', '')}")
        return {"value": dict(self._debugger.locals()).get(name, "")}


def _added(debugger: Debugger, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        point = debugger.add_breakpoint(int(wanted.get("line", 0)), str(wanted.get("condition") or ""))
    except CwmCheckError as error:
        return {"verified": False, "message": str(error)}
    return {"verified": True, "id": point.number, "line": point.line}


def _titled(name: str, frame: Frame) -> str:
    """The name of a function, and what happens there if it is not a line; what it rests on, if not computed."""
    event = "" if frame.event is Event.LINE else f" --{frame.event.capitalize()}--"
    return name + event + ("" if frame.evidence is Evidence.EXACT else f" ({surety(frame)})")


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
