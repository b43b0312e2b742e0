from __future__ import annotations

import pytest
from proofs import outcomes, proof

from cwm_check.layout import same_text

SAME = {
    "comments and layout": ("def f(a):\n    return (a)  # c\n", "def f(a):\n\n    return a\n"),
    "docstring": ("def f(a):\n    'x'\n    return a\n", "def f(a):\n    'y'\n    return a\n"),
    "annotations": (
        "def f(a):\n    b = [a]\n    return b\n",
        "def f(a: int) -> list[int]:\n    b: list[int] = [a]\n    return b\n",
    ),
    "renamed local": (
        "def f(a):\n    x = [a]\n    x.append(x)\n    return len(x)\n",
        "def f(a):\n    y = [a]\n    y.append(y)\n    return len(y)\n",
    ),
    "renamed star parameters": ("def f(*a):\n    return a\n", "def f(*b):\n    return b\n"),
    "renamed comprehension variable": (
        "def f(a):\n    return [x for x in a if x]\n",
        "def f(a):\n    return [y for y in a if y]\n",
    ),
    "percent": ("def f(a, b):\n    return '%s-%r%%' % (a, b)\n", "def f(a, b):\n    return f'{a}-{b!r}%'\n"),
    "format": ("def f(a, b):\n    return '{1} {0!r:>5}'.format(a, b)\n", "def f(a, b):\n    return f'{b} {a!r:>5}'\n"),
    "format by name": ("def f(a):\n    return '{x}{{'.format(x=a)\n", "def f(a):\n    return f'{a}{{'\n"),
    "percent d of an int": ("def f(a):\n    return '%d' % len(a)\n", "def f(a):\n    return f'{len(a)}'\n"),
    "concatenation": ("def f(a):\n    return 'a' + str(a) + 'b'\n", "def f(a):\n    return f'a{a}b'\n"),
    "f-string of one value": ("def f(a):\n    return str(a)\n", "def f(a):\n    return f'{a}'\n"),
    "else after return": (
        "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n",
        "def f(a):\n    if a:\n        return 1\n    return 2\n",
    ),
    "inverted guard": (
        "def f(a):\n    if not a:\n        return 0\n    print(a)\n    return 1\n",
        "def f(a):\n    if a:\n        print(a)\n        return 1\n    return 0\n",
    ),
    "guard with continue": (
        "def f(a):\n    for x in a:\n        if not x:\n            continue\n        print(x)\n",
        "def f(a):\n    for x in a:\n        if x:\n            print(x)\n",
    ),
    "elif after raise": (
        "def f(a):\n    if a == 1:\n        raise ValueError('x')\n    elif a == 2:\n        return 3\n    return 4\n",
        "def f(a):\n    if a == 1:\n        raise ValueError('x')\n    if a == 2:\n        return 3\n    return 4\n",
    ),
    "nested if": (
        "def f(a, b):\n    if a:\n        if b:\n            print(1)\n",
        "def f(a, b):\n    if a and b:\n        print(1)\n",
    ),
    "one body for two tests": (
        "def f(a, b):\n    if a:\n        return 1\n    if b:\n        return 1\n    return 2\n",
        "def f(a, b):\n    if a or b:\n        return 1\n    return 2\n",
    ),
    "returned condition": (
        "def f(a, b):\n    if a is b:\n        return True\n    return False\n",
        "def f(a, b):\n    return a is b\n",
    ),
    "truth of a value": ("def f(a):\n    return True if a else False\n", "def f(a):\n    return bool(a)\n"),
    "conditional assignment": (
        "def f(a):\n    if a:\n        x = 1\n    else:\n        x = [2]\n    return x, x\n",
        "def f(a):\n    x = 1 if a else [2]\n    return x, x\n",
    ),
    "default and override": (
        "def f(a):\n    x = 0\n    if a:\n        x = [a]\n    return x, x\n",
        "def f(a):\n    if a:\n        x = [a]\n    else:\n        x = 0\n    return x, x\n",
    ),
    "or": ("def f(a, b):\n    return a if a else b\n", "def f(a, b):\n    return a or b\n"),
    "De Morgan": (
        "def f(a, b):\n    if not (a and not b):\n        return 1\n    return 2\n",
        "def f(a, b):\n    if not a or b:\n        return 1\n    return 2\n",
    ),
    "not in": ("def f(a, b):\n    return not a in [b]\n", "def f(a, b):\n    return a not in (b,)\n"),
    "equal to one of": (
        "def f(a):\n    if a == 1 or a == 'ab':\n        return 1\n    return 0\n",
        "def f(a):\n    if a in (1, 'ab'):\n        return 1\n    return 0\n",
    ),
    "explicit None": (
        "def f(a):\n    if a:\n        return 1\n    return None\n",
        "def f(a):\n    if a:\n        return 1\n",
    ),
    "while with a condition": (
        "def f(a):\n    n = 0\n    while True:\n        if n >= 3:\n"
        "            break\n        n += 1\n        print(n)\n    return n\n",
        "def f(a):\n    n = 0\n    while not n >= 3:\n        n = n + 1\n        print(n)\n    return n\n",
    ),
    "temporary": ("def f(a):\n    x = a[0]\n    return x\n", "def f(a):\n    return a[0]\n"),
    "message in a variable": (
        "def f(a):\n    if a:\n        raise ValueError('bad %s' % (a,))\n",
        "def f(a):\n    if a:\n        msg = f'bad {a}'\n        raise ValueError(msg)\n",
    ),
    "temporary in a loop": (
        "def f(a):\n    for x in a:\n        y = x[0]\n        print(y)\n",
        "def f(a):\n    for x in a:\n        print(x[0])\n",
    ),
    "parameter bound again": (
        "def f(a):\n    a = list(a)\n    a.append(1)\n    return a\n",
        "def f(a):\n    items = list(a)\n    items.append(1)\n    return items\n",
    ),
    "direct returns in try": (
        "def f(a):\n    try:\n        x = a[0]\n    except IndexError:\n        x = 0\n    return x\n",
        "def f(a):\n    try:\n        return a[0]\n    except IndexError:\n        return 0\n",
    ),
    "else of try": (
        "def f(a):\n    try:\n        x = a[0]\n"
        "    except IndexError:\n        return 0\n    else:\n        return x + x\n",
        "def f(a):\n    try:\n        x = a[0]\n    except IndexError:\n        return 0\n    return x + x\n",
    ),
    "suppress": (
        "import contextlib\ndef f(a):\n    with contextlib.suppress(KeyError):\n        del a['a']\n    return a\n",
        "def f(a):\n    try:\n        del a['a']\n    except KeyError:\n        pass\n    return a\n",
    ),
    "break to the end": (
        "def f(a):\n    for x in a:\n        if x == 1:\n            break\n"
        "    else:\n        return 0\n    print(x)\n    return 1\n",
        "def f(a):\n    for x in a:\n        if x == 1:\n            print(x)\n            return 1\n    return 0\n",
    ),
    "walrus": (
        "def f(a):\n    x = len(a)\n    if x:\n        return [x]\n",
        "def f(a):\n    if x := len(a):\n        return [x]\n",
    ),
    "list loop": (
        "def f(a):\n    r = []\n    for x in a:\n        if x:\n            r.append(x)\n    return r\n",
        "def f(a):\n    return [x for x in a if x]\n",
    ),
    "dict loop": (
        "def f(a):\n    r = {}\n    for x in a:\n        r[x] = 1\n    return r\n",
        "def f(a):\n    return {x: 1 for x in a}\n",
    ),
    "set loop": (
        "def f(a):\n    r = set()\n    for x in a:\n        r.add(x)\n    return r\n",
        "def f(a):\n    return set(x for x in a)\n",
    ),
    "any": (
        "def f(a):\n    for x in a:\n        if x == 3:\n            return True\n    return False\n",
        "def f(a):\n    return any(x == 3 for x in a)\n",
    ),
    "all": (
        "def f(a):\n    for x in a:\n        if not x:\n            return False\n    return True\n",
        "def f(a):\n    return not any(not x for x in a)\n",
    ),
    "yield from": ("def f(a):\n    for x in a:\n        yield x\n", "def f(a):\n    yield from a\n"),
    "list of map": (
        "def f(a):\n    return list(map(lambda x: x + 1, a))\n",
        "def f(a):\n    return [y + 1 for y in a]\n",
    ),
    "constructors": (
        "def f(a):\n    return dict(), list(), tuple(), set([a]), dict(b=a)\n",
        "def f(a):\n    return {}, [], (), {a}, {'b': a}\n",
    ),
    "isinstance": (
        "def f(a):\n    return isinstance(a, int) or isinstance(a, (str, bytes))\n",
        "def f(a):\n    return isinstance(a, (int, str, bytes))\n",
    ),
    "default arguments": (
        "def f(a):\n    print('')\n    return range(0, len(a))\n",
        "def f(a):\n    print()\n    return range(len(a))\n",
    ),
    "match": (
        "def f(a):\n    match a:\n        case 0 | 3:\n            return 1\n"
        "        case str():\n            return 2\n        case _:\n            return 3\n",
        "def f(a):\n    if a == 0 or a == 3:\n        return 1\n"
        "    elif isinstance(a, str):\n        return 2\n    return 3\n",
    ),
    "cast": ("import typing as t\ndef f(a):\n    return t.cast(int, a)\n", "def f(a):\n    return a\n"),
    "aliased error": (
        "def f(a):\n    try:\n        raise IOError(a)\n    except (IOError,):\n        return 1\n",
        "def f(a):\n    try:\n        raise OSError(a)\n    except OSError:\n        return 1\n",
    ),
    "import form": (
        "import os\ndef f(a):\n    return os.path.join(a)\n",
        "from os.path import join as j\ndef f(a):\n    return j(a)\n",
    ),
    "local import": (
        "def f(a):\n    import math\n    return math.floor(a)\n",
        "from math import floor\ndef f(a):\n    return floor(a)\n",
    ),
    "Python 2 alias": (
        "try:\n    unicode\nexcept NameError:\n    unicode = str\ndef f(a):\n    return isinstance(a, unicode)\n",
        "def f(a):\n    return isinstance(a, str)\n",
    ),
    "version test": (
        "import sys\ndef f(a):\n    if sys.version_info >= (3, 8):\n        return a\n    return None\n",
        "def f(a):\n    return a\n",
    ),
    "sort key": (
        "def f(a):\n    return sorted(a, key=lambda x: str(x))\n",
        "def f(a):\n    return sorted(a, key=lambda y: str(y))\n",
    ),
    "named constant": ("LIMIT = 3\ndef f(a):\n    return a == LIMIT\n", "def f(a):\n    return a == 3\n"),
    "renamed definition": ("_a = [1]\ndef f(a):\n    return _a\n", "_B = [1]\ndef f(a):\n    return _B\n"),
    "equal helper": (
        "def g(a):\n    x = a\n    return x\ndef f(a):\n    y = [g(a)]\n    return y, y\n",
        "def g(a):\n    return a\ndef f(a):\n    z = [g(a)]\n    return z, z\n",
    ),
}

DIFFERENT = {
    "renamed parameter": ("def f(a):\n    return a\n", "def f(b):\n    return b\n"),
    "swapped locals": ("def f(a):\n    x, y = a\n    return x - y\n", "def f(a):\n    x, y = a\n    return y - x\n"),
    "renamed nested function": (
        "def f(a):\n    def g(): return a\n    return g\n",
        "def f(a):\n    def h(): return a\n    return h\n",
    ),
    "docstring that is read": (
        "def f(a):\n    'x'\n    return f.__doc__\n",
        "def f(a):\n    'y'\n    return f.__doc__\n",
    ),
    "local seen by locals": (
        "def f(a):\n    x = 1\n    return locals()\n",
        "def f(a):\n    y = 1\n    return locals()\n",
    ),
    "local seen by eval": (
        "def f(a):\n    x = 1\n    return eval('x')\n",
        "def f(a):\n    y = 1\n    return eval('x')\n",
    ),
    "percent of one value": ("def f(a):\n    return '%s' % a\n", "def f(a):\n    return f'{a}'\n"),
    "percent d": ("def f(a):\n    return '%d' % (a,)\n", "def f(a):\n    return f'{a}'\n"),
    "wrong order": ("def f(a, b):\n    return '{} {}'.format(a, b)\n", "def f(a, b):\n    return f'{b} {a}'\n"),
    "other conversion": ("def f(a):\n    return '%s' % (a,)\n", "def f(a):\n    return f'{a!r}'\n"),
    "values that change each other": (
        "def f(a):\n    return '%s%s' % (a, a.pop())\n",
        "def f(a):\n    return f'{a}{a.pop()}'\n",
    ),
    "concatenation of anything": ("def f(a):\n    return 'a' + a\n", "def f(a):\n    return f'a{a}'\n"),
    "code after a branch that goes on": (
        "def f(a):\n    if a:\n        print(1)\n    else:\n        print(2)\n",
        "def f(a):\n    if a:\n        print(1)\n    print(2)\n",
    ),
    "or for and": (
        "def f(a, b):\n    if not (a and b):\n        return 1\n",
        "def f(a, b):\n    if not a and not b:\n        return 1\n",
    ),
    "value for truth": ("def f(a):\n    if a:\n        return True\n    return False\n", "def f(a):\n    return a\n"),
    "not of a comparison": ("def f(a, b):\n    return not a == b\n", "def f(a, b):\n    return a != b\n"),
    "lost default": (
        "def f(a):\n    x = 0\n    if a:\n        x = 1\n    return x\n",
        "def f(a):\n    if a:\n        x = 1\n    return x\n",
    ),
    "default that the test reads": (
        "def f(a):\n    x = 0\n    if x == a:\n        x = 1\n    return x\n",
        "def f(a):\n    x = 1 if 2 == a else 0\n    return x\n",
    ),
    "set for tuple": ("def f(a):\n    return a in (1, 2)\n", "def f(a):\n    return a in {1, 2}\n"),
    "is for equality": ("def f(a):\n    return a == None\n", "def f(a):\n    return a is None\n"),
    "temporary after a change": (
        "def f(a):\n    x = a[0]\n    a.clear()\n    return x\n",
        "def f(a):\n    a.clear()\n    return a[0]\n",
    ),
    "temporary behind a call": (
        "def f(a):\n    x = a.pop()\n    return [a.copy(), x]\n",
        "def f(a):\n    return [a.copy(), a.pop()]\n",
    ),
    "temporary in a branch": (
        "def f(a):\n    x = print(a)\n    return a and x\n",
        "def f(a):\n    return a and print(a)\n",
    ),
    "temporary that a handler reads": (
        "def f(a):\n    x = 0\n    try:\n        x = a[0]\n"
        "        return int(x)\n    except (ValueError, TypeError):\n        return x\n"
        "    except (LookupError):\n        return 1\n",
        "def f(a):\n    x = 0\n    try:\n        return int(a[0])\n"
        "    except (ValueError, TypeError):\n        return x\n    except (LookupError):\n        return 1\n",
    ),
    "temporary that the next round reads": (
        "def f(a):\n    x = 0\n    for y in a:\n        print(x)\n        x = y\n        print(x)\n",
        "def f(a):\n    x = 0\n    for y in a:\n        print(x)\n        print(y)\n",
    ),
    "increment of a mutable": (
        "def f(a):\n    x = [a]\n    y = x\n    x += [1]\n    return y\n",
        "def f(a):\n    x = [a]\n    y = x\n    x = x + [1]\n    return y\n",
    ),
    "parameter that a closure reads": (
        "def f(a):\n    g = lambda: a\n    a = 1\n    return g(), a\n",
        "def f(a):\n    g = lambda: a\n    b = 1\n    return g(), b\n",
    ),
    "longer try": (
        "def f(a):\n    try:\n        x = a[0]\n    except IndexError:\n        return 0\n    return x[5]\n",
        "def f(a):\n    try:\n        x = a[0]\n        return x[5]\n    except IndexError:\n        return 0\n",
    ),
    "else of try with a handler that goes on": (
        "def f(a):\n    try:\n        a[0]\n    except IndexError:\n        print(0)\n    else:\n        print(1)\n",
        "def f(a):\n    try:\n        a[0]\n    except IndexError:\n        print(0)\n    print(1)\n",
    ),
    "else of a loop with break": (
        "def f(a):\n    for x in a:\n        if x:\n            break\n    else:\n        print(1)\n",
        "def f(a):\n    for x in a:\n        if x:\n            break\n    print(1)\n",
    ),
    "break from the inner loop only": (
        "def f(a):\n    for x in a:\n        for y in [1, 2]:\n"
        "            if x:\n                break\n        print(x)\n    return 1\n",
        "def f(a):\n    for x in a:\n        for y in [1, 2]:\n"
        "            if x:\n                return 1\n        print(x)\n    return 1\n",
    ),
    "walrus behind a call": (
        "def f(a):\n    x = a.pop()\n    return [len(a), x]\n",
        "def f(a):\n    return [len(a), (x := a.pop())]\n",
    ),
    "loop variable read later": (
        "def f(a):\n    x = 9\n    r = []\n    for x in a:\n        r.append(x)\n    return r, x\n",
        "def f(a):\n    x = 9\n    r = [x for x in a]\n    return r, x\n",
    ),
    "list that the loop reads": (
        "def f(a):\n    r = []\n    for x in a:\n        r.append(len(r))\n    return r\n",
        "def f(a):\n    r = [0 for x in a]\n    return r\n",
    ),
    "partly filled list": (
        "def f(a):\n    try:\n        r = []\n        for x in a:\n"
        "            r.append(1 / x)\n    except ZeroDivisionError:\n        pass\n    return r\n",
        "def f(a):\n    r = []\n    try:\n"
        "        r = [1 / x for x in a]\n    except ZeroDivisionError:\n        pass\n    return r\n",
    ),
    "any for all": (
        "def f(a):\n    for x in a:\n        if x:\n            return True\n    return False\n",
        "def f(a):\n    return all(x for x in a)\n",
    ),
    "any of a list": (
        "def f(a):\n    return any(print(x) for x in a)\n",
        "def f(a):\n    return any([print(x) for x in a])\n",
    ),
    "lazy generator": ("def f(a):\n    return (x for x in a)\n", "def f(a):\n    return [x for x in a]\n"),
    "dead yield": ("def f(a):\n    return\n    yield\n", "def f(a):\n    return\n"),
    "return in a loop": (
        "def f(a):\n    for x in a:\n        print(x)\n        return\n",
        "def f(a):\n    for x in a:\n        print(x)\n",
    ),
    "changed default": ("def f(a, b=1):\n    return a\n", "def f(a, b=2):\n    return a\n"),
    "shadowed builtin": (
        "def dict():\n    return 1\ndef f(a):\n    return dict()\n",
        "def dict():\n    return 1\ndef f(a):\n    return {}\n",
    ),
    "new Python version": (
        "import sys\ndef f(a):\n    if sys.version_info >= (3, 99):\n        return a\n    return None\n",
        "import sys\ndef f(a):\n    return a\n",
    ),
    "other constant": (
        "LIMIT = 3\ndef f(a):\n    return a == LIMIT\n",
        "LIMIT = 4\ndef f(a):\n    return a == LIMIT\n",
    ),
    "constant bound again": (
        "X = 3\ndef g():\n    global X\n    X = 4\ndef f(a):\n    return a == X\n",
        "X = 3\ndef g():\n    global X\n    X = 4\ndef f(a):\n    return a == 3\n",
    ),
    "list that is filled later": (
        "A = [1]\nA.append(2)\ndef f(a):\n    x = A[0]\n    return x\n",
        "A = [1]\nA.insert(0, 2)\ndef f(a):\n    return A[0]\n",
    ),
    "map with a closure": (
        "def f(a):\n    return [g() for g in list(map(lambda x: (lambda: x), a))]\n",
        "def f(a):\n    return [g() for g in [(lambda: x) for x in a]]\n",
    ),
    "except*": (
        "def f(a):\n    x = 0\n    try:\n        x = a[0]\n"
        "        print(x)\n    except* ValueError:\n        pass\n    return x\n",
        "def f(a):\n    x = 0\n    try:\n        print(a[0])\n    except* ValueError:\n        pass\n    return x\n",
    ),
    "two equal lists": (
        "A = [1]\nB = [1]\ndef f(a):\n    A.append(a)\n    return B\n",
        "A = [1]\nB = [1]\ndef f(a):\n    B.append(a)\n    return B\n",
    ),
    "changed helper": (
        "def g(a):\n    return a\ndef f(a):\n    x = g(a)\n    return x\n",
        "def g(a):\n    return [a]\ndef f(a):\n    return g(a)\n",
    ),
    "changed helper of a helper": (
        "def h(a):\n    return a\ndef g(a):\n    return h(a)\ndef f(a):\n    x = g(a)\n    return x\n",
        "def h(a):\n    return [a]\ndef g(a):\n    return h(a)\ndef f(a):\n    return g(a)\n",
    ),
    "other import": (
        "from math import floor as g\ndef f(a):\n    return g(a)\n",
        "from math import ceil as g\ndef f(a):\n    return g(a)\n",
    ),
    "shared closure variable": (
        "def f(a):\n    n = [0]\n    def g():\n        nonlocal n\n"
        "        n = [1]\n        return 2\n    x = g()\n    return n, x\n",
        "def f(a):\n    n = [0]\n    def g():\n"
        "        nonlocal n\n        n = [1]\n        return 2\n    return n, g()\n",
    ),
    "async": ("def f(a):\n    return a\n", "async def f(a):\n    return a\n"),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME.keys())
def test_equal_behaviour_is_proved(before: str, after: str) -> None:
    assert proof(before, after) is not None
    assert proof(after, before) is not None
    assert outcomes(before) == outcomes(after)


@pytest.mark.parametrize(("before", "after"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_other_behaviour_is_not_proved(before: str, after: str) -> None:
    assert proof(before, after) is None
    assert proof(after, before) is None


METHODS_SAME = {
    "super": (
        "class C(B):\n    def f(self):\n        return super(C, self).f()\n",
        "class C(B):\n    def f(self):\n        return super().f()\n",
    ),
    "annotation of an attribute": (
        "class C:\n    def f(self, a):\n        self.a = a\n",
        "class C:\n    def f(self, a: int) -> None:\n        self.a: int = a\n",
    ),
    "harmless decorator": (
        "class C:\n    @property\n    def f(self):\n        'x'\n        return 1\n",
        "class C:\n    @property\n    def f(self) -> int:\n        'y'\n        return 1\n",
    ),
}

METHODS_DIFFERENT = {
    "super of another class": (
        "class C(B):\n    def f(self):\n        return super(B, self).f()\n",
        "class C(B):\n    def f(self):\n        return super().f()\n",
    ),
    "super of another object": (
        "class C(B):\n    def f(self, other):\n        return super(C, other).f()\n",
        "class C(B):\n    def f(self, other):\n        return super().f()\n",
    ),
    "super in a nested function": (
        "class C(B):\n    def f(self):\n        return [super(C, self).f() for _ in range(2)]\n",
        "class C(B):\n    def f(self):\n        return [super().f() for _ in range(2)]\n",
    ),
    "super in a class that a decorator replaces": (
        "@slots\nclass C(B):\n    def f(self):\n        return super(C, self).f()\n",
        "@slots\nclass C(B):\n    def f(self):\n        return super().f()\n",
    ),
    "annotation that is dispatched on": (
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def f(self, a: int):\n        return a\n",
        "import functools\nclass C:\n    @functools.singledispatchmethod\n    def f(self, a: str):\n        return a\n",
    ),
    "docstring of a command": (
        "import click\nclass C:\n    @click.command()\n    def f(self):\n        'x'\n",
        "import click\nclass C:\n    @click.command()\n    def f(self):\n        'y'\n",
    ),
    "annotation of a route": (
        "class C:\n    @app.get('/')\n    def f(self, a: int):\n        return a\n",
        "class C:\n    @app.get('/')\n    def f(self, a: str):\n        return a\n",
    ),
    "annotation that calls": (
        "class C:\n    def f(self, a: print(1)):\n        return a\n",
        "class C:\n    def f(self, a: print(2)):\n        return a\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), METHODS_SAME.values(), ids=METHODS_SAME.keys())
def test_equal_methods_are_proved(before: str, after: str) -> None:
    assert proof(before, after, "C.f") is not None
    assert proof(after, before, "C.f") is not None


@pytest.mark.parametrize(("before", "after"), METHODS_DIFFERENT.values(), ids=METHODS_DIFFERENT.keys())
def test_other_methods_are_not_proved(before: str, after: str) -> None:
    assert proof(before, after, "C.f") is None
    assert proof(after, before, "C.f") is None


CONTEXT = {
    "constant": ("X = 1\ndef f():\n    return X\n", "X = 2\ndef f():\n    return X\n", ("X",), False),
    "constant written otherwise": (
        "X = 'a'\ndef f():\n    return X\n",
        "X = str('a')\ndef f():\n    return X\n",
        ("X",),
        False,
    ),
    "helper written otherwise": (
        "def g():\n    x = 1\n    return x\ndef f():\n    return g()\n",
        "def g():\n    return 1\ndef f():\n    return g()\n",
        ("g",),
        True,
    ),
    "import moved": (
        "import os.path\ndef f():\n    return os.path\n",
        "from os import path\nimport os\ndef f():\n    return os.path\n",
        ("os",),
        True,
    ),
    "changed method": (
        "class C:\n    def g(self): return 1\ndef f():\n    return C().g()\n",
        "class C:\n    def g(self): return 2\ndef f():\n    return C().g()\n",
        ("C.g",),
        False,
    ),
    "method written otherwise": (
        "class C:\n    def g(self):\n        x = 1\n        return x\ndef f():\n    return C().g()\n",
        "class C:\n    def g(self):\n        return 1\ndef f():\n    return C().g()\n",
        ("C.g",),
        True,
    ),
    "something out of sight": ("def f():\n    return 1\n", "def f():\n    return 1\n", ("C.g",), False),
}


@pytest.mark.parametrize(("before", "after", "because", "same"), CONTEXT.values(), ids=CONTEXT.keys())
def test_what_changed_outside_is_compared(before: str, after: str, because: tuple[str, ...], same: bool) -> None:
    assert (proof(before, after, because=because) is not None) is same


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x = (1)\n", "x = 1  # one\n", True),
        ("x = 'a'\n", 'x = "a"\n', True),
        ("x = 1\n", "x = 2\n", False),
        ("x = 1\n", "x = = 1\n", False),
        ("def f():\n    'a'\n", "def f():\n    'b'\n", False),
    ],
    ids=["parentheses", "quotes", "value", "syntax error", "docstring"],
)
def test_layout_is_all_that_differs(before: str, after: str, expected: bool) -> None:
    assert same_text(before, after) is expected


def test_rewrites_are_named() -> None:
    assert proof("def f(a):\n    return '%s' % (a,)\n", "def f(a):\n    return str(a)\n") == ("format",)
    assert proof("def f(a):\n    return a\n", "def f(a) -> int:\n    'x'\n    return a\n") == (
        "annotations",
        "docstring",
    )


def test_deep_nesting_ends_without_an_error() -> None:
    deep = "def f(a):\n    return " + "-(" * 90 + "a" + ")" * 90 + "\n"
    long = "def f(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(400))
    assert proof(deep, deep.replace("return", "return  ")) is not None
    assert proof(long, long + "    return 1\n") is None
