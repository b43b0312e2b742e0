"""Traces, steps and questions to tokens and back: `cwm` writes Meta's format, `nano` that of the bundled model."""
