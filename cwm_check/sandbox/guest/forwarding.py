"""Functions that only pass their arguments on, as `lambda x: f(x)` does: to who gets one it is the other function.

A function in, what it calls out. Its bytecode is read; nothing is called and nothing is asked.
"""

import dis
import inspect
import types

from asking import State, expression, named
from bytecode import PROGRAM

NOTHING = object()
_SILENT = {"RESUME", "CACHE", "PUSH_NULL", "COPY_FREE_VARS", "NOP", "NOT_TAKEN", "EXTENDED_ARG"}
_OTHER_KINDS = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
_LONGEST = 200  # bytes of code


def forwarded(function):
    """What `function` calls with its own arguments, in their order, for its result; `NOTHING` if it does more."""
    code = function.__code__
    if code.co_flags & _OTHER_KINDS or code.co_kwonlyargcount or len(code.co_code) > _LONGEST:
        return NOTHING
    if function.__defaults__ or vars(function):
        return NOTHING
    steps = [(i.opname, i.argval) for i in dis.get_instructions(code) if i.opname not in _SILENT]
    if steps[-2:] != [("CALL", code.co_argcount), ("RETURN_VALUE", None)]:
        return NOTHING
    parameters = [_Parameter() for _ in range(code.co_argcount)]
    stack = _stack(steps[:-2], function, dict(zip(code.co_varnames, parameters, strict=False)))
    callee, *given = stack or [NOTHING]
    if given != parameters or type(callee) is _Parameter or callee is NOTHING:
        return NOTHING
    if code.co_filename == PROGRAM:
        State.read.update(line for _, _, line in code.co_lines() if line is not None)
    return callee


class _Parameter:
    """What a parameter will be."""


def _stack(steps, function, variables):
    """What the steps leave on the stack; nothing where one of them is not understood."""
    stack = []
    for name, argument in steps:
        if name == "STORE_FAST":
            variables[argument] = stack.pop()
        elif name == "STORE_FAST_LOAD_FAST":
            variables[argument[0]] = stack.pop()
            stack.append(variables.get(argument[1], NOTHING))
        elif name.startswith("LOAD_FAST"):
            stack += [variables.get(n, NOTHING) for n in (argument if isinstance(argument, tuple) else [argument])]
        elif name in ("LOAD_CONST", "LOAD_SMALL_INT"):
            stack.append(argument)
        elif name == "LOAD_ATTR":
            stack.append(_member(stack.pop(), argument))
        elif name == "IMPORT_FROM":
            stack.append(_member(stack[-1], argument))
        elif name == "POP_TOP":
            stack.pop()
        elif name == "IMPORT_NAME" and stack[-2] == 0:
            names = stack.pop()
            stack[-1] = function.__globals__["__builtins__"]["__import__"](argument, fromlist=names or ())
        elif name in ("LOAD_GLOBAL", "LOAD_DEREF"):
            stack.append(_outer(name, argument, function))
        else:
            return []
    return stack


def _outer(name, variable, function):
    """The value of a global variable, or of one of a function around this one."""
    if name == "LOAD_GLOBAL":
        space = function.__globals__
        return space.get(variable, space["__builtins__"].get(variable, NOTHING))
    code = function.__code__
    try:
        return function.__closure__[code.co_freevars.index(variable)].cell_contents
    except ValueError:  # none of them, or one that has no value yet
        return NOTHING


def _member(owner, name):
    """An attribute, as far as reading it runs nothing."""
    if isinstance(owner, types.ModuleType):
        return getattr(owner, name, NOTHING)
    if type(owner) is State.unknown:
        return named(f"{expression(owner)}.{name}")
    found = inspect.getattr_static(owner, name, NOTHING)
    is_method = type(found) is types.FunctionType and not isinstance(owner, type)
    return types.MethodType(found, owner) if is_method else NOTHING
