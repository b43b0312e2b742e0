"""Functions that a debugger steps through, each with a call: loops, calls, exceptions, generators, classes, closures.

What traces differently in other versions of Python than the sandbox's is left out: comprehensions, which are functions
of their own up to 3.11, and generators dropped before their end; and so are lambdas, which the sandbox does not trace.
"""

from __future__ import annotations

from sections import rows

_PROGRAMS = """\
## straight
def f(a, b):
    c = a + b
    d = c * 2
    return d - a
-> f(1, 2)
## count letters
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

def f(c):
    word = "strawberry"
    num = count_letters(word, c)
    ans = format_answer(word, c, num)
    return ans
-> f("r")
## if
def f(n):
    if n > 2:
        sign = "big"
    elif n > 0:
        sign = "small"
    else:
        sign = "none"
    return sign
-> f(1)
## else
def f(n):
    if n > 2:
        return "big"
    else:
        n -= 1
    return n
-> f(0)
## for with break
def f(items):
    for i, item in enumerate(items):
        if item == 3:
            break
        item += 1
    else:
        i = -1
    return i
-> f([1, 2, 3, 4])
## for with else
def f(items):
    for item in items:
        if item == 9:
            break
    else:
        return "none"
    return item
-> f([1, 2])
## for with continue
def f(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        total += i
    return total
-> f(5)
## while
def f(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps
-> f(3)
## while with else
def f(n):
    while n:
        n -= 1
    else:
        n = "done"
    return n
-> f(2)
## while true
def f(n):
    while True:
        n -= 1
        if n < 0:
            break
    return n
-> f(2)
## nested loops
def f(n):
    pairs = []
    for i in range(n):
        for j in range(i):
            pairs.append((i, j))
    return pairs
-> f(3)
## one call
def double(x):
    return x * 2

def f(x):
    y = double(x)
    return y + 1
-> f(3)
## calls in one line
def double(x):
    y = x * 2
    return y

def f(x):
    return double(double(x)) + double(1)
-> f(3)
## calls three deep
def a(x):
    return b(x) + 1

def b(x):
    y = c(x)
    return y * 2

def c(x):
    return x - 1

def f(x):
    z = a(x)
    return z
-> f(5)
## call as an argument
def one():
    return 1

def two(x, y):
    return x + y

def f():
    return two(one(), one())
-> f()
## call in a condition
def odd(n):
    return n % 2 == 1

def f(n):
    while odd(n):
        n += 2
        if n > 5:
            n += 1
    return n
-> f(1)
## recursion
def fact(n):
    if n <= 1:
        return 1
    return n * fact(n - 1)

def f(n):
    return fact(n)
-> f(4)
## two recursive calls
def f(n):
    if n < 2:
        return n
    left = f(n - 1)
    right = f(n - 2)
    return left + right
-> f(4)
## mutual recursion
def even(n):
    if n == 0:
        return True
    return odd(n - 1)

def odd(n):
    if n == 0:
        return False
    return even(n - 1)

def f(n):
    return even(n)
-> f(3)
## early return
def f(items):
    for item in items:
        if item < 0:
            return item
    return None
-> f([1, -1, 2])
## no return
def f(items):
    items.append(1)
-> f([])
## pass
def f():
    pass
-> f()
## uncaught exception
def f(items):
    x = 1
    return items[3] + x
-> f([1])
## uncaught exception of a callee
def g(d):
    y = d["b"]
    return y

def f(d):
    x = g(d)
    return x
-> f({})
## caught exception
def f(text):
    try:
        n = int(text)
    except ValueError:
        n = -1
    return n
-> f("x")
## caught exception of a callee
def g(x):
    return 1 // x

def f(x):
    try:
        y = g(x)
    except ZeroDivisionError as error:
        y = str(error)
    return y
-> f(0)
## exception through two callees
def h(x):
    return 1 // x

def g(x):
    y = h(x)
    return y + 1

def f(x):
    try:
        return g(x)
    except ZeroDivisionError:
        return -1
-> f(0)
## try with else
def f(text):
    try:
        n = int(text)
    except ValueError:
        return None
    else:
        n += 1
    return n
-> f("4")
## finally
def f(items):
    try:
        items.append(1)
    finally:
        items.append(2)
    return items
-> f([])
## finally after an exception
def f(items):
    try:
        items.append(1 // 0)
    finally:
        items.append(2)
    return items
-> f([])
## return in finally
def f(items):
    try:
        return items[0]
    finally:
        items.clear()
-> f([5])
## raise
def f(n):
    if n < 0:
        raise ValueError("negative")
    return n
-> f(-1)
## raise from
def f(d):
    try:
        return d["k"]
    except KeyError as error:
        raise RuntimeError("no k") from error
-> f({})
## reraise
def g(d):
    try:
        return d["k"]
    except KeyError:
        raise

def f(d):
    try:
        return g(d)
    except LookupError:
        return 0
-> f({})
## assertion
def f(n):
    assert n > 0, "must be positive"
    return n
-> f(0)
## context manager
class Guard:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, *error):
        self.log.append("out")
        return True

def f(log):
    with Guard(log) as guard:
        log.append(1)
    return log
-> f([])
## context manager that swallows
class Guard:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True

def f(x):
    with Guard():
        x = 1 // x
        x = 5
    return x
-> f(0)
## class
class Account:
    def __init__(self, balance):
        self.balance = balance

    def pay(self, amount):
        if amount > self.balance:
            raise ValueError("too much")
        self.balance -= amount
        return self.balance

def f(amount):
    account = Account(10)
    left = account.pay(amount)
    return left
-> f(3)
## property
class Box:
    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        return self.side ** 2

def f(side):
    box = Box(side)
    if box.area > 5:
        return box.area
    return 0
-> f(3)
## operators
class Money:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        return Money(self.n + other.n)

    def __eq__(self, other):
        return self.n == other.n

def f(a, b):
    total = Money(a) + Money(b)
    return total == Money(3)
-> f(1, 2)
## inheritance
class Base:
    def name(self):
        return "base"

class Derived(Base):
    def name(self):
        inner = Base.name(self)
        return inner + "+"

def f():
    return Derived().name()
-> f()
## static and class methods
class Maker:
    count = 2

    @staticmethod
    def one():
        return 1

    @classmethod
    def many(cls):
        return cls.count + cls.one()

def f():
    n = Maker.many()
    return n
-> f()
## closure
def f(n):
    total = 0
    def add(x):
        nonlocal total
        total += x
        return total
    add(n)
    add(2)
    return total
-> f(1)
## decorator
def twice(function):
    def inner(x):
        y = function(x)
        return function(y)
    return inner

@twice
def add_one(x):
    return x + 1

def f(x):
    return add_one(x)
-> f(1)
## default and keyword arguments
def g(a, b=2, *rest, c=3, **more):
    total = a + b + c
    total += sum(rest)
    return total + len(more)

def f():
    x = g(1)
    y = g(1, 2, 3, 4, c=5, d=6)
    return x + y
-> f()
## global
counter = 0

def bump():
    global counter
    counter += 1
    return counter

def f():
    bump()
    bump()
    return counter
-> f()
## generator
def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1

def f(n):
    total = 0
    for x in numbers(n):
        total += x
    return total
-> f(3)
## generator taken by a builtin
def numbers(n):
    for i in range(n):
        yield i * i

def f(n):
    items = list(numbers(n))
    return sum(items)
-> f(3)
## two generators at once
def up(n):
    for i in range(n):
        yield i

def f(n):
    found = []
    for a in up(n):
        for b in up(a + 1):
            found.append(a + b)
    return found
-> f(2)
## two generators in turns
def up(n):
    for i in range(n):
        yield i

def f(n):
    found = []
    gens = [up(n), up(n)]
    for gen in gens:
        found.append(next(gen))
    for gen in gens:
        found += list(gen)
    return found
-> f(2)
## generator with send
def averager():
    total = 0
    while True:
        x = yield total
        total += x

def f():
    gen = averager()
    next(gen)
    a = gen.send(3)
    b = gen.send(4)
    return a, b
-> f()
## long expression
def f(a):
    value = (
        a
        + 1
        + len(
            "abc"
        )
    )
    return value
-> f(1)
## semicolons
def f(a):
    a += 1; a *= 2
    return a
-> f(1)
## one line each
def g(x): return x + 1

def f(x):
    if x: x = g(x)
    return x
-> f(1)
## binary search
def f(items, wanted):
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
-> f([1, 3, 5, 7], 5)
## bubble sort
def swap(items, i):
    items[i], items[i + 1] = items[i + 1], items[i]

def f(items):
    for end in range(len(items) - 1, 0, -1):
        for i in range(end):
            if items[i] > items[i + 1]:
                swap(items, i)
    return items
-> f([3, 1, 2])
## greatest common divisor
def f(a, b):
    while b:
        a, b = b, a % b
    return a
-> f(12, 18)
## word counts
def f(text):
    counts = {}
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    return counts
-> f("a b a")
## stack machine
def apply(stack, op):
    b = stack.pop()
    a = stack.pop()
    if op == "+":
        return a + b
    return a * b

def f(program):
    stack = []
    for token in program.split():
        if token.isdigit():
            stack.append(int(token))
        else:
            stack.append(apply(stack, token))
    return stack.pop()
-> f("1 2 + 3 *")
## is and in
def f(items, x):
    if x is None:
        return 0
    if x not in items:
        items.append(x)
    return len(items)
-> f([1], 2)
## delete
def f(d):
    for key in list(d):
        if d[key] is None:
            del d[key]
    return d
-> f({"a": None, "b": 1})
## tuples and starred
def f(items):
    first, *rest = items
    last = rest[-1] if rest else first
    return first, last
-> f([1, 2, 3])
## match
def f(shape):
    match shape:
        case ("circle", r):
            return 3 * r * r
        case ("square", a):
            return a * a
        case _:
            return 0
-> f(("square", 2))
## nested try
def f(items):
    try:
        try:
            return items[3]
        except IndexError:
            items.append(0)
            return int("x")
    except ValueError:
        return items
-> f([])
## chained comparison
def f(a, b):
    if 0 < a < b:
        return b - a
    return a and b or 7
-> f(1, 5)
"""

PROGRAMS = [(name, program, call) for name, (program, call) in rows(_PROGRAMS).items()]
"""Name, text of the module, call."""
