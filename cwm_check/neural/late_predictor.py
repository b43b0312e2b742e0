"""A world model that is opened by its first question: most checks ask none, and opening takes a while."""

from __future__ import annotations

import os

from cwm_check.errors import CwmCheckError
from cwm_check.simulations import Answer, Question, WorldModel


class LatePredictor:
    """The `WorldModel` called `name`; where it does not open, `fallback` answers, and `note` says why.

    Whoever empties `note` learns whether `fallback` has answered since.
    """

    def __init__(self, name: str, fallback: WorldModel) -> None:
        self.name = fallback.name
        self.note = ""
        self._wanted = name
        self._failure = ""
        self._fallback = fallback
        self._opened: WorldModel | None = None

    def answers(self, question: Question, count: int) -> tuple[Answer, ...]:
        """Return at most `count` answers, the most plausible first."""
        if self._opened is None:
            from cwm_check.codecs.nano import known_type

            if question.operation == "value" and question.arguments and known_type(question) is None:
                return self._fallback.answers(question, count)  # as the model itself would
            self._open()
        self.note = self._failure
        assert self._opened is not None
        return self._opened.answers(question, count)

    def _open(self) -> None:
        self._opened = self._fallback
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy need start no threads: it computes nothing large
        try:
            from cwm_check.neural.predictor import open_predictor

            self._opened = open_predictor(self._wanted, fallback=self._fallback)
        except CwmCheckError as error:
            self._failure = str(error)
        self.name = self._opened.name
