from __future__ import annotations

import multiprocessing
import os
import stat
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from conftest import Repository

from cwm_check.changes import FileChange
from cwm_check.errors import CwmCheckError
from cwm_check.git import FirstPush, Pair, Patch, Range, Staged, Wanted, WorkTree, find_root, hook_source, read_changes
from cwm_check.sources.plumbing import Blobs
from cwm_check.sources.trees import Tree
from cwm_check.vocabulary import SkipReason

Make = Callable[..., Repository]

ONE = "def f():\n    return 1\n"
TWO = "def f():\n    return 2\n"
THREE = "def f():\n    return 3\n"
ONE_TO_TWO = FileChange("a.py", "a.py", ONE, TWO, (2,), (2,))

WIDE = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(6))
"""A text of six functions, so that git sees a renamed file after a small change."""


def changes_of(repository: Repository, wanted: Wanted, paths: Sequence[str] = ()) -> tuple[FileChange, ...]:
    return read_changes(wanted, repository.root, paths).changes


def notes_of(repository: Repository, wanted: Wanted) -> tuple[str, ...]:
    return read_changes(wanted, repository.root, ()).notes


def error_of(action: Callable[[], object]) -> str:
    with pytest.raises(CwmCheckError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- the five sources


def test_staged_texts_come_from_the_index_and_not_from_the_work_tree(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.stage({"a.py": TWO})
    made.write({"a.py": THREE})
    assert changes_of(made, Staged()) == (ONE_TO_TWO,)


def test_the_work_tree_is_compared_with_head_staged_or_not(repo: Make) -> None:
    made = repo({"a.py": ONE, "b.py": ONE, "c.py": ONE})
    made.stage({"a.py": TWO})
    made.write({"b.py": TWO, "untracked.py": ONE})
    both = (ONE_TO_TWO, FileChange("b.py", "b.py", ONE, TWO, (2,), (2,)))
    assert changes_of(made, WorkTree()) == both


def test_two_revisions_are_compared_from_their_merge_base(repo: Make) -> None:
    made = repo({"a.py": ONE, "b.py": ONE})
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({"a.py": TWO})
    made.git("checkout", "--quiet", "main")
    made.commit({"b.py": TWO})
    assert changes_of(made, Range("main", "topic")) == (ONE_TO_TWO,)
    back = FileChange("b.py", "b.py", TWO, ONE, (2,), (2,))
    assert changes_of(made, Range("main", "topic", three_dot=False)) == (ONE_TO_TWO, back)


def test_a_range_without_head_ends_at_head_whatever_is_checked_out(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.commit({"a.py": TWO})
    made.stage({"a.py": THREE})
    assert changes_of(made, Range("HEAD~1")) == (ONE_TO_TWO,)


def test_two_files_need_no_repository_and_are_read_alone(tmp_path: Path) -> None:
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text(ONE, encoding="utf-8")
    after.write_text(TWO, encoding="utf-8")
    (tmp_path / "beside.py").write_text(ONE, encoding="utf-8")
    found = read_changes(Pair(before, after), None, ())
    assert found.changes == (FileChange(after.as_posix(), before.as_posix(), ONE, TWO, (2,), (2,)),)
    assert (found.before.paths(), found.after.paths()) == ((before.as_posix(),), (after.as_posix(),))
    assert found.after.read((tmp_path / "beside.py").as_posix()) is None


# --- what counts as a change


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {"a.py": ONE}, [FileChange("a.py", "a.py", None, ONE, (1, 2))], id="added"),
        pytest.param({"a.py": ONE}, {"a.py": None}, [FileChange("a.py", "a.py", ONE, None, (), (1, 2))], id="deleted"),
        pytest.param({"a.py": ONE}, {"a.py": ""}, [FileChange("a.py", "a.py", ONE, "", (), (1, 2))], id="emptied"),
        pytest.param(
            {"a.py": WIDE},
            {"a.py": None, "b/c.py": WIDE + ONE},
            [FileChange("b/c.py", "a.py", WIDE, WIDE + ONE, (25, 26))],
            id="renamed and edited",
        ),
        pytest.param(
            {"a.py": WIDE}, {"a.py": None, "b.py": WIDE}, [FileChange("b.py", "a.py", WIDE, WIDE)], id="only renamed"
        ),
        pytest.param(
            {"a": WIDE}, {"a": None, "a.py": WIDE}, [FileChange("a.py", "a", WIDE, WIDE)], id="a script became a module"
        ),
        pytest.param({"a.py": ONE}, {"a.py": ONE.replace("\n", "\r\n")}, [], id="only line endings"),
        pytest.param({"a.py": ONE}, {"a.py": b"\xef\xbb\xbf" + ONE.encode()}, [], id="only a byte order mark"),
        pytest.param({"a.txt": "1"}, {"a.txt": "2", "b.pyi": ONE, "c.pyc": "3"}, [], id="not Python"),
    ],
)
def test_only_changed_python_text_is_a_change(
    repo: Make,
    before: dict[str, str | bytes | None],
    after: dict[str, str | bytes | None],
    expected: list[FileChange],
) -> None:
    made = repo({"other": "", **before})
    made.stage(after)
    assert changes_of(made, Staged()) == tuple(expected)
    assert changes_of(made, WorkTree()) == tuple(expected)
    made.commit({})
    assert changes_of(made, Range("HEAD~1")) == tuple(expected)


def test_a_changed_mode_or_time_is_no_change(repo: Make) -> None:
    made = repo({"a.py": ONE, "b.py": ONE})
    (made.root / "a.py").chmod(0o755)
    os.utime(made.root / "b.py", (1, 1))
    assert changes_of(made, WorkTree()) == ()


LATIN = "# coding: latin-1\nname = 'é'\n"


@pytest.mark.parametrize(
    ("data", "text", "problem"),
    [
        pytest.param(b"a = 1\r\nb = 2\rc = 3\n", "a = 1\nb = 2\nc = 3\n", None, id="mixed line endings"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", "a = 1\n", None, id="byte order mark"),
        pytest.param(LATIN.encode("latin-1"), LATIN, None, id="declared encoding"),
        pytest.param(
            "name = 'é\x0c\u2028'\n".encode(), "name = 'é\x0c\u2028'\n", None, id="what str.splitlines splits"
        ),
        pytest.param(b"name = '\xe9'\n", None, SkipReason.ENCODING, id="undeclared encoding"),
        pytest.param(b"# coding: klingon\n", None, SkipReason.ENCODING, id="unknown encoding"),
        pytest.param(b"# coding: hex\n61\n", None, SkipReason.ENCODING, id="codec that is not for text"),
        pytest.param(b"a = '\0'\n", None, SkipReason.BINARY, id="null character"),
        pytest.param("a = 1\n".encode("utf-16"), None, SkipReason.BINARY, id="UTF-16"),
        pytest.param(b"#" * (1 << 20), "#" * (1 << 20), None, id="1 MiB"),
        pytest.param(b"#" * (5 << 20), None, SkipReason.HUGE, id="over 1 MiB"),
    ],
)
def test_bytes_are_read_as_python_reads_them_or_the_reason_is_given(
    repo: Make, data: bytes, text: str | None, problem: SkipReason | None
) -> None:
    made = repo({"a.py": "", "z.py": ONE})
    made.stage({"a.py": data, "z.py": TWO})
    lines = tuple(range(1, (text or "").count("\n") + 1)) or (1,)
    expected = (
        FileChange("a.py", "a.py", "", text, lines) if text else FileChange("a.py", "a.py", None, None, problem=problem)
    )
    other = FileChange("z.py", "z.py", ONE, TWO, (2,), (2,))
    assert changes_of(made, Staged()) == (expected, other)
    assert changes_of(made, WorkTree()) == (expected, other)


def test_changed_lines_are_counted_after_line_endings_are_made_equal(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.stage({"a.py": TWO.replace("\n", "\r\n")})
    assert changes_of(made, Staged()) == (ONE_TO_TWO,)


ODD_NAMES = [
    "sp ace.py",
    "-dash.py",
    'quo"te.py',
    "back\\slash.py",
    "new\nline.py",
    "tab\t.py",
    "é.py",
    "\x01.py",
    ":(top).py",
    "*.py",
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_odd_names_are_names(repo: Make, name: str) -> None:
    made = repo({f"d/{name}": ONE, "d/other.py": ONE})
    made.stage({f"d/{name}": TWO, "d/other.py": TWO})
    expected = (FileChange(f"d/{name}", f"d/{name}", ONE, TWO, (2,), (2,)),)
    assert changes_of(made, Staged(), [f"d/{name}"]) == expected
    assert changes_of(made, WorkTree(), [f"d/{name}"]) == expected
    assert read_changes(WorkTree(), made.root, ()).after.read(f"d/{name}") == TWO


def test_a_name_that_is_not_utf8_can_be_printed(repo: Make) -> None:
    made = repo({"a.py": ONE})
    (made.root / os.fsdecode(b"\xff.py")).write_text(ONE, encoding="utf-8")
    made.stage({})
    assert changes_of(made, WorkTree(), [os.fsdecode(b"\xff.py")]) == (
        FileChange("\\xff.py", "\\xff.py", None, ONE, (1, 2)),
    )


# --- hostile surroundings

HOSTILE = """
[diff]
    external = touch {mark}
    noprefix = true
    mnemonicPrefix = true
    renames = false
    relative = true
    orderFile = /does/not/exist
    algorithm = patience
    wsErrorHighlight = all
    interHunkContext = 9
[diff "evil"]
    textconv = touch {mark}
    command = touch {mark}
    binary = true
[core]
    quotePath = true
    fsmonitor = touch {mark}
    pager = touch {mark}
    hooksPath = {hooks}
    attributesFile = {attributes}
[color]
    ui = always
    diff = always
[alias]
    diff-index = !touch {mark}
    cat-file = !touch {mark}
    rev-parse = !touch {mark}
[pager]
    diff-index = true
    cat-file = true
"""


def test_the_users_configuration_changes_nothing(repo: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repo({"d/a.py": WIDE, "b.py": ONE})
    made.stage({"d/a.py": None, "d/é c.py": WIDE + ONE, "b.py": TWO})
    expected = (
        FileChange("b.py", "b.py", ONE, TWO, (2,), (2,)),
        FileChange("d/é c.py", "d/a.py", WIDE, WIDE + ONE, (25, 26)),
    )
    mark, hooks, attributes = tmp_path / "mark", tmp_path / "hooks", tmp_path / "attributes"
    attributes.write_text("*.py diff=evil -text binary\n", encoding="utf-8")
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    with (tmp_path / "gitconfig").open("a", encoding="utf-8") as config:
        config.write(HOSTILE.format(mark=mark, hooks=hooks, attributes=attributes))
    for name, value in [
        ("GIT_EXTERNAL_DIFF", f"touch {mark}"),
        ("GIT_DIFF_OPTS", "-u9"),
        ("GIT_PAGER", f"touch {mark}"),
    ]:
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_TRACE", "1")
    os.utime(made.root / "b.py", (1, 1))
    index = (made.root / ".git/index").read_bytes()
    monkeypatch.chdir(made.root / "d")
    assert [changes_of(made, wanted) for wanted in (Staged(), WorkTree())] == [expected, expected]
    assert [mark.exists(), (made.root / ".git/index").read_bytes() == index] == [False, True]


@pytest.mark.parametrize("wanted", [Staged(), WorkTree(), Range("HEAD~1")], ids=repr)
def test_links_are_not_followed(repo: Make, tmp_path: Path, wanted: Wanted) -> None:
    (tmp_path / "secret.py").write_text("SECRET = 1\n", encoding="utf-8")
    made = repo({"a.py": ONE, "link.py": ONE})
    (made.root / "link.py").unlink()
    (made.root / "link.py").symlink_to("../secret.py")
    (made.root / "new.py").symlink_to("../secret.py")
    made.stage({"a.py": TWO})
    if isinstance(wanted, Range):
        made.commit({})
    found = read_changes(wanted, made.root, ())
    notes = tuple(f"{name} is or was a symbolic link, which is not followed" for name in ("link.py", "new.py"))
    assert (found.changes, found.notes) == ((ONE_TO_TWO,), notes)
    assert (found.after.read("link.py"), found.after.read("new.py")) == (None, None)


def test_a_folder_that_became_a_link_is_not_entered(repo: Make, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.py").write_text("SECRET = 1\n", encoding="utf-8")
    made = repo({"d/a.py": ONE})
    made.write({"d/a.py": None})
    (made.root / "d").rmdir()
    (made.root / "d").symlink_to("../outside")
    found = read_changes(WorkTree(), made.root, ())
    assert found.changes == (FileChange("d/a.py", "d/a.py", ONE, None, (), (1, 2)),)
    assert found.after.read("d/a.py") is None


def test_a_changed_submodule_is_a_problem_and_not_a_file(repo: Make) -> None:
    made = repo({"a.py": ONE})
    commit = made.git("rev-parse", "HEAD")
    made.git("update-index", "--add", "--cacheinfo", f"160000,{commit},lib")
    (made.root / "lib").mkdir()
    assert changes_of(made, Staged()) == (FileChange("lib", "lib", None, None, problem=SkipReason.SUBMODULE),)


def test_the_configuration_of_a_submodule_is_not_obeyed(repo: Make, tmp_path: Path) -> None:
    made = repo({"a.py": ONE})
    (made.root / "lib").mkdir()
    lib = Repository(made.root / "lib")
    lib.git("init", "--quiet")
    lib.commit({"b.py": ONE})
    made.git("-c", "advice.addEmbeddedRepo=false", "add", "lib")
    made.commit({"a.py": ONE})
    lib.git("config", "core.fsmonitor", f"touch {tmp_path / 'mark'}")
    made.write({"a.py": TWO, "lib/b.py": TWO})
    assert changes_of(made, WorkTree()) == (ONE_TO_TWO,)
    assert not (tmp_path / "mark").exists()


# --- states of a repository


@pytest.mark.parametrize("wanted", [Staged(), WorkTree()], ids=repr)
def test_a_first_commit_is_compared_with_nothing(repo: Make, wanted: Wanted) -> None:
    made = repo()
    made.stage({"a.py": ONE})
    found = read_changes(wanted, made.root, ())
    assert found.changes == (FileChange("a.py", "a.py", None, ONE, (1, 2)),)
    assert (found.before.paths(), found.after.paths()) == ((), ("a.py",))


@pytest.mark.parametrize(
    ("wanted", "note"),
    [
        (Staged(), "nothing is staged: there is no diff to check"),
        (WorkTree(), "no tracked file differs from HEAD: there is no diff to check"),
        (Range("HEAD", "main"), "HEAD and main do not differ: there is no diff to check"),
        (Patch(""), "the patch is empty: there is no diff to check"),
    ],
    ids=repr,
)
def test_no_diff_is_said(repo: Make, wanted: Wanted, note: str) -> None:
    found = read_changes(wanted, repo({"a.py": ONE}).root, ())
    assert (found.changes, found.notes) == ((), (note,))


def merging(made: Repository, ours: dict[str, str], theirs: dict[str, str]) -> None:
    made.git("checkout", "--quiet", "-b", "theirs")
    made.commit({**theirs})
    made.git("checkout", "--quiet", "main")
    made.commit({**ours})
    made.git("merge", "--no-commit", "theirs", fails=True)


def test_a_file_that_is_only_announced_is_in_the_work_tree_and_not_staged(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.write({"b.py": ONE})
    made.git("add", "--intent-to-add", "b.py")
    assert changes_of(made, Staged()) == ()
    assert changes_of(made, WorkTree()) == (FileChange("b.py", "b.py", None, ONE, (1, 2)),)


LEFT_OUT = "a merge is in progress: files that equal the merged branch are left out ({})"


@pytest.mark.parametrize("wanted", [Staged(), WorkTree()], ids=repr)
def test_a_merge_repeats_nothing_of_the_merged_branch(repo: Make, wanted: Wanted) -> None:
    made = repo({"a.py": ONE, "b.py": WIDE, "c.py": WIDE})
    merging(
        made,
        {"b.py": WIDE.replace("return 0", "return 10"), "c.py": WIDE.replace("return 0", "return 10")},
        {
            "a.py": TWO,
            "new.py": ONE,
            "b.py": WIDE.replace("return 5", "return 15"),
            "c.py": WIDE.replace("return 5", ""),
        },
    )
    edited = (made.root / "c.py").read_text(encoding="utf-8").replace("return 3", "return 13")
    made.stage({"c.py": edited})
    found = read_changes(wanted, made.root, ())
    before = edited.replace("return 13", "return 3")
    assert found.changes == (FileChange("c.py", "c.py", before, edited, (14,), (14,)),)
    assert found.notes == (LEFT_OUT.format(2),)


def test_a_resolved_conflict_is_compared_with_head(repo: Make) -> None:
    made = repo({"a.py": ONE})
    merging(made, {"a.py": TWO}, {"a.py": THREE})
    assert notes_of(made, Staged()) == ("a.py is unmerged: resolve the conflict and stage it",)
    made.stage({"a.py": ONE.replace("1", "4")})
    four = FileChange("a.py", "a.py", TWO, ONE.replace("1", "4"), (2,), (2,))
    assert (changes_of(made, Staged()), notes_of(made, Staged())) == ((four,), ())


HOOK = """#!{python}
import sys
from pathlib import Path
sys.path.insert(0, {package!r})
from cwm_check.git import Staged, find_root, read_changes
changes = read_changes(Staged(), find_root(Path.cwd()), ()).changes
Path({seen!r}).write_text(repr([(change.path, change.after) for change in changes]))
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(["commit"], [("a.py", TWO)], id="commit"),
        pytest.param(["commit", "-a"], [("a.py", TWO), ("b.py", THREE)], id="commit -a"),
        pytest.param(["commit", "b.py"], [("b.py", THREE)], id="commit FILE"),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["main work tree", "linked work tree"])
def test_a_hook_sees_what_will_be_committed(
    repo: Make, tmp_path: Path, command: list[str], expected: list[tuple[str, str]], linked: bool
) -> None:
    made = repo({"a.py": ONE, "b.py": ONE, "d/c.py": ONE})
    hook, seen = made.root / ".git/hooks/pre-commit", tmp_path / "seen"
    package = str(Path(__file__).parent.parent)
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK.format(python=sys.executable, package=package, seen=str(seen)), encoding="utf-8")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    if linked:
        made.git("worktree", "add", "--quiet", "../linked")
        made = Repository(tmp_path / "linked")
    made.stage({"a.py": TWO})
    made.write({"b.py": THREE})
    made.git(*command, "--quiet", "--message", "change")
    assert seen.read_text(encoding="utf-8") == repr(expected)


def test_a_bare_repository_has_ranges(repo: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = repo({"a.py": ONE})
    made.commit({"a.py": TWO})
    made.git("clone", "--quiet", "--bare", ".", "../bare.git")
    bare = tmp_path / "bare.git"
    assert read_changes(Range("HEAD~1"), find_root(bare), ()).changes == (ONE_TO_TWO,)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", "bare.git")
    assert read_changes(Range("HEAD~1"), find_root(tmp_path), ()).changes == (ONE_TO_TWO,)


def test_a_work_tree_may_be_apart_from_its_repository(
    repo: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = repo({"a.py": ONE, "d/b.py": ONE})
    (made.root / ".git").rename(tmp_path / "apart")
    made.write({"a.py": TWO})
    monkeypatch.chdir(made.root / "d")
    monkeypatch.setenv("GIT_DIR", "../../apart")
    monkeypatch.setenv("GIT_WORK_TREE", "..")
    assert find_root(Path.cwd()) == made.root
    assert changes_of(made, WorkTree()) == (ONE_TO_TWO,)


def test_a_shallow_clone_without_merge_base_says_what_to_do(repo: Make, tmp_path: Path) -> None:
    made = repo({"a.py": ONE})
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({"a.py": TWO})
    made.git("checkout", "--quiet", "main")
    made.commit({"b.py": TWO})
    made.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{made.root}", "../shallow")
    shallow = Repository(tmp_path / "shallow")
    wanted = Range("origin/main", "origin/topic")
    cure = "run `git fetch --deepen=100` or `git fetch --unshallow`"
    assert error_of(lambda: changes_of(shallow, wanted)) == (
        f"no merge base of origin/main and origin/topic in this shallow clone: {cure}"
    )
    shallow.git("fetch", "--quiet", "--unshallow")
    assert changes_of(shallow, wanted) == (ONE_TO_TWO,)


def test_unrelated_histories_are_not_guessed_at(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.git("checkout", "--quiet", "--orphan", "other")
    made.commit({"a.py": TWO})
    cure = "write main..other to compare them directly"
    assert error_of(lambda: changes_of(made, Range("main", "other"))) == f"main and other have no common commit: {cure}"
    assert changes_of(made, Range("main", "other", three_dot=False)) == (ONE_TO_TWO,)


# --- mistakes


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Range("nowhere"), "unknown revision 'nowhere': check the spelling, or fetch it first with `git fetch`"),
        (Range("HEAD", ""), "HEAD and HEAD do not differ"),
        (Range(""), "unknown revision '': check the spelling, or fetch it first with `git fetch`"),
        (Range("HEAD:a.py"), "unknown revision 'HEAD:a.py': check the spelling, or fetch it first with `git fetch`"),
        (Range("--all"), "--all is an option, not a revision"),
        (Range("HEAD", "--output=x"), "--output=x is an option, not a revision"),
        (Patch("", base="-x"), "-x is an option, not a revision"),
    ],
    ids=repr,
)
def test_revisions_are_verified(repo: Make, wanted: Wanted, message: str) -> None:
    made = repo({"a.py": ONE})
    if wanted == Range("HEAD", ""):
        assert notes_of(made, wanted) == (f"{message}: there is no diff to check",)
    else:
        assert error_of(lambda: changes_of(made, wanted)) == message


def test_a_folder_outside_any_repository_is_an_error(repo: Make, tmp_path: Path) -> None:
    repo()
    place = tmp_path / "empty"
    place.mkdir()
    assert error_of(lambda: find_root(place)) == (
        f"{place} is in no git repository: change to one, or use --before and --after"
    )


def test_a_repository_of_someone_else_is_refused_with_the_cure(repo: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repo({"a.py": ONE}).root
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert error_of(lambda: find_root(root)) == (
        f"git: detected dubious ownership in repository at '{root}'; "
        f"run `git config --global --add safe.directory {root}` if you trust it"
    )


def test_git_itself_may_be_missing(repo: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repo({"a.py": ONE}).root
    monkeypatch.setenv("PATH", str(root))
    missing = "git was not found: install it, or compare two files with --before and --after"
    assert error_of(lambda: find_root(root)) == missing


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    missing = tmp_path / "a.py"
    assert error_of(lambda: read_changes(Pair(missing, missing), None, ())) == (
        f"cannot read {missing}: No such file or directory"
    )


def test_a_missing_blob_is_an_error(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.stage({"a.py": TWO})
    blob = made.git("rev-parse", ":a.py")
    (made.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert error_of(lambda: changes_of(made, Staged())) == (
        f"the repository lacks the blob {blob}: fetch it, or see what `git fsck` says"
    )


def test_a_fork_leaves_git_to_its_parent(repo: Make) -> None:
    """A worker that collects what its parent reads blobs with ends, and the parent reads on."""
    made = repo({"a.py": ONE, "b.py": TWO})
    first, second = made.git("rev-parse", "HEAD:a.py"), made.git("rev-parse", "HEAD:b.py")
    held = [Blobs(made.root)]
    assert held[0].read(first) == ONE.encode()
    worker = multiprocessing.get_context("fork").Process(target=held.clear)
    worker.start()
    worker.join(20)
    ended = worker.exitcode
    worker.kill()
    assert ended == 0
    assert held[0].read(second) == TWO.encode()


def test_git_ends_while_a_fork_holds_its_pipes(repo: Make) -> None:
    made = repo({"a.py": ONE})
    held = [Blobs(made.root)]
    held[0].read(made.git("rev-parse", "HEAD:a.py"))
    worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(20,))
    worker.start()
    begun = time.monotonic()
    held.clear()
    took = time.monotonic() - begun
    worker.kill()
    worker.join()
    assert took < 10


# --- paths


@pytest.mark.parametrize(
    ("folder", "paths", "expected"),
    [
        pytest.param(".", [], ["a.py", "d/b.py", "d/e/c.py", "gone.py"], id="none"),
        pytest.param(".", ["."], ["a.py", "d/b.py", "d/e/c.py", "gone.py"], id="the root"),
        pytest.param(".", ["d"], ["d/b.py", "d/e/c.py"], id="a folder"),
        pytest.param(".", ["d/", "a.py"], ["a.py", "d/b.py", "d/e/c.py"], id="a folder and a file"),
        pytest.param("d", ["e"], ["d/e/c.py"], id="relative to the current folder"),
        pytest.param("d", ["../a.py", "b.py"], ["a.py", "d/b.py"], id="upwards"),
        pytest.param(".", ["gone.py"], ["gone.py"], id="a deleted file"),
        pytest.param(".", ["same.py"], [], id="an unchanged file"),
        pytest.param(".", ["D", "d/b"], None, id="a file that is not there"),
    ],
)
def test_paths_narrow(
    repo: Make, monkeypatch: pytest.MonkeyPatch, folder: str, paths: list[str], expected: list[str] | None
) -> None:
    names = ["a.py", "d/b.py", "d/e/c.py", "gone.py", "same.py"]
    made = repo(dict.fromkeys(names, ONE))
    made.stage({"a.py": TWO, "d/b.py": TWO, "d/e/c.py": TWO, "gone.py": None})
    monkeypatch.chdir(made.root / folder)
    for wanted in (Staged(), Patch(made.git("diff", "HEAD") + "\n")):
        if expected is None:
            no_such = {f"{path}: no such file or folder, and no such path changed" for path in paths}
            assert error_of(lambda wanted=wanted: changes_of(made, wanted, paths)) in no_such
        else:
            assert [change.path for change in changes_of(made, wanted, paths)] == expected


@pytest.mark.parametrize(
    ("path", "is_revision"),
    [
        ("main..topic", True),
        ("v1.0...HEAD~2", True),
        ("HEAD^..", True),
        ("HEAD", True),
        ("topic", True),
        ("nothing", False),
        ("a..b.py", False),
        ("d/../nothing", False),
        ("d..", True),
        ("--output..x", False),
    ],
)
def test_a_path_that_names_revisions_is_told_where_they_go(
    repo: Make, monkeypatch: pytest.MonkeyPatch, path: str, is_revision: bool
) -> None:
    made = repo({"a.py": ONE})
    made.git("branch", "topic")
    made.stage({"a.py": TWO})
    monkeypatch.chdir(made.root)
    hint = f"; if revisions are meant: `--from-ref {path}`" if is_revision else ""
    told = error_of(lambda: changes_of(made, Staged(), [path]))
    assert told == f"{path}: no such file or folder, and no such path changed{hint}"


def test_a_renamed_file_goes_by_its_name_after(repo: Make) -> None:
    made = repo({"before.py": WIDE})
    made.stage({"before.py": None, "after.py": WIDE})
    assert [change.path for change in changes_of(made, Staged(), ["after.py"])] == ["after.py"]


def test_a_path_outside_the_repository_is_an_error(repo: Make) -> None:
    made = repo({"a.py": ONE})
    assert error_of(lambda: changes_of(made, Staged(), ["../x.py"])) == f"../x.py is outside the repository {made.root}"


# --- the other files


def files_of(tree: Tree) -> dict[str, str | None]:
    return {path: tree.read(path) for path in tree.paths()}


def test_both_sides_hold_the_other_files_of_their_version(repo: Make) -> None:
    made = repo({"a.py": ONE, "b.py": ONE, "gone.py": ONE, "setup.cfg": "before"})
    made.stage({"a.py": TWO, "gone.py": None, "setup.cfg": "after"})
    made.write({"b.py": TWO, "new.py": ONE, ".gitignore": "ignored.py\n", "ignored.py": ONE})
    before = {"a.py": ONE, "b.py": ONE, "gone.py": ONE}
    staged, unstaged = (read_changes(wanted, made.root, ()) for wanted in (Staged(), WorkTree()))
    assert files_of(staged.before) == files_of(unstaged.before) == before
    assert files_of(staged.after) == {"a.py": TWO, "b.py": ONE}
    assert files_of(unstaged.after) == {"a.py": TWO, "b.py": TWO, "new.py": ONE}
    assert (staged.before.read("setup.cfg"), staged.after.read("setup.cfg")) == ("before", "after")
    assert (staged.after.read("nowhere.py"), staged.after.read("../gitconfig")) == (None, None)


def test_a_file_of_a_tree_is_read_once(repo: Make) -> None:
    made = repo({"a.py": ONE})
    tree = read_changes(WorkTree(), made.root, ()).after
    first = tree.read("a.py")
    made.write({"a.py": TWO})
    assert (first, tree.read("a.py")) == (ONE, ONE)


def test_a_thousand_files_take_a_handful_of_processes(
    repo: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"d/{number}.py" for number in range(1000)]
    made = repo(dict.fromkeys(names, ONE))
    made.stage(dict.fromkeys(names, TWO))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    found = read_changes(Staged(), made.root, ())
    texts = [tree.read(path) for tree in (found.before, found.after) for path in tree.paths()]
    assert (len(found.changes), texts) == (1000, [ONE] * 1000 + [TWO] * 1000)
    started = (tmp_path / "trace").read_text(encoding="utf-8").count("trace: built-in: ")
    assert started == 6  # HEAD, MERGE_HEAD, the diff, the blobs, two listings


# --- pre-commit

PUSH = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, Staged(), id="by hand"),
        pytest.param({"PRE_COMMIT": "1"}, Staged(), id="commit, or --all-files"),
        pytest.param({"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}, Range("a", "b"), id="range"),
        pytest.param({"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b", **PUSH}, Range("a", "b"), id="push"),
        pytest.param({"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": ""}, Staged(), id="half a range"),
        pytest.param(PUSH, FirstPush("origin", "refs/heads/main"), id="first push"),
    ],
)
def test_pre_commit_says_what_to_check(environ: dict[str, str], expected: Wanted) -> None:
    assert hook_source(environ) == expected


def test_a_first_push_is_compared_with_what_the_remote_shares(repo: Make) -> None:
    made = repo({"a.py": ONE})
    added = FileChange("a.py", "a.py", None, ONE, (1, 2))
    assert changes_of(made, FirstPush("origin", "refs/heads/main")) == (added,)
    made.git("update-ref", "refs/remotes/origin/HEAD", "HEAD")
    made.commit({"a.py": TWO})
    assert changes_of(made, FirstPush("origin", "refs/heads/main")) == (ONE_TO_TWO,)
