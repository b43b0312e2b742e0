"""Fuzzing: targets that must never crash, whatever they are given; `python -m tests.fuzz` is the long run."""
