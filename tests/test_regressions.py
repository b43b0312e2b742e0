"""The tests that cwm-check writes, run by pytest on both versions: they pass before, and fail after if it was exact."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Repository
from examples import HOSTILE, hostile, plain

from cwm_check.commands.cli import main
from cwm_check.commands.demo import make_history
from cwm_check.reports.regressions import test_files as files_of
from cwm_check.trace import Evidence

BEFORE = """\
import asyncio


def half(n: int) -> int:
    return n // 2


def is_big(n: int):
    return n > 5


def first(items: list[int]):
    return items[0] if items else None


def pick(n: int):
    if n > 3:
        raise ValueError("more than 3")
    return n


def choose(n: int):
    if n > 3:
        raise KeyError(n)
    return n


def refuse(n: int):
    if n > 3:
        raise ValueError(f"no {n}")
    return n


def show(n: int):
    print("n is", n)


def grow(items: list[int]):
    items.append(1)
    return None


def steps(n: int):
    for i in range(min(n, 3)):
        yield i


async def later(n: int) -> int:
    return n + 1


class Account:
    balance = 2

    def after(self, amount: int) -> int:
        return self.balance - amount

    @staticmethod
    def fee(amount: int) -> int:
        return amount * 2

    @classmethod
    def rate(cls, amount: int) -> int:
        return amount * 3


class Made:
    def __init__(self, balance) -> None:
        self.balance = balance

    def after(self, amount: int) -> int:
        return self.balance


def ask(session, n: int):
    return session.get(n).text + "a"


def same(n: int):
    return n + n
"""
EDITS = (
    ("return n // 2", "return n / 2"),
    ("return n > 5", "return int(n > 5)"),
    ("items[0] if items else None", "items[0] if items else 0"),
    ('raise ValueError("more than 3")', "return 3"),
    ("raise KeyError(n)", "raise IndexError(n)"),
    ('f"no {n}"', 'f"not {n}"'),
    ('print("n is", n)', 'print("n =", n)'),
    ("items.append(1)", "items.append(2)"),
    ("yield i\n", "yield i + 1\n"),
    ("return n + 1\n", "return n + 2\n"),
    ("self.balance - amount", "max(self.balance - amount, 0)"),
    ("amount * 2", "amount * 4"),
    ("amount * 3", "amount * 5"),
    ('+ "a"', '+ "b"'),
    ("return n + n", "return 2 * n"),
)
EXACT = {
    "half_return_value",
    "is_big_return_value",
    "first_return_value",
    "pick_lost_exception",
    "choose_other_exception",
    "refuse_exception_message",
    "show_printed_output",
    "grow_mutation",
    "steps_yielded_values",
    "later_return_value",
    "Account_after_return_value",
    "Account_fee_return_value",
    "Account_rate_return_value",
}


def outcomes(folder: Path, root: Path) -> dict[str, str]:
    """Run the tests in `folder` at `root` and return the outcome of each, by name."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=no", str(folder)]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("PASSED", "FAILED", "ERROR"):
            found[rest.partition("::test_")[2].split()[0]] = word.lower()
    assert found, done.stdout + done.stderr
    return found


def after_edits() -> str:
    text = BEFORE
    for one, other in EDITS:
        assert text.count(one) == 1, one
        text = text.replace(one, other)
    return text


def test_written_tests_pass_before_and_fail_after(
    repo: Callable[..., Repository], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = repo({"src/shop/__init__.py": "", "src/shop/prices.py": BEFORE})
    made.commit({"src/shop/prices.py": after_edits()})
    folder = tmp_path / "tests"

    assert main(["check", "--from-ref", "HEAD~1..HEAD", "--write-tests", str(folder)]) == 0

    assert [path.name for path in folder.iterdir()] == ["test_before_shop_prices.py"]
    written = (folder / "test_before_shop_prices.py").read_text()
    assert "sys.path.insert(0, 'src')\n\nimport shop.prices as module" in written
    assert "@pytest.mark.skip(reason=" in written.partition("def test_ask_return_value")[0].splitlines()[-1]
    after = outcomes(folder, made.root)
    made.git("checkout", "-q", "HEAD~1")
    before = outcomes(folder, made.root)
    assert set(before) == EXACT
    assert (set(before.values()), set(after.values())) == ({"passed"}, {"failed"})


def test_the_tests_of_the_demo_pass_before_and_fail_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, folder = tmp_path / "demo", tmp_path / "tests"
    root.mkdir()
    make_history(root)
    monkeypatch.chdir(root)

    assert main(["check", "--from-ref", "HEAD~3..HEAD", "--write-tests", str(folder)]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == f"cwm-check: wrote {folder}/test_before_shop.py"

    after = outcomes(folder, root)
    subprocess.run(["git", "checkout", "-q", "HEAD~3"], check=True)
    before = outcomes(folder, root)
    assert "shelf_label_return_value" in before
    assert (set(before.values()), set(after.values())) == ({"passed"}, {"failed"})


def test_a_file_of_somebody_else_is_left_alone(
    repo: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    made = repo({"shop.py": BEFORE})
    made.write({"shop.py": BEFORE.replace("n // 2", "n // 3"), "tests/test_before_shop.py": "mine\n"})

    assert main(["check", "--write-tests", "tests"]) == 2

    complaint = "cwm-check: tests/test_before_shop.py was not written by cwm-check: move it, or name another folder"
    assert capsys.readouterr().err.splitlines()[-1] == complaint
    assert (made.root / "tests" / "test_before_shop.py").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("there", "complaint"),
    [
        ("taken", "cannot write tests to taken: File exists"),
        ("taken/test_before_shop.py/x", "cannot write tests to taken: Is a directory"),
    ],
    ids=["a file in place of the folder", "a folder in place of a file"],
)
def test_where_no_test_can_be_written_one_line_says_so(
    repo: Callable[..., Repository], capsys: pytest.CaptureFixture[str], there: str, complaint: str
) -> None:
    repo({"shop.py": BEFORE}).write({"shop.py": BEFORE.replace("n // 2", "n // 3"), there: "mine\n"})

    assert main(["check", "--write-tests", "taken"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"cwm-check: {complaint}"


def test_where_nothing_is_found_nothing_is_written(
    repo: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    made = repo({"shop.py": BEFORE})
    made.write({"shop.py": BEFORE.replace("n + n", "2 * n")})

    assert main(["check", "--write-tests", "tests"]) == 0
    assert not (made.root / "tests").exists()
    assert capsys.readouterr().err == "cwm-check: no test was written: no finding has a call\n"


# --- what is not written, on hand-made findings


@pytest.mark.parametrize("path", ["my-tool.py", "x/1.py", "__init__.py", "x.pyi"])
def test_a_module_without_a_name_has_no_tests(path: str) -> None:
    found = [replace(finding, path=path) for finding in plain().findings]

    assert files_of(found, {path: BEFORE}, lambda _: False) == {}


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("half(n)", "it needs objects that nobody knows"),
        ("half(__import__('os').getpid())", "it needs objects that nobody knows"),
        ("half(n=eval('1'))", "it needs objects that nobody knows"),
        ("half(x.y)", "it needs objects that nobody knows"),
        ("half(datetime.sys.modules)", "it needs objects that nobody knows"),
        ("Made.after(3)", "it needs an object of the class"),
        ("Account(open('x')).after(3)", "it needs objects that nobody knows"),
        ("half.inner(3)", "it is inside another function"),
        ("missing(3)", "it is inside another function"),
        ("half(3) + 1", "the call is shown in words"),
        ("a call in words", "the call is shown in words"),
        (f"half({HOSTILE!r}\n)", "a value without a literal"),
    ],
)
def test_a_call_that_cannot_be_repeated_is_skipped(call: str, reason: str) -> None:
    (finding,) = [finding for finding in plain().findings if finding.rule == "CWM001"]
    found = replace(finding, call=call, path="shop.py", qualname="half", before="<object>", evidence=Evidence.EXACT)
    (text,) = files_of([found], {"shop.py": BEFORE}, lambda _: False).values()
    (test,) = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]

    assert ast.unparse(test.body) == "pass"
    assert ast.literal_eval(test.decorator_list[0].keywords[0].value).startswith(reason)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "written", "module"),
    [
        ("half(datetime.timedelta(days=1))", "module.half(datetime.timedelta(days=1))", "datetime"),
        ("half(datetime.datetime(1, 2, 3, tzinfo=datetime.timezone.utc))", "tzinfo=datetime.timezone.utc", "datetime"),
        ("half([Decimal('1.5')])", "module.half([decimal.Decimal('1.5')])", "decimal"),
        ("half(n=Fraction(1, 2))", "module.half(n=fractions.Fraction(1, 2))", "fractions"),
    ],
)
def test_values_of_the_library_are_named_with_their_module(call: str, written: str, module: str) -> None:
    (finding,) = [finding for finding in plain().findings if finding.rule == "CWM001"]
    found = replace(finding, call=call, path="shop.py", qualname="half", before="1", evidence=Evidence.EXACT)
    (text,) = files_of([found], {"shop.py": BEFORE}, lambda _: False).values()

    assert written in text
    assert f"\nimport {module}\n" in text


def test_hostile_text_stays_text() -> None:
    found = [
        replace(finding, path="a.py", qualname="total", rule=rule, evidence=Evidence.EXACT, call=call)
        for finding in hostile().findings
        for rule in ("CWM001", "CWM003", "CWM005", "CWM006", "CWM007", "CWM009")
        for call in (finding.call, "total([1])")
        if finding.call
    ]
    (text,) = files_of(found, {"a.py": "def total(items): pass\n"}, lambda _: False).values()
    tree = ast.parse(text)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    assert text.isascii()
    assert names <= {"sys", "pytest", "module", "capsys", "items", "list", "repr", "type", "caught", "str", "Exception"}
