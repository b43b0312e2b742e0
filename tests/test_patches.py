from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path

import pytest
from conftest import Repository
from hypothesis import given, settings
from hypothesis import strategies as st

from cwm_check.changes import FileChange
from cwm_check.errors import CwmCheckError
from cwm_check.git import Patch, Range, read_changes
from cwm_check.sources.patches import FilePatch, applied, parse_patch, undone
from cwm_check.vocabulary import SkipReason

Make = Callable[..., Repository]

ONE = "def f():\n    return 1\n"
TWO = "def f():\n    return 2\n"
THREE = "def f():\n    return 3\n"
ONE_TO_TWO = FileChange("a.py", "a.py", ONE, TWO, (2,), (2,))

WIDE = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(6))

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "-\n", "\n", "+++ c\n", "--- d\n"]), max_size=12)

BARE = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n def f():\n-    return 1\n+    return 2\n"
"""ONE to TWO, without the ids of blobs."""


def unread(path: str, problem: SkipReason = SkipReason.NO_BASE) -> FileChange:
    return FileChange(path, path, None, None, problem=problem)


def diff(made: Repository, *arguments: str) -> str:
    """Return a patch as `cwm-check --diff` reads it."""
    run = subprocess.run(["git", "diff", *arguments], cwd=made.root, capture_output=True, check=True)
    return run.stdout.decode("utf-8", "surrogateescape")


def changes_of(made: Repository, text: str, base: str | None = None) -> tuple[FileChange, ...]:
    return read_changes(Patch(text, base), made.root, ()).changes


# --- where the base comes from


def test_the_base_is_the_blob_that_the_patch_names(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.stage({"a.py": TWO})
    text = diff(made, "--cached")
    made.commit({"a.py": THREE})
    assert changes_of(made, text) == (ONE_TO_TWO,)


@pytest.mark.parametrize(
    ("content", "base", "expected"),
    [
        pytest.param(TWO, None, ONE_TO_TWO, id="in the work tree already"),
        pytest.param(ONE, None, ONE_TO_TWO, id="not yet in the work tree"),
        pytest.param(THREE, "HEAD~1", ONE_TO_TWO, id="at the given revision"),
        pytest.param(THREE, None, unread("a.py"), id="nowhere"),
        pytest.param("\n" + ONE, None, unread("a.py"), id="one line further down"),
        pytest.param(ONE.replace("\n", "\r\n"), None, ONE_TO_TWO, id="with carriage returns"),
    ],
)
def test_a_patch_without_ids_is_looked_up(repo: Make, content: str, base: str | None, expected: FileChange) -> None:
    made = repo({"a.py": ONE})
    made.commit({"a.py": THREE})
    made.write({"a.py": content})
    assert changes_of(made, BARE, base) == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(BARE, unread("a.py"), id="an edited file"),
        pytest.param(
            "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+def f():\n+    return 1\n",
            FileChange("a.py", "a.py", None, ONE, (1, 2)),
            id="a new file",
        ),
        pytest.param(
            "--- a/a.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-def f():\n-    return 1\n",
            FileChange("a.py", "a.py", ONE, None, (), (1, 2)),
            id="a deleted file",
        ),
    ],
)
def test_a_patch_needs_a_repository_unless_it_holds_the_whole_file(text: str, expected: FileChange) -> None:
    assert read_changes(Patch(text), None, ()).changes == (expected,)


def test_a_series_of_commits_is_one_change(repo: Make) -> None:
    made = repo({"a.py": ONE})
    made.commit({"a.py": TWO, "b.py": ONE})
    made.commit({"a.py": THREE, "b.py": None})
    mail = made.git("format-patch", "--stdout", "HEAD~2") + "\n"
    assert changes_of(made, mail) == (FileChange("a.py", "a.py", ONE, THREE, (2,), (2,)),)


def test_both_sides_hold_the_rest_of_the_repository(repo: Make) -> None:
    made = repo({"a.py": ONE, "b.py": ONE, "gone.py": ONE})
    made.stage({"a.py": TWO, "gone.py": None, "new.py": ONE})
    text = diff(made, "--cached")
    made.git("reset", "--quiet", "--hard")
    made.write({"b.py": THREE})
    for base, other in ((None, THREE), ("HEAD", ONE)):
        found = read_changes(Patch(text, base), made.root, ["a.py"])
        sides = [{path: tree.read(path) for path in tree.paths()} for tree in (found.before, found.after)]
        assert sides == [{"a.py": ONE, "b.py": other, "gone.py": ONE}, {"a.py": TWO, "b.py": other, "new.py": ONE}]
        assert found.changes == (ONE_TO_TWO,)


# --- what git writes

LATIN = b"# coding: latin-1\nname = '\xe9'\n"


ODD_NAMES = ["a.py", "d/sp ace.py", "q\"u'o\\t\te.py", "new\nline.py", "é.py", "a b/b b.py", "-dash.py"]


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--unified=0"],
        ["--no-prefix"],
        ["--src-prefix=x/", "--dst-prefix=y/"],
        ["--full-index", "--binary"],
        ["-R"],
        ["--patience", "--function-context", "--stat", "--patch"],
    ],
    ids=" ".join,
)
def test_a_patch_says_what_the_revisions_say(repo: Make, flags: list[str]) -> None:
    crlf = {"crlf.py": ONE.replace("\n", "\r\n"), "latin.py": LATIN, "end.py": ONE.rstrip(), "mode.py": ONE}
    made = repo({**dict.fromkeys(ODD_NAMES, WIDE), **crlf, "moved.py": WIDE + TWO, "gone.py": THREE})
    made.write(dict.fromkeys(ODD_NAMES, WIDE.replace("return 3", "return 13\n    # more")))
    made.write({"crlf.py": TWO.replace("\n", "\r\n"), "latin.py": LATIN + LATIN, "end.py": TWO, "null.py": b"\0"})
    made.write({"moved.py": None, "moved there.py": WIDE + THREE, "gone.py": None, "new.py": TWO, "empty.py": ""})
    (made.root / "mode.py").chmod(0o755)
    made.commit({})
    revisions = ("HEAD", "HEAD~1") if "-R" in flags else ("HEAD~1", "HEAD")
    expected = read_changes(Range(*revisions, three_dot=False), made.root, ()).changes
    assert changes_of(made, diff(made, "HEAD~1", "HEAD", *flags)) == expected


@pytest.mark.parametrize("flags", [["-ru"], ["-u"], ["-U0"]], ids=" ".join)
def test_a_patch_may_come_from_diff(repo: Make, tmp_path: Path, flags: list[str]) -> None:
    made = repo({"a.py": ONE})
    for folder, text in (("before", ONE), ("after", TWO)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text(text, encoding="utf-8")
    names = ["before", "after"] if "-ru" in flags else ["before/a.py", "after/a.py"]
    run = subprocess.run(["diff", *flags, *names], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert changes_of(made, run.stdout) == (ONE_TO_TWO,)


MAIL = f"""From: a <a@example.org>
Subject: [PATCH] change

--- is not a header, nor is this:
+++ alone
---
 a.py | 2 +-

{BARE}-- 
2.39.5
"""

THEN = BARE.replace("return 2", "return 3").replace("return 1", "return 2")

COMBINED = "diff --cc a.py\nindex 1,2..3\n--- a/a.py\n+++ b/a.py\n@@@ -1,1 -1,1 +1,1 @@@\n--- x\n+++ y\n"

BINARY = """diff --git a/a.py b/a.py
index 1234567..89abcde 100644
Binary files a/a.py and b/a.py differ
"""

SUBMODULE = """diff --git a/lib b/lib
index 1234567..89abcde 160000
--- a/lib
+++ b/lib
@@ -1 +1 @@
-Subproject commit 1
+Subproject commit 2
"""

LINK = """diff --git a/a.py b/a.py
new file mode 120000
index 0000000..1234567
--- /dev/null
+++ b/a.py
@@ -0,0 +1 @@
+/etc/passwd
\\ No newline at end of file
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", (), id="empty"),
        pytest.param("\n", (), id="blank"),
        pytest.param(MAIL, (ONE_TO_TWO,), id="mail"),
        pytest.param(BARE.replace("\n", "\r\n"), (ONE_TO_TWO,), id="carriage returns"),
        pytest.param(BARE.replace("+1,2 @@", "+1,2 @@ class A:"), (ONE_TO_TWO,), id="section heading"),
        pytest.param(BARE + THEN, (FileChange("a.py", "a.py", ONE, THREE, (2,), (2,)),), id="two steps"),
        pytest.param(BARE + BARE, (unread("a.py"),), id="the same step twice"),
        pytest.param(BARE.replace("-1,2 +1,2", "-2,2 +2,2"), (unread("a.py"),), id="other place"),
        pytest.param(BARE.replace("+1,2", "+2,2"), (unread("a.py"),), id="other place after"),
        pytest.param(BARE.replace(" def f():", " def g():"), (unread("a.py"),), id="other context"),
        pytest.param(BARE.replace("return 1", "return  1"), (unread("a.py"),), id="other removed line"),
        pytest.param(BARE.replace("a.py", "b.py"), (unread("b.py"),), id="other file"),
        pytest.param(BARE.replace("a.py", "../a.py"), (unread("../a.py"),), id="outside"),
        pytest.param(BARE.replace("a.py", "a.txt"), (), id="not Python"),
        pytest.param(COMBINED, (unread("a.py"),), id="combined"),
        pytest.param(BINARY, (unread("a.py", SkipReason.BINARY),), id="binary"),
        pytest.param(SUBMODULE, (unread("lib", SkipReason.SUBMODULE),), id="submodule"),
        pytest.param("diff --git a/a.py b/a.py\nold mode 100644\nnew mode 100755\n", (), id="mode"),
        pytest.param(LINK, (), id="link"),
    ],
)
def test_a_patch_applies_exactly_or_not_at_all(repo: Make, text: str, expected: tuple[FileChange, ...]) -> None:
    made = repo({"a.py": ONE})
    assert changes_of(made, text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("hello\n", "no diff in the patch: make one with `git diff`", id="no patch"),
        pytest.param(
            BARE[:-20], "the patch is broken at its line 6: make it again with `git diff`", id="cut in a line"
        ),
        pytest.param(
            BARE.replace("+1,2", f"+1,{'9' * 5000}"),
            "the patch is broken at its line 3: make it again with `git diff`",
            id="more lines than a number can say",
        ),
        pytest.param(
            BARE.replace("+1,2", "+1,9"), "the patch is broken at its line 8: make it again with `git diff`", id="cut"
        ),
        pytest.param(
            BARE.replace("+1,2", "+1,1"),
            "the patch is broken at its line 5: make it again with `git diff`",
            id="a line too many",
        ),
        pytest.param(
            BARE.replace("-    ", "*    "),
            "the patch is broken at its line 5: make it again with `git diff`",
            id="no such mark",
        ),
    ],
)
def test_a_broken_patch_is_an_error(text: str, message: str) -> None:
    with pytest.raises(CwmCheckError) as caught:
        parse_patch(text)
    assert str(caught.value) == message


# --- the reader itself


@settings(max_examples=60, deadline=None)
@given(before=TEXTS, after=TEXTS, context=st.integers(0, 4))
def test_what_difflib_writes_applies_and_can_be_taken_back(before: list[str], after: list[str], context: int) -> None:
    lines = list(unified_diff(before, after, "a/a.py", "b/a.py", n=context))
    patches = parse_patch("".join(lines))
    hunks = patches[0].hunks if patches else ()
    assert applied(hunks, "".join(before).encode()) == "".join(after).encode()
    assert applied(undone(hunks), "".join(after).encode()) == "".join(before).encode()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='ab/ \t"\\-+@,01\n\r0', max_size=60))
def test_any_text_is_a_patch_or_an_error(text: str) -> None:
    for candidate in (text, f"diff --git {text}", f"{BARE}{text}", f"--- {text}\n+++ {text}\n@@ -1 +1 @@\n{text}"):
        with suppress(CwmCheckError):
            parse_patch(candidate)


@pytest.mark.parametrize(
    ("head", "before", "after"),
    [
        pytest.param("--- a/x.py\n+++ b/x.py", b"x.py", b"x.py", id="git's prefixes"),
        pytest.param("--- x.py\n+++ x.py", b"x.py", b"x.py", id="no folder"),
        pytest.param("--- a/x.py\n+++ a/x.py", b"a/x.py", b"a/x.py", id="no prefix"),
        pytest.param(
            "--- one/x.py\t2026-01-01\n+++ two/x.py\t2026-01-02", b"x.py", b"x.py", id="two folders and times"
        ),
        pytest.param("--- a/x.py\n+++ /dev/null", b"x.py", None, id="deleted"),
        pytest.param("--- /dev/null\n+++ src/x.py", None, b"src/x.py", id="new, no prefix"),
        pytest.param(
            '--- "a/\\303\\251\\t.py"\n+++ "b/\\303\\251\\t.py"', "é\t.py".encode(), "é\t.py".encode(), id="quoted"
        ),
        pytest.param("diff --git a/x y b/x y\nold mode 100644", b"x y", b"x y", id="only a git header"),
        pytest.param("diff --git a/x b/y z\nrename from x\nrename to y z", b"x", b"y z", id="renamed"),
    ],
)
def test_names_lose_the_prefixes_that_tell_the_sides_apart(
    head: str, before: bytes | None, after: bytes | None
) -> None:
    (found,) = parse_patch(f"{head}\n")
    assert FilePatch(before, after) == found
