"""The command line: what a user types in, exit codes out."""
