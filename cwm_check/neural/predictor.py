"""Questions of the sandbox in, nano's answers out: the world model on the engine and the nano codec.

Answers are kept, so both versions hear the same, and do not depend on what else is asked: rows of a batch do not touch
each other. A value begins as one of its type must; what is no literal of its type in the end is dropped. Confidence is
what the model gives to the whole answer, calibrated.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cwm_check.codecs.nano import END, TOKEN, TYPES, VOCABULARY, decode_answer, encode_question, encode_text, known_type
from cwm_check.errors import AnalysisError, CwmCheckError
from cwm_check.inference.engine import Engine, Generation, Request
from cwm_check.inference.providers import Device
from cwm_check.simulations import Answer, Question, WorldModel
from cwm_check.store import Manifest, Model, find_model, require_intact
from cwm_check.trace import Evidence

_LONGEST = 24  # tokens of an answer; longer ones are hardly ever right
_SURE = 0.05  # confidence below which typed defaults are better
_BRANCHES = 4  # continuations tried for each question
_UNKNOWN = Answer(None, 0.0, Evidence.ASSUMED)
_OPENINGS = {"str": "'", "bytes": "b'"}
"""What every value of a type begins with: it is given, so that other answers differ in what follows."""
_DIGITS = "- 0 1 2 3 4 5 6 7 8 9"
_FIRST = {
    "NoneType": "None",
    "bool": "True False",
    "int": _DIGITS,
    "float": _DIGITS,
    "list": "[] [",
    "tuple": "() (",
    "dict": "{} {",
    "set": "{ set",
}
"""Tokens that a value of a type can begin with."""
_THEN = {"NoneType": "<end>", "bool": "<end>", "int": "<end> 0 1 2 3 4 5 6 7 8 9"}
"""Tokens that it can go on with, where they are few."""
_OBJECT = (TOKEN["<object>"], END)
_KINDS = tuple(TOKEN[f"<{kind}>"] for kind in (*TYPES, "object"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the model reads it: what `answers` remembers it by."""

    tokens: tuple[int, ...]
    kind: str | None
    """The type that the prompt ends with, if it does."""

    @property
    def opening(self) -> tuple[int, ...]:
        return tuple(encode_text(_OPENINGS[self.kind])) if self.kind in _OPENINGS else ()

    def request(self) -> Request:
        return Request((*self.tokens, *self.opening), _LONGEST, _BRANCHES, self.allowed)

    def allowed(self, said: tuple[int, ...]) -> Collection[int] | None:
        """What the grammar of the type allows after `said`."""
        if self.kind is None:
            return None if said else _KINDS
        texts = (_THEN if said else _FIRST).get(self.kind)
        return None if texts is None else tuple(TOKEN[text] for text in texts.split())


class Predictor:
    """The `WorldModel` of an open nano model; where that knows next to nothing, `fallback` speaks."""

    def __init__(self, engine: Engine, manifest: Manifest, fallback: WorldModel | None = None) -> None:
        self.name = manifest.name
        self.note = engine.note
        self._engine = engine
        self._manifest = manifest
        self._fallback = fallback
        self._memo: dict[_Asked, tuple[Answer, ...]] = {}

    def answers(self, question: Question, count: int) -> tuple[Answer, ...]:
        """Return at most `count` answers, the most plausible first; one that says nothing if nobody knows any."""
        self.prepare([question])
        asked = _as_asked(question)
        said = self._memo[asked][:count] if asked is not None else ()
        if self._fallback is not None:
            said = tuple(answer for answer in said if answer.confidence >= _SURE)
            known = {answer.value for answer in said}
            others = self._fallback.answers(question, count) if len(said) < count else ()
            said = (*said, *(answer for answer in others if answer.value not in known))[:count]
        return said or (_UNKNOWN,)

    def prepare(self, questions: Iterable[Question]) -> None:
        """Answer many questions at once, which is quicker than one by one; the answers are the same."""
        asked = dict.fromkeys(one for question in questions if (one := _as_asked(question)) is not None)
        new = [one for one in asked if one not in self._memo]
        said = self._engine.generate([one.request() for one in new], stop=(END,))
        for one, generations in zip(new, said, strict=True):
            self._memo[one] = self._answers(one, generations)

    def _answers(self, asked: _Asked, generations: Sequence[Generation]) -> tuple[Answer, ...]:
        found: dict[str | None, Answer] = {}
        for generation in generations:
            value = decode_answer((*asked.opening, *generation.tokens), asked.kind) if generation.ended else None
            if value is not None or generation.tokens == _OBJECT:
                found.setdefault(value, Answer(value, self._confidence(generation), Evidence.PREDICTED))
        return tuple(sorted(found.values(), key=lambda answer: -answer.confidence))

    def _confidence(self, generation: Generation) -> float:
        """Platt scaling of the probability of all that was said."""
        probability = min(max(math.exp(sum(generation.log_probabilities)), 1e-4), 1 - 1e-4)
        logit = math.log(probability / (1 - probability))
        return round(1 / (1 + math.exp(-(self._manifest.slope * logit + self._manifest.offset))), 4)


def _as_asked(question: Question) -> _Asked | None:
    """The question in tokens; None if it asks for a value of a type that the model does not know."""
    kind = known_type(question)
    if kind is None and question.operation == "value" and question.arguments:
        return None
    return _Asked(tuple(encode_question(question)), kind)


def open_predictor(
    name: str = "nano", device: Device = "auto", *, threads: int = 1, fallback: WorldModel | None = None
) -> Predictor:
    """Return the world model of that name, or in that folder; one thread is quickest for so small a model."""
    model = find_model(name)
    if model.manifest.codec != "nano":
        raise CwmCheckError(f"{name} speaks {model.manifest.codec}; questions are answered by models that speak nano")
    require_intact(model)
    require_vocabulary(model)
    return Predictor(Engine(model.graph, device, threads), model.manifest, fallback)


def require_vocabulary(model: Model) -> None:
    """Refuse a nano model whose tokens are not those of this version."""
    path = model.folder / "nano_tokenizer.json"
    try:
        tokens = json.loads(path.read_text(encoding="utf-8"))["tokens"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        tokens = None
    if tokens != list(VOCABULARY):
        raise AnalysisError(f"{path} is of another version of the nano codec: export a model that was trained with it")
