"""`cwm-check model` on real folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cwm_check import store
from cwm_check.commands.cli import main

pytest.importorskip("onnx")

from checkpoints import CWM, NANO, write_checkpoint


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint; no models are bundled, and the cache is empty."""
    monkeypatch.setenv("CWM_CHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "bundled_folders", lambda: ())
    return write_checkpoint(tmp_path / "tiny", NANO)


def exported(source: Path, *more: str) -> Path:
    assert main(["model", "export", str(source), "--licence", "MIT", *more]) == 0
    return source.parent / "cache" / "models" / "tiny"


def test_what_is_exported_is_listed_and_intact(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = exported(source)
    assert main(["model", "list"]) == 0
    assert main(["model", "verify"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}: tiny, float32, 0.3 MB",
        f"tiny         float32       0.3 MB  MIT          {folder}",
        "1 intact: tiny",
    ]


def test_info_is_the_manifest(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = exported(source, "--quantize", "int8", "--source", "a test")
    capsys.readouterr()
    assert main(["model", "info", "tiny"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"folder": str(folder), **json.loads((folder / "manifest.json").read_text())}
    assert (told["precision"], told["source"]) == ("int8", "a test")


def test_a_damaged_model_is_named_and_the_exit_code_says_so(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = exported(source)
    capsys.readouterr()
    (folder / "model.onnx.data").write_bytes(b"")
    size = json.loads((folder / "manifest.json").read_text())["files"][1]["size"]
    assert main(["model", "verify", "tiny"]) == 3
    wanted = f"{folder / 'model.onnx.data'} has 0 bytes instead of {size}: it is cut short or of another version\n"
    assert capsys.readouterr() == ("", wanted)


def test_a_bench_says_five_things_of_which_the_device_is_known(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(source)
    capsys.readouterr()
    assert main(["model", "bench", "tiny", "--device", "cpu", "--batch", "3", "--limit", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["device", "load", "first", "batch"]
    assert lines[0] == "device   cpu"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["info", "big"], "no model 'big'; there is: none; `cwm-check model export` makes one"),
        (
            ["export", "{source}", "--licence", "MIT", "--via", "optimum", "--half"],
            "--half goes with --via writer only",
        ),
        (
            ["export", "{source}", "--licence", "MIT", "--via", "optimum", "--quantize", "int8"],
            "--via optimum writes float32, not int8",
        ),
        (["export", "{source}"], "--licence is missing: the SPDX identifier of the weights' licence"),
        (
            ["export", "{source}", "--licence", "MIT", "--codec", "cwm"],
            "{source} has no tokenizer.json, which --codec cwm needs",
        ),
    ],
    ids=["unknown", "half by optimum", "int8 by optimum", "no licence", "no tokenizer"],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    source: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", *(argument.format(source=source) for argument in arguments)]) == 2
    assert capsys.readouterr() == ("", f"cwm-check: {message.format(source=source)}\n")


@pytest.fixture
def cwm_source(tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A random CWM with a tokenizer of its own."""
    monkeypatch.setenv("CWM_CHECK_CACHE", str(tmp_path / "cache"))
    size = {"vocab_size": 400, "max_position_embeddings": 4096}
    source = write_checkpoint(tmp_path / "tiny-cwm", CWM | size, shards=3, kind="BF16", tokenizer="unused.json")
    tokenizer_file.rename(source / "tokenizer.json")
    return source


NOTICE = (
    "facebook/cwm and what is made of it is licensed by Meta for non-commercial research only (FAIR Noncommercial"
    " Research License): not for any product or service"
)


@pytest.mark.parametrize("quantize", ["none", "fp16", "int8", "int4"])
def test_a_cwm_is_exported_with_its_licence_and_predicts(
    cwm_source: Path, quantize: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "export", str(cwm_source), "--codec", "cwm", "--quantize", quantize]) == 0
    out, err = capsys.readouterr()
    assert err == NOTICE + "\n"
    manifest = store.find_model("tiny-cwm").manifest
    assert (manifest.codec, manifest.licence, manifest.notice) == ("cwm", "FAIR-noncommercial-research", NOTICE)
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text("def f(x: int):\n    return x + 1\n")
    new.write_text("def f(x: int):\n    return x + 2\n")
    arguments = [
        "--before",
        str(old),
        "--after",
        str(new),
        "--simulate",
        "neural",
        "--model",
        "tiny-cwm",
        "--probes",
        "2",
    ]
    assert main(["check", *arguments, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    # Random weights say nothing that is a frame.
    assert [v["reason"] for v in json.loads(out)["functions"]] == ["no probe ran to an end on both versions"]


def test_a_tokenizer_without_the_tokens_of_traces_is_refused(
    cwm_source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = cwm_source / "tokenizer.json"
    path.write_text(path.read_text().replace("trace_context_start", "other"))
    assert main(["model", "export", str(cwm_source)]) == 2
    wanted = f"cwm-check: {path} has no <|trace_context_start|>: it is not the tokenizer of a CWM"
    assert capsys.readouterr().err.splitlines() == [NOTICE, wanted]
