"""Values for one parameter: from the annotation, from use, from tests in the code, from the name."""

from __future__ import annotations

import pytest

from cwm_check.literals import literal
from cwm_check.pairs import Parameter
from cwm_check.probing.clues import find_clues
from cwm_check.probing.patterns import example
from cwm_check.probing.samples import annotated_values
from cwm_check.probing.usage import boundaries, items_from_use, keys_from_use, types_from_use
from cwm_check.probing.values import Candidates, candidates
from cwm_check.syntax import parse_function
from cwm_check.vocabulary import ParameterKind


def parameter(name: str, annotation: str | None = None) -> Parameter:
    return Parameter(name, ParameterKind.POSITIONAL_OR_KEYWORD, annotation=annotation)


def values(body: str, name: str = "x", *, annotation: str | None = None, module: str = "") -> Candidates:
    tree = parse_function(f"def f({name}):\n    {body}\n")
    assert tree is not None
    return candidates(parameter(name, annotation), find_clues(tree), modules=(module,))


ANNOTATIONS = {
    "plain": ("bool", ["True", "False"]),
    "literal": ("Literal['r', 'w']", ["'r'", "'w'"]),
    "optional": ("Optional[bool]", ["True", "False", "None"]),
    "union": ("None | bool | bytes", ["True", "b'abc'", "None", "False", "b''"]),
    "list": ("list[bool]", ["[True, False, True]", "[]", "[True]", "[False]"]),
    "sequence": ("t.Sequence[bytes]", ["[b'abc', b'', b'abc']", "[]", "[b'abc']", "[b'']"]),
    "set": ("set[bool]", ["{True, False, True}", "set()", "{True}", "{False}"]),
    "set of what no set can hold": ("set[list[int]]", ["set()"]),
    "mapping of what is no key": ("dict[list[int], bool]", ["{}"]),
    "pair": ("tuple[bool, bytes]", ["(True, b'abc',)", "(False, b'',)"]),
    "mapping": ("Mapping[bytes, bool]", ["{b'abc': True, b'': False}", "{}"]),
    "quoted": ("'bool'", ["True", "False"]),
    "alias": ("Mode", ["'on'", "'off'"]),
    "new type": ("UserId", ["True", "False"]),
    "anything": ("Any", []),
    "class": ("requests.Session", []),
    "list of a class": ("list[Session]", []),
    "callable": ("Callable[[int], int]", []),
    "no expression": ("int or (", []),
}


@pytest.mark.parametrize(("annotation", "expected"), ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_annotated_values(annotation: str, expected: list[str]) -> None:
    module = "Mode = Literal['on', 'off']\nUserId = NewType('UserId', bool)\n"
    assert expected == annotated_values(annotation, (module,))


USES = {
    "method": ("return x.strip()", ["str"]),
    "append": ("x.append(1)", ["list"]),
    "items": ("return x.items()", ["dict"]),
    "decode": ("return x.decode()", ["bytes"]),
    "arithmetic with a literal": ("return x + 1", ["int"]),
    "text with a literal": ("return x + 'a'", ["str"]),
    "loop": ("for y in x: g(y)", ["list"]),
    "key": ("return x['a']", ["dict"]),
    "isinstance": ("return isinstance(x, (int, bytes))", ["int", "bytes"]),
    "length": ("return len(x)", ["list"]),
    "to int": ("return int(x)", ["str", "int"]),
    "format": ("return f'{x:.2f}'", ["float"]),
    "flows on": ("y = x or None\n    return y.strip()", ["str"]),
    "match": ("match x:\n        case 'a': return 1", ["str"]),
    "nothing": ("return g(x)", []),
    "foreign attribute": ("return x.status_code + len(x)", []),
    "called": ("return x(1)", []),
    "dates are subtracted too": ("return x - y", []),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1_000", "1000"), ("...", "..."), ("(1, ...)", "(1, ...)"), ("set()", "set()"), ("frozenset()", "frozenset()")],
)
def test_a_literal_is_told_as_it_is_read_back(text: str, expected: str) -> None:
    assert literal(text) == expected


@pytest.mark.parametrize("text", ["1e999", "-1e999", "[1e999]", "{1: ...}", "[frozenset()]", "x", "f(1)"])
def test_what_is_not_read_back_is_no_literal(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize(("body", "expected"), USES.values(), ids=USES)
def test_types_from_use(body: str, expected: list[str]) -> None:
    tree = parse_function(f"def f(x):\n    {body}\n")
    assert tree is not None
    clues = find_clues(tree)
    assert expected == types_from_use([clue for clue in clues if clue.name in {"x", "y"}])


TESTS = {
    "number": ("return x > 5", ["5", "6", "4"]),
    "text": ("return x == 'Ab'", ["'Ab'", "'Abx'", "''", "'aB'"]),
    "members": ("return x in ('a', 'b')", ["'a'", "'b'"]),
    "none": ("return x is None", ["None"]),
    "length": ("return len(x) > 1", ["[]", "[1]", "[2, 1]"]),
    "prefix": ("return x.startswith('ab')", ["'ababc'", "'ab'", "'abcab'"]),
    "separator": ("return x.split('-')", ["'a-b'", "'-a--b-'", "'ab'"]),
    "pattern": (r"return re.match(r'v(\d+)\.x', x)", ["'v1.x'", "'v1.x x'"]),
    "cleaned first": ("return x.lower() == 'on'", ["'on'", "'onx'", "''", "'ON'"]),
    "no test": ("return g(x)", []),
    "another name": ("return y > 5", []),
    "not a literal": ("return x > g(5)", []),
}


@pytest.mark.parametrize(("body", "expected"), TESTS.values(), ids=TESTS)
def test_boundaries(body: str, expected: list[str]) -> None:
    tree = parse_function(f"def f(x):\n    {body}\n")
    assert tree is not None
    assert expected == boundaries("x", find_clues(tree))


def test_items_and_keys_follow_the_code() -> None:
    tree = parse_function("def f(x, o):\n    for k, v in x:\n        if k == 'a' and v > 1: g(o['b'], o.get('c'))\n")
    assert tree is not None
    clues = find_clues(tree)
    assert items_from_use("x", clues) == ["('a', 1)", "('ax', 2)", "('', 0)"]
    assert keys_from_use("o", clues) == ["'b'", "'c'"]


def test_container_of_objects_has_no_value() -> None:
    assert list(values("for y in x: y.send()").values) == []


BASES = {
    "annotation first": (values("return x + 'a'", annotation="int"), "3"),
    "use": (values("return x.strip()"), "'abc'"),
    "compared": (values("return x == 7"), "3"),
    "only none": (values("return x is None"), None),
    "only a name": (values("return g(count)", "count"), None),
}


@pytest.mark.parametrize(("found", "expected"), BASES.values(), ids=BASES)
def test_base_is_a_value_of_the_surest_type_or_unknown(found: Candidates, expected: str | None) -> None:
    assert expected == found.base


def test_name_counts_only_where_nothing_else_does() -> None:
    assert [value.value for value in values("return g(count)", "count").values] == ["3", "0", "-1", "1", "10"]
    assert [value.value for value in values("return count.total", "count").values] == []


def test_compiled_pattern_of_the_module_gives_a_matching_text() -> None:
    found = values("return WORD.match(x)", module="WORD = re.compile(r'[a-c]+=(?:yes|no)')\n")
    assert [value.value for value in found.values] == ["'a=yes'", "'a=yes x'"]


PATTERNS = {
    r"\d{3}-\w+": "123-a",
    r"^a|b$": "a",
    r"(?P<year>\d{4})": "1234",
    r"(?i)x(?:y|z)?\.": "xy.",
    r"(?!no)[^a-z]": "1",
    r"a(b|c)(?=d)": "ab",
    "": "",
}


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS.items())
def test_example(pattern: str, expected: str) -> None:
    assert expected == example(pattern)
