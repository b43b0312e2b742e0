"""Rewrites of control flow: branches, early exits, `else`, `with`, `try` and `match` in one form each.

The form is nested: what follows a branch that leaves the block moves into the other branch, so that guard clauses and
`else` are alike. Each rewrite takes a block, changes it in place and returns how often it fired.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

from cwm_check.normal.conditions import condition, joined, negated, turns
from cwm_check.normal.trees import FUNCTIONS, LOOPS, blocks, call, clone, ends, equal, is_true, jumps, name_of, walk
from cwm_check.normal.values import EXCEPTIONS, Kinds, at_hand, kind_of


def tidy(block: list[ast.stmt], kinds: Kinds) -> int:
    """Remove statements that do nothing and those that are never reached; decided branches take the place of their
    `if`.
    """
    tidied: list[ast.stmt] = []
    for statement in block:
        if not ends(tidied):
            tidied += _without_effect(statement)
    fired = int(tidied != block)
    block[:] = tidied
    return fired


def _without_effect(statement: ast.stmt) -> list[ast.stmt]:
    match statement:
        case ast.Pass() | ast.Global() | ast.Nonlocal() | ast.Expr(value=ast.Constant()):
            return []
        case ast.If(test=ast.Constant(value=value)):
            return statement.body if value else statement.orelse
        case ast.If(body=[], orelse=[], test=test):
            return [ast.Expr(value=ast.UnaryOp(op=ast.Not(), operand=test))]
        case ast.While(test=ast.Constant(value=value), orelse=orelse) if not value:
            return orelse
        case ast.Return(value=ast.Constant(value=None)):
            return [ast.Return(value=None)]
    return [statement]


def straighten(block: list[ast.stmt], kinds: Kinds) -> int:
    """Bring each statement of a block into its form: conditions, `while c`, several `with` items, `raise E()`."""
    straight = [_straight(statement, kinds) for statement in block]
    fired = int(straight != block)
    block[:] = straight
    return fired


def _straight(statement: ast.stmt, kinds: Kinds) -> ast.stmt:
    match statement:
        case ast.If():
            statement.test = condition(statement.test, kinds)
            return _straight_if(statement)
        case ast.While(test=test, orelse=[]) if not is_true(test):
            leave = ast.If(test=negated(condition(test, kinds)), body=[ast.Break()], orelse=[])
            return ast.While(test=ast.Constant(value=True), body=[leave, *statement.body], orelse=[])
        case ast.While(test=ast.Constant(value=int(value))) if value and value is not True:
            statement.test = ast.Constant(value=True)
        case ast.Assert():
            statement.test = condition(statement.test, kinds)
        case ast.With(items=[first, *rest]) | ast.AsyncWith(items=[first, *rest]) if rest:
            return type(statement)(items=[first], body=[type(statement)(items=rest, body=statement.body)])
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name) as error, args=[], keywords=[])) if name in EXCEPTIONS:
            statement.exc = error
        case ast.Expr(value=ast.Call(func=ast.Name(id=":six.raise_from"), args=[error, cause], keywords=[])):
            return ast.Raise(exc=error, cause=cause)
        case ast.With(items=[ast.withitem(context_expr=ast.Call() as manager, optional_vars=None)]):
            return _suppressed(statement, manager)
        case ast.Try():
            for handler in statement.handlers:
                if isinstance(handler.type, ast.Tuple) and len(handler.type.elts) == 1:
                    handler.type = handler.type.elts[0]
    return statement


def _straight_if(statement: ast.If) -> ast.stmt:
    match statement:
        case ast.If(body=[], orelse=[_, *_] as orelse):
            return ast.If(test=negated(statement.test), body=orelse, orelse=[])
        case ast.If(body=[ast.If(orelse=[]) as inner], orelse=[]):
            return ast.If(test=joined(ast.And(), statement.test, inner.test), body=inner.body, orelse=[])
        case ast.If(body=body, orelse=[ast.If() as inner]) if equal(body, inner.body):
            return ast.If(test=joined(ast.Or(), statement.test, inner.test), body=body, orelse=inner.orelse)
        case ast.If(body=[ast.If() as inner], orelse=[_, *_] as orelse) if equal(orelse, inner.orelse):
            return ast.If(test=joined(ast.And(), statement.test, inner.test), body=inner.body, orelse=orelse)
        case ast.If(body=[_, *_] as body, orelse=[_, *_] as orelse) if turns(statement.test):
            return _chosen(ast.If(test=negated(statement.test), body=orelse, orelse=body))
    return _chosen(statement)


def _chosen(statement: ast.If) -> ast.stmt:
    """`if c: x = a` `else: x = b` is `x = a if c else b`; the same for `return`."""
    match statement:
        case ast.If(body=[ast.Return() as first], orelse=[ast.Return() as second]):
            values = [clause.value or ast.Constant(value=None) for clause in (first, second)]
            return ast.Return(value=ast.IfExp(test=statement.test, body=values[0], orelse=values[1]))
        case ast.If(body=[ast.Assign(targets=[a]) as first], orelse=[ast.Assign(targets=[b]) as second]) if equal(a, b):
            if isinstance(a, ast.Name) or (isinstance(a, ast.Attribute) and isinstance(a.value, ast.Name)):
                return ast.Assign(
                    targets=[a], value=ast.IfExp(test=statement.test, body=first.value, orelse=second.value)
                )
    return statement


def _suppressed(statement: ast.With, manager: ast.Call) -> ast.stmt:
    """`with suppress(E):` is `try:` with `except E: pass`."""
    if name_of(manager.func) != ":contextlib.suppress" or manager.keywords or not manager.args:
        return statement
    caught = manager.args[0] if len(manager.args) == 1 else ast.Tuple(elts=manager.args, ctx=ast.Load())
    if not all(name_of(error) in EXCEPTIONS for error in manager.args):
        return statement
    handler = ast.ExceptHandler(type=caught, name=None, body=[])
    return ast.Try(body=statement.body, handlers=[handler], orelse=[], finalbody=[])


def nest(block: list[ast.stmt], kinds: Kinds) -> int:
    """Move what follows a branch that leaves the block into the other branch, and the `else` of a `try` or loop
    behind it if that is the same.
    """
    for place, statement in enumerate(block):
        rest = block[place + 1 :]
        if isinstance(statement, ast.If) and rest and ends(statement.body) != ends(statement.orelse):
            branch = statement.orelse if ends(statement.body) else statement.body
            branch += rest
            del block[place + 1 :]
            return 1
        if _leads_out(statement):
            block[place + 1 : place + 1] = statement.orelse  # type: ignore[attr-defined]
            statement.orelse = []  # type: ignore[attr-defined]
            return 1
    return 0


def _leads_out(statement: ast.stmt) -> bool:
    """Tell whether the `else` of a statement is what comes next, whatever happens."""
    if isinstance(statement, LOOPS):
        return bool(statement.orelse) and not jumps(statement.body, ast.Break)
    if isinstance(statement, ast.Try):
        return bool(statement.orelse) and not statement.finalbody and all(ends(h.body) for h in statement.handlers)
    return False


def drop_last(block: list[ast.stmt], kind: type[ast.Return] | type[ast.Continue]) -> int:
    """Remove `return` or `continue` where control goes there anyway."""
    if not block:
        return 0
    last = block[-1]
    if isinstance(last, kind) and getattr(last, "value", None) is None:
        del block[-1]
        return 1 + drop_last(block, kind)
    if isinstance(last, ast.Try):
        bodies = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return sum(drop_last(body, kind) for body in bodies)
    if isinstance(last, (ast.If, ast.With, ast.AsyncWith)):
        return drop_last(last.body, kind) + drop_last(getattr(last, "orelse", []), kind)
    return 0


def drop_last_jumps(root: ast.AST) -> int:
    """Remove the last `return` of each function and the last `continue` of each loop, where they say nothing."""
    functions = [node for node in walk(root) if isinstance(node, FUNCTIONS)]
    loops = [node for node in walk(root) if isinstance(node, LOOPS)]
    dropped = sum(drop_last(node.body, ast.Return) for node in functions)
    dropped += sum(drop_last(node.body, ast.Continue) for node in loops)
    return dropped + sum(_last_choice(node.body) for node in functions)


def _last_choice(block: list[ast.stmt]) -> int:
    """At the end of a function, `if c: return a` is `return a if c else None`."""
    match block:
        case [*_, ast.If(body=[ast.Return(value=ast.expr() as value)], orelse=[]) as last]:
            block[-1] = ast.Return(value=ast.IfExp(test=last.test, body=value, orelse=ast.Constant(value=None)))
            return 1
        case [*_, ast.If() as last]:
            return _last_choice(last.body) + _last_choice(last.orelse)
    return 0


def push_return(block: list[ast.stmt], kinds: Kinds) -> int:
    """Move `return x` into the branches of the `if` or `try` before it."""
    if len(block) < 2 or not isinstance(last := block[-1], ast.Return) or not _is_simple(last.value):
        return 0
    match block[-2]:
        case ast.If(body=body, orelse=orelse):
            branches = [body, orelse]
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=[]):
            branches = [orelse or body, *(handler.body for handler in handlers)]
        case _:
            return 0
    for branch in branches:
        if not ends(branch):
            branch.append(clone(last))
    del block[-1]
    return 1


def _is_simple(value: ast.expr | None) -> bool:
    return value is None or (at_hand(value) and not isinstance(value, ast.Tuple))


def matched(block: list[ast.stmt], kinds: Kinds) -> int:
    """Turn `match` over a name into `if`, where each pattern is a value, a choice of values, a builtin type or `_`."""
    fired = 0
    for place, statement in enumerate(block):
        if isinstance(statement, ast.Match) and isinstance(statement.subject, ast.Name):
            tests = [test for case in statement.cases if (test := _case_test(statement.subject, case))]
            if len(tests) == len(statement.cases):
                chain: list[ast.stmt] = []
                for test, case in zip(reversed(tests), reversed(statement.cases), strict=True):
                    chain = [ast.If(test=test, body=case.body, orelse=chain)]
                block[place : place + 1] = chain
                fired += 1
    return fired


def _case_test(subject: ast.Name, case: ast.match_case) -> ast.expr | None:
    test = _pattern_test(subject, case.pattern)
    return test if test is None or case.guard is None else ast.BoolOp(op=ast.And(), values=[test, case.guard])


def _pattern_test(subject: ast.Name, pattern: ast.pattern) -> ast.expr | None:
    match pattern:
        case ast.MatchValue(value=value):
            return ast.Compare(left=subject, ops=[ast.Eq()], comparators=[value])
        case ast.MatchSingleton(value=value):
            return ast.Compare(left=subject, ops=[ast.Is()], comparators=[ast.Constant(value=value)])
        case ast.MatchClass(cls=ast.Name() as type_, patterns=[], kwd_patterns=[]) if kind_of(type_, {}) == "type":
            return call("isinstance", subject, type_)
        case ast.MatchOr(patterns=patterns):
            tests = [_pattern_test(subject, inner) for inner in patterns]
            return None if None in tests else ast.BoolOp(op=ast.Or(), values=[t for t in tests if t])
        case ast.MatchAs(pattern=None, name=None):
            return ast.Constant(value=True)
    return None


BLOCK_REWRITES: tuple[tuple[str, Callable[[list[ast.stmt], Kinds], int]], ...] = (
    ("match", matched),
    ("statement without effect", tidy),
    ("branches", straighten),
    ("branches", nest),
    ("return", push_return),
)


def rewrite_blocks(root: ast.AST, kinds: Kinds) -> Counter[str]:
    """Apply the rewrites of blocks everywhere below `root`, in place; return how often each fired."""
    fired: Counter[str] = Counter()
    for name, rewrite in BLOCK_REWRITES:
        fired[name] += sum(rewrite(block, kinds) for block in blocks(root))
    fired["return"] += drop_last_jumps(root)
    return fired
