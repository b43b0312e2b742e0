"""Answers to the sandbox's questions: one `World` is one consistent set of them, shared by both versions.

An unknown object is named by the expression that made it (`session.get(url).json()['items']`), so the same operation on
either side is the same object. Whatever the program must know to go on (is it true? how long? which value? does it
raise?) is a `Choice` with a few plausible options, kept in the memo under a canonical key; a world with other
`overrides` takes other options. When C code needs a real value, the choice binds one to the expression and both
versions start again with it (`Restart`).
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cwm_check.compared import last_part
from cwm_check.handlers import TEXT
from cwm_check.logs import rendered
from cwm_check.patterns import example
from cwm_check.plausible import (
    DICT,
    LIST,
    LOGS,
    POOLED,
    READS,
    SET,
    SIZED,
    STRING,
    TYPES,
    by_kind,
    distinct,
    options_for,
    telling,
)
from cwm_check.trace import Evidence
from cwm_check.types import Question, WorldModel

Tree = dict[str, Any]  # an answer as the guest reads it
QUESTIONS = 400  # a run that asks more is stopped
ROUNDS = 5  # so often an object of a `while` loop answers the same; then what is waited for has come
LINKS = 3  # so many objects in a row (`x`, `x.next`, `x.next.next`) keep a `while` loop going, by default
_PIECE = re.compile(rf"\.({'|'.join(sorted(READS))})\([^()]*\)#([3-9]|\d\d)$")
"""What a source gives when it is read from for the third time, or later: by default its end."""
_ASKED = re.compile(r"\.(?:read|recv|recv_into|peek|readexactly)\((?P<count>[1-9]\d{0,2})\)(#\d+)?$")
"""What is read from a source that was asked for so many of it: by default they are there."""
_DOCSTRINGS = {
    "one line": "{}",
    "indented after the first line": "{}\n\n    More of it.\n        Yet more.\n    ",
    "indented lines": "\n    {}\n\n    More of it.\n    ",
}
_FORMER = {"isSet": "is_set", "notifyAll": "notify_all"}
"""Spellings that the library has given up, and what they are now."""
_NUMBERS = frozenset({"int", "float", "Decimal"})
_INDEX = re.compile(r"\[-?\d+\]")
"""What tells items of one list from one another: the same of each is a number of its own."""
_NUMERAL = re.compile(r"-?\d+(\.\d+)?")
_FILLER = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_END = {"str": "''", "bytes": "b''"}
LENGTHS = ("2", "0", "1", "3")
PLACES = 6  # at which one choice is noted to be asked again
_ITEM_ERRORS = ("KeyError", "IndexError", "LookupError", "TypeError")
ENTERED = frozenset("open fdopen urlopen NamedTemporaryFile TemporaryFile ZipFile Session Popen socket closing".split())
"""What makes objects that a `with` statement gives as they are; of others nobody knows."""


class Restart(Exception):
    """An expression got a value: both versions must run again, from the start, with it."""


class TooManyQuestions(Exception):
    """The run asks without end."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision of a world: which of the plausible answers it gives to a question."""

    key: str
    options: tuple[str, ...]
    taken: str
    lines: tuple[int, ...]
    """1-based lines that were running when it was asked first, innermost first; empty before the call began."""
    side: str = ""
    """`before` or `after`: the version that asked first."""
    again: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Versions and lines that asked it once more, at other lines: there it may decide something else."""
    foreseen: bool = False
    """Whether a world model predicted the option that was taken."""


@dataclass(slots=True)
class Side:
    """What one run asked and did."""

    name: str
    handlers: Mapping[int, tuple[str, ...]]
    aliases: Mapping[str, str]
    loops: frozenset[int] = frozenset()
    """Lines of `while` loops."""
    conditions: frozenset[int] = frozenset()
    """Lines of their conditions."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the object that the method belongs to -> names that they go by."""
    cleaned: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Lines after which a changed `finally` clause runs -> what may be raised there."""
    held: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Lines -> what an exception that is raised there may hold instead of a text."""
    begun: bool = False
    lines: tuple[int, ...] = ()
    asked: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    expressions: dict[str, None] = field(default_factory=dict)


class World:
    """One consistent set of answers.

    `compared` says what the program compares values of some name with, `declared` of which kind its parameters are,
    `aimed` which values of a kind tell the versions apart, `given` which values the call itself passes.
    """

    def __init__(
        self,
        model: WorldModel,
        pool: Sequence[str] = (),
        overrides: Mapping[str, str] | None = None,
        bindings: Mapping[str, str] | None = None,
        compared: Mapping[str, tuple[str, ...]] | None = None,
        declared: Mapping[str, str] | None = None,
        aimed: Mapping[str, tuple[str, ...]] | None = None,
        given: Sequence[str] = (),
    ) -> None:
        self._model = model
        self._aimed = aimed or {}
        self._given = tuple(literal for literal in given if literal[:1] in "'\"")
        self._declared = declared or {}
        self._compared = compared or {}
        self._pool = by_kind(tuple(pool))
        self._overrides = dict(overrides or {})
        self.bindings: dict[str, str] = dict(bindings or {})
        """Expression -> what it was bound to: a literal, or `kind:size` for containers of unknown items."""
        self._is_decimal = False
        """Whether guessed numbers are decimal ones."""
        self.objects: set[str] = set()
        """Expressions that are no plain values, whatever they are compared with."""
        self.filled: dict[str, set[str]] = {}
        """Lists and tables of the module that others filled before the call -> keys of a table."""
        self.choices: dict[str, Choice] = {}
        self.side = Side("", {}, {})
        self.asked = 0
        """Questions of all runs."""

    def begin_side(self, side: Side) -> None:
        """Answer the questions of another run from now on; the memo stays."""
        self.side = side

    # --- unknown objects

    def unknown(self, expression: str) -> Tree:
        """The tree of the object that `expression` names: bound to a value, or unknown."""
        bound = self.bindings.get(expression)
        if bound is not None:
            return self._value(expression, bound)
        return {"u": expression}

    @property
    def bound(self) -> dict[str, Tree]:
        """The trees of all expressions that have a value."""
        return {expression: self._value(expression, bound) for expression, bound in self.bindings.items()}

    def _value(self, expression: str, bound: str) -> Tree:
        kind, _, rest = bound.partition(":")
        if kind in SIZED and rest.isdigit():
            return {kind: [self.unknown(f"{expression}[{i}]") for i in range(int(rest))]}
        if kind == "dict" and bound.startswith("dict:"):
            return {"dict": [[{"r": k}, self.unknown(f"{expression}[{k}]")] for k in ast.literal_eval(rest)]}
        return {"r": bound, "n": expression}

    def text(self, tree: Tree) -> str:
        """An argument of a question as text."""
        return str(tree.get("u", tree.get("r", tree.get("x", "?"))))

    def choose(self, key: str, options: Iterable[str]) -> str:
        """The option this world takes, by default the first; asked again, the same one."""
        options = tuple(options)
        choice = self.choices.get(key)
        if choice is None:
            taken = self._overrides.get(key, options[0])
            choice = Choice(
                key,
                tuple(dict.fromkeys((*options, taken))),
                taken,
                self.side.lines if self.side.begun else (),
                self.side.name,
            )
            self.choices[key] = choice
        elif self.side.begun and len(choice.again) < PLACES:
            place = self.side.name, self.side.lines
            if place not in ((choice.side, choice.lines), *choice.again):
                self.choices[key] = replace(choice, again=(*choice.again, place))
        return choice.taken

    def _bind(
        self, expression: str, kind: str, hints: Sequence[str], others: Sequence[str] = (), *, is_computed: bool = False
    ) -> None:
        denied = self.choices.get(f"isinstance({expression}, {kind})")
        if denied is not None and denied.taken == "False":
            kind = {"str": "path", "int": "float", "list": "tuple"}.get(kind, kind)
        if self._is_decimal and kind in ("int", "float"):
            kind = "Decimal"
        key = f"value of {expression}"
        is_plain = kind not in SIZED and kind != "dict"  # of containers only the size or the keys are chosen
        answers = self._model.answers(Question("value", expression, (kind,), expression), 2) if is_plain else ()
        known = [a.value for a in answers if a.value is not None]
        taken = self.bindings.values()
        told = hints if is_computed else telling(hints, kind, self._pool, taken)
        named = by_kind(self._compared.get(last_part(expression), ())).get(POOLED.get(kind, kind), ())
        options = distinct(kind, options_for(kind, told, known, self._pool, named), taken)
        options = tuple(dict.fromkeys((*options[:2], *self._aimed.get(kind, ()), *options[2:])))
        if (size := self.choices.get(f"length of {expression}")) is not None and kind in _END:
            options = tuple(dict.fromkeys(_of_length(option, int(size.taken)) for option in options))
            hints = ()
        if kind == "dict" and self._given:
            options = tuple(dict.fromkeys((*options[:1], f"dict:[{', '.join(map(repr, self._given))}]", *options[1:])))
        if kind in _NUMBERS:
            of_others = {b for e, b in self.bindings.items() if _INDEX.sub("[]", e) == _INDEX.sub("[]", expression)}
            options = tuple(sorted(options, key=lambda option: option in of_others))
        if kind in _END and _PIECE.search(expression):
            options = tuple(dict.fromkeys((_END[kind], *options)))
        self.bindings[expression] = self.choose(key, dict.fromkeys((*options, *hints, *others)))
        foreseen = {a.value for a in answers if a.evidence is Evidence.PREDICTED}
        self.choices[key] = replace(self.choices[key], foreseen=self.bindings[expression] in foreseen)
        raise Restart

    # --- questions

    def answer(self, question: Mapping[str, Any]) -> Tree:
        """The answer to one question of the guest; raises `Restart` or `TooManyQuestions`."""
        op = str(question["op"])
        if op == "begin":
            self.side.begun = True
            return {}
        self.side.asked += 1
        self.asked += 1
        if self.side.asked > QUESTIONS:
            raise TooManyQuestions
        target = question.get("u", "")
        name = str(target["u"] if isinstance(target, dict) else target)
        handler = getattr(self, f"_on_{op}", None)
        if handler is None:
            return self.unknown(f"{op}({name})")
        self.side.lines = tuple(map(int, question.get("lines", ())))
        answer: Tree = handler(name, list(question.get("args", ())), question)
        return answer

    def _truth(self, key: str, default: bool = True) -> bool:
        if key not in self.choices and self._is_past_chain():
            default = not default
        first, second = ("True", "False") if default else ("False", "True")
        is_true = self.choose(key, (first, second)) == "True"
        return is_true if not self._has_waited(key, self.side.loops) else not is_true

    def _is_past_chain(self) -> bool:
        """Whether the condition of a `while` loop asked of so many objects that the chain of them ends here."""
        line = self.side.lines[0] if self.side.lines else 0
        if line not in self.side.conditions:
            return False
        self.side.counts[f"{line}: links"] += 1
        return self.side.counts[f"{line}: links"] > LINKS

    def _has_waited(self, key: str, lines: Collection[int]) -> bool:
        """Whether one of the lines of a loop has asked the same so often that the answer is another one now."""
        line = self.side.lines[0] if self.side.lines else 0
        if line not in lines:
            return False
        self.side.counts[f"{line}: {key}"] += 1
        return self.side.counts[f"{line}: {key}"] > ROUNDS

    def _on_getattr(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        leaf = ast.literal_eval(args[0]["r"])
        if question.get("method"):
            for kind, names in (("str", STRING), ("list", LIST), ("dict", DICT), ("set", SET)):
                if leaf in names and self._declared.get(name) == kind:
                    self._bind(name, kind, ())
                kinds = (kind, "bytes") if kind == "str" and leaf != "encode" else (kind,)
                if "bytes" in self._pool and _ASKED.search(name) is not None:
                    kinds = kinds[::-1]
                if leaf in names and (taken := self.choose(f"kind of {name}", (*kinds, "object"))) != "object":
                    self._bind(name, taken, ())
            if leaf == "decode" and self.choose(f"kind of {name}", ("bytes", "object")) == "bytes":
                self._bind(name, "bytes", ())
        return self._attribute(name, leaf)

    def _attribute(self, name: str, leaf: str) -> Tree:
        leaf = _FORMER.get(leaf, leaf)
        key = f"hasattr({name}, {leaf!r})"
        if (key in self.choices and not self._truth(key)) or self._raises(f"{name}.{leaf}", ("AttributeError",)):
            return self._exception(f"{name}.{leaf}", "AttributeError", leaf)
        return self.unknown(f"{name}.{leaf}")

    def _on_name(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """`x.__module__`, or `x.__doc__`: a text, or none."""
        leaf, text = args[0]["r"].strip("'"), args[1]["r"]
        if self._truth(f"{name}.{leaf} is None", default=False):
            return {"r": "None"}
        if leaf != "__doc__":
            return {"r": text}
        form = _DOCSTRINGS[self.choose(f"form of {name}.{leaf}", _DOCSTRINGS)]
        return {"r": repr(form.format(ast.literal_eval(text)))}

    def _on_block(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The end of a `with` block, whose context manager waits at the line that is told."""
        raised = self._raises(name, None)
        return {"r": "None"} if raised is None else self._exception(name, raised, "of the block")

    def _on_attribute(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        leaf = ast.literal_eval(args[0]["r"])
        return self._attribute(name, self.side.attributes.get(leaf, leaf))

    def _on_hasattr(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        return {"r": str(self._truth(f"hasattr({name}, {args[0]['r']})"))}

    def _on_getitem(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        expression = f"{name}[{self.text(args[0])}]"
        if args[0].get("k") == "slice":
            kind = self.choose(f"kind of {name}", ("list", "str", "object"))
            if kind != "object":
                self._bind(name, kind, ())
        held = self.choices.get(f"{self.text(args[0])} in {name}")
        if held is not None and held.taken == "True":
            return self.unknown(expression)
        lacking = self._waiting(("KeyError", "LookupError")) if held is not None else []
        if raised := lacking[0] if lacking else self._raises(expression, _ITEM_ERRORS):
            return self._exception(expression, raised, self.text(args[0]))
        return self.unknown(expression)

    def _raises(self, expression: str, allowed: Sequence[str] | None) -> str | None:
        """The exception that an operation raises in this world, of those that the program waits for at this line."""
        waiting = self._waiting(allowed)
        key = f"{expression} raises"
        if not waiting and key not in self._overrides:  # what one version waits for, the other one meets too
            return None
        answer = self.choose(key, ("nothing", *waiting))
        known = self.choices[key]
        self.choices[key] = replace(known, options=tuple(dict.fromkeys((*known.options, *waiting))))
        return None if answer == "nothing" else answer

    def _exception(self, expression: str, name: str, text: str) -> Tree:
        """An exception with a text, or with what this world has it hold where the program looks into it."""
        key = f"what {expression} raises holds"
        others = tuple(dict.fromkeys(o for line in self.side.lines for o in self.side.held.get(line, ())))
        if others or key in self._overrides:
            held = self.choose(key, (TEXT, *others))
            if held != TEXT:
                return {"e": name, "m": text, "a": held}
        return {"e": name, "m": text}

    def _waiting(self, allowed: Sequence[str] | None) -> list[str]:
        """Exceptions that the program waits for at the running lines; only those of `allowed`, if it is given."""
        sources = self.side.handlers, self.side.cleaned
        waiting = dict.fromkeys(name for line in self.side.lines for names in sources for name in names.get(line, ()))
        return [name for name in waiting if allowed is None or name in allowed]

    def _on_call(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        keywords = question.get("kw") or {}
        if name.endswith(".replace") and [a.get("k") for a in args] == ["str", "str"]:  # a date or a path takes others
            self._bind(name.removesuffix(".replace"), "str", ())
        parts = [self.text(a) for a in args] + [f"{k}={self.text(v)}" for k, v in sorted(keywords.items())]
        owner, _, leaf = name.rpartition(".")
        is_log = leaf in LOGS and "log" in owner.lower()
        call = f"{name}({', '.join(rendered(parts) if is_log else parts)})"
        if len(call) > 2000:
            call = f"{call[:200]}...#{hashlib.sha256(call.encode('utf-8', 'replace')).hexdigest()[:12]})"
        if is_log:
            if self.side.begun:
                self.side.logged.append(call)
            return {"r": "None"}
        self.side.expressions[call] = None
        result = call
        if question.get("discarded") or leaf in READS:
            self.side.counts[call] += 1
            result = call if self.side.counts[call] == 1 else f"{call}#{self.side.counts[call]}"
            if self.side.begun and question.get("discarded"):
                self.side.calls.append(call)
        if raised := self._raises(result, None):
            return self._exception(result, raised, f"<{call}>")
        return self.unknown(result)

    def _on_truth(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        if f"length of {name}" in self._overrides:
            self.choose(f"length of {name}", LENGTHS)
        if (size := self.choices.get(f"length of {name}")) is not None:
            return {"r": str(size.taken != "0" and not self._has_waited(f"length of {name}", self.side.conditions))}
        return {"r": str(self._truth(name))}

    def _on_text(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The program looks into `str(x)`: then x has a text."""
        if self.choose(f"kind of {name}", ("str", "object")) == "str":
            self._bind(name, "str", ())
        return {"r": "None"}

    def _on_length(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        truth = self.choices.get(name)
        options = LENGTHS if truth is None else (("2", "1", "3") if truth.taken == "True" else ("0",))
        self._settle_members(name)
        if (asked := _ASKED.search(name)) is not None and options != ("0",):
            options = tuple(dict.fromkeys((asked["count"], *options)))
        size = self.choose(f"length of {name}", options)
        return {"r": "0" if self._has_waited(f"length of {name}", self.side.conditions) else size}

    def _on_none(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        truth = self.choices.get(name)
        if truth is not None and truth.taken == "True":
            return {"r": "False"}
        if self._truth(f"{name} is None", default=False):
            self.bindings[name] = "None"
            raise Restart
        return {"r": "False"}

    def _on_contains(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        raised = self.choices.get(f"{name}[{self.text(args[0])}] raises")
        if raised is not None:
            return {"r": str(raised.taken == "nothing")}
        size = self.choices.get(f"length of {name}")
        if size is not None and "u" in args[0] and self._is_of_other(size):
            pairs = (sorted((f"{name}[{i}]", self.text(args[0]))) for i in range(int(size.taken)))
            return {"r": str(any(self._truth(f"{one} == {other}", default=False) for one, other in pairs))}
        return {"r": str(self._truth(f"{self.text(args[0])} in {name}"))}

    def _is_of_other(self, choice: Choice) -> bool:
        """Whether the other version alone has asked something of an object, as far as it is noted."""
        return choice.side not in ("", self.side.name) and all(side != self.side.name for side, _ in choice.again)

    def _settle_members(self, name: str) -> None:
        """What the other version asked whether it is among the items hangs on these, where this one goes over them."""
        asked = [key for key, c in self.choices.items() if key.endswith(f" in {name}") and self._is_of_other(c)]
        unknown = [key for key in asked if not key.startswith(("'", '"', "b'", "(", "None")) and not key[0].isdigit()]
        if unknown and f"length of {name}" not in self.choices:
            self.choose(f"length of {name}", LENGTHS)
            for key in unknown:
                del self.choices[key]
            raise Restart

    def _on_compare(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        operator, other = str(question["operator"]), self.text(args[0])
        if operator == ">":
            operator, name, other = "<", other, name
        if operator in ("==", "is"):
            if (kind := self._type_asked(name, args[0])) is not None:
                return self._type_test(name, *kind)
            name, other = sorted((name, other))
            is_equal = self._truth(f"{name} == {other}", default=False)
            if is_equal and operator == "is" and not (_is_fixed(name) or _is_fixed(other)):
                return {"r": str(self._truth(f"{name} is {other}"))}
            return {"r": str(is_equal)}
        reverse = self.choices.get(f"{other} < {name}")
        if reverse is not None:
            return {"r": str(reverse.taken == "False")}
        return {"r": str(self._truth(f"{name} < {other}"))}

    def _type_asked(self, name: str, other: Tree) -> tuple[str, str] | None:
        """`type(x) is T`: the expression x and the class T."""
        if name.startswith("type(") and name.endswith(")") and other.get("k") == "type":
            return name[5:-1], str(other["x"])
        return None

    def _type_test(self, name: str, expression: str, cls: str, *, is_unknown: bool = True) -> Tree:
        kind = TYPES.get(cls)
        nested = kind in ("list", "dict", "tuple", "set") and expression.count("[") > 1  # else trees without end
        if self._truth(f"isinstance({expression}, {cls})", default=not nested):
            if kind is not None and is_unknown:
                self._bind(expression, kind, ())
            return {"r": "True"}
        return {"r": "False"}

    def _on_isinstance(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        if question.get("known") or question.get("subclass"):
            return {
                "r": str(
                    self._truth(
                        f"isinstance({name}, {self.text(args[0])})" if args else f"{name} is an instance", default=False
                    )
                )
            }
        return self._type_test(name, name, self.text(args[0]), is_unknown=isinstance(question.get("u"), dict))

    def _on_callable(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        return {"r": str(self._truth(f"callable({name})"))}

    def _on_next(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        self.side.counts[f"next {name}"] += 1
        at = self.side.counts[f"next {name}"] - 1
        if at >= int(self.choose(f"length of {name}", LENGTHS)):
            return {"e": "StopIteration", "m": ""}
        return self.unknown(f"{name}[{at}]")

    def _on_enter(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        callee, opening, _ = name.partition("(")
        if opening and callee.rpartition(".")[2] in ENTERED:
            return self.unknown(name)
        return self.unknown(f"{name}.__enter__()")

    def _on_exit(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        if self.side.begun:
            self.side.calls.append(f"{name}.__exit__()")
        return {"r": "None"}

    def _on_await(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        self.side.counts[f"await {name}"] += 1
        count = self.side.counts[f"await {name}"]
        if self.side.begun:
            self.side.calls.append(f"await {name}")
        expression = f"(await {name})" + (f"#{count}" if count > 1 else "")
        if raised := self._raises(expression, None):
            return self._exception(expression, raised, f"<{expression}>")
        return self.unknown(expression)

    def _on_missing(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """A table has no such key: an unknown object that was given this value by default is given a key instead."""
        keys = [str(a["r"]) for a in args if "r" in a]
        for expression, bound in self.bindings.items():
            key = f"value of {expression}"
            choice = self.choices.get(key)
            if bound == name and choice is not None and key not in self._overrides and bound not in keys and keys:
                ranked = options_for("str" if bound[:1] in "'\"" else "int", keys, (), self._pool)
                self.choices[key] = replace(choice, options=tuple(dict.fromkeys((*ranked, bound))), taken=ranked[0])
                self.bindings[expression] = ranked[0]
                raise Restart
        return {"r": "None"}

    def _on_empty(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The program reads an item of an empty list or table of the module."""
        keys = {str(a["r"]) for a in args if "r" in a}
        known = self.filled.get(name)
        if (known is None or keys - known) and self._truth(f"{name} was filled before"):
            self.filled[name] = (known or set()) | keys
            raise Restart
        return {"r": "None"}

    def _on_object(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The program reads attributes of what was given a plain value since it is compared with one."""
        key = f"value of {name}"
        is_guess = key in self.choices and name in self.bindings
        if is_guess and name not in self.objects:
            del self.bindings[name], self.choices[key]
            self.objects.add(name)
            raise Restart
        return {"r": "None"}

    def _on_decimal(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The program wants of a number what only a `Decimal` has: then those that were guessed are such."""
        numbers = [
            e for e, bound in self.bindings.items() if _NUMERAL.fullmatch(bound) and f"value of {e}" in self.choices
        ]
        if self._is_decimal or not numbers:
            return {"r": "None"}
        self._is_decimal = True
        for expression in numbers:
            del self.bindings[expression], self.choices[f"value of {expression}"]
        raise Restart

    def _on_kind(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        """The other operand leaves few kinds."""
        kinds = [str(a["r"]).strip("'") for a in args if "r" in a]
        if (taken := self.choose(f"kind of {name}", (*kinds, "object"))) != "object":
            self._bind(name, taken, ())
        return {"r": "None"}

    def _on_bind(self, name: str, args: list[Tree], question: Mapping[str, Any]) -> Tree:
        kind = str(question["kind"])
        pattern = question.get("pattern")
        matching = _matching(pattern, kind) if isinstance(pattern, str) and kind in ("str", "bytes") else ()
        known = [a["r"] for a in args if "r" in a]
        others = [str(int(value == "True")) for value in known] if question.get("same") else []
        if question.get("made"):
            waiting = self._waiting(("ValueError", "TypeError"))
            others = [value for name, value in (("ValueError", "'a'"), ("TypeError", "None")) if name in waiting]
        self._bind(name, kind, [*matching, *known], others, is_computed=question.get("computed") is True)
        raise AssertionError("unreachable: _bind raises")


def _is_fixed(expression: str) -> bool:
    """Whether the name of an object is that of a constant, a member or a class: there is one, and it equals itself."""
    return last_part(expression)[:1].isupper() or last_part(expression)[:2].strip("_").isupper() or "(" in expression


def _of_length(literal: str, size: int) -> str:
    """A text, or bytes, that begins as `literal` does and has the length that was told of it."""
    value = ast.literal_eval(literal)
    filler = _FILLER * (size // len(_FILLER) + 1)
    return repr((value + (filler if isinstance(value, str) else filler.encode()))[:size])


def _matching(pattern: str, kind: str) -> tuple[str, ...]:
    """Texts, or bytes, that a regular expression should match, and one among other lines."""
    text = example(pattern)
    texts = (text, f"{text}\nabc", f"abc\n{text}") if text else ()
    return tuple(repr(t if kind == "str" else t.encode("latin-1", "replace")) for t in texts)
