"""Objects that nobody knows: the same question is one question, however it is asked, and another one is not."""

from __future__ import annotations

import pytest
from sections import rows
from simulations import outcome, outcomes

from cwm_check.sandbox.component import Sandbox

SAME = rows(r"""
## text by format and by percent
def f(x):
    return f"{x}!"
---
def f(x):
    return "%s!" % x
## text by str and by format
def f(x):
    return str(x), format(x), "{}".format(x)
---
def f(x):
    return f"{x}", format(x, ""), f"{x!s}"
## copies
from copy import copy, deepcopy
def f(x):
    y = copy(x)
    return y.a, deepcopy(x)
---
import copy
def f(x):
    return copy.copy(x).a, copy.deepcopy(x)
## the text of a text
def f(x):
    return repr(str(x))
---
def f(x):
    return "%r" % f"{x}"
## truth by not and by bool
def f(x):
    return 1 if x else 2
---
def f(x):
    return 2 if not bool(x) else 1
## truth and length agree
def f(x):
    return 1 if x else 2
---
def f(x):
    return 1 if len(x) > 0 else 2
## length and truth agree
def f(x):
    return len(x) == 0, bool(x)
---
def f(x):
    return not x, len(x) != 0
## length and iteration agree
def f(x):
    return len(x)
---
def f(x):
    return sum(1 for _ in x)
## items by loop and by list
def f(x):
    return [item for item in x]
---
def f(x):
    found = []
    for item in list(x):
        found += [item]
    return found
## items by unpacking and by number
def f(x):
    a, b = x
    return b, a
---
def f(x):
    return x[1], x[0]
## items by star
def f(x):
    return [*x], tuple(x)
---
def f(x):
    return list(x), (*x,)
## a dictionary by items and by keys
def f(x):
    return [(k, v) for k, v in x.items()]
---
def f(x):
    return [(k, x[k]) for k in x.keys()]
## values by values and by items
def f(x):
    return list(x.values())
---
def f(x):
    return [v for _, v in x.items()]
## a comparison from either side
def f(x, y):
    return (1 if x == y else 2), (1 if x < y else 2)
---
def f(x, y):
    return (1 if y == x else 2), (1 if y > x else 2)
## a comparison and its opposite
def f(x, y):
    return (1 if x != y else 2), (1 if x <= y else 2)
---
def f(x, y):
    return (2 if x == y else 1), (2 if x > y else 1)
## a comparison with a number from either side
def f(x):
    return 1 if x >= 3 else 2
---
def f(x):
    return 2 if 3 > x else 1
## a chain and two comparisons
def f(x, y, z):
    return 1 if x < y < z else 2
---
def f(x, y, z):
    return 1 if x < y and y < z else 2
## isinstance of a tuple and of each
def f(x):
    return 1 if isinstance(x, (int, str)) else 2
---
def f(x):
    return 1 if isinstance(x, int) or isinstance(x, str) else 2
## isinstance of a union and of a tuple
def f(x):
    return 1 if isinstance(x, dict | list) else 2
---
def f(x):
    return 1 if isinstance(x, (dict, list)) else 2
## isinstance of unknown classes
from lib import A, B
def f(x):
    return 1 if isinstance(x, (A, B)) else 2
---
from lib import A, B
def f(x):
    return 1 if isinstance(x, A) or isinstance(x, B) else 2
## membership of a list and of a set
def f(x):
    return 1 if x in ["a", "b"] else 2
---
def f(x):
    return 1 if x in {"b", "a"} else 2
## membership and comparisons
def f(x):
    return 1 if x in (1, 2) else 2
---
def f(x):
    return 1 if x == 1 or x == 2 else 2
## membership of an unknown
def f(x, y):
    return 1 if x in y else 2
---
def f(x, y):
    return 2 if x not in y else 1
## None by is and by is not
def f(x):
    return 1 if x is None else x.a
---
def f(x):
    return x.a if x is not None else 1
## a default by getattr and by hasattr
def f(x):
    return getattr(x, "a", None)
---
def f(x):
    return x.a if hasattr(x, "a") else None
## an attribute by name and by getattr
def f(x):
    return x.a.b
---
def f(x):
    return getattr(getattr(x, "a"), "b")
## writes in another order
def f(x):
    x.a = 1
    x.b = 2
---
def f(x):
    x.b = 2
    x.a = 1
## a write that is written over
def f(x):
    x.a = 0
    x.a = 1
---
def f(x):
    setattr(x, "a", 1)
## what was written is read
def f(x):
    x.a = [1]
    x.a.append(2)
    return x.a
---
def f(x):
    x.a = [1, 2]
    return x.a
## items that were written
def f(x):
    x["k"] = 1
    del x["j"]
    return x["k"], "k" in x, "j" in x
---
def f(x):
    del x["j"]
    x["k"] = 1
    return 1, True, False
## a call whose result is used twice
from lib import g
def f(x):
    return g(x), g(x)
---
from lib import g
def f(x):
    y = g(x)
    return y, y
## reads in another order
def f(x):
    a, b = x.a, x.b
    return a, b
---
def f(x):
    b = x.b
    return x.a, b
## names of an import
import lib
def f(x):
    return lib.g(x)
---
from lib import g as h
def f(x):
    return h(x)
## keywords in another order
from lib import g
def f(x):
    return g(a=x, b=1)
---
from lib import g
def f(x):
    return g(b=1, a=x)
## what a file gives in a with statement
def f(x):
    with open(x) as file:
        return file.read()
---
def f(x):
    with open(x) as file:
        text = file.read()
    return text
## a file in a with statement is the file
def f(x):
    with open(x) as file:
        text = file.read()
---
def f(x):
    file = open(x)
    with file:
        text = file.read()
## an exception of an unknown class
from lib import SomeError
def f(x):
    try:
        raise SomeError(x)
    except SomeError:
        return 1
---
def f(x):
    return 1
## an unknown class is no builtin one
from lib import SomeError
def f(x):
    try:
        return int("x")
    except SomeError:
        return 1
    except ValueError:
        return 2
---
def f(x):
    return 2
## a subclass of an unknown exception
import lib
class Mine(lib.SomeError):
    pass
def f(x):
    try:
        raise Mine("a")
    except lib.SomeError as e:
        return str(e)
---
def f(x):
    return "a"
## an unknown decorator keeps what it decorates
from lib import route
@route("/x")
def g(x):
    return [x]
def f(x):
    return g(x)
---
def f(x):
    return [x]
## a method of an unknown base class
from lib import Base
class A(Base):
    def own(self):
        return 1
def f(x):
    return A().own()
---
def f(x):
    return 1
## awaiting
async def f(x):
    return (await x.get()).text
---
async def f(x):
    response = await x.get()
    return response.text
## an operator and its method
from operator import attrgetter
def f(x):
    return attrgetter("a.b")(x)
---
def f(x):
    return x.a.b
## a sorted list of what is known
def f(x):
    return sorted(["b", "a"]), x
---
def f(x):
    return ["a", "b"], x
""")

OTHER = rows(r"""
## another attribute
def f(x):
    return x.a
---
def f(x):
    return x.b
## another order of operands
def f(x, y):
    return x - y
---
def f(x, y):
    return y - x
## another operator
def f(x, y):
    return x + y
---
def f(x, y):
    return x * y
## another format
def f(x):
    return f"{x}"
---
def f(x):
    return f"{x!r}"
## another item
def f(x):
    return x[0]
---
def f(x):
    return x[1]
## another key
def f(x):
    return x["a"]
---
def f(x):
    return x["b"]
## another argument
from lib import g
def f(x):
    return g(x, 1)
---
from lib import g
def f(x):
    return g(x, 2)
## another keyword
from lib import g
def f(x):
    return g(x, a=1)
---
from lib import g
def f(x):
    return g(x, b=1)
## a call for its effect
def f(x):
    x.save()
---
def f(x):
    pass
## a call more
def f(x):
    x.save()
---
def f(x):
    x.save()
    x.save()
## calls in another order
def f(x):
    x.open()
    x.lock()
---
def f(x):
    x.lock()
    x.open()
## a write
def f(x):
    x.a = 1
---
def f(x):
    x.a = 2
## a write that is gone
def f(x):
    x.a = 1
---
def f(x):
    pass
## a deletion
def f(x):
    del x["a"]
---
def f(x):
    pass
## a message of the log
import logging
log = logging.getLogger(__name__)
def f(x):
    log.info("saved %s", x)
---
import logging
log = logging.getLogger(__name__)
def f(x):
    log.info("stored %s", x)
## a warning
import warnings
def f(x):
    warnings.warn("old", DeprecationWarning)
---
def f(x):
    pass
## a read of a file more
def f(x):
    return x.read()
---
def f(x):
    x.read()
    return x.read()
## what is awaited
async def f(x):
    return await x.get()
---
async def f(x):
    return x.get()
## an exception of another class
from lib import AError, BError
def f(x):
    raise AError("a")
---
from lib import AError, BError
def f(x):
    raise BError("a")
## an exception with another message
from lib import AError
def f(x):
    raise AError("a")
---
from lib import AError
def f(x):
    raise AError("b")
## what super is told
from lib import Base
class A(Base):
    def save(self, x):
        super().save(x, 1)
def f(x):
    A().save(x)
---
from lib import Base
class A(Base):
    def save(self, x):
        super().save(x, 2)
def f(x):
    A().save(x)
## truth and None
def f(x):
    return 1 if x else 2
---
def f(x):
    return 1 if x is None else 2
## equality and identity of lists
def f(x):
    return [x] == [x]
---
def f(x):
    return [x] is [x]
## what a generator yields
def f(x):
    yield x.a
---
def f(x):
    yield x.b
## what a result does when it is called
def f(x):
    return lambda y: y + x
---
def f(x):
    return lambda y: x + y
""")

# C code refuses an unknown object; it gets a value of the right type and the run starts again.
GIVEN = rows(r"""
## one character
import unicodedata
def f(x):
    return unicodedata.east_asian_width(x), ord(x)
-> ('Na', 97)
## join
def f(x):
    return type(", ".join(x.names))
-> str
## join of a list of unknowns
def f(x):
    return "-".join([x.a, "b"]).endswith("-b")
-> True
## timedelta
from datetime import timedelta
def f(x):
    return type(timedelta(seconds=x.age))
-> datetime.timedelta
## fspath
import os
def f(x):
    return type(os.fspath(x))
-> str
## path.join
import os.path
def f(x):
    return os.path.dirname(os.path.join("dir", x.name))
-> 'dir'
## match
import re
def f(x):
    return re.match(".*", x.text) is None
-> False
## int
def f(x):
    return type(int(x.count) + 1)
-> int
## float
def f(x):
    return type(float(x.share) * 2)
-> float
## range
def f(x):
    return type(range(x.count))
-> range
## a keyword mapping
def g(**options):
    return type(options)
def f(x):
    return g(**x.options)
-> dict
## a star
def g(*items):
    return type(items)
def f(x):
    return g(*x.items_)
-> tuple
## an index
def f(x):
    return [5, 5, 5, 5][x.index]
-> 5
## a text and a plus
def f(x):
    return ("a" + x.name)[0]
-> 'a'
## a text and a star
def f(x):
    return type("ab" * x.count)
-> str
## a format of a number
def f(x):
    return len(f"{x.share:.0f}|{x.count:03d}") > 4
-> True
## rounding
def f(x):
    return type(round(x.share, 1))
-> float
## a dictionary
def f(x):
    return type(dict(x.options))
-> dict
## a set
def f(x):
    return {1, 2} <= {1, 2} | x.seen
-> True
## a method of texts
def f(x):
    return type(x.name.startswith("a"))
-> bool
## a sum
def f(x):
    return sum(x.counts) == 0 + sum(list(x.counts))
-> True
## json
import json
def f(x):
    return json.loads(json.dumps([x.flag])) == [x.flag]
-> True
## encode
def f(x):
    return type(x.name.encode())
-> bytes
## divmod
def f(x):
    return divmod(x.count, 2) == (x.count // 2, x.count % 2)
-> True
## sorting
def f(x):
    return sorted([3, x.count]) == sorted([x.count, 3])
-> True
""")

SEEN = rows(r"""
## a property
class A:
    @property
    def f(self):
        return self.x
-> self.x
## a class method
class A:
    @classmethod
    def f(cls, x):
        return cls.__name__, x
-> ('A', x)
## a static method
class A:
    @staticmethod
    def f(x):
        return [x]
-> [x]
## an object nobody constructed
class A:
    def f(self):
        return self.a.b
-> self.a.b
## a method calls another
class A:
    def f(self, x):
        return self.g(x)
    def g(self, x):
        return [x]
-> [x]
## a coroutine
async def f(x):
    return x
-> x
## a context manager
from contextlib import contextmanager
@contextmanager
def f(x):
    yield x
-> <context manager giving x>
## a method with an unknown base
from lib import Base
class A(Base):
    def f(self, x):
        return super().f(x)
-> super().f(x)
## an attribute of an unknown base
from lib import Base
class A(Base):
    def f(self):
        return self.a
-> self.a
## an abstract class with an unknown base
from abc import ABC, abstractmethod
from lib import Base
class A(Base, ABC):
    @abstractmethod
    def g(self): ...
    def f(self):
        return self.a
-> self.a
""")


def parameters(source: str) -> dict[str, str | None]:
    """Every parameter of `f` is an unknown object."""
    head = source[source.rindex("def f(") :].partition("(")[2].partition(")")[0]
    return {name: None for name in head.split(", ") if name not in ("", "self", "cls")}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_the_same_question_is_one_question(sandbox: Sandbox, before: str, after: str) -> None:
    one, other = outcomes(sandbox, before, after, **parameters(before))
    assert one.kind == "returned"
    assert one == other


@pytest.mark.parametrize(("before", "after"), OTHER.values(), ids=OTHER)
def test_another_question_is_another_question(sandbox: Sandbox, before: str, after: str) -> None:
    one, other = outcomes(sandbox, before, after, **parameters(before))
    assert "unfinished" not in (one.kind, other.kind)
    assert one != other


@pytest.mark.parametrize(("source", "value"), GIVEN.values(), ids=GIVEN)
def test_c_code_gets_a_value_of_the_right_type(sandbox: Sandbox, source: str, value: str) -> None:
    found = outcome(sandbox, source, **parameters(source))
    assert (found.kind, found.value) == ("returned", value), found.message


@pytest.mark.parametrize(("source", "value"), SEEN.values(), ids=SEEN)
def test_a_function_is_called_as_its_users_would(sandbox: Sandbox, source: str, value: str) -> None:
    is_method = "class A" in source
    binding = next((b for b in ("property", "classmethod", "staticmethod") if f"@{b}" in source), "method")
    target = {"target": "A.f", "binding": binding} if is_method else {}
    found = outcome(sandbox, source, **target, **parameters(source))
    assert (found.kind, found.value) == ("returned", value), found.message
