"""Calls as tests write them: what names stand for is read off the text, and nothing is executed."""

from __future__ import annotations

import time
from collections.abc import Callable
from textwrap import dedent

import pytest
from changes import changed
from conftest import Repository

from cwm_check.commands.cli import main
from cwm_check.probing.probes import synthesize
from cwm_check.probing.repository import WRITTEN, find_calls
from cwm_check.probing.variations import FIRST
from cwm_check.probing.written import MOST, written_calls

TABLE = """
    import datetime as dt
    from decimal import Decimal
    import pytest

    HOUR = 60 * 60
    CASES = [(1, "a"), (HOUR, "b")]
"""


def found(text: str, *names: str) -> list[str]:
    return [call for _, call in written_calls(dedent(TABLE) + dedent(text), names or ("f",))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("f(HOUR)", ["f(60 * 60)"], id="a constant"),
        pytest.param("x = HOUR + 1\nf(-x, y=[x])", ["f(-(60 * 60 + 1), y=[60 * 60 + 1])"], id="an assignment"),
        pytest.param("a, (b, c) = 1, (2, 3)\nf(a, b, c)", ["f(1, 2, 3)"], id="several at once"),
        pytest.param("f(dt.timedelta(seconds=HOUR))", ["f(datetime.timedelta(seconds=60 * 60))"], id="a span of time"),
        pytest.param(
            "f(dt.datetime(2020, 1, 2, tzinfo=dt.timezone.utc))",
            ["f(datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc))"],
            id="a date with a zone",
        ),
        pytest.param("f(Decimal('1.5'), {'a': (1,)}, {2})", ["f(Decimal('1.5'), {'a': (1,)}, {2})"], id="others"),
        pytest.param("import math\nf(math.inf)", ["f(float('inf'))"], id="infinity"),
        pytest.param("args = [1, 2]\noptions = {'y': 3}\nf(*args, **options)", ["f(1, 2, y=3)"], id="stars"),
        pytest.param("for n, text in CASES:\n    f(text, n)", ["f('a', 1)", "f('b', 60 * 60)"], id="a loop"),
        pytest.param("for n in (1, 2):\n    with x:\n        assert m.f(n)", ["f(1)", "f(2)"], id="a loop and a block"),
        pytest.param(
            "@pytest.mark.parametrize('a, b', CASES)\ndef test(a, b): assert f(b, a)",
            ["f('a', 1)", "f('b', 60 * 60)"],
            id="a table by name",
        ),
        pytest.param(
            "@pytest.mark.parametrize('a', [1, pytest.param(2, id='two')])\nasync def test(a): await f(a)",
            ["f(1)", "f(2)"],
            id="one column",
        ),
        pytest.param(
            "@pytest.mark.parametrize(('a', 'b'), [(1, 2), [3, 4], unknown])\ndef test(a, b): f(a, b)",
            ["f(1, 2)", "f(3, 4)"],
            id="columns as a tuple",
        ),
        pytest.param(
            "@mark.parametrize('a', [1, 2])\n@mark.parametrize('b', [3])\ndef test(a, b): f(a, b)",
            ["f(1, 3)", "f(2, 3)"],
            id="two tables",
        ),
        pytest.param(
            "@parameterized.expand([(1, 2), (3, 4)])\ndef test(self, a, b): self.assertEqual(f(a), b)",
            ["f(1)", "f(3)"],
            id="expand",
        ),
        pytest.param("class Test:\n    def test(self):\n        n = 3\n        f(n)", ["f(3)"], id="in a class"),
        pytest.param("def test():\n    given = HOUR\n    it = f(given)\n", ["f(60 * 60)"], id="a value that is kept"),
    ],
)
def test_what_names_stand_for_is_read(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("f(x)", id="a name of nobody"),
        pytest.param("f(open('a'))", id="a call"),
        pytest.param("x = 1\nx = open('a')\nf(x)", id="bound again"),
        pytest.param("x = 1\nx += unknown\nf(x)", id="changed in place"),
        pytest.param("def test(HOUR): f(HOUR)", id="a fixture of that name"),
        pytest.param("for HOUR in unknown: f(HOUR)", id="a loop over nobody knows what"),
        pytest.param("list = unknown\nf(list([1]))", id="a builtin that is another"),
        pytest.param("from mine import timedelta\nf(timedelta(1))", id="a class of that name from elsewhere"),
        pytest.param("f(...)", id="an ellipsis"),
        pytest.param("f(*unknown)", id="unknown items"),
        pytest.param("f(**{'not a name': 1})", id="a key that is no name"),
        pytest.param("f(f'{HOUR}')", id="an f-string"),
        pytest.param("g(HOUR)", id="another function"),
        pytest.param(
            "@pytest.mark.parametrize('a, b', [(1, 2, 3)])\ndef test(a, b): f(a, b)", id="a row that is too long"
        ),
        pytest.param("f(", id="no Python"),
    ],
)
def test_what_is_not_written_down_is_no_call(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "".join(f"{' ' * n}for x{n} in {[*range(60)]}:\n" for n in range(4)) + " " * 4 + "f(x0, y)",
            id="loops in loops",
        ),
        pytest.param("a = [1, 1]\n" + "a = [*a, *a]\n" * 60 + "f(a)", id="a list that doubles"),
        pytest.param("a = (1, 1)\n" + "a = (a, a)\n" * 60 + "f(a)", id="a value that doubles"),
        pytest.param("f(" + "+".join(["1"] * 20_000) + ")", id="a long sum"),
        pytest.param("f(" + "-" * 90_000 + "1)", id="many signs"),
        pytest.param("@pytest.mark.parametrize('a', [1])\n" * 3000 + "def test(a): f(a)", id="many tables"),
        pytest.param("f(1)\n" * 20_000, id="many calls"),
    ],
)
def test_hostile_tests_cost_little(text: str) -> None:
    begun = time.process_time()
    assert len(list(written_calls(text, ("f",)))) <= MOST
    assert time.process_time() - begun < 5


def test_those_of_tests_alone_and_after_the_literal_ones() -> None:
    text = "N = 3\nf(N)\nf(1)\n"
    files = [("pkg/a.py", text), ("tests/test_a.py", text.replace("3", "4")), ("tests/broken.py", "f(")]
    assert find_calls(files, ["f", "g"]) == {"f": ("f(1)", "f(4)")}


def test_so_many_are_kept() -> None:
    loops = "\n".join(f"for n in {list(range(n, n + 50))}: f(n)" for n in range(0, 500, 50))
    assert len(find_calls([("test_b.py", loops)], ["f"])["f"]) == WRITTEN


def test_they_are_tried_beside_the_calls_that_are_made_up() -> None:
    """Half the budget would be lost if a table of a test filled it; a change that one row shows needs that row."""
    function = changed("def f(n: int): return n", "def f(n: int): return -n")
    probes = synthesize(function, [f"f({n})" for n in range(100, 190)], budget=24)
    origins = [probe.origin for probe in probes]
    assert origins.count("call site") == 24
    assert set(origins[:FIRST]) == {"call site"} != set(origins[FIRST : FIRST + 3])
    assert [probe.arguments[0].value for probe in probes[:3]] == ["100", "189", "144"]


def test_values_of_a_parameter_that_takes_few_come_in_turns() -> None:
    function = changed("def f(n, unit='s'): return n", "def f(n, unit='s'): return 0")
    calls = [*(f"f({n})" for n in range(50)), *(f"f({n}, unit='ms')" for n in range(50)), "f(7, 'us')"]
    first = [tuple(a.value for a in probe.arguments) for probe in synthesize(function, calls)[:5]]
    assert first == [("0",), ("0", "'ms'"), ("7", "'us'"), ("49",), ("49", "'ms'")]


def test_a_row_of_a_test_shows_what_no_other_call_does(
    repo: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    """As in the history of humanize (`naturaldelta`): only milliseconds that are asked for as microseconds differ."""
    before = """
        def told(seconds, unit="s"):
            if unit == "us" and seconds < 1:
                return f"{seconds * 1000000:.0f} us"
            return f"{seconds:.0f} s"
    """
    tests = """
        import pytest
        MILLISECOND = 1 / 1000
        @pytest.mark.parametrize("unit, seconds", [("s", 4), ("us", 4 * MILLISECOND / 1000), ("us", 4 * MILLISECOND)])
        def test_told(unit, seconds):
            assert told(seconds, unit=unit)
    """
    there = repo({"told.py": dedent(before), "tests/test_told.py": dedent(tests)})
    there.stage({"told.py": dedent(before).replace("seconds < 1:", "seconds < 0.001:")})
    main(["check", "--staged"])
    assert "told(4 * (1 / 1000), unit='us')" in capsys.readouterr().out


def test_methods_are_tried_on_the_objects_that_tests_make() -> None:
    before = "class A:\n    def __init__(self, n: int): self.n = n\n    def f(self): return self.n"
    function = changed(before, before.replace("return self.n", "return -self.n"), "A.f")
    receivers = [probe.receiver for probe in synthesize(function, ["f()", "A(7)", "A(8)", "A('x')", "B(1)"])]
    assert receivers[0] == "A(7)"
    assert {"A(7)", "A(8)", "A('x')", None} <= set(receivers)
    assert "B(1)" not in receivers


def test_objects_of_tests_are_not_what_their_constructor_is_given() -> None:
    before = "class A:\n    def __init__(self, n): self.n = n"
    function = changed(before, before.replace("= n", "= -n"), "A.__init__")
    probes = synthesize(function, ["A(7)"])
    assert [argument.value for argument in probes[0].arguments] == ["7"]
    assert {probe.receiver for probe in probes} == {None}


def test_an_object_of_a_test_shows_what_no_other_does(
    repo: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    before = """
        import re
        class Version:
            def __init__(self, text):
                found = re.match(r"v(\\d+)(?:\\.post(\\d+))?$", text)
                if not found:
                    raise ValueError(text)
                self._parts = found.groups()
            @property
            def post(self):
                return int(self._parts[1]) if self._parts[1] else None
    """
    there = repo({"v.py": dedent(before), "tests/test_v.py": "assert Version('v1.post2').post == Version('v1').post"})
    there.stage({"v.py": dedent(before).replace("int(self._parts[1])", "self._parts[1]")})
    main(["check", "--staged"])
    assert "Version('v1.post2').post" in capsys.readouterr().out
