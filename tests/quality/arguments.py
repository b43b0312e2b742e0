"""Calls to try on a function, as expressions: a small fuzzer that learns from what worked.

Values come from the function's own doctests, from the constants of its module, from annotations and names, and from a
pool; a call that ended well or reached new lines is tried again with one argument changed.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from random import Random

TEXTS = (
    "''", "'a'", "'Hello World'", "'abc-def_ghi'", "'12'", "'-1.5'", "'http://user@example.com:80/a/b?c=d#e'", "' x '",
    "'2024-01-02T03:04:05Z'", "'a.b.c'", "'1.2.3-rc.1+b'", "'a/b/c'", "'[1, 2]'", "'Żółw'", "'ABC'", "'a,b;c'", "'\\n'",
    "'example.com'", "'a@example.org'", "'127.0.0.1'", "'#fff'", "'MCMXCIV'", "'0' * 11", "'9780471117094'",
)  # fmt: skip
NUMBERS = ("0", "1", "-1", "2", "3", "7", "10", "42", "100", "255", "1000", "1234567", "0.5", "-2.75", "1e20")
LISTS = ("[]", "[1]", "[3, 1, 2]", "['a', 'b']", "[[1, 2], [3]]", "[('a', 1), ('b', 2)]", "[None, 0, '']", "[1, 2, 2]")
DICTS = ("{}", "{'a': 1}", "{'a': {'b': 2}, 'c': [1, 2]}", "{1: 'x', 2: 'y'}", "{'b': None, 'a': ''}")
OTHERS = (
    "None", "True", "False", "(1, 2)", "()", "{1, 2}", "b'ab'", "len", "str", "lambda *a: a[0]", "(255, 99, 71)",
    "datetime.date(2024, 2, 29)", "datetime.datetime(2024, 1, 2, 3, 4, 5)", "datetime.timedelta(days=1, seconds=5)",
    "decimal.Decimal('1.50')", "io.StringIO('a b\\nc')", "iter([1, 2])", "re.compile('a')", "range(3)",
)  # fmt: skip
_OF_ANNOTATION = (
    ("str", TEXTS), ("int", NUMBERS[:12]), ("float", NUMBERS), ("bool", ("True", "False")), ("dict", DICTS),
    ("list", LISTS), ("ict", DICTS), ("ist", LISTS), ("equence", LISTS), ("terable", LISTS), ("apping", DICTS),
)  # fmt: skip
_OF_NAME = (
    (r"^(s|str|string|text|word|name|path|url|value|val|number|data|pattern|sep|line|key|prefix|suffix)s?$", TEXTS),
    (r"^(n|i|x|y|num|number|count|size|width|length|value|val|max\w*|min\w*|start|end|limit|depth)$", NUMBERS),
    (r"^(l|lst|list|items|seq|iterable|rows|values|elements|array|args)$", LISTS),
    (r"^(d|dct|dict|mapping|obj|data|kwargs|options|doc|base|first|second)$", DICTS),
)


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments of one call, as source; `receiver` are those of the constructor of `self`."""

    positional: tuple[str, ...]
    named: tuple[tuple[str, str], ...] = ()
    receiver: Call | None = None

    def text(self, name: str) -> str:
        owner, _, method = name.rpartition(".")
        given = ", ".join((*self.positional, *(f"{k}={v}" for k, v in self.named)))
        return f"{self.receiver.text(owner)}.{method}({given})" if self.receiver else f"{name}({given})"


class Fuzzer:
    """The values of one callable's arguments."""

    def __init__(self, signature: inspect.Signature, source: str, module: str, random: Random) -> None:
        self._random = random
        self._parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
        self._own = _constants(source)
        self._words = (self._own * 3 + _constants(module)[:60]) or ["'a'"]
        self._doctests = [c for p in re.findall(r">>> (.+)", source) if (c := _literal_call(p))]
        self.good: list[Call] = []

    def calls(self) -> list[Call]:
        """The calls of the doctests."""
        return self._doctests

    def call(self) -> Call:
        """A new call: mostly one that worked, with a change."""
        if self.good and self._random.random() < 0.7:
            return self._changed(self._random.choice(self.good))
        positional, named = [], []
        for p in self._parameters:
            if p.kind is p.VAR_POSITIONAL:
                positional += [self._value(p) for _ in range(self._random.randrange(3))]
            elif p.kind is p.VAR_KEYWORD or (p.default is not p.empty and self._random.random() < 0.5):
                continue
            elif p.default is not p.empty or p.kind is p.KEYWORD_ONLY:
                named.append((p.name, self._value(p)))
            else:
                positional.append(self._value(p))
        return Call(tuple(positional), tuple(named))

    def _changed(self, call: Call) -> Call:
        names: dict[str, inspect.Parameter] = {p.name: p for p in self._parameters}
        place = self._random.randrange(len(call.positional) + len(names) + 1)
        if place < len(call.positional):
            values = list(call.positional)
            parameter = self._parameters[min(place, len(self._parameters) - 1)] if self._parameters else None
            values[place] = self._near(values[place]) if self._random.random() < 0.5 else self._value(parameter)
            return Call(tuple(values), call.named, call.receiver)
        extra = [
            p for p in self._parameters[len(call.positional) :] if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        if not extra:
            return call
        chosen = self._random.choice(extra)
        return Call(
            call.positional, tuple({**dict(call.named), chosen.name: self._value(chosen)}.items()), call.receiver
        )

    def _value(self, parameter: inspect.Parameter | None) -> str:
        pick = self._random.random()
        if parameter is None or pick < 0.15:
            return self._random.choice((*TEXTS, *NUMBERS, *LISTS, *DICTS, *OTHERS))
        if pick < 0.35:
            return self._word()
        annotation = str(parameter.annotation)
        fitting = [v for word, values in _OF_ANNOTATION if word in annotation for v in values]
        fitting = fitting or [v for form, values in _OF_NAME if re.match(form, parameter.name) for v in values]
        if fitting and pick < 0.9:
            return self._random.choice(fitting)
        return self._random.choice((*TEXTS, *NUMBERS, *LISTS, *DICTS, *OTHERS))

    def _word(self) -> str:
        word = self._random.choice(self._words)
        if word.startswith("'") and self._random.random() < 0.5:
            other = self._random.choice((*self._words, *TEXTS))
            if other.startswith("'") and " * " not in other:
                return repr(ast.literal_eval(word) + ast.literal_eval(other))
        return word

    def _near(self, text: str) -> str:
        """A value a little off: one character or item more, less or other, the number next to it."""
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text
        place = self._random.randrange(len(value) + 1) if isinstance(value, str | list | tuple) else 0
        match value:
            case bool():
                return repr(not value)
            case int() | float():
                return repr(value + self._random.choice((-1, 1, -value, value)))
            case str():
                new = self._random.choice(("", value[place : place + 1] * 2, self._random.choice("aZ0 -./:_%é")))
                return repr(value[:place] + new + value[place + 1 :])
            case list() | tuple():
                more = value[place : place + 1] * self._random.randrange(3)
                return repr(value[:place] + more + value[place + 1 :])
            case dict() if value:
                gone = self._random.choice(list(value))
                return repr({k: v for k, v in value.items() if k != gone} | {"a": 1})
        return text


def _constants(source: str) -> list[str]:
    """Short texts and numbers that the code holds."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    values = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [
        repr(v) for v in values if isinstance(v, int | float) or (isinstance(v, str) and len(v) < 30 and "\n" not in v)
    ]


def _literal_call(text: str) -> Call | None:
    """`f(1, b='x')` -> its arguments, where they are literals."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if isinstance(node, ast.Call):
            values = [*node.args, *(k.value for k in node.keywords)]
            [ast.literal_eval(v) for v in values]
            named = {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg}
            return Call(tuple(map(ast.unparse, node.args)), tuple(named.items()))
    except (SyntaxError, ValueError):
        pass
    return None
