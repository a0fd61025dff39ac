"""The arithmetic of the figures."""

from collections.abc import Iterable, Sequence
from math import ceil, log
from statistics import median


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that ``share`` percent of ``ordered`` do not exceed; 0.0 of none."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)]


def median_ratio(mine: Iterable[float], others: Iterable[float]) -> float:
    """The median of the ratios of each round: what both met of the machine falls out."""
    return median(one / other for one, other in zip(mine, others, strict=True))


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """The slope on axes that are both logarithmic, by least squares.

    0 where a cost does not grow, 1 where it grows as what it is about does.
    """
    logs = [(log(size), log(cost)) for size, cost in points if size > 0 and cost > 0]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread if spread else 0.0
