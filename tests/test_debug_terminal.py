"""Sessions of `cwm-check debug` in a real terminal, whole, compared with `tests/golden/debug-*.txt`.

The shell is started as a user starts it, in a pseudo-terminal, and typed at; what the terminal shows is the session.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cwm_check.cache import cache_folder
from cwm_check.sandbox.component import Sandbox

pexpect = pytest.importorskip("pexpect")

ROOT = Path(__file__).parent.parent
PROMPT = "(cwm) "
LETTERS = '''\
def count_letters(s, letter):
    n = 0
    for c in s:
        n += int(c == letter)
    return n

def format_answer(word, letter, count):
    parts = [
        "Found",
        f"{count:04d}",
        "occurrences of the letter",
        letter,
        "in",
        word
    ]
    return " ".join(parts)

def f(c):  # << START_OF_TRACE
    word = "strawberry"
    num = count_letters(word, c)
    ans = format_answer(word, c, num)
    return ans
'''  # fmt: skip
BEFORE = """\
def clean(price):
    return round(price, 2)

def total(prices, discount=0):
    value = 0
    for price in prices:
        value += clean(price)
    return value - discount
"""
AFTER = """\
def clean(price):
    return round(price, 2)

def total(prices, discount=0):
    value = 0
    for price in prices:
        if price < 0:
            continue
        value += clean(price)
    value -= discount
    return max(0, value)
"""
MOVES = """\
def second(pair):
    first, other = pair
    return other

def f(a, b):
    both = (a, b)
    c = second(both)
    return c
"""
FILES = {
    "moves.py": MOVES,
    "moved.py": MOVES.replace("c = second(both)", "c = a"),
    "letters.py": LETTERS,
    "before.py": BEFORE,
    "after.py": AFTER,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Path:
    """A folder with the files; the sandbox is compiled, so that no session has to."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def session(arguments: Sequence[str], typed: Sequence[str]) -> str:
    """What a terminal shows; the last line that is typed must leave."""
    environment = os.environ | {"TERM": "dumb", "CWM_CHECK_CACHE": str(cache_folder()), "INPUTRC": os.devnull}
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "cwm_check", "debug", *arguments],
        env=environment,
        encoding="utf-8",
        timeout=600,
        dimensions=(50, 200),
    )
    shell.delaybeforesend = None
    shown = [f"$ cwm-check debug {shlex.join(arguments)}\r\n"]
    for line in typed:
        shell.expect_exact(PROMPT)
        shown.append(shell.before + PROMPT)
        shell.sendline(line)
    shell.expect(pexpect.EOF)
    shown.append(shell.before)
    shell.close()
    assert (shell.exitstatus, shell.signalstatus) == (0, None)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", "".join(shown)).replace("\r\n", "\n").replace("\r", "")


SESSIONS = {
    "debug-letters.txt": (
        ("letters.py::f",),
        ("print", "reset", "print", "step", "step", "step", "next", "out", "print", "back", "back", "step", "where",
         "next", "next", "next", "continue", "quit"),
    ),
    "debug-changes.txt": (
        ("letters.py::f", "--call", 'f("r")'),
        ("break 4 if c == 'r'", "break", "continue", "display n", "continue", "p s.index(c), letter * 2", "n = 40",
         "list", "next", "until 5", "r", "changes", "back continue", "clear 1", "c", "bk out", "nowhere", "x = = 3",
         "break 6", "help until", "reset f('t')", "jump 12", "longlist", "q"),
    ),
    "debug-diff.txt": (
        ("--diff", "--before", "before.py", "--after", "after.py"),
        ("next", "next", "next", "diverge", "print price, value", "back", "locals", "continue",
         "reset total([3, -4], 5)",
         "break 9", "continue", "value = 10", "where", "n", "continue", "reset", "q"),
    ),
    # What the bundled model says changes with its training: these runs need no answer of it.
    "debug-neural.txt": (
        ("moves.py::f", "--call", 'f(1, "x")', "--simulate", "neural"),
        ("next", "step", "step", "print pair[::-1], len(other)", "back", "print pair[::-1]", "other = 3", "out",
         "where",
         "break 8 if c == 'x'", "continue", "continue", "q"),
    ),
    "debug-neural-diff.txt": (
        ("--diff", "--before", "moves.py", "--after", "moved.py", "--call", 'f(1, "x")', "--simulate", "neural"),
        ("next", "diverge", "print c", "back out", "continue", "q"),
    ),
    "debug-both.txt": (
        ("moves.py::f", "--call", 'f(1, "x")', "--simulate", "both"),
        ("step", "step", "print pair[1], 7", "diverge", "b = 3", "break 3 if other == 'x'", "continue",
         "where", "locals", "back", "continue", "continue", "reset f(2, [])", "out", "q"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_in_a_terminal(name: str, golden: Callable[[str, str], None]) -> None:
    arguments, typed = SESSIONS[name]
    golden(name, session(arguments, typed))


@pytest.mark.parametrize("name", ["debug-letters.txt", "debug-changes.txt", "debug-diff.txt"])
def test_the_page_shows_the_session_and_its_program(name: str) -> None:
    page = (ROOT / "docs" / "debugger.md").read_text(encoding="utf-8")
    recorded = (ROOT / "tests" / "golden" / name).read_text(encoding="utf-8")
    command = recorded.partition("\n")[0]
    (shown,) = re.findall(re.escape(f"```console\n{command}\n") + "(.*?)\n```", page, re.DOTALL)
    told, _, last = shown.rpartition(PROMPT)

    assert recorded.startswith(f"{command}\n{told}")
    assert last in ("q", "quit")
    assert f"```python\n{LETTERS}```" in page


def test_names_are_completed(folder: Path) -> None:
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "cwm_check", "debug", "letters.py::count_letters", "--call", "count_letters('ab', 'b')"],
        env=os.environ | {"TERM": "dumb", "CWM_CHECK_CACHE": str(cache_folder()), "INPUTRC": os.devnull},
        encoding="utf-8",
        timeout=600,
    )
    shell.expect_exact(PROMPT)
    shell.send("print lett\t\n")
    shell.expect_exact("print letter")
    shell.expect_exact("'b'")
    shell.expect_exact(PROMPT)
    shell.sendeof()
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0


def test_the_history_outlives_the_session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWM_CHECK_CACHE", str(cache_folder()))
    session(["letters.py::f", "--call", "f('a')"], ["print c * 7", "quit"])
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "cwm_check", "debug", "letters.py::f", "--call", "f('z')"],
        env=os.environ | {"TERM": "xterm", "INPUTRC": os.devnull},
        encoding="utf-8",
        timeout=600,
    )
    shell.expect_exact(PROMPT)
    shell.send("\x10\x10\n")  # twice the line before: `quit`, then `print`
    shell.expect_exact("'zzzzzzz'")
    shell.expect_exact(PROMPT)
    shell.sendline("quit")
    shell.expect(pexpect.EOF)


MISTAKES = [
    (("letters.py",), "letters.py: expected FILE::QUALNAME, for instance shop.py::Cart.total"),
    ((), "which function? cwm-check debug FILE::QUALNAME, or --diff for the changed one"),
    (("letters.py::f", "--staged"), "--staged goes with --diff"),
    (("--diff", "--before", "before.py"), "--before needs --after"),
    (("--diff", "--before", "before.py", "--after", "before.py"), "no function changed"),
    (
        ("--diff", "--before", "before.py", "--after", "after.py", "--simulate", "both"),
        "--diff compares two versions: take --simulate hybrid or --simulate neural with it",
    ),
    (
        ("nothing", "--diff", "--before", "before.py", "--after", "after.py"),
        "no changed function is called nothing",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    from cwm_check.commands.cli import main

    assert main(["debug", *arguments]) == 2
    assert capsys.readouterr().err == f"cwm-check: {message}\n"
