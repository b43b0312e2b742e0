"""The sandbox: no way out but two, CPython's own answers, limits that hold, and a host that believes nothing."""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from programs import EXPRESSIONS, FUNCTIONS, MODULES, TRACED
from sections import rows, sections
from simulations import outcome, simulated

from cwm_check.extraction.slices import slice_module
from cwm_check.sandbox.component import MEMORY, Sandbox
from cwm_check.search.assumptions import TypedDefaults
from cwm_check.search.jobs import Version
from cwm_check.search.simulate import Simulator
from cwm_check.search.targets import Target
from cwm_check.simulations import Probe
from cwm_check.trace import Event, Frame

ROOT = Path(__file__).parent.parent
PAGES = ("debugger.md", "sandbox.md")  # name the version
Row = tuple[str, int, dict[str, str], str | None]


def test_the_component_can_only_ask_and_emit(sandbox: Sandbox) -> None:
    assert sandbox.imports == ["ask", "emit"]


# --- CPython's own answers


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_gives_what_it_gives_on_the_host(sandbox: Sandbox, expression: str) -> None:
    source = f"import {', '.join(MODULES)}\n\ndef f():\n    return repr({expression})\n"
    assert outcome(sandbox, source).value == repr(_host(source, "f"))


@pytest.mark.parametrize("source", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_gives_what_it_gives_on_the_host(sandbox: Sandbox, source: str) -> None:
    shown = f"{source}\n\ndef shown():\n    return repr(f())\n"
    assert outcome(sandbox, shown, target="shown").value == repr(_host(shown, "shown"))


def test_a_package_of_the_library_can_be_imported(sandbox: Sandbox) -> None:
    source = """
        import email
        import xml
        from email.mime.text import MIMEText
        from xml.etree import ElementTree
        def f():
            root = ElementTree.Element('a', {'b': '1'})
            root.text = 'c'
            return ElementTree.tostring(root), MIMEText('d').as_string()
    """
    letter = 'Content-Type: text/plain; charset="us-ascii"\\nMIME-Version: 1.0\\nContent-Transfer-Encoding: 7bit\\n\\nd'
    assert outcome(sandbox, source).value == f"""(b'<a b="1">c</a>', '{letter}')"""


NAMED = """
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar, get_type_hints
@dataclass
class A:
    n: ClassVar[int] = 3
    x: A = 0
def f():
    return repr(A(5)), get_type_hints(A)["x"] is A
"""


@pytest.mark.parametrize(
    "path", ["m.py", "app.py", "describe.py", "standins.py", "wit_world.py", "src/watch.py", "a/calendar.py"]
)
def test_a_module_is_itself_whatever_the_sandbox_has_of_that_name(sandbox: Sandbox, path: str) -> None:
    assert outcome(sandbox, NAMED, path=path).value == "('A(x=5)', True)"


@pytest.mark.parametrize("name", ["m", "describe", "a.watch"])
def test_an_imported_module_is_itself_too(sandbox: Sandbox, name: str) -> None:
    files = {"a/__init__.py": "", f"{name.replace('.', '/')}.py": NAMED}
    source = f"from {name} import f as g\ndef f():\n    return g()\n"
    assert outcome(sandbox, source, files=files, path="n.py").value == "('A(x=5)', True)"


def test_a_program_is_told_the_version_that_runs_it(sandbox: Sandbox) -> None:
    source = """
        import sys
        def f():
            try:
                exec("t'{1}'")  # what 3.14 brought
                is_so = True
            except SyntaxError:
                is_so = False
            version, name = sys.version_info, sys.version.partition(".")[0]
            agree = {sys.hexversion >> 16, version[0] * 256 + version[1]}
            return is_so is (version >= (3, 14)), len(agree), name, sys.implementation.cache_tag
    """
    pages = {(ROOT / "docs" / name).read_text(encoding="utf-8").count("CPython 3.14") for name in PAGES}
    assert outcome(sandbox, source).value == "(True, 1, '3', 'cpython-314')"
    assert pages == {1}


def _host(source: str, name: str) -> object:
    space: dict[str, Any] = {"__name__": __name__}
    exec(source, space)
    return space[name]()


@pytest.mark.parametrize("source", TRACED.values(), ids=TRACED)
def test_the_frames_are_those_of_the_host(sandbox: Sandbox, source: str) -> None:
    trace = simulated(sandbox, source, frames=True).simulation.before.trace
    assert trace is not None
    assert _collapsed([_row(frame) for frame in trace.frames]) == _collapsed(_host_frames(source))


def _row(frame: Frame) -> Row:
    return frame.event.value, frame.line, dict(frame.locals), frame.value


def _host_frames(source: str) -> list[Row]:
    rows: list[Row] = []

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != "<traced>" or frame.f_code.co_name.startswith("<"):
            return None
        values = {name: _text(value) for name, value in frame.f_locals.items()}
        is_end = event in ("return", "exception")
        result = argument[1] if event == "exception" else argument
        rows.append((event, frame.f_lineno, {} if is_end else values, _text(result) if is_end else None))
        return watch

    space: dict[str, Any] = {"__name__": __name__}
    exec(compile(source, "<traced>", "exec"), space)
    sys.settrace(watch)
    try:
        space["f"]()
    except IndexError:
        pass
    finally:
        sys.settrace(None)
    return rows


def _text(value: object) -> str:
    """Objects are shown by their state in the sandbox, and by an address on the host."""
    return f"A({', '.join(f'{k}={v}' for k, v in vars(value).items())})" if type(value).__name__ == "A" else repr(value)


def _collapsed(rows: list[Row]) -> list[Row]:
    """The rows without the rounds of comprehensions, which are line events of the function around from 3.12 on."""
    return [row for at, row in enumerate(rows) if not (at and row[0] == "line" and rows[at - 1][:2] == row[:2])]


# --- pitfalls

PITFALLS = rows(r"""
## a warning of the compiler is not written
def f():
    return "\d"
-> '\\d'
## codecs need no file
def f():
    return "bücher".encode("idna")
-> b'xn--bcher-kva'
## strptime needs no file
import datetime
def f():
    return datetime.datetime.strptime("1 May 2020", "%d %b %Y").month
-> 5
## C code may import
import datetime
def f():
    return datetime.date(2020, 5, 1).strftime("%d %B")
-> '01 May'
## the clock is frozen
import datetime, time
def f():
    return str(datetime.datetime.now()), datetime.date.today().year, time.time()
-> ('2023-11-14 22:13:20', 2023, 1700000000.0)
## memory is 32 bits wide and does not say so
import sys
def f():
    return sys.maxsize
-> 9223372036854775807
## a name of the module hides a builtin
from formats import format
def f():
    return format(3)
-> formats.format(3)
## registrations are part of the program
CODES = {}
CODES.update(a=1)
for name in ("b", "c"):
    CODES[name] = 2
def f():
    return CODES["a"] + CODES["c"]
-> 3
## addresses are not values
def f():
    return [object()]
-> [<object object>]
## sets have one order
def f():
    return {"b", "a", 2**40, -5}
-> {'a', 'b', -5, 1099511627776}
## the environment is asked for
import os
def f():
    return os.environ
-> os.environ
## files are asked for
def f():
    return open("/etc/passwd").read()
-> open('/etc/passwd').read()
## processes are asked for
import subprocess
def f():
    return subprocess.run(["ls"])
-> subprocess.run(['ls'])
## what is below the builtins is not the host's
def f():
    return [c for c in object.__subclasses__() if c.__name__ == "Popen"]
-> []
""")


@pytest.mark.parametrize(("source", "value"), PITFALLS.values(), ids=PITFALLS)
def test_no_pitfall_is_left(sandbox: Sandbox, source: str, value: str) -> None:
    assert (found := outcome(sandbox, source)).kind == "returned", found
    assert found.value == value


def test_arguments_are_made_by_constructors(sandbox: Sandbox) -> None:
    assert outcome(sandbox, "def f(x):\n    return x\n", x="dict(a=1)").value == "{'a': 1}"


def test_a_run_gives_the_same_every_time(sandbox: Sandbox) -> None:
    source = "import random\ndef f():\n    return [*{'a', 'b', 'c', 'd'}], random.random(), hash('x')\n"
    assert simulated(sandbox, source).simulation == simulated(sandbox, source).simulation


def test_frames_before_a_trap_are_kept(sandbox: Sandbox) -> None:
    source = "def f():\n    x = 1\n    y = 2\n    while True:\n        pass\n"
    trace = simulated(sandbox, source, frames=True, fuel=300_000_000).simulation.before.trace
    assert trace is not None
    assert [(frame.event, frame.line) for frame in trace.frames[:4]] == [
        (Event.CALL, 1),
        (Event.LINE, 2),
        (Event.LINE, 3),
        (Event.LINE, 4),
    ]


# --- limits

SPENT = "limit: steps"
LIMITS = {
    "an endless loop": ("while True: pass", SPENT),
    "an endless loop that catches everything": (
        "while True:\n        try:\n            raise ValueError\n        except BaseException: pass",
        SPENT,
    ),
    "a power without end": ("return 10 ** 10 ** 8", SPENT),
    "an endless iterator": ("import itertools; return sum(itertools.count())", SPENT),
    "a catastrophic regular expression": ("import re; return re.match(r'(a+)+$', 'a' * 40 + 'b')", SPENT),
    "a list that grows": ("x = [0]\n    while True: x += x", "unsure: MemoryError"),
    "a text beyond the memory": ("return 'a' * 10 ** 9", "unsure: MemoryError"),
    "a text beyond 32 bits": ("return 'a' * 10 ** 10", "unsure: OverflowError"),
    "recursion": ("return f()", "unsure: RecursionError"),
}


@pytest.mark.parametrize(("body", "reason"), LIMITS.values(), ids=LIMITS)
def test_a_limit_ends_the_run(sandbox: Sandbox, body: str, reason: str) -> None:
    found = outcome(sandbox, f"def f():\n    {body}\n", fuel=1_500_000_000)
    assert (found.kind, found.value) == ("unfinished", reason)


def test_a_flood_of_output_is_cut(sandbox: Sandbox) -> None:
    found = simulated(sandbox, "def f():\n    while True:\n        print('x' * 1000)\n", fuel=500_000_000)
    assert found.simulation.before.outcome.kind == "unfinished"


def test_a_sandbox_serves_on_after_a_trap(sandbox: Sandbox) -> None:
    assert outcome(sandbox, "def f():\n    while True: pass\n", fuel=100_000_000).kind == "unfinished"
    assert outcome(sandbox, "def f():\n    return 1\n").value == "1"


# --- a hostile program

REACH = """
import enum
modules = enum.sys.modules
ask, emit, json = modules["wit_world"].ask, modules["wit_world"].emit, modules["json"]
def say(op, **fields):
    return ask(json.dumps({"op": op, "u": {"u": "x"}, "args": [], "lines": []} | fields))
"""
FORGED = sections(r"""
## a question that is no JSON
ask("garbage")
## a question that is no object
ask("[1]")
## a question without an operation
ask("{}")
## an operation that is no text
say(3)
## an operation nobody knows
say("_bind")
## a target that is no name
say("truth", u=[1])
## a target nobody made
say("truth", u={"u": "nobody"})
## an attribute without a name
say("getattr")
## an attribute whose name is no literal
say("getattr", args=[{"r": "1 +"}])
## an attribute whose name is no text
say("hasattr", args=[{"r": "7"}])
## an argument that is no tree
say("call", args=[5])
## keywords that are no table
say("call", kw=3)
## lines that are no numbers
say("truth", lines=["x"])
## a kind nobody knows
say("bind", u="x", kind="file")
## a kind that is no text
say("bind", u="x", kind={})
## a hint that is a program
say("bind", u="x", args=[{"r": "dict:(("}], kind="str")
## a hint without a bottom
say("bind", u="x", args=[{"r": "-" * 100000 + "1"}], kind="int")
## a tuple that is a number
say("call", u="x.startswith", args=[{"k": "tuple", "x": "5"}])
## a tuple without a bottom
say("call", u="x.startswith", args=[{"k": "tuple", "x": "-" * 100000 + "1"}])
## a comparison without an operator
say("compare", args=[{"r": "1"}])
## a comparison with nothing
say("compare", operator="<")
## JSON without a bottom
ask("[" * 100000)
## half of a surrogate pair
say("truth", u="\ud800")
## questions without end
while True: say("truth")
## requests for text without end
while True: say("source", name="x")
## frames that are no JSON
emit("garbage")
## frames that are no list
emit("7")
## a frame that is no list
emit("[1]")
## a frame that is too short
emit('[["call", 1]]')
## a frame of an event nobody knows
emit('[["jump", 1, {}, null, 0, 0]]')
## a frame on a line of text
emit('[["call", "1", {}, null, 0, 0]]')
## a question about nothing
ask('{"op": "isinstance", "args": [{"u": "x"}]}')
## a question about kinds that are none
ask('{"op": "kind", "u": "x", "args": [{"u": "x"}, {"r": "7"}]}')
## a result that is no object
json.dumps = lambda v: "[]"
## a result that is no JSON
json.dumps = lambda v: "x"
## a result of the wrong kinds
json.dumps = lambda v: '{"kind": "returned", "covered": [[1]], "yielded": 3, "arguments": [1]}'
## a result that is no text
json.dumps = lambda v: 7
""")


@pytest.mark.parametrize("attack", FORGED.values(), ids=FORGED)
def test_a_forged_message_only_harms_its_own_run(sandbox: Sandbox, attack: str) -> None:
    source = f"{REACH}\ndef f(x):\n    {attack}\n    return 1\n"
    found = simulated(sandbox, source, "def f(x):\n    return 2\n", x=None, frames=True, fuel=500_000_000)
    assert found.simulation.before.outcome.kind in ("returned", "raised", "unfinished")
    assert found.simulation.after.outcome.value in ("2", "limit: restarts")


def test_only_modules_can_be_asked_for_as_text(sandbox: Sandbox) -> None:
    read: list[str] = []

    class Files(dict[str, str]):
        def get(self, path: str, default: str | None = None) -> str | None:  # type: ignore[override]
            read.append(path)
            return default

    names = ("/etc/x", "..etc", "a b", "a/../b", "", "pkg.mod")
    questions = "; ".join(f'ask(json.dumps({{"op": "source", "name": {name!r}}}))' for name in names)
    outcome(sandbox, f"{REACH}\ndef f():\n    {questions}\n", files=Files())
    assert sorted(set(read)) == ["pkg/mod.py", "pkg/mod/__init__.py"]


def test_a_module_that_is_not_there_is_looked_for_once(sandbox: Sandbox) -> None:
    read: list[str] = []

    def reader(path: str) -> str | None:
        read.append(path)
        return None

    source = "import helper\ndef f():\n    return helper.x\n"
    version = Version(source, source, "m.py", Target("f", "function"), reader)
    simulator = Simulator(sandbox, TypedDefaults(), reader, reader, slice_module)
    found = [simulator.simulate((version, version), Probe((), "test"), ()) for _ in range(2)]
    assert found[0].simulation == found[1].simulation
    assert read == ["helper.py", "helper/__init__.py"]


def test_a_module_with_half_a_surrogate_pair_is_one_that_does_not_compile(sandbox: Sandbox) -> None:
    found = outcome(sandbox, "import helper\ndef f():\n    return helper.x\n", files={"helper.py": "x = '\ud800'\n"})
    assert (found.kind, found.value) == ("returned", "helper.x")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells what this process holds")
def test_a_run_gives_its_memory_back_at_its_end(sandbox: Sandbox) -> None:
    def held() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    asks = "def f(x):\n    held = bytearray(100 << 20)\n    return len(held) + abs(x)\n"
    gc.disable()  # what refers to a run only lives on until the next collection
    try:
        simulated(sandbox, asks, x=None)
        before = held()
        for _ in range(3):
            simulated(sandbox, asks, x=None)
        assert held() - before < MEMORY // 2
    finally:
        gc.enable()
