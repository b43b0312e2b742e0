"""Pairs of modules through the whole flow: each changed function ends in the verdict that a careful reader gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from changes import PATIENT
from sections import rows

from cwm_check.check import check
from cwm_check.config import Config
from cwm_check.git import Pair, read_changes
from cwm_check.verdicts import CheckResult
from cwm_check.vocabulary import SkipReason

PAIRS = rows(r"""
## a renamed local
def f(items):
    total = 0
    for i in items:
        total += i.price
    return total
---
def f(items):
    result = 0
    for item in items:
        result += item.price
    return result
-> same
## a loop becomes a comprehension
def f(rows):
    found = []
    for row in rows:
        if row.active:
            found.append(row.name)
    return found
---
def f(rows):
    return [row.name for row in rows if row.active]
-> quiet
## percent becomes an f-string
def f(user):
    return "%s (%s)" % (user.name, user.mail)
---
def f(user):
    return f"{user.name} ({user.mail})"
-> quiet
## an else after a return
def f(x):
    if x.ready:
        return x.value
    else:
        return None
---
def f(x):
    if x.ready:
        return x.value
    return None
-> quiet
## conditions turned round
def f(user):
    if not user.active or user.banned:
        return "no"
    return "yes"
---
def f(user):
    if user.active and not user.banned:
        return "yes"
    return "no"
-> quiet
## a dictionary instead of branches
def f(kind):
    if kind == "a":
        return 1
    elif kind == "b":
        return 2
    return 0
---
def f(kind):
    return {"a": 1, "b": 2}.get(kind, 0)
-> quiet
## a helper is pulled out
def f(x):
    y = x.price * x.count
    return y - y * x.discount
---
def _gross(x):
    return x.price * x.count

def f(x):
    y = _gross(x)
    return y - y * x.discount
-> quiet
## a constant is named
def f(seconds):
    return seconds / 3600
---
HOUR = 3600

def f(seconds):
    return seconds / HOUR
-> quiet
## isinstance of a tuple
def f(x):
    if isinstance(x, list) or isinstance(x, tuple):
        return len(x)
    return -1
---
def f(x):
    if isinstance(x, (list, tuple)):
        return len(x)
    return -1
-> quiet
## a with statement
def f(path):
    file = open(path)
    try:
        return file.read()
    finally:
        file.close()
---
def f(path):
    with open(path) as file:
        return file.read()
-> quiet
## asking before and being told after
from lib import table

def f(key):
    if key in table:
        return table[key]
    return None
---
from lib import table

def f(key):
    try:
        return table[key]
    except KeyError:
        return None
-> quiet
## a new handler
def f(client):
    return client.get()
---
def f(client):
    try:
        return client.get()
    except OSError:
        return None
-> changed
## any instead of a loop
def f(users, name):
    for user in users:
        if user.name == name:
            return True
    return False
---
def f(users, name):
    return any(user.name == name for user in users)
-> quiet
## setdefault
def f(pairs):
    found = {}
    for key, value in pairs:
        if key not in found:
            found[key] = []
        found[key].append(value)
    return found
---
def f(pairs):
    found = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
-> quiet
## enumerate
def f(names):
    i = 0
    for name in names:
        print(i, name)
        i += 1
---
def f(names):
    for i, name in enumerate(names):
        print(i, name)
-> quiet
## super without arguments
class A(object):
    def __init__(self, x):
        self.x = x

class B(A):
    def f(self, x):
        super(B, self).__init__(x)
        return self.x
---
class A:
    def __init__(self, x):
        self.x = x

class B(A):
    def f(self, x):
        super().__init__(x)
        return self.x
-> quiet
## a class method
class Shape:
    def __init__(self, w, h):
        self.w, self.h = w, h

    @classmethod
    def f(cls, side):
        return cls(side, side)
---
class Shape:
    def __init__(self, w, h):
        self.w, self.h = w, h

    @classmethod
    def f(cls, side):
        shape = cls(w=side, h=side)
        return shape
-> quiet
## yield from
def f(groups):
    for group in groups:
        for item in group:
            yield item
---
def f(groups):
    for group in groups:
        yield from group
-> quiet
## an operator of another sense
def f(age):
    return age >= 18
---
def f(age):
    return age > 18
-> changed
## a bound that moved
def f(items):
    return items[:10]
---
def f(items):
    return items[:11]
-> changed
## and becomes or
def f(user):
    return user.active and user.paid
---
def f(user):
    return user.active or user.paid
-> changed
## a guard for None
def f(user):
    return user.name.strip()
---
def f(user):
    if user is None:
        return ""
    return user.name.strip()
-> changed
## a guard that raises
def f(amount):
    return amount * 2
---
def f(amount):
    if amount < 0:
        raise ValueError("negative")
    return amount * 2
-> changed
## an exception of another class
def f(key, table):
    if key not in table:
        raise KeyError(key)
    return table[key]
---
def f(key, table):
    if key not in table:
        raise ValueError(key)
    return table[key]
-> changed
## an exception that is swallowed
def f(text):
    return int(text)
---
def f(text):
    try:
        return int(text)
    except ValueError:
        return 0
-> changed
## an exception caught more widely
def f(client):
    try:
        return client.get()
    except KeyError:
        return None
---
def f(client):
    try:
        return client.get()
    except (KeyError, OSError):
        return None
-> changed
## a default
def f(x, retries=3):
    return x.get(retries)
---
def f(x, retries=5):
    return x.get(retries)
-> changed
## a parameter is gone
def f(x, verbose=False):
    return x.name
---
def f(x):
    return x.name
-> changed
## a call that is no longer made
def f(order):
    order.validate()
    order.save()
---
def f(order):
    order.save()
-> changed
## calls in another order
def f(order):
    order.save()
    order.notify()
---
def f(order):
    order.notify()
    order.save()
-> changed
## an argument of a call
import subprocess

def f(command):
    return subprocess.run(command, check=False)
---
import subprocess

def f(command):
    return subprocess.run(command, check=True)
-> changed
## the argument is changed in place
def f(items):
    return sorted(items)
---
def f(items):
    items.sort()
    return items
-> changed
## a printed text
def f(name):
    print("Hello", name)
---
def f(name):
    print("Hello,", name)
-> changed
## an attribute that is set
class A:
    def f(self, x):
        self.x = x
---
class A:
    def f(self, x):
        self.x = x
        self.seen = True
-> changed
## a property
class Box:
    @property
    def f(self):
        return self.w * self.h
---
class Box:
    @property
    def f(self):
        return self.w * self.h * self.d
-> changed
## a generator yields more
def f(items):
    for item in items:
        yield item
---
def f(items):
    yield None
    for item in items:
        yield item
-> changed
## a generator becomes a list
def f(items):
    for item in items:
        yield item.name
---
def f(items):
    return [item.name for item in items]
-> changed
## a coroutine awaits something else
async def f(client):
    return await client.get("/a")
---
async def f(client):
    return await client.get("/b")
-> changed
## a static method
class A:
    @staticmethod
    def f(text):
        return text.strip()
---
class A:
    @staticmethod
    def f(text):
        return text.rstrip()
-> changed
## a regular expression
import re

def f(text):
    return re.sub(r"[ab]", "-", text)
---
import re

def f(text):
    return re.sub(r"[a]", "-", text)
-> changed
## a key of the result
def f(user):
    return {"id": user.id, "name": user.name}
---
def f(user):
    return {"id": user.id, "title": user.name}
-> changed
## the case of a text
def f(name):
    return name.strip().lower()
---
def f(name):
    return name.strip().upper()
-> changed
## a level of the log
import logging

log = logging.getLogger(__name__)

def f(x):
    log.info("done %s", x)
---
import logging

log = logging.getLogger(__name__)

def f(x):
    log.debug("done %s", x)
-> changed
## a unit
from datetime import timedelta

def f(n):
    return timedelta(minutes=n)
---
from datetime import timedelta

def f(n):
    return timedelta(seconds=n)
-> changed
## a rounding
def f(x):
    return int(x)
---
def f(x):
    return round(x)
-> changed
## a list that keeps double items
def f(items):
    return sorted(set(items))
---
def f(items):
    return sorted(items)
-> changed
## a constant outside
RATE = 5

def f(x):
    return x * RATE
---
RATE = 6

def f(x):
    return x * RATE
-> changed
## a helper outside
def _clean(text):
    return text.strip()

def f(text):
    return _clean(text) or None
---
def _clean(text):
    return text.strip().lower()

def f(text):
    return _clean(text) or None
-> changed
## a decorator
import functools

@functools.lru_cache
def f(x):
    return [x]
---
def f(x):
    return [x]
-> changed
## a closure
def f(n):
    def add(x):
        return x + n
    return add
---
def f(n):
    def add(x):
        return x - n
    return add
-> changed
## truth instead of None
def f(x):
    if x is None:
        return "none"
    return "some"
---
def f(x):
    if not x:
        return "none"
    return "some"
-> changed
## the first instead of the last
def f(items):
    return items[-1] if items else None
---
def f(items):
    return items[0] if items else None
-> changed
""")


def checked(folder: Path, before: str, after: str, config: Config | None = None) -> CheckResult:
    """Return what the check of two files says."""
    paths = [folder / name / "m.py" for name in ("before", "after")]
    for path, text in zip(paths, (before, after), strict=True):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return check(read_changes(Pair(*paths), None, ()), config or PATIENT)


QUIET = {"same", "unchanged"}


@pytest.mark.parametrize(("before", "after", "expected"), PAIRS.values(), ids=PAIRS)
def test_a_pair_has_its_verdict(tmp_path: Path, before: str, after: str, expected: str) -> None:
    verdicts = [v for v in checked(tmp_path, before, after).verdicts if v.qualname.rpartition(".")[2] == "f"]
    assert len(verdicts) == 1
    assert verdicts[0].kind in (QUIET if expected == "quiet" else {expected}), verdicts[0]


def test_a_finding_comes_with_a_call_and_two_results(tmp_path: Path) -> None:
    before, after = PAIRS["an operator of another sense"][:2]
    (finding,) = checked(tmp_path, before, after).findings
    assert (finding.rule, finding.call, finding.before, finding.after) == ("CWM001", "f(18)", "True", "False")
    assert (finding.before_line, finding.after_line, finding.line) == (2, 2, 2)


def test_a_change_of_layout_is_no_change(tmp_path: Path) -> None:
    assert checked(tmp_path, "def f(x):\n    return x  # it\n", "def f( x ):\n\n    return x\n").verdicts == ()


def test_the_same_check_gives_the_same_result(tmp_path: Path) -> None:
    before, after = PAIRS["a guard that raises"][:2]
    checked(tmp_path, before, after)
    changes = read_changes(Pair(tmp_path / "before" / "m.py", tmp_path / "after" / "m.py"), None, ())
    assert check(changes, PATIENT) == check(changes, PATIENT)


def test_functions_on_one_side_only_have_verdicts(tmp_path: Path) -> None:
    result = checked(tmp_path, "def gone():\n    return 1\n", "def new():\n    return 'x', 2\n")
    assert [(v.qualname, v.kind) for v in result.verdicts] == [("gone", "changed"), ("new", "skipped")]


GONE = {
    "public": ("def f():\n    return 1\n\n\nX = 1\n", "X = 1\n", ["CWM114"]),
    "private, and still named": ("def _f():\n    return 1\n\n\nX = 1\n", "X = _f()\n", ["CWM114"]),
    "private, and named no more": ("def _f():\n    return 1\n\n\nX = 1\n", "X = _ff = 1\n", []),
    "private, moved elsewhere": ("def _f():\n    return 1\n", "from m import g\n", []),
    "a private method": ("class C:\n    def _f(self):\n        return 1\n", "class C:\n    pass\n", ["CWM114"]),
    "a dunder name": ("def __getattr__(name):\n    return 1\n\n\nX = 1\n", "X = 1\n", ["CWM114"]),
}


@pytest.mark.parametrize(("before", "after", "rules"), GONE.values(), ids=GONE)
def test_a_private_function_that_nobody_names_any_more_is_no_loss(
    tmp_path: Path, before: str, after: str, rules: list[str]
) -> None:
    result = checked(tmp_path, before, after)
    (verdict,) = (v for v in result.verdicts if v.reason != SkipReason.ADDED)
    assert [finding.rule for finding in verdict.findings] == rules
    assert verdict.reason == ("" if rules else SkipReason.REMOVED)


def test_a_function_that_is_not_selected_is_skipped(tmp_path: Path) -> None:
    before, after = PAIRS["a printed text"][:2]
    (verdict,) = checked(tmp_path, before, after, Config(exclude_functions=("f",))).verdicts
    assert (verdict.kind, verdict.reason) == ("skipped", SkipReason.SELECTION)


def test_without_time_no_sandbox_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cwm_check.trials.native_code", lambda announce: 1 // 0)
    before, after = PAIRS["a printed text"][:2]
    assert [v.kind for v in checked(tmp_path, before, after, Config(time_budget=0)).verdicts] == ["skipped"]


def test_without_time_functions_are_skipped(tmp_path: Path) -> None:
    before, after = PAIRS["a printed text"][:2]
    (verdict,) = checked(tmp_path, before, after, Config(time_budget=0)).verdicts
    assert (verdict.kind, verdict.reason) == ("skipped", SkipReason.TIME)


def test_a_file_that_does_not_parse_is_a_problem(tmp_path: Path) -> None:
    result = checked(tmp_path, "def f():\n    return 1\n", "def f(:\n")
    assert (result.verdicts, [p.reason for p in result.problems]) == ((), [SkipReason.SYNTAX])


def test_a_change_that_no_run_reaches_is_not_called_unchanged(tmp_path: Path) -> None:
    source = "import hashlib\n\ndef f(x):\n    if hashlib.md5(str(x).encode()).hexdigest() == 'a':\n        return {}\n"
    (verdict,) = checked(tmp_path, source.format("1"), source.format("2")).verdicts
    assert (verdict.kind, verdict.reason) == ("skipped", SkipReason.NOT_REACHED)


@pytest.mark.parametrize(
    ("number", "told"), [(2, ["N0", "N1"]), (7, ["N0", "N1", "N2", "N3", "N4", "2 more"]), (0, [])]
)
def test_what_changed_and_has_no_verdict_is_a_note(tmp_path: Path, number: int, told: list[str]) -> None:
    before, after = ("".join(f"N{n} = {value}\n" for n in range(number)) + "# c\n" * value for value in (1, 2))
    note = "changed outside functions and not judged, since no function of the same file reads it: "
    names = ", ".join(f"{name} in {tmp_path}/after/m.py" if name.startswith("N") else name for name in told)
    assert checked(tmp_path, before, after).notes == ((note + names,) if told else ())


def test_a_loop_without_end_is_told(tmp_path: Path) -> None:
    before = "def f(n=3):\n    while n:\n        n -= 1\n    return n\n"
    (verdict,) = checked(tmp_path, before, before.replace("n -= 1", "n -= 0")).verdicts
    assert (verdict.kind, {f.rule for f in verdict.findings}) == ("changed", {"CWM010"})


@pytest.mark.parametrize("simulate", ["hybrid", "neural"])
def test_an_expression_too_deep_to_be_read_costs_its_own_function_only(simulate: str, tmp_path: Path) -> None:
    many = " or ".join(["x"] * 3000)
    before = f"def deep(x: int):\n    return {many}, x\n\n\ndef f(x: int):\n    return x\n"
    after = before.replace(", x\n", ", x + 1\n").replace("return x\n", "return x + 1\n")
    result = checked(tmp_path, before, after, replace(PATIENT, simulate=simulate, no_cache=True, jobs=1))
    told = {v.qualname: v for v in result.verdicts}
    assert told.keys() == {"deep", "f"}
    assert (told["f"].kind, result.broken) == ("changed", "")
    assert told["deep"].kind == "changed" or told["deep"].reason == SkipReason.LIMIT


MOVED = """
import logging
from . import rest
from .util import load
log = logging.getLogger(__name__)
def f(x):
    log.info("%s", x)
    {body}
"""
SAME, OTHER = "return load(x), rest.g(x)", "return load(x), rest.h(x)"
ALSO = f"print(end='')\n    {SAME}"


@pytest.mark.parametrize(("after", "verdict"), [(ALSO, "unchanged"), (OTHER, "changed")], ids=["as before", "edited"])
def test_a_module_in_another_folder_goes_by_its_name_before(tmp_path: Path, after: str, verdict: str) -> None:
    paths = tmp_path / "former" / "m.py", tmp_path / "new" / "n.py"
    for path, body in zip(paths, (SAME, after), strict=True):
        path.parent.mkdir()
        path.write_text(MOVED.format(body=body), encoding="utf-8")
    assert [verdict] == [v.kind for v in check(read_changes(Pair(*paths), None, ()), PATIENT).verdicts]
