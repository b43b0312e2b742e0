"""Classes of `attrs`, which is not there, made as data classes: their fields, defaults and what runs after `__init__`.

A class as its body left it in, the class with a constructor out; what cannot be read is left as it is.
"""

import ast
import dataclasses
import functools
import inspect

from asking import Stop, expression
from unknowns import Unknown

MAKERS = ("s", "attrs", "define", "frozen", "mutable", "dataclass")
"""Last parts of the names of what makes such classes."""
_FIELDS = ("ib", "attrib", "field")
_FACTORIES = {"list": list, "dict": dict, "set": set}


def with_fields(cls):
    """The class with the constructor that `attrs` would give it."""
    try:
        return _made(cls) if isinstance(cls, type) else cls
    except Stop:
        raise
    except Exception:
        return cls


def _made(cls):
    fields = {name: call for name, value in vars(cls).items() if (call := _field_call(value)) is not None}
    annotations = inspect.get_annotations(cls)
    if not fields and not annotations:
        return cls
    for name, call in fields.items():
        _set_default(cls, name, {keyword.arg: keyword.value for keyword in call.keywords})
    cls.__annotations__ = {name: object for name in fields if name not in annotations} | annotations
    if "__attrs_post_init__" in vars(cls):
        cls.__post_init__ = cls.__attrs_post_init__
    made = dataclasses.dataclass(cls)
    made.__init__ = _taking_public_names(made.__init__, {field.name for field in dataclasses.fields(made)})
    return made


def _field_call(value):
    """The tree of `attr.ib(...)`, if that made the value."""
    if type(value) is not Unknown:
        return None
    call = ast.parse(expression(value), mode="eval").body
    return call if isinstance(call, ast.Call) and _last_name(call.func) in _FIELDS else None


def _last_name(node):
    return getattr(node, "attr", getattr(node, "id", ""))


def _set_default(cls, name, given):
    """Put the default of a field where a data class looks for it; one that is no literal stays what it is."""
    factory = _last_name(given.get("factory"))
    is_outside = getattr(given.get("init"), "value", None) is False
    if factory in _FACTORIES:
        setattr(cls, name, dataclasses.field(default_factory=_FACTORIES[factory], init=not is_outside))
    elif "default" in given and isinstance(given["default"], ast.Constant):
        setattr(cls, name, dataclasses.field(default=given["default"].value, init=not is_outside))
    elif is_outside:
        setattr(cls, name, dataclasses.field(default=vars(cls)[name], init=False))
    elif not {"default", "factory"} & given.keys():
        delattr(cls, name)


def _taking_public_names(constructor, names):
    """The constructor, which takes the value of `_x` as `x`, too."""

    @functools.wraps(constructor)
    def init(self, *args, **kwargs):
        constructor(
            self, *args, **{f"_{n}" if f"_{n}" in names and n not in names else n: v for n, v in kwargs.items()}
        )

    return init
