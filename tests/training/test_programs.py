"""Generated programs: valid, seeded, wide, and without a benchmark's text."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from random import Random

import pytest

from cwm_check.trace import Event
from cwm_check.training import functions, grammar
from cwm_check.training.overlap import build_filter, shared
from cwm_check.training.programs import Program, drill, program
from cwm_check.training.tracer import Bounds, trace_call

BENCHMARKS = Path(__file__).parents[2] / "models" / "nano" / "benchmarks.bloom"


def made(count: int) -> list[Program]:
    random = Random(3)
    return [maker(random) for _ in range(count) for maker in (drill, program)]


def test_the_same_seed_makes_the_same_program() -> None:
    assert made(5) == made(5)


def test_programs_run_to_an_end() -> None:
    last = [trace_call(p.source, p.calls[0], Bounds(frames=300, repr_length=2000)).frames[-1].event for p in made(40)]
    assert last.count(Event.RETURN) > 40


def test_each_template_is_of_holes_that_exist() -> None:
    templates = [t for group in grammar.EXPRESSIONS.values() for t in group]
    templates += [t for _, t in grammar.STATEMENTS] + [head for head, _ in grammar.LOOPS]
    holes = {hole for template in templates for hole in re.findall(r"([@$#~])([a-z]+)", template)}
    assert {name for mark, name in holes if mark == "~"} - set(grammar.CHOICES) == set()
    assert {name for mark, name in holes if mark != "~"} - set(grammar.EXPRESSIONS) == set()


METHODS = [
    (kind, name)
    for kind, absent in ((str, "format_map isprintable"), (list, ""), (dict, "fromkeys"), (set, "copy pop clear"))
    for name in dir(kind)
    if not name.startswith("_") and name not in absent.split()
]


@pytest.mark.parametrize(("kind", "name"), METHODS, ids=lambda value: getattr(value, "__name__", value))
def test_every_method_is_drilled(kind: type, name: str) -> None:
    words = {word for choices in grammar.CHOICES.values() for word in choices}
    texts = [t for group in grammar.EXPRESSIONS.values() for t in group] + [t for _, t in grammar.STATEMENTS]
    assert name in words or any(f".{name}(" in text or f"{name}," in text for text in texts)


# --- benchmarks


def test_generated_programs_share_nothing_with_the_benchmarks() -> None:
    known = BENCHMARKS.read_bytes()
    assert {p.source: found for p in made(100) if (found := shared(p.source, known))} == {}


def test_real_functions_share_nothing_with_the_benchmarks() -> None:
    known = BENCHMARKS.read_bytes()
    assert {source: found for source in functions.sources() if (found := shared(source, known))} == {}


def test_shared_text_is_found_whatever_the_layout() -> None:
    text = "def f(a):\n    b = a + 1\n    for c in range(b):\n        a += c\n    return a"
    respaced = ast.unparse(ast.parse(text)).replace("    ", "\t")
    assert len(shared(f"# before\n{respaced}", build_filter([text]))) > 5


def test_other_text_is_not_shared() -> None:
    known = build_filter(["def f(a):\n    b = a + 1\n    for c in range(b):\n        a += c\n    return a"])
    assert shared("def f(a):\n    b = a + 2\n    for d in range(b):\n        b += d\n    return b", known) == []


# --- mutants


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b", {"a - b"}),
        ("a < b", {"a <= b"}),
        ("a and b", {"a or b"}),
        ("f(3)", {"f(2)", "f(4)"}),
        ("f(True)", {"f(True)"}),
        ("f(a)", {"f(a)"}),
    ],
)
def test_mutants(source: str, expected: set[str]) -> None:
    assert {functions.mutate(source, Random(seed)) for seed in range(20)} == expected
