"""Small programs of all kinds, and what they are about; the sandbox must give what CPython gives."""

from __future__ import annotations

from sections import sections

MODULES = (
    "base64",
    "bisect",
    "collections",
    "datetime",
    "decimal",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "json",
    "math",
    "os",
    "re",
    "struct",
    "textwrap",
    "urllib.parse",
    "zlib",
)

_EXPRESSIONS = r"""
## string methods
'  Ab,c '.strip().split(',') + ['x'.zfill(3), 'ab'.center(6, '*'), 'aXb'.swapcase(), 'ab'.title()]
## string searches
('banana'.find('na', 3), 'banana'.rindex('a'), 'banana'.count('an'), 'x' in 'banana')
## string partition
'a=b=c'.partition('=') + 'a=b=c'.rpartition('=')
## string translation
'hello'.translate(str.maketrans('el', 'ip', 'o'))
## unicode
('ß'.upper(), 'İ'.lower(), 'é'.encode(), '１२'.isdigit(), int('१२'), 'ﬁ'.casefold())
## codecs
('ä'.encode('latin-1'), b'\xff'.decode('utf-8', 'replace'), 'あ'.encode('shift_jis'))
## bytes
(bytes([1, 255]), bytearray(b'ab') + b'c', b'a-b'.split(b'-'), b'ab'.hex(), memoryview(b'abc')[1])
## percent formatting
'%05.1f|%-4s|%+d|%x|%r|%%' % (3.14159, 'a', 5, 255, 'q')
## str.format
'{0!r:>5}{a[1]}{b.real:03d}{1:,}'.format('x', 1234567, a=[1, 2], b=7)
## f-strings
[f'{x:>4}{x!r}{x=}' for x in ('a', 1)] + [f'{3.14159:.2e}', f'{1e6:,.0f}', f'{255:#06x}']
## float repr
(0.1 + 0.2, 1e22, 1e16, 5e-324, -0.0, float('inf'), float('nan'), 1 / 3)
## rounding
(round(2.675, 2), round(0.5), round(1.5), round(-2.5), round(1234, -2), int(-3.7), divmod(-7, 3))
## integers
(2 ** 100, -7 // 2, -7 % 3, 1 << 40, ~5, (255).to_bytes(2, 'big'), int('ff', 16), bin(10), (10).bit_length())
## big integers
sum(10 ** k for k in range(60)) // 7
## complex
((1 + 2j) * (3 - 1j), abs(3 + 4j), (1j) ** 2)
## booleans
(True + True, not [], bool('0'), [] or 'x', 1 and 2, 1 < 2 < 2, None is None)
## sorted sets
(sorted({3, 1, 2} | {5}), sorted({1, 2} ^ {2, 3}), {1, 2} <= {1, 2, 3}, len({1, 1.0, True}))
## dictionaries
list({**{'b': 1, 'a': 2}, 'b': 3}.items()) + [{'x': 1}.get('y', 0), dict(a=1) | {'b': 2}]
## dictionary views
({'a': 1}.keys() & {'a', 'b'}, list({1: 2, 3: 4}.values()), dict.fromkeys('ab', 0))
## slices
([0, 1, 2, 3, 4][::-2], 'abcdef'[-4:-1], list(range(10))[3:-2:2], (1, 2, 3)[5:], slice(1, None, 2))
## comprehensions
([x * y for x in range(3) for y in range(x) if x], {k: v for k, v in zip('ab', (1, 2))})
## generators
(sum(x * x for x in range(5)), list(zip(*[[1, 2], [3, 4]])), next((x for x in []), 'none'))
## iterators
(list(enumerate('ab', 1)), list(reversed([1, 2])), list(map(max, [1, 5], [3, 2])), any([0, 1]), all([]))
## unpacking
(lambda a, *b, **c: (a, b, c))(*[1, 2], *(3,), **{'x': 4})
## sorting
(sorted(['b', 'A', 'c'], key=str.lower), sorted([3, 1, 2], reverse=True), min('b', 'a'), max([], default=0))
## ranges
(range(5), list(range(5, 0, -2)), 3 in range(0, 9, 3), range(10)[2:5], len(range(0, 7, 3)))
## walrus
[y for x in (1, 2, 3) if (y := x * 2) > 2]
## re
(re.sub(r'(a)(b)', r'\2_\1', 'abab'), re.findall(r'\d+', 'a1b22'))
## re groups
re.match(r'(?P<y>\d{4})-(?P<m>\d\d)', '2024-05').groupdict()
## re split
re.split(r'(?i)\s*(?:and|,)\s*', 'a AND b, c')
## json
(json.dumps({'b': [1, None, True], 'a': 'é'}, sort_keys=True), json.loads('[1.5, {}]'))
## datetime
datetime.datetime(2024, 2, 28, 23).isoformat() + str(datetime.timedelta(hours=25))
## datetime arithmetic
str(datetime.date(2024, 2, 28) + datetime.timedelta(days=2))
## strptime
str(datetime.datetime.strptime('03 Feb 2021', '%d %b %Y'))
## decimal
(str(decimal.Decimal('1.10') + 2), str(fractions.Fraction(6, 4)))
## math
(math.floor(-1.5), math.gcd(12, 18), math.isclose(0.1 + 0.2, 0.3))
## itertools
[list(g) for _, g in itertools.groupby('aabb')] + list(itertools.combinations('abc', 2))
## collections
(collections.Counter('abca').most_common(1), collections.deque([1, 2], 1))
## functools
functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])
## textwrap
textwrap.wrap('the quick brown fox', 9) + [textwrap.dedent('  a\n   b')]
## urllib.parse
(urllib.parse.quote('a b/é'), urllib.parse.urlsplit('http://x:80/p?q').port)
## posix paths
(os.path.join('a', '/b', 'c'), os.path.splitext('x.tar.gz'))
## hashing
(hashlib.sha256(b'a').hexdigest()[:8], zlib.crc32(b'a'), base64.b64encode(b'ab'))
## struct
struct.unpack('<HI', struct.pack('<HI', 1, 2))
## bisect and heapq
(bisect.bisect([1, 3, 5], 3), heapq.nsmallest(2, [3, 1, 2]))
## type names
[type(v).__name__ for v in (1, 'a', None, [], {}, 1.0, len, lambda: 0)]
## isinstance
(isinstance(True, int), isinstance('a', (int, str)), isinstance(1, int | str), issubclass(bool, int))
"""

_FUNCTIONS = r"""
## for else
def f():
    for x in [1, 3]:
        if x == 2:
            break
    else:
        return 'none'
## return in finally
def f():
    try:
        return 1
    finally:
        print('end')
## closures
def f():
    total = 0
    def add(n):
        nonlocal total
        total += n
        return total
    return [add(1), add(2)]
## default that lives on
def g(x, seen=[]):
    seen.append(x)
    return seen
def f():
    return g(1) and g(2)
## generator protocol
def g():
    got = yield 1
    yield got * 2
    return 9
def f():
    it = g()
    return next(it), it.send(4), list(it)
## yield from
def g():
    x = yield from iter([1, 2])
    yield x
def f():
    return list(g())
## classes
class A:
    n = 1
    def __init__(self, x):
        self.x = x
    def __eq__(self, o):
        return self.x == o.x
    def __repr__(self):
        return f'A({self.x})'
class B(A):
    def __init__(self, x):
        super().__init__(x + 1)
def f():
    return [B(1), A(2) == B(1), B.__mro__[1].__name__, A(0) != A(0)]
## properties
class A:
    @property
    def x(self):
        return self._x
    @x.setter
    def x(self, v):
        self._x = v * 2
    @classmethod
    def make(cls):
        return cls()
    @staticmethod
    def twice(v):
        return v * 2
def f():
    a = A.make()
    a.x = A.twice(2)
    return a.x, vars(a)
## dataclasses
from dataclasses import dataclass, field, replace, asdict
@dataclass(order=True, frozen=True)
class P:
    x: int
    y: list = field(default_factory=list)
def f():
    return [P(1), P(1) < P(2), replace(P(1), x=5), asdict(P(3, [1])), hash(P(1, ())) == hash(P(1, ()))]
## enum
import enum
class C(enum.IntEnum):
    A = 1
    B = enum.auto()
class D(enum.Enum):
    X = 'x'
def f():
    return [C.B + 1, C['A'].name, D('x').name, list(D.__members__), C.A is C(1)]
## named tuples
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: int = 2
def f():
    return [P(1), P(1)._replace(x=3), P(1) == (1, 2), P._fields]
## slots and descriptors
class A:
    __slots__ = ('x',)
class D:
    def __get__(self, obj, owner):
        return owner.__name__
class E:
    d = D()
def f():
    a = A()
    a.x = 1
    try:
        a.y = 2
    except AttributeError:
        return [a.x, E().d]
## exceptions
class E(ValueError):
    def __init__(self, code):
        super().__init__(f'code {code}')
        self.code = code
def f():
    try:
        try:
            {}['x']
        except KeyError as e:
            raise E(3) from e
    except ValueError as e:
        return [str(e), e.code, repr(e.__cause__), type(e).__name__]
## exception groups
def f():
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
    except* ValueError as g:
        a = g.exceptions
    except* KeyError as g:
        b = g.exceptions
    return repr(a), repr(b)
## context managers
from contextlib import contextmanager, suppress
@contextmanager
def m(log):
    log.append('in')
    try:
        yield 5
    finally:
        log.append('out')
def f():
    log = []
    with m(log) as v, suppress(KeyError):
        log.append(v)
        {}[1]
    return log
## match
def g(v):
    match v:
        case {'k': [a, *rest]}:
            return a, rest
        case (1 | 2) as n if n > 1:
            return n
        case str():
            return 's'
        case _:
            return None
def f():
    return [g({'k': [1, 2]}), g(2), g('x'), g(1)]
## caches
from functools import lru_cache, partial, wraps
@lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def deco(g):
    @wraps(g)
    def inner(*a):
        return [g.__name__, *a]
    return inner
@deco
def named(x):
    pass
def f():
    return fib(30), named(1), named.__name__, partial(pow, 2)(5)
## async
async def g(x):
    return x + 1
async def items():
    for x in range(3):
        yield x
async def both():
    return [await g(1)] + [x async for x in items()]
def f():
    c = both()
    try:
        c.send(None)
    except StopIteration as e:
        return e.value
## globals
N = 1
def up():
    global N
    N += 1
    return N
def f():
    return [up(), up(), N]
## deletion
def f():
    d, items = {'a': 1, 'b': 2}, [1, 2, 3]
    del d['a'], items[0:2]
    return d, items
## starred assignment
def f():
    a, *b, (c, d) = 1, 2, 3, (4, 5)
    b[0], a = a, b[0]
    return a, b, c, d
## abstract classes
import abc
class A(abc.ABC):
    @abc.abstractmethod
    def g(self): ...
class B(A):
    def g(self):
        return 'b'
def f():
    try:
        A()
    except TypeError:
        return B().g()
## operators
class V:
    def __init__(self, x):
        self.x = x
    def __add__(self, o):
        return V(self.x + o)
    __radd__ = __add__
    def __getitem__(self, k):
        return k
    def __len__(self):
        return self.x
    def __contains__(self, v):
        return v == self.x
    def __call__(self):
        return 'called'
def f():
    v = V(1) + 1
    return (3 + v).x, v[1:2], v[1, 2], len(v), 2 in v, bool(V(0)), v()
## scopes
x = 'module'
class A:
    x = 'class'
    y = [x for _ in range(1)]
    def g(self):
        return x
def f():
    return A.y, A().g()
"""

_TRACED = r"""
## straight line
def f():
    a = 1
    b = a + 2
    return a * b
## branch
def f():
    x = 3
    if x > 5:
        y = 'big'
    elif x > 2:
        y = 'some'
    else:
        y = 'few'
    return y
## loop with break
def f():
    total = 0
    for i in range(5):
        if i == 3:
            break
        total += i
    return total
## while with else
def f():
    n = 2
    while n:
        n -= 1
    else:
        n = 'end'
    return n
## helper
def g(x):
    y = x * 2
    return y
def f():
    return g(1) + g(2)
## recursion
def f(n=3):
    if n == 0:
        return 1
    return n * f(n - 1)
## caught exception
def f():
    d = {}
    try:
        d['x']
    except KeyError as e:
        return repr(e)
    finally:
        d['y'] = 1
## raised exception
def f():
    x = [1]
    return x[5]
## generator
def g():
    yield 1
    yield 2
def f():
    items = []
    for x in g():
        items.append(x)
    return items
## method
class A:
    def __init__(self, x):
        self.x = x
    def get(self):
        return self.x
def f():
    a = 5
    return A(a).get()
## strings
def f():
    s = 'a,b'
    parts = s.split(',')
    out = ''
    for p in parts:
        out += p.upper() + ';'
    return out[:-1]
## mutation
def f():
    rows = [[1], [2]]
    for row in rows:
        row.append(len(row))
    rows[0], rows[1] = rows[1], rows[0]
    return rows
## comprehension
def f():
    xs = [1, 2, 3]
    ys = [x * 2 for x in xs if x > 1]
    return sum(ys)
"""


EXPRESSIONS = sections(_EXPRESSIONS)
FUNCTIONS = sections(_FUNCTIONS)
TRACED = sections(_TRACED)
