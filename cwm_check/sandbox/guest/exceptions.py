"""What an exception has beside its type and its message, as text: attributes, notes, members of a group, and its cause.

An exception in, texts out that are equal exactly when a handler, or who reads the traceback, sees the same.
"""

from asking import class_text
from bytecode import PROGRAM
from describe import describe
from objects import state


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
