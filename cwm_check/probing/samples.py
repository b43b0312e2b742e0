"""Sample values by type: what a type name or an annotation stands for, as literal texts, the plainest first.

An annotation's text in (and the modules whose aliases it may use), values out. Types that are not built in, and `Any`,
give nothing: an unknown object stands for them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from cwm_check.literals import constant, literal, parse_expression
from cwm_check.pairs import ChangedFunction

SAMPLES: dict[str, tuple[str, ...]] = {
    "int": ("3", "0", "-1", "1", "10"),
    "float": ("2.5", "0.0", "-1.5", "2.6789", "1e16", "3"),  # 2.6789 rounds another way than it is cut, at each digit
    "complex": ("(1+2j)",),
    "str": ("'abc'", "''", "'Hello World'", "' x '", "'é1'"),
    "bool": ("True", "False"),
    "bytes": ("b'abc'", "b''"),
    "list": ("[3, 1, 2, 1]", "[]", "['b', 'a', 'b']"),
    "tuple": ("(2, 1, 2)", "()"),
    "dict": ("{'a': 1, 'b': 2}", "{}"),
    "set": ("{1, 2}", "set()"),
    "None": ("None",),
}
_LIST_LIKE = {
    "list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "Iterator", "Container", "Generator",
}  # fmt: skip
_TUPLE_LIKE = {"tuple", "Tuple"}
_SET_LIKE = {"set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"}
_DICT_LIKE = {"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "DefaultDict"}
_NAMES = {"AnyStr": "str", "Text": "str", "LiteralString": "str", "StrPath": "str", "Number": "int", "Real": "float"}
_TRANSPARENT = {"Final", "Annotated", "ClassVar", "Required", "NotRequired"}
_DEEPEST = 4
_KINDS = {"str", "bytes", "list", "dict", "set"}  # that an unknown parameter may be declared to be


def annotated_values(annotation: str | None, modules: Sequence[str]) -> list[str]:
    """Return sample values of an annotation, and of the aliases in `modules` that it names."""
    tree = parse_expression(annotation) if annotation else None
    return [] if tree is None else _values(tree, modules, _DEEPEST)


def declared(function: ChangedFunction) -> Mapping[str, str]:
    """Return the kinds of the parameters that both versions annotate with a plain builtin type, or its literals."""
    sides = ((function.before, function.before_module), (function.after, function.after_module))
    before, after = ({p.name: _kind(p.annotation, module) for p in side.parameters} for side, module in sides)
    return {name: kind for name, kind in after.items() if kind and before.get(name) == kind}


def _kind(annotation: str | None, module: str) -> str:
    if annotation in _KINDS:
        return str(annotation)
    kinds = {type(ast.literal_eval(value)).__name__ for value in _literals(annotation, module)}
    return kinds.pop() if len(kinds) == 1 and kinds <= _KINDS else ""


def _literals(annotation: str | None, module: str) -> list[str]:
    """The values of `Literal[...]`, which may be an alias in the module; none of any other annotation."""
    tree = parse_expression(annotation) if annotation else None
    if isinstance(tree, ast.Name):
        alias = constant(module, tree.id)
        tree = parse_expression(alias) if alias else None
    match tree:
        case ast.Subscript(value=ast.Name(id="Literal") | ast.Attribute(attr="Literal")):
            return _values(tree, (module,), _DEEPEST)
    return []


def _values(node: ast.expr, modules: Sequence[str], depth: int) -> list[str]:
    if depth == 0:
        return []
    match node:
        case ast.Constant(value=None):
            return ["None"]
        case ast.Constant(value=str(text)):
            inner = parse_expression(text)
            return _values(inner, modules, depth - 1) if inner else []
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([left, right], modules, depth)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _named(name, modules, depth)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inside):
            items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            return _generic(name, items, modules, depth - 1)
    return []


def _named(name: str, modules: Sequence[str], depth: int) -> list[str]:
    name = _NAMES.get(name, name)
    if name in SAMPLES:
        return list(SAMPLES[name])
    for kind, names in (("list", _LIST_LIKE), ("tuple", _TUPLE_LIKE), ("set", _SET_LIKE), ("dict", _DICT_LIKE)):
        if name in names:
            return list(SAMPLES[kind])
    for module in modules:
        alias = constant(module, name)
        tree = parse_expression(alias) if alias else None
        if isinstance(tree, ast.Call) and ast.unparse(tree.func).endswith("NewType") and len(tree.args) == 2:
            tree = tree.args[1]
        if isinstance(tree, ast.Subscript | ast.BinOp | ast.Name):
            return _values(tree, modules, depth - 1)
    return []


def _generic(name: str, items: Sequence[ast.expr], modules: Sequence[str], depth: int) -> list[str]:
    if name == "Literal":
        return [text for text in map(literal, map(ast.unparse, items)) if text]
    if name == "Optional":
        return [*_values(items[0], modules, depth), "None"]
    if name == "Union":
        return _union(items, modules, depth)
    if name in _TRANSPARENT:
        return _values(items[0], modules, depth)
    inner = [_inner_values(item, modules, depth) for item in items if not _is_ellipsis(item)]
    if name in _TUPLE_LIKE and not any(map(_is_ellipsis, items)) and all(inner):
        return [f"({', '.join(row)},)" for row in zip(*inner, strict=False)][:3]
    if name in _DICT_LIKE and len(inner) == 2:
        full = mapping_of(zip(inner[0][:2], inner[1][:2] * 2, strict=False))
        return list(dict.fromkeys((full, "{}"))) if all(inner) else []
    if all(inner) and inner and name in _LIST_LIKE | _TUPLE_LIKE | _SET_LIKE:
        return sequences_of("set" if name in _SET_LIKE else "tuple" if name in _TUPLE_LIKE else "list", inner[0])
    return []


def _inner_values(node: ast.expr, modules: Sequence[str], depth: int) -> list[str]:
    """Return values for the inside of a container: where anything goes, a few plain ones."""
    return ["1", "'a'"] if ast.unparse(node).rpartition(".")[2] in {"Any", "object"} else _values(node, modules, depth)


def _union(nodes: Sequence[ast.expr], modules: Sequence[str], depth: int) -> list[str]:
    """Return the first value of each member, then the other values of each."""
    each = [_values(node, modules, depth) for node in nodes]
    each.sort(key=lambda values: values[:1] == ["None"])
    return [values[0] for values in each if values] + [value for values in each for value in values[1:]]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def sequences_of(kind: str, items: Sequence[str]) -> list[str]:
    """Return sequences of the given items: several with a repetition and out of order, none, each alone."""
    if kind == "set":
        items = list(filter(_is_hashable, items))
    empty, form = {"list": ("[]", "[{}]"), "tuple": ("()", "({},)"), "set": ("set()", "{{{}}}")}[kind]
    several = [form.format(", ".join([*items[:3], items[0]]))] if items else []
    return [*several, empty, *map(form.format, items[:3])]


def mapping_of(pairs: zip[tuple[str, str]] | Sequence[tuple[str, str]]) -> str:
    """Return a dict display of the given keys and values, without keys that no dict can have."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs if _is_hashable(key)) + "}"


def _is_hashable(value: str) -> bool:
    """Whether a literal can be in a set."""
    try:
        hash(ast.literal_eval(value))
    except TypeError:
        return False
    except ValueError:  # no literal
        return True
    return True
