from __future__ import annotations

import io
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from examples import EXAMPLES, comparison, function, hostile, plain

from cwm_check.findings import findings_for
from cwm_check.reports import html
from cwm_check.reports.html_text import both_values, sentence
from cwm_check.reports.steps import changed_locals, parting, shown, step_text
from cwm_check.simulations import Difference
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.verdicts import CheckResult, Verdict

VOID = {"meta", "input"}
LOCALS = (("a", "1"),)


class Page(HTMLParser):
    """Reads a page as tags with attributes, and checks that they are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def rendered(result: CheckResult) -> str:
    out = io.StringIO()
    html.render(result, out)
    return out.getvalue()


def page(result: CheckResult) -> Page:
    return Page(rendered(result))


@pytest.mark.parametrize("example", EXAMPLES)
def test_tags_are_balanced_and_nothing_is_loaded(example: str) -> None:
    read = page(EXAMPLES[example]())
    known = {"html", "head", "meta", "title", "style", "body", "header", "h1", "p", "nav", "table", "thead", "tr", "th"}
    known |= {"tbody", "td", "code", "a", "main", "article", "h2", "h3", "div", "section", "ol", "li", "span", "dl"}
    known |= {"dt", "dd", "button", "output", "script", "input", "ul", "b", "small", "details", "summary", "h4", "kbd"}
    known |= {"mark", "footer"}

    assert read.open == []
    assert {tag for tag, _ in read.tags} <= known
    assert [a for _, a in read.tags if {"src", "style", "onclick", "onerror"} & set(a)] == []
    assert [a["href"] for a in read.all("a") if not (a["href"] or "").startswith("#")] == []


def test_the_policy_allows_only_our_style_and_our_script() -> None:
    text = rendered(hostile())
    inside = [re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script")]
    hashes = [b64encode(sha256(body.encode()).digest()).decode() for (body,) in inside]
    (policy,) = [a["content"] for a in Page(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy"]

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_both_runs_stand_side_by_side() -> None:
    read = page(plain())

    assert [a["aria-label"] for a in read.all("section") if "aria-label" in a] == [
        "The run before the change",
        "The run after the change",
    ] * 2
    assert [a.get("data-parting") for a in read.all("article")] == ["3", None, "3", None]
    assert [a["data-step"] for a in read.all("li") if a.get("class") == "return parting"] == ["3"] * 4


@pytest.mark.parametrize("example", EXAMPLES)
def test_links_lead_to_functions_and_ids_are_unique(example: str) -> None:
    read = page(EXAMPLES[example]())
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    labels = {attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes}
    links = {(a["href"] or "")[1:] for a in read.all("a")}
    functions = {a["id"] for a in read.all("section") if (a.get("class") or "").startswith("function ")}

    assert len(ids) == len(set(ids))
    assert labels <= set(ids)
    assert links == {"functions", *functions}


def test_every_call_that_was_tried_is_listed_those_that_differ_first() -> None:
    text = rendered(plain())
    rows = re.findall(r"<tr( class=\"differs\")?><td><code>(total\(.*?)</code>", text)

    assert [(bool(differs), call) for differs, call in rows] == [
        (True, "total([])"),
        (True, "total([1])"),
        (False, "total([7], 2)"),
    ]
    assert "<summary>3 calls tried, 2 differ</summary>" in text
    assert text.count("differs in its effects") == 1


def test_a_finding_without_a_trace_has_no_steps() -> None:
    found = findings_for(function(), [], [comparison(Difference("return", "", "1", "2"))], [7], threshold=0.5)
    bare = tuple(replace(finding, before_trace=None) for finding in found)
    read = page(CheckResult((Verdict("a.py", "f", "changed", Evidence.EXACT, 1.0, 4, findings=bare),)))

    assert (len(read.all("article")), read.all("input"), read.all("button")) == (1, [], [])
    assert [a for a in read.all("li") if "data-step" in a] == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[a,b]", "[a, b]", ("<code>[a,b]</code>", "<code>[a,<mark> </mark>b]</code>")),
        ("1", "2", ("<code>1</code>", "<code>2</code>")),
        ("[1, 2]", "[1]", ("<code>[1<mark>, 2</mark>]</code>", "<code>[1]</code>")),
        ("<b>", "<b>", ("<code>&lt;b&gt;</code>", "<code>&lt;b&gt;</code>")),
    ],
)
def test_what_two_values_have_in_common_is_not_marked(before: str, after: str, expected: tuple[str, str]) -> None:
    assert both_values(before, after) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("`f(1)` returns `2`.", "<code>f(1)</code> returns <code>2</code>."),
        ("`` `x` `` is <b>", "<code>`x`</code> is &lt;b&gt;"),
        ("no code [a](b)", "no code [a](b)"),
    ],
)
def test_a_sentence_keeps_its_code(markdown: str, expected: str) -> None:
    assert sentence(markdown) == expected


def line(number: int, locals: tuple[tuple[str, str], ...] = (), depth: int = 0) -> Frame:
    return Frame(Event.LINE, number, f"    line {number}", locals, depth=depth)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((line(1), line(2, LOCALS)), (line(1), line(2)), 1, id="other locals"),
        pytest.param((line(1), line(2)), (line(3), line(9)), 2, id="other lines alone do not count"),
        pytest.param((line(1, LOCALS),), (line(1, (("b", "1"),)),), 1, id="other names alone do not count"),
        pytest.param((line(1),), (line(1), line(2)), 1, id="one goes on"),
        pytest.param((line(1),), (line(1, depth=1),), 0, id="inside another call"),
    ],
)
def test_runs_part_where_their_state_does(before: tuple[Frame, ...], after: tuple[Frame, ...], expected: int) -> None:
    assert parting(Trace("", before), Trace("", after)) == expected


@pytest.mark.parametrize(
    ("count", "center", "expected"),
    [
        (3, 1, [0, 1, 2]),
        (10, 9, list(range(10))),
        (100, 50, [0, 1, 46, 47, 48, 49, 50, 51, 98, 99]),
        (100, 0, [0, 1, 2, 3, 4, 5, 98, 99]),
        (100, 100, [0, 1, 95, 96, 97, 98, 99]),
    ],
)
def test_the_steps_around_the_parting_are_shown(count: int, center: int, expected: list[int]) -> None:
    assert shown(count, center, 10) == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (line(3), "line 3"),
        (Frame(Event.RETURN, 3, "x", value="5"), "return 5"),
        (Frame(Event.EXCEPTION, 3, "x", value="KeyError('a')"), "raise KeyError('a')"),
    ],
)
def test_a_step_reads_as_code(frame: Frame, expected: str) -> None:
    assert step_text(frame) == expected


def test_only_new_values_are_marked() -> None:
    frames = (line(1, LOCALS), line(9, (("b", "2"),), depth=1), line(2, (*LOCALS, ("b", "2"))))

    assert [changed_locals(frames, index) for index in range(3)] == [LOCALS, (("b", "2"),), (("b", "2"),)]
