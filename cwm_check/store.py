"""Where models live and what is known of them: names in, folders with a manifest out.

    nano/manifest.json      name, codec, licence, source, and size and sha256 of each file
         model.onnx, model.onnx.data, nano_tokenizer.json

Bundled models are in the package or, in a checkout, beside it; exported ones in the user's cache. Nothing is downloaded
and nothing is unpickled. A file that is not what the manifest says is named, with the likely reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from cwm_check import cache
from cwm_check.errors import AnalysisError, CwmCheckError

MANIFEST = "manifest.json"
_PACKAGE = Path(__file__).parent
LARGEST = 1 << 50  # a number in a manifest: more bytes, or a steeper scale, has no model
_KINDS = {"str": (str,), "int": (int,), "float": (int, float)}
_Record = TypeVar("_Record")
_LFS = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model."""

    name: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a model."""

    name: str
    codec: str
    licence: str
    source: str
    """What it was exported from."""
    precision: str
    files: tuple[File, ...]
    slope: float = 1.0
    """With `offset`, how the model's own confidence becomes a probability (Platt scaling)."""
    offset: float = 0.0
    step_slope: float = 1.0
    """The same for steps, which the neural simulator asks."""
    step_offset: float = 0.0
    notice: str = ""
    """What whoever uses the model must know of its licence."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model in its folder."""

    folder: Path
    manifest: Manifest

    @property
    def graph(self) -> Path:
        return self.folder / next(file.name for file in self.manifest.files if file.name.endswith(".onnx"))

    @property
    def version(self) -> str:
        """Twelve digits that tell these files from others of the same name."""
        told = "".join(f"{file.name}:{file.sha256}\n" for file in sorted(self.manifest.files, key=lambda f: f.name))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.manifest.files)


def cache_folder() -> Path:
    """Return where exported models are kept: `models` in the user's cache."""
    return cache.cache_folder() / "models"


def bundled_folders() -> tuple[Path, ...]:
    """Return where models that come with the tool are: in the package, or beside it in a checkout."""
    return (_PACKAGE / "models", _PACKAGE.parent / "models")


def models() -> tuple[Model, ...]:
    """Return all models by name; a bundled one hides an exported one of its name."""
    found: dict[str, Model] = {}
    for folder in (*bundled_folders(), cache_folder()):
        for path in sorted(folder.glob(f"*/{MANIFEST}")):
            model = read_model(path.parent)
            found.setdefault(model.manifest.name, model)
    return tuple(found[name] for name in sorted(found))


def find_model(name: str) -> Model:
    """Return the model of that name, or in the folder `name`."""
    if os.sep in name or "/" in name:
        return read_model(Path(name))
    known = {model.manifest.name: model for model in models()}
    if name not in known:
        listed = ", ".join(known) or "none"
        raise CwmCheckError(f"no model {name!r}; there is: {listed}; `cwm-check model export` makes one")
    return known[name]


def read_model(folder: Path) -> Model:
    """Return the model in `folder`; its files are not looked at."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(_file(path, entry) for entry in content.pop("files"))
        if not any(file.name.endswith(".onnx") for file in files):
            raise ValueError("it names no graph (.onnx)")
        return Model(folder, _typed(Manifest(**content, files=files)))
    except OSError as error:
        raise CwmCheckError(f"{folder} is no model: it has no readable {MANIFEST}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CwmCheckError(f"{path} is not a manifest of this version of cwm-check: {error}") from error


def _typed(record: _Record) -> _Record:
    """Return the record; raises `ValueError` where a field holds another type than it promises."""
    for field in fields(record):  # type: ignore[arg-type]
        value, kinds = getattr(record, field.name), _KINDS.get(str(field.type))
        if kinds and (type(value) not in kinds or (type(value) is not str and not abs(value) < LARGEST)):
            raise ValueError(f"{field.name} is {value!r:.80}")
    return record


def _file(manifest: Path, entry: Any) -> File:
    file = _typed(File(**entry))
    if Path(file.name).name != file.name:
        raise CwmCheckError(f"{manifest} names a file outside its folder: {file.name}")
    return file


def problems(model: Model, *, hashes: bool = True) -> Iterator[str]:
    """Yield one line for each file that is not what the manifest says; without `hashes`, sizes only."""
    for file in model.manifest.files:
        problem = _problem(model.folder / file.name, file, hashes)
        if problem:
            yield f"{model.folder / file.name} {problem}"


def _problem(path: Path, file: File, hashes: bool) -> str | None:
    if not path.is_file():
        return "is missing: install or export the model again"
    size = path.stat().st_size
    if size != file.size:
        with path.open("rb") as opened:
            if opened.read(len(_LFS)) == _LFS:
                return "is a Git LFS pointer, not the file: run `git lfs pull`"
        return f"has {size} bytes instead of {file.size}: it is cut short or of another version"
    if hashes and sha256_of(path) != file.sha256:
        return "has another sha256 than the manifest says: it was changed or damaged"
    return None


def require_intact(model: Model) -> None:
    """Refuse a model whose files are missing, of another size or LFS pointers."""
    if problem := next(problems(model, hashes=False), None):
        raise AnalysisError(problem)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_files(folder: Path) -> tuple[File, ...]:
    """Return the files of `folder`, for a manifest."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    return tuple(File(path.name, path.stat().st_size, sha256_of(path)) for path in paths)


def install(built: Path, target: Path, manifest: Manifest) -> Model:
    """Move the files of `manifest` from `built` into `target`, its manifest last; other files of `target` stay."""
    target.mkdir(parents=True, exist_ok=True)
    for file in manifest.files:
        os.replace(built / file.name, target / file.name)
    with tempfile.NamedTemporaryFile("w", dir=target, delete=False, encoding="utf-8") as aside:
        aside.write(json.dumps(asdict(manifest), indent=1) + "\n")
    os.chmod(aside.name, 0o644)
    os.replace(aside.name, target / MANIFEST)
    return Model(target, manifest)
