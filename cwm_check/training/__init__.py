"""How the bundled model is made: tracer, program generator, questions, network, training, evaluation. Needs torch (`[train]`).

Nothing outside this package imports it. It executes generated and installed code on the host, in a subprocess with limits.
"""
