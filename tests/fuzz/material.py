"""What the targets are fed: real files of installed packages with edits, and texts that look like our formats."""

from __future__ import annotations

import json
import random
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

LARGEST = 6_000  # characters of a real file
FOLDERS = ("stdlib", "purelib")
PIECES = (
    *("0", "1", "-1", "None", "True", "x", "''", "[]", "{}", "lambda: 0", "not ", "await ", "yield ", "return ", "*"),
    *(
        "# fmt: off",
        "\\\n",
        "\t",
        "\x0c",
        "\r\n",
        "\0",
        "\ufeff",
        "é",
        "𝒳",
        "\u2028",
        "'''",
        '"""',
        "f'{",
        "}",
        "(",
        ")",
    ),
    *(
        ":=",
        "==",
        "!=",
        "<",
        "<=",
        "->",
        "...",
        ";",
        ":",
        ",",
        "@",
        "=",
        "    ",
        "async ",
        "match x:\n    case _: pass\n",
    ),
    *(
        "def f(a, /, b=1, *c, d, **e): pass\n",
        "class C: pass\n",
        "import os\n",
        "global x\n",
        "del x\n",
        "if 0:\n    pass\n",
    ),
    *("0x" + "f" * 4000, "0x" + "f" * 300, "1e999", "9" * 400, "'a{99}'", "re.match(r'((a{99}){99999}){9}', x)"),
    *("try:\n    pass\nexcept* E:\n    pass\n", "with a as b, c: pass\n", "type X = int\n", "def g[T](x: T): pass\n"),
)


@cache
def real_files() -> tuple[str, ...]:
    """Return the texts of small Python files of this installation, shuffled once and for all."""
    paths = [path for name in FOLDERS for path in Path(sysconfig.get_path(name)).rglob("*.py")]
    paths = sorted(path for path in paths if 200 < path.stat().st_size < LARGEST)
    random.Random(0).shuffle(paths)
    texts = []
    for path in paths[:1500]:
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
    return tuple(texts)


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text after one to four edits: of characters, of lines, of tokens, or the end cut off."""
    for _ in range(draw(st.integers(1, 4))):
        lines = text.splitlines(keepends=True)
        at = draw(st.integers(0, max(len(lines) - 1, 0)))
        other = draw(st.integers(0, max(len(lines) - 1, 0)))
        match draw(st.sampled_from(("drop", "double", "swap", "indent", "piece", "number", "cut", "characters"))):
            case "drop":
                del lines[at : at + 1]
            case "double":
                lines[at:at] = lines[other : other + 3]
            case "swap" if lines:
                lines[at], lines[other] = lines[other], lines[at]
            case "indent" if lines:
                lines[at] = draw(st.sampled_from(("    ", "\t", " "))) + lines[at]
            case "piece" if lines:
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + draw(st.sampled_from(PIECES)) + lines[at][place:]
            case "number" if lines:
                lines[at] = lines[at].replace("1", "2").replace("<", "<=").replace("True", "False")
            case "cut":
                lines = lines[:at]
            case "characters" if lines:
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + draw(st.text(max_size=3)) + lines[at][place + 1 :]
        text = "".join(lines)
    return text


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str]:
    """A real file and itself with edits, or twice with different edits."""
    files = real_files()
    text = files[draw(st.integers(0, len(files) - 1))]
    before = draw(edited(text)) if draw(st.integers(0, 3)) == 0 else text
    return before, draw(edited(before))


def lines_of(*samples: str) -> st.SearchStrategy[str]:
    """Texts whose lines are mostly those of `samples`, in any order."""
    known = sorted({line for sample in samples for line in sample.splitlines()})
    return st.lists(st.sampled_from(known) | st.text(max_size=12), max_size=25).map("\n".join)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def altered(draw: st.DrawFn, value: Any, instead: st.SearchStrategy[Any]) -> Any:
    """What JSON gave, with one to three of its parts replaced, left out or doubled."""
    value = json.loads(json.dumps(value))
    for _ in range(draw(st.integers(1, 3))):
        owner: Any = [value]
        key: Any = 0
        while isinstance(inner := owner[key], list | dict) and inner and draw(st.integers(0, 5)):
            owner, key = inner, draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        if owner[key] is value:
            continue
        match draw(st.sampled_from(("replace", "replace", "drop", "double"))):
            case "replace":
                owner[key] = draw(instead)
            case "drop":
                del owner[key]
            case "double" if isinstance(owner, list):
                owner.append(owner[key])
    return value
