from __future__ import annotations

import importlib.util
import re
import sys
import types
from pathlib import Path
from textwrap import dedent

import pytest

from cwm_check.extraction.slices import slice_module

KEPT = {
    "what it calls, and what that reads": (
        """
        A = 1
        B = A + 1
        C = 3
        def helper(): return B
        def other(): return C
        def f(): return helper()
        """,
        "C = 3|def other(): return C",
    ),
    "each binding of a name": (
        """
        try:
            import fast as json
        except ImportError:
            import json
        import re
        A = 1
        A = 2
        def f(): return json, A
        """,
        "import re",
    ),
    "a class with its bases, metaclass and decorators": (
        """
        class Meta(type): pass
        class Base: pass
        class Other: pass
        def mark(c): return c
        @mark
        class C(Base, metaclass=Meta):
            def f(self): return 1
        """,
        "class Other: pass",
    ),
    "changes of a value": (
        """
        A, B = {}, {}
        A.update(a=1)
        A["b"] = 2
        A.c = 3
        A += ()
        B.update(a=1)
        del A["b"]
        for key in (): A[key] = B
        with A: pass
        print(len(A))
        def f(): return A
        """,
        "print(len(A))",
    ),
    "changes by an own module that is named like a standard one": (
        """
        from .string import a
        b = a.change()
        def f(): return a
        """,
        "",
    ),
    "decorators that register": (
        """
        FOUND = []
        def register(function):
            FOUND.append(function)
            return function
        def trace(function): return function
        @register
        def a(): return 1
        @trace
        def b(): return 2
        def f(): return FOUND
        """,
        "def trace(function): return function|@trace|def b(): return 2",
    ),
    "globals set by a function that is called": (
        """
        STATE = None
        def start():
            global STATE
            STATE = 1
        def stop():
            global STATE
            STATE = None
        start()
        def f(): return STATE
        """,
        "def stop():|    global STATE|    STATE = None",
    ),
    "subclasses that their base lists": (
        """
        KNOWN = {}
        class Base:
            def __init_subclass__(cls): KNOWN[cls.__name__] = cls
        class A(Base): pass
        class B: pass
        def f(name): return KNOWN[name]
        """,
        "class B: pass",
    ),
    "implementations of a generic function": (
        """
        import functools
        @functools.singledispatch
        def f(a): return 0
        @f.register
        def _(a: int): return 1
        def g(): return 2
        """,
        "def g(): return 2",
    ),
    "registrations under a text that it uses": (
        """
        from codecs import register_error
        def handler(e): return "", e.end
        register_error("mine", handler)
        register_error("other", print)
        def f(a): return a.encode("ascii", "mine")
        """,
        'register_error("other", print)',
    ),
    "star imports and the future": (
        """
        from __future__ import annotations
        from a import *
        from b import c
        def f(): return d
        """,
        "from b import c",
    ),
    "star imports in a block": (
        """
        try:
            from _fast import *
        except ImportError:
            pass
        A = 1
        def f(): return 1
        """,
        "A = 1",
    ),
    "everything for functions that look names up": (
        """
        A = 1
        def f(name): return globals()[name]
        """,
        "",
    ),
    "statements that write to the namespace": (
        """
        for name in "ab":
            locals()[name] = 1
        A = 1
        def f(): return a
        """,
        "A = 1",
    ),
    "statements on one line": ("A = 1; B = 2\nC = 3\ndef f(): return A\n", "C = 3"),
    "the docstring where it is used": ('"Text."\nA = 1\ndef f(): return __doc__\n', "A = 1"),
    "everything for an unknown name": ("A = 1\ndef g(): return 1\n", ""),
}


def removed(source: str, name: str = "f") -> str:
    before, after = source.split("\n"), slice_module(source, name).split("\n")
    assert len(before) == len(after)
    assert {True} == {line in ("", full) for full, line in zip(before, after, strict=True)}
    return "|".join(full for full, line in zip(before, after, strict=True) if full != line)


@pytest.mark.parametrize(("source", "expected"), KEPT.values(), ids=KEPT)
def test_only_what_the_function_cannot_need_is_removed(source: str, expected: str) -> None:
    name = "C.f" if "class C" in source else "f"
    assert expected == removed(dedent(source), name)


REMOVED = {
    "scripts": (
        "def f(): return 1\nif __name__ == '__main__':\n    f()\n",
        "if __name__ == '__main__':|    f()",
    ),
    "type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import f\ndef f(): return 1\n",
        "from typing import TYPE_CHECKING|if TYPE_CHECKING:|    from a import f",
    ),
    "postponed annotations": (
        "from __future__ import annotations\nfrom a import A\ndef f(a: A) -> A: return a\n",
        "from a import A",
    ),
    "annotations of locals": (
        "from a import A\ndef f():\n    a: A = 1\n    return a\n",
        "from a import A",
    ),
    "a parameter of that name": (
        "A = 1\ndef f(A): return A\n",
        "A = 1",
    ),
    "a local of that name": (
        "A = 1\ndef f():\n    A = 2\n    return A\n",
        "A = 1",
    ),
    "an attribute of that name": (
        "A = 1\ndef f(a): return a.A\n",
        "A = 1",
    ),
    "reads of a value": (
        "A = {}\nB = A.get(1)\nC = len(A)\ndef f(): return A\n",
        "B = A.get(1)|C = len(A)",
    ),
    "other compiled patterns": (
        "import re\nA = re.compile('a')\nB = re.compile('b')\ndef f(): return A\n",
        "B = re.compile('b')",
    ),
    "raw text": (
        '"""Text."""\ndef f(): return 1\n',
        '"""Text."""',
    ),
    "the rest of the public names": (
        "__all__ = ['f']\n__all__ += ['g']\ndef f(): return 1\n",
        "__all__ = ['f']|__all__ += ['g']",
    ),
}


@pytest.mark.parametrize(("source", "expected"), REMOVED.values(), ids=REMOVED)
def test_mentions_that_cannot_matter_keep_nothing(source: str, expected: str) -> None:
    assert expected == removed(source)


EVALUATED_ANNOTATIONS = {
    "at definition": "from a import A\ndef f(a: A): return a\n",
    "by a decorator": "from __future__ import annotations\nfrom a import A, d\n@d\ndef f(a: A): return a\n",
    "by a base": "from __future__ import annotations\nfrom a import A, B\nclass f(B):\n    a: A\n",
    "by the module": (
        "from __future__ import annotations\nfrom typing import get_type_hints\nfrom a import A\n"
        "def f(a: A): return get_type_hints(f)\n"
    ),
}


@pytest.mark.parametrize("source", EVALUATED_ANNOTATIONS.values(), ids=EVALUATED_ANNOTATIONS)
def test_annotations_that_are_evaluated_are_needed(source: str) -> None:
    assert source == slice_module(source, "f")


WHOLE = {
    "no Python 3": "print 'a'\n",
    "two statements that a backslash joins": "a = 1; \\\nb = 2\nc = 3\ndef f():\n    return a\n",
    "the second of them indented": "a = 1; \\\n  b = 2\nc = 3\ndef f():\n    return a\n",
}


@pytest.mark.parametrize("source", WHOLE.values(), ids=WHOLE)
def test_what_does_not_parse_whole_or_statement_by_statement_stays_whole(source: str) -> None:
    assert slice_module(source, "f") == source


# --- CPython as second source: a call gives the same in the slice as in the whole module

STANDARD_CALLS = {
    "ast": ["parse('a+1').body", "literal_eval('[1]')"],
    "base64": ["b85encode(b'abc')", "b32decode('MFRGG===')", "a85decode(b'@:E^')", "urlsafe_b64encode(b'??>')"],
    "bisect": ["bisect_left([1, 2, 2], 2)", "bisect_right([1, 2, 2], 2)", "insort_right([1, 3], 2)"],
    "calendar": ["monthrange(2024, 2)", "TextCalendar().formatmonth(2024, 2)", "timegm((2024, 1, 1, 0, 0, 0))"],
    "colorsys": ["rgb_to_hls(.1, .2, .3)", "hls_to_rgb(.1, .2, .3)", "rgb_to_yiq(.1, .2, .3)"],
    "configparser": ["RawConfigParser({'a': '1'}).defaults()"],
    "copy": ["deepcopy([[1], {2: (3,)}])", "copy({1: 2})"],
    "difflib": ["get_close_matches('ab', ['abc', 'x'])", "SequenceMatcher(None, 'ab', 'b').ratio()"],
    "email.utils": ["parseaddr('A <a@b.c>')", "parsedate('Mon, 1 Jan 2024 00:00:00 +0000')"],
    "fnmatch": ["fnmatch('a.py', '*.py')", "translate('[!a]?')", "filter(['a', 'b'], 'a*')"],
    "fractions": ["Fraction(1, 3) + 1", "Fraction(3.5).limit_denominator(10)"],
    "graphlib": ["TopologicalSorter({1: [2], 2: []}).prepare()"],
    "heapq": ["nlargest(2, [1, 3, 2])", "nsmallest(1, [2, 1], key=abs)", "merge([1, 3], [2]).__next__()"],
    "html": ["escape('<a>')", "unescape('&lt;&eacute;&#65;')"],
    "http": ["HTTPStatus(404).phrase"],
    "ipaddress": ["ip_network('10.0.0.0/30').num_addresses", "ip_address('::1').is_loopback"],
    "json.decoder": ["JSONDecoder().decode('[1, {\"a\": 2.5}]')"],
    "json.encoder": ["JSONEncoder(indent=1).encode({'a': [1, 2.5]})", "py_encode_basestring('ü\"')"],
    "keyword": ["iskeyword('if')"],
    "pprint": ["pformat({'b': 1, 'a': [2]})"],
    "quopri": ["encodestring(b'a=b')", "decodestring(b'a=3Db')"],
    "reprlib": ["Repr().repr(list(range(99)))"],
    "shlex": ["split('a \"b c\" # d', comments=True)", "quote(\"it's\")", "join(['a b', 'c'])"],
    "statistics": ["mean([1, 2, 4])", "median([3, 1, 2])", "stdev([1, 2, 4])", "NormalDist(1, 2).cdf(3)"],
    "string": ["capwords('a b')", "Template('$a ${b}').substitute(a=1, b=2)", "Formatter().format('{0:>3}', 1)"],
    "textwrap": ["wrap('the brown fox', 9)", "dedent('  a\\n  b')", "shorten('a b c', 5)", "indent('a\\nb', '-')"],
    "urllib.parse": ["urlsplit('http://a/b?c#d')", "urljoin('http://a/b/c', '../d')", "parse_qs('a=1&a=2')"],
}  # fmt: skip
ROWS = [(module, call) for module, calls in STANDARD_CALLS.items() for call in calls]


def run(source: str, module: str, call: str) -> str:
    namespace = types.ModuleType(module)
    namespace.__spec__ = importlib.util.find_spec(module)
    namespace.__package__ = module if module in ("html", "http") else module.rpartition(".")[0]
    namespace.__path__ = list(namespace.__spec__.submodule_search_locations or [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module, namespace)
        exec(compile(source, module, "exec"), namespace.__dict__)
        try:
            return re.sub(" at 0x[0-9a-f]+", "", repr(eval(call, namespace.__dict__)))
        except ValueError as error:
            return repr(error)


@pytest.mark.parametrize(("module", "call"), ROWS, ids=[f"{module}-{call}" for module, call in ROWS])
def test_a_slice_computes_what_the_whole_module_does(module: str, call: str) -> None:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert run(source, module, call) == run(slice_module(source, call.partition("(")[0]), module, call)
