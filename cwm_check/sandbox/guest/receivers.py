"""The callable that a job names, as a caller would reach it, and the object it is bound to."""

import enum

from asking import State, Stop
from bytecode import required
from lazy import Lazy
from outside import outside
from standins import lazily, without_gaps
from unknowns import Unknown


def resolve(job, space):
    """The callable that the job names, as a caller would reach it, and the object it is bound to."""
    *owners, name = job["qualname"].split(".")
    binding = job["binding"]
    if not owners:
        return space[name], None
    owner = space[owners[0]]
    for part in owners[1:]:
        owner = getattr(owner, part)
    if name == "__new__":
        made = getattr(owner, name)
        return lambda cls, *args, **kwargs: made(owner if type(cls) is Unknown else cls, *args, **kwargs), None
    if binding == "staticmethod" or binding == "classmethod":
        return getattr(owner, name), None
    if not isinstance(owner, type):
        return getattr(owner, name), None
    receiver = make_receiver(owner, job, name)
    State.names[id(receiver)] = "self"
    if binding == "property":
        accessor = job.get("accessor", "getter")
        if accessor == "getter":
            return lambda: getattr(receiver, name), receiver
        if accessor == "setter":
            return lambda value: setattr(receiver, name, value), receiver
        return lambda: delattr(receiver, name), receiver
    return getattr(receiver, name), receiver


def make_receiver(owner, job, name):
    """An instance: by the job's constructor call, by `__init__` with unknown arguments, or with unknown attributes.

    Of an enumeration it is a member: the first, or the last where one with unknown attributes is asked for.
    """
    how = job.get("receiver", "lazy")
    if issubclass(owner, enum.Enum) and len(owner):
        return list(owner)[-1 if how == "lazy" else 0]
    if name == "__init__":
        how = "lazy"
    if how == "lazy":
        return blank(owner, name)
    try:
        return (
            _constructed(owner, name)
            if how == "constructed"
            else eval(compile(how, "<receiver>", "eval"), State.globals)
        )
    except Stop:
        raise
    except Exception:  # a constructor that does not run on such arguments
        if job.get("made"):
            raise
        return blank(owner, name)


def _constructed(owner, name):
    """An instance made by its constructor, of unknown arguments; an abstract class stands for one without gaps."""
    owner = without_gaps(owner, name)
    if getattr(owner, "__abstractmethods__", None):
        owner.__abstractmethods__ = frozenset()
    positional, keywords, _ = required(owner.__init__)
    return owner(**{n: outside(f"{owner.__name__}.{n}") for n in (*positional[1:], *keywords)})


def blank(owner, name):
    """An instance of `owner` that no constructor saw: what is read before it is written is a question."""
    if issubclass(owner, Lazy):
        owner.__abstractmethods__ = frozenset()
        return _filled(_new(owner))
    try:
        return _filled(_new(lazily(owner, name)))
    except Stop:
        raise
    except Exception:
        return _filled(_new(owner))


def _filled(instance):
    """The instance; a list or a dictionary of the program's own holds two unknown items, as if others had put them in.

    Where its class sees to that itself it stays empty.
    """
    if isinstance(instance, list) and type(instance).__iter__ is list.__iter__:
        list.extend(instance, [outside(f"self[{i}]") for i in range(2)])
    if isinstance(instance, dict) and type(instance).__iter__ is dict.__iter__:
        dict.update(instance, {key: outside(f"self[{key!r}]") for key in "ab"})
    return instance


def _new(owner):
    if issubclass(owner, tuple):
        fields = getattr(owner, "_fields", None)
        names = [f".{name}" for name in fields] if isinstance(fields, tuple) else ["[0]", "[1]"]
        return tuple.__new__(owner, [outside(f"self{name}") for name in names])
    for base in (owner, object, dict, list, str, int, tuple, Exception):
        try:
            return base.__new__(owner)
        except TypeError:
            continue
    return owner()
