from __future__ import annotations

import pytest

from cwm_check.accepted.comments import Comment, comments_in, function_lines

FORM = "write `# cwm: ignore[CWM001] -- reason`"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "x = 1  # cwm: ignore[CWM001] -- meant\n", Comment(1, 1, 1, ("CWM001",), "meant"), id="in a statement"
        ),
        pytest.param(
            "x = f(\n    1,  # cwm: ignore[CWM001] -- meant\n)\n", Comment(2, 1, 3, ("CWM001",), "meant"), id="inside"
        ),
        pytest.param(
            "# cwm: ignore[CWM001] -- meant\n\n# more\nx = 1\n", Comment(1, 4, 4, ("CWM001",), "meant"), id="before one"
        ),
        pytest.param(
            "# cwm: ignore[CWM001] -- meant\n@a\n@b(\n    1\n)\ndef f(\n    x,\n):\n    pass\n",
            Comment(1, 6, 8, ("CWM001",), "meant"),
            id="before decorators",
        ),
        pytest.param(
            "@a  # cwm: ignore[CWM001] -- meant\ndef f(): pass\n", Comment(1, 2, 2, ("CWM001",), "meant"), id="on one"
        ),
        pytest.param(
            "x = 1  # noqa  #CWM:ignore[ CWM001 , CWM106 ]--  two words # noqa\n",
            Comment(1, 1, 1, ("CWM001", "CWM106"), "two words"),
            id="among others",
        ),
        pytest.param(
            "x = 1  # cwm: ignore -- all\n",
            Comment(1, 1, 1, (), "", f"it names no rule: {FORM}"),
            id="no blanket form",
        ),
        pytest.param(
            "x = 1  # cwm: ignore[] -- all\n", Comment(1, 1, 1, (), "all", f"it names no rule: {FORM}"), id="empty"
        ),
        pytest.param(
            "x = 1  # cwm: ignore[CWM001]\n",
            Comment(1, 1, 1, ("CWM001",), "", f"it gives no reason: {FORM}"),
            id="no reason",
        ),
        pytest.param(
            "x = 1  # cwm: ignore[CWM001] --  # noqa\n",
            Comment(1, 1, 1, ("CWM001",), "", f"it gives no reason: {FORM}"),
            id="blank reason",
        ),
        pytest.param(
            "x = 1  # cwm: ignore[CWM01] -- x\n",
            Comment(1, 1, 1, ("CWM01",), "x", "CWM01 is no rule; did you mean CWM201?"),
            id="unknown rule",
        ),
    ],
)
def test_a_comment_is_about_a_statement(text: str, expected: Comment) -> None:
    assert comments_in(text) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "x = '# cwm: ignore[CWM001] -- in a text'\n",
        "x = 1  # cwm: ignored[CWM001] -- x\n",
        "x = 1  # cwm ignore[CWM001] -- x\n",
        "x = (  # cwm: ignore[CWM001] -- never closed\n",
        "",
    ],
)
def test_what_is_no_comment_of_ours_is_left_alone(text: str) -> None:
    assert comments_in(text) == ()


def test_a_function_has_its_decorators_and_inner_functions() -> None:
    text = "@a\n@b\ndef f():\n    def g():\n        pass\n    return g\n\nasync def h(): pass\n"

    assert function_lines(text) == {3: range(1, 7), 4: range(4, 6), 8: range(8, 9)}


@pytest.mark.parametrize("text", ["def f(:\n", "(" * 5000])
def test_what_does_not_parse_has_no_functions(text: str) -> None:
    assert function_lines(text) == {}
