"""What the rewritten program calls in place of operations that no method of an object can see.

Each does just what Python does as long as nothing unknown is involved.
"""

import functools
import types

from asking import State, ask, bind, expression
from fields import MAKERS, with_fields
from lazy import Lazy, self_text
from standins import Super, caught, stub
from unknowns import Unknown


def raised(value):
    """What `raise value` raises: an unknown instance becomes an instance of the stub of its class."""
    if type(value) is Unknown:
        text = expression(value)
        name, opening, arguments = text.partition("(")
        made = stub(name if opening else text)
        return made(arguments.removesuffix(")")) if opening else made
    if not isinstance(value, BaseException) and isinstance(value, Lazy):
        return stub(type(value).__name__)(State.describe(value))
    if isinstance(value, type) and not issubclass(value, BaseException) and issubclass(value, Lazy):
        return stub(value.__name__)
    return value


def same(a, b):
    """`a is b`, asked where one side is unknown."""
    if a is b:
        return True
    if type(a) is not Unknown:
        a, b = b, a
    if type(a) is not Unknown:
        return False
    if b is None:
        return ask("none", a)
    if type(b) is bool:
        bind(a, "bool", b, same=True)
    return ask("compare", a, b, operator="is")


def among(item, container):
    """`item in container`, with the comparisons asked where the item is unknown."""
    if type(item) is not Unknown or type(container) is Unknown:
        return item in container
    if isinstance(container, (str, bytes)):
        bind(item, type(container).__name__, container)
    if not isinstance(container, (set, frozenset, dict, tuple, list)) or not container:
        return item in container
    members = list(container) if isinstance(container, (tuple, list, dict)) else sorted(container, key=State.describe)
    if any(m is item for m in members):
        return True
    plain = [m for m in members if type(m) in (int, str, float, bytes)]
    if plain and expression(item) not in State.objects:
        bind(item, type(plain[0]).__name__, *plain[:60])
    return any(item == m or (type(m).__module__ == "typing" and same(item, m)) for m in members)


_KEEPING = ("reify", "cache", "memo", "lazy", "once")  # words of what computes a property once


def decorate(decorator):
    """A decorator that nobody knows leaves what it decorates as it is; what it may add is kept in mind.

    What is called a property is one.
    """
    if isinstance(decorator, Lazy) and type(decorator).__call__ is Lazy.__call__:
        return functools.partial(_decorated, self_text(decorator))
    if type(decorator) is not Unknown:
        return decorator
    name = expression(decorator).partition("(")[0].rpartition(".")[2]
    if name in MAKERS:
        return with_fields
    if name == "reify" or (name.lower().endswith("property") and not name.lower().startswith(("class", "static"))):
        return functools.cached_property if any(word in name.lower() for word in _KEEPING) else property
    return functools.partial(_decorated, expression(decorator))


def _decorated(decorator, made):
    State.decorated.append(made)
    if isinstance(made, types.FunctionType) and "<locals>" in made.__qualname__:
        State.registered.append(f"{decorator}({State.describe(made)})")
    return made


HELPERS = {
    "__cwm_is__": same,
    "__cwm_in__": among,
    "__cwm_caught__": caught,
    "__cwm_raised__": raised,
    "__cwm_decorate__": decorate,
    "__cwm_super__": Super,
}
