"""A network in, honest numbers out: held-out programs, CRUXEval, questions of held-out packages, calibration.

    python -m cwm_check.training.evaluate models/nano --questions runs/questions [--cruxeval PATH] [--output PATH]

Exact match of the whole answer, greedy. Steps get the true state before them. Programs are of seeds that training never
uses; nothing removes a step that training happened to meet, too.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from cwm_check.codecs.nano import encode_answer
from cwm_check.training import cruxeval, questions
from cwm_check.training.calibration import Outcome, expected_error, fit, reliability
from cwm_check.training.checkpoint import load
from cwm_check.training.network import Network
from cwm_check.training.outputs import measure, programs
from cwm_check.training.programs import program
from cwm_check.training.scoring import Score, score, share_exact
from cwm_check.training.shards import LONGEST, held_out_seed
from cwm_check.training.steps import Example, examples
from cwm_check.training.tracer import Bounds, trace_call

_FRAME_BOUNDS = (5, 10, 20, 1000)
_UNKNOWN = tuple(encode_answer(None))
Table = dict[str, Any]


def evaluate(network: Network, count: int, folder: Path | None, crux: Path | None) -> Table:
    """Return all tables; `count` programs and ten times as many questions at most."""
    steps, table = _programs(network, count)
    result: Table = {"parameters": sum(p.numel() for p in network.parameters()), "programs": table}
    result["steps calibrated"] = _calibration(steps)
    if crux is not None:
        result["cruxeval"] = _cruxeval(network, crux)
    if folder is not None:
        asked, result["questions"] = _questions(network, folder, count * 10)
        valued, result["typed values"] = _typed_values(network, folder, count * 10)
        result["questions calibrated"] = _calibration([*asked, *valued])
    return result


def _programs(network: Network, count: int) -> tuple[list[Score], Table]:
    groups = held_out_programs(count)
    scores = score(network, [made for _, steps in groups for made in steps])
    exact = {id(s.example): s.is_exact for s in scores}
    by_frames = defaultdict(list)
    for frames, steps in groups:
        bound = next(bound for bound in _FRAME_BOUNDS if frames <= bound)
        by_frames[f"up to {bound} frames"].append(all(exact[id(made)] for made in steps))
    return scores, {
        "steps": len(scores),
        "step exact": _rounded(share_exact(scores)),
        "program exact": _rounded(_mean([right for rights in by_frames.values() for right in rights])),
        "program exact by frames": {name: _counted(rights) for name, rights in sorted(by_frames.items())},
        "step exact by kind": _split(scores, lambda s: s.example.kind),
        "step exact by type": _split(scores, lambda s: s.example.type),
    }


def held_out_programs(count: int) -> list[tuple[int, tuple[Example, ...]]]:
    """Return frame count and steps of `count` programs that training never makes."""
    random = Random(held_out_seed(1))
    groups: list[tuple[int, tuple[Example, ...]]] = []
    while len(groups) < count:
        made = program(random, calls=1)
        trace = trace_call(made.source, made.calls[0], Bounds(frames=80, repr_length=90))
        steps = tuple(examples(trace))
        if trace.complete and steps and all(len(s.prompt) + len(s.target) <= LONGEST for s in steps):
            groups.append((len(trace.frames), steps))
    return groups


def _cruxeval(network: Network, path: Path) -> Table:
    programs = list(cruxeval.programs(path))
    scores = score(network, [step for program in programs for step in program.steps])
    exact = {id(s.example): s.is_exact for s in scores}
    right = [bool(p.steps) and all(exact[id(step)] for step in p.steps) for p in programs]
    return {
        "programs": len(programs),
        "programs encoded": sum(bool(p.steps) for p in programs),
        "steps": len(scores),
        "step exact": _rounded(share_exact(scores)),
        "every step of the program exact": _rounded(_mean(right)),
        "step exact by kind": _split(scores, lambda s: s.example.kind),
        "step exact by type": _split(scores, lambda s: s.example.type),
    }


def _questions(network: Network, folder: Path, most: int) -> tuple[list[Score], Table]:
    """Accuracy on held-out packages, and that of always saying what is most frequent in training for the operation."""
    frequent, frequent_literal = _most_frequent(folder)
    unique: dict[tuple[int, ...], Example] = {}
    for harvested in questions.read(folder, held_out=True):
        made = questions.example(harvested)
        if made is not None and harvested.type is None:
            unique.setdefault(made.prompt, made)
    kept = list(unique.values())
    scores = score(network, Random(0).sample(kept, min(most, len(kept))))
    literal = [s for s in scores if s.example.type != "object"]
    trained = {made.prompt for h in questions.read(folder, held_out=False) if (made := questions.example(h))}
    unseen = [s for s in scores if s.example.prompt not in trained]
    return scores, {
        "questions": len(scores),
        "type": _rounded(_mean([s.is_first_right for s in scores])),
        "type baseline": _rounded(_mean([s.example.target[0] == _said(s, frequent)[0] for s in scores])),
        "value": _rounded(share_exact(scores)),
        "value baseline": _rounded(_mean([_is_said(s, frequent) for s in scores])),
        "unseen": len(unseen),
        "unseen value": _rounded(share_exact(unseen)),
        "unseen value baseline": _rounded(_mean([_is_said(s, frequent) for s in unseen])),
        "literal": _rounded(share_exact(literal)),
        "literal baseline": _rounded(_mean([_is_said(s, frequent_literal) for s in literal])),
        "value by type": _split(scores, lambda s: s.example.type),
    }


def _typed_values(network: Network, folder: Path, most: int) -> tuple[list[Score], Table]:
    """Accuracy where the type is told, as the sandbox asks, and that of the most frequent value of the type."""
    counts: dict[str, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for harvested in questions.read(folder, held_out=False):
        if (made := questions.typed(harvested)) is not None:
            counts[made.type][made.target] += 1
    frequent = {kind: counter.most_common(1)[0][0] for kind, counter in counts.items()}
    unique = {made.prompt: made for h in questions.read(folder, held_out=True) if (made := questions.typed(h))}
    # None has one value: nothing to predict.
    kept = [made for made in unique.values() if made.type != "NoneType"]
    scores = score(network, Random(1).sample(kept, min(most, len(kept))))
    return scores, {
        "questions": len(scores),
        "value": _rounded(share_exact(scores)),
        "value baseline": _rounded(_mean([s.example.target == frequent.get(s.example.type) for s in scores])),
        "value by type": _split(scores, lambda s: s.example.type),
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


def _calibration(scores: Sequence[Score]) -> Table:
    """Fit on every other score, judge on the rest."""
    outcomes: list[Outcome] = [(s.confidence, s.is_exact) for s in scores]
    Random(0).shuffle(outcomes)
    calibration = fit(outcomes[::2])
    judged = outcomes[1::2]
    mended = [(calibration.apply(confidence), right) for confidence, right in judged]
    rows = [asdict(row) for row in reliability(mended)]
    return {
        **{name: _rounded(value) for name, value in asdict(calibration).items()},
        "ece before": _rounded(expected_error(judged)),
        "ece": _rounded(expected_error(mended)),
        "reliability": [{name: _rounded(value) for name, value in row.items()} for row in rows],
    }


def _split(scores: Iterable[Score], key: Callable[[Score], str]) -> Table:
    groups: dict[str, list[bool]] = defaultdict(list)
    for one in scores:
        groups[key(one)].append(one.is_exact)
    return {name: _counted(rights) for name, rights in sorted(groups.items())}


def _counted(rights: Sequence[bool]) -> list[float]:
    return [_rounded(_mean(rights)), len(rights)]


def _mean(rights: Sequence[bool]) -> float:
    return sum(rights) / len(rights) if rights else 0.0


def _rounded(value: float) -> float:
    return round(value, 4)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Measure a trained nano.")
    parser.add_argument("model", type=Path, help="an exported folder or a model.pt")
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--cruxeval", type=Path)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    result = evaluate(load(options.model), options.programs, options.questions, options.cruxeval)
    if options.cruxeval and (options.model / "manifest.json").is_file():
        # From the shipped graph, not from the checkpoint: what the product would say.
        outputs = measure(programs(options.cruxeval), str(options.model.resolve()))
        result |= {"output_exact_match": outputs["output_exact_match"]["operations"], "cruxeval outputs": outputs}
    text = json.dumps(result, indent=1) + "\n"
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
