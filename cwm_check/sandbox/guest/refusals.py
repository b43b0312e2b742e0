"""C code that refuses an unknown value: no error of the program.

A frame and what was raised in it come in; the value gets the type that is asked for, and both versions start again.
"""

import ast
import collections
import decimal
import enum
import inspect
import re
import struct
import sys
import types

from asking import State, ask, bind, expression, named
from bytecode import PROGRAM, program_frame
from unknowns import Unknown

_NOTHING = object()
_LONGEST = 64  # bytes that are made to be unpacked
_REFUSALS = ("CwmUnknown", "is not JSON serializable", "supporting the buffer API")
_KINDS = (
    ("to Decimal", "Decimal"),
    ("combination of types", "str"),
    ("argument 'encoding'", "encoding"),
    ("argument 'errors'", "errors"),
    ("JSON", "str"),
    ("unicode character", "char"),
    ("string of length 1", "char"),
    ("buffer API", "bytes"),
    ("a bytes-like object is required", "bytes"),
    ("tzinfo", "tzinfo"),
    ("time argument", "time"),
    ("date argument", "date"),
    ("bytes-like", "str"),
    ("str", "str"),
    ("string", "str"),
    ("PathLike", "str"),
    ("path", "str"),
    ("integer", "int"),
    ("Rational", "int"),
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


def look_into(code, error):
    """See whether what was raised in `code` says what an unknown value is; if so, the run ends here."""
    frame = program_frame()
    if frame is None:
        return
    if isinstance(error, (TypeError, ValueError, AttributeError)) and any(r in str(error) for r in _REFUSALS):
        settle_inside(code, str(error))
        settle(frame, str(error))
    elif "iterator should return strings" in str(error) and State.recent:
        bind(State.recent[-1], "str")
    elif "CwmUnknown" in str(error):  # an exception of a module of C, as of `csv`
        settle(frame, str(error))
    elif isinstance(error, TypeError) and not code.co_filename.startswith(PROGRAM[:-1]):
        settle_inside(code, str(error))
        settle(frame, str(error), by_name=False)
    elif "with explicit base" in str(error):
        settle(frame, str(error), by_name=False, pattern=r"\d+")
    elif isinstance(error, struct.error):
        too_short(frame, str(error))
    elif isinstance(error, AttributeError) and type(error.obj) in (str, bytes, int, float, dict):
        no_plain_value(error.obj)
        if type(error.obj) in (int, float) and hasattr(decimal.Decimal, error.name):
            ask("decimal", "")
    elif isinstance(error, (IndexError, KeyError)) and error.args:
        is_empty(frame, error.args[0])
        if isinstance(error, KeyError):
            missing(error.args[0], frame)


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


def settle(frame, message, by_name=True, pattern=None):
    """Give the unknown value that a library refused a value of the type it asks for: the run starts again.

    `by_name`: the message names the class of unknown values, so that one of them is the cause for sure.
    """
    kind = kind_in(message)
    if kind is None:
        return
    read_again = list(operands(frame))
    if kind == "str" and any(type(value) is bytes or _reads_bytes(value) for value in read_again):
        kind = "bytes"
    pattern = pattern or pattern_among(read_again)
    if kind == "bytes" and (item := re.match(r"sequence item (\d+)", message)):
        read_again = [[named(f"{expression(v)}[{item[1]}]")] if type(v) is Unknown else v for v in read_again]
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


def too_short(frame, message):
    """Bytes that were only a guess are too few, or too many, to be unpacked: they become as many as are asked for."""
    wanted = re.search(r"(\d+) bytes", message)
    for value in operands(frame):
        if wanted and type(value) is bytes and int(wanted[1]) <= _LONGEST:
            ask("missing", repr(value), bytes(n % 3 for n in range(int(wanted[1]))))


def missing(key, frame):
    """A table has no such key: if the key was only a guess, one of the table's own is meant."""
    for table in operands(frame):
        table = table.__members__ if isinstance(table, enum.EnumType) else table
        is_table = isinstance(table, (dict, types.MappingProxyType))
        keys = [k for k in table if type(k) in (str, int)][:60] if is_table else []
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
        if value is not _NOTHING:
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
        value = frame.f_locals.get(node.id, frame.f_globals.get(node.id, _NOTHING))
        return list(value) if isinstance(value, (set, frozenset)) else value
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [v for v in (read(e, frame) for e in node.elts) if v is not _NOTHING]
    if isinstance(node, ast.Attribute):
        owner = read(node.value, frame)
        if type(owner) is Unknown:
            return getattr(owner, node.attr)
        found = inspect.getattr_static(owner, node.attr, _NOTHING)
        return _NOTHING if hasattr(type(found), "__get__") else found
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
        return node.value
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = read(node.value, frame)
        return owner[node.slice.value] if type(owner) is Unknown else _NOTHING
    return _NOTHING
