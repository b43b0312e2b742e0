"""Small programs that use every kind of control flow, with calls of their `f`: name, source, arguments."""

from __future__ import annotations

PROGRAMS: dict[str, tuple[str, list[str]]] = {
    "straight": (
        """\
def f(x):
    y = x + 1
    return y * 2
""",
        ["3"],
    ),
    "branches": (
        """\
def f(x):
    if x > 2:
        return 'big'
    elif x == 2:
        y = 'two'
    else:
        y = 'small'
    return y
""",
        ["3", "2", "1"],
    ),
    "while, break, continue, else": (
        """\
def f(n):
    out = []
    while n > 0:
        n -= 1
        if n == 5:
            continue
        if n == 2:
            break
        out.append(n)
    else:
        out.append('end')
    return out
""",
        ["7", "2"],
    ),
    "for over a list that grows": (
        """\
def f(xs):
    for x in xs:
        if x < 3:
            xs.append(x + 2)
    return xs
""",
        ["[1, 2]"],
    ),
    "for with else": (
        """\
def f(xs, y):
    for i, x in enumerate(xs):
        if x == y:
            break
    else:
        return -1
    return i
""",
        ["'abc', 'b'", "'abc', 'z'"],
    ),
    "aliases": (
        """\
def f(a):
    b = a
    b.append(1)
    a += [2]
    c = a[:]
    c.append(3)
    return b
""",
        ["[]"],
    ),
    "items of a list of lists": (
        """\
def f(rows):
    for row in rows:
        row.append(0)
    return rows
""",
        ["[[1], []]"],
    ),
    "swap and star": (
        """\
def f(a, b):
    a, b = b, a
    first, *rest = b
    return a, first, rest
""",
        ["[1, 2, 3], 4"],
    ),
    "try, except, finally": (
        """\
def f(d, k):
    log = []
    try:
        log.append(1)
        v = d[k]
    except KeyError as error:
        log.append(2)
        v = None
    else:
        log.append(3)
    finally:
        log.append(4)
    return v, log
""",
        ["{'a': 1}, 'a'", "{'a': 1}, 'b'"],
    ),
    "finally runs before return": (
        """\
def f(out):
    try:
        return len(out)
    finally:
        out.append(1)
""",
        ["[5]"],
    ),
    "an exception leaves": (
        """\
def f(x):
    y = 1 // x
    return y
""",
        ["0"],
    ),
    "raise and base classes": (
        """\
class Own(LookupError):
    pass
def g(x):
    if x:
        raise Own('no ' + x)
    raise ValueError(x)
def f(x):
    try:
        g(x)
    except (IndexError, LookupError) as error:
        return 1
""",
        ["'a'", "''"],
    ),
    "raise again": (
        """\
def f(x):
    try:
        return int(x)
    except ValueError:
        if x:
            raise
    return 0
""",
        ["'a'", "''", "'7'"],
    ),
    "assert": (
        """\
def f(x):
    assert x > 1, f'bad {x}'
    return x
""",
        ["2", "1"],
    ),
    "calls of known functions": (
        """\
LIMIT = 3
def add(a, b=LIMIT, *rest, key=0, **more):
    return a + b + len(rest) + key + len(more)
def f(x):
    return add(x) * add(x, 1, 2, 3, key=4, z=5)
""",
        ["2"],
    ),
    "what a callee does to an argument": (
        """\
def put(xs, x):
    xs.append(x)
def f(xs):
    put(xs, 1)
    put(x=2, xs=xs)
    return len(xs)
""",
        ["[]"],
    ),
    "recursion": (
        """\
def f(n):
    return 1 if n < 2 else n * f(n - 1)
""",
        ["4"],
    ),
    "short circuits call nothing": (
        """\
def boom():
    raise RuntimeError
def f(x):
    a = x and boom()
    b = not x or boom()
    return (a, b)
""",
        ["0"],
    ),
    "closures": (
        """\
def f(n):
    total = 0
    def add(x):
        nonlocal total
        total += x
        return total
    twice = lambda x: add(x) + add(x)
    return twice(n), total
""",
        ["3"],
    ),
    "functions as values": (
        """\
def double(x):
    return x * 2
def apply(g, xs):
    return [g(x) for x in xs if x]
def f(xs):
    return apply(double, xs)
""",
        ["[1, 0, 3]"],
    ),
    "globals": (
        """\
COUNT = 0
def f(x):
    global COUNT
    COUNT += x
    return COUNT
""",
        ["3"],
    ),
    "items and slices": (
        """\
def f(d):
    d['a'] = d.get('a', 0) + 1
    d['b'][0] += 5
    del d['c']
    return d
""",
        ["{'a': 1, 'b': [1, 2], 'c': 3}"],
    ),
    "objects": (
        """\
class Account:
    rate = 2
    def __init__(self, start=0):
        self.start = start
        self.log = []
    def add(self, n):
        self.start += n * self.rate
        self.log.append(n)
        return self
    @property
    def total(self):
        return self.start
def f(n):
    account = Account(start=5)
    account.add(n).add(1)
    return account.total, account.log
""",
        ["3"],
    ),
    "context managers": (
        """\
class Log:
    def __init__(self, out):
        self.out = out
    def __enter__(self):
        self.out.append('in')
        return self
    def __exit__(self, kind, error, trace):
        self.out.append('out')
        return kind is not None
def f(out, x):
    with Log(out) as log:
        log.out.append(1 // x)
    return out
""",
        ["[], 1", "[], 0"],
    ),
    "suppress": (
        """\
from contextlib import suppress
def f(d, k):
    with suppress(KeyError):
        return d[k]
    return 'none'
""",
        ["{1: 2}, 1", "{1: 2}, 3"],
    ),
    "comprehensions keep their names": (
        """\
def f(xs):
    k = 7
    big = [x for x in xs if x > 1]
    double = {k: k * 2 for k in big}
    k += sum(x for x in big)
    return big, double, k
""",
        ["[1, 2, 3]", "[]"],
    ),
    "a view in a variable": (
        """\
def f(d):
    values = d.values()
    out = []
    for value in values:
        out.append(value)
    return out
""",
        ["{1: 'a', 2: 'b'}", "{}"],
    ),
    "loops whose state is hidden": (
        """\
class Counter:
    def __init__(self):
        self.left = 3
    def next(self):
        self.left -= 1
        return self.left
def f(n):
    counter = Counter()
    while counter.next():
        pass
    left = [n]
    def down():
        nonlocal n
        n -= 1
        return n
    while down():
        pass
    a = b = [0]
    while len(b) < 3:
        a.append(1)
    return n, counter.left, left, b
""",
        ["3"],
    ),
    "a name without a value": (
        """\
def f(x):
    if x:
        y = 1
    return y
""",
        ["1", "0"],
    ),
    "wrong arguments": (
        """\
def g(a):
    return a
def f():
    return g(1, 2)
""",
        [""],
    ),
    "an exception that no clause takes": (
        """\
def g(x):
    try:
        return 1 // x
    except KeyError:
        return 0
    except IndexError:
        return 1
def f(x):
    try:
        return g(x)
    except ZeroDivisionError:
        return 2
""",
        ["0", "1"],
    ),
}
