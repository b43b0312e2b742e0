"""Tokens per second of the bundled world model, by the number of rows in a batch."""

from __future__ import annotations

ROWS = (1, 4, 16, 64)
LIMIT = 24  # tokens that a row may say


def measure() -> dict[str, object]:
    """Return the speed for each batch, or why there is none."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError as error:
        return {"off": str(error)}
    from cwm_check.commands.bench import measure as measure_model
    from cwm_check.store import find_model

    model = find_model("nano")
    speeds = {rows: measure_model(model, "cpu", rows, LIMIT) for rows in ROWS}
    return {
        f"{rows} rows": {
            "tokens per second": round(speed.tokens / speed.batch),
            "seconds": round(speed.batch, 4),
            "seconds to open": round(speed.load, 3),
        }
        for rows, speed in speeds.items()
    }
