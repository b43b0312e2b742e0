"""Text for compatibility modules whose meaning is plain: the sandbox runs it in their place."""

from __future__ import annotations

import re

_SIX = """
import builtins, collections.abc, functools, io, operator
PY2, PY3, PY34 = False, True, True
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type, MAXSIZE = str, bytes, 2**63 - 1
StringIO, BytesIO, Iterator = io.StringIO, io.BytesIO, object
unichr, int2byte, next, callable, wraps = chr, lambda n: bytes((n,)), builtins.next, builtins.callable, functools.wraps
def iteritems(d, **kw): return iter(d.items(**kw))
def iterkeys(d, **kw): return iter(d.keys(**kw))
def itervalues(d, **kw): return iter(d.values(**kw))
viewitems, viewkeys, viewvalues = map(operator.methodcaller, ("items", "keys", "values"))
def b(s): return s.encode("latin-1")
def u(s): return s
def ensure_str(s, encoding="utf-8", errors="strict"): return s.decode(encoding, errors) if isinstance(s, bytes) else s
ensure_text = ensure_str
def ensure_binary(s, encoding="utf-8", errors="strict"): return s.encode(encoding, errors) if isinstance(s, str) else s
def raise_from(value, from_value): raise value from from_value
def reraise(tp, value, tb=None): raise (tp() if value is None else value)
def python_2_unicode_compatible(cls): return cls
def add_metaclass(metaclass):
    def wrapper(cls):
        body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        return metaclass(cls.__name__, cls.__bases__, body)
    return wrapper
def with_metaclass(meta, *bases): return meta("temporary_class", bases or (object,), {})
"""

_TYPING_EXTENSIONS = """
import typing
def __getattr__(name):
    return getattr(typing, name)
"""

SHIMS = {"six": _SIX, "typing_extensions": _TYPING_EXTENSIONS}
_VENDORED = re.compile(r"^([ \t]*)from[ \t]+([\w.]+)[ \t]+import[ \t]+([\w, \t]+?)[ \t]*$", re.MULTILINE)


def with_shims(text: str) -> str:
    """Return the text of a module with the copies of such modules that packages carry taken for the modules themselves.

    `from .util import debug, six` -> `from .util import debug; import six`, on the same line.
    """
    return _VENDORED.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    indent, place, names = found.group(1), found.group(2), [name.strip() for name in found.group(3).split(",")]
    known = [name for name in names if name in SHIMS]
    if not known:
        return found.group()
    others = [name for name in names if name not in SHIMS]
    parts = [f"from {place} import {', '.join(others)}"] if others else []
    return indent + "; ".join([*parts, f"import {', '.join(known)}"])
