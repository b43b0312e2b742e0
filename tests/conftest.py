"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cwm_check.sandbox.component import Sandbox
from cwm_check.sandbox.native import native_code


@dataclass(frozen=True)
class Repository:
    """A real git repository."""

    root: Path

    def git(self, *arguments: str, fails: bool = False) -> str:
        """Return what git prints; `fails` allows an exit code that is not 0."""
        run = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=not fails)
        return os.fsdecode(run.stdout).strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write the files, exactly; None deletes one."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def stage(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write the files and stage all there is."""
        self.write(files)
        self.git("add", "--all")

    def commit(self, files: Mapping[str, str | bytes | None]) -> str:
        """Commit the files and all there is, and return the id of the commit."""
        self.stage(files)
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Repository]:
    """Make a repository in a folder of `tmp_path`, with the files of a first commit if there are any.

    Git's configuration is that of the file `gitconfig` in `tmp_path`, and the current folder is the repository.
    """
    for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = a\nemail = a@example.org\n[init]\ndefaultBranch = main\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def make(files: Mapping[str, str | bytes | None] | None = None, *, name: str = "repo") -> Repository:
        made = Repository(tmp_path / name)
        made.root.mkdir()
        made.git("init", "--quiet")
        if files:
            made.commit(files)
        monkeypatch.chdir(made.root)
        return made

    return make


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what the tests give into tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file in `tests/golden`, whole; with `--accept`, write the file instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--accept"):
            path.write_text(text, encoding="utf-8", newline="")
        with path.open(encoding="utf-8", newline="") as file:
            assert file.read() == text

    return compare


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder with the compiled sandbox, and without results of earlier tests."""
    folder, native = tmp_path_factory.mktemp("cache"), native_code()
    folder.chmod(0o700)
    if native is not None:
        shutil.copy2(native, folder / Path(native).name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CWM_CHECK_CACHE", str(folder))
        patch.setenv("CWM_CHECK_TIME_BUDGET", "3600")  # so that no verdict hangs on how busy the machine is
        yield folder


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """The real sandbox, compiled once; each run in it is a fresh instance."""
    return Sandbox()


@pytest.fixture
def tokenizer_file(tmp_path: Path) -> Path:
    """A small byte-level `tokenizer.json` with the special tokens of CWM, whose ids are not those of facebook/cwm."""
    tokenizers = pytest.importorskip("tokenizers")
    from cwm_check.codecs.cwm import Special

    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    specials = [special.spelling for special in Special]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, special_tokens=specials, initial_alphabet=sorted(alphabet), show_progress=False
    )
    made.train_from_iterator([Path(__file__).read_text(encoding="utf-8")], trainer)
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    return path
