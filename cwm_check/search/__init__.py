"""Runs both versions in the sandbox, in worlds chosen for what may tell them apart."""
