"""Questions of held-out packages in, how well a model answers them next to constant answers out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from random import Random

from cwm_check.codecs.nano import encode_answer
from cwm_check.inference.engine import Engine
from cwm_check.training import questions
from cwm_check.training.answering import score
from cwm_check.training.scores import Score, Table, mean, rounded, share_exact, split
from cwm_check.training.steps import Example

_UNKNOWN = tuple(encode_answer(None))


def score_questions(engine: Engine, folder: Path, most: int) -> tuple[list[Score], Table]:
    """Accuracy on held-out packages, and that of always saying what is most frequent in training for the operation."""
    frequent, frequent_literal = _most_frequent(folder)
    unique: dict[tuple[int, ...], Example] = {}
    for harvested in questions.read(folder, held_out=True):
        made = questions.example(harvested)
        if made is not None and harvested.type is None:
            unique.setdefault(made.prompt, made)
    kept = list(unique.values())
    scores = score(engine, Random(0).sample(kept, min(most, len(kept))))
    literal = [s for s in scores if s.example.type != "object"]
    trained = {made.prompt for h in questions.read(folder, held_out=False) if (made := questions.example(h))}
    unseen = [s for s in scores if s.example.prompt not in trained]
    return scores, {
        "questions": len(scores),
        "type": rounded(mean([s.is_first_right for s in scores])),
        "type baseline": rounded(mean([s.example.target[0] == _said(s, frequent)[0] for s in scores])),
        "value": rounded(share_exact(scores)),
        "value baseline": rounded(mean([_is_said(s, frequent) for s in scores])),
        "unseen": len(unseen),
        "unseen value": rounded(share_exact(unseen)),
        "unseen value baseline": rounded(mean([_is_said(s, frequent) for s in unseen])),
        "literal": rounded(share_exact(literal)),
        "literal baseline": rounded(mean([_is_said(s, frequent_literal) for s in literal])),
        "value by type": split(scores, lambda s: s.example.type),
    }


def score_typed_values(engine: Engine, folder: Path, most: int) -> tuple[list[Score], Table]:
    """Accuracy where the type is told, as the sandbox asks, and that of the most frequent value of the type."""
    counts: dict[str, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for harvested in questions.read(folder, held_out=False):
        if (made := questions.typed(harvested)) is not None:
            counts[made.type][made.target] += 1
    frequent = {kind: counter.most_common(1)[0][0] for kind, counter in counts.items()}
    unique = {made.prompt: made for h in questions.read(folder, held_out=True) if (made := questions.typed(h))}
    # None has one value: nothing to predict.
    kept = [made for made in unique.values() if made.type != "NoneType"]
    scores = score(engine, Random(1).sample(kept, min(most, len(kept))))
    return scores, {
        "questions": len(scores),
        "value": rounded(share_exact(scores)),
        "value baseline": rounded(mean([s.example.target == frequent.get(s.example.type) for s in scores])),
        "value by type": split(scores, lambda s: s.example.type),
    }


def _said(one: Score, frequent: Mapping[int, tuple[int, ...]]) -> tuple[int, ...]:
    return frequent.get(one.example.prompt[0], _UNKNOWN)


def _is_said(one: Score, frequent: Mapping[int, tuple[int, ...]]) -> bool:
    return one.example.target == _said(one, frequent)


def _most_frequent(folder: Path) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
    """The most frequent target in training by operation token: of all, and of those that are literals."""
    counts: dict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for harvested in questions.read(folder, held_out=False):
        made = questions.example(harvested) if harvested.type is None else None
        if made is not None:
            counts[made.prompt[0]][made.target] += 1
    ranked = {operation: [target for target, _ in counter.most_common(2)] for operation, counter in counts.items()}
    literals = {operation: targets[targets[0] == _UNKNOWN :] for operation, targets in ranked.items()}
    return ({o: t[0] for o, t in ranked.items()}, {o: t[0] for o, t in literals.items() if t})
