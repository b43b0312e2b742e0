"""A run in which nothing is executed: static analysis walks the syntax tree, a world model says what each step does."""
