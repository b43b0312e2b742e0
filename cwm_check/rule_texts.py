"""What a rule means, in one text for the command line, SARIF help and the docs; each with an example that is checked.

A rule goes in; plain text or Markdown comes out. `tests/test_rule_texts.py` checks that each example gives its finding.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cwm_check.rules import NEW_CODE, RULES, Rule

# Rule -> a function before and after the change.
EXAMPLES: dict[str, tuple[str, str]] = {
    "CWM001": (
        "def total(prices: list[int], discount: int):\n    return sum(prices) - discount\n",
        "def total(prices: list[int], discount: int):\n    return max(sum(prices) - discount, 0)\n",
    ),
    "CWM002": (
        "def mean(values: list[int]):\n    if not values:\n        return 0\n    return sum(values) / len(values)\n",
        "def mean(values: list[int]):\n    return sum(values) / len(values)\n",
    ),
    "CWM003": (
        "def port(number: int):\n    if number > 65535:\n        raise ValueError(number)\n    return number\n",
        "def port(number: int):\n    return min(number, 65535)\n",
    ),
    "CWM004": (
        "def pick(n: int):\n    if n < 0:\n        raise ValueError('negative')\n    return n\n",
        "def pick(n: int):\n    if n < 0:\n        raise KeyError('negative')\n    return n\n",
    ),
    "CWM005": (
        "def pick(n: int):\n    if n < 0:\n        raise ValueError('negative')\n    return n\n",
        "def pick(n: int):\n    if n < 0:\n        raise ValueError(f'negative: {n}')\n    return n\n",
    ),
    "CWM006": (
        "def ordered(items: list[int]):\n    return sorted(items)\n",
        "def ordered(items: list[int]):\n    items.sort()\n    return items\n",
    ),
    "CWM007": (
        "def show(n: int):\n    print(n)\n",
        "def show(n: int):\n    print(n, n * 2)\n",
    ),
    "CWM008": (
        "import shelf\n\n\ndef store(n: int):\n    shelf.put(n)\n",
        "import shelf\n\n\ndef store(n: int):\n    shelf.put(n, n)\n",
    ),
    "CWM009": (
        "def steps(n: int):\n    for i in range(n):\n        yield i\n",
        "def steps(n: int):\n    for i in range(n):\n        yield i + 1\n",
    ),
    "CWM010": (
        "def down(n: int):\n    while n > 0:\n        n -= 2\n    return n\n",
        "def down(n: int):\n    while n != 0:\n        n -= 2\n    return 0\n",
    ),
    "CWM011": (
        "import warnings\n\n\ndef area(n: int):\n    warnings.warn('square metres')\n    return n * n\n",
        "import warnings\n\n\ndef area(n: int):\n    warnings.warn('square feet')\n    return n * n\n",
    ),
    "CWM012": (
        "import logging\n\n\ndef area(n: int):\n    logging.warning('area of %s', n)\n    return n * n\n",
        "import logging\n\n\ndef area(n: int):\n    logging.error('area of %s', n)\n    return n * n\n",
    ),
    "CWM013": (
        "def pick(n: int):\n    error = ValueError('negative')\n    error.n = n\n    raise error\n",
        "def pick(n: int):\n    error = ValueError('negative')\n    error.n = -n\n    raise error\n",
    ),
    "CWM014": (
        "def pick(n: int):\n    try:\n        return 1 // n\n    except ZeroDivisionError:\n"
        "        raise KeyError(n)\n",
        "def pick(n: int):\n    try:\n        return 1 // n\n    except ZeroDivisionError:\n"
        "        raise KeyError(n) from None\n",
    ),
    "CWM015": (
        "def size(n: int):\n    return {'width': n, 'height': 1}\n",
        "def size(n: int):\n    return {'height': 1, 'width': n}\n",
    ),
    "CWM101": ("def send(text):\n    return text\n", "def send(text, to):\n    return text\n"),
    "CWM102": ("def send(text, to=None):\n    return text\n", "def send(text):\n    return text\n"),
    "CWM103": ("def send(text):\n    return text\n", "def send(body):\n    return body\n"),
    "CWM104": ("def move(source, target):\n    return source\n", "def move(target, source):\n    return source\n"),
    "CWM105": ("def send(text, to):\n    return text\n", "def send(text, *, to):\n    return text\n"),
    "CWM106": ("def join(parts, by=','):\n    return by\n", "def join(parts, by=', '):\n    return by\n"),
    "CWM107": ("def join(parts, by=','):\n    return by\n", "def join(parts, by):\n    return by\n"),
    "CWM108": ("def send(text):\n    return text\n", "def send(text, to=None):\n    return text\n"),
    "CWM109": ("def join(parts, by):\n    return by\n", "def join(parts, by=','):\n    return by\n"),
    "CWM110": ("def load(name):\n    return name\n", "async def load(name):\n    return name\n"),
    "CWM111": ("def ids(n):\n    return [n]\n", "def ids(n):\n    yield n\n"),
    "CWM112": (
        "from functools import cache\n\n\ndef load(name):\n    return name\n",
        "from functools import cache\n\n\n@cache\ndef load(name):\n    return name\n",
    ),
    "CWM113": (
        "def load(name):\n    if not name:\n        raise ValueError(name)\n    return name\n",
        "def load(name):\n    if not name:\n        raise LookupError(name)\n    return name\n",
    ),
    "CWM114": ("def load(name):\n    return name\n\n\nX = 1\n", "X = 1\n"),
    "CWM115": (
        "class Shop:\n    def name(self):\n        return 'shop'\n",
        "class Shop:\n    @property\n    def name(self):\n        return 'shop'\n",
    ),
    "CWM201": (
        "X = 1\n",
        "X = 1\n\n\ndef mean(values: list[int]):\n    return sum(values) / len(values)\n",
    ),
    "CWM202": (
        "X = 1\n",
        "X = 1\n\n\ndef halves(n: int):\n    while n > 0:\n        if n % 2 == 0:\n            n //= 2\n    return n\n",
    ),
    "CWM203": (
        "def load(name):\n    return name\n",
        "def load(name):\n    return name\n    print(name)\n",
    ),
}
_SIMULATED = (
    "Both versions, simulated on the same call. The finding says whether the values were computed (`exact`, "
    "`conditional`) or came from a model or an assumption (`predicted`, `assumed`), and with which confidence."
)
_ALONE = (
    "The version after, run on one call; with `new-code` only. What the version before does as well, and what another "
    "rule tells already, is not told."
)
_STATIC = "The source alone (`static`): no call was needed."


def evidence(rule: Rule) -> str:
    """Return what the findings of a rule rest on."""
    if rule.id in NEW_CODE and rule.id != "CWM203":
        return _ALONE
    return _STATIC if rule.id.startswith(("CWM1", "CWM203")) else _SIMULATED


def example(rule: Rule) -> str:
    """Return the example as the lines of a diff, without the lines above the function."""
    before, after = EXAMPLES[rule.id]
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    kept = [line.rstrip() for line in lines if line[0] != "?"]
    start = next(i for i, line in enumerate(kept) if line[2:].startswith(("def ", "async ", "class ", "@")))
    return "\n".join(kept[start:])


def plain(rule: Rule) -> str:
    """Return the text for a terminal."""
    parts = (rule.summary, rule.explanation, f"Rests on: {evidence(rule)}", "Example:", example(rule))
    return f"{rule.id} {rule.name} ({rule.level})\n\n" + "\n\n".join(parts)


def markdown(rule: Rule) -> str:
    """Return the text for viewers of Markdown, without a heading."""
    parts = (f"**{rule.summary}**", rule.explanation, f"Rests on: {evidence(rule)}", f"```diff\n{example(rule)}\n```")
    return "\n\n".join(parts)


def page(rules: Iterable[Rule] = RULES.values()) -> str:
    """Return `docs/rules.md`."""
    sections = "".join(f"\n## {rule.id} {rule.name}\n\nLevel: {rule.level}. {markdown(rule)}\n" for rule in rules)
    return f"# Rules\n\nMade by `cwm-check rules --format markdown`; a level is changed in the settings.\n{sections}"
