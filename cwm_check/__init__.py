"""cwm-check: what a change to Python code does, before it runs."""

from __future__ import annotations

__version__ = "0.1.0"
