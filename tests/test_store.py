"""Where models are found, and how broken ones are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cwm_check import store
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.store import (
    File,
    Manifest,
    Model,
    describe_files,
    find_model,
    install,
    models,
    problems,
    read_model,
    require_intact,
)

GRAPH = b"0123456789" * 20
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"


@pytest.fixture(autouse=True)
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty places for bundled and for exported models; the path of the first."""
    monkeypatch.setenv("CWM_CHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "bundled_folders", lambda: (tmp_path / "bundled",))
    return tmp_path / "bundled"


def make(folder: Path, name: str, source: str = "") -> Model:
    built = folder.parent / "built"
    built.mkdir(parents=True)
    (built / "model.onnx").write_bytes(GRAPH)
    (built / "nano_tokenizer.json").write_bytes(b"{}")
    made = install(built, folder, Manifest(name, "nano", "MIT", source, "int8", describe_files(built)))
    built.rmdir()
    return made


def test_models_of_one_name_with_other_weights_have_other_versions(tmp_path: Path) -> None:
    one = make(tmp_path / "x", "tiny")
    other = replace(one, manifest=replace(one.manifest, files=(File("model.onnx", 1, "0" * 64),)))
    turned = replace(one, manifest=replace(one.manifest, files=one.manifest.files[::-1], licence="other"))

    assert (len(one.version), one.version == other.version, one.version == turned.version) == (12, False, True)


def test_a_manifest_reads_back_as_it_was_written(tmp_path: Path) -> None:
    made = make(tmp_path / "x", "tiny")
    assert read_model(tmp_path / "x") == made
    assert (made.graph, made.size) == (tmp_path / "x" / "model.onnx", 202)


def test_models_are_found_by_name_bundled_ones_first(bundled: Path, tmp_path: Path) -> None:
    ours = make(bundled / "nano", "nano", "ours")
    make(tmp_path / "cache" / "models" / "nano", "nano", "another")
    exported = make(tmp_path / "cache" / "models" / "big", "big")
    assert models() == (exported, ours)
    assert (find_model("nano"), find_model("big")) == (ours, exported)


def test_a_folder_is_found_by_its_path(tmp_path: Path) -> None:
    made = make(tmp_path / "x", "tiny")
    assert find_model(str(tmp_path / "x")) == made


def test_without_models_the_list_is_empty() -> None:
    assert models() == ()


def test_an_unknown_name_says_what_there_is(bundled: Path) -> None:
    with pytest.raises(CwmCheckError, match=r"^no model 'big'; there is: none; `cwm-check model export` makes one$"):
        find_model("big")
    make(bundled / "nano", "nano")
    with pytest.raises(CwmCheckError, match=r"^no model 'big'; there is: nano; "):
        find_model("big")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (GRAPH, []),
        (None, ["is missing: install or export the model again"]),
        (GRAPH[:50], ["has 50 bytes instead of 200: it is cut short or of another version"]),
        (POINTER, ["is a Git LFS pointer, not the file: run `git lfs pull`"]),
        (b"x" + GRAPH[1:], ["has another sha256 than the manifest says: it was changed or damaged"]),
    ],
    ids=["intact", "missing", "cut short", "pointer", "damaged"],
)
def test_a_file_that_is_not_as_it_should_be_is_named(content: bytes | None, problem: list[str], tmp_path: Path) -> None:
    made = make(tmp_path / "x", "tiny")
    made.graph.unlink()
    if content is not None:
        made.graph.write_bytes(content)
    assert list(problems(made)) == [f"{made.graph} {one}" for one in problem]


def test_opening_looks_at_sizes_only(tmp_path: Path) -> None:
    made = make(tmp_path / "x", "tiny")
    made.graph.write_bytes(b"x" * len(GRAPH))
    require_intact(made)
    made.graph.write_bytes(b"x")
    with pytest.raises(AnalysisError, match="has 1 bytes instead of 200"):
        require_intact(made)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"name": "x", "files": []}', '{"files": [{"name": "a"}]}', '{"files": 1}', "[" * 100_000],
    ids=["empty", "list", "no files", "too little", "half a file", "number", "deep"],
)
def test_a_broken_manifest_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(CwmCheckError, match=r"manifest\.json is not a manifest of this version of cwm-check: "):
        read_model(tmp_path)


FILES = [{"name": "model.onnx", "size": 1, "sha256": ""}]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        pytest.param({}, None, id="as it should be"),
        pytest.param({"slope": 2}, None, id="a whole number"),
        pytest.param({"slope": "2"}, "slope is '2'", id="a text for a number"),
        pytest.param({"slope": 10**400}, "slope is 1000", id="a number that no float holds"),
        pytest.param({"offset": float("nan")}, "offset is nan", id="no number"),
        pytest.param({"codec": ["nano"]}, r"codec is \['nano'\]", id="a list for a text"),
        pytest.param({"files": [{**FILES[0], "size": True}]}, "size is True", id="a truth for a size"),
        pytest.param({"files": [{**FILES[0], "name": "x"}]}, "it names no graph", id="no graph"),
    ],
)
def test_a_manifest_holds_what_it_promises(changed: dict[str, object], told: str | None, tmp_path: Path) -> None:
    content = dict.fromkeys(("name", "codec", "licence", "source", "precision"), "") | {"files": FILES} | changed
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    if told is None:
        assert read_model(tmp_path).graph == tmp_path / "model.onnx"
    else:
        with pytest.raises(CwmCheckError, match=f"is not a manifest of this version of cwm-check: {told}"):
            read_model(tmp_path)


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(CwmCheckError, match=r"is no model: it has no readable manifest\.json$"):
        read_model(tmp_path)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b"])
def test_a_manifest_may_not_point_out_of_its_folder(name: str, tmp_path: Path) -> None:
    content: dict[str, object] = dict.fromkeys(("name", "codec", "licence", "source", "precision"), "")
    content["files"] = [*FILES, {"name": name, "size": 1, "sha256": ""}]
    (tmp_path / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(CwmCheckError, match="names a file outside its folder"):
        read_model(tmp_path)


def test_hashes_are_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert describe_files(tmp_path) == (File("a", 3, digest),)
