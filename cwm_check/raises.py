"""Which exception types a function's own `raise` statements surely gained or lost by a change.

Two versions of a function and their modules in, type names out. Sure means: no other expression of the other version
can be the source of that type (a vanished helper, a lookup that raises by itself, a handler that raises again). What is
not sure is left to the simulation, so a silent answer says nothing.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from cwm_check.literals import constant, imports, origin
from cwm_check.pairs import ChangedFunction
from cwm_check.syntax import block_at, body_of, children, code, dotted, parse_function, walk

_ALIASES = {
    "asyncio.TimeoutError": "TimeoutError",
    "concurrent.futures.TimeoutError": "TimeoutError",
    "os.error": "OSError",
    "select.error": "OSError",
    "socket.error": "OSError",
    "socket.timeout": "TimeoutError",
}
_HARMLESS = frozenset(
    """
    isinstance issubclass callable hasattr len str repr bool id type print list tuple dict set frozenset sorted
    reversed range enumerate zip map filter any all sum min max abs super cast format join strip lstrip rstrip lower
    upper title startswith endswith replace split rsplit splitlines partition rpartition append extend add discard
    update get items keys values copy setdefault debug info warning warn
    """.split()
)
"""Functions and methods of builtin objects that raise nothing but TypeError in code that works."""
_LOOKUPS: dict[str, type[cst.CSTNode]] = {
    "AttributeError": cst.Attribute,
    "IndexError": cst.Subscript,
    "KeyError": cst.Subscript,
    "LookupError": cst.Subscript,
    "StopAsyncIteration": cst.Call,
    "StopIteration": cst.Call,
    "ZeroDivisionError": cst.BinaryOperation,
}
"""What raises these types without a `raise`."""
_UNCERTAIN = {"AssertionError", "NameError", "UnboundLocalError"}
"""They mark what should never happen: gained or lost, no call need notice."""
_LEAVING = (cst.Return, cst.Raise, cst.Continue, cst.Break)
_HELPER_DEPTH = 3


@dataclass(frozen=True, slots=True)
class _Version:
    """What one version raises, and what else may raise in it."""

    types: frozenset[str]
    opaque: frozenset[str]
    """Text of raised values whose type the source does not show."""
    words: frozenset[str]
    """Every name in the function."""
    calls: frozenset[str]
    tree: cst.FunctionDef
    module: str


def raised_types(function: ChangedFunction) -> tuple[list[str], list[str]]:
    """Return the exception types that were surely lost and surely gained, each sorted."""
    before, after = body_of(function.before), body_of(function.after)
    if before is None or after is None:
        return [], []
    first, second = _read(before, function.before_module), _read(after, function.after_module)
    lost = sorted(name for name in first.types - second.types if _is_sure(name, first, second))
    gained = sorted(name for name in second.types - first.types if _is_sure(name, second, first))
    return lost, gained


def _read(tree: cst.FunctionDef, module: str) -> _Version:
    values = [node.exc for node in _live_raises(tree.body, ()) if node.exc is not None]
    names = {code(value): _type_name(value) for value in values}
    known = imports(module)
    return _Version(
        types=frozenset(_resolved(name, module, known) for name in names.values() if name),
        opaque=frozenset(text for text, name in names.items() if not name),
        words=frozenset(_resolved(dotted(node), module, known) for node in walk(tree) if dotted(node)),
        calls=frozenset(dotted(node.func) or code(node.func) for node in walk(tree) if isinstance(node, cst.Call)),
        tree=tree,
        module=module,
    )


def _type_name(value: cst.BaseExpression) -> str:
    name = dotted(value.func if isinstance(value, cst.Call) else value)
    return name if name.rpartition(".")[2].lstrip("_")[:1].isupper() or name in _ALIASES else ""


def _resolved(name: str, module: str, known: dict[str, str]) -> str:
    assigned = constant(module, name) if name[:1].isupper() and "." not in name else None
    full = origin(known, assigned if assigned and re.fullmatch(r"[\w.]+", assigned) else name)
    last = full.rpartition(".")[2]
    builtin = _builtin(last)
    return _ALIASES.get(full) or (builtin.__name__ if isinstance(builtin, type) else last)


def _builtin(name: str) -> object:
    return getattr(builtins, name, None)


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _live_raises(node: cst.CSTNode, caught: tuple[str, ...]) -> Iterator[cst.Raise]:
    """Yield the `raise` statements that can be reached and whose exception can leave the function."""
    match node:
        case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
            return
        case cst.Raise(exc=value) if value is None or not _is_caught(_type_name(value), caught):
            yield node
        case cst.IndentedBlock(body=statements):
            yield from (found for statement in _reachable(statements) for found in _live_raises(statement, caught))
        case cst.If(test=test, orelse=orelse) if _never_holds(test):
            yield from _live_raises(orelse, caught) if orelse else ()
        case cst.With(items=items) if any("suppress" in code(item) for item in items):
            return
        case cst.Try() | cst.TryStar():
            types = tuple(code(handler.type) if handler.type else "BaseException" for handler in node.handlers)
            yield from _live_raises(node.body, caught + types)
            others = [child for child in children(node) if child is not node.body]
            yield from (found for child in others for found in _live_raises(child, caught))
        case _:
            yield from (found for child in children(node) for found in _live_raises(child, caught))


def _reachable(statements: Collection[cst.BaseStatement]) -> Iterator[cst.BaseStatement]:
    for statement in statements:
        yield statement
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[-1], _LEAVING):
            return


def _never_holds(test: cst.BaseExpression) -> bool:
    """Say whether a condition is false, or about the interpreter rather than the data."""
    return bool(
        re.fullmatch(r"False|0|None|not True|.*(version_info|\bPY[23]\b|TYPE_CHECKING).*", code(test), re.DOTALL)
    )


def _is_caught(name: str, handlers: tuple[str, ...]) -> bool:
    """Say whether one of the handlers may catch the type; two different names of unknown classes may be related."""
    types = re.findall(r"[\w.]+", " ".join(handlers))
    raised = _builtin(name)
    for handler in types:
        catching = _builtin(handler)
        if not (_is_exception(raised) and _is_exception(catching)) or issubclass(raised, catching):  # type: ignore[arg-type]
            return True
    return False


def _is_sure(name: str, version: _Version, other: _Version) -> bool:
    """Say whether no expression of the other version can raise `name`."""
    if name in other.words or other.opaque - version.opaque or name in _UNCERTAIN:
        return False
    if name in _LOOKUPS and any(isinstance(node, _LOOKUPS[name]) for node in walk(other.tree)):
        return False
    helpers = [c for c in other.calls if c.rpartition(".")[2] not in _HARMLESS and not _is_exception(_builtin(c))]
    raising = [call for call in helpers if _may_raise(call, name, other.module, _HELPER_DEPTH)]
    return all(c in version.calls and _names(c, name, version.module) >= _names(c, name, other.module) for c in raising)


def _may_raise(call: str, name: str, module: str, depth: int) -> bool:
    """Say whether a function that is called by this name may raise the type: an unknown one may raise anything."""
    text = _definition(call, module)
    if text is None:
        is_class = call[:1].isupper() and call.isidentifier()
        return not is_class or _is_exception(_builtin(name))
    helper = parse_function(text)
    if helper is None or depth == 0 or _names(call, name, module):
        return True
    calls = {dotted(node.func) for node in walk(helper) if isinstance(node, cst.Call)} - {call, ""}
    unsafe = [inner for inner in calls if inner.rpartition(".")[2] not in _HARMLESS]
    return any(_may_raise(inner, name, module, depth - 1) for inner in unsafe)


def _names(call: str, name: str, module: str) -> bool:
    """Say whether the definition that a call goes to names the type."""
    return re.search(rf"\b{name}\b", _definition(call, module) or "") is not None


def _definition(call: str, module: str) -> str | None:
    """Return the text of the function or method of `module` that goes by the name of a call."""
    plain = call.removeprefix("self.").removeprefix("cls.")
    found = re.search(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(plain)}\(", module, re.MULTILINE)
    return None if found is None else block_at(module, found.start())
