"""Watches the run: lines that ran, frames if they are wanted, and C code that refuses an unknown value.

Such a refusal is no error of the program: the value gets the type that is asked for, and both versions start again.
"""

import ast
import collections
import decimal
import inspect
import json
import re
import sys

import describe
import wit_world
from asking import State, ask, bind
from bytecode import PROGRAM, program_frame
from unknowns import Unknown
from visits import Visits

NOTHING = object()

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

    def on_raise(self, code, offset, error):
        frame = program_frame()
        if frame is None:
            return
        if isinstance(error, (TypeError, ValueError, AttributeError)) and any(r in str(error) for r in _REFUSALS):
            settle_inside(code, str(error))
            settle(frame, str(error))
        elif "CwmUnknown" in str(error):  # an exception of a module of C, as of `csv`
            settle(frame, str(error))
        elif isinstance(error, TypeError) and not code.co_filename.startswith(PROGRAM[:-1]):
            settle_inside(code, str(error))
            settle(frame, str(error), by_name=False)
        elif isinstance(error, AttributeError) and type(error.obj) in (str, bytes, int, float):
            no_plain_value(error.obj)
            if type(error.obj) in (int, float) and hasattr(decimal.Decimal, error.name):
                ask("decimal", "")
        elif isinstance(error, (IndexError, KeyError)) and error.args:
            is_empty(frame, error.args[0])
            if isinstance(error, KeyError):
                missing(error.args[0], frame)

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
        _Running.watch.on_raise(code, offset, error)


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


_REFUSALS = ("CwmUnknown", "is not JSON serializable", "supporting the buffer API")
_KINDS = (
    ("argument 'encoding'", "encoding"),
    ("argument 'errors'", "errors"),
    ("JSON", "str"),
    ("unicode character", "char"),
    ("string of length 1", "char"),
    ("buffer API", "bytes"),
    ("a bytes-like object is required", "bytes"),
    ("tzinfo", "tzinfo"),
    ("bytes-like", "str"),
    ("str", "str"),
    ("string", "str"),
    ("PathLike", "str"),
    ("path", "str"),
    ("integer", "int"),
    ("int", "int"),
    ("number", "float"),
    ("float", "float"),
    ("mapping", "dict"),
    ("iterable", "list"),
    ("sequence", "list"),
    ("bytes", "bytes"),
    ("timedelta", "int"),
    ("datetime", "datetime"),
)


def settle_inside(code, message):
    """Give the one unknown value that a function of the library holds, and no operand of the program is, its type."""
    kind = kind_in(message)
    frame = sys._getframe(2)
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    if kind is None or frame is None or code.co_filename.startswith(PROGRAM[:-1]):
        return
    held = {id(v): v for v in frame.f_locals.values() if type(v) is Unknown}
    given = [v for v in operands(program_frame()) if type(v) is Unknown]
    if len(held) == 1 and not any(id(v) in held for v in given):
        bind(*held.values(), kind)


def kind_in(message):
    """The kind of value that a message asks for; None if it is no refusal."""
    if message.startswith("<"):  # what an answer raises
        return None
    return next((k for word, k in _KINDS if word in message), None)


def settle(frame, message, by_name=True):
    """Give the unknown value that a library refused a value of the type it asks for: the run starts again.

    `by_name`: the message names the class of unknown values, so that one of them is the cause for sure.
    """
    kind = kind_in(message)
    if kind is None:
        return
    read_again = list(operands(frame))
    if kind == "str" and any(type(value) is bytes or _reads_bytes(value) for value in read_again):
        kind = "bytes"
    pattern = pattern_among(read_again)
    for value in read_again:
        if type(value) is Unknown:
            bind(value, kind, pattern=pattern)
        if isinstance(value, (list, tuple, dict)):
            for item in value.values() if isinstance(value, dict) else value:
                if type(item) is Unknown:
                    bind(item, kind)
    if State.recent and by_name:
        bind(State.recent[-1], kind)


def _reads_bytes(value):
    return isinstance(value, re.Pattern) and isinstance(value.pattern, bytes)


def pattern_among(values):
    """The regular expression that an unknown text is matched with, without what a verbose one leaves out; or None."""
    for value in values:
        if isinstance(value, re.Pattern):
            text = value.pattern if isinstance(value.pattern, str) else value.pattern.decode("latin-1")
            return re.sub(r"\s+|#.*", "", text) if value.flags & re.VERBOSE else text
    if re in values[-1:]:
        pattern = next((value for value in values if type(value) in (str, bytes)), None)
        return pattern.decode("latin-1") if type(pattern) is bytes else pattern
    return None


def no_plain_value(value):
    """What has other attributes than a plain value was none: it was only taken for what it is compared with."""
    for name, given in State.given:
        if given is value:
            ask("object", name)


def is_empty(frame, key):
    """What is read of an empty list or table of the module: others may have filled it before the call."""
    if frame.f_code.co_filename != PROGRAM:
        return
    for value in operands(frame):
        if type(value) in (list, dict, collections.deque) and not value:
            for name, known in State.globals.items():
                if known is value and name not in State.filled:
                    ask("empty", name, *([key] if type(value) is dict and type(key) in (str, int) else ()))


def missing(key, frame):
    """A table has no such key: if the key was only a guess, one of the table's own is meant."""
    for table in operands(frame):
        keys = [k for k in table if type(k) in (str, int)][:60] if isinstance(table, dict) else []
        if keys and type(key) is Unknown:
            bind(key, type(keys[0]).__name__, *keys)
        elif keys and type(key) in (str, int):
            ask("missing", repr(key), *keys)


def operands(frame):
    """Values of the operands of the running expression, as far as they can be read again without effect."""
    positions = list(frame.f_code.co_positions())
    index = frame.f_lasti // 2
    if index >= len(positions) or None in positions[index]:
        return
    line, end_line, column, end_column = positions[index]
    text = State.source.split("\n")[line - 1 : end_line]
    if not text or frame.f_code.co_filename != PROGRAM:
        return
    raw = [t.encode() for t in text]
    raw[-1] = raw[-1][:end_column]
    raw[0] = raw[0][column:]
    try:
        node = ast.parse(b"(" + b"\n".join(raw) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return
    for part in parts(node):
        value = read(part, frame)
        if value is not NOTHING:
            yield value


def parts(node):
    if isinstance(node, ast.Call):
        yield from (a.value if isinstance(a, ast.Starred) else a for a in node.args)
        yield from (k.value for k in node.keywords)
        if isinstance(node.func, ast.Attribute):
            yield node.func.value
    elif isinstance(node, ast.BinOp):
        yield from (node.right, node.left)
    elif isinstance(node, ast.Subscript):
        yield from (node.slice, node.value)
    elif isinstance(node, ast.Compare):
        yield from (*node.comparators, node.left)
    elif isinstance(node, ast.JoinedStr):
        yield from (v.value for v in node.values if isinstance(v, ast.FormattedValue))


def read(node, frame):
    if isinstance(node, ast.Name):
        value = frame.f_locals.get(node.id, frame.f_globals.get(node.id, NOTHING))
        return list(value) if isinstance(value, (set, frozenset)) else value
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [v for v in (read(e, frame) for e in node.elts) if v is not NOTHING]
    if isinstance(node, ast.Attribute):
        owner = read(node.value, frame)
        if type(owner) is Unknown:
            return getattr(owner, node.attr)
        found = inspect.getattr_static(owner, node.attr, NOTHING)
        return NOTHING if hasattr(type(found), "__get__") else found
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return node.value
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = read(node.value, frame)
        return owner[node.slice.value] if type(owner) is Unknown else NOTHING
    return NOTHING
