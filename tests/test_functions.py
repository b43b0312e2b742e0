from __future__ import annotations

from textwrap import dedent

import pytest

from cwm_check.changes import FileChange
from cwm_check.extraction.functions import pair_functions
from cwm_check.pairs import FileFunctions, FunctionSource, Parameter
from cwm_check.vocabulary import ParameterKind, SkipReason


def paired(before: str | None, after: str | None) -> FileFunctions:
    texts = [None if text is None else dedent(text).lstrip("\n") for text in (before, after)]
    return pair_functions(FileChange("pkg/m.py", "pkg/m.py", *texts))


def no_functions(result: FileFunctions) -> bool:
    return (result.changed, result.added, result.removed, result.problem) == ((), (), (), None)


def one_line(result: FileFunctions) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(f.qualname, f.changed_before, f.changed_after) for f in result.changed]


EDITS = {
    "one token": (
        "def f(a):\n    b = a\n    return a + b\n",
        "def f(a):\n    b = a\n    return a - b\n",
        [("f", (3,), (3,))],
    ),
    "a line removed": (
        "def f(a):\n    a += 1\n    return a\n",
        "def f(a):\n    return a\n",
        [("f", (2,), ())],
    ),
    "a line added below a comment": (
        "def f(a):\n    return a\n",
        "def f(a):\n    # one more\n    a += 1\n    return a\n",
        [("f", (), (3,))],
    ),
    "a token removed marks the line it is missing from": (
        "def f(a):\n    return a or 1\n",
        "def f(a):\n    return a\n",
        [("f", (2,), (2,))],
    ),
    "one entry of a literal over many lines": (
        "def f():\n    return {\n        1: 2,\n        3: 4,\n    }\n",
        "def f():\n    return {\n        1: 2,\n        3: 5,\n    }\n",
        [("f", (4,), (4,))],
    ),
    "another block": (
        "def f(a):\n    if a:\n        a = 1\n    return a\n",
        "def f(a):\n    if a:\n        a = 1\n        return a\n",
        [("f", (4,), (4,))],
    ),
    "a docstring is text but no code": (
        'def f():\n    "a"\n    return 1\n',
        'def f():\n    "b"\n    return 1\n',
        [("f", (), ())],
    ),
    "a decorator": ("@a\n@b\ndef f(): pass\n", "@b\ndef f(): pass\n", [("f", (1,), ())]),
    "a nested function belongs to the outer one": (
        "def f():\n    def g():\n        return 1\n    return g\n",
        "def f():\n    def g():\n        return 2\n    return g\n",
        [("f", (3,), (3,)), ("f.g", (3,), (3,))],
    ),
    "async method": (
        "class A:\n    async def f(self):\n        return 1\n",
        "class A:\n    async def f(self):\n        return 2\n",
        [("A.f", (3,), (3,))],
    ),
    "setter, not getter": (
        """
        class A:
            @property
            def x(self): return self._x
            @x.setter
            def x(self, value): self._x = value
            @x.deleter
            def x(self): del self._x
        """,
        """
        class A:
            @property
            def x(self): return self._x
            @x.setter
            def x(self, value): self._x = int(value)
            @x.deleter
            def x(self): del self._x
        """,
        [("A.x.setter", (5,), (5,))],
    ),
    "lines end as on Windows": ("def f():\r\n    return 1\r\n", "def f():\r\n    return 2\r\n", [("f", (2,), (2,))]),
    "a form feed is no line end": ("\f\ndef f():\n    return 1\n", "\f\ndef f():\n    return 2\n", [("f", (3,), (3,))]),
    "the definition for Python 3": (
        """
        if sys.version_info[0] >= 3:
            def f(): return 1
        else:
            def f(): return 2
        """,
        """
        if sys.version_info[0] >= 3:
            def f(): return 3
        else:
            def f(): return 2
        """,
        [("f", (2,), (2,))],
    ),
    "the fallback, if the likely definition is as it was": (
        "try:\n    def f(): return 1\nexcept OSError:\n    def f(): return 2\n",
        "try:\n    def f(): return 1\nexcept OSError:\n    def f(): return 3\n",
        [("f", (4,), (4,))],
    ),
    "one of several registered under one name": (
        "@f.register\ndef _(a: int): return 1\n@f.register\ndef _(a: str): return 1\n",
        "@f.register\ndef _(a: int): return 2\n@f.register\ndef _(a: str): return 1\n",
        [("_", (2,), (2,))],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), EDITS.values(), ids=EDITS)
def test_edited_functions_are_found_with_their_lines(before: str, after: str, expected: list[object]) -> None:
    assert expected == one_line(paired(before, after))


QUIET = {
    "nothing": ("def f(): return 1\n", "def f(): return 1\n"),
    "comments and blank lines": ("def f():\n    return 1\n", "# c\n\ndef f():  # c\n\n    # c\n    return 1\n"),
    "wrapped": ("def f(a, b):\n    return g(a, b)\n", "def f(a,\n      b):\n    return g(\n        a, b)\n"),
    "indented otherwise": ("def f():\n  if 1:\n    return 1\n", "def f():\n    if 1:\n        return 1\n"),
    "moved within the file": ("def f(): return 1\ndef g(): return 2\n", "def g(): return 2\ndef f(): return 1\n"),
    "code outside functions": ("A = 1\ndef f(): return 1\n", "A = 2\ndef f(): return 1\n"),
    "an overload": (
        "@overload\ndef f(a: int): ...\n@overload\ndef f(a: str): ...\ndef f(a): return a\n",
        "@overload\ndef f(a: bool): ...\n@typing.overload\ndef f(a: str): ...\ndef f(a): return a\n",
    ),
    "for type checkers": (
        "if TYPE_CHECKING:\n    def f(): return 1\n",
        "if TYPE_CHECKING:\n    def f(): return 2\n",
    ),
    "for Python 2": (
        "if six.PY2:\n    def f(): return 1\nelse:\n    def f(): return 2\n",
        "if six.PY2:\n    def f(): return 3\nelse:\n    def f(): return 2\n",
    ),
    "for Windows": (
        "def f(): return 1\nif sys.platform == 'win32':\n    def f(): return 2\n",
        "def f(): return 1\nif sys.platform == 'win32':\n    def f(): return 3\n",
    ),
    "a block around it": ("def f():\n    return 1\n", "if A:\n    def f():\n        return 1\n"),
}


@pytest.mark.parametrize(("before", "after"), QUIET.values(), ids=QUIET)
def test_functions_that_read_the_same_are_left_out(before: str, after: str) -> None:
    assert no_functions(paired(before, after))


CONTEXT = {
    "constant": ("A = 1\ndef f(): return A\n", "A = 2\ndef f(): return A\n", {"f": ("A",)}),
    "constant changed by a call": (
        "A = {}\nA.update(a=1)\ndef f(): return A\n",
        "A = {}\nA.update(a=2)\ndef f(): return A\n",
        {"f": ("A",)},
    ),
    "constant of a constant": ("A = 1\nB = A\ndef f(): return B\n", "A = 2\nB = A\ndef f(): return B\n", {"f": ("A",)}),
    "import": ("from a import g\ndef f(): return g()\n", "from b import g\ndef f(): return g()\n", {"f": ("g",)}),
    "default": ("A = 1\ndef f(a=A): return a\n", "A = 2\ndef f(a=A): return a\n", {"f": ("A",)}),
    "builtin hidden": ("def f(): return open(1)\n", "from a import open\ndef f(): return open(1)\n", {"f": ("open",)}),
    "helper, nearest first": (
        "A = 1\ndef h(): return 1 + A\ndef g(): return h()\ndef f(): return g()\n",
        "A = 2\ndef h(): return 2 + A\ndef g(): return h()\ndef f(): return g()\n",
        {"h": (), "g": ("h", "A"), "f": ("h", "A")},
    ),
    "recursion ends": (
        "A = 1\ndef f(): return g()\ndef g(): return f() or A\n",
        "A = 2\ndef f(): return g()\ndef g(): return f() or A\n",
        {"f": ("A",), "g": ("A",)},
    ),
    "class attribute": (
        "class C:\n    A = 1\n    def f(self): return self.A\n",
        "class C:\n    A = 2\n    def f(self): return self.A\n",
        {"C.f": ("C.A",)},
    ),
    "attribute of a base": (
        "class B:\n    A = 1\nclass C(B):\n    def f(self): return self.A\n",
        "class B:\n    A = 2\nclass C(B):\n    def f(self): return self.A\n",
        {"C.f": ("B.A",)},
    ),
    "attribute by class name": (
        "class C:\n    A = 1\ndef f(): return C.A\n",
        "class C:\n    A = 2\ndef f(): return C.A\n",
        {"f": ("C.A",)},
    ),
    "method": (
        "class C:\n    def g(self): return 1\n    def f(self): return self.g()\n",
        "class C:\n    def g(self): return 2\n    def f(self): return self.g()\n",
        {"C.g": (), "C.f": ("C.g",)},
    ),
    "method of the base": (
        "class B:\n    def f(self): return 1\nclass C(B):\n    def f(self): return super().f()\n",
        "class B:\n    def f(self): return 2\nclass C(B):\n    def f(self): return super().f()\n",
        {"B.f": (), "C.f": ("B.f",)},
    ),
    "constructor and method of an instance": (
        "class C:\n    def __init__(self): self.a = 1\n    def g(self): return self.a\ndef f(): return C().g()\n",
        "class C:\n    def __init__(self): self.a = 2\n    def g(self): return self.a\ndef f(): return C().g()\n",
        {"C.__init__": (), "f": ("C.__init__",)},
    ),
    "field of a dataclass": (
        "@dataclass\nclass C:\n    a: int = 1\ndef f(): return C()\n",
        "@dataclass\nclass C:\n    a: int = 2\ndef f(): return C()\n",
        {"f": ("C.a",)},
    ),
    "base class": (
        "class C(A):\n    def f(self): return 1\n",
        "class C(B):\n    def f(self): return 1\n",
        {"C.f": ("C",)},
    ),
    "nested function": (
        "A = 1\ndef f():\n    def g(): return A\n    return g()\n",
        "A = 2\ndef f():\n    def g(): return A\n    return g()\n",
        {"f": ("A",), "f.g": ("A",)},
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), CONTEXT.values(), ids=CONTEXT)
def test_functions_change_with_what_they_read(before: str, after: str, expected: dict[str, tuple[str, ...]]) -> None:
    result = paired(before, after)
    assert expected == {f.qualname: f.because for f in result.changed}
    assert {((), ())} == {(f.changed_before, f.changed_after) for f in result.changed if f.because}


UNREAD = {
    "a constant that nobody reads": ("A = 1\n", "A = 2\n", ("A",)),
    "a constant that is gone": ("A = 1\nB = 1\n", "B = 1\n", ("A",)),
    "one of two": ("A = 1\nB = 1\ndef f(): return A\n", "A = 2\nB = 2\ndef f(): return A\n", ("B",)),
    "a field that came": ("class C:\n    a: int\n", "class C:\n    a: int\n    b: int = 0\n", ("C.b",)),
    "a base": ("class C(A): x = 1\n", "class C(B): x = 1\n", ("C",)),
    "read by an edited function": ("A = 1\ndef f(): return A\n", "A = 2\ndef f(): return A + 1\n", ()),
    "read by a helper's caller": (
        "A = 1\ndef g(): return A\ndef f(): return g()\n",
        "A = 2\ndef g(): return A\ndef f(): return g()\n",
        (),
    ),
    "a new constant": ("", "A = 2\n", ()),
    "a new class": ("", "class C:\n    a = 1\n", ()),
    "another layout": ("A = [1,2]\n", "A = [\n    1,\n    2,\n]\n", ()),
    "a private one": ("_A = 1\nclass C: _b = 1\n", "_A = 2\nclass C: _b = 2\n", ()),
    "about the module": ("__version__ = '1'\n__all__ = []\n", "__version__ = '2'\n__all__ = ['x']\n", ()),
    "an import": ("from a import x\nimport y\n", "from b import x\nimport z\n", ()),
    "a function": ("def f(): return 1\n", "def f(): return 2\n", ()),
    "a file that came": (None, "A = 1\n", ()),
    "a file that went": ("A = 1\n", None, ()),
}


@pytest.mark.parametrize(("before", "after", "expected"), UNREAD.values(), ids=UNREAD)
def test_what_changed_and_no_function_reads_is_named(
    before: str | None, after: str | None, expected: tuple[str, ...]
) -> None:
    assert paired(before, after).unread == expected


QUIET_CONTEXT = {
    "another constant": ("A = 1\nB = 1\ndef f(): return A\n", "A = 1\nB = 2\ndef f(): return A\n"),
    "a local of that name": ("A = 1\ndef f(A): return A\n", "A = 2\ndef f(A): return A\n"),
    "a loop variable": ("A = 1\ndef f(): return [A for A in b]\n", "A = 2\ndef f(): return [A for A in b]\n"),
    "layout": ("A = (1, 2)\ndef f(): return A\n", "A = (\n    1, 2\n)  # c\ndef f(): return A\n"),
    "order of imports": ("import a\nimport b\ndef f(): return a, b\n", "import b\nimport a\ndef f(): return a, b\n"),
    "a neighbour in one import": (
        "from a import b, c\ndef f(): return b\n",
        "from a import b, d\ndef f(): return b\n",
    ),
    "annotations of a function": (
        "from a import C\ndef f(x: C): return x\n",
        "from b import C\ndef f(x: C): return x\n",
    ),
    "attribute of another class": (
        "class B:\n    A = 1\nclass C:\n    A = 1\n    def f(self): return self.A\n",
        "class B:\n    A = 2\nclass C:\n    A = 1\n    def f(self): return self.A\n",
    ),
    "an attribute of anything": ("A = 1\ndef f(x): return x.A\n", "A = 2\ndef f(x): return x.A\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), QUIET_CONTEXT.values(), ids=QUIET_CONTEXT)
def test_functions_do_not_change_with_what_they_do_not_read(before: str, after: str) -> None:
    assert no_functions(paired(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('def g():\n    "a"\n    return 1\n', 'def g():\n    "b"\n    return 1\n', id="docstring"),
        pytest.param("def g(a): return 1\n", "def g(a: int) -> int: return 1\n", id="annotations"),
        pytest.param("def g():\n    a = 1\n", "def g():\n    a: int = 1\n", id="annotation of a local"),
        pytest.param("def g(): return 'a'\n", 'def g(): return ("a")\n', id="quotes and parentheses"),
    ],
)
def test_a_helper_that_only_reads_otherwise_changes_no_caller(before: str, after: str) -> None:
    caller = "def f(): return g()\n"
    assert [f.qualname for f in paired(before + caller, after + caller).changed] == ["g"]


LONG = (
    "(self, items):\n    found = []\n    for item in items:\n        found += [item.name + item.id]\n    return found\n"
)

MOVES = {
    "renamed": (f"def f{LONG}", f"def g{LONG}", [("f", "g")], [], []),
    "renamed and edited": (f"def f{LONG}", f"def g{LONG.replace('name', 'value')}", [("f", "g")], [], []),
    "short ones are not recognised": ("def f(): return 1\n", "def g(): return 1\n", [], ["g"], ["f"]),
    "unlike ones are not recognised": (
        f"def f{LONG}",
        "def g(a, b):\n    with open(a) as file:\n        return json.load(file)[b]\n",
        [],
        ["g"],
        ["f"],
    ),
    "moved as it was": (
        f"def f{LONG}",
        f"class C:\n    def f{LONG}".replace("\n    ", "\n        ").replace("    def", "def"),
        [("f", "C.f")],
        [],
        [],
    ),
    "a renamed class carries its methods": (
        "class A:\n    def f(self): return 1\n    def g(self): return 2\n",
        "class B:\n    def f(self): return 1\n    def g(self): return 3\n",
        [("A.f", "B.f"), ("A.g", "B.g")],
        [],
        [],
    ),
    "new and gone": ("def f(): return 1\n", "def g(a, b): return [a, b]\n", [], ["g"], ["f"]),
    "nested ones belong to the outer": (
        "def f():\n    def g(): return 1\n    return g()\n",
        "def f():\n    return 1\n",
        [("f", "f")],
        [],
        [],
    ),
}


@pytest.mark.parametrize(("before", "after", "changed", "added", "removed"), MOVES.values(), ids=MOVES)
def test_functions_are_found_under_another_name(
    before: str, after: str, changed: list[tuple[str, str]], added: list[str], removed: list[str]
) -> None:
    result = paired(before, after)
    assert changed == [(f.before.qualname, f.qualname) for f in result.changed]
    assert (added, removed) == ([f.qualname for f in result.added], [f.qualname for f in result.removed])


def test_functions_with_own_edits_come_before_those_with_changed_context() -> None:
    result = paired(
        "A = 1\ndef a(): return A\ndef c(): return 1\ndef b(): return 1\n",
        "A = 2\ndef a(): return A\ndef c(): return 2\ndef b(): return 2\n",
    )
    assert [f.qualname for f in result.changed] == ["c", "b", "a"]


def test_a_definition_is_read_as_written() -> None:
    text = '''
    class C:
        @classmethod
        @cache(maxsize=None)
        async def f(cls, a, /, b: "int" = 1 + 1, *args, c, d=(), **kwargs: str) -> None:
            text = """
    at the margin
            """
            yield text  # c
    '''
    (f,) = paired(None, text).added
    assert f == FunctionSource(
        qualname="C.f",
        source="@classmethod\n@cache(maxsize=None)\n"
        'async def f(cls, a, /, b: "int" = 1 + 1, *args, c, d=(), **kwargs: str) -> None:\n'
        '    text = """\nat the margin\n        """\n    yield text  # c\n',
        first_line=2,
        def_line=4,
        last_line=8,
        binding="classmethod",
        owner="C",
        parameters=(
            Parameter("cls", ParameterKind.POSITIONAL_ONLY),
            Parameter("a", ParameterKind.POSITIONAL_ONLY),
            Parameter("b", ParameterKind.POSITIONAL_OR_KEYWORD, "1 + 1", '"int"'),
            Parameter("args", ParameterKind.VAR_POSITIONAL),
            Parameter("c", ParameterKind.KEYWORD_ONLY),
            Parameter("d", ParameterKind.KEYWORD_ONLY, "()"),
            Parameter("kwargs", ParameterKind.VAR_KEYWORD, None, "str"),
        ),
        decorators=("classmethod", "cache(maxsize=None)"),
        is_async=True,
        is_generator=True,
    )


@pytest.mark.parametrize(
    ("decorator", "name", "binding"),
    [
        ("", "f", "method"),
        ("@staticmethod", "f", "staticmethod"),
        ("@functools.cached_property", "f", "property"),
        ("@f.setter", "f", "property"),
        ("@other", "f", "method"),
        ("", "__new__", "staticmethod"),
        ("", "__init_subclass__", "classmethod"),
    ],
)
def test_methods_are_bound_as_python_does(decorator: str, name: str, binding: str) -> None:
    (f,) = paired(None, f"class C:\n    {decorator}\n    def {name}(self): pass\n").added
    assert binding == f.binding


def test_a_yield_in_a_nested_function_makes_no_generator() -> None:
    (f,) = paired(None, "def f():\n    def g():\n        yield 1\n    return g\n").added
    assert not f.is_generator


def test_deleted_file_has_removed_functions() -> None:
    result = paired("def f(): pass\n", None)
    assert ([f.qualname for f in result.removed], result.added, result.changed) == (["f"], (), ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("print 'a'\n", "print('a')\n", id="Python 2 before"),
        pytest.param("a = 1\n", "a = (\n", id="error after"),
        pytest.param("a = 1\n", "a = '\0'\n", id="null byte"),
        pytest.param("a = 1\n", f"a = 0x{'f' * 5000}\n", id="a number that Python reads but never writes"),
    ],
)
def test_what_does_not_parse_is_a_problem(before: str, after: str) -> None:
    assert FileFunctions("pkg/m.py", (), problem=SkipReason.SYNTAX) == paired(before, after)


@pytest.mark.parametrize("text", [f"'0x{'f' * 5000}'", f"0x{'f' * 3000}", f"0b{'1' * 9000}"])
def test_long_numbers_that_can_be_written_and_long_texts_are_read(text: str) -> None:
    result = paired(f"def f(): return {text}\n", f"def f(): return [{text}]\n")
    assert [f.qualname for f in result.changed] == ["f"]


def test_a_problem_of_the_file_stays() -> None:
    change = FileChange("a.py", "a.py", None, None, problem=SkipReason.BINARY)
    assert FileFunctions("a.py", (), problem=SkipReason.BINARY) == pair_functions(change)


def test_strange_escapes_are_no_warning() -> None:
    assert [f.qualname for f in paired("def f(): return '\\d'\n", "def f(): return '\\w'\n").changed] == ["f"]
