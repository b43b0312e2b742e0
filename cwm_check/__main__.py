"""`python -m cwm_check` is `cwm-check`."""

from __future__ import annotations

from cwm_check.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
