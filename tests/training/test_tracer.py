"""The tracer: CPython's frames, with the oddities of `sys.settrace` put right."""

from __future__ import annotations

import sys

import pytest

from cwm_check.training.tracer import Bounds, text_of, trace_call


def events(source: str, call: str = "f()", bounds: Bounds = Bounds()) -> list[tuple[str, int, int, str | None]]:  # noqa: B008
    return [(f.event.value, f.line, f.depth, f.value) for f in trace_call(source, call, bounds).frames]


def test_a_plain_run() -> None:
    assert events("def f(x):\n    y = x + 1\n    return y", "f(1)") == [
        ("call", 1, 0, None),
        ("line", 2, 0, None),
        ("line", 3, 0, None),
        ("return", 3, 0, "2"),
    ]


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x85", "\u2028"], ids=ascii)
def test_a_frame_has_the_line_that_python_counts(sign: str) -> None:
    """What `str.splitlines` splits at and Python does not stands inside a line."""
    lines = ["def f():", f"    x = 1  # a{sign}b", "    return x"]
    assert [frame.source for frame in trace_call("\n".join(lines), "f()").frames] == [*lines, lines[-1]]


def test_locals_are_complete_in_every_line_frame() -> None:
    trace = trace_call("def f(x):\n    y = x\n    return y", "f('a')")
    assert [frame.locals for frame in trace.frames] == [
        (("x", "'a'"),),
        (("x", "'a'"),),
        (("x", "'a'"), ("y", "'a'")),
        (),
    ]


def test_locals_are_complete_after_a_nested_return() -> None:
    source = "def g(a):\n    return a\n\ndef f(x):\n    y = g(x)\n    return y"
    trace = trace_call(source, "f(3)")
    assert [(f.line, f.depth, dict(f.locals)) for f in trace.frames if f.event == "line"] == [
        (5, 0, {"x": "3"}),
        (2, 1, {"a": "3"}),
        (6, 0, {"x": "3", "y": "3"}),
    ]


def test_an_uncaught_exception_ends_the_call_without_a_return() -> None:
    assert events("def f():\n    return [][0]") == [
        ("call", 1, 0, None),
        ("line", 2, 0, None),
        ("exception", 2, 0, "IndexError('list index out of range')"),
    ]


def test_a_caught_exception_goes_on() -> None:
    source = "def f():\n    try:\n        return int('x')\n    except ValueError:\n        return None"
    assert [(event, line) for event, line, _, _ in events(source)] == [
        ("call", 1),
        ("line", 2),
        ("line", 3),
        ("exception", 3),
        ("line", 4),
        ("line", 5),
        ("return", 5),
    ]


def test_an_exception_passes_through_every_caller() -> None:
    source = "def g():\n    raise KeyError(1)\n\ndef f():\n    g()"
    assert [(event, depth) for event, _, depth, _ in events(source) if event != "line"] == [
        ("call", 0),
        ("call", 1),
        ("exception", 1),
        ("exception", 0),
    ]


@pytest.mark.skipif(sys.version_info[:2] > (3, 11), reason="later versions inline comprehensions (PEP 709)")
def test_a_comprehension_has_frames_of_its_own() -> None:
    trace = trace_call("def f(s):\n    return [c for c in s]", "f('ab')")
    assert [(f.event.value, f.depth, f.locals) for f in trace.frames if f.event == "call"] == [
        ("call", 0, (("s", "'ab'"),)),
        ("call", 1, ((".0", "<str_ascii_iterator object>"),)),
    ]


def test_libraries_are_not_stepped_into() -> None:
    source = "import textwrap\n\ndef f():\n    return textwrap.fill('a b', 1)"
    assert [event for event, *_ in events(source)] == ["call", "line", "return"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (object(), "<object object>"),
        (test_a_plain_run, "<function test_a_plain_run>"),
        ("at 0x1f", "'at 0x1f'"),
        ([1, "a"], "[1, 'a']"),
    ],
    ids=["an object", "a function", "a string is kept", "a list"],
)
def test_addresses_are_removed(value: object, expected: str) -> None:
    assert text_of(value) == expected


def test_a_repr_that_raises_is_named_by_its_type() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert text_of(Broken()) == "<Broken object>"


@pytest.mark.parametrize(
    ("source", "bounds", "complete"),
    [
        pytest.param("def f():\n    while True:\n        pass", Bounds(frames=20), False, id="too many frames"),
        pytest.param("def f():\n    x = 'a' * 50\n    return 1", Bounds(repr_length=30), False, id="a long value"),
        pytest.param("def f():\n    return 1", Bounds(frames=3), True, id="just within"),
    ],
)
def test_a_run_is_cut_short_at_its_bounds(source: str, bounds: Bounds, complete: bool) -> None:
    trace = trace_call(source, "f()", bounds)
    assert (trace.complete, len(trace.frames) <= bounds.frames) == (complete, True)


def test_a_dropped_generator_leaves_no_exception() -> None:
    source = "def f(s):\n    return next(c for c in s)"
    assert "exception" not in {event for event, *_ in events(source, "f('ab')")}


def test_code_that_catches_everything_is_cut_short_too() -> None:
    source = "def f():\n    while True:\n        try:\n            pass\n        except Exception:\n            pass"
    assert not trace_call(source, "f()", Bounds(frames=30)).complete
