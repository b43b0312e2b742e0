"""Refactorings that keep the behaviour: what people write in a commit that says `refactor:`.

In: a `Source`. Out: edits. They keep it for all but exotic objects (a `__not__` that lies, an `__eq__` with effects);
running both versions checks each one.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence

from pieces import Edit, Function, Piece, Source

_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def rewrites(source: Source) -> Iterator[Edit]:
    """Yield edits, each one refactoring."""
    yield from _renamed(source)
    yield from _moved_imports(source)
    yield from _helpers(source)
    for node in source.expressions():
        for kind, text in _expressions(source, node):
            yield Edit(kind, (source.over(node, text),))
    for block, n in source.statements():
        for kind, count, body in _statements(source, block, n):
            yield Edit(kind, (source.block(block[n], block[n + count - 1], body),))


# --- the whole function


def _renamed(source: Source) -> Iterator[Edit]:
    names = _names(source.function)
    if names & {"locals", "eval", "exec", "vars"} or any(isinstance(n, ast.Global) for n in ast.walk(source.function)):
        return
    for name in sorted(_locals(source.function)):
        nodes = [n for n in ast.walk(source.function) if isinstance(n, ast.Name) and n.id == name]
        visible = {id(n) for n in source.expressions()}
        other = _free(name + "_value", names)
        if all(id(n) in visible for n in nodes) and not _handles(source.function, name):
            yield Edit("rename local", tuple(source.over(n, other) for n in nodes))


def _moved_imports(source: Source) -> Iterator[Edit]:
    """A plain import of the module's top, made again inside the function that uses it; and the other way round."""
    used, top = _names(source.function), [n for n in source.tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    first = next((s for s in source.function.body if not _is_text(s)), None)
    for node in top:
        if first is not None and isinstance(node, ast.Import) and {a.asname or a.name for a in node.names} & used:
            kept = Piece(source.start(first), source.start(first), f"{source.get(node)}\n{' ' * first.col_offset}")
            yield Edit("import moved", (kept,))
    for block, n in source.statements():
        inner = block[n]
        if isinstance(inner, ast.Import | ast.ImportFrom) and len(block) > 1 and top and not getattr(inner, "level", 0):
            after = source.end(top[-1])
            yield Edit("import moved", (Piece(after, after, f"\n{source.get(inner)}"), source.over(inner, "pass")))


def _helpers(source: Source) -> Iterator[Edit]:
    """The value of a last `return`, computed by a new function of the module."""
    function = source.function
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None or isinstance(last.value, ast.Name | ast.Constant):
        return
    if any(isinstance(n, ast.Await | ast.Yield | ast.YieldFrom | ast.Lambda | ast.NamedExpr) for n in ast.walk(last)):
        return
    known = {a.arg for a in _arguments(function)} | _locals(function)
    names = sorted({n.id for n in ast.walk(last) if isinstance(n, ast.Name)} & known)
    if _names(function) & {"super"} or any(isinstance(n, Function) for n in function.body):
        return
    helper = _free(
        f"_{function.name.strip('_')}_result", {n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name)}
    )
    call, end = f"{helper}({', '.join(names)})", len(source.text.rstrip("\n"))
    body = f"\n\n\ndef {helper}({', '.join(names)}):\n    return {ast.unparse(last.value)}\n"
    yield Edit("helper extracted", (source.over(last.value, call), Piece(end, len(source.text), body)))


# --- expressions


def _expressions(source: Source, node: ast.expr) -> Iterator[tuple[str, str]]:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=op, values=values)):
            other = ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), [_negated(v) for v in values])
            yield "De Morgan", f"({ast.unparse(other)})"
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[op])) if type(op) in _INVERSE:
            yield "negated comparison", f"({ast.unparse(_negated(node.operand))})"
        case ast.Compare(ops=[op], comparators=[ast.Tuple(elts=[_, *_] as items)]) if _is_member(op, items):
            other = ast.Compare(node.left, node.ops, [ast.Set(items)])
            yield "membership", ast.unparse(other)
        case ast.BoolOp(op=ast.Or(), values=[ast.Call(func=ast.Name("isinstance"), args=[a, one]),
                                             ast.Call(func=ast.Name("isinstance"), args=[b, two])]):  # fmt: skip
            if ast.dump(a) == ast.dump(b) and isinstance(a, ast.Name):
                yield "isinstance joined", f"isinstance({a.id}, ({ast.unparse(one)}, {ast.unparse(two)}))"
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(form)), attr="format"), args=[*args], keywords=[]
        ):
            if (text := _f_string(form.replace("{", "\0{").split("\0"), args)) is not None:
                yield "f-string", text
        case ast.BinOp(left=ast.Constant(value=str(form)), op=ast.Mod(), right=ast.Tuple(elts=args)):
            parts = form.replace("%s", "\0{}").split("\0")
            if "%" not in "".join(parts) and "{" not in form and (text := _f_string(parts, args)) is not None:
                yield "f-string", text
        case ast.JoinedStr(values=values):
            if (text := _format_call(values)) is not None:
                yield "format call", text
        case ast.Call(func=ast.Name("dict" | "list" as name), args=[], keywords=[]):
            yield "literal", "{}" if name == "dict" else "[]"
        case ast.Dict(keys=[]) | ast.List(elts=[], ctx=ast.Load()):
            yield "literal", "dict()" if isinstance(node, ast.Dict) else "list()"
        case ast.Call(func=ast.Name("list"), args=[ast.GeneratorExp() as inner], keywords=[]):
            yield "comprehension", ast.unparse(ast.ListComp(inner.elt, inner.generators))
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.ListComp() as inner], keywords=[]):
            yield "comprehension", f"{source.get(node.func)}({ast.unparse(inner)[1:-1]})"


def _is_member(op: ast.cmpop, items: Sequence[ast.expr]) -> bool:
    constant = all(isinstance(i, ast.Constant) and isinstance(i.value, str | int) for i in items)
    return isinstance(op, ast.In | ast.NotIn) and constant


def _f_string(parts: Sequence[str], args: Sequence[ast.expr]) -> str | None:
    """`{}` by `{}` the arguments inside the text; None where Python 3.11 cannot write it."""
    texts = [ast.unparse(a) for a in args]
    if len(parts) != len(args) + 1 or any(set("\"'\\{}\n!:") & set(t) for t in texts):
        return None
    if not all(p.startswith("{}") and not set(p[2:]) & set("{}") for p in parts[1:]) or set(parts[0]) & set("{}"):
        return None
    held = "".join(f"{{{t}}}{p[2:]}" for t, p in zip(texts, parts[1:], strict=True))
    body = parts[0] + held
    return "f" + _quoted(body)


def _quoted(body: str) -> str:
    text = repr(body)
    return text if "\\" not in text else '"""' + body.replace("\\", "\\\\") + '"""'


def _format_call(values: Sequence[ast.expr]) -> str | None:
    form, args = "", []
    for value in values:
        match value:
            case ast.Constant(value=str(text)):
                form += text.replace("{", "{{").replace("}", "}}")
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                form, args = form + "{}", [*args, ast.unparse(inner)]
            case _:
                return None
    return f"{form!r}.format({', '.join(args)})" if args else None


# --- statements: the kind, how many statements from here on are replaced, and by what


def _statements(source: Source, block: Sequence[ast.stmt], n: int) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    rest: Sequence[ast.stmt] = block[n:]
    names = _names(source.function)
    for rule in (_branches, _values, _loops):
        yield from rule(rest, names)
    if isinstance(rest[0], ast.For) and len(rest) > 1:
        yield from _searches(rest)


def _branches(rest: Sequence[ast.stmt], names: set[str]) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    match rest[0]:
        case ast.If(test=test, body=[*body], orelse=[*other]) if other:
            if not (len(other) == 1 and isinstance(other[0], ast.If)):
                yield "branches swapped", 1, [ast.If(_negated(test), other, body)]
            if isinstance(body[-1], _ENDS):
                yield "early return", 1, [ast.If(test, body, []), *other]
            yield from _ternary(test, body, other)
        case ast.If(test=test, body=[*body], orelse=[]):
            if isinstance(body[-1], _ENDS) and len(rest) > 1 and len(rest) < 8:
                yield "else added", len(rest), [ast.If(test, body, list(rest[1:]))]
            if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
                first, *more = test.values
                inner = more[0] if len(more) == 1 else ast.BoolOp(ast.And(), more)
                yield "condition nested", 1, [ast.If(first, [ast.If(inner, body, [])], [])]
            yield (
                "condition named",
                1,
                [_assigned(_free("is_needed", names), test), ast.If(_name(_free("is_needed", names)), body, [])],
            )
        case ast.Return(value=ast.IfExp(test=test, body=one, orelse=two)):
            yield "if for ternary", 1, [ast.If(test, [ast.Return(one)], []), ast.Return(two)]


def _ternary(
    test: ast.expr, body: Sequence[ast.stmt], other: Sequence[ast.stmt]
) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    match body, other:
        case [ast.Return(value=ast.expr() as one)], [ast.Return(value=ast.expr() as two)]:
            yield "ternary", 1, [ast.Return(ast.IfExp(test, one, two))]
        case [ast.Assign(targets=[ast.Name(a)], value=one)], [ast.Assign(targets=[ast.Name(b)], value=two)] if a == b:
            yield "ternary", 1, [_assigned(a, ast.IfExp(test, one, two))]


def _values(rest: Sequence[ast.stmt], names: set[str]) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    temporary = _free("result", names)
    match rest[0]:
        case ast.Return(value=ast.Call() | ast.BinOp() | ast.Compare() | ast.Subscript() | ast.JoinedStr() as value):
            yield "temporary", 1, [_assigned(temporary, value), ast.Return(_name(temporary))]
        case ast.Assign(
            targets=[ast.Name(a)], value=ast.BinOp(left=ast.Name(b), op=op, right=ast.Constant(value=int()))
        ):
            if a == b:
                yield "augmented", 1, [ast.AugAssign(_store(a), op, rest[0].value.right)]
        case ast.AugAssign(target=ast.Name(a), op=op, value=ast.Constant(value=int() | str()) as value):
            yield "augmented", 1, [_assigned(a, ast.BinOp(_name(a), op, value))]
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(a), ast.Name(b)])], value=ast.Tuple(elts=[one, two])):
            if a not in {n.id for n in ast.walk(two) if isinstance(n, ast.Name)} and a != b:
                yield "unpacking", 1, [_assigned(a, one), _assigned(b, two)]
    match rest[:2]:
        case [ast.Assign(targets=[ast.Name(a)], value=one), ast.Assign(targets=[ast.Name(b)], value=two)]:
            if a != b and a not in {n.id for n in ast.walk(two) if isinstance(n, ast.Name)}:
                target = ast.Tuple([_store(a), _store(b)])
                yield "unpacking", 2, [ast.Assign([target], ast.Tuple([one, two]), lineno=1)]
        case [ast.Assign(targets=[ast.Name(a)], value=one), ast.Return(value=ast.Name(b))] if a == b:
            yield "temporary removed", 2, [ast.Return(one)]


def _loops(rest: Sequence[ast.stmt], names: set[str]) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    match rest[:2]:
        case [ast.Assign(targets=[ast.Name(a)], value=ast.List(elts=[])), ast.For(orelse=[]) as loop]:
            if (made := _collected(a, loop)) is not None:
                yield "comprehension", 2, [_assigned(a, made)]
    match rest[0]:
        case ast.Return(value=ast.ListComp(elt=elt, generators=[one])) if not one.is_async:
            result = _free("result", names)
            add: ast.stmt = ast.Expr(ast.Call(ast.Attribute(_name(result), "append"), [elt], []))
            for test in reversed(one.ifs):
                add = ast.If(test, [add], [])
            loop = ast.For(one.target, one.iter, [add], [], lineno=1)
            yield "loop", 1, [_assigned(result, ast.List([])), loop, ast.Return(_name(result))]
        case ast.Return(
            value=ast.Call(func=ast.Name("any" | "all" as name), args=[ast.GeneratorExp(generators=[one]) as made])
        ):
            found = made.elt if name == "any" else _negated(made.elt)
            inner: ast.stmt = ast.If(found, [ast.Return(ast.Constant(name == "any"))], [])
            for test in reversed(one.ifs):
                inner = ast.If(test, [inner], [])
            yield (
                "loop",
                1,
                [ast.For(one.target, one.iter, [inner], [], lineno=1), ast.Return(ast.Constant(name != "any"))],
            )
        case ast.For(body=[*head, ast.If(test=test, body=body, orelse=[])], orelse=other):
            inside = [*head, ast.If(_negated(test), [ast.Continue()], []), *body]
            yield "guard clause", 1, [ast.For(rest[0].target, rest[0].iter, inside, other, lineno=1)]


def _searches(rest: Sequence[ast.stmt]) -> Iterator[tuple[str, int, Sequence[ast.stmt]]]:
    match rest[:2]:
        case [ast.For(body=[ast.If(test=test, body=[one], orelse=[])], orelse=[]) as loop, other]:
            found, missing = _truth(one), _truth(other)
            if None not in (found, missing) and found != missing:
                each = [ast.comprehension(loop.target, loop.iter, [], 0)]
                call = ast.Call(_name("any"), [ast.GeneratorExp(test, each)], [])
                yield "any or all", 2, [ast.Return(call if found else ast.UnaryOp(ast.Not(), call))]


def _truth(node: ast.stmt) -> bool | None:
    """What `return True` and `return False` give."""
    match node:
        case ast.Return(value=ast.Constant(value=bool(value))):
            return value
    return None


def _collected(name: str, loop: ast.For) -> ast.ListComp | None:
    body, tests = loop.body, []
    while len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
        tests.append(body[0].test)
        body = body[0].body
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(target), attr="append"), args=[item]))]:
            used = {n.id for part in (item, loop.iter, *tests) for n in ast.walk(part) if isinstance(n, ast.Name)}
            if target == name and name not in used:
                return ast.ListComp(item, [ast.comprehension(loop.target, loop.iter, tests, 0)])
    return None


# --- trees


def _negated(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(ops=[op]) if type(op) in _INVERSE:
            return ast.Compare(test.left, [_INVERSE[type(op)]()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)


def _assigned(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([_store(name)], value, lineno=1)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.arg for n in ast.walk(node) if isinstance(n, ast.arg)
    }


def _arguments(function: Function) -> list[ast.arg]:
    given = function.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]


def _locals(function: Function) -> set[str]:
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    outer = {name for n in ast.walk(function) if isinstance(n, ast.Global | ast.Nonlocal) for name in n.names}
    return stored - outer - {a.arg for n in ast.walk(function) if isinstance(n, ast.arguments) for a in n.args}


def _handles(function: Function, name: str) -> bool:
    """Whether the name is also bound where no expression stands: `except E as name`, `import name`, a nested `def`."""
    bound: Callable[[ast.AST], object] = lambda n: getattr(n, "name", None) or getattr(n, "asname", None)  # noqa: E731
    return any(bound(n) == name for n in ast.walk(function) if n is not function)


def _free(name: str, taken: set[str]) -> str:
    while name in taken or hasattr(builtins, name):
        name += "_"
    return name


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
