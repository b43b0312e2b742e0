"""`cwm-check trace` on real files: the table, the JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cwm_check.commands.cli import main

COUNT = """\
class Cart:
    def __init__(self, prices):
        self.prices = prices

    def total(self, discount=0):
        return sum(self.prices) - discount


def count(word, letter):
    n = 0
    for c in word:
        n += int(c == letter)
    return n


def half(n: int) -> int:
    if n % 2:
        raise ValueError(f"odd: {n}")
    return n // 2


def forever():
    while True:
        pass


def outer():
    def inner():
        return 1
    return inner()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a repository that holds the file, as the current one."""
    (tmp_path / "shop.py").write_text(COUNT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def traced(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["trace", *arguments]) == 0
    return capsys.readouterr().out


def test_the_table_says_what_each_line_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert traced(capsys, "shop.py::count", "--call", "count('ab', letter='b')") == (
        "shop.py::count  count('ab', letter='b')\n"
        "frame  line  event   evidence  source                    what changed\n"
        "    0     9  call    exact     def count(word, letter):  word = 'ab', letter = 'b'\n"
        "    1    10  line    exact     n = 0\n"
        "    2    11  line    exact     for c in word:            n = 0\n"
        "    3    12  line    exact     n += int(c == letter)     c = 'a'\n"
        "    4    11  line    exact     for c in word:\n"
        "    5    12  line    exact     n += int(c == letter)     c = 'b'\n"
        "    6    11  line    exact     for c in word:            n = 1\n"
        "    7    13  line    exact     return n\n"
        "    8    13  return  exact     return n                  1\n"
        "returns 1 (exact)\n"
    )


def test_the_json_holds_every_frame(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(traced(capsys, "shop.py::half", "--call", "half(3)", "--format", "json"))
    assert (told["call"], told["outcome"], told["complete"]) == (
        "half(3)",
        {"kind": "raised", "value": "ValueError", "message": "odd: 3"},
        True,
    )
    assert [(f["event"], f["line"], f["value"]) for f in told["frames"]] == [
        ("call", 16, None),
        ("line", 17, None),
        ("line", 18, None),
        ("exception", 18, "ValueError('odd: 3')"),
        ("return", 18, "None"),
    ]
    assert told["frames"][1] == {
        "event": "line",
        "line": 17,
        "function": "half",
        "depth": 0,
        "source": "    if n % 2:",
        "locals": {"n": "3"},
        "changed": [],
        "value": None,
        "evidence": "exact",
        "confidence": 1.0,
    }


def test_a_call_is_made_up_that_returns(capsys: pytest.CaptureFixture[str]) -> None:
    assert traced(capsys, "shop.py::half").splitlines()[-1].startswith("returns ")


def test_a_bare_name_is_an_unknown_value(capsys: pytest.CaptureFixture[str]) -> None:
    *_, ending, first, second, size = traced(capsys, "shop.py::count", "--call", "count(word, 'b')").splitlines()
    assert (ending.partition(" (")[2], size) == ("assumed)", "if word has length 2")
    assert (first.partition(" is ")[0], second.partition(" is ")[0]) == ("if word[0]", "if word[1]")


def test_a_method_is_called_on_the_object_that_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "shop.py::Cart.total", "--call", "Cart([5, 7]).total(2)").splitlines()
    assert (told[0], told[-1]) == ("shop.py::Cart.total  Cart([5, 7]).total(2)", "returns 10 (exact)")


def test_what_does_not_end_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "shop.py::forever", "--frames", "5").splitlines()
    assert told[-2:] == ["... the trace ends here: a limit was met", "does not end: limit: steps (exact)"]
    assert len(told) == 2 + 5 + 2


REFUSED = [
    ("shop.py", (), "shop.py: expected FILE::QUALNAME, for instance shop.py::Cart.total"),
    ("none.py::f", (), "cannot read none.py: No such file or directory"),
    ("shop.py::coumt", (), "shop.py has no function coumt; did you mean count?"),
    ("shop.py::outer.inner", (), "shop.py has no function outer.inner; it is inside outer: name that one"),
    ("shop.py::count", ("half(3)",), "--call half(3): expected a call of count, such as count(word, letter)"),
    ("shop.py::count", ("count(3)",), "--call count(3): the arguments do not fit count(word, letter)"),
    ("shop.py::count", ("count(*x)",), "--call count(*x): write the arguments out, without * and **"),
    ("shop.py::count", ("count(",), "--call count(: not a Python expression"),
    (
        "shop.py::count",
        ("count(Cart(3), 'a')",),
        "--call: Cart(3) uses Cart; only literals and builtin functions make a value, "
        "and a bare name stands for an unknown one",
    ),
]


@pytest.mark.parametrize(("target", "call", "message"), REFUSED)
def test_a_mistake_is_one_line(
    target: str, call: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", target, *(("--call", *call) if call else ())]) == 2
    assert capsys.readouterr().err == f"cwm-check: {message}\n"


def test_what_does_not_parse_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "shop.py").write_text("def f(:\n", encoding="utf-8")
    assert main(["trace", "shop.py::f"]) == 2
    assert capsys.readouterr().err == "cwm-check: shop.py: the source does not parse as Python 3\n"


def test_the_prediction_is_compared_with_the_computed_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    (folder / "moves.py").write_text("def f(a):\n    b = a\n    return b\n", encoding="utf-8")
    told = traced(capsys, "moves.py::f", "--call", "f(3)", "--simulate", "both").splitlines()
    assert told[-1] == "the prediction is the computed run: 4 frames"
    assert [line.split()[:4] for line in told if " return " in line] == [
        ["2", "3", "line", "exact"],
        ["3", "3", "return", "exact"],
        ["2", "3", "line", "predicted"],
        ["3", "3", "return", "predicted"],
    ]


def test_a_prediction_needs_known_values(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    assert main(["trace", "shop.py::count", "--call", "count(word, 'b')", "--simulate", "neural"]) == 2
    message = "the value of word is not known, and a prediction needs it: give a --call"
    assert capsys.readouterr().err == f"cwm-check: {message}\n"


def test_two_documents_are_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "shop.py::count", "--simulate", "both", "--format", "json"]) == 2
    message = "--simulate both compares in a table: leave --format and --codec-text out"
    assert capsys.readouterr().err == f"cwm-check: {message}\n"


def test_the_text_of_the_codec_reads_back_as_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "shop.py::half", "--call", "half(3)", "--codec-text")
    assert told.partition("<|frame_sep|>")[2] == (
        '<|call_sep|>{"n": "3"}<|action_sep|>def half(n: int) -> int:\n'
        '<|frame_sep|><|line_sep|>{"n": ".."}<|action_sep|>    if n % 2:\n'
        '<|frame_sep|><|line_sep|>{"n": ".."}<|action_sep|>        raise ValueError(f"odd: {n}")\n'
        '<|frame_sep|><|exception_sep|><|action_sep|>        raise ValueError(f"odd: {n}")\n'
        "<|arg_sep|>\"ValueError('odd: 3')\"<|frame_sep|><|end_of_text|>\n"
    )
