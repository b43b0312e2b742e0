"""Where a module is tells its name and where its imports start."""

from __future__ import annotations

import pytest

from cwm_check.search.jobs import module_name, source_root

PATHS = {
    "m.py": ("", "m", False),
    "pkg/m.py": ("", "pkg.m", False),
    "pkg/__init__.py": ("", "pkg", True),
    "src/pkg/m.py": ("src/", "pkg.m", False),
    "lib/m.py": ("lib/", "m", False),
    "src.py": ("", "src", False),
    "__init__.py": ("", "program", True),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.items(), ids=PATHS)
def test_a_path_tells_the_module(path: str, expected: tuple[str, str, bool]) -> None:
    assert (source_root(path), *module_name(path)) == expected
