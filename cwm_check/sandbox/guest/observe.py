"""Results used as a caller would: generators and iterators are drained, coroutines run, context managers entered.

A value in, the text of what using it showed out. Returned functions, and those that unknown code was handed, are called
with unknown arguments. What only looks is in `describe`.
"""

import contextlib
import itertools
import types

from asking import State, Stop, ask
from bytecode import PROGRAM, required
from describe import describe, describe_with, digest
from forwarding import NOTHING, forwarded
from lazy import Lazy
from objects import ITEMS, is_iterator, is_of_program, state
from outside import outside
from unknowns import Unknown

DRAIN = 40


class Seen:
    """What using a result showed."""

    def __init__(self):
        self.yielded = []
        self.orders = []


def observe(value, seen, depth=2):
    """The text of a result after using it as a caller would; what it yields goes to `seen`."""
    kind = type(value)  # `isinstance` would ask the program's class
    if kind is types.CoroutineType:
        return observe(_run(value), seen, depth)
    if kind is types.AsyncGeneratorType:
        return _drained("async generator", _async_items(value), seen, depth)
    if kind is types.GeneratorType:
        return _drained("generator", value, seen, depth)
    if kind is contextlib._GeneratorContextManager and depth:
        return _entered(value, seen, depth)
    if kind is contextlib._AsyncGeneratorContextManager and depth:
        return _run(_entered_async(value, seen, depth))
    if is_iterator(value):
        return _drained("iterator", value, seen, depth)
    if kind is types.FunctionType and depth and (other := forwarded(value)) is not NOTHING:
        return observe(other, seen, depth - 1)
    if kind is types.FunctionType and depth and "<locals>" in value.__qualname__ + value.__code__.co_qualname:
        return _called(value, seen, depth)
    for held in _held(value) if depth else ():
        if is_iterator(held) or type(held) in (types.FunctionType, types.GeneratorType):
            State.used[id(held)] = held, observe(held, seen, depth - 1)
    return describe_with(seen.orders, value)


def _held(value):
    """What a container or an object of the program holds."""
    if type(value) is Unknown:
        return []
    for base in (list, tuple):
        if issubclass(type(value), base):
            return list(base.__iter__(value))[:ITEMS]
    if issubclass(type(value), dict):
        return list(dict.values(value))[:ITEMS]
    return [held for _, held in state(value)] if is_of_program(type(value)) else []


def _run(coroutine):
    try:
        for _ in range(1000):
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the coroutine waits for something that never comes")


def _async_items(generator):
    while True:
        try:
            yield _run(_next(generator))
        except StopAsyncIteration:
            return


async def _next(generator):
    return await generator.__anext__()


def _drained(kind, iterator, seen, depth):
    result = "None"
    for _ in range(DRAIN):
        try:
            seen.yielded.append(observe(next(iterator), seen, max(depth - 1, 0)))
        except StopIteration as stop:
            result = describe(stop.value)
            break
    else:
        seen.yielded.append("...")
    returned = "" if result == "None" else f" returning {result}"
    return f"<{'async generator' if kind == 'async generator' else 'iterator'}{returned}>"


def _entered(manager, seen, depth):
    with manager as value:
        text = observe(value, seen, depth - 1)
        _leave(manager.gen.gi_frame)
    return f"<context manager giving {text}>"


async def _entered_async(manager, seen, depth):
    async with manager as value:
        text = observe(value, seen, depth - 1)
        _leave(manager.gen.ag_frame)
    return f"<async context manager giving {text}>"


def _leave(frame):
    """Raise at the end of a `with` block what its context manager, which waits in `frame`, catches, or nothing."""
    if frame is not None and frame.f_code.co_filename == PROGRAM:
        ask("block", "the `with` block", lines=[frame.f_lineno])


def _called(function, seen, depth):
    """Two calls of a returned function, with unknown arguments: those that are given by position have no name."""
    positional, by_name, takes_more = required(function, follow=False)
    arguments = [_argument(f"argument{number}") for number, _ in enumerate((*positional, *[None] * takes_more), 1)]
    keywords = {name: _argument(name) for name in by_name}
    wrapped = (
        f" of {describe(function.__wrapped__)} named {function.__name__!r}" if hasattr(function, "__wrapped__") else ""
    )
    results = []
    for _ in range(2):
        try:
            results.append(observe(function(*arguments, **keywords), seen, depth - 1))
        except Stop:
            raise
        except Exception as error:
            results.append(f"raises {type(error).__name__}: {error}")
    taken = "" if takes_more else f" with {len(positional)}" + "".join(f" and {name}" for name in sorted(by_name))
    taken += "".join(f" taking {name}" for name in _optional(function))
    extra = "".join(f" {n}={describe(v)}" for n, v in sorted(vars(function).items()) if n != "__wrapped__")
    return f"<function{taken}{wrapped}{extra} giving {'; '.join(results)}>"


HANDED = 8  # functions and iterators of one run that are used in the place of the unknown code that has them


def use_handed():
    """Use each function and iterator that was handed on, as the unknown code would that has it now."""
    while len(State.shown) < min(len(State.handed), HANDED):
        value, name = list(State.handed.values())[len(State.shown)]
        State.shown[name] = _unused(value)  # while it runs
        State.shown[name] = _used(value)


def handed():
    """Pairs of a placeholder and the text that takes its place."""
    pairs = []
    while len(pairs) < len(State.handed):  # a text may have placeholders of its own
        value, name = list(State.handed.values())[len(pairs)]
        pairs.append([name, State.shown.get(name) or _unused(value)])
    return pairs


def _used(value):
    seen = Seen()
    try:
        if not isinstance(value, types.FunctionType):
            items = list(_items(value, seen))
            return "<iterator>" if "<iterator>" in items else f"<iterator of {', '.join(items)}>"
        text = _called(value, seen, 1)
    except Stop:
        raise
    except BaseException as error:
        return f"{_unused(value)[:-1]} raising {type(error).__name__}: {error}>"
    return f"{text[:-1]} of {', '.join(seen.yielded)}>" if seen.yielded else text


def _items(iterator, seen):
    """The texts of what an iterator gives; an iterator in it says nothing as long as nobody takes that apart."""
    for item in itertools.islice(iterator, DRAIN):
        is_iterator = type(item) is not Unknown and not isinstance(item, Lazy) and hasattr(type(item), "__next__")
        yield "<iterator>" if is_iterator else observe(item, seen, 0)


def _unused(value):
    return digest(value) if isinstance(value, types.FunctionType) else "<iterator>"


def _optional(function):
    """The names of the parameters that may be left out: who passes one by name needs it."""
    code = function.__code__
    names = code.co_varnames[code.co_posonlyargcount : code.co_argcount]
    count = min(len(function.__defaults__ or ()), len(names))
    return sorted((*names[len(names) - count :], *(function.__kwdefaults__ or ())))


def _argument(name):
    return outside(f"result.{name}")
