"""Trees: the files of one side of a change, as text, by path.

A tree lists its files when it is first asked and reads each file once. Other modules of the repository reach the
sandbox this way, as text. Submodules and symbolic links are no files here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from cwm_check.errors import CwmCheckError
from cwm_check.sources.plumbing import Blobs, git, label
from cwm_check.sources.texts import MAX_BYTES, decode

_FILE_MODES = ("100644", "100755")


class Tree:
    """The files of a revision, of the index, of a work tree, or just given ones."""

    def __init__(
        self,
        files: Callable[[], Mapping[str, str]] = dict,
        load: Callable[[str], bytes | None] = lambda key: None,
        texts: Mapping[str, str | None] | None = None,
    ) -> None:
        """Take a function that gives each path the key that `load` takes, and `texts` that stand in for files."""
        self._list = files
        self._load = load
        self._texts = dict(texts or {})
        self._files: Mapping[str, str] | None = None
        self._read: dict[str, str | None] = {}

    def read(self, path: str) -> str | None:
        """Return the text of a file; None if there is none or it is not text."""
        if path in self._texts:
            return self._texts[path]
        if path not in self._read:
            data = self.data(path)
            self._read[path] = None if data is None else decode(data).text
        return self._read[path]

    def data(self, path: str) -> bytes | None:
        """Return what the listed file holds, cut after `MAX_BYTES` + 1; None if there is none."""
        key = self._listed().get(path)
        return None if key is None else self._load(key)

    def paths(self) -> tuple[str, ...]:
        """Return the Python files, sorted."""
        given = {path for path, text in self._texts.items() if text is not None}
        listed = self._listed().keys() - self._texts.keys()
        return tuple(sorted(path for path in given | listed if path.endswith(".py")))

    def with_texts(self, texts: Mapping[str, str | None]) -> Tree:
        """Return the tree with other texts for some files; None takes a file away."""
        return Tree(self._listed, self._load, self._texts | dict(texts))

    def _listed(self) -> Mapping[str, str]:
        if self._files is None:
            self._files = self._list()
        return self._files


def revision_tree(root: Path, blobs: Blobs, treeish: str) -> Tree:
    """Return the files of a commit or tree."""
    return Tree(lambda: _blob_ids(git(root, "ls-tree", "-r", "-z", "--full-tree", treeish), 2), blobs.read)


def index_tree(root: Path, blobs: Blobs) -> Tree:
    """Return the files of the index."""
    return Tree(lambda: _blob_ids(git(root, "ls-files", "-s", "-z"), 1), blobs.read)


def work_tree(root: Path) -> Tree:
    """Return the files of the work tree that git tracks or would track."""
    command = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return Tree(
        lambda: {label(name): os.fsdecode(name) for name in git(root, *command).split(b"\0")[:-1]},
        lambda name: read_file(root, name),
    )


def _blob_ids(output: bytes, place: int) -> dict[str, str]:
    """Return path and blob id of the regular files in a listing whose records are `mode ... id ...<tab>path`."""
    records = (record.partition(b"\t") for record in output.split(b"\0")[:-1])
    heads = ((head.decode().split(), label(name)) for head, _, name in records)
    return {name: head[place] for head, name in heads if head[0] in _FILE_MODES}


def read_file(root: Path, name: str) -> bytes | None:
    """Return what a file of the work tree holds; None if it is not a regular file inside it, links not followed."""
    path = root / name
    # A folder on the way may be a link, too: then the real path is another one.
    if Path(os.path.realpath(path)) != Path(os.path.realpath(root)) / name or not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CwmCheckError(f"cannot read {label(os.fsencode(name))}: {error.strerror}") from error
