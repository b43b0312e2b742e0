"""Meta's trace format: what its documentation shows, character for character, and every trace there and back."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from neural_programs import PROGRAMS

from cwm_check.codecs import cwm, cwm_reader
from cwm_check.codecs.cwm import Special
from cwm_check.codecs.cwm_reader import MalformedError
from cwm_check.trace import Event, Evidence, Frame, Trace
from cwm_check.training.programs import program
from cwm_check.training.tracer import Bounds, trace_call

DEMO = Path(__file__).parent / "golden" / "cwm"
"""The program of facebook/cwm's demos/README.md, without its mark, and its trace in the documented format."""


def written(trace: Trace) -> list[str]:
    """A line for the prompt, and one for each frame."""
    return cwm.as_text(cwm.render(trace)).replace("<|frame_sep|>", "<|frame_sep|>\x00").split("\x00")


def test_the_demo_of_the_format_is_written_as_documented() -> None:
    source = (DEMO / "count_letters_source.txt").read_text()
    trace = trace_call(source, "f('r')", Bounds(frames=400))
    expected = (DEMO / "count_letters.txt").read_text()
    assert cwm.as_text(cwm.render(trace)) + "\n" == expected


def frame(event: Event, line: int, source: str, value: str | None = None, depth: int = 0, **values: str) -> Frame:
    return Frame(event, line, source, tuple(values.items()), value, depth)


SOURCE = "def g(a):\n    return a\n\ndef f(x):\n    y = g(x)\n    z = y\n    return z\n"


def test_unchanged_values_are_dots_until_another_call_ran() -> None:
    trace = Trace(
        SOURCE,
        (
            frame(Event.CALL, 4, "def f(x):", x="'é\"'"),
            frame(Event.LINE, 5, "    y = g(x)", x="'é\"'"),
            frame(Event.CALL, 1, "def g(a):", depth=1, a="'é\"'"),
            frame(Event.LINE, 2, "    return a", depth=1, a="'é\"'"),
            frame(Event.RETURN, 2, "    return a", "'é\"'", depth=1),
            frame(Event.LINE, 6, "    z = y", x="'é\"'", y="'é\"'"),
            frame(Event.LINE, 7, "    return z", x="'é\"'", y="'é\"'", z="1"),
            frame(Event.RETURN, 7, "    return z", "1"),
        ),
    )
    quoted = r"'\u00e9\"'"
    assert written(trace) == [
        "<|begin_of_text|><|trace_context_start|>def g(a):\n    return a\n\ndef f(x):  # << START_OF_TRACE\n"
        "    y = g(x)\n    z = y\n    return z\n<|frame_sep|>",
        f'<|call_sep|>{{"x": "{quoted}"}}<|action_sep|>def f(x):\n<|frame_sep|>',
        '<|line_sep|>{"x": ".."}<|action_sep|>    y = g(x)\n<|frame_sep|>',
        f'<|call_sep|>{{"a": "{quoted}"}}<|action_sep|>def g(a):\n<|frame_sep|>',
        '<|line_sep|>{"a": ".."}<|action_sep|>    return a\n<|frame_sep|>',
        f'<|return_sep|><|action_sep|>    return a\n<|arg_sep|>"{quoted}"<|frame_sep|>',
        f'<|line_sep|>{{"x": "{quoted}", "y": "{quoted}"}}<|action_sep|>    z = y\n<|frame_sep|>',
        '<|line_sep|>{"x": "..", "y": "..", "z": "1"}<|action_sep|>    return z\n<|frame_sep|>',
        '<|return_sep|><|action_sep|>    return z\n<|arg_sep|>"1"<|frame_sep|>',
        "<|end_of_text|>",
    ]
    assert cwm_reader.parse(cwm.render(trace)) == trace


CASES = [(source, call) for source, calls in PROGRAMS.values() for call in calls]


@pytest.mark.parametrize(("source", "call"), CASES)
def test_every_kind_of_control_flow_comes_back(source: str, call: str) -> None:
    trace = trace_call(source, f"f({call})")
    assert cwm_reader.parse(cwm.render(trace)) == trace


@pytest.mark.parametrize("seed", range(60))
def test_generated_programs_come_back(seed: int) -> None:
    made = program(Random(seed), calls=1)
    trace = trace_call(made.source, made.calls[0], Bounds(frames=60))
    assert cwm_reader.parse(cwm.render(trace)) == trace


def test_a_repeated_line_is_the_one_that_can_follow() -> None:
    twice = "    x += 1\n    if x > 1:\n        x += 2\n"
    source = f"def f(x):\n{twice}{twice.replace('> 1', '> 3')}    return x\n"
    for call in ("f(0)", "f(1)"):
        trace = trace_call(source, call)
        assert cwm_reader.parse(cwm.render(trace)) == trace


def test_evidence_is_that_of_the_reader() -> None:
    trace = trace_call("def f(x):\n    return x\n", "f(1)")
    assert {f.evidence for f in cwm_reader.parse(cwm.render(trace), Evidence.PREDICTED).frames} == {Evidence.PREDICTED}


LINE, ACTION, RETURN, ARG = Special.LINE_SEP, Special.ACTION_SEP, Special.RETURN_SEP, Special.ARG_SEP


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((LINE, "{", ACTION, "    return x\n"), "locals are no JSON"),
        ((LINE, "[" * 100_000, ACTION, "    return x\n"), "locals are no JSON"),
        ((LINE, "[]", ACTION, "    return x\n"), "locals are no texts"),
        ((LINE, '{"x": 1}', ACTION, "    return x\n"), "locals are no texts"),
        ((LINE, '{"q": ".."}', ACTION, "    return x\n"), "nothing is known of q"),
        ((LINE, "{}", ACTION, "    return y\n"), "no line '    return y'"),
        ((LINE, "{}", "    return x\n"), "no frame"),
        ((RETURN, ACTION, "    return x\n", ARG, "1"), "the value is no text"),
        ((RETURN, ACTION, "    return x\n", ARG, "'1'"), "the value is no JSON"),
        ((RETURN, ACTION, "    return x\n", ARG, "[" * 100_000), "the value is no JSON"),
        ((LINE, ACTION, "    return x\n", ARG, '"1"'), "no frame"),
        ((), "no frame"),
    ],
)
def test_what_is_no_frame_is_refused(said: tuple[cwm.Piece, ...], reason: str) -> None:
    reader = cwm_reader.Reader("def f(x):\n    return x\n", 1)
    reader.read((Special.CALL_SEP, '{"x": "1"}', ACTION, "def f(x):\n"))
    with pytest.raises(MalformedError, match=f"^{reason}$"):
        reader.read(said)
    assert reader.line == 1


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_trace_that_is_cut_is_refused_or_partial(cut: int) -> None:
    pieces = cwm.render(trace_call("def f(x):\n    return x\n", "f(1)"))
    if cut == 1:
        assert not cwm_reader.parse(pieces[:-1]).complete
    else:
        with pytest.raises(MalformedError):
            cwm_reader.parse(pieces[:-cut])


# --- tokens


SPECIALS = {special.name: int(special) for special in Special}


def test_the_ids_are_those_of_the_prompting_guide() -> None:
    assert SPECIALS == {
        "BEGIN_OF_TEXT": 128000,
        "END_OF_TEXT": 128001,
        "FRAME_SEP": 128100,
        "ACTION_SEP": 128101,
        "RETURN_SEP": 128102,
        "CALL_SEP": 128103,
        "LINE_SEP": 128104,
        "EXCEPTION_SEP": 128105,
        "ARG_SEP": 128106,
        "TRACE_CONTEXT_START": 128107,
    }


@pytest.mark.parametrize(("source", "call"), CASES[::4])
def test_token_ids_come_back(source: str, call: str) -> None:
    pieces = cwm.render(trace_call(source, f"f({call})"))
    tokens = cwm.as_tokens(pieces, lambda text: [*text.encode()])
    assert cwm.from_tokens(tokens, lambda some: bytes(some).decode()) == pieces


def test_source_that_spells_a_special_token_stays_text(tokenizer_file: Path) -> None:
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer

    tokenizer = CwmTokenizer(tokenizer_file)
    source = 'def f(x):\n    return "<|frame_sep|><|end_of_text|>" + x\n'
    pieces = cwm.render(trace_call(source, "f('<|arg_sep|>')"))
    tokens = tokenizer.encode(pieces)
    assert tokenizer.decode(tokens) == pieces
    assert tokens.count(tokenizer.id_of(Special.FRAME_SEP)) == 4
    assert tokens[:2] == [tokenizer.id_of(Special.BEGIN_OF_TEXT), tokenizer.id_of(Special.TRACE_CONTEXT_START)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no tokenizer"),
        ("{}", "is no tokenizer: it has no model"),
        ('{"model": 1}', "is no tokenizer"),
        ("[" * 100_000, "is no tokenizer"),
        (None, "is no tokenizer"),
    ],
    ids=["cut short", "no model", "another model", "too deep", "missing"],
)
def test_a_file_that_is_no_tokenizer_is_named(content: str | None, message: str, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer
    from cwm_check.errors import AnalysisError

    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(AnalysisError, match=message):
        CwmTokenizer(path)


def test_a_tokenizer_of_another_model_is_refused(tokenizer_file: Path) -> None:
    from cwm_check.codecs.cwm_tokenizer import CwmTokenizer
    from cwm_check.errors import AnalysisError

    content = json.loads(tokenizer_file.read_text())
    content["added_tokens"] = [t for t in content["added_tokens"] if t["content"] != "<|arg_sep|>"]
    del content["model"]["vocab"]["<|arg_sep|>"]
    tokenizer_file.write_text(json.dumps(content))
    with pytest.raises(AnalysisError, match="has no <|arg_sep|>".replace("|", r"\|")):
        CwmTokenizer(tokenizer_file)
