"""Watches the run: lines that ran, frames if they are wanted, and what is raised (`refusals`)."""

import json
import sys

import describe
import refusals
import wit_world
from asking import State
from bytecode import PROGRAM
from visits import Visits

TOOL = 3
MONITOR = sys.monitoring
_WHOLE, _CHUNK = 64, 64  # frames that are sent one by one, so that a short trace survives a trap whole; then in chunks
_COMPREHENSION = 0x20000  # set in code objects that inline one


class Watch:
    """The lines of the program that ran, and up to `limit` frames, with `visits` to them."""

    def __init__(self, limit, visits=()):
        self.covered, self.is_call = set(), False
        self.limit, self.count, self.held, self.depth = limit, 0, [], 0
        self.visits = Visits(visits)

    def start(self):
        """Look out for refusals; what runs before `begin` is the module, not the call."""
        _Running.watch = self

    def begin(self):
        self.is_call = True
        if self.limit:
            sys.settrace(self.trace)

    def stop(self):
        _Running.watch = None
        if self.limit:
            sys.settrace(None)
        self.flush()

    def trace(self, frame, event, arg):
        code = frame.f_code
        is_ours = code.co_filename == PROGRAM and code.co_name not in ("<module>", "<lambda>")
        if event != "call" or not is_ours or code.co_flags & _COMPREHENSION or self.count >= self.limit:
            return None
        self.put("call", frame, frame.f_locals)
        self.depth += 1
        return self.local

    def local(self, frame, event, arg):
        if event == "line":
            self.put("line", frame, frame.f_locals)
        elif event == "return":
            self.depth = max(0, self.depth - 1)
            self.put("return", frame, {}, describe.glimpse(arg))
        elif event == "exception":
            self.put("exception", frame, {}, describe.glimpse(arg[1]))
        return self.local

    def put(self, event, frame, variables, value=None):
        if self.count >= self.limit:
            return
        index = self.count
        self.count += 1
        self.held += self.visits.change(frame, event, index)
        shown = {k: describe.glimpse(v) for k, v in dict(variables).items() if k != "__class__"}
        self.held.append([event, frame.f_lineno, shown, value, self.depth, State.asked])
        self.held += self.visits.look(frame, event, index)
        if self.count < _WHOLE or len(self.held) >= _CHUNK:
            self.flush()

    def flush(self):
        if self.held:
            wit_world.emit(json.dumps(self.held))
            self.held = []


class _Running:
    """The watch of the run that is under way: callbacks are registered once, when the component is built.

    Each change of what is monitored makes the interpreter look at all code again, so none happens in a run.
    """

    watch = None


def _on_start(code, offset):
    if code.co_filename != PROGRAM:
        return MONITOR.DISABLE
    if _Running.watch is None or not _Running.watch.is_call:
        return None
    MONITOR.set_local_events(TOOL, code, MONITOR.events.LINE)
    return MONITOR.DISABLE


def _on_line(code, line):
    if _Running.watch is not None:
        _Running.watch.covered.add(line)
    return MONITOR.DISABLE


def _on_raise(code, offset, error):
    if _Running.watch is not None:
        refusals.look_into(code, error)


def prepare():
    """Have the interpreter tell what a watch needs to know."""
    events = MONITOR.events
    MONITOR.use_tool_id(TOOL, "cwm")
    for event, callback in (
        (events.PY_START, _on_start),
        (events.PY_RESUME, _on_start),
        (events.LINE, _on_line),
        (events.RAISE, _on_raise),
    ):
        MONITOR.register_callback(TOOL, event, callback)
    MONITOR.set_events(TOOL, events.PY_START | events.PY_RESUME | events.RAISE)
