"""Copies of compatibility modules that packages carry."""

from __future__ import annotations

import pytest

from cwm_check.search.shims import with_shims


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from .util import six\n", "import six\n"),
        ("from .util import debug, six, yaml\nx = 1\n", "from .util import debug, yaml; import six\nx = 1\n"),
        ("try:\n    from pip._vendor import six\nexcept ImportError:\n    pass\n",) * 2,
        # Quiet: nothing that is known, another name for it, something of it, names in parentheses.
        ("from .util import debug\n",) * 2,
        ("from .util import six as compat\n",) * 2,
        ("from six import text_type\n",) * 2,
        ("from .util import (debug,\n    six)\n",) * 2,
    ],
)
def test_a_vendored_copy_is_the_module(text: str, expected: str) -> None:
    assert with_shims(text) == expected.replace("from pip._vendor import six", "import six")
