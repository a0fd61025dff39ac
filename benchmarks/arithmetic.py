"""The arithmetic of the figures."""

from collections.abc import Iterable, Sequence
from math import ceil, inf
from statistics import median


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` percent of ``ordered`` do not exceed; 0.0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]


def median_ratio(mine: Iterable[float], others: Iterable[float]) -> float:
    """The median of the ratios of each round: what both met of the machine falls out.

    Infinite where the others did nothing.
    """
    pairs = zip(mine, others, strict=True)
    return median(one / other if other else inf for one, other in pairs)
