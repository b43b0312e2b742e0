"""Pair the functions of a changed file: a `FileChange` comes in, its changed, added and removed functions go out.

A function counts as changed when its tokens or its name differ, or when something that it reads outside itself changed.
Functions that differ in layout and comments only are left out. LibCST reads each definition that is handed on:
`definitions` says where they are, `matching` which belong together, `codelines` which lines differ, `context` the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from tokenize import TokenError

import libcst as cst

from cwm_check.changes import FileChange
from cwm_check.extraction.bindings import bound_by
from cwm_check.extraction.codelines import differing_lines
from cwm_check.extraction.context import Because, changed_context
from cwm_check.extraction.definitions import Definition, Outline, outline
from cwm_check.extraction.matching import Pair, matched, same_text
from cwm_check.extraction.names import running_nodes
from cwm_check.pairs import ChangedFunction, FileFunctions, FunctionSource, Parameter
from cwm_check.vocabulary import Binding, ParameterKind, SkipReason

_MODULE = cst.Module(body=[])
_IMPLICIT_BINDINGS: dict[str, Binding] = {
    "__new__": "staticmethod",
    "__init_subclass__": "classmethod",
    "__class_getitem__": "classmethod",
}


def pair_functions(change: FileChange) -> FileFunctions:
    """Return the functions of a file that may behave differently after the change, and those that came or went.

    Functions inside functions are part of those around them: they are listed as changed, never as added or removed.
    """
    if change.problem is not None:
        return FileFunctions(change.path, (), problem=change.problem)
    try:
        before, after = outline(change.before or ""), outline(change.after or "")
        pairs = matched(before, after)
        because, shared = changed_context(before, after)
        is_edit = change.before is not None and change.after is not None
        return FileFunctions(
            path=change.path,
            changed=tuple(_changed(change, before, after, pairs, because)),
            added=_left_over(after, {a.qualname for _, a in pairs}),
            removed=_left_over(before, {b.qualname for b, _ in pairs}),
            unread=_unread(shared, after, because) if shared and is_edit else (),
        )
    except (SyntaxError, ValueError, RecursionError, TokenError, cst.ParserSyntaxError):
        return FileFunctions(change.path, (), problem=SkipReason.SYNTAX)


def _left_over(module: Outline, paired: set[str]) -> tuple[FunctionSource, ...]:
    left = [found[-1] for name, found in module.definitions.items() if name not in paired and not found[-1].is_nested]
    return tuple(_function_source(module, d) for d in sorted(left, key=lambda d: d.first_line))


def _unread(shared: tuple[str, ...], module: Outline, because: Because) -> tuple[str, ...]:
    read = {name for found in module.definitions.values() for name in because(found[-1])}
    return tuple(name for name in shared if name not in read)


def _changed(
    change: FileChange, before: Outline, after: Outline, pairs: list[Pair], because: Because
) -> Iterator[ChangedFunction]:
    edited = [(b, a) for b, a in pairs if a.qualname != b.qualname or not same_text(before, after, (b, a))]
    for pair in edited:
        yield _changed_function(change, before, after, pair)
    edited_names = {a.qualname for _, a in edited}
    for pair in (pair for pair in pairs if pair[1].qualname not in edited_names):
        names = because(pair[1])
        if names:
            yield _changed_function(change, before, after, pair, because=names)


def _changed_function(
    change: FileChange, before: Outline, after: Outline, pair: Pair, *, because: tuple[str, ...] = ()
) -> ChangedFunction:
    changed_before, changed_after = differing_lines(before.code_of(pair[0]), after.code_of(pair[1]))
    return ChangedFunction(
        path=change.path,
        before_path=change.before_path,
        qualname=pair[1].qualname,
        before=_function_source(before, pair[0]),
        after=_function_source(after, pair[1]),
        before_module=change.before or "",
        after_module=change.after or "",
        changed_before=changed_before,
        changed_after=changed_after,
        because=because,
    )


def _function_source(module: Outline, definition: Definition) -> FunctionSource:
    text = module.text_of(definition)
    node = cst.ensure_type(cst.parse_statement(text), cst.FunctionDef)
    decorators = tuple(_MODULE.code_for_node(decorator.decorator) for decorator in node.decorators)
    return FunctionSource(
        qualname=definition.qualname,
        source=text,
        first_line=definition.first_line,
        def_line=definition.node.lineno,
        last_line=definition.last_line,
        binding=_binding(definition, decorators),
        owner=definition.owner,
        parameters=tuple(_parameters(node.params)),
        decorators=decorators,
        is_async=node.asynchronous is not None,
        is_generator=_is_generator(definition),
        is_nested=definition.is_nested,
    )


def _binding(definition: Definition, decorators: tuple[str, ...]) -> Binding:
    if definition.owner is None:
        return "function"
    last_words = [decorator.partition("(")[0].rpartition(".")[2].strip() for decorator in decorators]
    return bound_by(last_words) or _IMPLICIT_BINDINGS.get(definition.node.name, "method")


def _is_generator(definition: Definition) -> bool:
    nodes = (node for statement in definition.node.body for node in running_nodes(statement))
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes)


def _parameters(parameters: cst.Parameters) -> Iterator[Parameter]:
    for parameter in parameters.posonly_params:
        yield _parameter(parameter, ParameterKind.POSITIONAL_ONLY)
    for parameter in parameters.params:
        yield _parameter(parameter, ParameterKind.POSITIONAL_OR_KEYWORD)
    if isinstance(parameters.star_arg, cst.Param):
        yield _parameter(parameters.star_arg, ParameterKind.VAR_POSITIONAL)
    for parameter in parameters.kwonly_params:
        yield _parameter(parameter, ParameterKind.KEYWORD_ONLY)
    if parameters.star_kwarg is not None:
        yield _parameter(parameters.star_kwarg, ParameterKind.VAR_KEYWORD)


def _parameter(parameter: cst.Param, kind: ParameterKind) -> Parameter:
    default = _MODULE.code_for_node(parameter.default) if parameter.default else None
    annotation = _MODULE.code_for_node(parameter.annotation.annotation) if parameter.annotation else None
    return Parameter(parameter.name.value, kind, default, annotation)
