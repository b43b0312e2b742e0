"""What an exception has beside its type and its message, as text: attributes, notes, members of a group, and its cause.

An exception in, texts out that are equal exactly when a handler, or who reads the traceback, sees the same.
"""

import opcode

from asking import State, class_text
from bytecode import PROGRAM
from describe import describe
from objects import state

_RAISE = opcode.opmap["RAISE_VARARGS"]


def raised(error):
    """The outcome of a call that raised `error`."""
    text = str(error)
    unsure = "CwmUnknown" in text or "index-sized" in text or isinstance(error, (MemoryError, RecursionError))
    unsure = unsure or _lacks_a_decorator(error, text)
    name = class_text(type(error)).rpartition(".")[2]
    is_explicit = _is_explicit(error)
    told = {"held": held(error, text), "cause": cause(error, is_explicit)}
    return {"kind": "raised", "value": name, "message": text, "unsure": unsure, "explicit": is_explicit} | told


def _lacks_a_decorator(error, text):
    """Whether an operation refused a function since what its unknown decorator makes of it is not there."""
    if isinstance(error, AttributeError):
        owner = getattr(error.obj, "__func__", error.obj)
        return any(made is owner for made in State.decorated)
    name, call, _ = text.partition("() ")
    return (
        isinstance(error, TypeError)
        and bool(call)
        and any(name == getattr(made, "__qualname__", None) for made in State.decorated)
    )


def _is_explicit(error):
    """Whether a `raise` statement raised `error`, not an operation that refused its operands."""
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    if last is error.__traceback__:
        return False  # the call itself failed
    return last.tb_frame.f_code.co_code[last.tb_lasti] == _RAISE


def named(error):
    """`ValueError('no')`: the class without its module, and the message."""
    text = str(error)
    name = class_text(type(error)).rpartition(".")[2]
    return f"{name}({text!r})" if text else name


def held(error, message):
    """The public attributes that the program set, its notes, and the members of a group; the `message` only once."""
    pairs = [(n, v) for n, v in state(error) if not str(n).startswith("_")]
    pairs += [("notes", error.__notes__)] if getattr(error, "__notes__", None) else []
    told = [f"{name}={describe(value)}".replace(repr(message), "...") for name, value in pairs]
    if isinstance(error, BaseExceptionGroup):
        told += [f"member {_member(member)}" for member in error.exceptions]
    return ", ".join(told)


def _member(error):
    text = str(error)
    inside = held(error, text)
    return f"{named(error)} with {inside}" if inside else named(error)


def cause(error, is_explicit):
    """` from X` or ` from None` as the program wrote it, ` while handling X` where it wrote neither; else nothing."""
    if not is_explicit or not _is_of_program(error):
        return ""
    if error.__cause__ is not None:
        return f" from {named(error.__cause__)}"
    if error.__context__ is None:
        return ""
    return " from None" if error.__suppress_context__ else f" while handling {named(error.__context__)}"


def _is_of_program(error):
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_filename.startswith(PROGRAM[:-1])
