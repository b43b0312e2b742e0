from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cwm_check.commands.output import FORMATS, Target, complain, progress_on, targets_from, wants_color, write
from cwm_check.errors import CwmCheckError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], (Target("text", None),)),
        (["json"], (Target("json", None),)),
        (["sarif:out/a.sarif"], (Target("sarif", Path("out/a.sarif")),)),
        (["text", "html:a:b.html"], (Target("text", None), Target("html", Path("a:b.html")))),
    ],
)
def test_targets_are_parsed(texts: list[str], expected: tuple[Target, ...]) -> None:
    assert targets_from(texts) == expected


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        (["jsn"], f"--format jsn: expected {'|'.join(FORMATS)}[:PATH]; did you mean json?"),
        (["json:"], f"--format json:: expected {'|'.join(FORMATS)}[:PATH]; did you mean json?"),
        (
            ["json", "text"],
            "--format: only one report can go to standard output; write the others as FORMAT:PATH",
        ),
    ],
)
def test_a_wrong_target_is_refused(texts: list[str], complaint: str) -> None:
    with pytest.raises(CwmCheckError) as caught:
        targets_from(texts)
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("caf\u00e9.py:1 f: same ()", "caf\u00e9.py:1 f: same ()"),
        ("a\x1b[31m.py:1 f: same ()", r"a\x1b[31m.py:1 f: same ()"),
        ("a\n::error::b.py:1 f: same ()", r"a\n::error::b.py:1 f: same ()"),
    ],
    ids=["quiet", "a control character", "a line of its own"],
)
def test_what_is_quoted_on_standard_error_stays_in_its_line(
    capsys: pytest.CaptureFixture[str], line: str, expected: str
) -> None:
    complain([line])
    assert capsys.readouterr().err == f"cwm-check: {expected}\n"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("former, and longer than what comes now")
    write(Target("json", path), lambda out: print("{}", file=out))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"report.json": "{}\n"}


def test_a_report_that_fails_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("former")

    def fail(out: io.TextIOBase) -> None:
        out.write("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(Target("json", path), fail)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"report.json": "former"}


def test_a_folder_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    path = tmp_path / "none" / "report.json"
    with pytest.raises(CwmCheckError) as caught:
        write(Target("json", path), lambda out: None)
    assert str(caught.value) == f"cannot write {path}: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        write(Target("json", pipe), lambda out: print("{}", file=out))
        assert reader.communicate(timeout=60) == ("{}\n", None)
    assert pipe.is_fifo()


def test_a_reader_that_left_changes_nothing() -> None:
    program = "from cwm_check.commands.output import say; say('x' * 100 for _ in range(10000)); raise SystemExit(7)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 7)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_exit_2() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "cwm_check", "rules"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    complaint = "cwm-check: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, complaint)


@pytest.mark.parametrize(
    ("choice", "stream", "environ", "expected"),
    [
        pytest.param("auto", Terminal(), {}, True, id="terminal"),
        pytest.param("auto", io.StringIO(), {}, False, id="no terminal"),
        pytest.param("auto", Terminal(), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param("auto", Terminal(), {"NO_COLOR": ""}, True, id="NO_COLOR empty is not set"),
        pytest.param("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param("auto", Terminal(), {"FORCE_COLOR": "0"}, False, id="FORCE_COLOR=0"),
        pytest.param("auto", Terminal(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR wins"),
        pytest.param("auto", Terminal(), {"TERM": "dumb"}, False, id="dumb terminal"),
        pytest.param("always", io.StringIO(), {"NO_COLOR": "1"}, True, id="the flag wins"),
        pytest.param("never", Terminal(), {"FORCE_COLOR": "1"}, False, id="the flag wins too"),
    ],
)
def test_colour_follows_flag_then_environment_then_terminal(
    choice: str, stream: io.StringIO, environ: dict[str, str], expected: bool
) -> None:
    assert wants_color(choice, stream, environ) == expected


def test_progress_is_for_terminals_and_leaves_an_empty_line() -> None:
    terminal = Terminal()
    seconds = iter([0.0, 1.0, 6.0, 8.0])
    show = progress_on(terminal, lambda: next(seconds))
    assert show is not None
    show("Cart.total", 0, 4)
    show("x" * 200, 1, 4)
    show("", 4, 4)
    lines = terminal.getvalue().split("\r\x1b[K")
    assert [line[:79] for line in lines] == lines
    assert (lines[1], lines[2][:44], lines[3]) == (
        f"[{'.' * 20}] 0/4: Cart.total",
        f"[{'#' * 5}{'.' * 15}] 1/4, 3 s left: xxxxxx",
        "",
    )
    assert progress_on(io.StringIO()) is None
