"""From measurements to figures: medians of rounds, ratios within them, lines of growth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.arithmetic import exponent, median_ratio
from benchmarks.measurements import Units
from benchmarks.targets import (
    FLASK,
    LOAD_PEAK_BYTES,
    LOAD_RATIO,
    OVERWRITTEN_RATIO,
    TAIL_RATIO,
    TARGETS,
)

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was measured of it; ``least``: or else it is the most there may be."""

    what: str
    measured: float
    target: float
    least: bool = True

    @property
    def met(self) -> bool:
        return self.measured >= self.target if self.least else self.measured <= self.target


@dataclass(frozen=True, slots=True)
class Line:
    """One line of growth: milliseconds and CPU microseconds by size."""

    name: str
    sizes: tuple[float, ...]
    p50: tuple[float, ...]
    cpu: tuple[float, ...]
    rate: tuple[float, ...]

    @property
    def cpu_exponent(self) -> float:
        return exponent(zip(self.sizes, self.cpu, strict=True))

    @property
    def p50_exponent(self) -> float:
        return exponent(zip(self.sizes, self.p50, strict=True))

    @property
    def last_exponent(self) -> float:
        """Of the CPU time, between the two largest sizes: where a cost that does not depend on
        the size hides the growth at the small ones."""
        return exponent(zip(self.sizes[-2:], self.cpu[-2:], strict=True))


def middle(samples: Sequence[dict[str, Any]], name: str) -> float:
    """The median of one figure over the rounds."""
    return float(median(each[name] for each in samples))


def ratio(samples: dict[str, Any], mine: str, other: str) -> float | None:
    """How the rates of two contenders compare, None where one was not measured."""
    if mine not in samples or other not in samples:
        return None
    rates = ([each["rate"] for each in samples[name]] for name in (mine, other))
    return median_ratio(*rates)


def lines(unit: dict[str, Any]) -> list[Line]:
    """Those of one unit of growth."""
    return [_line(name, points) for name, points in unit["lines"].items()]


def _line(name: str, points: dict[str, Any]) -> Line:
    figures = {
        figure: tuple(middle(samples, figure) for samples in points.values())
        for figure in ("p50", "cpu_us", "rate")
    }
    sizes = tuple(map(float, points))
    return Line(name, sizes, figures["p50"], figures["cpu_us"], figures["rate"])


def verdicts(units: Units) -> list[Verdict]:
    """Each target of which there is a measurement."""
    return [*_of_rates(units), *_of_tails(units), *_of_loads(units), *_of_overwrites(units)]


def _of_rates(units: Units) -> Iterator[Verdict]:
    for target in TARGETS:
        samples = units.get(target.store, {}).get(target.unit, {}).get("samples", {})
        for server, least in target.ratio.items():
            other = f"{FLASK} {server}" if target.against == FLASK else target.against
            found = ratio(samples, f"{SERVICE} {server}", other)
            if found is not None:
                what = f"{target.store}: {target.unit} under {server} / {target.against}"
                yield Verdict(what, found, least)


def _of_tails(units: Units) -> Iterator[Verdict]:
    for store, found in units.items():
        for server, measured in found.get("open-query", {}).items():
            tail = median(each["p99"] / each["p50"] for each in measured["runs"])
            what = f"{store}: p99 / p50 of query at half of capacity under {server}"
            yield Verdict(what, tail, TAIL_RATIO, least=False)


def _of_loads(units: Units) -> Iterator[Verdict]:
    for store, found in units.items():
        if store == "cassandra" and "bulk" in found:
            rounds = found["bulk"]["rounds"]
            rates = ([each[name] for each in rounds] for name in ("load", "batches"))
            what = f"{store}: load / conditional batches of the driver"
            yield Verdict(what, median_ratio(*rates), LOAD_RATIO)
        for count, load in found.get("growth-profiles", {}).get("loads", {}).items():
            if int(count) == 1_000_000:
                what = f"{store}: MB resident while a million are loaded"
                yield Verdict(what, load["peak"] / 1e6, LOAD_PEAK_BYTES / 1e6, least=False)


def _of_overwrites(units: Units) -> Iterator[Verdict]:
    for store, found in units.items():
        line = found.get("growth-overwrites", {}).get("lines", {}).get("query", {})
        if "1" in line and "10000" in line:
            pairs = [[sample["p50"] for sample in line[count]] for count in ("10000", "1")]
            what = f"{store}: read after 10,000 overwrites / after 1"
            yield Verdict(what, median_ratio(*pairs), OVERWRITTEN_RATIO, least=False)
