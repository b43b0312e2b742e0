"""Findings that are meant: baselines, comments, and what an author says of a change."""
