"""The normal form of a whole function: marks, resolved names, then all rewrites until nothing changes."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from cwm_check.normal import assignments, loops, temporaries
from cwm_check.normal.branches import rewrite_blocks
from cwm_check.normal.expressions import rewrite_expressions
from cwm_check.normal.flow import rewrite_everywhere
from cwm_check.normal.modules import Module, definition_names, resolve_names
from cwm_check.normal.readers import drop_annotations, drop_docstrings, is_inspected
from cwm_check.normal.scopes import Marker, is_local, number_locals, parameter_mark
from cwm_check.normal.trees import FUNCTIONS, LAZY, NAME_FIELDS, Function, clone, key, name_of, walk
from cwm_check.normal.values import is_builtin_call, local_kinds

_ROUNDS = 12
_REWRITES = (*assignments.REWRITES, *temporaries.REWRITES, *loops.REWRITES)
_SEES_LOCALS = frozenset(["locals", "vars", "dir", "eval", "exec"])
_SEES_FRAMES = frozenset(["_getframe", "currentframe", "stack"])


@dataclass(frozen=True)
class Form:
    """A normal form."""

    text: str
    """Equal for definitions that behave alike, as long as what they use is alike."""
    uses: frozenset[str]
    """Names of the module's own definitions that it reads or binds."""
    rewrites: Counter[str]
    """How often each rewrite fired on the way."""


def function_form(
    function: Function,
    module: Module,
    enclosing: frozenset[str] = frozenset(),
    method_of: str = "",
    *,
    quick: bool = False,
) -> Form:
    """Return the normal form of a function of a module.

    `enclosing` are the locals of the functions around it, `method_of` is the module's class that it is a method of.
    A `quick` form knows docstrings, annotations and names only.
    """
    copy, marker = clone(function), Marker()
    marker.mark(copy, {name: f"^{name}" for name in enclosing})
    copy.name = ""
    fired = _bare(copy, function, module)
    if not quick and not _sees_locals(copy):
        fired += _normalised(copy, marker, method_of)
    # Rewrites may use one node in two places; numbering needs each place to have its own.
    copy = clone(copy)
    number_locals(copy)
    return Form(key(copy), definition_names(copy), fired)


@lru_cache(maxsize=4096)
def definition_form(statement: ast.stmt, module: Module) -> Form:
    """Return the normal form of a top-level statement; a function or class goes without its name."""
    if isinstance(statement, FUNCTIONS):
        return function_form(statement, module)
    copy: ast.stmt = clone(statement)
    if isinstance(copy, ast.AnnAssign):
        copy = ast.Assign(targets=[copy.target], value=copy.value or ast.Constant(value=None))
    marker = Marker()
    marker.mark(copy, {})
    fired: Counter[str] = Counter()
    if isinstance(copy, ast.ClassDef) and isinstance(statement, ast.ClassDef):
        drop_docstrings(copy)
        for method, original in zip(copy.body, statement.body[-len(copy.body) :], strict=True):
            if isinstance(method, FUNCTIONS) and isinstance(original, FUNCTIONS):
                fired += _bare(method, original, module)
                fired += Counter() if _sees_locals(method) else _normalised(method, marker, statement.name)
        copy.name = ""
    resolve_names(copy, module)
    copy = clone(copy)
    number_locals(copy)
    return Form(key(copy), definition_names(copy), fired)


def _bare(copy: Function, original: Function, module: Module) -> Counter[str]:
    """Resolve the names of a marked copy and take away what nobody reads, in place; return how much that was."""
    fired: Counter[str] = Counter()
    if not is_inspected(original, module):
        fired["docstring"] += drop_docstrings(copy)
        fired["annotations"] += drop_annotations(copy)
    for node in walk(copy):
        if isinstance(node, FUNCTIONS):
            # Rewrites may remove a `yield` that is never reached, and they remove texts that nobody uses.
            node.type_comment = (
                f"{'generator' if _is_generator(node) else ''} {ast.get_docstring(node, clean=False) or ''}"
            )
    resolve_names(copy, module)
    if _sees_locals(copy):
        _keep_names(copy)
    return fired


def _normalised(function: Function, marker: Marker, method_of: str) -> Counter[str]:
    """Apply all rewrites until nothing changes, in place; return how often each fired."""
    fired = Counter({"super": _shorten_super(function, method_of)})
    before, text = "", "-"
    for _ in range(_ROUNDS):
        kinds = local_kinds(function)
        fired += rewrite_expressions(function, kinds)
        fired += rewrite_blocks(function, kinds)
        fired += rewrite_everywhere(function, _REWRITES, marker)
        before, text = text, key(function)
        if text == before:
            break
    return fired


def _is_generator(function: Function) -> bool:
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (*LAZY, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)
    return False


def _sees_locals(root: ast.AST) -> bool:
    """Tell whether the names of locals matter to the program."""
    for node in walk(root):
        if isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else name_of(node.func)
            if function.lstrip(":?").rpartition(".")[2] in _SEES_FRAMES:
                return True
            if function in _SEES_LOCALS and (not node.args or function in ("eval", "exec")):
                return True
    return False


def _keep_names(root: ast.AST) -> None:
    """Take the numbers off the marks, so that the names themselves are compared."""
    for node in walk(root):
        field = NAME_FIELDS.get(type(node))
        value = getattr(node, field) if field else None
        if field and value and is_local(value):
            setattr(node, field, value.partition("@")[0])


def _shorten_super(function: Function, method_of: str) -> int:
    """`super(C, self)` is `super()` in a method of `C` itself."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    if not method_of or not arguments:
        return 0
    receiver, shortened = parameter_mark(arguments[0]), 0
    if any(
        name_of(n) == receiver and not isinstance(n.ctx, ast.Load) for n in walk(function) if isinstance(n, ast.Name)
    ):
        return 0
    for node in _own_nodes(function):
        if not isinstance(node, ast.Call) or not is_builtin_call(node, "super"):
            continue
        if [name_of(argument) for argument in node.args] == [f"§{method_of}", receiver]:
            node.args = []
            shortened += 1
    return shortened


def _own_nodes(function: Function) -> list[ast.AST]:
    """Return the nodes that are evaluated in the scope of the function itself."""
    pending, found = list[ast.AST](function.body), list[ast.AST]()
    while pending:
        node = pending.pop()
        if not isinstance(node, (*LAZY, ast.ListComp, ast.SetComp, ast.DictComp, ast.ClassDef)):
            found.append(node)
            pending += ast.iter_child_nodes(node)
    return found
