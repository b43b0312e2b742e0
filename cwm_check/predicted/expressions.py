"""Expressions of a predicted run: an expression and the names around it in, its value out.

Names, literals, attributes of known objects, conditions and calls of the module's own functions are worked out here.
What is left is one question to the world model, in which everything worked out is a name with a value.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cwm_check.codecs.nano_steps import Effect
from cwm_check.predicted import facts
from cwm_check.predicted.calls import call_function, construct, find_method
from cwm_check.predicted.memory import Cell, Scope, Values
from cwm_check.predicted.state import Activation, Raised, Run, Unfinished, Work, new_closure

PURE = frozenset("math re string itertools functools collections operator json textwrap decimal fractions".split())
"""Modules whose functions a world model may know by name."""
_SILENT = frozenset("append extend insert remove clear sort reverse add discard update".split())
_CHANGING = _SILENT | frozenset(
    "pop setdefault popitem difference_update intersection_update symmetric_difference_update appendleft popleft"
    " rotate".split()
)


_ALWAYS_KNOWN = (ast.Name, ast.Constant, ast.IfExp, ast.List, ast.Tuple, ast.Lambda)
"""Expressions that cost no question."""


def evaluate(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    """Return the value of an expression."""
    match node:
        case ast.Constant(value=value):
            return Cell(repr(value))
        case ast.Name(id=name):
            return (yield from _named(run, name, here))
        case ast.Lambda():
            return new_closure(node, here.scope)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            cell = yield from evaluate(run, value, here)
            here.scope.bind(name, cell)
            return cell
        case ast.Yield():
            here.yielded.append((yield from evaluate(run, node.value, here)) if node.value else Cell("None"))
            return Cell("None")
        case ast.Await() | ast.YieldFrom():
            raise Unfinished(f"{type(node).__name__.lower()} is not predicted")
    if not run.decides and not needs_walk(run, node, here):
        return (yield from _asked(run, node, here))
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return (yield from evaluate(run, body if (yield from truth(run, test, here)) else orelse, here))
        case ast.BoolOp(op=op, values=values):
            return (yield from _bool_operation(run, op, values, here))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Cell(str(not (yield from truth(run, operand, here))))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return Cell(repr(-value))
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if _is_flat(elements):
            return (yield from _display(run, node, elements, here))
    if not needs_walk(run, node, here):
        return (yield from _asked(run, node, here))
    match node:
        case ast.Call():
            return (yield from _call(run, node, here))
        case ast.Attribute(value=value, attr=name):
            owner = yield from evaluate(run, value, here)
            return (yield from attribute(run, owner, name, here))
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return (yield from _comprehension(run, node, here))
    return (yield from _in_parts(run, node, here))


def truth(run: Run, node: ast.expr, here: Activation) -> Work[bool]:
    """Return whether an expression is true; the model decides only what static analysis cannot."""
    if run.decides:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not (yield from truth(run, operand, here))
            case ast.BoolOp(op=op, values=values):
                return (yield from _any_or_all(run, isinstance(op, ast.Or), values, here))
    if needs_walk(run, node, here) or (run.decides and isinstance(node, _ALWAYS_KNOWN)):
        cell = yield from evaluate(run, node, here)
        known = facts.truth_of(cell.text) if cell.is_plain else True
        if known is not None:
            return known
        node, here = within(here, cell)
    statement = ast.copy_location(ast.If(node, [ast.Pass()], []), node)
    effect = yield from run.ask(statement, (yield from values_for(run, node, here)))
    if effect.raised is not None:
        raise Raised(effect.raised)
    if effect.value not in ("True", "False"):
        raise Unfinished(f"the model gives no truth value for `{ast.unparse(node)[:60]}`")
    return effect.value == "True"


def _any_or_all(run: Run, wanted: bool, values: Sequence[ast.expr], here: Activation) -> Work[bool]:
    """Whether the first part that is as `wanted` exists."""
    for value in values:
        if (yield from truth(run, value, here)) is wanted:
            return wanted
    return not wanted


def within(here: Activation, cell: Cell) -> tuple[ast.Name, Activation]:
    """Return a name for a value, and an activation in which it is bound."""
    inner = Activation(Scope(dict.fromkeys(["value"], cell), here.scope), here.depth, here.yielded, here.line)
    return ast.Name("value", ast.Load(), lineno=here.line, col_offset=0), inner


def needs_walk(run: Run, node: ast.AST, here: Activation) -> bool:
    """Return whether an expression has a part that the model cannot be asked about, as a call of a known function."""
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name):
                cell = here.scope.find(name)
                if cell is not None and not cell.is_plain:
                    return True
                if cell is None and not here.scope.is_unbound(name) and _is_code(run.definitions.get(name)):
                    return True
            case ast.NamedExpr() | ast.Yield() | ast.YieldFrom() | ast.Await():
                return True
    return False


def _is_code(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _named(run: Run, name: str, here: Activation) -> Work[Cell]:
    cell = here.scope.find(name)
    if cell is not None:
        return cell
    if here.scope.is_unbound(name):
        raise Raised("UnboundLocalError")
    if name in run.definitions:
        return (yield from _module_value(run, name, run.definitions[name]))
    if hasattr(builtins, name):
        return Cell(f"<built-in {name}>")
    raise Unfinished(f"`{name}` is not known")


def _module_value(run: Run, name: str, definition: ast.stmt) -> Work[Cell]:
    """A name of the module's top level: worked out when it is first needed."""
    match definition:
        case ast.FunctionDef(decorator_list=[]):
            cell = new_closure(definition, run.module)
        case ast.ClassDef():
            cell = Cell(f"<class '{name}'>", owner=definition)
        case (
            ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
        ):
            if name in run._resolving:
                raise Unfinished(f"`{name}` is not known")
            run._resolving.append(name)
            cell = yield from evaluate(run, value, Activation(run.module, 0))
        case _:
            raise Unfinished(f"`{name}` is not known")
    run.module.names[name] = cell
    return cell


def _asked(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    """The model's word for an expression in which every name has a text."""
    values = yield from values_for(run, node, here)
    if _gives_none(node):
        effect = yield from run.ask(ast.copy_location(ast.Expr(node), node), values)
        effect = Effect(effect.assigned, "None", effect.raised)
    elif not _may_change(node):
        effect = yield from run.ask(ast.copy_location(ast.Return(node), node), values)
    else:
        target = ast.Name("made", ast.Store(), lineno=getattr(node, "lineno", 1), col_offset=0)
        effect = yield from run.ask(ast.copy_location(ast.Assign([target], node), node), values)
    if effect.raised is not None:
        raise Raised(effect.raised)
    assigned = dict(effect.assigned)
    made = assigned.pop("made", effect.value)
    change(here, assigned)
    if made is None:
        raise Unfinished(f"the model gives no value to `{ast.unparse(node)[:60]}`")
    return Cell(made)


def _gives_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SILENT


def _may_change(node: ast.expr) -> bool:
    calls = (child.func for child in ast.walk(node) if isinstance(child, ast.Call))
    return any(isinstance(function, ast.Attribute) and function.attr in _CHANGING for function in calls)


def change(here: Activation, assigned: Values) -> None:
    """Let objects have their new text, for all names of them."""
    for name, text in assigned.items():
        cell = here.scope.find(name)
        if cell is not None:
            cell.text = text


def values_for(run: Run, node: ast.AST, here: Activation) -> Work[Values]:
    """Return the text of every name that `node` reads; a name that nobody knows ends the run."""
    inside = {
        child.arg if isinstance(child, ast.arg) else child.id
        for child in ast.walk(node)
        if isinstance(child, ast.arg) or (isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Load))
    }
    values: Values = {}
    for child in ast.walk(node):
        if not isinstance(child, ast.Name) or child.id in values:
            continue
        cell = here.scope.find(child.id)
        if cell is None and (child.id in inside or _is_familiar(run, child.id, here)):
            continue
        if cell is None:
            cell = yield from _named(run, child.id, here)
        values[child.id] = cell.text
    return values


def _is_familiar(run: Run, name: str, here: Activation) -> bool:
    """Whether a name means the same everywhere: a builtin, or something of a module that the model may know."""
    if here.scope.is_unbound(name):
        return False
    match run.definitions.get(name):
        case None:
            return hasattr(builtins, name)
        case ast.Import(names=names):
            return any(a.name.partition(".")[0] in PURE for a in names if name in (a.asname, a.name.partition(".")[0]))
        case ast.ImportFrom(module=str() as module, level=0):
            return module.partition(".")[0] in PURE
    return False


# --- what is worked out here


def _bool_operation(run: Run, op: ast.boolop, values: Sequence[ast.expr], here: Activation) -> Work[Cell]:
    cell = yield from evaluate(run, values[0], here)
    for value in values[1:]:
        name, inner = within(here, cell)
        if (yield from truth(run, name, inner)) is isinstance(op, ast.Or):
            return cell
        cell = yield from evaluate(run, value, here)
    return cell


def _is_flat(elements: Sequence[ast.expr]) -> bool:
    return not any(isinstance(element, ast.Starred) for element in elements)


def _display(run: Run, node: ast.expr, elements: Sequence[ast.expr], here: Activation) -> Work[Cell]:
    texts = []
    for element in elements:
        texts.append((yield from evaluate(run, element, here)).text)
    inside = ", ".join(texts)
    if isinstance(node, ast.List):
        return Cell(f"[{inside}]")
    return Cell(f"({inside},)" if len(texts) == 1 else f"({inside})")


def _call(run: Run, node: ast.Call, here: Activation) -> Work[Cell]:
    function = yield from _callee(run, node.func, here)
    if function is None:
        return (yield from _in_parts(run, node, here))
    positional: list[Cell] = []
    named: dict[str, Cell] = {}
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            items = facts.items_of((yield from evaluate(run, argument.value, here)).text)
            if items is None:
                raise Unfinished("what `*` unpacks is not known")
            positional += map(Cell, items)
        else:
            positional.append((yield from evaluate(run, argument, here)))
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Unfinished("what `**` unpacks is not known")
        named[keyword.arg] = yield from evaluate(run, keyword.value, here)
    if function.function is not None:
        return (yield from call_function(run, function.function, positional, named, here.depth + 1))
    assert function.owner is not None
    return (yield from construct(run, function.owner, positional, named, here.depth + 1))


def _callee(run: Run, node: ast.expr, here: Activation) -> Work[Cell | None]:
    """The function of the module that is called, or None if it is none."""
    if isinstance(node, ast.Attribute):
        if not needs_walk(run, node, here):
            return None
        owner = yield from evaluate(run, node.value, here)
        cell = (yield from attribute(run, owner, node.attr, here)) if not owner.is_plain else None
    else:
        cell = (yield from evaluate(run, node, here)) if needs_walk(run, node, here) else None
    is_known = cell is not None and (cell.function is not None or (cell.owner is not None and cell.fields is None))
    return cell if is_known else None


def attribute(run: Run, owner: Cell, name: str, here: Activation) -> Work[Cell]:
    """Return an attribute of an object or a class of the module."""
    if owner.fields is not None and name in owner.fields:
        return owner.fields[name]
    if owner.owner is not None:
        found = find_method(run, owner.owner, name)
        if isinstance(found, ast.FunctionDef):
            return (yield from _bound(run, found, owner, here))
        if isinstance(found, ast.expr):
            return (yield from evaluate(run, found, Activation(run.module, here.depth)))
        if owner.fields is not None and not owner.owner.bases:
            raise Raised("AttributeError")
    raise Unfinished(f"the attribute `{name}` is not known")


def _bound(run: Run, code: ast.FunctionDef, owner: Cell, here: Activation) -> Work[Cell]:
    decorators = [ast.unparse(d) for d in code.decorator_list]
    is_instance = owner.fields is not None
    match decorators:
        case []:
            return new_closure(code, run.module, owner if is_instance else None)
        case ["staticmethod"]:
            return new_closure(code, run.module)
        case ["classmethod"]:
            assert owner.owner is not None
            receiver = Cell(f"<class '{owner.owner.name}'>", owner=owner.owner)
            return new_closure(code, run.module, receiver)
        case ["property"] if is_instance:
            closure = new_closure(code, run.module, owner).function
            assert closure is not None
            return (yield from call_function(run, closure, [], {}, here.depth + 1))
    raise Unfinished(f"the decorators of `{code.name}` are not known")


def _comprehension(
    run: Run, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, here: Activation
) -> Work[Cell]:
    """A comprehension that calls known functions: a loop here, an element at a time."""
    made: list[str] = []
    inner = Activation(Scope({}, here.scope), here.depth, here.yielded, here.line)
    yield from _clauses(run, node, 0, inner, made)
    if isinstance(node, ast.DictComp):
        made = [f"{key}: {value}" for key, value in dict(zip(made[::2], made[1::2], strict=True)).items()]
    if isinstance(node, ast.SetComp):
        made = list(dict.fromkeys(made))
    open_, close = "[]" if isinstance(node, ast.ListComp | ast.GeneratorExp) else "{}"
    return Cell("set()" if isinstance(node, ast.SetComp) and not made else f"{open_}{', '.join(made)}{close}")


def _clauses(
    run: Run,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
    depth: int,
    here: Activation,
    made: list[str],
) -> Work[None]:
    if depth == len(node.generators):
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            made.append((yield from evaluate(run, part, here)).text)
        return
    clause = node.generators[depth]
    for item in (yield from items(run, clause.iter, here)):
        yield from unpack(run, clause.target, item, here)
        holds = True
        for test in clause.ifs:
            holds = holds and (yield from truth(run, test, here))
        if holds:
            yield from _clauses(run, node, depth + 1, here, made)


def items(run: Run, node: ast.expr, here: Activation) -> Work[Iterable[Cell]]:
    """Return what a loop over `node` meets; a list may grow meanwhile."""
    if needs_walk(run, node, here) or (run.decides and not isinstance(node, ast.Call)):
        cell = yield from evaluate(run, node, here)
        known = facts.items_of(cell.text) if cell.is_plain else None
        if known is not None:
            return _live(cell) if cell.text.startswith("[") else map(Cell, known)
        if not cell.is_plain:
            raise Unfinished("what the loop meets is not known")
        node, here = within(here, cell)
    loop = ast.For(ast.Name("_", ast.Store(), lineno=here.line, col_offset=0), node, [ast.Pass()], [])
    effect = yield from run.ask(ast.copy_location(loop, node), (yield from values_for(run, node, here)))
    if effect.raised is not None:
        raise Raised(effect.raised)
    found = facts.items_of(effect.value or "")
    if found is None:
        raise Unfinished(f"the model gives no items for `{ast.unparse(node)[:60]}`")
    return map(Cell, found)


def _live(cell: Cell) -> Iterator[Cell]:
    """The items of a list as the loop reaches them; what is done to one is done to the list."""
    place = 0
    while (texts := facts.items_of(cell.text)) is not None and place < len(texts):
        item = Cell(texts[place])
        yield item
        now = list(facts.items_of(cell.text) or ())
        if item.text != texts[place] and place < len(now) and now[place] == texts[place]:
            now[place] = item.text
            cell.text = f"[{', '.join(now)}]"
        place += 1


def unpack(run: Run, target: ast.expr, cell: Cell, here: Activation) -> Work[None]:
    """Bind a name, or the names of a tuple to the items of a value."""
    if isinstance(target, ast.Name):
        here.scope.bind(target.id, cell)
        return
    if not isinstance(target, ast.Tuple | ast.List):
        raise Unfinished(f"an assignment to `{ast.unparse(target)[:60]}` is not predicted")
    parts = facts.items_of(cell.text) if cell.is_plain else None
    if parts is None:
        raise Raised("TypeError") if facts.value_of(cell.text) else Unfinished("what is unpacked is not known")
    stars = [i for i, element in enumerate(target.elts) if isinstance(element, ast.Starred)]
    if (not stars and len(parts) != len(target.elts)) or (stars and len(parts) < len(target.elts) - 1):
        raise Raised("ValueError")
    for element, item in zip(target.elts, _spread(parts, stars, len(target.elts)), strict=True):
        yield from unpack(run, element.value if isinstance(element, ast.Starred) else element, item, here)


def _spread(parts: Sequence[str], stars: Sequence[int], count: int) -> list[Cell]:
    if not stars:
        return [Cell(text) for text in parts]
    star, after = stars[0], count - stars[0] - 1
    middle = parts[star : len(parts) - after]
    texts = [*parts[:star], f"[{', '.join(middle)}]", *parts[len(parts) - after :]]
    return [Cell(text) for text in texts]


# --- the rest: parts first, then one question


def _in_parts(run: Run, node: ast.expr, here: Activation) -> Work[Cell]:
    prepared, inner = yield from prepare(run, node, here)
    return (yield from _asked(run, prepared, inner))


def prepare(run: Run, node: ast.expr, here: Activation) -> Work[tuple[ast.expr, Activation]]:
    """Return `node` with names in place of the parts that had to be worked out, and where these are bound."""
    scope = Scope({}, here.scope)
    inner = Activation(scope, here.depth, here.yielded, here.line)
    prepared = yield from _prepared_children(run, node, here, scope)
    return prepared, inner


def _prepared_children(run: Run, node: ast.expr, here: Activation, scope: Scope) -> Work[ast.expr]:
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if name == "func" and isinstance(value, ast.Attribute):
            fields[name] = yield from _prepared_children(run, value, here, scope)
        elif isinstance(value, list):
            made: list[object] = []
            for item in value:
                made.append((yield from _prepared(run, item, here, scope)) if isinstance(item, ast.AST) else item)
            fields[name] = made
        else:
            fields[name] = (yield from _prepared(run, value, here, scope)) if isinstance(value, ast.AST) else value
    copied: ast.expr = ast.copy_location(type(node)(**fields), node)
    return copied


def _prepared(run: Run, node: ast.AST, here: Activation, scope: Scope) -> Work[ast.AST]:
    if not needs_walk(run, node, here):
        return node
    if isinstance(node, ast.Starred | ast.keyword | ast.FormattedValue | ast.Slice | ast.comprehension):
        return (yield from _prepared_children(run, node, here, scope))  # type: ignore[arg-type]
    if not isinstance(node, ast.expr):
        return node
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return (yield from _prepared_children(run, node, here, scope))
    cell = yield from evaluate(run, node, here)
    if not cell.is_plain:
        raise Unfinished(f"an operation on `{ast.unparse(node)[:60]}` is not predicted")
    name = f"part{len(scope.names)}"
    scope.names[name] = cell
    return ast.copy_location(ast.Name(name, ast.Load()), node)
