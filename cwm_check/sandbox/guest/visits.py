"""What a debugger asks of a run: expressions looked at, and statements carried out, where the run reaches a frame.

A visit is `[frame, line, text, changes]`: at the frame of that number, or with -1 each time before that line runs. What
a look gives goes out between the frames, as `["seen", number of the visit, {}, text, number of the frame, sign]`; the
sign is 1 for a true value, 0 for another one, 2 for an exception.
"""

import ast

import describe
from asking import Stop
from bytecode import PROGRAM
from rewrite import rewriter

_NAME = f"{PROGRAM[:-1]}:debugger>"  # begins as the program's own: operations on unknown values read this bytecode
_FALSE, _TRUE, _FAILED = 0, 1, 2


class Visits:
    """The visits of one run."""

    def __init__(self, told):
        self.changes, self.looks = [], []
        for number, (frame, line, text, changes) in enumerate(told):
            (self.changes if changes else self.looks).append((number, frame, line, text))
        self.code = {}

    def change(self, frame, event, index):
        """Carry out the statements that are due; yield what those that failed said."""
        for number, text in _due(self.changes, frame, event, index):
            try:
                exec(self._compiled(text, "exec"), frame.f_globals, frame.f_locals)
            except Stop:
                raise
            except Exception as error:
                yield _seen(number, index, _refusal(error), _FAILED)

    def look(self, frame, event, index):
        """Yield what the expressions give that are due."""
        for number, text in _due(self.looks, frame, event, index):
            try:
                value = eval(self._compiled(text, "eval"), {**frame.f_globals, **frame.f_locals})
                yield _seen(number, index, describe.describe(value), _TRUE if value else _FALSE)
            except Stop:
                raise
            except Exception as error:
                yield _seen(number, index, _refusal(error), _FAILED)

    def _compiled(self, text, mode):
        if text not in self.code:
            tree = ast.fix_missing_locations(rewriter().visit(ast.parse(text, mode=mode)))
            self.code[text] = compile(tree, _NAME, mode)
        return self.code[text]


def _due(visits, frame, event, index):
    return [(n, text) for n, at, line, text in visits if at == index or (event == "line" and line == frame.f_lineno)]


def _seen(number, index, text, sign):
    return ["seen", number, {}, text, index, sign]


def _refusal(error):
    return f"{type(error).__name__}: {error}"
