"""What the running program is about to do with a value, read from the bytecode around the operation."""

import functools
import opcode
import sys
import types

PROGRAM = "<program>"  # the file name of the module under test
_VARARGS = 0x04


def program_frame():
    """The innermost frame of the program under test; None while nothing of it runs."""
    frame = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith("<program"):
        frame = frame.f_back
    return frame


def lines():
    """Lines of the program's frames, innermost first, at most five."""
    found, frame = [], sys._getframe(1)
    while frame is not None and len(found) < 5:
        if frame.f_code.co_filename == PROGRAM:
            found.append(frame.f_lineno)
        frame = frame.f_back
    return found


_CACHES = {opcode.opmap[n]: c for n, c in opcode._inline_cache_entries.items() if n in opcode.opmap}
_POP, _UNPACK, _UNPACK_EX, _LOAD_ATTR, _CALL, _COMPARE = (
    opcode.opmap[n] for n in ("POP_TOP", "UNPACK_SEQUENCE", "UNPACK_EX", "LOAD_ATTR", "CALL", "COMPARE_OP")
)
_STORES = opcode.opmap["STORE_FAST"], opcode.opmap["STORE_FAST_LOAD_FAST"]


def required(function, follow=True):
    """Names of the parameters without a default, by position and by keyword, and whether it takes more by position.

    `follow` looks through `functools.wraps`. The annotations are not touched: they may be programs of their own.
    """
    while follow and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if type(code) is not types.CodeType:
        return (), (), False
    names, count = code.co_varnames, code.co_argcount
    positional = names[: count - len(function.__defaults__ or ())]
    known = function.__kwdefaults__ or {}
    keywords = tuple(n for n in names[count : count + code.co_kwonlyargcount] if n not in known)
    return positional, keywords, bool(code.co_flags & _VARARGS)


def discarded():
    """Whether the result of the running call is thrown away: then the call is made for its effect.

    `unread` where it goes to a variable that nobody reads: then it may be, or nobody needs it.
    """
    frame = program_frame()
    if frame is None:
        return False
    code, at = frame.f_code.co_code, frame.f_lasti
    after = at + 2 + 2 * _CACHES.get(code[at], 0)
    if after >= len(code) or code[after] not in _STORES:
        return after < len(code) and code[after] == _POP
    variable = code[after + 1] if code[after] == _STORES[0] else code[after + 1] >> 4
    return False if variable in _read(frame.f_code) else "unread"


@functools.lru_cache(maxsize=64)
def _read(code):
    """The numbers of the local variables that a function reads, or deletes, somewhere."""
    found = set()
    for operation, argument in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        name = opcode.opname[operation]
        if name == "STORE_FAST_LOAD_FAST":
            found.add(argument & 15)
        elif "LOAD_FAST" in name.removeprefix("LOAD_FAST"):  # two variables at once, four bits for each
            found |= {argument >> 4, argument & 15}
        elif name.startswith(("LOAD_FAST", "DELETE_FAST")):
            found.add(argument)
    return found


def looked_at():
    """Whether a method of the result of the running call is what the program wants, as in `str(x).strip()`."""
    frame = program_frame()
    if frame is None or frame.f_lasti < 0:
        return False
    code, at = frame.f_code.co_code, frame.f_lasti
    after = at + 2 + 2 * _CACHES.get(code[at], 0)
    return code[at] == _CALL and after + 1 < len(code) and code[after] == _LOAD_ATTR and bool(code[after + 1] & 1)


def compares():
    """Whether the program itself compares at the running line, not C code that looks for a key."""
    frame = program_frame()
    return frame is None or frame.f_lasti < 0 or frame.f_code.co_code[frame.f_lasti] == _COMPARE


def attribute_load():
    """`method` or `plain` while the program reads an attribute; None while C code does so for it."""
    frame = program_frame()
    if frame is None or frame.f_lasti < 0:
        return "plain"
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] != _LOAD_ATTR:
        return None
    return "method" if code[at + 1] & 1 else "plain"


def unpacked():
    """How many items `a, b = unknown` wants at the running line; None outside of unpacking."""
    frame = sys._getframe(2)
    code, at = frame.f_code.co_code, frame.f_lasti
    if at < 0 or not frame.f_code.co_filename.startswith("<program"):
        return None
    if code[at] == _UNPACK:
        return code[at + 1]
    if code[at] == _UNPACK_EX:
        return (code[at + 1] & 0xFF) + 1
    return None
