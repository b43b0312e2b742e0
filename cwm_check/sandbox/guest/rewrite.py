"""The program's syntax tree with the few operations made visible that no method of an object can see.

`is`, `in`, `except X`, `raise X`, decorators and `super()` call helpers of `operations`, which do just what Python does
as long as nothing unknown is involved. Lines and columns stay those of the source.
"""

import ast


def rewritten(source, name):
    """The statements of the module: the code of each, its code without decorators or None, and the names it binds."""
    tree = ast.parse(source)
    future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    flags = 0
    for statement in future:
        for alias in statement.names:
            flags |= getattr(__import__("__future__"), alias.name).compiler_flag
    for statement in tree.body:
        if statement in future:
            continue
        statement = ast.fix_missing_locations(_Rewriter().visit(statement))
        code = compile(ast.Module([statement], []), name, "exec", flags=flags, dont_inherit=True)
        plain = None
        if getattr(statement, "decorator_list", None):
            statement.decorator_list = []
            plain = compile(ast.Module([statement], []), name, "exec", flags=flags, dont_inherit=True)
        yield code, plain, bound(statement)


def bound(statement):
    """Names that a top-level statement binds."""
    names = []
    for node in ast.walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.alias):
            names.append((node.asname or node.name).partition(".")[0])
    return names


def _call(helper, *args):
    return ast.copy_location(
        ast.Call(ast.copy_location(ast.Name(helper, ast.Load()), args[0]), list(args), []), args[0]
    )


def rewriter():
    """What makes the operations of one tree visible."""
    return _Rewriter()


class _Rewriter(ast.NodeTransformer):
    def visit_Compare(self, node):
        self.generic_visit(node)
        if len(node.ops) != 1:
            return node
        operator, right = node.ops[0], node.comparators[0]
        helper = {ast.Is: "__cwm_is__", ast.IsNot: "__cwm_is__", ast.In: "__cwm_in__", ast.NotIn: "__cwm_in__"}.get(
            type(operator)
        )
        if helper is None:
            return node
        call = ast.copy_location(_call(helper, node.left, right), node)
        return (
            ast.copy_location(ast.UnaryOp(ast.Not(), call), node)
            if isinstance(operator, (ast.IsNot, ast.NotIn))
            else call
        )

    def visit_ExceptHandler(self, node):
        self.generic_visit(node)
        if node.type is not None:
            node.type = _call("__cwm_caught__", node.type)
        return node

    def visit_Raise(self, node):
        self.generic_visit(node)
        if node.exc is not None:
            node.exc = _call("__cwm_raised__", node.exc)
        if node.cause is not None and not isinstance(node.cause, ast.Constant):
            node.cause = _call("__cwm_raised__", node.cause)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return _call("__cwm_super__", node)
        return node

    def _decorated(self, node):
        self.generic_visit(node)
        node.decorator_list = [_call("__cwm_decorate__", d) for d in node.decorator_list]
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _decorated
