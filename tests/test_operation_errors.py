"""What an operation can raise: nothing that CPython raises is ruled out, and most operations cannot raise at all."""

from __future__ import annotations

import ast
from random import Random

import pytest

from cwm_check.operations.errors import errors_of
from cwm_check.training.execution import performed
from cwm_check.training.programs import drill, program
from cwm_check.training.steps import statements
from cwm_check.training.tracer import Bounds, trace_call

ROWS = [
    # cannot raise
    ("return a + b", {"a": "'x'", "b": "'y'"}, ""),
    ("return a + b", {"a": "1", "b": "2.5"}, ""),
    ("return list(s)", {"s": "'ab'"}, ""),
    ("return s.replace('a', 'b')", {"s": "'ab'"}, ""),
    ("return c in s", {"s": "'ab'", "c": "'a'"}, ""),
    ("return a % b", {"a": "1", "b": "2"}, ""),
    ("return s[1:]", {"s": "''"}, ""),
    ("xs.append(n)", {"xs": "[]", "n": "1"}, ""),
    ("t0 = xs.pop()", {"xs": "[1]"}, ""),
    ("d[k] = n", {"d": "{}", "k": "'a'", "n": "[]"}, ""),
    ("n += m", {"n": "1", "m": "2"}, ""),
    ("for _ in range(n): pass", {"n": "3"}, ""),
    ("for _ in d.items(): pass", {"d": "{}"}, ""),
    ("return max(xs)", {"xs": "[1, 2]"}, ""),
    ("return ','.join(xs)", {"xs": "['a', 'b']"}, ""),
    ("if a < b: pass", {"a": "1", "b": "2"}, ""),
    # can raise this alone
    ("return xs[i]", {"xs": "[1]", "i": "0"}, "IndexError"),
    ("return d[k]", {"d": "{1: 2}", "k": "1"}, "KeyError"),
    ("return xs.index(n)", {"xs": "[1]", "n": "1"}, "ValueError"),
    ("return int(s)", {"s": "'1'"}, "ValueError"),
    ("t0 = xs.pop()", {"xs": "[]"}, "IndexError"),
    ("return a % b", {"a": "1", "b": "0"}, "ZeroDivisionError"),
    ("return max(xs)", {"xs": "[]"}, "ValueError"),
    ("return max(xs)", {"xs": "[1, 'a']"}, "TypeError"),
    ("return a + b", {"a": "'x'", "b": "1"}, "TypeError"),
    ("return s.split('')", {"s": "'a'"}, "ValueError"),
    ("return s.partition()", {"s": "'a'"}, "TypeError"),
    ("return s.append(1)", {"s": "'a'"}, "AttributeError"),
    ("s[0] = 'b'", {"s": "'a'"}, "TypeError"),
    ("del d[k]", {"d": "{}", "k": "1"}, "KeyError"),
    ("return len(n)", {"n": "3"}, "TypeError"),
    # not known
    ("return f(a)", {"a": "1"}, None),
    ("return a + b", {"a": "1", "b": "<object>"}, None),
    ("return a + b", {"a": "1"}, None),
    ("return len(n)", {"n": "3", "len": "<function len>"}, None),
    ("for _ in s.count('a'): pass", {"s": "'a'"}, None),
    ("for _ in n: pass", {"n": "3"}, None),
    ("return 'a' * n", {"n": "10000000"}, None),
    ("return a ** b", {"a": "0", "b": "-1"}, None),
    ("return s[::n]", {"s": "'a'", "n": "0"}, None),
    ("return s.format(n)", {"s": "'{}'", "n": "1"}, None),
    ("return sorted(xs, key=len)", {"xs": "['a']"}, None),
    ("return s.encode(e)", {"s": "'a'", "e": "'ascii'"}, None),
    ("a, b = xs", {"xs": "[1, 2]"}, None),
    ("return xs.index(n, 1)", {"xs": "[1]", "n": "1"}, None),
    ("return s.split('', 1, 2)", {"s": "'a'"}, None),
]


@pytest.mark.parametrize(("statement", "values", "expected"), ROWS)
def test_what_can_be_raised_follows_from_the_types(
    statement: str, values: dict[str, str], expected: str | None
) -> None:
    errors = errors_of(ast.parse(statement).body[0], values)
    assert errors == (None if expected is None else frozenset(expected.split()))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a traced generator is cut short
def test_nothing_is_ruled_out_that_cpython_raises() -> None:
    """Of the operations of random programs; seven in ten cannot raise."""
    safe = other = 0
    for seed in range(120):
        random = Random(seed)
        made = program(random, calls=1) if seed % 2 else drill(random)
        trace = trace_call(made.source, made.calls[0], Bounds(frames=60, repr_length=90))
        for statement, values, _ in statements(trace):
            for operation, effect in performed(statement, values)[0]:
                errors = errors_of(operation.statement, operation.values)
                assert errors is None or effect.raised is None or effect.raised in errors, ast.unparse(statement)
                safe, other = safe + (errors == frozenset()), other + (errors != frozenset())
    assert safe > 1.5 * other


VALUES = """1 0 -2 2.5 True None 'abc' '' '7' 'a' b'ab' [1,2] [] ['a','b'] [1,'a'] (1,2) () {'a':1} {} {1:'b'} {1,2}
set() [[1],[2]] [(1,2),(3,4)] {(1,2):3}""".split()
OTHERS = "1 0 2.5 None 'a' b'ab' [] ['a','b'] (1,2) {1:'b'} {1,2}".split()
OPERATORS = "+ - * / // % & | ^ < <= == != in is".split()
CALLS = """len str repr bool int float list tuple set frozenset sorted sum min max abs any all enumerate reversed zip
range""".split()


def raised(statement: str, values: dict[str, str]) -> str | None:
    """What CPython raises."""
    names = {name: eval(text) for name, text in values.items()}
    try:
        exec(statement.replace("return ", "made = "), names)
    except Exception as error:
        return type(error).__name__
    return None


@pytest.mark.filterwarnings("ignore")  # `1 is 2`, and bytes compared with text
def test_on_all_pairs_of_values_nothing_is_ruled_out_that_cpython_raises() -> None:
    texts = [f"return a {operator} b" for operator in OPERATORS]
    texts += ["return a[b]", "return a[b:]", "a[b] = 1", "del a[b]", "a += b", "a *= b"]
    texts += [f"return {name}({arguments})" for name in CALLS for arguments in ("a", "a, b")]
    for kind in (str, list, tuple, dict, set):
        methods = [name for name in dir(kind) if not name.startswith("_")]
        texts += [f"return a.{name}({given})" for name in methods for given in ("", "b", "b, b")]
    wrong = []
    for text in dict.fromkeys(texts):
        statement = ast.parse(text).body[0]
        others = OTHERS if any(isinstance(n, ast.Name) and n.id == "b" for n in ast.walk(statement)) else OTHERS[:1]
        for values in ({"a": one, "b": other} for one in VALUES for other in others):
            errors = errors_of(statement, values)
            if errors is not None and (true := raised(text, values)) is not None and true not in errors:
                wrong.append((text, values, true))
    assert not wrong
