"""Values that tell apart what looks alike: `isdigit` and `isdecimal`, `split()` and `split(" ")`, `$` and `\\Z`.

A `ChangedFunction` in, literals by kind out: those at which what the changed statements use is likely to differ from
what stood there before. Plain values leave such versions alike, so that no difference would mean little.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from itertools import chain, zip_longest
from textwrap import dedent

from cwm_check.pairs import ChangedFunction, FunctionSource
from cwm_check.probing.new_helpers import new_helpers
from cwm_check.probing.patterns import example

_MOST = 8  # of one kind
_SHORT = 4
_LONG = 39  # digits
_LOOKING = frozenset("replace find rfind index count split rsplit partition rpartition".split())
_STRIPPING = frozenset("strip lstrip rstrip".split())
_CASES = frozenset("lower upper casefold swapcase capitalize title".split())
_PATTERN_CALLS = frozenset("match search fullmatch findall finditer sub subn split compile".split())
_TELLING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("isdigit isdecimal isnumeric int float", "str", ("'\\u0663'", "'\\xb2'", "'-3'", "' 1_0 '", "'0x1f'", "'1.5'")),
    ("lower upper casefold swapcase capitalize title", "str", ("'Stra\\xdfe \\u0130'", "\"it's AB\"")),
    ("isalpha isalnum isidentifier isupper islower istitle isascii", "str", ("'\\xe9'", "'_a1'", "'Ab'", "'class'")),
    ("isprintable repr", "str", ("'a\\x00\\n'",)),
    ("strip lstrip rstrip isspace", "str", ("'\\t a\\xa0\\n'", "'xxaxx'")),
    ("split rsplit splitlines partition rpartition expandtabs dedent", "str",
     ("' a  b\\tc\\n'", "'a\\u2028b\\r\\nc\\n'", "'a,,b:c:d'")),
    ("quote quote_plus unquote urlencode safe", "str", ("'a/b c&d=~'",)),
    ("encode decode isascii normalize quote unquote ensure_ascii ascii", "str",
     ("'\\ufb01e\\u0301 \\u65e5'", "'a%2F+b'")),
    ("splitext join basename dirname normpath abspath suffix stem Path PurePath relpath commonpath", "str",
     ("'/a.b/c'", "'.x'", "'a/../b/'", "'a.tar.gz'")),
    ("urlparse urlsplit urlunsplit urljoin geturl netloc", "str", ("'HTTP://U:p@H:80/p;x?q=1&q=#f'", "'//h/p'")),
    ("escape unescape quoteattr", "str", ("'<a b=\"c\">&amp;\\'</a>'",)),
    ("format", "str", ("'{0} 100% {}'",)),
    ("dumps loads", "dict", ("{'b': '\\xe9', 'a': [2, 1]}",)),
    ("isnan isfinite isinf", "float", ("float('nan')", "float('inf')")),
    ("int round floor ceil trunc divmod fmod", "float", ("-2.5", "2.5", "0.5")),
    ("// % divmod int float", "int", ("-7", "9007199254740993")),
    ("isinstance type", "int", ("True",)),
    ("sorted sort reverse min max reversed groupby most_common nlargest nsmallest", "list",
     ("[(2, 'b'), (1, 'z'), (2, 'a')]",)),
)  # fmt: skip
"""Names and operators, the kind of what they take, and the values that tell them from their neighbours."""
_FORMATS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tomllib tomli toml", ("'a = 1\\n[b]\\nc = \"d\"\\n'",)),
    ("load loads", ('\'{"a": [1, {"id": null}]}\'', "'[]'")),
    ("fromstring feed parseString XML", ("'<a x=\"1\"><p>b &amp; c<b>d</b></p></a>e'",)),
    ("reader DictReader", ("'a\\\\b,\"c d\",1'",)),
    ("isabs is_absolute", ("'/a/b.c'",)),
    ("urlparse urlsplit", ("'http://U:p@H:80/p?q=1#f'",)),
    ("fromisoformat strptime", ("'2024-02-29T12:30:00+01:00'", "'2020-01-02'", "'01-02-2020'")),
)
"""What reads texts of a certain form, and such texts: others only show how it refuses them."""
_SIGNS = {ast.FloorDiv: "//", ast.Mod: "%"}


def changed_names(function: ChangedFunction) -> frozenset[str]:
    """Return the names in the changed statements of either version."""
    return frozenset(name for node in _statements(function)[0] for name in _names(node))


def _statements(function: ChangedFunction) -> tuple[list[ast.AST], list[ast.AST]]:
    """The changed statements of either version, those of new helpers with them, and all of the function."""
    versions = [dict(_parts(version)) for version in (function.before, function.after)]
    changed = [node for one, other in (versions, versions[::-1]) for text, node in one.items() if text not in other]
    for helper in new_helpers(function, {name for node in changed for name in _names(node)}):
        changed += [node for _, node in _parts_of(helper)]
    return changed, [node for version in versions for node in version.values()]


def aimed(function: ChangedFunction) -> Mapping[str, tuple[str, ...]]:
    """Return values for what the changed statements of either version use, by kind; none where nothing tells more."""
    changed, every = _statements(function)
    used = {name for node in changed for name in _names(node)}
    found: dict[str, dict[str, None]] = {}
    texts = dict.fromkeys(
        (
            *_of_lengths(changed),
            *_begun_and_ended(changed, every),
            *_put_together(changed, every, used),
            *_of_their_form(every),
            *_compared(changed, used),
        )
    )
    if texts:
        found["str"] = texts
    if patterns := dict.fromkeys(text for node in changed for text in _patterns(node)):
        found.setdefault("str", {}).update(dict.fromkeys(_told_apart([*patterns])))
    for names, kind, values in _TELLING:
        if used & set(names.split()):
            found.setdefault(kind, {}).update(dict.fromkeys(values))
    return {kind: tuple(values)[:_MOST] for kind, values in found.items()}


def _put_together(changed: Sequence[ast.AST], every: Sequence[ast.AST], used: Set[str]) -> Iterator[str]:
    """Yield texts with all that a function looks for in texts, if a changed statement looks for one of them."""
    wanted, quotes = (
        dict.fromkeys(t for node in every for t in _looked_for(node, by)) for by in (_LOOKING, _STRIPPING)
    )
    if (
        any(True for node in changed for _ in _looked_for(node, _LOOKING | _STRIPPING))
        and len({**wanted, **quotes}) > 1
    ):
        first, between, last = ("Aa", "Bb", "Cc") if used & _CASES else ("a", "b", "c")
        body = f"{first}{between.join([*wanted][:_MOST])}"
        yield repr(f"{body}{last}")
        yield from (repr(f"{body}{quote}{last}{quote}") for quote in [*quotes][:2])


def _begun_and_ended(changed: Sequence[ast.AST], every: Sequence[ast.AST]) -> Iterator[str]:
    """Yield texts that begin and end as a function asks for, if a changed statement asks for a beginning or an end."""
    own = [(name, text) for node in changed for name, text in _asked_for(node)]
    known = [(name, text) for node in every for name, text in _asked_for(node)]
    begins, ends = (dict.fromkeys(t for n, t in (*own, *known) if n == name) for name in ("startswith", "endswith"))
    if own and begins and ends:
        yield from (repr(f"{begin}a{end}") for end in [*ends][:2] for begin in [*begins][:_SHORT])


def _of_lengths(changed: Sequence[ast.AST]) -> Iterator[str]:
    """Yield digits, as many as a changed statement compares the length of something with, and one more than these."""
    sizes = [n for part in changed for node in ast.walk(part) for n in _sizes(node) if _SHORT <= n <= _LONG]
    if sizes:
        yield from (repr(("1234567890" * _SHORT)[:n]) for n in (*dict.fromkeys(sizes[:_SHORT]), max(sizes) + 1))


def _sizes(node: ast.AST) -> Iterator[int]:
    match node:
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), comparators=[end]):
            yield from (c.value for c in ast.walk(end) if isinstance(c, ast.Constant) and type(c.value) is int)


def _asked_for(part: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the texts that a part asks others to begin or to end with, each with the method that it uses."""
    for node in ast.walk(part):
        match node:
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" as name), args=[asked, *_]):
                options = asked.elts if isinstance(asked, ast.Tuple) else [asked]
                yield from ((name, o.value) for o in options if isinstance(o, ast.Constant) and type(o.value) is str)


def _of_their_form(every: Sequence[ast.AST]) -> Iterator[str]:
    """Yield texts of the form that a function reads."""
    names = {name for node in every for name in _names(node)}
    yield from (text for readers, texts in _FORMATS if names & set(readers.split()) for text in texts)
    if names & {"int", "float"}:
        separators = dict.fromkeys(text for node in every for text in _looked_for(node, {"split", "partition"}))
        yield from (repr(separator.join("1234")) for separator in separators)


def _compared(changed: Sequence[ast.AST], used: Set[str]) -> Iterator[str]:
    """Yield what changed statements compare with: a character at both ends, a text before it is stripped or lowered."""
    for node in (inner for part in changed for inner in ast.walk(part) if isinstance(inner, ast.Compare)):
        texts = [
            c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str) and c.value
        ]
        yield from (repr(f"{text}a{text}") for text in texts[:2] if len(text) == 1)
        if used & {"strip", "lstrip", "rstrip"}:
            yield from (repr(f" {text} ") for text in texts[:2])
        if used & {"lower", "upper", "casefold"}:
            yield from (repr(text.swapcase()) for text in texts[:2])


def _parts(version: FunctionSource) -> Iterator[tuple[str, ast.AST]]:
    """Yield the statements of a version, of compound ones the conditions and sources alone, each with its text."""
    try:
        tree = ast.parse(dedent(version.source))
    except (SyntaxError, ValueError, RecursionError):
        return
    yield from _parts_of(tree)


def _parts_of(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        match node:
            case ast.If(test=part) | ast.While(test=part) | ast.For(iter=part) | ast.Match(subject=part):
                yield ast.unparse(part), part
            case (
                ast.Return()
                | ast.Assign()
                | ast.AugAssign()
                | ast.AnnAssign()
                | ast.Expr()
                | ast.Raise()
                | ast.Assert()
            ):
                yield ast.unparse(node), node
            case ast.withitem():
                yield ast.unparse(node.context_expr), node.context_expr


def _names(part: ast.AST) -> Iterator[str]:
    for node in ast.walk(part):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
                yield _SIGNS.get(type(operator), "")


def _patterns(part: ast.AST) -> Iterator[str]:
    """Yield the regular expressions that a part writes out."""
    for node in ast.walk(part):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PATTERN_CALLS:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _looked_for(part: ast.AST, methods: Collection[str]) -> Iterator[str]:
    """Yield the short texts that a part looks for in others, by `in` or by one of the methods."""
    for node in ast.walk(part):
        match node:
            case ast.Compare(left=ast.Constant(value=str(text)), ops=[ast.In() | ast.NotIn()]):
                found = text if methods is not _STRIPPING else ""
            case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(text)), *_]) if name in methods:
                found = text
            case _:
                continue
        if 0 < len(found) <= _SHORT:
            yield found


def _told_apart(patterns: Sequence[str]) -> Iterator[str]:
    """Yield texts at which patterns tell something; of several first what each of them matches, then some of each."""
    rows = [map(repr, filter(None, map(example, patterns)))] if len(patterns) > 1 else []
    yield from chain(*rows, filter(None, chain(*zip_longest(*map(_around, patterns)))))


def _around(pattern: str) -> Iterator[str]:
    """Yield a text that a pattern should match, and texts that other patterns of its kind take otherwise."""
    text = example(pattern)
    others = dict.fromkeys(map(example, _variants(pattern)))
    yield from (repr(other) for other in others if other not in ("", text))
    if text:
        yield from map(repr, (f"{text}\n", " ".join([text] * 3), f"x\n{text}", f"x{text}", text.swapcase()))
        yield repr("".join("\u0663" if character.isdigit() else character for character in text))


def _variants(pattern: str) -> Iterator[str]:
    """Yield a pattern with the last range of each set, and the last of its alternatives, in front."""
    yield re.sub(r"\[((?:\w-\w)+)(\w-\w)\]", r"[\2\1]", pattern)
    yield re.sub(r"\(((?:\?:)?)([^()|]+)\|([^()]+)\)", r"(\1\3|\2)", pattern)
    if "|" in pattern and "(" not in pattern:
        yield "|".join(reversed(pattern.split("|")))
