"""Patches: text in the unified format, as git or diff writes it, becomes one record for each file; a record applies
to the bytes of a file.

Application is strict: every line of a hunk must be where the patch says, or nothing applies. Names in quotes,
renames, mail around the patch and carriage returns are understood; binary and combined diffs are named as such.
Leaves out where the bytes come from.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cwm_check.errors import CwmCheckError
from cwm_check.vocabulary import SkipReason

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_DIGITS = 9  # of the number of a line
_INDEX = re.compile(rb"([0-9a-f]{4,64})\.\.[0-9a-f]{4,64}(?: (\d{6}))?$")
_PREFIX = re.compile(rb"^[abciow]/")
_EXCESS = re.compile(rb"[+ ]|-(?!-)")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_HEADERS = re.compile(
    rb"(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|similarity index"
    rb"|dissimilarity index|index|---|\+\+\+|Binary files|GIT binary patch)(?: (.*))?$"
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The lines of one hunk, with their endings: `before`, from the 0-based line `start`, becomes `after`."""

    start: int
    before: tuple[bytes, ...]
    after_start: int
    after: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a patch does to one file."""

    before_path: bytes | None
    """None: the patch creates the file."""
    path: bytes | None
    """None: the patch deletes the file."""
    before_id: str | None = None
    """Abbreviated id of the blob that the patch was made from; None if the patch does not say."""
    mode: str = ""
    hunks: tuple[Replacement, ...] = ()
    problem: SkipReason | None = None


@dataclass(slots=True)
class _Lines:
    """A patch that is being read: its lines, without carriage returns, and the place reached."""

    lines: list[bytes]
    place: int = 0

    def peek(self, ahead: int = 0) -> bytes:
        place = self.place + ahead
        return self.lines[place] if place < len(self.lines) else b""

    def next(self) -> bytes:
        self.place += 1
        return self.peek(-1)


def parse_patch(text: str) -> tuple[FilePatch, ...]:
    """Return the files of a patch, in order; bytes that were not UTF-8 are surrogate escapes in `text`."""
    data = text.encode("utf-8", "surrogateescape")
    reader = _Lines([line.removesuffix(b"\r") for line in data.split(b"\n")])
    found = tuple(_files(reader))
    if data.strip() and not found:
        raise CwmCheckError("no diff in the patch: make one with `git diff`")
    return found


def _files(reader: _Lines) -> Iterator[FilePatch]:
    while reader.place < len(reader.lines):
        line = reader.peek()
        if line.startswith(b"diff --git "):
            yield _git_file(reader)
        elif line.startswith((b"diff --cc ", b"diff --combined ")):
            yield _combined_file(reader)
        elif line.startswith(b"--- ") and reader.peek(1).startswith(b"+++ "):
            yield _plain_file(reader)
        else:
            reader.next()


def _git_file(reader: _Lines) -> FilePatch:
    names = reader.next().removeprefix(b"diff --git ")
    header = _header(reader)
    before, after = _names(names, header)
    index = _INDEX.match(header.get(b"index", b""))
    modes = [header.get(key) for key in (b"new file mode", b"deleted file mode", b"new mode")]
    mode = next((mode for mode in modes if mode), index[2] if index and index[2] else b"").decode()
    patch = FilePatch(before, after, index[1].decode() if index else None, mode)
    if mode == "160000":
        return replace(patch, problem=SkipReason.SUBMODULE)
    if b"Binary files" in header or b"GIT binary patch" in header:
        return replace(patch, problem=SkipReason.BINARY)
    return replace(patch, hunks=tuple(_hunks(reader)))


def _plain_file(reader: _Lines) -> FilePatch:
    header = _header(reader)
    before, after = _stripped(_name(header[b"---"]), _name(header[b"+++"]))
    return FilePatch(before, after, hunks=tuple(_hunks(reader)))


def _combined_file(reader: _Lines) -> FilePatch:
    name = _unquoted(reader.next().split(b" ", 2)[2])
    # The lines of a combined diff may look like headers.
    while reader.place < len(reader.lines) and not reader.peek().startswith(b"diff --"):
        reader.next()
    return FilePatch(name, name, problem=SkipReason.NO_BASE)


def _header(reader: _Lines) -> dict[bytes, bytes]:
    header: dict[bytes, bytes] = {}
    while (match := _HEADERS.match(reader.peek())) and match[1] not in header:
        header[match[1]] = match[2] or b""
        reader.next()
    return header


def _names(line: bytes, header: dict[bytes, bytes]) -> tuple[bytes | None, bytes | None]:
    for verb in (b"rename", b"copy"):
        if verb + b" from" in header:
            return _unquoted(header[verb + b" from"]), _unquoted(header.get(verb + b" to", b""))
    # Without a rename both halves are the same name behind prefixes of one length.
    half = len(line) // 2
    before, after = _stripped(_name(line[:half]), _name(line[half + 1 :]))
    return None if b"new file mode" in header else before, None if b"deleted file mode" in header else after


def _name(text: bytes) -> bytes | None:
    """Return the name in a `---` or `+++` line, which a tab may end; None for no file."""
    name = _unquoted(text.partition(b"\t")[0])
    return None if name == b"/dev/null" else name


def _unquoted(name: bytes) -> bytes:
    """Return the name that git wrote, perhaps in quotes with C's escapes."""
    if not (len(name) > 1 and name.startswith(b'"') and name.endswith(b'"')):
        return name
    return _ESCAPE.sub(lambda match: _character(match[1]), name[1:-1])


def _character(escape: bytes) -> bytes:
    return bytes([int(escape, 8) & 0xFF]) if escape.isdigit() else _ESCAPED.get(escape, escape)


def _stripped(before: bytes | None, after: bytes | None) -> tuple[bytes | None, bytes | None]:
    """Return the names without the prefixes `a/` and `b/`, or whatever first folders tell them apart."""
    if before and after:
        different = before != after and before.partition(b"/")[2] == after.partition(b"/")[2] != b""
        return (before.partition(b"/")[2], after.partition(b"/")[2]) if different else (before, after)
    return before and _PREFIX.sub(b"", before), after and _PREFIX.sub(b"", after)


def _hunks(reader: _Lines) -> Iterator[Replacement]:
    while match := _HUNK.match(reader.peek()):
        reader.next()
        if any(len(number or b"") > _DIGITS for number in match.groups()):
            raise _broken(reader)
        start, before, after_start, after = (int(number or 1) for number in match.groups())
        old, new = _body(reader, before, after)
        # A hunk without lines names the line that it follows.
        yield Replacement(start - (before > 0), old, after_start - (after > 0), new)


def _body(reader: _Lines, before: int, after: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Read as many lines of a hunk as its head promises."""
    old: list[bytes] = []
    new: list[bytes] = []
    # Mail programs strip the space of an empty line that is the same on both sides.
    sides = {b" ": (old, new), b"": (old, new), b"-": (old,), b"+": (new,)}
    while len(old) < before or len(new) < after:
        line = reader.next()
        if reader.place > len(reader.lines) or line[:1] not in sides:
            raise _broken(reader)
        ending = b"" if reader.peek().startswith(b"\\") else b"\n"
        for side in sides[line[:1]]:
            side.append(line[1:] + ending)
        reader.place += not ending
    if len(old) > before or len(new) > after or _EXCESS.match(reader.peek()):
        raise _broken(reader)
    return tuple(old), tuple(new)


def _broken(reader: _Lines) -> CwmCheckError:
    return CwmCheckError(f"the patch is broken at its line {reader.place}: make it again with `git diff`")


def applied(hunks: Sequence[Replacement], data: bytes) -> bytes | None:
    """Return the bytes after the hunks, with line feeds only; None if a hunk does not apply exactly where it says."""
    lines = io.BytesIO(data.replace(b"\r\n", b"\n")).readlines()
    result: list[bytes] = []
    done = 0
    for hunk in hunks:
        end = hunk.start + len(hunk.before)
        if not done <= hunk.start <= len(lines) or tuple(lines[hunk.start : end]) != hunk.before:
            return None
        result += lines[done : hunk.start]
        if len(result) != hunk.after_start:
            return None
        result += hunk.after
        done = end
    return b"".join(result + lines[done:])


def undone(hunks: Sequence[Replacement]) -> tuple[Replacement, ...]:
    """Return the hunks that take the file back."""
    return tuple(Replacement(hunk.after_start, hunk.after, hunk.start, hunk.before) for hunk in hunks)
