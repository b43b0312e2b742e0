"""Whether a file changed at all, as far as Python is concerned: two texts in, yes or no out.

Kept apart and light: a commit that only formats ends here.
"""

from __future__ import annotations

import ast


def same_text(before: str, after: str) -> bool:
    """Tell whether two versions of a module differ in layout, comments, quotes and redundant parentheses only."""
    try:
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
