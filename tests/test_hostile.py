"""Hostile changes, checked by the real command line: nothing that they try happens, and each function has a verdict.

Every attack runs when its module is imported and when its function is called, on both versions, and swallows its own
failure: that the changed return value is found shows that the attack was carried out, inside the sandbox.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

SECRET = "canary-7f3a91"
FORMATS = ("text", "concise", "sarif", "github", "gitlab", "junit", "markdown", "html")

MODULE = """
def attack(x=None):
    try:
{body}
    except BaseException:
        pass

MARK = attack()

def f(x):
    attack(x)
    return {result}
"""

# What guards: the name is not there (a question stands for it), or it is there and the component has no such import.
ATTACKS = {
    # the program's `open`, `io`, `os`, `pathlib` and `shutil` are questions
    "open_write": "open({canary!r}, 'w').write('x')",
    "path_write": "import pathlib; pathlib.Path({canary!r}).write_text('x')",
    "os_write": "import os; os.write(os.open({canary!r}, os.O_WRONLY | os.O_CREAT), b'x')",
    "remove": "import os; os.remove({victim!r})",
    "unlink": "import pathlib; pathlib.Path({victim!r}).unlink()",
    "rmtree": "import shutil; shutil.rmtree({folder!r})",
    "read_file_io": "import io; return io.FileIO({victim!r}).read()",
    "read_passwd": "return open('/etc/passwd').read()",
    "environment": "import os; print(os.environ['CANARY'], os.getenv('CANARY'), dict(os.environ))",
    "system": "import os; os.system('touch ' + {canary!r})",
    "import_system": "__import__('os').system('touch ' + {canary!r})",
    "process": "import subprocess; subprocess.run(['touch', {canary!r}])",
    "fork": "import os; os.fork()",
    "kill": "import os, signal; os.kill(os.getppid(), signal.SIGTERM); signal.raise_signal(9)",
    "socket": "import socket; socket.create_connection(('127.0.0.1', {port}))",
    "http": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/')",
    "ctypes": "import ctypes; ctypes.CDLL(None).system(b'touch ' + {canary!r}.encode())",
    "threads": "import threading; threading.Thread(target=lambda: open({canary!r}, 'w')).start()",
    "pickle": "import pickle; pickle.loads(b'cos\\nsystem\\n(S\"touch ' + {canary!r}.encode() + b'\"\\ntR.')",
    # a run has its own exit, which ends that run only
    "exit": "import sys; sys.exit(3)",
    "hard_exit": "import os; os._exit(3)",
    "quit": "quit()",
    # compiled text runs in the same sandbox
    "exec": "exec('open(' + repr({canary!r}) + ', \"w\")')",
    "eval": "eval('__import__(\"os\").remove(' + repr({victim!r}) + ')')",
    "compile": "exec(compile('import os; os.system(\"touch \" + ' + repr({canary!r}) + ')', 'm', 'exec'))",
    # the real modules behind the made ones can be reached: they have no outside either (see also FATAL)
    "real_open": "import builtins; builtins.open({canary!r}, 'w').write('x')",
    "real_environment": "return dict(isinstance.__globals__['sys'].modules['imports'].REAL_IMPORT('os').environ)",
    "frames": "import sys; sys._getframe(1).f_builtins['open']({canary!r}, 'w').write('x')",
    "generator_frame": "(lambda g: g.gi_frame.f_builtins['__import__']('os').remove({victim!r}))(i for i in ())",
    # what a run does to its interpreter is gone with it
    "builtins": "import builtins; builtins.len = builtins.isinstance = builtins.repr = None",
    "settrace": "import sys; sys.settrace(None); sys.setrecursionlimit(10**9); sys.modules.clear()",
    "monitoring": "isinstance.__globals__['sys'].monitoring.free_tool_id(3)",
    # the two ways out take texts, and the host reads them as data
    "forged_ask": (
        "isinstance.__globals__['sys'].modules"
        "['wit_world'].ask('{{\"op\": \"source\", \"name\": \"..outside.victim\"}}')"
    ),
}  # fmt: skip


# What ends the run that tries it; the verdict is then `skipped`.
FATAL = {
    # CPython's own calls to the system are stubs that trap
    "real_import": "isinstance.__globals__['sys'].modules['imports'].REAL_IMPORT('os').remove({victim!r})",
    "real_posix": "isinstance.__globals__['sys'].modules['imports'].REAL_IMPORT('posix').open({canary!r}, 65)",
    "real_socket": (
        "isinstance.__globals__['sys'].modules"
        "['imports'].REAL_IMPORT('socket').create_connection(('127.0.0.1', {port}))"
    ),
    "subclasses": (
        "for c in object.__subclasses__():\n"
        "    if c.__name__ == '_wrap_close': c.__init__.__globals__['system']('touch ' + {canary!r})\n"
        "    if c.__name__ == 'BuiltinImporter': c.load_module('posix').unlink({victim!r})\n"
        "    if c.__name__ == '_RawIOBase': c.__subclasses__()[0]({canary!r}, 'w')"
    ),
    # a guest that does not keep to the protocol is not believed
    "forged_emit": "isinstance.__globals__['sys'].modules['wit_world'].emit('[[\"call\", 1, 2, 3, 4, 5]]')",
}  # fmt: skip

# What ends: fuel, memory and the stack are the component's; the time budget is the host's.
LIMITS = {
    "endless_loop": "while True: pass",
    "endless_stubborn": "while True:\n    try: raise ValueError\n    except BaseException: continue",
    "power": "return 10 ** 10 ** 8",
    "long_text": "return 'a' * 10 ** 10",
    "big_list": "x = [0]\nwhile True: x += x",
    "endless_generator": "import itertools\nreturn list(itertools.count())",
    "recursion": "return attack()",
    "regex": "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
    "flood": "while True: print('x' * 1_000_000)",
    "ask_flood": "while True: isinstance.__globals__['sys'].modules['wit_world'].ask('{{}}')",
    "emit_flood": "while True: isinstance.__globals__['sys'].modules['wit_world'].emit('[' + '0,' * 10_000_000 + '0]')",
    "unknown_flood": "import m\nwhile m.more(): pass",
}


@dataclass(frozen=True)
class Checked:
    """What the command line said of a staged change."""

    status: int
    functions: list[dict[str, object]]
    said: str
    """All reports, standard output and standard error, as one text."""
    seconds: float
    """Of a processor: the machine may be busy."""

    def verdict(self, name: str) -> object:
        """Return the verdict on the function `f` of the module of that name."""
        return next(f["verdict"] for f in self.functions if f["path"] == f"try_{name}.py" and f["qualname"] == "f")


def git(root: Path, *arguments: str) -> None:
    settings = ("user.name=a", "user.email=a@example.org", "commit.gpgsign=false", "core.hooksPath=/nowhere")
    options = [part for setting in settings for part in ("-c", setting)]
    subprocess.run(["git", *options, *arguments], cwd=root, capture_output=True, check=True)


def stage(root: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Make a repository in `root` in which the files are committed as before and staged as after."""
    root.mkdir()
    git(root, "init", "--quiet")
    for version, then in ((before, ["commit", "--quiet", "--message=before"]), (after, [])):
        for name, text in version.items():
            (root / name).write_text(text)
        git(root, "add", "--all")
        if then:
            git(root, *then)


def _used() -> float:
    """Return the processor time of the processes that ended."""
    times = os.times()
    return times.children_user + times.children_system


def check(root: Path, *options: str) -> Checked:
    """Run the command line on what is staged, and read all that it says."""
    reports = root.parent / "reports"
    reports.mkdir()
    formats = [f"--format={name}:{reports / name}" for name in FORMATS]
    command = [sys.executable, "-m", "cwm_check", "check", "--staged", "--format=json", *formats, *options]
    used = _used()
    run = subprocess.run(command, cwd=root, env=os.environ | {"CANARY": SECRET}, capture_output=True, timeout=900)
    assert run.returncode in (0, 1), run.stderr.decode()
    texts = [run.stdout, run.stderr, *((reports / name).read_bytes() for name in FORMATS)]
    return Checked(run.returncode, json.loads(run.stdout)["functions"], b"\n".join(texts).decode(), _used() - used)


def modules(bodies: Mapping[str, str], result: str, **places: object) -> dict[str, str]:
    """Return a module for each attack."""
    texts = {name: textwrap.indent(body.format(**places), " " * 8) for name, body in bodies.items()}
    return {f"try_{name}.py": MODULE.format(body=text, result=result) for name, text in texts.items()}


# --- attacks


@dataclass(frozen=True)
class Attacked:
    """The surroundings after all attacks were checked in one run."""

    checked: Checked
    files: dict[str, str]
    """What is in the folder of the victim."""
    unchanged: bool
    """Whether the repository is as it was."""
    connections: int


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().hex() for path in files}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("hostile")
    outside, root = folder / "outside", folder / "repo"
    outside.mkdir()
    (outside / "victim.py").write_text("kept = 1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {
            "canary": str(outside / "canary"),
            "victim": str(outside / "victim.py"),
            "folder": str(outside),
            "port": server.getsockname()[1],
        }
        before, after = (modules(ATTACKS | FATAL, f"MARK, {n}", **places) for n in (1, 2))
        stage(root, before, after)
        untouched = contents(root)
        checked = check(root, "--probes=1", "--time-budget=800")
        connections = len(select.select([server], [], [], 0)[0])
    files = {path.name: path.read_text() for path in outside.iterdir()}
    return Attacked(checked, files, untouched == contents(root), connections)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_does_not_keep_a_change_from_being_found(attacked: Attacked, name: str) -> None:
    assert attacked.checked.verdict(name) == "changed"


@pytest.mark.parametrize("name", FATAL)
def test_an_attack_that_ends_its_run_is_no_news_of_the_function(attacked: Attacked, name: str) -> None:
    assert attacked.checked.verdict(name) == "skipped"


def test_no_file_is_written_or_deleted(attacked: Attacked) -> None:
    assert attacked.files == {"victim.py": "kept = 1\n"}
    assert attacked.unchanged


def test_nothing_connects(attacked: Attacked) -> None:
    assert attacked.connections == 0


def test_no_variable_of_the_environment_is_told(attacked: Attacked) -> None:
    assert SECRET not in attacked.checked.said


def test_the_exit_code_is_the_checkers_own(attacked: Attacked) -> None:
    assert attacked.checked.status == 0


# --- limits


def test_what_never_ends_is_given_up(tmp_path: Path) -> None:
    stage(tmp_path / "repo", modules(LIMITS, "MARK, 1"), modules(LIMITS, "MARK, 2"))
    checked = check(tmp_path / "repo", "--time-budget=6")
    assert checked.status == 0
    assert {checked.verdict(name) for name in LIMITS} <= {"changed", "skipped"}
    assert checked.seconds < 2 * 6 + 10  # two cores for the time budget, and what is static


# --- words

NAME = "\x1b[31mred\n::error file=x::forged\r<img src=x onerror=alert(1)>%0A::error::forged.py"
VALUE = "\x1b]0;owned\x07\n::error file=x::forged\n<img src=x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports on a file with a hostile name, whose function returns and raises hostile texts."""
    folder = tmp_path_factory.mktemp("words")
    text = "def f(x):\n    if x:\n        raise ValueError({1!r})\n    return {0!r}\n"
    stage(folder / "repo", {NAME: text.format("", "")}, {NAME: text.format(VALUE, VALUE)})
    said = check(folder / "repo")
    assert [function["verdict"] for function in said.functions] == ["changed"]
    return folder / "reports"


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_carries_a_control_character(told: Path, name: str) -> None:
    text = (told / name).read_bytes().decode()
    assert {character for character in text if not character.isprintable()} <= {"\n"}


@pytest.mark.parametrize("name", FORMATS)
def test_no_text_of_the_program_begins_a_line(told: Path, name: str) -> None:
    lines = (told / name).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.lstrip().startswith(("::error", "<img"))]


@pytest.mark.parametrize("name", ["html", "junit"])
def test_no_text_of_the_program_is_markup(told: Path, name: str) -> None:
    assert "<img" not in (told / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_a_hostile_name_leaves_a_report_readable(told: Path, name: str) -> None:
    assert json.loads((told / name).read_text(encoding="utf-8"))


# --- the checker itself

# A socket is made for the pipe to a process of the checker's own; whatever leaves the machine needs another call of it.
WATCHED = """
import sys
def hook(event, arguments):
    watched = ("socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen")
    if event.startswith(watched) and event != "socket.__new__":
        print(event, *arguments[:1], file=sys.stderr)
sys.addaudithook(hook)
from cwm_check.commands.cli import main
main(["check", "--staged", "--format", "json"])
"""


def test_the_checker_starts_git_and_itself_and_nothing_else(tmp_path: Path) -> None:
    before, after = (modules({"import": "import json, m"}, f"MARK, {n}") for n in (1, 2))
    stage(tmp_path / "repo", before, after)
    run = subprocess.run([sys.executable, "-c", WATCHED], cwd=tmp_path / "repo", capture_output=True, check=True)
    assert json.loads(run.stdout)["functions"]
    assert set(run.stderr.decode().splitlines()) <= {"subprocess.Popen git", "os.fork"}
    assert b"subprocess.Popen git" in run.stderr
