"""A model in, honest numbers out: held-out programs, CRUXEval, questions of held-out packages, calibration.

    cwm-check train evaluate [MODEL] [--questions runs/questions] [--cruxeval PATH] [--output PATH]

What is measured is the ONNX graph that the product runs. Exact match, greedy. A statement gets the true values before
it and is asked an operation at a time, as the neural simulator asks; outputs are predicted from the input alone.
Programs are of seeds that training never uses; nothing removes an operation that training happened to meet, too.

The first keys: `frame_exact_match`, statements of held-out programs; `step_exact_match`, the same of CRUXEval's
programs; `output_exact_match`, CRUXEval's outputs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from cwm_check.inference.engine import Engine
from cwm_check.neural.step_model import StepModel
from cwm_check.store import find_model
from cwm_check.training import cruxeval
from cwm_check.training.answering import Statement, score, tell
from cwm_check.training.calibration import Outcome, expected_error, fit, reliability
from cwm_check.training.outputs import measure, programs
from cwm_check.training.programs import program
from cwm_check.training.question_scores import score_questions, score_typed_values
from cwm_check.training.scores import Score, Table, counted, mean, rounded, split
from cwm_check.training.shards import LONGEST, held_out_seed
from cwm_check.training.steps import Example, operation_examples, statements
from cwm_check.training.tracer import Bounds, trace_call

_FRAME_BOUNDS = (5, 10, 20, 1000)


@dataclass(frozen=True, slots=True)
class Measured:
    """One program: how many frames it has, its statements, its operations."""

    frames: int
    statements: tuple[Statement, ...]
    operations: tuple[Example, ...] = ()


def evaluate(name: str, count: int, folder: Path | None, crux: Path | None) -> Table:
    """Return all tables of the model `name`; `count` programs and ten times as many questions at most."""
    model = find_model(name)
    engine = Engine(model.graph, threads=1)
    steps = StepModel(engine, model.manifest)
    known = held_out_programs(count)
    table = _programs(steps, known)
    result: Table = {"frame_exact_match": table["statement exact"]}
    if crux is not None:
        outputs = measure(programs(crux), name)
        public = _programs(steps, [Measured(p.frames, p.statements) for p in cruxeval.programs(crux)])
        result |= {"step_exact_match": public["statement exact"]}
        result |= {"output_exact_match": outputs["output_exact_match"]["operations"]}
        result |= {"cruxeval": public, "cruxeval outputs": outputs}
    result["programs"] = table
    operations = score(engine, [one for measured in known for one in measured.operations])
    result["operations"] = counted([one.is_exact for one in operations])
    result["steps calibrated"] = _calibration(operations)
    if folder is not None:
        asked, result["questions"] = score_questions(engine, folder, count * 10)
        valued, result["typed values"] = score_typed_values(engine, folder, count * 10)
        result["questions calibrated"] = _calibration([*asked, *valued])
    return result


def held_out_programs(count: int) -> list[Measured]:
    """Return `count` programs that training never makes."""
    random = Random(held_out_seed(1))
    found: list[Measured] = []
    while len(found) < count:
        made = program(random, calls=1)
        trace = trace_call(made.source, made.calls[0], Bounds(frames=80, repr_length=90))
        ran = tuple(Statement(node, values, effect) for node, values, effect in statements(trace))
        if trace.complete and ran:
            fitting = (one for one in operation_examples(trace) if len(one.prompt) + len(one.target) <= LONGEST)
            found.append(Measured(len(trace.frames), ran, tuple(fitting)))
    return found


def _programs(model: StepModel, known: Sequence[Measured]) -> Table:
    told = tell(model, [statement for one in known for statement in one.statements])
    rest = iter(told)
    by_frames = defaultdict(list)
    for one in known:
        rights = [next(rest).is_exact for _ in one.statements]
        bound = next(bound for bound in _FRAME_BOUNDS if one.frames <= bound)
        by_frames[f"up to {bound} frames"].append(bool(rights) and all(rights))
    return {
        "programs": len(known),
        "programs asked": sum(bool(one.statements) for one in known),
        "statements": len(told),
        "statement exact": rounded(mean([one.is_exact for one in told])),
        "asked": counted([one.is_exact for one in told if one.questions]),
        "program exact": rounded(mean([right for rights in by_frames.values() for right in rights])),
        "program exact by frames": {name: counted(rights) for name, rights in sorted(by_frames.items())},
        "statement exact by kind": split(told, lambda one: one.kind),
        "statement exact by type": split(told, lambda one: one.type),
    }


def _calibration(scores: Sequence[Score]) -> Table:
    """Fit on every other score, judge on the rest."""
    outcomes: list[Outcome] = [(s.confidence, s.is_exact) for s in scores]
    Random(0).shuffle(outcomes)
    calibration = fit(outcomes[::2])
    judged = outcomes[1::2]
    mended = [(calibration.apply(confidence), right) for confidence, right in judged]
    rows = [asdict(row) for row in reliability(mended)]
    return {
        **{name: rounded(value) for name, value in asdict(calibration).items()},
        "ece before": rounded(expected_error(judged)),
        "ece": rounded(expected_error(mended)),
        "reliability": [{name: rounded(value) for name, value in row.items()} for row in rows],
    }
