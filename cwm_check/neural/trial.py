"""Tries one changed function with the world model alone: no sandbox, nothing is executed.

In: a function, the neural simulator, literal calls of the repository. Out: a `Trial`, as the hybrid simulator's, on
`predicted` evidence; and, where both have one, how far they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cwm_check.causes import hunks_of
from cwm_check.compare import compare, is_conclusive
from cwm_check.neural.rounds import Foreseen, NeuralSimulator
from cwm_check.pairs import ChangedFunction, FunctionSource
from cwm_check.probing.probes import synthesize
from cwm_check.search.coverage import share_reached
from cwm_check.search.jobs import Version
from cwm_check.search.targets import target_of
from cwm_check.simulations import Comparison, Probe
from cwm_check.trace import Evidence
from cwm_check.trial import Trial, ending
from cwm_check.verdicts import Finding, Tried
from cwm_check.vocabulary import ExceptionEquality, SkipReason

Slicer = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the prediction may take, and how sure it must be."""

    until: float
    """A monotonic time."""
    threshold: float


def predict_function(
    function: ChangedFunction,
    simulator: NeuralSimulator,
    slice_module: Slicer,
    calls: Sequence[str],
    *,
    probes: int,
    exceptions: ExceptionEquality,
    limits: Limits,
) -> Trial:
    """Return what the world model predicts for at most `probes` calls."""
    versions = versions_of(function, slice_module)
    tried = _probes(function, calls, probes, simulator.propose(versions[0]))
    foreseen = simulator.simulate(versions, tried, until=limits.until)
    comparisons = tuple(_compared(one, function, exceptions) for one in foreseen)
    ended = [c for c in comparisons if is_conclusive(c.simulation)]
    differing = tuple(c for c in comparisons if c.differences and c.confidence >= limits.threshold)
    coverage = _coverage(function, ended)
    problem = None if differing else _problem(comparisons, coverage, limits.threshold)
    return Trial(differing, len(ended), coverage, problem, Evidence.PREDICTED, _tried(ended))


def _probes(function: ChangedFunction, calls: Sequence[str], most: int, proposed: Sequence[Probe]) -> tuple[Probe, ...]:
    """The usual probes; the last of them make room for calls that the world model proposes."""
    usual = synthesize(function, calls, most)
    known = {probe.arguments for probe in usual}
    new = tuple(probe for probe in proposed if probe.arguments not in known)
    return (*usual[: max(most - len(new), 0)], *new)[:most]


def versions_of(function: ChangedFunction, slice_module: Slicer) -> tuple[Version, Version]:
    """Return both versions of `function`, ready to be predicted."""
    before = _version(function.before, function.before_module, function.before_path, slice_module)
    return before, _version(function.after, function.after_module, function.path, slice_module)


def _version(function: FunctionSource, module: str, path: str, slice_module: Slicer) -> Version:
    target = target_of(function, module)
    return Version(slice_module(module, target.qualname), module, path, target, lambda _: None)


def _compared(foreseen: Foreseen, function: ChangedFunction, exceptions: ExceptionEquality) -> Comparison:
    comparison = compare(foreseen.simulation, exceptions)
    hunks = () if function.because else hunks_of(function)
    cause = hunks[0].line if len(hunks) == 1 else None
    return replace(comparison, evidence=Evidence.PREDICTED, confidence=foreseen.confidence, cause=cause)


def _coverage(function: ChangedFunction, ended: Sequence[Comparison]) -> float | None:
    before = {line for c in ended for line in c.simulation.before.covered}
    return share_reached(function, before, {line for c in ended for line in c.simulation.after.covered})


def _problem(comparisons: Sequence[Comparison], coverage: float | None, threshold: float) -> SkipReason | None:
    """Why no sure difference is no news."""
    ended = [c for c in comparisons if is_conclusive(c.simulation)]
    if not ended:
        reasons = " ".join(c.simulation.before.outcome.value + c.simulation.after.outcome.value for c in comparisons)
        if "limit: time" in reasons:
            return SkipReason.TIME
        return SkipReason.LIMIT if "limit" in reasons else SkipReason.NO_RUN
    if any(c.differences for c in ended) or min(c.confidence for c in ended) < threshold:
        return SkipReason.UNSURE
    return None if coverage is None or coverage == 1 else SkipReason.NOT_REACHED


def _tried(ended: Sequence[Comparison]) -> tuple[Tried, ...]:
    told: dict[str, Tried] = {}
    for comparison in ended:
        simulation = comparison.simulation
        before, after = ending(simulation.before.outcome), ending(simulation.after.outcome)
        told.setdefault(simulation.call, Tried(simulation.call, before, after, bool(comparison.differences)))
    return tuple(told.values())


# --- two simulators


def agreement(computed: Trial, predicted: Trial) -> str:
    """Return a clause that says for how many calls the world model alone predicts what the sandbox computed."""
    foreseen = {one.call: one for one in predicted.tried}
    both = [(one, foreseen[one.call]) for one in computed.tried if one.call in foreseen]
    if not both:
        return "the world model alone predicts none of these calls to the end"
    same = sum(one.differs == other.differs for one, other in both)
    return f"the world model alone agrees on {same} of {len(both)} calls"


def with_agreement(finding: Finding, predicted: Trial) -> Finding:
    """Return a finding whose message says what the world model alone predicts for its call."""
    if finding.call is None:
        return finding
    foreseen = next((one for one in predicted.tried if one.call == finding.call), None)
    if foreseen is None:
        said = "The world model alone does not foresee this call."
    elif (foreseen.before, foreseen.after) == (finding.before, finding.after):
        said = "The world model alone predicts the same."
    elif foreseen.differs:
        said = "The world model alone predicts another difference."
    else:
        said = "The world model alone predicts no difference."
    return replace(finding, message=f"{finding.message} {said}")
