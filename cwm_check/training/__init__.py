"""How the bundled model is made: tracer, generated programs, questions, network, training, evaluation.

Nothing outside this package imports it. Needs torch (the `[train]` extra). It executes generated and installed code on
the host, in subprocesses with limits; never the code of a diff.
"""
