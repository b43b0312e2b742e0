"""Facts of the source: loud rows and as many quiet ones, each with the (rule, subject) pairs that it gives."""

from __future__ import annotations

import pytest

from cwm_check.facts import find_facts, removed_fact
from cwm_check.pairs import Fact, FunctionSource, Parameter
from cwm_check.vocabulary import ParameterKind
from tests.changes import changed


def facts(before: str, after: str, qualname: str = "f") -> list[tuple[str, str]]:
    return [(fact.rule, fact.subject) for fact in find_facts(changed(before, after, qualname))]


SIGNATURES = {
    "required parameter added": ("a", "a, b", [("CWM101", "b")]),
    "required keyword added": ("a", "a, *, b", [("CWM101", "b")]),
    "removed": ("a, b=1", "a", [("CWM102", "b")]),
    "star arguments removed": ("a, *rest", "a", [("CWM102", "rest")]),
    "renamed": ("a, b", "a, c", [("CWM103", "c")]),
    "keyword renamed": ("*, low=1", "*, least=1", [("CWM103", "least")]),
    "moved": ("a, b", "b, a", [("CWM104", "a")]),
    "a name that stands twice": ("a, b", "a, b, b", []),
    "moved by a new one in front": ("a, b=1", "a, c=2, b=1", [("CWM104", "b"), ("CWM108", "c")]),
    "became keyword-only": ("a, b=1", "a, *, b=1", [("CWM105", "b")]),
    "became positional-only": ("a, b", "a, /, b", [("CWM105", "a")]),
    "only by name now": ("a", "**options", [("CWM105", "a"), ("CWM108", "options")]),
    "default changed": ("a, b=1", "a, b=2", [("CWM106", "b")]),
    "default of another type": ("a, b=1", "a, b=True", [("CWM106", "b")]),
    "default removed": ("a, b=1", "a, b", [("CWM107", "b")]),
    "optional parameter added": ("a", "a, b=1", [("CWM108", "b")]),
    "star arguments added": ("a", "a, *rest", [("CWM108", "rest")]),
    "default added": ("a, b", "a, b=1", [("CWM109", "b")]),
    # quiet
    "annotation": ("a, b=1", "a: int, b: int = 1", []),
    "digits grouped": ("a, b=1000", "a, b=1_000", []),
    "other quotes": ("a, b='x'", 'a, b="x"', []),
    "constructor for display": ("a, b={}", "a, b=dict()", []),
    "empty tuple": ("a, b=()", "a, b=tuple()", []),
    "arithmetic": ("a, b=3600", "a, b=60 * 60", []),
    "positional-only renamed": ("a, /", "b, /", []),
    "double underscore renamed": ("__a", "__b", []),
    "star arguments renamed": ("*a, **b", "*c, **d", []),
    "became positional too": ("*, a", "a", []),
    "positional-only became free": ("a, /", "a", []),
    "removed but swallowed": ("a, b=1", "a, *rest, **options", [("CWM108", "rest"), ("CWM108", "options")]),
    "keyword swallowed before": ("**options", "*, b=1, **options", []),
    "argument swallowed before": ("*args", "a, *args", []),
    "new ones at the end": ("a, **options", "a, *, b=1, **options", []),
    "no default known": ("a, b=x.y", "a, b=x.z", []),
}


@pytest.mark.parametrize(("before", "after", "expected"), SIGNATURES.values(), ids=SIGNATURES)
def test_signatures(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == facts(f"def f({before}): return g(b)\n", f"def f({after}): return g(b, 1)\n")


DEFAULTS = {
    "constant changed": ("N = 1\ndef f(b=N): return g(b)\n", "N = 2\ndef f(b=N): return g(b, 1)\n", [("CWM106", "b")]),
    "used as it is": ("def f(b=None): return g(b)\n", "def f(b=()): return g(b, 1)\n", [("CWM106", "b")]),
    "constant named": ("def f(b=1): return g(b)\n", "N = 1\ndef f(b=N): return g(b, 1)\n", []),
    "constant renamed": ("M = 1\ndef f(b=M): return g(b)\n", "N = 1\ndef f(b=N): return g(b, 1)\n", []),
    "replaced in the body": (
        "def f(b=[]):\n    return g(b)\n",
        "def f(b=None):\n    if b is None:\n        b = []\n    return g(b)\n",
        [],
    ),
    "equally false": ("def f(b=None): return g(b or 1)\n", "def f(b=0): return g(b or 1, 1)\n", []),
    "not used": ("def f(b=1): return g()\n", "def f(b=2): return g(1)\n", []),
}


@pytest.mark.parametrize(("before", "after", "expected"), DEFAULTS.values(), ids=DEFAULTS)
def test_defaults(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == facts(before, after)


KINDS = {
    "async": ("def f(): return 1\n", "async def f(): return 1\n", [("CWM110", "f")]),
    "generator": ("def f(a): return [b for b in a]\n", "def f(a): yield from a\n", [("CWM111", "f")]),
    "no longer a generator": ("def f(a): yield a\n", "def f(a): print(a)\n", [("CWM111", "f")]),
    "generator expression": ("def f(a): yield from a\n", "def f(a): return (b for b in a)\n", []),
    "decorator added": ("def f(): return 1\n", "@cached\ndef f(): return 1\n", [("CWM112", "cached")]),
    "decorator removed": ("@cached\ndef f(): return 1\n", "def f(): return 1\n", [("CWM112", "cached")]),
    "decorator argument": ("@retry(3)\ndef f(): return 1\n", "@retry(4)\ndef f(): return 1\n", [("CWM112", "retry")]),
    "decorator that has another name": (
        "def sized(n):\n    def put(f): return f\n    return put\n@sized(3)\ndef f(): return 1\n",
        "def of_size(n):\n    def place(f): return f\n    return place\n@of_size(3)\ndef f(): return 1\n",
        [],
    ),
    "decorator that has another name, with another argument": (
        "def sized(n):\n    return n\n@sized(3)\ndef f(): return 1\n",
        "def of_size(n):\n    return n\n@of_size(4)\ndef f(): return 1\n",
        [("CWM112", "sized")],
    ),
    "decorator that does something else under another name": (
        "def sized(n):\n    return n\n@sized\ndef f(): return 1\n",
        "def of_size(n):\n    return n()\n@of_size\ndef f(): return 1\n",
        [("CWM112", "sized"), ("CWM112", "of_size")],
    ),
    "decorator order": ("@a\n@b\ndef f(): return 1\n", "@b\n@a\ndef f(): return 1\n", [("CWM112", "order")]),
    "decorator inside": (
        "from functools import wraps\ndef f(a):\n    @wraps(a)\n    def g(): return a()\n    return g\n",
        "def f(a):\n    def g(): return a()\n    return g\n",
        [("CWM112", "wraps")],
    ),
    "decorator for typing": ("def f(): return 1\n", "import typing as t\n@t.final\ndef f(): return 2\n", []),
    "override": ("def f(): return 1\n", "@override\ndef f(): return 2\n", []),
    "decorator path": (
        "import functools\n@functools.wraps(g)\ndef f(): return 1\n",
        "from functools import wraps\n@wraps(g)\ndef f(): return 2\n",
        [],
    ),
    "abstract property, the two ways": (
        "import abc\n@abc.abstractproperty\ndef f(self): return 1\n",
        "import abc\n@property\n@abc.abstractmethod\ndef f(self): return 2\n",
        [],
    ),
    "abstract no more": (
        "import abc\n@abc.abstractproperty\ndef f(self): return 1\n",
        "import abc\n@property\ndef f(self): return 2\n",
        [("CWM112", "abstractmethod")],
    ),
    "cache called": ("@lru_cache\ndef f(): return 1\n", "@lru_cache()\ndef f(): return 2\n", []),
    "decorator argument named": ("@retry(3)\ndef f(): return 1\n", "N = 3\n@retry(N)\ndef f(): return 2\n", []),
    "inner function renames its argument": (
        "from functools import wraps\ndef f(a):\n    @wraps(a)\n    def g(): return a()\n    return g\n",
        "from functools import wraps\ndef f(b):\n    @wraps(b)\n    def g(): return b()\n    return g\n",
        [("CWM103", "b")],
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), KINDS.values(), ids=KINDS)
def test_kind_and_decorators(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == facts(before, after)


RAISES = {
    "gained": ("if a: return 1", "if a: raise ValueError(a)", [("CWM113", "ValueError")]),
    "lost": ("if a: raise OwnError", "if a: return 1", [("CWM113", "OwnError")]),
    "other type": ("raise KeyError(a)", "raise ValueError(a)", [("CWM113", "ValueError")]),
    "text only": ("raise ValueError('a')", "raise ValueError('b')", []),
    "path": ("raise ValueError(a)", "raise builtins.ValueError(a)", []),
    "alias": ("raise IOError(a)", "raise OSError(a)", []),
    "through a name": ("raise ValueError(a)", "error = ValueError(a)\n    raise error", []),
    "raised again": ("try: g(a)\n    except OwnError: raise", "try: g(a)\n    except OwnError: raise OwnError", []),
    "dead": ("return a", "return a\n    raise ValueError", []),
    "never": ("return a", "if False: raise ValueError\n    return a", []),
    "caught": ("return a", "try: raise ValueError\n    except ValueError: return a", []),
    "lookup raises too": ("return a[1]", "if 1 not in a: raise KeyError(1)\n    return a[1]", []),
    "unknown helper inlined": ("check(a)", "if not a: raise OwnError", []),
    "of an inner function": ("return a", "def g(): raise ValueError\n    return g", []),
    "impossible": ("return a", "if a is None: raise AssertionError\n    return a", []),
}


@pytest.mark.parametrize(("before", "after", "expected"), RAISES.values(), ids=RAISES)
def test_raises(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == facts(f"def f(a):\n    {before}\n", f"def f(a):\n    {after}\n")


CHECKED = "def f(*args, **kw):\n    if kw.keys() - {'a'}: raise TypeError(kw)\n    return args, kw.get('a')\n"
NAMED = "def f(*args, a=None):\n    return args, a\n"
TAKEN = "def f(*args, **kw):\n    return args, kw.get('a')\n"
REFUSED = {
    "by the call now": (CHECKED, NAMED, []),
    "by the call before": (NAMED, CHECKED, []),
    "no more": (CHECKED, TAKEN, [("CWM113", "TypeError")]),
    "since now": (TAKEN, CHECKED, [("CWM113", "TypeError")]),
    "as another exception before": (
        CHECKED.replace("TypeError", "ValueError"),
        NAMED,
        [("CWM113", "ValueError")],
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_the_call_itself_refuses(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == [fact for fact in facts(before, after) if fact[0] == "CWM113"]


def test_raise_that_moved_into_a_helper_is_quiet() -> None:
    helper = "def _fail(a):\n    raise OwnError(a)\n"
    assert facts("def f(a):\n    raise OwnError(a)\n", f"{helper}def f(a):\n    _fail(a)\n") == []
    kept = "def _fail(a):\n    log(a)\n"
    before = f"{kept}def f(a):\n    _fail(a)\n    raise OwnError(a)\n"
    assert facts(before, f"{helper}def f(a):\n    _fail(a)\n") == []


BINDINGS = {
    "method became static": ("def f(self): return 1", "@staticmethod\n    def f(): return 1", [("CWM115", "C.f")]),
    "method became property": ("def f(self): return 1", "@property\n    def f(self): return 1", [("CWM115", "C.f")]),
    "self renamed": ("def f(self): return 1", "def f(this): return 2", []),
}


@pytest.mark.parametrize(("before", "after", "expected"), BINDINGS.values(), ids=BINDINGS)
def test_bindings(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert expected == facts(f"class C:\n    {before}\n", f"class C:\n    {after}\n", "C.f")


def test_protocol_methods_may_rename_their_parameters() -> None:
    before = "class C:\n    def __exit__(self, a, b, c): return 1\n"
    assert facts(before, "class C:\n    def __exit__(self, kind, value, tb): return 2\n", "C.__exit__") == []


def test_fact_tells_before_after_and_a_changed_line() -> None:
    function = changed(
        "def f(a, size=3):\n    return a + size\n", "# new\ndef f(\n    a, size=4\n):\n    return a + size\n"
    )
    assert (Fact("CWM106", "size", "3", "4", 3),) == find_facts(function)


def test_removed_function_is_a_fact_at_its_former_line() -> None:
    parameters = tuple(Parameter(name, ParameterKind.POSITIONAL_OR_KEYWORD) for name in ("a", "b"))
    function = FunctionSource("f", "def f(a, b): ...\n", 7, 7, 7, "function", None, parameters)
    assert Fact("CWM114", "f", "f(a, b)", None, 7) == removed_fact(function)
