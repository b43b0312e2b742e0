"""Which comparison speaks for a kind of difference: of several that show the same kind, the surest and clearest one.

In: comparisons of one function. Out: for each kind the comparison that a finding is made of; only these need traces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cwm_check.simulations import Comparison, Difference
from cwm_check.trace import Evidence
from cwm_check.vocabulary import DifferenceKind

_EVIDENCE_ORDER = {evidence: rank for rank, evidence in enumerate(Evidence)}

# A run that ends otherwise also prints, calls and changes less or more: that is the same news told twice.
_ENDINGS: frozenset[DifferenceKind] = frozenset({"new-exception", "lost-exception", "other-exception", "ending"})


def spokesmen(comparisons: Iterable[Comparison]) -> list[tuple[Comparison, Difference]]:
    """Return, for each kind of difference, the comparison that shows it best."""
    best: dict[DifferenceKind, tuple[Comparison, Difference]] = {}
    for comparison in sorted(comparisons, key=_clarity):
        for difference in _news(comparison.differences):
            best.setdefault(difference.kind, (comparison, difference))
    return list(best.values())


def may_speak(comparisons: Sequence[Comparison]) -> Iterator[Comparison]:
    """Yield the comparisons that speak for some kind, whatever confidence is asked of them."""
    for least in sorted({comparison.confidence for comparison in comparisons}):
        yield from (speaking for speaking, _ in spokesmen(c for c in comparisons if c.confidence >= least))


def _news(differences: Sequence[Difference]) -> list[Difference]:
    return [d for d in differences if d.kind in _ENDINGS] or list(differences)


def _clarity(comparison: Comparison) -> tuple[int, float, int, int, str]:
    """Return a key that puts sure evidence first, then small calls with few unknown values."""
    simulation = comparison.simulation
    unknown = sum(argument.value is None for argument in simulation.probe.arguments)
    return (
        _EVIDENCE_ORDER[comparison.evidence],
        -comparison.confidence,
        unknown + len(simulation.assumptions),
        len(simulation.call),
        simulation.call,
    )
