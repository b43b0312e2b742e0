"""Inputs for a function, read off its text and how it is used."""
